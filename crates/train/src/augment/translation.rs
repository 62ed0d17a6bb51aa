use super::{
    affine::Affine,
    picture::{Change, Picture},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Translation;

impl Change for Translation {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let down = random.random_range(-self.height..=self.height) * picture.height();
        let right = random.random_range(-self.width..=self.width) * picture.width();
        picture.moved(Affine::shift(-right, -down));
    }
}
