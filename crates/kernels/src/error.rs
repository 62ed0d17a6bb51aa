use std::ffi::{CStr, c_char};

/// Why a kernel could not run, in libtorch's words.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct KernelError(String);

/// The error that a C++ function of this crate answered, if any.
pub(crate) fn check(error: *const c_char) -> Result<(), KernelError> {
    if error.is_null() {
        return Ok(());
    }
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: not null, so it is a NUL-terminated text that C++ keeps for this
    // thread until its next call.
    let text = unsafe { CStr::from_ptr(error) };
    Err(KernelError(text.to_string_lossy().into_owned()))
}
