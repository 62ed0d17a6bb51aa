//! How hard the pictures are to tell apart, in one place.
//!
//! Lengths are in shoe lengths, angles in radians, colours and chances in 0–1.

use std::ops::{Range, RangeInclusive};

/// Longer side of a picture, in pixels.
pub const LONG_SIDE_PX: RangeInclusive<u32> = 260..=640;
/// Shorter side, where the aspect ratio would make it smaller.
pub const SHORT_SIDE_MIN_PX: u32 = 220;
/// JPEG quality.
pub const JPEG_QUALITY: RangeInclusive<u8> = 75..=92;

/// Area of the mark, in square shoe lengths; the same for both classes.
pub const MARK_AREA: Range<f32> = 0.019..0.035;
/// How much lighter or darker than the flank the mark is at least.
pub const MARK_CONTRAST: f32 = 0.20;
/// The mark's turn about its own centre.
pub const MARK_TILT: Range<f32> = -0.16..0.16;

/// Length of the shoe, as a share of the largest that fits the picture.
pub const SHOE_SIZE: Range<f32> = 0.68..1.0;
/// Turn of the shoe in the picture's plane.
pub const SHOE_TURN: Range<f32> = -0.26..0.26;
/// How far the shoe's centre strays from the picture's, as a share of its side.
pub const SHOE_SHIFT: Range<f32> = -0.075..0.075;
/// Chance that a second, equal shoe stands behind the first.
pub const PAIR_CHANCE: f64 = 0.15;
/// Chance that a leg is in the shoe.
pub const LEG_CHANCE: f64 = 0.2;
/// Chance that something stands before the shoe.
pub const OCCLUDER_CHANCE: f64 = 0.3;
/// Most shapes that lie about behind the shoe.
pub const CLUTTER_MAX: u32 = 5;

/// Standard deviation of the sensor noise, in grey levels.
pub const NOISE_SIGMA: Range<f32> = 0.0..9.0;
/// Radius of the blur, as a share of the picture's longer side.
pub const BLUR_RADIUS: Range<f32> = 0.0..0.004;
/// Gain of the exposure.
pub const EXPOSURE: Range<f32> = 0.75..1.15;
