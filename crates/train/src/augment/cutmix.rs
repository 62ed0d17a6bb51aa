use super::mixing::{Blend, Blending};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use rand_distr::Beta;
use shoebox_kernels::Mix;
use shoebox_spec::CutMix;

impl Blending for CutMix {
    /// As torchvision's `CutMix`: a box of the picture's aspect about any
    /// pixel, less what of it lies outside.
    fn draw(&self, random: &mut ChaCha8Rng, size: [u32; 2]) -> Blend {
        if !random.random_bool(self.probability) {
            return Blend::NONE;
        }
        let wanted: f64 =
            random.sample(Beta::new(self.alpha, self.alpha).expect("alpha is above 0"));
        let half = (1.0 - wanted).sqrt() / 2.0;
        let [(top, height), (left, width)] = size.map(|side| span(random, side as i32, half));
        let [h, w] = size.map(f64::from);
        let share = 1.0 - f64::from(height) * f64::from(width) / (h * w);
        Blend { mix: Mix { share: 1.0, pasted: [top, left, height, width] }, share: share as f32 }
    }
}

/// Where on a side of `length` pixels the box begins, and its length; it
/// reaches `half` of the side to both sides of a pixel.
fn span(random: &mut ChaCha8Rng, length: i32, half: f64) -> (i32, i32) {
    let (middle, reach) = (random.random_range(0..length), (half * f64::from(length)) as i32);
    let (begin, end) = ((middle - reach).max(0), (middle + reach).min(length));
    (begin, end - begin)
}
