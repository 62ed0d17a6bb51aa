//! What becomes of one picture, put together change by change.

use super::{affine::Affine, colour::Colour};
use rand_chacha::ChaCha8Rng;
use shoebox_kernels::Retouch;

/// A way of changing pictures.
pub(super) trait Change {
    /// Draws what it does this time, and has it done after what `picture` has
    /// done already.
    fn draw(&self, random: &mut ChaCha8Rng, picture: &mut Picture);
}

/// All changes of a picture so far.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Picture {
    /// Height and width, in pixels.
    pub size: [u32; 2],
    /// From a point of the changed picture to where it was before, in pixels
    /// from the top left corner.
    pub to_source: Affine,
    pub colour: Colour,
    /// Top, left, height and width of a box, in pixels.
    pub erased: [i32; 4],
}

impl Picture {
    /// Nothing changed yet.
    pub fn new(size: [u32; 2]) -> Self {
        Self { size, to_source: Affine::IDENTITY, colour: Colour::IDENTITY, erased: [0; 4] }
    }

    /// In pixels.
    pub fn height(&self) -> f64 {
        self.size[0].into()
    }

    /// In pixels.
    pub fn width(&self) -> f64 {
        self.size[1].into()
    }

    /// Has `map`, from a point to where it was just before, done next.
    pub fn moved(&mut self, map: Affine) {
        self.to_source = self.to_source.of(map);
    }

    /// The same with a map about the centre, from one distance to another.
    pub fn moved_about_centre(&mut self, map: Affine) {
        let [x, y] = [self.width() / 2.0, self.height() / 2.0];
        self.moved(Affine::shift(x, y).of(map).of(Affine::shift(-x, -y)));
    }

    /// As the kernel takes it.
    pub fn retouch(&self) -> Retouch {
        let rows = |matrix: [[f64; 3]; 3]| matrix.map(|row| row.map(|value| value as f32));
        Retouch {
            to_source: self.to_source.of_pixels(),
            matrix: rows(self.colour.matrix),
            offset: self.colour.offset.map(|value| value as f32),
            of_mean: rows(self.colour.of_mean),
            erased: self.erased,
        }
    }
}
