//! Two blocks at a time, with whatever the processor has.

#[cfg(target_arch = "x86_64")]
use super::{Avx2, Avx512};
use super::{
    Blocks, Samples,
    lanes::{Arrays, Lanes},
};
use crate::scale::Scale;

/// A way to transform one block or two. All ways give the same bits.
pub(crate) trait Pairs: Copy {
    /// The way for one block.
    type One: Lanes;

    fn one(self) -> Self::One;

    /// The samples of two blocks.
    #[inline(always)]
    fn two(self, blocks: Blocks<'_, 2>, scale: Scale) -> [Samples; 2] {
        let Blocks { blocks: [a, b], steps: [of_a, of_b] } = blocks;
        let [a] = Blocks { blocks: [a], steps: [of_a] }.transform(self.one(), scale);
        let [b] = Blocks { blocks: [b], steps: [of_b] }.transform(self.one(), scale);
        [a, b]
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
    fn two(self, blocks: Blocks<'_, 2>, scale: Scale) -> [Samples; 2] {
        blocks.transform(self, scale)
    }
}
