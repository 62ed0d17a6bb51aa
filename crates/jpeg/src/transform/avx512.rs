//! The same for two blocks at once, with the vectors of larger x86 processors.

use super::lanes::Lanes;
use pulp::{cast, x86::V4};
use std::arch::x86_64::{__m512, __m512i};

/// Proof that the processor has AVX-512.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx512(pub(crate) V4);

impl Lanes<2> for Avx512 {
    type F = __m512;

    #[inline(always)]
    fn load(self, [a, b]: [&[i16; 8]; 2], [of_a, of_b]: [&[f32; 8]; 2]) -> __m512 {
        let avx512 = self.0.avx512f;
        let whole = avx512._mm512_cvtepi16_epi32(cast([*a, *b]));
        avx512._mm512_mul_ps(avx512._mm512_cvtepi32_ps(whole), cast([*of_a, *of_b]))
    }

    #[inline(always)]
    fn zero(self) -> __m512 {
        self.0.avx512f._mm512_setzero_ps()
    }

    #[inline(always)]
    fn add(self, a: __m512, b: __m512) -> __m512 {
        self.0.avx512f._mm512_add_ps(a, b)
    }

    #[inline(always)]
    fn sub(self, a: __m512, b: __m512) -> __m512 {
        self.0.avx512f._mm512_sub_ps(a, b)
    }

    #[inline(always)]
    fn scale(self, a: __m512, factor: f32) -> __m512 {
        self.0.avx512f._mm512_mul_ps(a, self.0.avx512f._mm512_set1_ps(factor))
    }

    #[inline(always)]
    fn transpose(self, rows: [__m512; 8]) -> [__m512; 8] {
        let avx512 = self.0.avx512f;
        let [a, b, c, d, e, f, g, h] = rows;
        // Pairs of rows, then quadruples, then all eight, as with AVX2.
        let pairs = [
            avx512._mm512_unpacklo_ps(a, b),
            avx512._mm512_unpackhi_ps(a, b),
            avx512._mm512_unpacklo_ps(c, d),
            avx512._mm512_unpackhi_ps(c, d),
            avx512._mm512_unpacklo_ps(e, f),
            avx512._mm512_unpackhi_ps(e, f),
            avx512._mm512_unpacklo_ps(g, h),
            avx512._mm512_unpackhi_ps(g, h),
        ];
        let mut turned = [self.zero(); 8];
        for i in 0..2 {
            let [ab, cd, ef, gh] = [pairs[i], pairs[i + 2], pairs[i + 4], pairs[i + 6]];
            let low = avx512._mm512_shuffle_ps::<0b01_00_01_00>(ab, cd);
            let high = avx512._mm512_shuffle_ps::<0b11_10_11_10>(ab, cd);
            let low_behind = avx512._mm512_shuffle_ps::<0b01_00_01_00>(ef, gh);
            let high_behind = avx512._mm512_shuffle_ps::<0b11_10_11_10>(ef, gh);
            turned[2 * i] = self.gather(low, [0, 1, 8, 9, 4, 5, 12, 13], low_behind);
            turned[2 * i + 1] = self.gather(high, [0, 1, 8, 9, 4, 5, 12, 13], high_behind);
            turned[2 * i + 4] = self.gather(low, [2, 3, 10, 11, 6, 7, 14, 15], low_behind);
            turned[2 * i + 5] = self.gather(high, [2, 3, 10, 11, 6, 7, 14, 15], high_behind);
        }
        turned
    }

    #[inline(always)]
    fn to_bytes(self, rows: [__m512; 4]) -> [[[u8; 8]; 4]; 2] {
        let V4 { avx512f, avx512bw, .. } = self.0;
        let middle = avx512f._mm512_set1_epi16(128);
        let [a, b, c, d] = rows;
        let (a, b) = (avx512f._mm512_cvtps_epi32(a), avx512f._mm512_cvtps_epi32(b));
        let (c, d) = (avx512f._mm512_cvtps_epi32(c), avx512f._mm512_cvtps_epi32(d));
        let ab = avx512bw._mm512_adds_epi16(avx512bw._mm512_packs_epi32(a, b), middle);
        let cd = avx512bw._mm512_adds_epi16(avx512bw._mm512_packs_epi32(c, d), middle);
        // Packing works on each quarter of a vector separately.
        let packed = avx512bw._mm512_packus_epi16(ab, cd);
        let order: __m512i = cast([0_i32, 4, 1, 5, 2, 6, 3, 7, 8, 12, 9, 13, 10, 14, 11, 15]);
        cast(avx512f._mm512_permutexvar_epi32(order, packed))
    }
}

impl Avx512 {
    /// Of the pairs of numbers in `a`, 0–7, and in `b`, 8–15, those at `places`.
    #[inline(always)]
    fn gather(self, a: __m512, places: [i64; 8], b: __m512) -> __m512 {
        cast(self.0.avx512f._mm512_permutex2var_pd(cast(a), cast(places), cast(b)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        block::Block,
        scale::{Scale, Side},
        transform::{Arrays, Blocks, Pairs, Steps, tests::Room},
    };
    use proptest::prelude::*;

    const SIDES: [Side; 4] = [Side::One, Side::Two, Side::Four, Side::Eight];

    fn parts() -> impl Strategy<Value = (Block, Steps)> {
        let coefficients = prop::collection::vec(-1024_i16..1024, 64);
        let steps = prop::collection::vec(any::<u16>(), 64);
        (coefficients, steps)
            .prop_map(|(c, q)| (c.try_into().unwrap(), Steps::new(&q.try_into().unwrap())))
    }

    proptest! {
        #[test]
        fn two_blocks_at_once_give_the_same_samples((a, of_a) in parts(), (b, of_b) in parts()) {
            let Some(v4) = V4::try_new() else { return Ok(()) };
            let blocks = Blocks { blocks: [&a, &b], steps: [&of_a, &of_b] };
            for scale in SIDES.iter().flat_map(|&d| SIDES.map(|a| Scale([d, a]))) {
                let (mut vectors, mut arrays) = (Room::new(scale), Room::new(scale));
                Avx512(v4).two(blocks, scale, &mut vectors);
                Arrays.two(blocks, scale, &mut arrays);
                prop_assert_eq!(vectors.blocks, arrays.blocks);
            }
        }
    }
}
