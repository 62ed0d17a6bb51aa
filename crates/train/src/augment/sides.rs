//! The sides of a part of a picture.

use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_spec::Range;

/// A number of the range.
pub(super) fn uniform(random: &mut ChaCha8Rng, range: Range) -> f64 {
    random.random_range(range.low()..=range.high())
}

/// Two sides, in whole pixels, of a part that has a share of `area` of all
/// `pixels`; the first is the second times `aspect`. As torchvision draws them.
pub(super) fn sides(random: &mut ChaCha8Rng, pixels: f64, area: Range, aspect: Range) -> [i32; 2] {
    let area = pixels * uniform(random, area);
    let aspect = uniform(random, Range(aspect.0.map(f64::ln))).exp();
    [(area * aspect).sqrt().round() as i32, (area / aspect).sqrt().round() as i32]
}

/// How often sides are drawn until they fit, as torchvision has it.
pub(super) const TRIES: usize = 10;
