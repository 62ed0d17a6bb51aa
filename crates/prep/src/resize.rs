//! A picture of any shape to the shape that the network takes.

use crate::{bilinear, decode::Rgb};
use fast_image_resize::{
    FilterType, ResizeAlg, ResizeOptions, Resizer,
    images::{TypedImage, TypedImageRef},
    pixels::U8x3,
};
use shoebox_spec::{Filter, Resize};

/// A part of a picture, in pixels of that picture; sides may be fractions.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Region {
    pub(crate) left: f64,
    pub(crate) top: f64,
    pub(crate) width: f64,
    pub(crate) height: f64,
}

/// Brings `rgb` to `size` (height, width, in pixels): `[height, width, 3]` u8,
/// row-major.
///
/// - `stretch` scales both sides on their own.
/// - `center_crop` scales until `size` is covered and cuts evenly what hangs
///   over; the cut falls on fractions of a pixel where it must.
/// - `letterbox` scales until the picture fits, its sides rounded to whole
///   pixels, and puts it in the middle of black (an odd bar is thicker at the
///   bottom or the right).
///
/// A picture that already has the right size keeps its pixels.
///
/// # Panics
/// When a side is 0; the spec and the decoder allow none.
pub fn resize(rgb: &Rgb, size: [u32; 2], recipe: Resize) -> Vec<u8> {
    let mut row = vec![0; size[0] as usize * size[1] as usize * 3];
    resize_into(rgb, size, recipe, &mut row);
    row
}

/// As [`resize`], into a row that is there already.
///
/// # Panics
/// When a side is 0, or the row has another length than `size` asks for.
pub(crate) fn resize_into(rgb: &Rgb, size: [u32; 2], recipe: Resize, row: &mut [u8]) {
    let whole =
        Region { left: 0.0, top: 0.0, width: f64::from(rgb.width), height: f64::from(rgb.height) };
    let pixels = match recipe {
        Resize::Stretch(filter) => sample(rgb, whole, size, filter),
        Resize::CenterCrop(filter) => sample(rgb, centre(whole, size), size, filter),
        Resize::Letterbox(filter) => {
            let inner = fit(whole, size);
            frame(&sample(rgb, whole, inner, filter), inner, size)
        }
    };
    row.copy_from_slice(&pixels);
}

/// The largest middle part of `whole` with the aspect ratio of `size`.
pub(crate) fn centre(whole: Region, size: [u32; 2]) -> Region {
    let [height, width] = size.map(f64::from);
    let scale = (whole.width / width).min(whole.height / height);
    let (width, height) = (width * scale, height * scale);
    Region { left: (whole.width - width) / 2.0, top: (whole.height - height) / 2.0, width, height }
}

/// The largest size within `size` with the aspect ratio of `whole`.
pub(crate) fn fit(whole: Region, size: [u32; 2]) -> [u32; 2] {
    let [height, width] = size.map(f64::from);
    let scale = (width / whole.width).min(height / whole.height);
    let side = |length: f64, limit: u32| ((length * scale).round() as u32).clamp(1, limit);
    [side(whole.height, size[0]), side(whole.width, size[1])]
}

/// Puts a picture of size `inner` into the middle of a black one of `size`.
fn frame(pixels: &[u8], inner: [u32; 2], size: [u32; 2]) -> Vec<u8> {
    let [inner_height, inner_width] = inner.map(|side| side as usize);
    let [height, width] = size.map(|side| side as usize);
    let (top, left) = ((height - inner_height) / 2, (width - inner_width) / 2);
    let mut framed = vec![0; height * width * 3];
    for (row, line) in pixels.chunks_exact(inner_width * 3).enumerate() {
        framed[((top + row) * width + left) * 3..][..line.len()].copy_from_slice(line);
    }
    framed
}

fn sample(rgb: &Rgb, region: Region, size: [u32; 2], filter: Filter) -> Vec<u8> {
    match filter {
        Filter::Bilinear => bilinear::sample(rgb, region, size),
        Filter::BilinearAntialias => convolve(rgb, region, size, FilterType::Bilinear),
        Filter::Lanczos3 => convolve(rgb, region, size, FilterType::Lanczos3),
    }
}

/// First the rows, then the columns, as Pillow does (from version 13 on only
/// where that is not slower). In one call the library would take the columns
/// first, and since values are bytes in between, that gives other pixels
/// wherever Lanczos overshoots black or white.
fn convolve(rgb: &Rgb, region: Region, size: [u32; 2], filter: FilterType) -> Vec<u8> {
    let [height, width] = size;
    let rows = Region { top: 0.0, height: f64::from(rgb.height), ..region };
    let narrowed = Rgb {
        width,
        height: rgb.height,
        pixels: convolve_once(rgb, rows, [rgb.height, width], filter),
    };
    let columns = Region { left: 0.0, width: f64::from(width), ..region };
    convolve_once(&narrowed, columns, [height, width], filter)
}

/// The images are typed, since the untyped interface would compile the
/// resizer for every type of pixel there is, which takes minutes.
fn convolve_once(rgb: &Rgb, region: Region, size: [u32; 2], filter: FilterType) -> Vec<u8> {
    let [height, width] = size;
    let mut pixels = vec![0; height as usize * width as usize * 3];
    let source = TypedImageRef::<U8x3>::from_buffer(rgb.width, rgb.height, &rgb.pixels)
        .expect("Rgb holds height · width · 3 bytes");
    let mut target = TypedImage::<U8x3>::from_buffer(width, height, &mut pixels)
        .expect("the line above made height · width · 3 bytes");
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(filter)).crop(
        region.left,
        region.top,
        region.width,
        region.height,
    );
    Resizer::new()
        .resize_typed(&source, &mut target, &options)
        .expect("the region lies within the picture");
    pixels
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Width and height, every pixel of column `x` having the value `10·x`.
    fn columns(width: u32, height: u32) -> Rgb {
        let row: Vec<u8> = (0..width).flat_map(|x| [(10 * x) as u8; 3]).collect();
        Rgb { width, height, pixels: row.repeat(height as usize) }
    }

    const FILTERS: [Filter; 3] = [Filter::Bilinear, Filter::BilinearAntialias, Filter::Lanczos3];

    #[test]
    fn the_right_size_keeps_its_pixels() {
        let picture = columns(7, 5);
        for filter in FILTERS {
            for recipe in
                [Resize::Stretch(filter), Resize::CenterCrop(filter), Resize::Letterbox(filter)]
            {
                assert_eq!(resize(&picture, [5, 7], recipe), picture.pixels, "{recipe:?}");
            }
        }
    }

    #[test]
    fn center_crop_cuts_both_sides_evenly() {
        for filter in FILTERS {
            let cropped = resize(&columns(10, 4), [4, 4], Resize::CenterCrop(filter));
            assert_eq!(cropped, [30, 30, 30, 40, 40, 40, 50, 50, 50, 60, 60, 60].repeat(4));
        }
    }

    #[test]
    fn letterbox_puts_black_bars_above_and_below() {
        for filter in FILTERS {
            let white = Rgb { width: 8, height: 4, pixels: vec![255; 96] };
            let framed = resize(&white, [7, 8], Resize::Letterbox(filter));
            let bar = |rows: usize| vec![0; rows * 24];
            assert_eq!(framed, [bar(1), vec![255; 96], bar(2)].concat());
        }
    }

    #[test]
    fn extreme_shapes_neither_vanish_nor_panic() {
        for (width, height) in [(1, 1), (1, 3000), (3000, 1), (2, 2)] {
            let picture = Rgb { width, height, pixels: vec![9; (width * height * 3) as usize] };
            for size in [[1, 1], [5, 3], [1, 40]] {
                for filter in FILTERS {
                    let stretched = resize(&picture, size, Resize::Stretch(filter));
                    assert!(stretched.iter().all(|&value| value == 9));
                    let cropped = resize(&picture, size, Resize::CenterCrop(filter));
                    assert!(cropped.iter().all(|&value| value == 9));
                    let framed = resize(&picture, size, Resize::Letterbox(filter));
                    assert!(framed.contains(&9) && framed.len() == stretched.len());
                }
            }
        }
    }
}
