use super::picture::{Change, Picture};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Hue;
use std::f64::consts::TAU;

impl Change for Hue {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let turn = random.random_range(-self.amount..=self.amount);
        picture.colour.through(rotation(turn * TAU));
    }
}

/// `hueRotate` of W3C's Filter Effects (`feColorMatrix`), which keeps greys
/// and, but for clipping, luminance. Unlike a turn in HSV it is linear.
pub(super) fn rotation(angle: f64) -> [[f64; 3]; 3] {
    let (sin, cos) = angle.sin_cos();
    let cells: [[[f64; 3]; 3]; 3] = [
        [[0.213, 0.787, -0.213], [0.715, -0.715, -0.715], [0.072, -0.072, 0.928]],
        [[0.213, -0.213, 0.143], [0.715, 0.285, 0.140], [0.072, -0.072, -0.283]],
        [[0.213, -0.213, -0.787], [0.715, -0.715, 0.715], [0.072, 0.928, 0.072]],
    ];
    cells
        .map(|row| row.map(|[always, with_cos, with_sin]| always + cos * with_cos + sin * with_sin))
}
