//! Things that lie about, behind the shoe and before it.

use std::f32::consts::{PI, TAU};

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tiny_skia::{Path, PathBuilder, Point};

use super::canvas::{Canvas, Ink};
use super::colour;
use super::pose::Pose;
use crate::tuning;

/// Puts a few shapes anywhere in the picture.
pub(crate) fn scatter(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    if rng.random() {
        return;
    }
    for _ in 0..rng.random_range(0..=tuning::CLUTTER_MAX) {
        let at = Point::from_xy(
            rng.random_range(0.0..canvas.width()),
            rng.random_range(0.0..canvas.height()),
        );
        let size = canvas.long_side() * rng.random_range(0.03..0.16);
        let ink = Ink::sheer(colour::material(rng), rng.random_range(0.4..1.0));
        canvas.fill(shape(at, size, rng).as_ref(), ink);
    }
}

/// Puts one shape before the shoe, at its lower edge or one of its ends.
pub(crate) fn occlude(canvas: &mut Canvas, pose: &Pose, rng: &mut ChaCha8Rng) {
    let (x, y) = match rng.random_range(0..3) {
        0 => (rng.random_range(0.0..1.0), rng.random_range(-0.06..0.04)),
        1 => (rng.random_range(-0.05..0.15), rng.random_range(0.0..0.4)),
        _ => (rng.random_range(0.8..1.05), rng.random_range(0.0..0.2)),
    };
    let size = pose.length_px() * rng.random_range(0.05..0.13);
    let ink = Ink::solid(colour::material(rng));
    canvas.fill(shape(pose.project(x, y), size, rng).as_ref(), ink);
}

/// A disc, bar, triangle or leaf of a radius in pixels.
fn shape(at: Point, size: f32, rng: &mut ChaCha8Rng) -> Option<Path> {
    let turn = rng.random_range(0.0..TAU);
    match rng.random_range(0..4) {
        0 => PathBuilder::from_circle(at.x, at.y, size),
        1 => polygon(at, size, &[turn, turn + 0.5, turn + PI, turn + PI + 0.5]),
        2 => polygon(at, size, &[turn, turn + 2.0, turn + 4.2]),
        _ => leaf(at, size, turn),
    }
}

/// Corners on a circle, at these angles in radians.
fn polygon(at: Point, size: f32, angles: &[f32]) -> Option<Path> {
    let mut path = PathBuilder::new();
    for (i, angle) in angles.iter().enumerate() {
        let (x, y) = (at.x + size * angle.cos(), at.y + size * angle.sin());
        if i == 0 { path.move_to(x, y) } else { path.line_to(x, y) }
    }
    path.close();
    path.finish()
}

fn leaf(at: Point, size: f32, turn: f32) -> Option<Path> {
    let (sin, cos) = turn.sin_cos();
    let place =
        |u: f32, v: f32| (at.x + size * (u * cos - v * sin), at.y + size * (u * sin + v * cos));
    let (tail, tip) = (place(-1.3, 0.0), place(1.3, 0.0));
    let (above, below) = (place(0.0, -1.0), place(0.0, 1.0));
    let mut path = PathBuilder::new();
    path.move_to(tail.0, tail.1);
    path.quad_to(above.0, above.1, tip.0, tip.1);
    path.quad_to(below.0, below.1, tail.0, tail.1);
    path.close();
    path.finish()
}
