//! Where a shoe is in the picture, and drawing in its own coordinates.
//!
//! Shoe space: x runs from 0 at the heel to 1 at the toe, y from 0 at the
//! ground upwards, both in shoe lengths.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tiny_skia::{Path, PathBuilder, Point, Transform};

use crate::tuning;

/// The middle of a shoe, which a pose turns about.
const MIDDLE: (f32, f32) = (0.5, 0.25);
/// Height of a shoe's bounding box, with room for collar and pull tab.
const HEIGHT: f32 = 0.66;

/// A projection of shoe space into the picture, in pixels.
#[derive(Debug, Clone)]
pub(crate) struct Pose {
    centre: (f32, f32),
    length_px: f32,
    turn: f32,
    /// -1 for a shoe whose toe points left.
    facing: f32,
    /// How much x shifts with height.
    shear: f32,
    /// Width as a share of the true one: a shoe turned away looks shorter.
    squeeze: f32,
    /// How much smaller the toe is than the heel, seen from behind.
    taper: f32,
}

impl Pose {
    /// A pose that keeps most of the shoe inside a picture of this size.
    pub(crate) fn random(width: f32, height: f32, rng: &mut ChaCha8Rng) -> Self {
        let fitting = (width * 0.9).min(height * 0.9 / HEIGHT);
        let shift = |side: f32, rng: &mut ChaCha8Rng| side * rng.random_range(tuning::SHOE_SHIFT);
        Self {
            centre: (width * 0.5 + shift(width, rng), height * 0.53 + shift(height, rng)),
            length_px: fitting * rng.random_range(tuning::SHOE_SIZE),
            turn: rng.random_range(tuning::SHOE_TURN),
            facing: if rng.random() { 1.0 } else { -1.0 },
            shear: rng.random_range(-0.12..0.12),
            squeeze: rng.random_range(0.86..1.0),
            taper: rng.random_range(-0.16..0.16),
        }
    }

    /// The other shoe of a pair: behind, a little higher and smaller.
    pub(crate) fn behind(&self, rng: &mut ChaCha8Rng) -> Self {
        let shrink = rng.random_range(0.88..0.96);
        let aside = self.length_px * rng.random_range(-0.22..0.22);
        let up = self.length_px * rng.random_range(0.1..0.2);
        Self {
            centre: (self.centre.0 + aside, self.centre.1 - up),
            length_px: self.length_px * shrink,
            turn: self.turn + rng.random_range(-0.12..0.12),
            ..self.clone()
        }
    }

    /// Length of the shoe, in pixels.
    pub(crate) fn length_px(&self) -> f32 {
        self.length_px
    }

    /// A point of shoe space in the picture.
    pub(crate) fn project(&self, x: f32, y: f32) -> Point {
        let (u, v) = ((x - MIDDLE.0) * self.squeeze, y - MIDDLE.1);
        let (u, v) = (u + self.shear * v, v);
        // Points further from the eye move towards the middle.
        let depth = 1.0 + self.taper * u;
        let (u, v) = (u / depth * self.facing, v / depth);
        let (sin, cos) = self.turn.sin_cos();
        Point::from_xy(
            self.centre.0 + self.length_px * (u * cos - v * sin),
            self.centre.1 - self.length_px * (u * sin + v * cos),
        )
    }

    /// Turns the unit circle into an ellipse about a point of shoe space, with
    /// these radii in shoe lengths.
    pub(crate) fn ellipse(&self, (x, y): (f32, f32), (across, up): (f32, f32)) -> Transform {
        let centre = self.project(x, y);
        Transform::from_scale(across * self.length_px, up * self.length_px)
            .post_concat(Transform::from_rotate(-self.turn.to_degrees()))
            .post_translate(centre.x, centre.y)
    }

    /// Starts a path at a point of shoe space.
    pub(crate) fn pen(&self, x: f32, y: f32) -> Pen<'_> {
        let mut path = PathBuilder::new();
        let start = self.project(x, y);
        path.move_to(start.x, start.y);
        Pen { pose: self, path }
    }
}

/// Draws a path in shoe space.
pub(crate) struct Pen<'a> {
    pose: &'a Pose,
    path: PathBuilder,
}

impl Pen<'_> {
    pub(crate) fn line(mut self, x: f32, y: f32) -> Self {
        let to = self.pose.project(x, y);
        self.path.line_to(to.x, to.y);
        self
    }

    /// A cubic curve over two control points.
    pub(crate) fn curve(mut self, a: (f32, f32), b: (f32, f32), to: (f32, f32)) -> Self {
        let [a, b, to] = [a, b, to].map(|(x, y)| self.pose.project(x, y));
        self.path.cubic_to(a.x, a.y, b.x, b.y, to.x, to.y);
        self
    }

    /// A line that stays open.
    pub(crate) fn open(self) -> Option<Path> {
        self.path.finish()
    }

    /// An outline back to where it started.
    pub(crate) fn close(mut self) -> Option<Path> {
        self.path.close();
        self.path.finish()
    }
}
