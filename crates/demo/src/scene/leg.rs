//! The leg in a shoe, with a sock or bare.

use rand::Rng;
use rand_chacha::ChaCha8Rng;

use super::canvas::{Canvas, Ink};
use super::colour::{self, Rgb};
use super::pose::Pose;
use super::shape::Shape;

/// A leg's colours.
#[derive(Debug, Clone)]
pub(crate) struct Leg {
    skin: Rgb,
    sock: Option<Rgb>,
    /// Height of the sock above the collar, in shoe lengths.
    sock_height: f32,
}

impl Leg {
    pub(crate) fn random(rng: &mut ChaCha8Rng) -> Self {
        let skin = Rgb::hsv(rng.random_range(0.04..0.08), 0.45, rng.random_range(0.35..0.95));
        Self {
            skin,
            sock: rng.random_bool(0.6).then(|| colour::material(rng)),
            sock_height: rng.random_range(0.05..0.3),
        }
    }

    /// Paints the leg from inside the collar to beyond the picture.
    pub(crate) fn paint(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape) {
        self.paint_up_to(canvas, pose, shape, 1.6, self.skin);
        if let Some(sock) = self.sock {
            self.paint_up_to(canvas, pose, shape, shape.collar + self.sock_height, sock);
        }
    }

    fn paint_up_to(&self, canvas: &mut Canvas, pose: &Pose, shape: &Shape, top: f32, colour: Rgb) {
        let (back, low) = (shape.heel_top().0 + 0.04, shape.collar - 0.15);
        let front = shape.throat_at(0.0).0 + 0.01;
        let leg = pose
            .pen(back, low)
            .curve((back + 0.05, low + 0.2), (back + 0.02, top - 0.2), (back - 0.01, top))
            .line(front - 0.03, top)
            .curve((front - 0.06, top - 0.2), (front - 0.03, low + 0.3), (front + 0.03, low))
            .close();
        let dark = (pose.project(back, low), Ink::solid(colour.darker(0.35)));
        let light = (pose.project(front, low), Ink::solid(colour));
        canvas.fill_gradient(leg.as_ref(), dark, light);
    }
}
