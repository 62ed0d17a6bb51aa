//! Two blocks at a time, with whatever the processor has.

#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};
use super::{
    Blocks, Store, Target,
    lanes::{Arrays, Lanes},
};
use crate::scale::Scale;

/// A way to transform one block or two. All ways give the same bits.
pub(crate) trait Pairs: Copy {
    /// The way for one block.
    type One: Lanes;

    fn one(self) -> Self::One;

    /// Transforms two blocks, as [`Blocks::transform`] does.
    #[inline(always)]
    fn two(self, blocks: Blocks<'_, 2>, scale: Scale, mut store: impl Store) {
        for number in 0..2 {
            let (block, steps) = (blocks.blocks[number], blocks.steps[number]);
            let blocks = Blocks { blocks: [block], steps: [steps] };
            blocks.transform(self.one(), scale, From { number, store: &mut store });
        }
    }
}

/// One block of several.
struct From<'a, S> {
    number: usize,
    store: &'a mut S,
}

impl<S: Store> Store for From<'_, S> {
    #[inline(always)]
    fn target(&mut self, _: usize) -> Target<'_> {
        self.store.target(self.number)
    }
}

impl Pairs for Arrays {
    type One = Self;

    #[inline(always)]
    fn one(self) -> Self {
        self
    }
}

#[cfg(target_arch = "x86_64")]
impl Pairs for Avx2 {
    type One = Self;

    #[inline(always)]
    fn one(self) -> Self {
        self
    }
}

#[cfg(target_arch = "x86_64")]
impl Pairs for Avx512 {
    type One = Avx2;

    #[inline(always)]
    fn one(self) -> Avx2 {
        Avx2(*self.0)
    }

    #[inline(always)]
    fn two(self, blocks: Blocks<'_, 2>, scale: Scale, store: impl Store) {
        blocks.transform(self, scale, store);
    }
}
