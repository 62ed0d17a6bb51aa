//! Two pictures in one.

use super::stream;
use crate::order::{Order, Visit};
use rand::Rng;
use rand_chacha::ChaCha8Rng;
use shoebox_kernels::Mix;
use shoebox_spec::Augment;

/// How two pictures become one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Blend {
    pub mix: Mix,
    /// The first picture's share of the label, 0–1.
    pub share: f32,
}

impl Blend {
    /// The first picture alone.
    pub const NONE: Self = Self { mix: Mix { share: 1.0, pasted: [0; 4] }, share: 1.0 };
}

/// A way of mixing two pictures.
pub(super) trait Blending {
    /// Draws how it is done with pictures of this height and width, in pixels.
    fn draw(&self, random: &mut ChaCha8Rng, size: [u32; 2]) -> Blend;
}

/// The ways of `train.augment` that need two pictures; of several, each
/// sample takes one.
#[derive(Debug, Clone)]
pub(super) struct Mixing {
    ways: Vec<Augment>,
    size: [u32; 2],
}

impl Mixing {
    /// Those of the list, if there are any.
    pub fn new(list: &[Augment], size: [u32; 2]) -> Option<Self> {
        let ways: Vec<Augment> = list.iter().filter(|augment| augment.mixes()).cloned().collect();
        (!ways.is_empty()).then_some(Self { ways, size })
    }

    /// The second picture of a sample: any of the epoch's `order`, so that with
    /// balanced sampling those are balanced too, changed as it is there.
    pub fn partner(&self, seed: u64, epoch: u32, order: &Order, visit: Visit) -> Visit {
        let mut random = stream::of_partner(seed, epoch, visit);
        order.visit(random.random_range(0..order.rows.len()))
    }

    /// How the sample is mixed with its second picture.
    pub fn draw(&self, seed: u64, epoch: u32, visit: Visit) -> Blend {
        let mut random = stream::of_mixing(seed, epoch, visit);
        let way = &self.ways[random.random_range(0..self.ways.len())];
        match way {
            Augment::MixUp(spec) => spec.draw(&mut random, self.size),
            Augment::CutMix(spec) => spec.draw(&mut random, self.size),
            _ => Blend::NONE,
        }
    }
}
