use super::{Module, window::Window};
use crate::network::Mode;
use shoebox_spec::Pool2d as Spec;
use tch::{TchError, Tensor, no_grad};

/// The mean of each window; pixels of `same` padding don't count.
#[derive(Debug)]
pub(super) struct AveragePool {
    window: Window,
}

impl AveragePool {
    pub fn new(spec: &Spec) -> Self {
        Self { window: Window::new(spec.size, spec.steps(), spec.padding) }
    }

    fn sums_over_area(&self, input: &Tensor) -> Result<Tensor, TchError> {
        let (input, padding) = self.window.pad(input, 0.0)?;
        input.f_avg_pool2d(self.window.size, self.window.strides, padding, false, true, None::<i64>)
    }
}

impl Module for AveragePool {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        let pooled = self.sums_over_area(input)?;
        if !self.window.pads(input) {
            return Ok(pooled);
        }
        // The share of each window that is picture, by pooling ones.
        let covered = no_grad(|| {
            let [height, width] = [input.size()[2], input.size()[3]];
            let ones = Tensor::f_ones([1, 1, height, width], (input.kind(), input.device()))?;
            self.sums_over_area(&ones)
        })?;
        pooled.f_div(&covered)
    }
}

/// The largest value of each window.
#[derive(Debug)]
pub(super) struct MaxPool {
    window: Window,
}

impl MaxPool {
    pub fn new(spec: &Spec) -> Self {
        Self { window: Window::new(spec.size, spec.steps(), spec.padding) }
    }
}

impl Module for MaxPool {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        let (input, padding) = self.window.pad_unevenly(input, f64::NEG_INFINITY)?;
        input.f_max_pool2d(self.window.size, self.window.strides, padding, [1, 1], false)
    }
}

/// `[B,C,H,W]` to `[B,C]`: the mean over height and width.
#[derive(Debug)]
pub(super) struct GlobalAveragePool;

impl Module for GlobalAveragePool {
    fn forward(&self, input: &Tensor, _mode: Mode) -> Result<Tensor, TchError> {
        input.f_mean_dim([2i64, 3].as_slice(), false, None)
    }
}
