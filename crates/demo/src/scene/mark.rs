//! The mark on the flank: the one thing that tells the classes apart.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Ink};
use super::pose::Pose;
use super::shape::At;
use crate::item::Class;
use crate::tuning;

/// Outlines of a mark about its own centre, covering an area of 1.
#[derive(Debug, Clone)]
pub(crate) struct Mark {
    outlines: Vec<Vec<At>>,
}

/// Where a mark goes on a shoe. It does not depend on the class.
#[derive(Debug, Clone)]
pub(crate) struct Placement {
    pub(crate) centre: At,
    /// In square shoe lengths.
    pub(crate) area: f32,
    /// In radians.
    pub(crate) tilt: f32,
}

impl Placement {
    pub(crate) fn random(sole: f32, rng: &mut ChaCha8Rng) -> Self {
        Self {
            centre: (rng.random_range(0.40..0.52), sole + rng.random_range(0.105..0.145)),
            area: rng.random_range(tuning::MARK_AREA),
            tilt: rng.random_range(tuning::MARK_TILT),
        }
    }
}

impl Mark {
    pub(crate) fn random(class: Class, rng: &mut ChaCha8Rng) -> Self {
        let outlines = match class {
            Class::Stripes => stripes(rng),
            Class::Swoosh => vec![swoosh(rng)],
        };
        Self { outlines: normalised(outlines) }
    }

    /// Paints the mark onto a shoe.
    pub(crate) fn paint(&self, canvas: &mut Canvas, pose: &Pose, placed: &Placement, ink: Ink) {
        let scale = placed.area.sqrt();
        let (sin, cos) = placed.tilt.sin_cos();
        let place = |(x, y): At| {
            let (x, y) = (x * scale, y * scale);
            (placed.centre.0 + x * cos - y * sin, placed.centre.1 + x * sin + y * cos)
        };
        for outline in &self.outlines {
            let mut points = outline.iter().map(|point| place(*point));
            let Some((x, y)) = points.next() else { continue };
            let path = points.fold(pose.pen(x, y), |pen, (x, y)| pen.line(x, y)).close();
            canvas.fill(path.as_ref(), ink);
        }
    }
}

/// Three slanted bars side by side.
fn stripes(rng: &mut ChaCha8Rng) -> Vec<Vec<At>> {
    let width: f32 = rng.random_range(0.17..0.25);
    let gap = width * rng.random_range(0.65..1.0);
    let slant = rng.random_range(0.25..0.6);
    let shorten = rng.random_range(-0.06..0.12);
    let bar = |i: i32| {
        let left = i as f32 * (width + gap);
        let top = 0.5 - shorten * i as f32;
        vec![
            (left - slant * 0.5, -0.5),
            (left + width - slant * 0.5, -0.5),
            (left + width + slant * top, top),
            (left + slant * top, top),
        ]
    };
    (0..3).map(bar).collect()
}

/// A crescent: pointed at the heel, thick before the toe, and hooked upwards.
fn swoosh(rng: &mut ChaCha8Rng) -> Vec<At> {
    let belly = rng.random_range(0.65..0.85);
    let depth = rng.random_range(-0.16..-0.06);
    let hook = rng.random_range(0.44..0.66);
    let thickness = rng.random_range(0.19..0.27);
    let tail = (0.0, rng.random_range(0.34..0.48));
    let tip = (1.1, hook);
    let below = curve(tail, (0.12, depth), (belly * 0.75, depth - 0.06), tip);
    let above = curve(tip, (belly, depth + thickness), (0.32, depth + thickness * 0.9), tail);
    below.into_iter().chain(above).collect()
}

/// A cubic curve as points, without its last one.
fn curve(from: At, a: At, b: At, to: At) -> Vec<At> {
    const POINTS: i32 = 24;
    let blend = |t: f32, p: [f32; 4]| {
        let s = 1.0 - t;
        p[0] * s * s * s + 3.0 * s * t * (p[1] * s + p[2] * t) + p[3] * t * t * t
    };
    (0..POINTS)
        .map(|i| i as f32 / POINTS as f32)
        .map(|t| (blend(t, [from.0, a.0, b.0, to.0]), blend(t, [from.1, a.1, b.1, to.1])))
        .collect()
}

/// Moves the outlines' common centre to the origin and their area to 1.
fn normalised(outlines: Vec<Vec<At>>) -> Vec<Vec<At>> {
    let parts: Vec<(f32, At)> = outlines.iter().map(|outline| moments(outline)).collect();
    let area: f32 = parts.iter().map(|(area, _)| area).sum();
    let mean = |of: fn(&At) -> f32| parts.iter().map(|(a, c)| a * of(c)).sum::<f32>() / area;
    let (cx, cy) = (mean(|c| c.0), mean(|c| c.1));
    let scale = area.abs().sqrt().recip();
    let place = |(x, y): At| ((x - cx) * scale, (y - cy) * scale);
    outlines.into_iter().map(|outline| outline.into_iter().map(place).collect()).collect()
}

/// Signed area and centroid of a polygon, by the shoelace formula.
fn moments(outline: &[At]) -> (f32, At) {
    let next = outline.iter().cycle().skip(1);
    let (mut area, mut x, mut y) = (0.0, 0.0, 0.0);
    for (p, q) in outline.iter().zip(next) {
        let cross = p.0 * q.1 - q.0 * p.1;
        area += cross / 2.0;
        x += (p.0 + q.0) * cross / 6.0;
        y += (p.1 + q.1) * cross / 6.0;
    }
    (area, (x / area, y / area))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_chacha::rand_core::SeedableRng;

    #[test]
    fn both_marks_cover_the_same_area_about_the_same_centre() {
        let mut rng = ChaCha8Rng::seed_from_u64(7);
        for class in Class::ALL.repeat(50) {
            let mark = Mark::random(class, &mut rng);
            let parts: Vec<_> = mark.outlines.iter().map(|outline| moments(outline)).collect();
            let area: f32 = parts.iter().map(|(area, _)| area).sum();
            let x: f32 = parts.iter().map(|(area, centre)| area * centre.0).sum();
            let y: f32 = parts.iter().map(|(area, centre)| area * centre.1).sum();
            assert!((area.abs() - 1.0).abs() < 1e-3, "{class:?}: area {area}");
            assert!(x.abs() < 1e-3 && y.abs() < 1e-3, "{class:?}: centre {x}, {y}");
        }
    }

    #[test]
    fn a_polygon_has_the_area_and_centre_computed_by_hand() {
        let (area, centre) = moments(&[(1.0, 1.0), (3.0, 1.0), (3.0, 2.0), (1.0, 2.0)]);
        assert_eq!((area, centre), (2.0, (2.0, 1.5)));
    }
}
