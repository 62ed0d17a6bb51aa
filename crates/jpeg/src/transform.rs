//! From coefficients to samples: the inverse cosine transform, at full size or
//! smaller.
//!
//! The transform is that of Arai, Agui and Nakajima ("A fast DCT-SQ scheme for
//! images", 1988): with each coefficient multiplied by
//! `√2 · cos(u·π/16) / √8` (1/√8 for u = 0) together with its quantisation step,
//! five multiplications are left for a line of eight. Numbers are `f32`, without
//! fused operations, so every processor finds the same samples; they differ
//! from those of libjpeg's slow integer transform by 1 at most.
//!
//! A smaller block is the means of 2, 4 or 8 neighbours of the full one, as in
//! libjpeg-turbo. After the multiplication above the mean of two neighbours is
//! the plain transform of half the length in which frequencies beyond the
//! middle fold back with a minus sign: `z₁ = y₁ − y₇, z₂ = y₂ − y₆, z₃ = y₃ − y₅`.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
mod lanes;
mod line;
mod pairs;

use crate::{
    block::{Block, TRANSPOSED},
    scale::{Scale, Side},
    tables::Quantization,
};
#[cfg(target_arch = "x86_64")]
pub(crate) use avx2::Avx2;
#[cfg(target_arch = "x86_64")]
pub(crate) use avx512::Avx512;
pub(crate) use lanes::{Arrays, Lanes};
use line::{Half, Line, Mean, Quarter, Whole};
pub(crate) use pairs::Pairs;
use std::{
    array::from_fn,
    f64::consts::{PI, SQRT_2},
};

/// What a block's coefficients are multiplied by.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    /// Quantisation steps with the factors of the transform, in the order of
    /// [`TRANSPOSED`].
    multipliers: [[f32; 8]; 8],
    /// The quantisation step of the DC coefficient.
    dc: i32,
}

impl Steps {
    pub(crate) fn new(quantization: &Quantization) -> Self {
        let (factors, mut multipliers): ([f64; 8], _) = (from_fn(factor), [[0.0; 8]; 8]);
        for (&place, &step) in TRANSPOSED.iter().zip(quantization) {
            let (u, v) = (usize::from(place >> 3), usize::from(place & 7));
            multipliers[u][v] = (f64::from(step) * factors[u] * factors[v]) as f32;
        }
        Self { multipliers, dc: i32::from(quantization[0]) }
    }

    /// The sample that a block of nothing but this DC coefficient has everywhere.
    #[inline(always)]
    fn mean(&self, dc: i16) -> u8 {
        let rounded = (i32::from(dc) * self.dc + 4) >> 3;
        (rounded + 128).clamp(0, 255) as u8
    }
}

fn factor(frequency: usize) -> f64 {
    let cosine = (frequency as f64 * PI / 16.0).cos();
    if frequency == 0 { 1.0 / 8_f64.sqrt() } else { cosine * SQRT_2 / 8_f64.sqrt() }
}

/// Where a block's samples go.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    /// All of the component.
    pub(crate) samples: &'a mut [u8],
    /// Where the block begins, a multiple of its width.
    pub(crate) start: usize,
    /// Bytes from one row of samples to the next, another multiple.
    pub(crate) stride: usize,
}

/// Blocks of the same scale, and what they are multiplied by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Blocks<'a, const B: usize> {
    pub(crate) blocks: [&'a Block; B],
    pub(crate) steps: [&'a Steps; B],
}

impl<const B: usize> Blocks<'_, B> {
    /// Finds the samples of each block at this scale, and hands them to `store`
    /// with the block's number.
    #[inline(always)]
    pub(crate) fn transform<L: Lanes<B>>(self, lanes: L, scale: Scale, store: impl Store) {
        match scale.0[0] {
            Side::One => self.across::<1, Mean, L>(lanes, scale, store),
            Side::Two => self.across::<2, Quarter, L>(lanes, scale, store),
            Side::Four => self.across::<4, Half, L>(lanes, scale, store),
            Side::Eight => self.across::<8, Whole, L>(lanes, scale, store),
        }
    }

    #[inline(always)]
    fn across<const H: usize, TH: Line<H>, L: Lanes<B>>(self, l: L, scale: Scale, s: impl Store) {
        match scale.0[1] {
            Side::One => self.both::<H, 1, TH, Mean, L>(l, s),
            Side::Two => self.both::<H, 2, TH, Quarter, L>(l, s),
            Side::Four => self.both::<H, 4, TH, Half, L>(l, s),
            Side::Eight => self.both::<H, 8, TH, Whole, L>(l, s),
        }
    }

    /// `H` rows of `W` samples for each block.
    #[inline(always)]
    fn both<const H: usize, const W: usize, TH: Line<H>, TW: Line<W>, L: Lanes<B>>(
        self,
        l: L,
        mut store: impl Store,
    ) {
        let mut scaled = [l.zero(); 8];
        for (u, scaled) in scaled.iter_mut().enumerate() {
            let mut frequencies = [&[0; 8]; B];
            let mut multipliers = [&[0.0; 8]; B];
            for b in 0..B {
                frequencies[b] = &self.blocks[b].as_chunks::<8>().0[u];
                multipliers[b] = &self.steps[b].multipliers[u];
            }
            *scaled = l.load(frequencies, multipliers);
        }
        let mut columns = [l.zero(); 8];
        columns[..W].copy_from_slice(&TW::line(l, scaled));
        let mut rows = [l.zero(); 8];
        rows[..H].copy_from_slice(&TH::line(l, l.transpose(columns)));
        let mut samples = [[[0; 8]; 8]; B];
        let fours = rows[..H.next_multiple_of(4)].as_chunks::<4>().0;
        for (four, rows) in fours.iter().enumerate() {
            for (samples, bytes) in samples.iter_mut().zip(l.to_bytes(*rows)) {
                samples[4 * four..][..4].copy_from_slice(&bytes);
            }
        }
        for (number, samples) in samples.iter().enumerate() {
            let rows: [[u8; W]; H] = from_fn(|y| from_fn(|x| samples[y][x]));
            store.target(number).store(&rows);
        }
    }
}

/// Tells where the samples of several blocks go.
pub(crate) trait Store {
    /// The target of the block with this number.
    fn target(&mut self, number: usize) -> Target<'_>;
}

impl<S: Store> Store for &mut S {
    #[inline(always)]
    fn target(&mut self, number: usize) -> Target<'_> {
        (**self).target(number)
    }
}

impl Target<'_> {
    #[inline(always)]
    fn store<const W: usize, const H: usize>(self, rows: &[[u8; W]; H]) {
        let (pieces, _) = self.samples.as_chunks_mut::<W>();
        let mut at = self.start / W;
        for row in rows {
            if let Some(piece) = pieces.get_mut(at) {
                *piece = *row;
            }
            at += self.stride / W;
        }
    }

    /// Stores the sample of a block that becomes only one.
    #[inline(always)]
    pub(crate) fn mean(self, steps: &Steps, dc: i16) {
        self.samples[self.start] = steps.mean(dc);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const SIDES: [Side; 4] = [Side::One, Side::Two, Side::Four, Side::Eight];

    /// The samples of a block at full size by the definition (T.81, A.3.3),
    /// before rounding, around 0; rows first.
    fn definition(block: &Block, quantization: &Quantization) -> [[f64; 8]; 8] {
        let mut coefficients = [[0.0; 8]; 8];
        for (&place, &step) in TRANSPOSED.iter().zip(quantization) {
            let (u, v) = (usize::from(place >> 3), usize::from(place & 7));
            coefficients[v][u] = f64::from(block[usize::from(place)]) * f64::from(step);
        }
        let factor = |k: usize| if k == 0 { 0.5_f64.sqrt() } else { 1.0 };
        let cosine = |k: usize, x: usize| ((2 * x + 1) as f64 * k as f64 * PI / 16.0).cos();
        from_fn(|y| {
            from_fn(|x| {
                let term = |(v, u): (usize, usize)| {
                    factor(u) * factor(v) * coefficients[v][u] * cosine(u, x) * cosine(v, y)
                };
                (0..64).map(|i| term((i / 8, i % 8))).sum::<f64>() / 4.0
            })
        })
    }

    /// Room for the samples of two blocks.
    pub(super) struct Room {
        pub(super) blocks: [Vec<u8>; 2],
        stride: usize,
    }

    impl Room {
        pub(super) fn new(scale: Scale) -> Self {
            let [tall, stride] = scale.0.map(Side::eighths);
            Self { blocks: from_fn(|_| vec![0; tall * stride]), stride }
        }
    }

    impl Store for Room {
        fn target(&mut self, number: usize) -> Target<'_> {
            Target { samples: &mut self.blocks[number], start: 0, stride: self.stride }
        }
    }

    fn samples<L: Lanes>(lanes: L, block: &Block, steps: &Steps, scale: Scale) -> Vec<u8> {
        let mut room = Room::new(scale);
        Blocks { blocks: [block], steps: [steps] }.transform(lanes, scale, &mut room);
        let [samples, _] = room.blocks;
        samples
    }

    fn blocks() -> impl Strategy<Value = (Block, Quantization)> {
        let coefficients = prop::collection::vec(prop_oneof![4 => Just(0), 1 => -80_i16..80], 64);
        let steps = prop::collection::vec(1_u16..30, 64);
        (coefficients, steps).prop_map(|(c, q)| (c.try_into().unwrap(), q.try_into().unwrap()))
    }

    proptest! {
        #[test]
        fn every_scale_is_the_means_of_the_definition((block, quantization) in blocks()) {
            let (full, steps) = (definition(&block, &quantization), Steps::new(&quantization));
            for (down, across) in SIDES.iter().flat_map(|&d| SIDES.map(|a| (d, a))) {
                let [tall, wide] = [8 / down.eighths(), 8 / across.eighths()];
                let samples = samples(Arrays, &block, &steps, Scale([down, across]));
                for (index, &sample) in samples.iter().enumerate() {
                    let (y, x) = (index / across.eighths() * tall, index % across.eighths() * wide);
                    let rows = full[y..y + tall].iter().map(|row| row[x..x + wide].iter().sum::<f64>());
                    let mean = rows.sum::<f64>() / (tall * wide) as f64 + 128.0;
                    let error = f64::from(sample) - mean.clamp(0.0, 255.0);
                    prop_assert!(error.abs() < 0.51, "{error} at {index} of {down:?}, {across:?}");
                }
            }
        }

        #[cfg(target_arch = "x86_64")]
        #[test]
        fn vectors_give_the_same_samples(
            block in prop::collection::vec(any::<i16>(), 64),
            quantization in prop::collection::vec(any::<u16>(), 64),
        ) {
            let Some(v3) = pulp::x86::V3::try_new() else { return Ok(()) };
            let steps = Steps::new(&quantization.try_into().unwrap());
            // As large as a file can have them.
            let mut block: Block = block.try_into().unwrap();
            block[1..].iter_mut().for_each(|coefficient| *coefficient %= 1024);
            for scale in SIDES.iter().flat_map(|&d| SIDES.map(|a| Scale([d, a]))) {
                let vectors = samples(Avx2(v3), &block, &steps, scale);
                prop_assert_eq!(vectors, samples(Arrays, &block, &steps, scale));
            }
        }
    }

    #[test]
    fn a_mean_is_rounded_as_libjpeg_does() {
        let steps = Steps::new(&[3; 64]);
        // 3·dc/8 + 128: halves go up.
        assert_eq!([0, 4, -4, 2000, -2000].map(|dc| steps.mean(dc)), [128, 130, 127, 255, 0]);
    }
}
