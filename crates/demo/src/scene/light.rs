//! The light on the whole picture: exposure, tint, a lit side, dark corners.

use image::RgbImage;
use rand::Rng;
use rand_chacha::ChaCha8Rng;

use crate::tuning;

/// Gains by place and channel.
#[derive(Debug, Clone)]
pub(crate) struct Light {
    /// Gain of each channel: exposure and white balance.
    gain: [f32; 3],
    /// Added to every channel, 0–255: haze over the blacks.
    haze: f32,
    /// Change of the gain per half picture to the right and down.
    slope: (f32, f32),
    /// Loss of gain in the corners.
    vignette: f32,
}

impl Light {
    pub(crate) fn random(rng: &mut ChaCha8Rng) -> Self {
        let exposure = rng.random_range(tuning::EXPOSURE);
        Self {
            gain: [(); 3].map(|()| exposure * rng.random_range(0.94..1.06)),
            haze: rng.random_range(0.0..18.0),
            slope: (rng.random_range(-0.18..0.18), rng.random_range(-0.15..0.15)),
            vignette: rng.random_range(0.0..0.25),
        }
    }

    /// Multiplies each pixel by the light that falls on it.
    pub(crate) fn apply(&self, pixels: &mut RgbImage) {
        let (half_width, half_height) = (pixels.width() as f32 / 2.0, pixels.height() as f32 / 2.0);
        for (x, y, pixel) in pixels.enumerate_pixels_mut() {
            let (u, v) = (x as f32 / half_width - 1.0, y as f32 / half_height - 1.0);
            let here =
                1.0 + self.slope.0 * u + self.slope.1 * v - self.vignette * 0.5 * (u * u + v * v);
            for (channel, gain) in pixel.0.iter_mut().zip(self.gain) {
                // A cast to u8 saturates, which is what a sensor does.
                *channel = (self.haze + f32::from(*channel) * gain * here) as u8;
            }
        }
    }
}
