//! The CUDA half of libtorch. Programs link against the CPU half alone and
//! open the other one here, so that the same binary runs with and without it.

use libloading::os::unix::{Library, RTLD_GLOBAL, RTLD_NOW};
use std::sync::OnceLock;

/// What came of looking for libtorch's CUDA libraries.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CudaLibraries {
    /// They are open; whether there is a device is for libtorch to say.
    Open,
    /// They are not there, or one they need is not: the loader's own words.
    Unavailable(String),
}

/// Opens `libtorch_cuda.so`, once; later calls return the first one's result.
pub fn open_libraries() -> &'static CudaLibraries {
    static RESULT: OnceLock<CudaLibraries> = OnceLock::new();
    RESULT.get_or_init(open)
}

fn open() -> CudaLibraries {
    #[expect(unsafe_code, reason = "opening a library runs its initialisers")]
    // SAFETY: the name resolves, by the program's rpath, to the library of the
    // same libtorch that is linked; its initialisers register the CUDA
    // backend and are made to be run this way. A libtorch_cuda.so of another
    // version earlier in LD_LIBRARY_PATH would break this.
    let opened = unsafe { Library::open(Some("libtorch_cuda.so"), RTLD_NOW | RTLD_GLOBAL) };
    match opened {
        Ok(library) => {
            // Backends stay registered for the life of the process.
            std::mem::forget(library);
            CudaLibraries::Open
        }
        Err(error) => CudaLibraries::Unavailable(error.to_string()),
    }
}
