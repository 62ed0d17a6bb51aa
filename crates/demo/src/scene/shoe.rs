//! One shoe: its proportions and colours, painted back to front.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Ink};
use super::colour::{self, Rgb};
use super::leg::Leg;
use super::mark::{Mark, Placement};
use super::pose::Pose;
use super::shape::Shape;
use super::trim::Trim;
use crate::tuning;

/// Everything about a shoe but its pose and the outline of its mark.
#[derive(Debug, Clone)]
pub(crate) struct Shoe {
    shape: Shape,
    trim: Trim,
    leg: Option<Leg>,
    placement: Placement,
    upper: Rgb,
    mark: Rgb,
    sole: Rgb,
    tread: Rgb,
    lining: Rgb,
    /// Opacity of the shadow on the ground.
    shadow: f32,
    /// Opacity of the shading of the flank.
    shade: f32,
}

impl Shoe {
    pub(crate) fn random(rng: &mut ChaCha8Rng) -> Self {
        let shape = Shape::random(rng);
        let upper = colour::material(rng);
        let sole = if rng.random_bool(0.6) { Rgb::grey(0.93) } else { colour::material(rng) };
        let lining = colour::material(rng);
        Self {
            trim: Trim::random(upper, rng),
            leg: rng.random_bool(tuning::LEG_CHANCE).then(|| Leg::random(rng)),
            placement: Placement::random(shape.sole_edge(0.45), rng),
            mark: colour::contrasting(upper, tuning::MARK_CONTRAST, rng),
            tread: if rng.random() { sole.darker(0.4) } else { colour::material(rng) },
            lining: lining.darker(0.3),
            shadow: rng.random_range(0.2..0.7),
            shade: rng.random_range(0.15..0.5),
            shape,
            upper,
            sole,
        }
    }

    /// Paints the shoe with its shadow.
    pub(crate) fn paint(&self, canvas: &mut Canvas, pose: &Pose, mark: &Mark) {
        self.paint_shadow(canvas, pose);
        canvas.fill(self.shape.lining(pose).as_ref(), Ink::solid(self.lining));
        if let Some(leg) = &self.leg {
            leg.paint(canvas, pose, &self.shape);
        }
        self.trim.paint_tongue(canvas, pose, &self.shape);
        self.paint_upper(canvas, pose, mark);
        self.trim.paint_laces(canvas, pose, &self.shape);
        self.paint_sole(canvas, pose);
    }

    fn paint_shadow(&self, canvas: &mut Canvas, pose: &Pose) {
        let wide = pose.ellipse((0.5, 0.0), (0.62, 0.10));
        let tight = pose.ellipse((0.48, 0.0), (0.55, 0.035));
        canvas.glow(wide, Ink::sheer(Rgb::BLACK, self.shadow * 0.6));
        canvas.glow(tight, Ink::sheer(Rgb::BLACK, self.shadow));
    }

    fn paint_upper(&self, canvas: &mut Canvas, pose: &Pose, mark: &Mark) {
        let outline = self.shape.upper(pose);
        canvas.fill(outline.as_ref(), Ink::solid(self.upper));
        canvas.clipped(outline.as_ref(), |canvas| {
            self.trim.paint_panels(canvas, pose, &self.shape);
            mark.paint(canvas, pose, &self.placement, Ink::solid(self.mark));
            self.paint_shading(canvas, pose);
        });
        let edge = Ink::sheer(self.upper.darker(0.6), 0.5);
        canvas.stroke(outline.as_ref(), pose.length_px() * 0.004, edge);
    }

    /// Light from above: brighter along the top, darker towards sole and heel.
    fn paint_shading(&self, canvas: &mut Canvas, pose: &Pose) {
        let whole = pose.pen(-0.2, -0.1).line(1.2, -0.1).line(1.2, 0.8).line(-0.2, 0.8).close();
        let top = (pose.project(0.5, 0.42), Ink::sheer(Rgb::WHITE, self.shade * 0.35));
        let waist = (pose.project(0.5, 0.24), Ink::sheer(Rgb::WHITE, 0.0));
        canvas.fill_gradient(whole.as_ref(), top, waist);
        let bottom = (pose.project(0.5, 0.08), Ink::sheer(Rgb::BLACK, self.shade));
        let clear = (pose.project(0.5, 0.28), Ink::sheer(Rgb::BLACK, 0.0));
        canvas.fill_gradient(whole.as_ref(), bottom, clear);
        let back = (pose.project(0.0, 0.3), Ink::sheer(Rgb::BLACK, self.shade * 0.8));
        let front = (pose.project(0.2, 0.3), Ink::sheer(Rgb::BLACK, 0.0));
        canvas.fill_gradient(whole.as_ref(), back, front);
    }

    fn paint_sole(&self, canvas: &mut Canvas, pose: &Pose) {
        let outline = self.shape.sole(pose);
        canvas.fill(outline.as_ref(), Ink::solid(self.sole));
        canvas.clipped(outline.as_ref(), |canvas| {
            let height = self.shape.sole_heel * 0.3;
            canvas.fill(self.shape.tread(pose, height).as_ref(), Ink::solid(self.tread));
            self.trim.paint_sole_lines(canvas, pose, &self.shape);
            let bottom = (pose.project(0.5, 0.0), Ink::sheer(Rgb::BLACK, self.shade));
            let top = (pose.project(0.5, self.shape.sole_heel), Ink::sheer(Rgb::BLACK, 0.0));
            canvas.fill_gradient(outline.as_ref(), bottom, top);
        });
        let edge = Ink::sheer(self.sole.darker(0.7), 0.45);
        canvas.stroke(outline.as_ref(), pose.length_px() * 0.004, edge);
    }
}
