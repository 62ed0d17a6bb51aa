//! Numbers of fewer bits.

use crate::error::{KernelError, check};
use std::{ffi::c_char, marker::PhantomData};
use tch::Device;

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    safe fn shoebox_autocast(cuda: bool, bfloat16: bool) -> *const c_char;
    safe fn shoebox_allow_tf32(allowed: bool) -> *const c_char;
}

/// While it lives, this thread's operations on one kind of device take their
/// f32 inputs as bfloat16 wherever libtorch's autocast holds that to be right
/// (convolutions and products of matrices); weights stay f32. They don't nest.
#[derive(Debug)]
pub struct Autocast {
    cuda: bool,
    /// The setting is the thread's own.
    _not_send: PhantomData<*const ()>,
}

impl Autocast {
    /// Begins.
    ///
    /// # Errors
    /// [`KernelError`] where libtorch has no autocast for the device.
    pub fn bfloat16(device: Device) -> Result<Self, KernelError> {
        let cuda = device.is_cuda();
        check(shoebox_autocast(cuda, true))?;
        Ok(Self { cuda, _not_send: PhantomData })
    }
}

impl Drop for Autocast {
    fn drop(&mut self) {
        // Switching off what could be switched on does not fail.
        let _ = check(shoebox_autocast(self.cuda, false));
    }
}

/// Whether products of f32 matrices and convolutions on a CUDA device may
/// round their inputs to TF32 (10 bits of mantissa); in the whole process.
///
/// # Errors
/// [`KernelError`] in libtorch's words.
pub fn allow_tf32(allowed: bool) -> Result<(), KernelError> {
    check(shoebox_allow_tf32(allowed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Kind, Tensor};

    #[test]
    fn products_are_bfloat16_while_it_lives() {
        let ones = Tensor::ones([2, 2], (Kind::Float, Device::Cpu));
        let autocast = Autocast::bfloat16(Device::Cpu).unwrap();
        assert_eq!(ones.matmul(&ones).kind(), Kind::BFloat16);
        drop(autocast);
        assert_eq!(ones.matmul(&ones).kind(), Kind::Float);
        allow_tf32(true).unwrap();
        allow_tf32(false).unwrap();
    }
}
