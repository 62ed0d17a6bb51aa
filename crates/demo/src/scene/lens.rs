//! The camera's share: blur and sensor noise.

use image::RgbImage;
use rand::{Rng, RngCore};
use rand_chacha::ChaCha8Rng;

use crate::tuning;

/// How soft and how noisy a picture is.
#[derive(Debug, Clone)]
pub(crate) struct Lens {
    /// Share of the picture's longer side.
    blur: f32,
    /// Standard deviation, in grey levels.
    noise: f32,
}

impl Lens {
    pub(crate) fn random(rng: &mut ChaCha8Rng) -> Self {
        Self {
            blur: rng.random_range(tuning::BLUR_RADIUS),
            noise: rng.random_range(tuning::NOISE_SIGMA),
        }
    }

    pub(crate) fn apply(&self, pixels: &mut RgbImage, rng: &mut ChaCha8Rng) {
        let long = pixels.width().max(pixels.height()) as f32;
        let radius = (long * self.blur).round() as usize;
        if radius > 0 {
            *pixels = box_blur(pixels, radius);
        }
        add_noise(pixels, self.noise, rng);
    }
}

/// Averages each pixel with its neighbours up to a radius away; the border is
/// repeated outwards.
fn box_blur(pixels: &RgbImage, radius: usize) -> RgbImage {
    // Blurring the rows and turning the picture over its diagonal, twice.
    let once = blur_rows_transposed(pixels, radius);
    blur_rows_transposed(&once, radius)
}

/// Blurs along the rows and writes them as columns.
fn blur_rows_transposed(pixels: &RgbImage, radius: usize) -> RgbImage {
    let (width, height) = pixels.dimensions();
    let count = 2 * radius as u32 + 1;
    let mut turned = RgbImage::new(height, width);
    for (y, row) in pixels.rows().enumerate() {
        let row: Vec<[u8; 3]> = row.map(|pixel| pixel.0).collect();
        let at = |x: isize| row[x.clamp(0, width as isize - 1) as usize];
        let reach = radius as isize;
        let mut sum = [0_u32; 3];
        (-reach..=reach).for_each(|x| add(&mut sum, at(x)));
        for x in 0..width as isize {
            turned.put_pixel(y as u32, x as u32, image::Rgb(sum.map(|s| (s / count) as u8)));
            add(&mut sum, at(x + reach + 1));
            let gone = at(x - reach);
            sum.iter_mut().zip(gone).for_each(|(s, c)| *s -= u32::from(c));
        }
    }
    turned
}

fn add(sum: &mut [u32; 3], pixel: [u8; 3]) {
    sum.iter_mut().zip(pixel).for_each(|(s, c)| *s += u32::from(c));
}

/// Adds noise of this standard deviation, in grey levels, to each channel.
///
/// The sum of four uniform bytes is close to a normal distribution; its
/// standard deviation is `2 × √((256² − 1) / 12)`, which is 147.8.
fn add_noise(pixels: &mut RgbImage, sigma: f32, rng: &mut ChaCha8Rng) {
    let scale = sigma / 147.8;
    for channel in pixels.iter_mut() {
        let sum: i32 = rng.next_u32().to_le_bytes().iter().map(|byte| i32::from(*byte)).sum();
        // A cast to u8 drops the fraction and saturates at both ends.
        *channel = (f32::from(*channel) + (sum - 510) as f32 * scale + 0.5) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn a_blur_spreads_a_dot_evenly() {
        let mut pixels = RgbImage::new(7, 5);
        pixels.put_pixel(3, 2, image::Rgb([90, 180, 9]));
        let blurred = box_blur(&pixels, 1);
        assert_eq!(blurred.dimensions(), (7, 5));
        for (x, y, pixel) in blurred.enumerate_pixels() {
            let near = x.abs_diff(3) <= 1 && y.abs_diff(2) <= 1;
            assert_eq!(pixel.0, if near { [10, 20, 1] } else { [0; 3] }, "at {x}, {y}");
        }
    }

    #[test]
    fn noise_has_the_standard_deviation_it_was_given() {
        let mut pixels = RgbImage::from_pixel(200, 200, image::Rgb([128; 3]));
        add_noise(&mut pixels, 8.0, &mut ChaCha8Rng::seed_from_u64(1));
        let off: Vec<f64> = pixels.iter().map(|c| f64::from(*c) - 128.0).collect();
        let mean = off.iter().sum::<f64>() / off.len() as f64;
        let variance = off.iter().map(|d| (d - mean).powi(2)).sum::<f64>() / off.len() as f64;
        assert!(mean.abs() < 0.1, "mean {mean}");
        assert!((variance.sqrt() - 8.0).abs() < 0.2, "deviation {}", variance.sqrt());
    }
}
