//! Sliding windows with TensorFlow's padding.

use shoebox_spec::{Padding, Pair, window_output};
use tch::{TchError, Tensor};

/// A window that slides over height and width.
#[derive(Debug, Clone, Copy)]
pub(super) struct Window {
    /// Height and width, in pixels.
    pub size: [i64; 2],
    /// Pixels between windows.
    pub strides: [i64; 2],
    padding: Padding,
}

impl Window {
    pub fn new(size: Pair, strides: Pair, padding: Padding) -> Self {
        Self { size: size.0.map(i64::from), strides: strides.0.map(i64::from), padding }
    }

    /// Pads `[B,C,H,W]` with `value` where the two sides differ. Returns the
    /// tensor and the padding that is left to the operation itself, which is
    /// zeros: an odd pixel goes to the bottom and the right.
    pub fn pad(&self, input: &Tensor, value: f64) -> Result<(Tensor, [i64; 2]), TchError> {
        let [top_bottom, left_right] = self.amounts(input);
        if top_bottom[0] == top_bottom[1] && left_right[0] == left_right[1] && value == 0.0 {
            return Ok((input.shallow_clone(), [top_bottom[0], left_right[0]]));
        }
        self.pad_unevenly(input, value)
    }

    /// Pads `[B,C,H,W]` with `value` on all sides; nothing is left to do.
    pub fn pad_unevenly(&self, input: &Tensor, value: f64) -> Result<(Tensor, [i64; 2]), TchError> {
        if !self.pads(input) {
            return Ok((input.shallow_clone(), [0, 0]));
        }
        let [[top, bottom], [left, right]] = self.amounts(input);
        let padded = input.f_pad([left, right, top, bottom], "constant", value)?;
        Ok((padded, [0, 0]))
    }

    /// Whether any side of `[B,C,H,W]` needs padding.
    pub fn pads(&self, input: &Tensor) -> bool {
        self.amounts(input) != [[0, 0], [0, 0]]
    }

    /// Pixels before and after, along height and width.
    fn amounts(&self, input: &Tensor) -> [[i64; 2]; 2] {
        let size = input.size();
        [0, 1].map(|axis| match self.padding {
            Padding::Valid => [0, 0],
            Padding::Same => same_padding(size[2 + axis], self.size[axis], self.strides[axis]),
        })
    }
}

/// TensorFlow's SAME rule: `max((out − 1) · stride + size − pixels, 0)` in
/// all, the smaller half before.
fn same_padding(pixels: i64, size: i64, stride: i64) -> [i64; 2] {
    let outputs = window_output(pixels as u32, size as u32, stride as u32, Padding::Same)
        .map_or(0, i64::from);
    let total = ((outputs - 1) * stride + size - pixels).max(0);
    [total / 2, total - total / 2]
}

#[cfg(test)]
mod tests {
    use super::same_padding;

    #[test]
    fn an_odd_pixel_goes_to_the_far_side() {
        assert_eq!(same_padding(224, 3, 2), [0, 1]);
        assert_eq!(same_padding(7, 3, 2), [1, 1]);
        assert_eq!(same_padding(5, 5, 1), [2, 2]);
        assert_eq!(same_padding(4, 1, 2), [0, 0]);
    }
}
