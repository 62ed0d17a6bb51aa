use super::{
    affine::Affine,
    picture::{Change, Picture},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Rotation;

impl Change for Rotation {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let degrees = random.random_range(-self.degrees..=self.degrees);
        picture.moved_about_centre(turn(degrees));
    }
}

/// The map of a counter-clockwise turn, from a point to where it was; y counts
/// downwards.
pub(super) fn turn(degrees: f64) -> Affine {
    let (sin, cos) = degrees.to_radians().sin_cos();
    Affine([[cos, -sin, 0.0], [sin, cos, 0.0]])
}
