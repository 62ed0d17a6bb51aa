use super::picture::{Change, Picture};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Contrast;

impl Change for Contrast {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        let factor = random.random_range(1.0 - self.amount..=1.0 + self.amount);
        picture.colour.away_from_mean_grey(factor);
    }
}
