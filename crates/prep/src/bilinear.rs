//! Bilinear interpolation without antialiasing: TensorFlow's `tf.image.resize`.
//!
//! An output pixel `x` looks at the source position `(x + ½) · scale − ½`
//! (pixel centres lie on halves, positions beyond the edge are the edge) and
//! mixes the two pixels on either side by distance, in both directions:
//! `ResizeBilinear` with `half_pixel_centers=True`, which Keras's
//! `image_dataset_from_directory` uses. `fast_image_resize` computes the same
//! positions but rounds to bytes between the two directions; here the one
//! rounding is at the end, so the result is within half a grey level. JPEGs
//! take a shorter way to the same positions, [`crate::planar`].

use crate::{decode::Rgb, resize::Region};

/// The two source positions that an output position mixes.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Tap {
    near: usize,
    far: usize,
    /// The share of `far`, 0–1.
    share: f32,
}

/// Scales `region` of `rgb` to `size` (height, width): `[height, width, 3]` u8.
pub(crate) fn sample(rgb: &Rgb, region: Region, [height, width]: [u32; 2]) -> Vec<u8> {
    let columns = taps(region.left, region.width, rgb.width, width, 3);
    let rows = taps(region.top, region.height, rgb.height, height, rgb.width as usize * 3);
    let mut pixels = Vec::with_capacity(height as usize * width as usize * 3);
    for row in rows {
        let (upper, lower) = (&rgb.pixels[row.near..], &rgb.pixels[row.far..]);
        for column in &columns {
            let above = mix(pixel(upper, column.near), pixel(upper, column.far), column.share);
            let below = mix(pixel(lower, column.near), pixel(lower, column.far), column.share);
            // Halves go up, as in the reference.
            pixels.extend(mix(above, below, row.share).map(|value| (value + 0.5) as u8));
        }
    }
    pixels
}

/// Taps for `count` outputs over `length` source pixels from `start`; offsets
/// are multiplied by `stride`, to be positions in the bytes.
fn taps(start: f64, length: f64, source: u32, count: u32, stride: usize) -> Vec<Tap> {
    let scale = length / f64::from(count);
    let last = f64::from(source - 1);
    let tap = |index| {
        let position = (start + (f64::from(index) + 0.5) * scale - 0.5).clamp(0.0, last);
        let near = position.floor();
        let far = (near + 1.0).min(last);
        Tap {
            near: near as usize * stride,
            far: far as usize * stride,
            share: (position - near) as f32,
        }
    };
    (0..count).map(tap).collect()
}

fn pixel(bytes: &[u8], offset: usize) -> [f32; 3] {
    let pixel = &bytes[offset..offset + 3];
    [f32::from(pixel[0]), f32::from(pixel[1]), f32::from(pixel[2])]
}

fn mix(near: [f32; 3], far: [f32; 3], share: f32) -> [f32; 3] {
    [0, 1, 2].map(|channel| near[channel] + (far[channel] - near[channel]) * share)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn doubling_two_pixels_by_hand() {
        // Positions −¼, ¼, ¾, 1¼ of the values 0 and 100.
        let picture = Rgb { width: 2, height: 1, pixels: vec![0, 0, 0, 100, 100, 100] };
        let region = Region { left: 0.0, top: 0.0, width: 2.0, height: 1.0 };
        let values: Vec<u8> =
            sample(&picture, region, [1, 4]).chunks_exact(3).map(|pixel| pixel[1]).collect();
        assert_eq!(values, [0, 25, 75, 100]);
    }

    #[test]
    fn shrinking_by_three_takes_the_middle_pixel() {
        let picture =
            Rgb { width: 6, height: 1, pixels: (0..6).flat_map(|x| [x * 40; 3]).collect() };
        let region = Region { left: 0.0, top: 0.0, width: 6.0, height: 1.0 };
        assert_eq!(sample(&picture, region, [1, 2]), [40, 40, 40, 160, 160, 160]);
    }
}
