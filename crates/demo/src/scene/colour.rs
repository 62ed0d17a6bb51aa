//! Colours in 0–1 sRGB and the choices among them.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tiny_skia::Color;

/// An opaque colour, each channel 0–1 sRGB.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Rgb(pub(crate) [f32; 3]);

impl Rgb {
    pub(crate) const BLACK: Self = Self([0.0; 3]);
    pub(crate) const WHITE: Self = Self([1.0; 3]);

    pub(crate) fn grey(level: f32) -> Self {
        Self([level; 3])
    }

    /// From hue, saturation and value, each 0–1.
    pub(crate) fn hsv(hue: f32, saturation: f32, value: f32) -> Self {
        // The textbook six-sector formula, one channel per phase.
        let channel = |phase: f32| {
            let k = (phase + hue * 6.0).rem_euclid(6.0);
            value - value * saturation * k.min(4.0 - k).clamp(0.0, 1.0)
        };
        Self([channel(5.0), channel(3.0), channel(1.0)])
    }

    /// This colour at 0, the other at 1.
    pub(crate) fn mix(self, other: Self, share: f32) -> Self {
        let [a, b] = [self.0, other.0];
        Self([0, 1, 2].map(|i| a[i] + (b[i] - a[i]) * share))
    }

    /// Darker by a share of the way to black.
    pub(crate) fn darker(self, share: f32) -> Self {
        self.mix(Self::BLACK, share)
    }

    /// Lighter by a share of the way to white.
    pub(crate) fn lighter(self, share: f32) -> Self {
        self.mix(Self::WHITE, share)
    }

    /// Brightness as seen, 0–1 (Rec. 601 weights).
    pub(crate) fn luma(self) -> f32 {
        let [r, g, b] = self.0;
        0.299 * r + 0.587 * g + 0.114 * b
    }

    /// For the drawing library, with an opacity.
    pub(crate) fn opacity(self, alpha: f32) -> Color {
        let [r, g, b] = self.0.map(|channel| channel.clamp(0.0, 1.0));
        Color::from_rgba(r, g, b, alpha.clamp(0.0, 1.0)).unwrap_or(Color::BLACK)
    }
}

/// Any colour of leather, mesh or rubber: whites, blacks and greys often.
pub(crate) fn material(rng: &mut ChaCha8Rng) -> Rgb {
    match rng.random_range(0..10) {
        0..3 => Rgb::grey(rng.random_range(0.85..0.98)),
        3..5 => Rgb::grey(rng.random_range(0.05..0.2)),
        5 => Rgb::grey(rng.random_range(0.3..0.75)),
        6 => Rgb::hsv(rng.random_range(0.06..0.12), 0.45, rng.random_range(0.35..0.8)),
        _ => Rgb::hsv(rng.random(), rng.random_range(0.4..0.9), rng.random_range(0.3..0.9)),
    }
}

/// A muted colour for walls and floors.
pub(crate) fn surface(rng: &mut ChaCha8Rng) -> Rgb {
    match rng.random_range(0..4) {
        0 => Rgb::grey(rng.random_range(0.85..1.0)),
        1 => Rgb::grey(rng.random_range(0.1..0.85)),
        2 => Rgb::hsv(
            rng.random_range(0.05..0.13),
            rng.random_range(0.1..0.5),
            rng.random_range(0.3..0.9),
        ),
        _ => Rgb::hsv(rng.random(), rng.random_range(0.1..0.6), rng.random_range(0.3..0.95)),
    }
}

/// A material whose brightness differs from `base` by `contrast` or more.
pub(crate) fn contrasting(base: Rgb, contrast: f32, rng: &mut ChaCha8Rng) -> Rgb {
    for _ in 0..16 {
        let candidate = material(rng);
        if (candidate.luma() - base.luma()).abs() >= contrast {
            return candidate;
        }
    }
    if base.luma() > 0.5 { Rgb::grey(0.08) } else { Rgb::grey(0.95) }
}
