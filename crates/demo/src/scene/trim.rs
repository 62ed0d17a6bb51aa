//! The parts sewn onto a shoe: toe cap, heel, lace panel, laces, seams.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Ink};
use super::colour::{self, Rgb};
use super::pose::Pose;
use super::shape::Shape;

/// Colours and extents of the trimmings; `None` where a shoe lacks the part.
#[derive(Debug, Clone)]
pub(crate) struct Trim {
    toe_cap: Option<(f32, Rgb)>,
    heel: Option<(f32, Rgb)>,
    lace_panel: Option<Rgb>,
    laces: Rgb,
    lace_count: u32,
    tongue: Rgb,
    pull_tab: Option<Rgb>,
    seam: Rgb,
    /// Heights of the seams that run along the flank, above the sole.
    seams: Vec<f32>,
    sole_line: Option<f32>,
    /// Distance of the sole's grooves, in shoe lengths.
    grooves: Option<f32>,
    /// Spacing and opacity of the mesh's rows.
    mesh: Option<(f32, f32)>,
}

impl Trim {
    pub(crate) fn random(upper: Rgb, rng: &mut ChaCha8Rng) -> Self {
        let near = |rng: &mut ChaCha8Rng| {
            let other = colour::material(rng);
            if rng.random_bool(0.5) { upper.mix(other, 0.25) } else { other }
        };
        let maybe = |chance: f64, rng: &mut ChaCha8Rng| rng.random_bool(chance);
        Self {
            toe_cap: maybe(0.5, rng).then(|| (rng.random_range(0.78..0.86), near(rng))),
            heel: maybe(0.6, rng).then(|| (rng.random_range(0.10..0.17), near(rng))),
            lace_panel: maybe(0.6, rng).then(|| near(rng)),
            laces: if rng.random() { Rgb::grey(0.92) } else { colour::material(rng) },
            lace_count: rng.random_range(4..8),
            tongue: near(rng),
            pull_tab: maybe(0.4, rng).then(|| colour::material(rng)),
            seam: if upper.luma() > 0.4 { upper.darker(0.45) } else { upper.lighter(0.3) },
            seams: (0..rng.random_range(0..3)).map(|_| rng.random_range(0.02..0.2)).collect(),
            sole_line: maybe(0.5, rng).then(|| rng.random_range(0.45..0.75)),
            grooves: maybe(0.4, rng).then(|| rng.random_range(0.02..0.05)),
            mesh: maybe(0.4, rng)
                .then(|| (rng.random_range(0.012..0.03), rng.random_range(0.05..0.2))),
        }
    }

    pub(crate) fn paint_tongue(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        let tongue = shape.tongue(pose);
        canvas.fill(tongue.as_ref(), Ink::solid(self.tongue));
        canvas.stroke(tongue.as_ref(), pose.length_px() * 0.004, Ink::sheer(Rgb::BLACK, 0.3));
        let Some(tab) = self.pull_tab else { return };
        let (x, y) = shape.heel_top();
        let loop_ = pose
            .pen(x, y - 0.06)
            .curve((x - 0.05, y - 0.02), (x - 0.05, y + 0.06), (x + 0.01, y + 0.01))
            .open();
        canvas.stroke(loop_.as_ref(), pose.length_px() * 0.018, Ink::solid(tab));
    }

    /// What is sewn onto the upper, confined to it by the caller.
    pub(crate) fn paint_panels(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        self.paint_mesh(canvas, pose);
        self.paint_seams(canvas, pose, shape);
        self.paint_toe_cap(canvas, pose);
        self.paint_heel(canvas, pose, shape);
        self.paint_lace_panel(canvas, pose, shape);
    }

    fn paint_mesh(&self, canvas: &mut Canvas, pose: &Pose) {
        let Some((spacing, alpha)) = self.mesh else { return };
        let rows = (0.7 / spacing) as i32;
        for row in 0..rows {
            let y = row as f32 * spacing;
            let line = pose.pen(-0.1, y).curve((0.3, y + 0.03), (0.6, y - 0.03), (1.1, y)).open();
            canvas.stroke(line.as_ref(), pose.length_px() * 0.005, Ink::sheer(self.seam, alpha));
        }
    }

    fn paint_seams(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        for height in &self.seams {
            let (back, front) =
                (shape.sole_edge(0.1) + height, shape.sole_edge(0.9) + height * 0.4);
            let seam = pose
                .pen(0.0, back + 0.05)
                .curve((0.3, back - 0.02), (0.6, front + 0.06), (0.95, front))
                .open();
            canvas.stroke(seam.as_ref(), pose.length_px() * 0.006, Ink::sheer(self.seam, 0.7));
        }
    }

    fn paint_toe_cap(&self, canvas: &mut Canvas, pose: &Pose) {
        let Some((x, colour)) = self.toe_cap else { return };
        let cap = pose
            .pen(x - 0.06, 0.0)
            .curve((x - 0.02, 0.14), (x + 0.01, 0.22), (x + 0.05, 0.4))
            .line(1.1, 0.4)
            .line(1.1, 0.0)
            .close();
        canvas.fill(cap.as_ref(), Ink::solid(colour));
        canvas.stroke(cap.as_ref(), pose.length_px() * 0.005, Ink::sheer(self.seam, 0.8));
    }

    fn paint_heel(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        let Some((x, colour)) = self.heel else { return };
        let top = shape.heel_top().1;
        let heel = pose
            .pen(-0.1, 0.0)
            .line(x + 0.08, 0.0)
            .curve((x + 0.04, 0.2), (x - 0.03, top * 0.7), (x - 0.02, top + 0.1))
            .line(-0.1, top + 0.1)
            .close();
        canvas.fill(heel.as_ref(), Ink::solid(colour));
        canvas.stroke(heel.as_ref(), pose.length_px() * 0.005, Ink::sheer(self.seam, 0.8));
    }

    fn paint_lace_panel(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        let Some(colour) = self.lace_panel else { return };
        let [top, mid, end] = [0.0, 0.5, 1.0].map(|t| shape.throat_at(t));
        let panel = pose
            .pen(top.0, top.1 + 0.1)
            .line(end.0 + 0.05, end.1 + 0.1)
            .line(end.0 + 0.03, end.1 - 0.03)
            .curve(
                (mid.0 + 0.02, mid.1 - 0.09),
                (mid.0 - 0.05, mid.1 - 0.06),
                (top.0 - 0.04, top.1 - 0.08),
            )
            .close();
        canvas.fill(panel.as_ref(), Ink::solid(colour));
        canvas.stroke(panel.as_ref(), pose.length_px() * 0.004, Ink::sheer(self.seam, 0.7));
    }

    /// Short bars across the slope between collar and toe box.
    pub(crate) fn paint_laces(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        for i in 0..self.lace_count {
            let (x, y) = shape.throat_at((i as f32 + 0.5) / self.lace_count as f32);
            let lace = pose
                .pen(x - 0.035, y - 0.035)
                .curve((x - 0.02, y), (x, y + 0.02), (x + 0.025, y + 0.02))
                .open();
            let shadow = Ink::sheer(Rgb::BLACK, 0.35);
            canvas.stroke(lace.as_ref(), pose.length_px() * 0.026, shadow);
            canvas.stroke(lace.as_ref(), pose.length_px() * 0.019, Ink::solid(self.laces));
        }
    }

    /// Lines in the sole, confined to it by the caller.
    pub(crate) fn paint_sole_lines(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        let ink = Ink::sheer(Rgb::BLACK, 0.3);
        if let Some(share) = self.sole_line {
            let (heel, toe) = (shape.sole_heel * share, shape.spring + shape.sole_toe * share);
            let line =
                pose.pen(-0.05, heel).curve((0.4, heel), (0.6, heel * 0.8), (1.05, toe)).open();
            canvas.stroke(line.as_ref(), pose.length_px() * 0.005, ink);
        }
        let Some(spacing) = self.grooves else { return };
        for i in 0..(1.0 / spacing) as i32 {
            let x = i as f32 * spacing;
            let groove = pose.pen(x, -0.01).line(x, shape.sole_heel * 0.3).open();
            canvas.stroke(groove.as_ref(), pose.length_px() * 0.005, ink);
        }
    }
}
