use super::mixing::{Blend, Blending};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::Beta;
use shoebox_kernels::Mix;
use shoebox_spec::MixUp;

impl Blending for MixUp {
    fn draw(&self, random: &mut ChaCha8Rng, _size: [u32; 2]) -> Blend {
        if !random.random_bool(self.probability) {
            return Blend::NONE;
        }
        let share = random.sample(Beta::new(self.alpha, self.alpha).expect("alpha is above 0"));
        Blend { mix: Mix { share: share as f32, pasted: [0; 4] }, share: share as f32 }
    }
}
