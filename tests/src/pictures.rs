//! Pictures of two classes that a network of a few hundred weights tells apart.

use image::{Rgb, RgbImage};
use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// A picture of 32 to 64 pixels a side with noise: one bright disc on dark
/// ground for class 0, diagonal stripes for class 1. `number` is its seed.
pub fn draw(class: usize, number: u64) -> RgbImage {
    let mut random = ChaCha8Rng::seed_from_u64(number);
    random.set_stream(class as u64);
    let (width, height) = (random.random_range(32..=64), random.random_range(32..=64));
    let ink: [u8; 3] = random.random();
    let ink = ink.map(|value| 170 + value / 4);
    let (x, y) = (random.random_range(0.35..0.65), random.random_range(0.35..0.65));
    let period = random.random_range(0.25..0.4);
    RgbImage::from_fn(width, height, |column, row| {
        let (u, v) = (column as f32 / width as f32, row as f32 / height as f32);
        let bright = match class {
            0 => (u - x).powi(2) + (v - y).powi(2) < 0.06,
            _ => ((u + v + x) / period).fract() < 0.5,
        };
        let colour = if bright { ink } else { [40; 3] };
        Rgb(colour.map(|value| value.saturating_add(random.random_range(0..40))))
    })
}
