use super::{
    colour::{GREY, scaled, sum},
    picture::{Change, Picture},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Saturation;

impl Change for Saturation {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let factor = random.random_range(1.0 - self.amount..=1.0 + self.amount);
        let grey = [GREY.map(|share| share * (1.0 - factor)); 3];
        picture.colour.through(sum(scaled(factor), grey));
    }
}
