//! Pictures that are moved, recoloured and mixed, as bytes.

use crate::error::{KernelError, check};
use std::ffi::c_char;
use tch::{Device, Kind, TchError, Tensor};
use torch_sys::C_tensor;

/// What becomes of a picture `[H,W,3]` of bytes: its places, then its
/// colours, then a box that is erased.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Retouch {
    /// Where a pixel comes from: for the one in column x and row y (from 0)
    /// the column `[0]·(x, y, 1)` and the row `[1]·(x, y, 1)`, between whose
    /// four neighbours it is interpolated. Beyond its edges the picture goes
    /// on as its mirror image (`c b a | a b c`).
    pub to_source: [[f32; 3]; 2],
    /// A pixel's channels become `matrix · channels + offset + of_mean · mean`,
    /// rounded to the nearest of 0–255, halves up.
    pub matrix: [[f32; 3]; 3],
    /// In steps of a byte.
    pub offset: [f32; 3],
    /// Of the mean of each channel over the picture as it was.
    pub of_mean: [[f32; 3]; 3],
    /// Top, left, height and width of the box, in pixels; none where it is empty.
    pub erased: [i32; 4],
}

impl Retouch {
    /// The picture stays as it is, to the bit.
    pub const NOTHING: Self = Self {
        to_source: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]],
        matrix: [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]],
        offset: [0.0; 3],
        of_mean: [[0.0; 3]; 3],
        erased: [0; 4],
    };
}

/// How two pictures become one.
#[derive(Debug, Clone, Copy, PartialEq)]
#[repr(C)]
pub struct Mix {
    /// The first one's share of every pixel, 0–1; rounded as in [`Retouch`].
    pub share: f32,
    /// Top, left, height and width of a box, in pixels, that is the second
    /// one's alone; none where it is empty.
    pub pasted: [i32; 4],
}

#[expect(unsafe_code, reason = "the C++ face of this crate")]
unsafe extern "C" {
    fn shoebox_retouch(
        images: *const C_tensor,
        of: *const Retouch,
        samples: usize,
        fill: *const u8,
        output: *mut *mut C_tensor,
    ) -> *const c_char;
    fn shoebox_mix(
        images: *const C_tensor,
        others: *const C_tensor,
        of: *const Mix,
        samples: usize,
        output: *mut *mut C_tensor,
    ) -> *const c_char;
}

/// Each of `images` `[B,H,W,3]` u8 on the CPU as its element of `of` says,
/// on all cores; `fill` is the colour of what is erased. Pixels depend on the
/// kind of vectors ([`crate::Vectors`]) in their last bit at most.
///
/// # Errors
/// [`KernelError`] for another shape, kind or device, or another number of
/// pictures than of their retouches.
pub fn retouch(images: &Tensor, of: &[Retouch], fill: [u8; 3]) -> Result<Tensor, KernelError> {
    let mut output = std::ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: everything is borrowed for the call, `of` has as many elements as
    // are said, laid out as C++ has them, and `output` outlives it. C++ checks
    // the tensor, and reads within its pictures whatever the numbers are.
    let error = unsafe {
        shoebox_retouch(images.as_ptr(), of.as_ptr(), of.len(), fill.as_ptr(), &mut output)
    };
    check(error)?;
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: without an error C++ has stored a tensor, which is ours now.
    Ok(unsafe { Tensor::from_ptr(output) })
}

/// Each of `images` `[B,H,W,3]` u8 on the CPU, mixed with the one at its place
/// in `others` as its element of `of` says, on all cores.
///
/// # Errors
/// [`KernelError`] for another shape, kind or device, or another number of
/// pictures than of `of`.
pub fn mix(images: &Tensor, others: &Tensor, of: &[Mix]) -> Result<Tensor, KernelError> {
    let mut output = std::ptr::null_mut();
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: as in `retouch`; C++ checks both tensors.
    let error = unsafe {
        shoebox_mix(images.as_ptr(), others.as_ptr(), of.as_ptr(), of.len(), &mut output)
    };
    check(error)?;
    #[expect(unsafe_code, reason = "the C++ face of this crate")]
    // SAFETY: without an error C++ has stored a tensor, which is ours now.
    Ok(unsafe { Tensor::from_ptr(output) })
}

/// [`retouch()`] in libtorch's own operations, on any device. A value that
/// lies between two bytes may come out as the other one.
///
/// # Errors
/// What libtorch refuses.
pub fn retouch_in_steps(
    images: &Tensor,
    of: &[Retouch],
    fill: [u8; 3],
) -> Result<Tensor, TchError> {
    let (device, (samples, height, width, _)) = (images.device(), images.size4()?);
    let pixels = images.f_permute([0, 3, 1, 2])?.f_to_kind(Kind::Float)?;
    let numbers = |shape: &[i64], each: fn(&Retouch) -> Vec<f32>| {
        let all: Vec<f32> = of.iter().flat_map(each).collect();
        let shape: Vec<i64> = std::iter::once(samples).chain(shape.iter().copied()).collect();
        Tensor::f_from_slice(&all)?.f_view(shape.as_slice())?.f_to_device(device)
    };
    let of_mean = numbers(&[3, 3], |of| of.of_mean.concat())?;
    let mean = pixels.f_mean_dim([2i64, 3].as_slice(), false, Kind::Float)?.f_unsqueeze(2)?;
    let offset = numbers(&[3, 1], |of| of.offset.to_vec())?.f_add(&of_mean.f_bmm(&mean)?)?;
    let grid = grid(&numbers(&[2, 3], |of| of.to_source.concat())?, height, width)?;
    let (bilinear, reflect) = (0, 2);
    let moved = pixels.f_grid_sampler(&grid, bilinear, reflect, false)?.f_flatten(2, 3)?;
    let matrix = numbers(&[3, 3], |of| of.matrix.concat())?;
    let coloured = offset.f_baddbmm(&matrix, &moved, 1.0, 1.0)?;
    let coloured = coloured.f_view([samples, 3, height, width])?.f_permute([0, 2, 3, 1])?;
    let boxes: Vec<[i32; 4]> = of.iter().map(|of| of.erased).collect();
    let erased = inside(&boxes, height, width, device)?;
    let fill = Tensor::f_from_slice(&fill)?.f_to_device(device)?;
    fill.f_where_self(&erased, &to_bytes(&coloured)?)?.f_contiguous()
}

/// [`mix()`] in libtorch's own operations, on any device.
///
/// # Errors
/// What libtorch refuses.
pub fn mix_in_steps(images: &Tensor, others: &Tensor, of: &[Mix]) -> Result<Tensor, TchError> {
    let (device, (samples, height, width, _)) = (images.device(), images.size4()?);
    let shares: Vec<f32> = of.iter().map(|of| of.share).collect();
    let shares = Tensor::f_from_slice(&shares)?.f_to_device(device)?.f_view([samples, 1, 1, 1])?;
    let rest = shares.f_rsub_scalar(1.0)?;
    let mixed = images.f_mul(&shares)?.f_add(&others.f_mul(&rest)?)?;
    let boxes: Vec<[i32; 4]> = of.iter().map(|of| of.pasted).collect();
    others.f_where_self(&inside(&boxes, height, width, device)?, &to_bytes(&mixed)?)
}

/// Where `[B,H,W]` pixels come from, `[B,H,W,2]`, as libtorch's sampler counts:
/// −1 and 1 are the outer edges.
fn grid(to_source: &Tensor, height: i64, width: i64) -> Result<Tensor, TchError> {
    let options = (Kind::Float, to_source.device());
    let columns = Tensor::f_arange(width, options)?.f_expand([height, width], false)?;
    let rows =
        Tensor::f_arange(height, options)?.f_unsqueeze(1)?.f_expand([height, width], false)?;
    let ones = Tensor::f_ones([height, width], options)?;
    let places = Tensor::f_stack(&[columns, rows, ones], 0)?.f_flatten(1, 2)?;
    let places = to_source.f_matmul(&places)?.f_view([-1, 2, height, width])?;
    let sides = Tensor::f_from_slice(&[width as f32, height as f32])?.f_to_device(options.1)?;
    let places = places.f_permute([0, 2, 3, 1])?.f_mul_scalar(2.0)?.f_add_scalar(1.0)?;
    places.f_div(&sides)?.f_sub_scalar(1.0)
}

/// `[B,H,W,1]` bool: which pixels are in the box of their picture.
fn inside(boxes: &[[i32; 4]], height: i64, width: i64, device: Device) -> Result<Tensor, TchError> {
    let side = |first: usize, length: i64, shape: [i64; 4]| {
        let place = Tensor::f_arange(length, (Kind::Int, device))?.f_unsqueeze(0)?;
        let bound = |bound: fn(&[i32; 4], usize) -> i32| {
            let bounds: Vec<i32> = boxes.iter().map(|of| bound(of, first)).collect();
            Tensor::f_from_slice(&bounds)?.f_to_device(device)?.f_unsqueeze(1)
        };
        let begin = place.f_ge_tensor(&bound(|of, first| of[first])?)?;
        let end = place.f_lt_tensor(&bound(|of, first| of[first] + of[first + 2])?)?;
        begin.f_logical_and(&end)?.f_view(shape)
    };
    side(0, height, [-1, height, 1, 1])?.f_logical_and(&side(1, width, [-1, 1, width, 1])?)
}

fn to_bytes(values: &Tensor) -> Result<Tensor, TchError> {
    values.f_clamp(0.0, 255.0)?.f_add_scalar(0.5)?.f_floor()?.f_to_kind(Kind::Uint8)
}
