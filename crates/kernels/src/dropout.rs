//! Dropout that uses every core.

use crate::error::{KernelError, check};
use std::ffi::c_char;
use tch::Tensor;
use torch_sys::C_tensor;

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    fn shoebox_dropout(
        input: *const C_tensor,
        rate: f64,
        output: *mut *mut C_tensor,
    ) -> *const c_char;
}

/// Zeroes each value of an f32 tensor on the CPU with probability `rate` and
/// divides the others by `1 − rate` (Srivastava et al., 2014), as an operation
/// that libtorch can differentiate. Takes one number from libtorch's generator
/// a call; a value's fate follows from it and the value's place in memory.
///
/// # Errors
/// [`KernelError`] for another kind or device, or when `rate` is not from 0 up
/// to, not including, 1.
pub fn dropout(input: &Tensor, rate: f64) -> Result<Tensor, KernelError> {
    let mut output = std::ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: the tensor is borrowed for the call, and `output` outlives it.
    let error = unsafe { shoebox_dropout(input.as_ptr(), rate, &mut output) };
    check(error)?;
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: without an error C++ has stored a tensor, which is ours now.
    Ok(unsafe { Tensor::from_ptr(output) })
}
