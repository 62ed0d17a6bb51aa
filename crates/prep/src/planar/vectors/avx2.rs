//! The vectors of x86 processors since 2013.

use super::{HALF, JOINED, PICKED, Pick, STRIP, TILE, Vectors, Windows};
use pulp::{cast, x86::V3};
use std::arch::x86_64::{__m128i, __m256i};

/// For each third of sixteen joined pixels and each channel, which of the
/// channel's bytes go where; 0x80 leaves a place empty. Twice, for each half of
/// a vector.
const SPREAD: [[[u8; 32]; 3]; 3] = spread();

const fn spread() -> [[[u8; 32]; 3]; 3] {
    let mut places = [[[0x80; 32]; 3]; 3];
    let mut index = 0;
    while index < 48 {
        places[index / 16][index % 3][index % 16] = (index / 3) as u8;
        places[index / 16][index % 3][index % 16 + 16] = (index / 3) as u8;
        index += 1;
    }
    places
}

/// Proof that the processor has AVX2.
#[derive(Debug, Clone, Copy)]
pub(in crate::planar) struct Avx2(pub(in crate::planar) V3);

impl Avx2 {
    /// Bytes to the upper or the lower bytes of words; packing undoes it.
    #[inline(always)]
    fn widen(self, upper: __m256i, lower: __m256i) -> [__m256i; 2] {
        let avx2 = self.0.avx2;
        [avx2._mm256_unpacklo_epi8(lower, upper), avx2._mm256_unpackhi_epi8(lower, upper)]
    }

    /// Red, green and blue as words, perhaps beyond black and white, of words
    /// of brightness and of `blue` and `red` around 0.
    ///
    /// A factor that 16 bits do not hold is split: 1.402 into 1 and 0.402, 1.772
    /// into 2 and −0.228, −0.714 into −1 and 0.286. Whole parts need no
    /// rounding, so the results are those of the formula, bit for bit.
    #[inline(always)]
    fn words_to_rgb(self, luma: __m256i, blue: __m256i, red: __m256i) -> [__m256i; 3] {
        let avx2 = self.0.avx2;
        let green = avx2._mm256_packs_epi32(
            self.green(avx2._mm256_unpacklo_epi16(blue, red)),
            self.green(avx2._mm256_unpackhi_epi16(blue, red)),
        );
        let (twice_blue, twice_red) =
            (avx2._mm256_add_epi16(blue, blue), avx2._mm256_add_epi16(red, red));
        let most_red = avx2._mm256_add_epi16(luma, red);
        let most_blue = avx2._mm256_add_epi16(luma, twice_blue);
        [
            avx2._mm256_add_epi16(most_red, self.fraction(twice_red, 26_345)),
            avx2._mm256_add_epi16(avx2._mm256_sub_epi16(luma, red), green),
            avx2._mm256_add_epi16(most_blue, self.fraction(twice_blue, -14_942)),
        ]
    }

    /// `twice · factor / 2¹⁷`, rounded.
    #[inline(always)]
    fn fraction(self, twice: __m256i, factor: i16) -> __m256i {
        let V3 { avx, avx2, .. } = self.0;
        let high = avx2._mm256_mulhi_epi16(twice, avx._mm256_set1_epi16(factor));
        avx2._mm256_srai_epi16::<1>(avx2._mm256_add_epi16(high, avx._mm256_set1_epi16(1)))
    }

    /// `−0.344136·Cb + (1 − 0.714136)·Cr` of pairs, rounded.
    #[inline(always)]
    fn green(self, pairs: __m256i) -> __m256i {
        let V3 { avx, avx2, .. } = self.0;
        let factors = avx._mm256_set1_epi32((18_734 << 16) | (-22_554_i32 & 0xFFFF));
        let sum = avx2._mm256_madd_epi16(pairs, factors);
        let half = avx._mm256_set1_epi32(1 << 15);
        avx2._mm256_srai_epi32::<16>(avx2._mm256_add_epi32(sum, half))
    }
}

impl Vectors for Avx2 {
    #[inline(always)]
    fn mix(self, lines: impl Iterator<Item = ([u8; STRIP], i16)>) -> [u8; STRIP] {
        let V3 { avx, avx2, .. } = self.0;
        let middle = avx._mm256_set1_epi8(-128);
        let mut sums = [avx._mm256_set1_epi16(HALF); 2];
        for (line, weight) in lines {
            let weight = avx._mm256_set1_epi16(weight);
            let around = avx2._mm256_xor_si256(cast(line), middle);
            let halves = self.widen(around, avx._mm256_setzero_si256());
            for (sum, half) in sums.iter_mut().zip(halves) {
                *sum = avx2._mm256_add_epi16(*sum, avx2._mm256_mulhrs_epi16(half, weight));
            }
        }
        let [low, high] = sums;
        let (low, high) = (avx2._mm256_srai_epi16::<7>(low), avx2._mm256_srai_epi16::<7>(high));
        let around = avx2._mm256_packs_epi16(low, high);
        cast(avx2._mm256_xor_si256(around, middle))
    }

    #[inline(always)]
    fn pick(self, windows: &Windows, picks: &[[Pick; PICKED / 8]]) -> [u8; PICKED] {
        let V3 { avx, avx2, .. } = self.0;
        let windows: [__m256i; PICKED / 8] = cast(*windows);
        let mut sums = [avx._mm256_set1_epi32(1 << 13); PICKED / 8];
        for picks in picks {
            for eight in 0..PICKED / 8 {
                let Pick { places, weights } = picks[eight];
                let samples = avx2._mm256_shuffle_epi8(windows[eight], cast(places));
                let products = avx2._mm256_madd_epi16(samples, cast(weights));
                sums[eight] = avx2._mm256_add_epi32(sums[eight], products);
            }
        }
        for sum in &mut sums {
            *sum = avx2._mm256_srai_epi32::<14>(*sum);
        }
        let [a, b, c, d] = sums;
        let (ab, cd) = (avx2._mm256_packs_epi32(a, b), avx2._mm256_packs_epi32(c, d));
        // Both packings work on the two halves of a vector separately.
        let packed = avx2._mm256_packus_epi16(ab, cd);
        let order: __m256i = cast([0_i32, 4, 1, 5, 2, 6, 3, 7]);
        cast(avx2._mm256_permutevar8x32_epi32(packed, order))
    }

    #[inline(always)]
    fn to_rgb(self, [luma, blue, red]: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3] {
        let V3 { avx, avx2, .. } = self.0;
        let (middle, zero) = (avx._mm256_set1_epi16(128), avx._mm256_setzero_si256());
        let luma = self.widen(zero, cast(luma));
        let blue = self.widen(zero, cast(blue));
        let red = self.widen(zero, cast(red));
        let mut halves = [[zero; 3]; 2];
        for half in 0..2 {
            let blue = avx2._mm256_sub_epi16(blue[half], middle);
            let red = avx2._mm256_sub_epi16(red[half], middle);
            halves[half] = self.words_to_rgb(luma[half], blue, red);
        }
        let [low, high] = halves;
        [
            cast(avx2._mm256_packus_epi16(low[0], high[0])),
            cast(avx2._mm256_packus_epi16(low[1], high[1])),
            cast(avx2._mm256_packus_epi16(low[2], high[2])),
        ]
    }

    #[inline(always)]
    fn join(self, channels: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3] {
        let V3 { avx, avx2, .. } = self.0;
        let mut parts = [avx._mm256_setzero_si256(); 3];
        for (part, spread) in parts.iter_mut().zip(SPREAD) {
            for (channel, places) in channels.into_iter().zip(spread) {
                let bytes = avx2._mm256_shuffle_epi8(cast(channel), cast(places));
                *part = avx2._mm256_or_si256(*part, bytes);
            }
        }
        // Each half of a part belongs to sixteen pixels of its own.
        let [a, b, c] = parts;
        [
            cast(avx._mm256_permute2f128_si256::<0x20>(a, b)),
            cast(avx._mm256_permute2f128_si256::<0x30>(c, a)),
            cast(avx._mm256_permute2f128_si256::<0x31>(b, c)),
        ]
    }

    #[inline(always)]
    fn transpose(self, lines: [[u8; TILE]; TILE]) -> [[u8; TILE]; TILE] {
        let sse2 = self.0.sse2;
        let row = |i: usize| -> __m128i { cast([u64::from_le_bytes(lines[i]), 0]) };
        let pair = |i: usize| sse2._mm_unpacklo_epi8(row(i), row(i + 1));
        let [a, b, c, d] = [pair(0), pair(2), pair(4), pair(6)];
        let (ab, cd) = (sse2._mm_unpacklo_epi16(a, b), sse2._mm_unpacklo_epi16(c, d));
        let (ab2, cd2) = (sse2._mm_unpackhi_epi16(a, b), sse2._mm_unpackhi_epi16(c, d));
        cast([
            sse2._mm_unpacklo_epi32(ab, cd),
            sse2._mm_unpackhi_epi32(ab, cd),
            sse2._mm_unpacklo_epi32(ab2, cd2),
            sse2._mm_unpackhi_epi32(ab2, cd2),
        ])
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planar::vectors::{Arrays, NOWHERE, WINDOW};
    use proptest::{collection::vec, prelude::*};

    fn pick() -> impl Strategy<Value = Pick> {
        let place = prop_oneof![3 => 0..WINDOW as u8, 1 => Just(NOWHERE)];
        (vec(place, 16), vec(-4000_i16..16384, 16)).prop_map(|(taken, weights)| {
            let mut places = [NOWHERE; 32];
            places.iter_mut().step_by(2).zip(taken).for_each(|(place, taken)| *place = taken);
            Pick { places, weights: weights.try_into().unwrap() }
        })
    }

    proptest! {
        #[test]
        fn picks_the_same(windows: Windows, picks in vec(pick(), 4..12)) {
            let Some(v3) = V3::try_new() else { return Ok(()) };
            let picks = picks.as_chunks().0;
            prop_assert_eq!(Avx2(v3).pick(&windows, picks), Arrays.pick(&windows, picks));
        }
    }

    #[test]
    fn converts_every_colour_the_same() {
        let Some(v3) = V3::try_new() else { return };
        for (blue, red) in (0..=255).flat_map(|blue| (0..=255).map(move |red| (blue, red))) {
            for start in (0..=255).step_by(JOINED) {
                let luma = std::array::from_fn(|i| (start + i) as u8);
                let channels = [luma, [blue; JOINED], [red; JOINED]];
                assert_eq!(Avx2(v3).to_rgb(channels), Arrays.to_rgb(channels), "{blue}, {red}");
            }
        }
    }
}
