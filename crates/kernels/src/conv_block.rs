//! A convolution with what follows it, as one operation.

use crate::error::{KernelError, check};
use std::ffi::c_char;
use tch::{Kind, Tensor};
use torch_sys::C_tensor;

/// A pool over windows of 2×2 with stride 2; what is left over at the bottom
/// and right is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Pool {
    /// The mean of the four.
    Average,
    /// The largest of the four.
    Max,
}

/// What is done around a convolution of stride 1:
/// `dropout(pool(relu(conv(x) + bias)))`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct ConvBlock {
    /// Per channel, what a byte is multiplied by; used for u8 input alone.
    pub pixel_scale: [f32; 3],
    /// Per channel, what is added to a scaled byte.
    pub pixel_offset: [f32; 3],
    /// Zeros around the input (after scaling): top, bottom, left, right, each
    /// less than the kernel's side.
    pub padding: [i64; 4],
    /// The pool, which asks for the relu.
    pub pool: Option<Pool>,
    /// Whether negative values become 0.
    pub relu: bool,
    /// The share of values that dropout zeroes, from 0 up to, not including, 1.
    pub dropout: f64,
}

impl ConvBlock {
    /// The convolution alone.
    pub const PLAIN: Self = Self {
        pixel_scale: [1.0; 3],
        pixel_offset: [0.0; 3],
        padding: [0; 4],
        pool: None,
        relu: false,
        dropout: 0.0,
    };

    /// Whether [`conv_block()`] is worth taking for a convolution with a
    /// `weight` of shape `[F,C,h,w]` that is `width` pixels wide when it
    /// comes out. `of_pixels` says that its input needs no gradient.
    ///
    /// It is where vectors fit, sums of a row fill the registers, and a
    /// thread's own sum of weight gradients stays in its cache; elsewhere
    /// libtorch's blocking over pictures wins (`examples/blocks.rs` measures).
    pub fn pays(weight: [i64; 4], width: i64, of_pixels: bool) -> bool {
        let [filters, channels, kernel_h, kernel_w] = weight;
        filters % 16 == 0
            && (channels % 16 == 0 || of_pixels)
            && (2..=LARGEST_KERNEL).contains(&(kernel_h * kernel_w))
            && width >= SMALLEST_WIDTH
            && weight.iter().product::<i64>() <= MOST_WEIGHTS
    }
}

/// The widest tile of pixels that the loops hold in registers.
const SMALLEST_WIDTH: i64 = 24;

/// 3×3; of a larger one each sum is so long that passes saved matter little.
const LARGEST_KERNEL: i64 = 9;

/// 576 KiB of them: 3×3 from 128 channels to 128.
const MOST_WEIGHTS: i64 = 9 * 128 * 128;

/// As `ShoeboxConvBlock` in conv_block.cpp.
#[repr(C)]
struct Options {
    pixel_scale: [f32; 3],
    pixel_offset: [f32; 3],
    padding: [i64; 4],
    pool: i32,
    relu: bool,
    dropout: f64,
}

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    fn shoebox_conv_block(
        input: *const C_tensor,
        weight: *const C_tensor,
        bias: *const C_tensor,
        options: *const Options,
        output: *mut *mut C_tensor,
    ) -> *const c_char;
}

/// Computes `block` for a batch on the CPU, as an operation that libtorch can
/// differentiate. `input` is u8 `[B,H,W,3]`, or f32 `[B,C,H,W]`, best in
/// channels-last memory; `weight` `[F,C,h,w]` and `bias` `[F]` are f32. The
/// output is f32 `[B,F,P,Q]` in channels-last memory.
///
/// Dropout takes one number from libtorch's generator a call. Results depend
/// on the kind of vectors ([`crate::Vectors`]) in their last bits, gradients on
/// the number of threads; both are the same in every run with the same ones.
///
/// # Errors
/// [`KernelError`] when shapes or kinds differ from these, F is no multiple of
/// 16, or C is none and the input's gradient is wanted.
pub fn conv_block(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    block: &ConvBlock,
) -> Result<Tensor, KernelError> {
    let pool = match block.pool {
        None => 0,
        Some(Pool::Average) => 1,
        Some(Pool::Max) => 2,
    };
    let &ConvBlock { pixel_scale, pixel_offset, padding, relu, dropout, .. } = block;
    let options = Options { pixel_scale, pixel_offset, padding, pool, relu, dropout };
    let bias = bias.map_or(std::ptr::null(), Tensor::as_ptr);
    let mut output = std::ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: the tensors are borrowed for the call, which keeps references of
    // its own to what the gradient needs; `options` and `output` outlive it.
    // C++ checks shapes, kinds and devices before it touches a value.
    let error =
        unsafe { shoebox_conv_block(input.as_ptr(), weight.as_ptr(), bias, &options, &mut output) };
    check(error)?;
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: without an error C++ has stored a tensor, which is ours now.
    Ok(unsafe { Tensor::from_ptr(output) })
}

/// The layers of a [`ConvBlock`] one by one, in libtorch's own operations: what
/// [`conv_block()`] is held to.
///
/// # Errors
/// What libtorch refuses.
pub fn conv_block_in_steps(
    input: &Tensor,
    weight: &Tensor,
    bias: Option<&Tensor>,
    block: &ConvBlock,
) -> Result<Tensor, tch::TchError> {
    let mut values = match input.kind() {
        Kind::Uint8 => {
            let per_channel = |values: &[f32; 3]| Tensor::f_from_slice(values);
            let scaled = input.f_to_kind(Kind::Float)?.f_mul(&per_channel(&block.pixel_scale)?)?;
            scaled.f_add(&per_channel(&block.pixel_offset)?)?.f_permute([0, 3, 1, 2])?
        }
        _ => input.shallow_clone(),
    };
    let [top, bottom, left, right] = block.padding;
    if block.padding != [0; 4] {
        values = values.f_pad([left, right, top, bottom], "constant", 0.0)?;
    }
    values = values.f_conv2d(weight, bias, [1, 1], [0, 0], [1, 1], 1)?;
    if block.relu {
        values = values.f_relu()?;
    }
    values = match block.pool {
        None => values,
        Some(Pool::Average) => {
            values.f_avg_pool2d([2, 2], [2, 2], [0, 0], false, true, None::<i64>)?
        }
        Some(Pool::Max) => values.f_max_pool2d([2, 2], [2, 2], [0, 0], [1, 1], false)?,
    };
    if block.dropout > 0.0 { values.f_dropout(block.dropout, true) } else { Ok(values) }
}
