//! Where the numbers are computed. The only file that asks about CUDA.

use crate::ModelError;
use shoebox_kernels::cuda::{CudaLibraries, open_libraries};
use shoebox_spec::Device as Asked;
use tch::{Cuda, Device};

/// The device that the spec asks for. `auto` is the first CUDA device where
/// there is one, else the CPU; a device asked for by name is that device or
/// an error, never another one.
///
/// # Errors
/// [`ModelError::Device`] with the reason.
pub fn choose_device(asked: Asked) -> Result<Device, ModelError> {
    match asked {
        Asked::Cpu => Ok(Device::Cpu),
        Asked::Auto => Ok(cuda_device(0).unwrap_or(Device::Cpu)),
        Asked::Cuda(index) => cuda_device(index).map_err(|(fact, remedy)| ModelError::Device {
            asked: asked.to_string(),
            fact,
            remedy,
        }),
    }
}

/// The CUDA device of this index, or the fact and the remedy.
fn cuda_device(index: u32) -> Result<Device, (String, &'static str)> {
    if let CudaLibraries::Unavailable(reason) = open_libraries() {
        let fact = format!("libtorch's CUDA libraries cannot be opened ({reason})");
        return Err((fact, "run `make libtorch CUDA=1`, or use cpu"));
    }
    let count = Cuda::device_count();
    if count <= 0 || !Cuda::is_available() {
        let fact = "libtorch's CUDA libraries are here, but they find no usable device".to_owned();
        return Err((fact, "check the driver with `nvidia-smi`, or use cpu"));
    }
    if i64::from(index) >= count {
        let fact = format!("there is no device {index}; the devices here are 0 to {}", count - 1);
        return Err((fact, "use one of those"));
    }
    Ok(Device::Cuda(index as usize))
}
