//! The inner loops of resizing, for the processor at hand. All ways give
//! the same bytes.

use pulp::NullaryFnOnce;

/// Samples that are mixed at a time.
pub(super) const STRIP: usize = 32;
/// The side of a square that is turned at a time.
pub(super) const TILE: usize = 8;
/// Pixels whose channels are joined at a time.
pub(super) const JOINED: usize = 16;

/// A way to work on many bytes at once. Whatever calls it is written with plain
/// loops, since the library's functions on arrays are not always compiled into
/// the caller, and only there vectors are registers.
pub(super) trait Vectors: Copy {
    /// The sum of the lines, each times its weight, in fractions of
    /// [`ONE`](super::weights::ONE), rounded. A sum is at most 1.99 white.
    fn mix(self, lines: impl Iterator<Item = ([u8; STRIP], i16)>) -> [u8; STRIP];

    /// Red, green and blue of pixels to their bytes, one pixel after the other.
    fn join(self, channels: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3];

    /// Byte `j` of line `i` to byte `i` of line `j`.
    fn transpose(self, lines: [[u8; TILE]; TILE]) -> [[u8; TILE]; TILE];
}

/// Work that can be done with any vectors.
pub(super) trait Work {
    fn work<V: Vectors>(self, vectors: V);
}

/// Does `work` with the best vectors that `arch` has.
pub(super) fn run(arch: pulp::Arch, work: impl Work) {
    match arch {
        #[cfg(target_arch = "x86_64")]
        pulp::Arch::V3(v3) => v3.vectorize(With { work, vectors: avx2::Avx2(v3) }),
        _ => With { work, vectors: Arrays }.call(),
    }
}

struct With<W, V> {
    work: W,
    vectors: V,
}

impl<W: Work, V: Vectors> NullaryFnOnce for With<W, V> {
    type Output = ();

    #[inline(always)]
    fn call(self) {
        self.work.work(self.vectors);
    }
}

/// Arrays, for processors without a way of their own.
#[derive(Debug, Clone, Copy)]
pub(super) struct Arrays;

impl Vectors for Arrays {
    #[inline(always)]
    fn mix(self, lines: impl Iterator<Item = ([u8; STRIP], i16)>) -> [u8; STRIP] {
        let mut sums = [HALF; STRIP];
        for (line, weight) in lines {
            for (sum, sample) in sums.iter_mut().zip(line) {
                *sum = sum.wrapping_add(scale(sample, weight));
            }
        }
        sums.map(to_byte)
    }

    #[inline(always)]
    fn join(self, channels: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3] {
        let byte = |index: usize| channels[index % 3][index / 3];
        std::array::from_fn(|part| std::array::from_fn(|i| byte(part * JOINED + i)))
    }

    #[inline(always)]
    fn transpose(self, lines: [[u8; TILE]; TILE]) -> [[u8; TILE]; TILE] {
        std::array::from_fn(|j| std::array::from_fn(|i| lines[i][j]))
    }
}

/// Sums are in 64ths; this is half of one grey level.
const HALF: i16 = 32;

/// `sample · weight / ONE` in 64ths of a grey level, rounded: the instruction
/// `pmulhrsw` of `128 · sample`.
#[inline(always)]
fn scale(sample: u8, weight: i16) -> i16 {
    let product = (i32::from(sample) << 7) * i32::from(weight);
    (((product >> 14) + 1) >> 1) as i16
}

#[inline(always)]
fn to_byte(sum: i16) -> u8 {
    (sum >> 6).clamp(0, 255) as u8
}

/// The vectors of x86 processors since 2013.
#[cfg(target_arch = "x86_64")]
pub(super) mod avx2 {
    use super::{HALF, JOINED, STRIP, TILE, Vectors};
    use pulp::{cast, x86::V3};
    use std::arch::x86_64::__m128i;

    /// For each third of the joined bytes and each channel, which of the
    /// channel's bytes go where; 0x80 leaves a place empty.
    const SPREAD: [[[u8; JOINED]; 3]; 3] = spread();

    const fn spread() -> [[[u8; JOINED]; 3]; 3] {
        let mut places = [[[0x80; JOINED]; 3]; 3];
        let mut index = 0;
        while index < 3 * JOINED {
            places[index / JOINED][index % 3][index % JOINED] = (index / 3) as u8;
            index += 1;
        }
        places
    }

    /// Proof that the processor has AVX2.
    #[derive(Debug, Clone, Copy)]
    pub(in crate::planar) struct Avx2(pub(in crate::planar) V3);

    impl Vectors for Avx2 {
        #[inline(always)]
        fn mix(self, lines: impl Iterator<Item = ([u8; STRIP], i16)>) -> [u8; STRIP] {
            let V3 { avx, avx2, .. } = self.0;
            let mut sums = [avx._mm256_set1_epi16(HALF); 2];
            for (line, weight) in lines {
                let weight = avx._mm256_set1_epi16(weight);
                let halves: [[u8; STRIP / 2]; 2] = cast(line);
                for (sum, half) in sums.iter_mut().zip(halves) {
                    let samples = avx2._mm256_cvtepu8_epi16(cast(half));
                    let samples = avx2._mm256_slli_epi16::<7>(samples);
                    *sum = avx2._mm256_add_epi16(*sum, avx2._mm256_mulhrs_epi16(samples, weight));
                }
            }
            let [low, high] = sums;
            let (low, high) = (avx2._mm256_srai_epi16::<6>(low), avx2._mm256_srai_epi16::<6>(high));
            let packed = avx2._mm256_packus_epi16(low, high);
            cast(avx2._mm256_permute4x64_epi64::<0b11_01_10_00>(packed))
        }

        #[inline(always)]
        fn join(self, channels: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3] {
            let V3 { sse2, ssse3, .. } = self.0;
            let part = |part: usize| {
                let spread = |channel: usize| -> __m128i {
                    ssse3._mm_shuffle_epi8(cast(channels[channel]), cast(SPREAD[part][channel]))
                };
                cast(sse2._mm_or_si128(sse2._mm_or_si128(spread(0), spread(1)), spread(2)))
            };
            [part(0), part(1), part(2)]
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
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn mixes_by_hand() {
        let lines = [[10; STRIP], [20; STRIP], [255; STRIP]];
        let mixed = |weights: [i16; 3]| Arrays.mix(lines.into_iter().zip(weights))[0];
        assert_eq!(mixed([1 << 14, 0, 0]), 10);
        assert_eq!(mixed([1 << 13, 1 << 13, 0]), 15);
        // 12.5 goes up; sums beyond black and white stay there.
        assert_eq!(mixed([12288, 4096, 0]), 13);
        assert_eq!(mixed([0, -8192, 24576]), 255);
        assert_eq!(mixed([0, 24576, -8192]), 0);
    }

    #[cfg(target_arch = "x86_64")]
    proptest! {
        #[test]
        fn vectors_give_the_same_bytes(
            lines in prop::collection::vec(any::<[u8; STRIP]>(), 8),
            weights in prop::collection::vec(-4000_i16..8000, 1..8),
        ) {
            let Some(v3) = pulp::x86::V3::try_new() else { return Ok(()) };
            let vectors = avx2::Avx2(v3);
            let pairs = || lines.iter().copied().zip(weights.iter().copied());
            prop_assert_eq!(vectors.mix(pairs()), Arrays.mix(pairs()));
            let tile: [[u8; TILE]; TILE] = std::array::from_fn(|i| *lines[i].first_chunk().unwrap());
            prop_assert_eq!(vectors.transpose(tile), Arrays.transpose(tile));
            let channels = std::array::from_fn(|i| *lines[i].first_chunk().unwrap());
            prop_assert_eq!(vectors.join(channels), Arrays.join(channels));
        }
    }
}
