use super::{
    picture::{Change, Picture},
    sides::{TRIES, sides},
};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::RandomErasing;

impl Change for RandomErasing {
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture) {
        if !random.random_bool(self.probability) {
            return;
        }
        let [height, width] = picture.size.map(|side| side as i32);
        for _ in 0..TRIES {
            let pixels = picture.height() * picture.width();
            let [h, w] = sides(random, pixels, self.area, self.aspect);
            if h < height && w < width {
                let top = random.random_range(0..=height - h);
                picture.erased = [top, random.random_range(0..=width - w), h, w];
                return;
            }
        }
    }
}
