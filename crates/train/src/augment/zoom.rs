use super::{
    affine::Affine,
    picture::{Change, Picture},
    sides::uniform,
};
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Zoom;

impl Change for Zoom {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let scale = uniform(random, self.scale);
        picture.moved_about_centre(Affine::scale(1.0 / scale, 1.0 / scale));
    }
}
