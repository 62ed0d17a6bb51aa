//! Where the numbers are computed. With `shoebox_kernels::cuda`, the only file
//! that asks about CUDA.

use crate::ModelError;
use shoebox_kernels::{Vectors, allow_tf32, cuda};
use shoebox_spec::{Device as Asked, Precision, Residency};
use std::{fmt::Write, thread};
use tch::Device;

/// The device that the spec asks for. `auto` is the first CUDA device where
/// there is one, else the CPU; a device asked for by name is that device or
/// an error, never another one. f32 means f32 there until [`use_precision`].
///
/// # Errors
/// [`ModelError::Device`] with the reason.
pub fn choose_device(asked: Asked) -> Result<Device, ModelError> {
    allow_tf32(false)?;
    let refuse =
        |fact: String, remedy| Err(ModelError::Device { asked: asked.to_string(), fact, remedy });
    match (asked, cuda_if_asked(asked)) {
        (Asked::Cpu, _) | (Asked::Auto, Err(_)) => Ok(Device::Cpu),
        (Asked::Auto, Ok(_)) => Ok(Device::Cuda(0)),
        (Asked::Cuda(_), Err(reason)) => refuse(reason.to_string(), reason.remedy()),
        (Asked::Cuda(index), Ok(devices)) if index as usize >= devices.len() => refuse(
            format!("there is no device {index}; the devices here are 0 to {}", devices.len() - 1),
            "use one of those",
        ),
        (Asked::Cuda(index), Ok(_)) => Ok(Device::Cuda(index as usize)),
    }
}

/// Opening libtorch's CUDA libraries takes time and memory: not for the CPU.
fn cuda_if_asked(asked: Asked) -> Result<&'static [cuda::CudaDevice], cuda::NoCuda> {
    match asked {
        Asked::Cpu => Err(cuda::NoCuda::NoDevice),
        Asked::Auto | Asked::Cuda(_) => cuda::devices(),
    }
}

/// A line for each device that is here; of CUDA, why there is none.
pub fn describe_devices() -> String {
    let processors = thread::available_parallelism().map_or(1, |count| count.get());
    let threads = tch::get_num_threads();
    let vectors = Vectors::in_use();
    let mut text = format!(
        "cpu     {processors} logical processors, {threads} threads unless train.threads says otherwise, {vectors} vectors\n"
    );
    // Writing to a String cannot fail.
    match cuda::devices() {
        Ok(devices) => {
            for (index, cuda::CudaDevice { name, memory_bytes }) in devices.iter().enumerate() {
                let _ = writeln!(text, "cuda:{index}  {name}, {}", gibibytes(*memory_bytes));
            }
        }
        Err(reason) => {
            let _ = writeln!(text, "cuda    not usable: {reason}; {}", reason.remedy());
        }
    }
    text
}

/// Has the process compute f32 on CUDA devices as `precision` says: without
/// TF32 unless that is asked for, whatever libtorch's own defaults are.
///
/// # Errors
/// [`ModelError::Precision`] for TF32 on a device that has none.
pub fn use_precision(precision: Precision, device: Device) -> Result<(), ModelError> {
    if precision == Precision::Tf32 && !device.is_cuda() {
        return Err(ModelError::Precision);
    }
    Ok(allow_tf32(precision == Precision::Tf32)?)
}

/// Memory of a device that is left to the network and its steps.
const RESERVE_BYTES: u64 = 2 << 30;

/// Whether a split of `bytes` is to be held on `device`. `auto` holds it on a
/// CUDA device where it fits beside 2 GiB; the CPU reads the cache
/// from its map.
///
/// # Errors
/// [`ModelError::NoRoom`] where `device` is asked for and it does not fit.
pub fn fits_on_device(
    residency: Residency,
    device: Device,
    bytes: u64,
) -> Result<bool, ModelError> {
    let free = match (residency, device) {
        (Residency::Host, _) => return Ok(false),
        (_, Device::Cuda(index)) => cuda::free_bytes(index)?,
        (residency, _) => return Ok(residency == Residency::Device),
    };
    decide(residency, bytes, free)
}

fn decide(residency: Residency, bytes: u64, free: u64) -> Result<bool, ModelError> {
    if bytes <= free.saturating_sub(RESERVE_BYTES) {
        return Ok(true);
    }
    match residency {
        Residency::Device => Err(ModelError::NoRoom {
            needed: gibibytes(bytes),
            free: gibibytes(free),
            reserve: gibibytes(RESERVE_BYTES),
        }),
        _ => Ok(false),
    }
}

/// `15.9 GiB`.
fn gibibytes(bytes: u64) -> String {
    format!("{:.1} GiB", bytes as f64 / f64::from(1 << 30))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_is_held_where_it_leaves_the_reserve() {
        let (four, six) = (4 << 30, 6 << 30);
        assert!(decide(Residency::Auto, four, six).unwrap());
        assert!(!decide(Residency::Auto, four + 1, six).unwrap());
        assert!(!decide(Residency::Auto, 1, 1 << 30).unwrap());
        let error = decide(Residency::Device, four + 1, six).unwrap_err().to_string();
        assert!(error.contains("needs 4.0 GiB") && error.contains("6.0 GiB free"), "{error}");
    }

    #[test]
    fn on_the_cpu_residency_is_as_asked_and_the_map_unless_asked() {
        let held = |residency| fits_on_device(residency, Device::Cpu, u64::MAX).unwrap();
        let asked = [Residency::Auto, Residency::Device, Residency::Host].map(held);
        assert_eq!(asked, [false, true, false]);
    }

    #[test]
    fn tf32_is_refused_where_there_is_none() {
        let error = use_precision(Precision::Tf32, Device::Cpu).unwrap_err().to_string();
        assert!(error.contains("train.precision tf32: "), "{error}");
        use_precision(Precision::Float32, Device::Cpu).unwrap();
        use_precision(Precision::Bfloat16, Device::Cpu).unwrap();
    }
}
