//! The same with the vectors of x86 processors since 2013.

use super::lanes::Lanes;
use pulp::{cast, x86::V3};
use std::arch::x86_64::{__m256, __m256i};

/// Proof that the processor has AVX2.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Avx2(pub(crate) V3);

impl Lanes for Avx2 {
    type F = __m256;

    #[inline(always)]
    fn load(self, [coefficients]: [&[i16; 8]; 1], [multipliers]: [&[f32; 8]; 1]) -> __m256 {
        let whole = self.0.avx2._mm256_cvtepi16_epi32(cast(*coefficients));
        self.0.avx._mm256_mul_ps(self.0.avx._mm256_cvtepi32_ps(whole), cast(*multipliers))
    }

    #[inline(always)]
    fn zero(self) -> __m256 {
        self.0.avx._mm256_setzero_ps()
    }

    #[inline(always)]
    fn add(self, a: __m256, b: __m256) -> __m256 {
        self.0.avx._mm256_add_ps(a, b)
    }

    #[inline(always)]
    fn sub(self, a: __m256, b: __m256) -> __m256 {
        self.0.avx._mm256_sub_ps(a, b)
    }

    #[inline(always)]
    fn scale(self, a: __m256, factor: f32) -> __m256 {
        self.0.avx._mm256_mul_ps(a, self.0.avx._mm256_set1_ps(factor))
    }

    #[inline(always)]
    fn transpose(self, rows: [__m256; 8]) -> [__m256; 8] {
        let avx = self.0.avx;
        let [a, b, c, d, e, f, g, h] = rows;
        // Pairs of rows, then quadruples, then all eight.
        let pairs = [
            avx._mm256_unpacklo_ps(a, b),
            avx._mm256_unpackhi_ps(a, b),
            avx._mm256_unpacklo_ps(c, d),
            avx._mm256_unpackhi_ps(c, d),
            avx._mm256_unpacklo_ps(e, f),
            avx._mm256_unpackhi_ps(e, f),
            avx._mm256_unpacklo_ps(g, h),
            avx._mm256_unpackhi_ps(g, h),
        ];
        let low = |a, b| avx._mm256_shuffle_ps::<0b01_00_01_00>(a, b);
        let high = |a, b| avx._mm256_shuffle_ps::<0b11_10_11_10>(a, b);
        let upper = [
            low(pairs[0], pairs[2]),
            high(pairs[0], pairs[2]),
            low(pairs[1], pairs[3]),
            high(pairs[1], pairs[3]),
        ];
        let lower = [
            low(pairs[4], pairs[6]),
            high(pairs[4], pairs[6]),
            low(pairs[5], pairs[7]),
            high(pairs[5], pairs[7]),
        ];
        let first = |i: usize| avx._mm256_permute2f128_ps::<0x20>(upper[i], lower[i]);
        let second = |i: usize| avx._mm256_permute2f128_ps::<0x31>(upper[i], lower[i]);
        [first(0), first(1), first(2), first(3), second(0), second(1), second(2), second(3)]
    }

    #[inline(always)]
    fn to_bytes(self, rows: [__m256; 4]) -> [[[u8; 8]; 4]; 1] {
        let V3 { avx, avx2, .. } = self.0;
        let middle = avx._mm256_set1_epi16(128);
        let pair = |a, b| {
            let (a, b) = (avx._mm256_cvtps_epi32(a), avx._mm256_cvtps_epi32(b));
            avx2._mm256_adds_epi16(avx2._mm256_packs_epi32(a, b), middle)
        };
        let [a, b, c, d] = rows;
        // Both packings work on the two halves of each row separately.
        let packed = avx2._mm256_packus_epi16(pair(a, b), pair(c, d));
        let order: __m256i = cast([0_i32, 4, 1, 5, 2, 6, 3, 7]);
        cast(avx2._mm256_permutevar8x32_epi32(packed, order))
    }
}
