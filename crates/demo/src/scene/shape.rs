//! The shoe's outlines: upper, sole, tongue, in shoe space.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use tiny_skia::Path;

use super::pose::Pose;

/// A point of shoe space.
pub(crate) type At = (f32, f32);

/// Proportions of one shoe, in shoe lengths.
#[derive(Debug, Clone)]
pub(crate) struct Shape {
    /// Thickness of the sole under the heel.
    pub(crate) sole_heel: f32,
    /// Thickness of the sole under the toe.
    pub(crate) sole_toe: f32,
    /// How far the toe curls up from the ground.
    pub(crate) spring: f32,
    /// Height of the collar, where the laces begin.
    pub(crate) collar: f32,
    /// How much the heel rises above the collar.
    heel_rise: f32,
    /// How deep the collar dips at the ankle.
    dip: f32,
    /// Where the laces begin.
    throat_x: f32,
    /// Where the laces end and the toe box begins.
    vamp: At,
    /// Fullness of the toe box.
    toe: f32,
    /// How far the heel leans forward.
    lean: f32,
}

impl Shape {
    pub(crate) fn random(rng: &mut ChaCha8Rng) -> Self {
        let high = rng.random_bool(0.2);
        let sole_heel = rng.random_range(0.085..0.15);
        Self {
            sole_heel,
            sole_toe: sole_heel * rng.random_range(0.6..0.95),
            spring: rng.random_range(0.0..0.05),
            collar: if high { rng.random_range(0.50..0.58) } else { rng.random_range(0.41..0.48) },
            heel_rise: rng.random_range(-0.01..0.06),
            dip: rng.random_range(0.03..0.10),
            throat_x: rng.random_range(0.33..0.39),
            vamp: (rng.random_range(0.64..0.72), rng.random_range(0.26..0.31)),
            toe: rng.random_range(0.07..0.13),
            lean: rng.random_range(-0.02..0.04),
        }
    }

    /// Height of the sole's upper edge at the toe.
    fn toe_edge(&self) -> f32 {
        self.spring + self.sole_toe
    }

    /// Height of the sole's upper edge, roughly, at an x.
    pub(crate) fn sole_edge(&self, x: f32) -> f32 {
        let share = x * x;
        self.sole_heel + (self.toe_edge() - self.sole_heel) * share
    }

    /// Top of the heel.
    pub(crate) fn heel_top(&self) -> At {
        (0.04 + self.lean, self.collar + self.heel_rise)
    }

    /// The four control points of the slope that carries the laces.
    fn throat(&self) -> [At; 4] {
        let top = (self.throat_x, self.collar + 0.01);
        let (vx, vy) = self.vamp;
        let sag = 0.02;
        let along = |t: f32| (top.0 + (vx - top.0) * t, top.1 + (vy - top.1) * t - sag);
        [top, along(0.35), along(0.7), self.vamp]
    }

    /// A point on the slope that carries the laces, from the collar at 0 to
    /// the toe box at 1.
    pub(crate) fn throat_at(&self, t: f32) -> At {
        let s = 1.0 - t;
        let weights = [s * s * s, 3.0 * s * s * t, 3.0 * s * t * t, t * t * t];
        self.throat()
            .iter()
            .zip(weights)
            .fold((0.0, 0.0), |(x, y), ((px, py), weight)| (x + px * weight, y + py * weight))
    }

    /// The outline of everything above the sole.
    pub(crate) fn upper(&self, pose: &Pose) -> Option<Path> {
        let [top, a, b, vamp] = self.throat();
        let heel = self.heel_top();
        let edge = self.toe_edge();
        let low = self.collar - self.dip;
        pose.pen(0.03, self.sole_heel - 0.02)
            .curve(
                (-0.03, self.collar * 0.5),
                (heel.0 + 0.02, heel.1 * 0.65),
                (heel.0 - 0.02, heel.1),
            )
            .curve(
                (heel.0 - 0.015, heel.1 + 0.025),
                (heel.0 + 0.03, heel.1 + 0.025),
                (heel.0 + 0.04, heel.1 - 0.005),
            )
            .curve((heel.0 + 0.055, heel.1 - 0.06), (heel.0 + 0.09, low), (0.22, low))
            .curve((0.27, low), (top.0 - 0.07, top.1 - 0.01), top)
            .curve(a, b, vamp)
            .curve((vamp.0 + 0.10, vamp.1 - 0.03), (0.985, edge + self.toe), (0.99, edge))
            .line(0.98, edge - 0.03)
            .close()
    }

    /// What is seen of the inside, beyond the dip of the collar.
    pub(crate) fn lining(&self, pose: &Pose) -> Option<Path> {
        let top = self.throat_at(0.0);
        let heel = self.heel_top();
        let low = self.collar - self.dip;
        pose.pen(heel.0 - 0.01, heel.1)
            .curve(
                (heel.0 + 0.08, low + 0.05),
                (top.0 - 0.12, low + 0.06),
                (top.0 + 0.02, top.1 + 0.02),
            )
            .line(top.0 + 0.02, low - 0.03)
            .line(heel.0 + 0.03, low - 0.03)
            .close()
    }

    /// The tongue, which stands out of the throat.
    pub(crate) fn tongue(&self, pose: &Pose) -> Option<Path> {
        let top = self.throat_at(0.0);
        let mid = self.throat_at(0.5);
        pose.pen(top.0 - 0.05, top.1 - 0.06)
            .curve(
                (top.0 - 0.05, top.1 + 0.03),
                (top.0 - 0.04, top.1 + 0.09),
                (top.0 - 0.01, top.1 + 0.085),
            )
            .curve(
                (top.0 + 0.04, top.1 + 0.08),
                (top.0 + 0.06, top.1 + 0.03),
                (mid.0 + 0.02, mid.1 + 0.025),
            )
            .line(mid.0 - 0.05, mid.1 - 0.05)
            .close()
    }

    /// The whole sole.
    pub(crate) fn sole(&self, pose: &Pose) -> Option<Path> {
        let edge = self.toe_edge();
        let heel = self.sole_heel;
        pose.pen(-0.015, heel + 0.012)
            .curve((-0.05, heel * 0.6), (-0.03, 0.0), (0.05, 0.0))
            .line(0.66, 0.0)
            .curve((0.82, 0.0), (0.93, self.spring * 0.5), (1.0, self.spring + 0.03))
            .curve((1.03, self.spring + 0.05), (1.02, edge + 0.01), (0.985, edge + 0.012))
            .curve((0.8, edge - 0.01), (0.62, heel * 0.8), (0.5, heel * 0.9))
            .curve((0.3, heel), (0.15, heel + 0.012), (-0.015, heel + 0.012))
            .close()
    }

    /// The tread: the lowest part of the sole, of this height.
    pub(crate) fn tread(&self, pose: &Pose, height: f32) -> Option<Path> {
        let spring = self.spring;
        pose.pen(-0.05, -0.02)
            .line(1.05, -0.02)
            .line(1.05, spring + height + 0.02)
            .curve((0.9, spring * 0.6 + height), (0.8, height), (0.66, height))
            .line(-0.05, height)
            .close()
    }
}
