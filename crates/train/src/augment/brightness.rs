use super::{
    colour::scaled,
    picture::{Change, Picture},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Brightness;

impl Change for Brightness {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let factor = random.random_range(1.0 - self.amount..=1.0 + self.amount);
        picture.colour.through(scaled(factor));
    }
}
