use super::{
    affine::Affine,
    picture::{Change, Picture},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Flip;

impl Change for Flip {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let sign = |flipped| if flipped { -1.0 } else { 1.0 };
        let x = sign(random.random_bool(self.horizontal));
        let y = sign(random.random_bool(self.vertical));
        picture.moved_about_centre(Affine::scale(x, y));
    }
}
