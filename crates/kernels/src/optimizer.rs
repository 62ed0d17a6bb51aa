//! Optimizer steps that tch does not wrap.

use crate::error::{KernelError, check};
use std::ffi::{CStr, c_char, c_double};
use tch::Tensor;
use torch_sys::C_tensor;

/// The numbers of one Adam step, as libtorch's `_fused_adam_` takes them.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct AdamRates {
    /// The step being made, from 1.
    pub step: u64,
    /// The learning rate.
    pub learning_rate: f64,
    /// Decay of the first moment.
    pub beta_1: f64,
    /// Decay of the second moment.
    pub beta_2: f64,
    /// Added to the root of the second moment *after* its bias is corrected.
    pub epsilon: f64,
    /// What is taken of each value, as a share of the learning rate.
    pub weight_decay: f64,
}

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    safe fn shoebox_torch_version() -> *const c_char;
    fn shoebox_adam_step(
        parameters: *const *mut C_tensor,
        first: *const *mut C_tensor,
        second: *const *mut C_tensor,
        count: usize,
        step: c_double,
        learning_rate: c_double,
        beta_1: c_double,
        beta_2: c_double,
        epsilon: c_double,
        weight_decay: c_double,
    ) -> *const c_char;
    fn shoebox_clip_gradients(
        parameters: *const *mut C_tensor,
        count: usize,
        most: c_double,
    ) -> *const c_char;
    fn shoebox_clear_gradients(parameters: *const *mut C_tensor, count: usize) -> *const c_char;
}

/// The version of the libtorch that this was built against.
pub fn libtorch_version() -> String {
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: C++ returns a string literal.
    let text = unsafe { CStr::from_ptr(shoebox_torch_version()) };
    text.to_string_lossy().into_owned()
}

/// One Adam step in a single pass over each parameter: reads its gradient,
/// updates both moments and the parameter in place. All four are f32 tensors
/// of one shape.
///
/// # Errors
/// [`KernelError`] when a parameter has no gradient or shapes differ.
///
/// # Panics
/// When the three lists differ in length.
pub fn adam_step(
    parameters: &mut [Tensor],
    first_moments: &mut [Tensor],
    second_moments: &mut [Tensor],
    rates: AdamRates,
) -> Result<(), KernelError> {
    assert_eq!(parameters.len(), first_moments.len(), "a first moment for each parameter");
    assert_eq!(parameters.len(), second_moments.len(), "a second moment for each parameter");
    let (values, first, second) =
        (pointers(parameters), pointers(first_moments), pointers(second_moments));
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: each list holds `count` valid tensor pointers that are borrowed
    // mutably for the call; C++ checks shapes and gradients and throws into
    // an error text otherwise. A list shorter than `count` would break this.
    let error = unsafe {
        shoebox_adam_step(
            values.as_ptr(),
            first.as_ptr(),
            second.as_ptr(),
            values.len(),
            rates.step as f64,
            rates.learning_rate,
            rates.beta_1,
            rates.beta_2,
            rates.epsilon,
            rates.weight_decay,
        )
    };
    check(error)
}

/// Shortens the gradients of `parameters`, all together, to a 2-norm of `most`
/// where they are longer. Those without a gradient are left alone.
///
/// # Errors
/// [`KernelError`], out of memory for instance.
pub fn clip_gradients(parameters: &mut [Tensor], most: f64) -> Result<(), KernelError> {
    let values = pointers(parameters);
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: `count` valid tensor pointers, borrowed mutably for the call.
    let error = unsafe { shoebox_clip_gradients(values.as_ptr(), values.len(), most) };
    check(error)
}

/// Forgets the gradients of `parameters`, so that the next backward pass
/// stores its own instead of adding them to zeros.
///
/// # Errors
/// [`KernelError`] when a tensor cannot hold a gradient.
pub fn clear_gradients(parameters: &mut [Tensor]) -> Result<(), KernelError> {
    let values = pointers(parameters);
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: `count` valid tensor pointers, borrowed mutably for the call. A
    // gradient that is still borrowed elsewhere keeps its own reference count.
    let error = unsafe { shoebox_clear_gradients(values.as_ptr(), values.len()) };
    check(error)
}

fn pointers(tensors: &mut [Tensor]) -> Vec<*mut C_tensor> {
    tensors.iter_mut().map(Tensor::as_mut_ptr).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use tch::{Device, Kind};

    const RATES: AdamRates = AdamRates {
        step: 1,
        learning_rate: 0.1,
        beta_1: 0.9,
        beta_2: 0.999,
        epsilon: 0.5,
        weight_decay: 0.0,
    };

    #[test]
    fn one_adam_step_by_hand() {
        let mut parameters = [Tensor::from_slice(&[1.0f32]).set_requires_grad(true)];
        let mut moments = [Tensor::zeros([1], (Kind::Float, Device::Cpu))];
        let mut squares = [Tensor::zeros([1], (Kind::Float, Device::Cpu))];
        (&parameters[0] * 2.0).sum(Kind::Float).backward();
        let rates = RATES;
        adam_step(&mut parameters, &mut moments, &mut squares, rates).unwrap();
        // m̂ = 2, v̂ = 4: 1 − 0.1 · 2 / (√4 + 0.5)
        assert!((parameters[0].double_value(&[0]) - 0.92).abs() < 1e-6);
        assert!((moments[0].double_value(&[0]) - 0.2).abs() < 1e-6);
        assert!((squares[0].double_value(&[0]) - 0.004).abs() < 1e-7);
    }

    #[test]
    fn weight_decay_comes_beside_the_gradients_step() {
        let mut parameters = [Tensor::from_slice(&[1.0f32]).set_requires_grad(true)];
        let zeros = || [Tensor::zeros([1], (Kind::Float, Device::Cpu))];
        (&parameters[0] * 2.0).sum(Kind::Float).backward();
        let rates = AdamRates { weight_decay: 0.5, ..RATES };
        adam_step(&mut parameters, &mut zeros(), &mut zeros(), rates).unwrap();
        // 1 · (1 − 0.1 · 0.5) − 0.08
        assert!((parameters[0].double_value(&[0]) - 0.87).abs() < 1e-6);
    }

    #[test]
    fn long_gradients_are_shortened_together_and_short_ones_are_not() {
        let clipped = |most: f64| {
            let mut parameters =
                [1.0f32, 2.0].map(|value| Tensor::from_slice(&[value]).set_requires_grad(true));
            (&parameters[0] * 3.0 + &parameters[1] * 4.0).sum(Kind::Float).backward();
            clip_gradients(&mut parameters, most).unwrap();
            parameters.map(|parameter| parameter.grad().double_value(&[0]))
        };
        assert_eq!(clipped(5.1), [3.0, 4.0]);
        let [one, two] = clipped(0.5);
        assert!((one - 0.3).abs() < 1e-6 && (two - 0.4).abs() < 1e-6, "{one} {two}");
    }

    #[test]
    fn a_missing_gradient_is_an_error_and_clearing_makes_it_missing() {
        let mut parameters = [Tensor::from_slice(&[1.0f32]).set_requires_grad(true)];
        (&parameters[0] * 2.0).sum(Kind::Float).backward();
        clear_gradients(&mut parameters).unwrap();
        let zeros = || [Tensor::zeros([1], (Kind::Float, Device::Cpu))];
        let error = adam_step(&mut parameters, &mut zeros(), &mut zeros(), RATES).unwrap_err();
        assert_eq!(error.to_string(), "parameter 0 has no gradient");
    }
}
