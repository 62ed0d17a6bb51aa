//! A fully connected layer by oneDNN's products.

use crate::error::{KernelError, check};
use std::{ffi::c_char, ptr};
use tch::Tensor;
use torch_sys::C_tensor;

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    fn shoebox_linear(
        input: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        output: *mut *mut C_tensor,
    ) -> *const c_char;
    safe fn shoebox_linear_pays() -> bool;
}

/// Whether [`linear`] is faster than libtorch's own here: libtorch has MKL
/// compute its products, which does without AVX-512 where the processor has it
/// but is not Intel's.
pub fn linear_pays() -> bool {
    shoebox_linear_pays()
}

/// `input · weightᵀ + bias` for `input` `[B,I]`, `weight` `[O,I]` and `bias`
/// `[O]`, all f32 on the CPU: `[B,O]`, as an operation that libtorch can
/// differentiate.
///
/// # Errors
/// [`KernelError`] for shapes, kinds or devices that do not fit, or a libtorch
/// without oneDNN.
pub fn linear(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
) -> Result<Tensor, KernelError> {
    let bias = bias.map_or(ptr::null(), |bias| bias.as_ptr());
    let mut output = ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: all tensors are borrowed for the call, the bias is one or null,
    // and `output` outlives it.
    let error = unsafe { shoebox_linear(input.as_ptr(), weight.as_ptr(), bias, &mut output) };
    check(error)?;
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: without an error C++ has stored a tensor, which is ours now.
    Ok(unsafe { Tensor::from_ptr(output) })
}
