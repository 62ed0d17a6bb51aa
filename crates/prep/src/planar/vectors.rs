//! The inner loops of resizing, for the processor at hand. All ways give
//! the same bytes.

#[cfg(target_arch = "x86_64")]
mod avx2;

use pulp::NullaryFnOnce;

/// Samples that are mixed at a time.
pub(super) const STRIP: usize = 32;
/// The side of a square that is turned at a time.
pub(super) const TILE: usize = 8;
/// Pixels whose channels are joined at a time.
pub(super) const JOINED: usize = 32;
/// Neighbours of which a few are picked for four samples.
pub(super) const WINDOW: usize = 16;
/// Samples that are picked and mixed at a time.
pub(super) const PICKED: usize = 32;

/// For eight samples two of the neighbours that each is mixed from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Pick {
    /// Four bytes for each sample: the neighbour's place in the window of its
    /// four samples, and [`NOWHERE`], twice.
    pub(super) places: [u8; 32],
    /// Their weights, two for each sample.
    pub(super) weights: [i16; 16],
}

/// A place where there is nothing, a zero.
pub(super) const NOWHERE: u8 = 0x80;

/// Two windows for each [`Pick`].
pub(super) type Windows = [[[u8; WINDOW]; 2]; PICKED / 8];

/// A way to work on many bytes at once. Whatever calls it is written with plain
/// loops, since the library's functions on arrays are not always compiled into
/// the caller, and only there vectors are registers.
pub(super) trait Vectors: Copy {
    /// The sum of the lines, each times its weight, in fractions of
    /// [`ONE`](super::weights::ONE), rounded. A sum is at most 1.99 white.
    fn mix(self, lines: impl Iterator<Item = ([u8; STRIP], i16)>) -> [u8; STRIP];

    /// As many samples as [`PICKED`], each the sum of what all `picks` take
    /// from its window times their weights, in fractions of
    /// [`ONE`](super::weights::ONE), rounded.
    fn pick(self, windows: &Windows, picks: &[[Pick; PICKED / 8]]) -> [u8; PICKED];

    /// Brightness, and the distances of blue and of red from it, around 128, to
    /// red, green and blue, by the formula of JFIF 1.02, section 7, in 65,536ths,
    /// as libjpeg has it:
    /// `R = Y + 1.402·Cr`, `G = Y − 0.344136·Cb − 0.714136·Cr`, `B = Y + 1.772·Cb`.
    fn to_rgb(self, channels: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3];

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
        pulp::Arch::V4(v4) => v4.vectorize(With { work, vectors: avx2::Avx2(*v4) }),
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
    fn pick(self, windows: &Windows, picks: &[[Pick; PICKED / 8]]) -> [u8; PICKED] {
        std::array::from_fn(|index| {
            let (eight, lane) = (index / 8, index % 8);
            let window = &windows[eight][lane / 4];
            let sum: i32 = picks.iter().map(|picks| two(&picks[eight], window, lane)).sum();
            ((sum + (1 << 13)) >> 14).clamp(0, 255) as u8
        })
    }

    #[inline(always)]
    fn to_rgb(self, [luma, blue, red]: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3] {
        let mut rgb = [[0; JOINED]; 3];
        for i in 0..JOINED {
            let y = (i32::from(luma[i]) << 16) + (1 << 15);
            let (cb, cr) = (i32::from(blue[i]) - 128, i32::from(red[i]) - 128);
            let channels = [y + 91_881 * cr, y - 22_554 * cb - 46_802 * cr, y + 116_130 * cb];
            for (line, channel) in rgb.iter_mut().zip(channels) {
                line[i] = (channel >> 16).clamp(0, 255) as u8;
            }
        }
        rgb
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

/// Sums are in 128ths of a grey level, around medium grey; this is half of one.
const HALF: i16 = 64;

/// The distance of `sample` from medium grey, times `weight / ONE`, in 128ths
/// of a grey level, rounded: the instruction `pmulhrsw` of 256 times as much.
#[inline(always)]
fn scale(sample: u8, weight: i16) -> i16 {
    let product = ((i32::from(sample) - 128) << 8) * i32::from(weight);
    (((product >> 14) + 1) >> 1) as i16
}

#[inline(always)]
fn to_byte(sum: i16) -> u8 {
    ((sum >> 7) + 128).clamp(0, 255) as u8
}

/// What `pick` takes from the window for one of its samples.
#[inline(always)]
fn two(pick: &Pick, window: &[u8; WINDOW], lane: usize) -> i32 {
    let product = |half: usize| {
        let place = pick.places[4 * lane + 2 * half];
        let sample = if place == NOWHERE { 0 } else { window[usize::from(place) % WINDOW] };
        i32::from(sample) * i32::from(pick.weights[2 * lane + half])
    };
    product(0) + product(1)
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
