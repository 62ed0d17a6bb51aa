//! The CUDA half of libtorch. Programs link against the CPU half alone and
//! open the other one here, so that the same binary runs with and without it.

mod driver;

use crate::error::{KernelError, check};
use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use std::{ffi::c_char, sync::OnceLock};

/// Why there is no CUDA device to compute on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoCuda {
    /// `libtorch_cuda.so` is not there, or a library that it needs.
    #[error("libtorch's CUDA libraries cannot be opened ({0})")]
    Libraries(String),
    /// `libcuda.so.1`, which comes with NVIDIA's driver, is not there.
    #[error("NVIDIA's driver is not installed ({0})")]
    NoDriver(String),
    /// The driver is older than libtorch's CUDA.
    #[error("NVIDIA's driver knows CUDA up to {driver}, libtorch needs {needed}")]
    OldDriver {
        /// The newest CUDA that the driver knows, such as `12.4`.
        driver: String,
        /// The CUDA that libtorch was built with.
        needed: String,
    },
    /// The driver does not start.
    #[error("NVIDIA's driver does not start (cuInit answers {0})")]
    BrokenDriver(i32),
    /// There is a driver, and no device that it knows.
    #[error("NVIDIA's driver finds no device")]
    NoDevice,
    /// The driver has devices that libtorch does not take.
    #[error("NVIDIA's driver finds devices, but libtorch cannot use them")]
    Refused,
}

impl NoCuda {
    /// What to do about it.
    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Libraries(_) => "run `make libtorch CUDA=1`",
            Self::NoDriver(_) => "install NVIDIA's driver",
            Self::OldDriver { .. } => "install a newer driver",
            Self::BrokenDriver(_) => "see what `nvidia-smi` says; the machine may need a restart",
            Self::NoDevice => "see what `nvidia-smi` and CUDA_VISIBLE_DEVICES say",
            Self::Refused => "see whether the device is as new as libtorch asks for",
        }
    }
}

/// A CUDA device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CudaDevice {
    /// As NVIDIA calls it.
    pub name: String,
    /// All of its memory.
    pub memory_bytes: u64,
}

/// The CUDA devices, by their index. Opens libtorch's CUDA libraries, which
/// stay open; a process asks once, later calls return the first one's result.
///
/// # Errors
/// Why there is none.
pub fn devices() -> Result<&'static [CudaDevice], NoCuda> {
    static DEVICES: OnceLock<Result<Vec<CudaDevice>, NoCuda>> = OnceLock::new();
    let found = DEVICES.get_or_init(|| {
        open_libraries()?;
        let devices = driver::devices(tch::utils::version_cudart())?;
        let usable =
            tch::Cuda::is_available() && tch::Cuda::device_count() as usize == devices.len();
        if usable { Ok(devices) } else { Err(NoCuda::Refused) }
    });
    found.as_deref().map_err(Clone::clone)
}

fn open_libraries() -> Result<(), NoCuda> {
    #[expect(unsafe_code, reason = "opening a library runs its initialisers")]
    // SAFETY: the name resolves, by the program's rpath, to the library of the
    // same libtorch that is linked; its initialisers register the CUDA
    // backend and are made to be run this way. A libtorch_cuda.so of another
    // version earlier in LD_LIBRARY_PATH would break this.
    let opened = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    // Backends stay registered for the life of the process.
    opened.map(std::mem::forget).map_err(|error| NoCuda::Libraries(error.to_string()))
}

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    safe fn shoebox_cuda_free_bytes(index: i32, free: &mut usize) -> *const c_char;
    safe fn shoebox_cuda_release() -> *const c_char;
}

/// Memory of a CUDA device that nobody has taken, in bytes.
///
/// # Errors
/// [`KernelError`] without such a device.
pub fn free_bytes(index: usize) -> Result<u64, KernelError> {
    let mut free = 0;
    check(shoebox_cuda_free_bytes(index as i32, &mut free))?;
    Ok(free as u64)
}

/// Gives memory that libtorch keeps for later back to the CUDA devices.
///
/// # Errors
/// [`KernelError`] without CUDA.
pub fn release_memory() -> Result<(), KernelError> {
    check(shoebox_cuda_release())
}
