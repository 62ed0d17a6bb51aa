//! NVIDIA's driver, asked directly: libtorch says no more than that it finds
//! no device.

use super::{CudaDevice, NoCuda};
use libloading::os::unix::Library;
use std::ffi::{CStr, c_char, c_int, c_uint};

/// What of `cuda.h` is used here, which has been the same since CUDA 3.2. Each
/// returns 0 or an error's number.
struct Driver {
    init: unsafe extern "C" fn(flags: c_uint) -> c_int,
    version: unsafe extern "C" fn(version: *mut c_int) -> c_int,
    count: unsafe extern "C" fn(count: *mut c_int) -> c_int,
    device: unsafe extern "C" fn(device: *mut c_int, index: c_int) -> c_int,
    name: unsafe extern "C" fn(name: *mut c_char, length: c_int, device: c_int) -> c_int,
    memory: unsafe extern "C" fn(bytes: *mut usize, device: c_int) -> c_int,
}

/// `CUDA_ERROR_NO_DEVICE`.
const NO_DEVICE: c_int = 100;

/// The driver's devices, if it is as new as the CUDA `needed` (13000 is 13.0).
pub(super) fn devices(needed: i64) -> Result<Vec<CudaDevice>, NoCuda> {
    let driver = open().map_err(|error| NoCuda::NoDriver(error.to_string()))?;
    let (mut version, mut count) = (0, 0);
    #[expect(unsafe_code, reason = "the driver's C functions")]
    // SAFETY: each function has the type that cuda.h gives it, and writes one
    // number to a place that is ours. Asking for the version needs no start.
    let (started, counted) = unsafe {
        (driver.version)(&mut version);
        ((driver.init)(0), (driver.count)(&mut count))
    };
    judge(version.into(), needed, started)?;
    if counted != 0 || count == 0 {
        return Err(NoCuda::NoDevice);
    }
    Ok((0..count).map(|index| describe(&driver, index)).collect())
}

/// What the driver's version and the answer of `cuInit` mean. A driver serves
/// every CUDA of its major version (NVIDIA's minor version compatibility).
fn judge(version: i64, needed: i64, started: c_int) -> Result<(), NoCuda> {
    let text = |version: i64| format!("{}.{}", version / 1000, version % 1000 / 10);
    if version / 1000 < needed / 1000 {
        return Err(NoCuda::OldDriver { driver: text(version), needed: text(needed) });
    }
    match started {
        0 => Ok(()),
        NO_DEVICE => Err(NoCuda::NoDevice),
        other => Err(NoCuda::BrokenDriver(other)),
    }
}

fn open() -> Result<Driver, libloading::Error> {
    #[expect(unsafe_code, reason = "opening NVIDIA's driver and naming its functions")]
    // SAFETY: opening the driver does no more than map it, and each symbol is
    // a C function of the type it is given here, by cuda.h. The library is
    // never closed, so the functions stay.
    unsafe {
        let library = Library::new("libcuda.so.1")?;
        let driver = Driver {
            init: *library.get(b"cuInit\0")?,
            version: *library.get(b"cuDriverGetVersion\0")?,
            count: *library.get(b"cuDeviceGetCount\0")?,
            device: *library.get(b"cuDeviceGet\0")?,
            name: *library.get(b"cuDeviceGetName\0")?,
            memory: *library.get(b"cuDeviceTotalMem_v2\0")?,
        };
        std::mem::forget(library);
        Ok(driver)
    }
}

fn describe(driver: &Driver, index: c_int) -> CudaDevice {
    let (mut device, mut memory) = (0, 0);
    let mut name = [0u8; 256];
    #[expect(unsafe_code, reason = "the driver's C functions")]
    // SAFETY: as above; the name is cut to the length that is given, and ends
    // with a NUL.
    unsafe {
        (driver.device)(&mut device, index);
        (driver.name)(name.as_mut_ptr().cast(), name.len() as c_int, device);
        (driver.memory)(&mut memory, device);
    }
    let name = CStr::from_bytes_until_nul(&name).unwrap_or_default();
    CudaDevice { name: name.to_string_lossy().into_owned(), memory_bytes: memory as u64 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_old_a_broken_and_an_idle_driver_are_told_apart() {
        assert_eq!(judge(13_000, 13_000, 0), Ok(()));
        assert_eq!(judge(13_020, 13_010, 0), Ok(()));
        let old = NoCuda::OldDriver { driver: "12.4".to_owned(), needed: "13.0".to_owned() };
        assert_eq!(judge(12_040, 13_000, 0), Err(old));
        assert_eq!(judge(13_000, 13_000, 100), Err(NoCuda::NoDevice));
        assert_eq!(judge(13_000, 13_000, 803), Err(NoCuda::BrokenDriver(803)));
    }
}
