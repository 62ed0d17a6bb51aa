//! A floor and a wall, each with a texture of its own.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tiny_skia::Point;

use super::background::{rectangle, segment};
use super::canvas::{Canvas, Ink};
use super::colour::{self, Rgb};

/// Paints wall and floor.
pub(crate) fn paint(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let horizon = canvas.height() * rng.random_range(0.3..0.75);
    let wall = colour::surface(rng);
    let floor = colour::surface(rng).darker(rng.random_range(0.0..0.3));
    canvas.flood(wall);
    match rng.random_range(0..3) {
        0 => bricks(canvas, horizon, rng),
        1 => panels(canvas, horizon, rng),
        _ => {}
    }
    paint_floor(canvas, horizon, floor);
    match rng.random_range(0..3) {
        0 => planks(canvas, horizon, rng),
        1 => speckles(canvas, horizon, rng),
        _ => {}
    }
}

/// The floor, darker at the wall.
fn paint_floor(canvas: &mut Canvas, horizon: f32, floor: Rgb) {
    let (width, height) = (canvas.width(), canvas.height());
    let area = rectangle(0.0, horizon, width, height);
    let far = (Point::from_xy(0.0, horizon), Ink::solid(floor.darker(0.25)));
    let near = (Point::from_xy(0.0, height), Ink::solid(floor));
    canvas.fill_gradient(area.as_ref(), far, near);
}

fn line_ink(rng: &mut ChaCha8Rng) -> Ink {
    let colour = if rng.random() { Rgb::BLACK } else { Rgb::WHITE };
    Ink::sheer(colour, rng.random_range(0.08..0.35))
}

fn bricks(canvas: &mut Canvas, horizon: f32, rng: &mut ChaCha8Rng) {
    let ink = line_ink(rng);
    let course = canvas.long_side() * rng.random_range(0.04..0.08);
    let brick = course * rng.random_range(2.0..3.0);
    let joint = course * 0.08;
    let rows = (horizon / course) as i32 + 1;
    for row in 0..rows {
        let bottom = horizon - row as f32 * course;
        let level = segment((0.0, bottom), (canvas.width(), bottom));
        canvas.stroke(level.as_ref(), joint, ink);
        let shift = if row % 2 == 0 { 0.0 } else { brick / 2.0 };
        for column in 0..(canvas.width() / brick) as i32 + 2 {
            let x = column as f32 * brick - shift;
            let upright = segment((x, bottom), (x, bottom - course));
            canvas.stroke(upright.as_ref(), joint, ink);
        }
    }
}

fn panels(canvas: &mut Canvas, horizon: f32, rng: &mut ChaCha8Rng) {
    let ink = line_ink(rng);
    let spacing = canvas.width() * rng.random_range(0.06..0.25);
    let start = spacing * rng.random_range(0.0..1.0);
    for i in 0..(canvas.width() / spacing) as i32 + 1 {
        let x = start + i as f32 * spacing;
        let groove = segment((x, 0.0), (x, horizon));
        canvas.stroke(groove.as_ref(), canvas.long_side() * 0.006, ink);
    }
}

/// Boards that run towards a point on the horizon.
fn planks(canvas: &mut Canvas, horizon: f32, rng: &mut ChaCha8Rng) {
    let ink = line_ink(rng);
    let (width, height) = (canvas.width(), canvas.height());
    let vanish = width * rng.random_range(0.0..1.0);
    let spacing = width * rng.random_range(0.12..0.3);
    for i in -12..=12 {
        let near = vanish + i as f32 * spacing;
        let far = vanish + i as f32 * spacing * 0.35;
        let gap = segment((far, horizon), (near, height));
        canvas.stroke(gap.as_ref(), canvas.long_side() * 0.005, ink);
    }
}

/// Grit, as on asphalt or terrazzo.
fn speckles(canvas: &mut Canvas, horizon: f32, rng: &mut ChaCha8Rng) {
    let (width, height) = (canvas.width(), canvas.height());
    for _ in 0..rng.random_range(100..500) {
        let (x, y) = (rng.random_range(0.0..width), rng.random_range(horizon..height));
        let size = canvas.long_side() * rng.random_range(0.002..0.008);
        let grain = segment((x, y), (x + size, y));
        canvas.stroke(grain.as_ref(), size, line_ink(rng));
    }
}
