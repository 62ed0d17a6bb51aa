//! What is behind the shoe: studio paper, a gradient, a room, a pattern.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tiny_skia::{Path, PathBuilder, Pixmap, Point, PremultipliedColorU8, Rect};

use super::canvas::{Canvas, Ink};
use super::colour::{self, Rgb};
use super::room;

/// Fills the picture with one of the backgrounds.
pub(crate) fn paint(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    match rng.random_range(0..10) {
        0..3 => studio(canvas, rng),
        3..5 => gradient(canvas, rng),
        5..8 => room::paint(canvas, rng),
        _ => pattern(canvas, rng),
    }
    if rng.random_bool(0.5) {
        mottle(canvas, rng.random_range(0.03..0.2), rng);
    }
}

/// One colour, mostly near white, as shops photograph.
fn studio(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let white = rng.random_bool(0.6);
    let paper = if white { Rgb::grey(rng.random_range(0.88..1.0)) } else { colour::surface(rng) };
    canvas.flood(paper);
}

fn gradient(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    let (from, to) = (colour::surface(rng), colour::surface(rng));
    let corner = |rng: &mut ChaCha8Rng, canvas: &Canvas| {
        let (x, y): (f32, f32) = (rng.random(), rng.random());
        Point::from_xy(x * canvas.width(), y * canvas.height())
    };
    let (start, end) = (corner(rng, canvas), corner(rng, canvas));
    canvas.flood(from);
    let all = rectangle(0.0, 0.0, canvas.width(), canvas.height());
    canvas.fill_gradient(all.as_ref(), (start, Ink::solid(from)), (end, Ink::solid(to)));
}

/// Parallel bands at any angle, as on cloth or a fence.
fn pattern(canvas: &mut Canvas, rng: &mut ChaCha8Rng) {
    canvas.flood(colour::surface(rng));
    let ink = Ink::sheer(colour::surface(rng), rng.random_range(0.1..0.5));
    let (sin, cos) = rng.random_range(0.0..std::f32::consts::PI).sin_cos();
    let spacing = canvas.long_side() * rng.random_range(0.03..0.14);
    let width = spacing * rng.random_range(0.1..0.6);
    let reach = canvas.long_side();
    let (cx, cy) = (canvas.width() / 2.0, canvas.height() / 2.0);
    let bands = (reach / spacing) as i32 + 1;
    for band in -bands..=bands {
        let offset = band as f32 * spacing;
        let (x, y) = (cx - sin * offset, cy + cos * offset);
        let line = segment((x - cos * reach, y - sin * reach), (x + cos * reach, y + sin * reach));
        canvas.stroke(line.as_ref(), width, ink);
    }
}

/// Smooth blotches of light and dark, as of plaster, stone or carpet.
pub(crate) fn mottle(canvas: &mut Canvas, alpha: f32, rng: &mut ChaCha8Rng) {
    let cells = rng.random_range(6..60);
    let Some(mut small) = Pixmap::new(cells, cells) else { return };
    for pixel in small.pixels_mut() {
        let level = rng.random();
        // Grey and opaque is always a valid premultiplied colour.
        *pixel = PremultipliedColorU8::from_rgba(level, level, level, 255).unwrap_or(*pixel);
    }
    canvas.overlay(&small, alpha);
}

/// A rectangle by its corners, in pixels.
pub(crate) fn rectangle(left: f32, top: f32, right: f32, bottom: f32) -> Option<Path> {
    Rect::from_ltrb(left, top, right, bottom).map(PathBuilder::from_rect)
}

/// A straight line, in pixels.
pub(crate) fn segment(from: (f32, f32), to: (f32, f32)) -> Option<Path> {
    let mut path = PathBuilder::new();
    path.move_to(from.0, from.1);
    path.line_to(to.0, to.1);
    path.finish()
}
