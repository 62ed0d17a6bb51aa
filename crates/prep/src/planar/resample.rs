//! Resizing a plane: its rows are mixed, then the neighbours in each of what
//! comes out. Between the two, values are bytes, as in Pillow. Where a sample is
//! mixed from many neighbours, they are mixed as rows of the plane on its side.

use super::{
    picks::{Picks, windows},
    vectors::{PICKED, STRIP, TILE, Vectors, WINDOW, Work, run},
    weights::{Axis, Weights},
};
use std::{iter, mem, sync::Arc};

/// A plane of bytes, row-major.
#[derive(Debug, Clone, Copy)]
pub(super) struct Plane<'a> {
    pub(super) width: usize,
    pub(super) height: usize,
    /// `height · width` bytes.
    pub(super) samples: &'a [u8],
}

/// Resizes planes, with buffers and weights that are kept.
#[derive(Debug, Default)]
pub(super) struct Resampler {
    arch: pulp::Arch,
    kept: Vec<Arc<Weights>>,
    mixed: Vec<u8>,
    turned: Vec<u8>,
    upright: Vec<u8>,
}

/// Pictures of a data set have few sizes, each of which needs four axes.
const KEPT_AXES: usize = 64;

impl Resampler {
    /// Resizes `plane`: `rows` tells of its height, `columns` of its width. The
    /// result in `target` is `[rows.count, columns.count]`.
    pub(super) fn resize_upright(
        &mut self,
        plane: Plane<'_>,
        rows: Axis,
        columns: Axis,
        target: &mut Vec<u8>,
    ) {
        let (rows, columns) = (self.weights(rows), self.weights(columns));
        let (height, width) = (rows.axis.count, columns.axis.count);
        target.resize(height * width, 0);
        if let Some(picks) = columns.picks() {
            self.mixed.resize(plane.width + WINDOW, 0);
            let (line, weights) = (&mut self.mixed, &rows);
            return run(self.arch, MixAndPick { plane, weights, picks, line, width, target });
        }
        self.mixed.resize(height * plane.width, 0);
        run(self.arch, Mix { plane, weights: &rows, target: &mut self.mixed });
        let mut turned = mem::take(&mut self.turned);
        self.transpose(Plane { width: plane.width, height, samples: &self.mixed }, &mut turned);
        self.mixed.resize(height * width, 0);
        let plane = Plane { width: height, height: plane.width, samples: &turned };
        run(self.arch, Mix { plane, weights: &columns, target: &mut self.mixed });
        self.transpose(Plane { width: height, height: width, samples: &self.mixed }, target);
        self.turned = turned;
    }

    /// The same with a result that lies on its side: `[columns.count, rows.count]`.
    pub(super) fn resize(
        &mut self,
        plane: Plane<'_>,
        rows: Axis,
        columns: Axis,
        target: &mut Vec<u8>,
    ) {
        let mut upright = mem::take(&mut self.upright);
        self.resize_upright(plane, rows, columns, &mut upright);
        let plane = Plane { width: columns.count, height: rows.count, samples: &upright };
        self.transpose(plane, target);
        self.upright = upright;
    }

    /// Turns a plane on its side.
    pub(super) fn transpose(&self, plane: Plane<'_>, target: &mut Vec<u8>) {
        target.resize(plane.width * plane.height, 0);
        run(self.arch, Transpose { plane, target });
    }

    fn weights(&mut self, axis: Axis) -> Arc<Weights> {
        if let Some(kept) = self.kept.iter().find(|kept| kept.axis == axis) {
            return kept.clone();
        }
        if self.kept.len() == KEPT_AXES {
            self.kept.clear();
        }
        let weights = Arc::new(Weights::new(axis));
        self.kept.push(weights.clone());
        weights
    }
}

/// Mixes a plane's rows to those of `target`.
struct Mix<'a> {
    plane: Plane<'a>,
    weights: &'a Weights,
    target: &'a mut [u8],
}

impl Work for Mix<'_> {
    #[inline(always)]
    fn work<V: Vectors>(self, vectors: V) {
        let rows = mixtures(self.plane, self.weights);
        for (target, (rows, weights)) in self.target.chunks_exact_mut(self.plane.width).zip(rows) {
            mix(vectors, rows, weights, target);
        }
    }
}

/// Mixes a plane's rows, and picks from each at once what becomes of it, while
/// the processor has it at hand.
struct MixAndPick<'a> {
    plane: Plane<'a>,
    weights: &'a Weights,
    picks: &'a Picks,
    /// Room for a row, and for [`WINDOW`] more.
    line: &'a mut [u8],
    /// Of the rows of `target`.
    width: usize,
    target: &'a mut [u8],
}

impl Work for MixAndPick<'_> {
    #[inline(always)]
    fn work<V: Vectors>(self, vectors: V) {
        let Self { plane, weights, picks, line, width, target } = self;
        for (target, (rows, weights)) in
            target.chunks_exact_mut(width).zip(mixtures(plane, weights))
        {
            mix(vectors, rows, weights, &mut line[..plane.width]);
            for ((starts, picks), target) in picks.blocks().zip(target.chunks_mut(PICKED)) {
                let picked = vectors.pick(&windows(line, starts), picks);
                if let Some(whole) = target.first_chunk_mut() {
                    *whole = picked;
                } else {
                    target.copy_from_slice(&picked[..target.len()]);
                }
            }
        }
    }
}

/// The rows that become one, and their weights, one after the other.
#[inline(always)]
fn mixtures<'a>(
    plane: Plane<'a>,
    weights: &'a Weights,
) -> impl Iterator<Item = (&'a [u8], &'a [i16])> {
    let Weights { taps, starts, weights, .. } = weights;
    let rows = move |&start: &usize| &plane.samples[start * plane.width..][..taps * plane.width];
    starts.iter().map(rows).zip(weights.chunks_exact(*taps))
}

/// Mixes `rows`, one after the other, to one that is as long.
#[inline(always)]
fn mix<V: Vectors>(vectors: V, rows: &[u8], weights: &[i16], target: &mut [u8]) {
    let width = target.len();
    if width < STRIP {
        return mix_narrow(vectors, rows, weights, target);
    }
    for x in starts_of(width, STRIP) {
        // Counted by hand, since an iterator over pieces divides to begin with.
        let mut from = x;
        let strips = weights.iter().map(
            #[inline(always)]
            |&weight| {
                let strip = piece(rows, from);
                from += width;
                (strip, weight)
            },
        );
        let mixed = vectors.mix(strips);
        target[x..x + STRIP].copy_from_slice(&mixed);
    }
}

#[inline(always)]
fn mix_narrow<V: Vectors>(vectors: V, rows: &[u8], weights: &[i16], target: &mut [u8]) {
    let rows = rows.chunks_exact(target.len()).zip(weights);
    let mixed = vectors.mix(rows.map(|(row, &weight)| (piece(row, 0), weight)));
    target.copy_from_slice(&mixed[..target.len()]);
}

/// The `N` bytes of a row from `start` on, or with zeros behind them the few
/// that there are.
#[inline(always)]
fn piece<const N: usize>(row: &[u8], start: usize) -> [u8; N] {
    let rest = &row[start..];
    if let Some(whole) = rest.first_chunk() {
        return *whole;
    }
    let mut padded = [0; N];
    padded[..rest.len()].copy_from_slice(rest);
    padded
}

/// Where pieces of `piece` begin that cover `length`, at least `piece`: side by
/// side, but for the last one, which ends with the whole.
fn starts_of(length: usize, piece: usize) -> impl Iterator<Item = usize> + Clone {
    (0..length - piece).step_by(piece).chain(iter::once(length - piece))
}

/// Turns a plane on its side.
struct Transpose<'a> {
    plane: Plane<'a>,
    target: &'a mut [u8],
}

impl Work for Transpose<'_> {
    #[inline(always)]
    fn work<V: Vectors>(self, vectors: V) {
        let Plane { width, height, samples } = self.plane;
        if width.min(height) < TILE {
            for (x, line) in self.target.chunks_exact_mut(height).enumerate() {
                let column = samples[x..].iter().step_by(width);
                line.iter_mut().zip(column).for_each(|(to, from)| *to = *from);
            }
            return;
        }
        for y in starts_of(height, TILE) {
            let rows: [&[u8]; TILE] = std::array::from_fn(|i| &samples[(y + i) * width..][..width]);
            for x in starts_of(width, TILE) {
                let mut tile = [[0; TILE]; TILE];
                for (line, row) in tile.iter_mut().zip(rows) {
                    *line = piece(row, x);
                }
                for (i, line) in vectors.transpose(tile).iter().enumerate() {
                    if let Some(to) = self.target[(x + i) * height + y..].first_chunk_mut() {
                        *to = *line;
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planar::weights::Filter;

    fn axis(available: usize, count: usize) -> Axis {
        let covered = available as f64;
        let (pixels, filter) = (available as u32, Filter::Triangle);
        Axis { covered, pixels, start: 0.0, length: covered, count, filter }
    }

    #[test]
    fn pieces_cover_the_whole() {
        assert_eq!(starts_of(32, 32).collect::<Vec<_>>(), [0]);
        assert_eq!(starts_of(70, 32).collect::<Vec<_>>(), [0, 32, 38]);
        assert_eq!(starts_of(64, 32).collect::<Vec<_>>(), [0, 32]);
    }

    #[test]
    fn the_same_size_is_the_plane_on_its_side() {
        let mut resampler = Resampler::default();
        for (width, height) in [(1, 1), (5, 3), (8, 40), (70, 33)] {
            let samples: Vec<u8> = (0..width * height).map(|i| (i * 7) as u8).collect();
            let plane = Plane { width, height, samples: &samples };
            let (mut turned, mut back) = (Vec::new(), Vec::new());
            resampler.resize(plane, axis(height, height), axis(width, width), &mut turned);
            assert!(
                (0..height * width)
                    .all(|i| { turned[i % width * height + i / width] == samples[i] })
            );
            let turned = Plane { width: height, height: width, samples: &turned };
            resampler.transpose(turned, &mut back);
            assert_eq!(back, samples);
        }
    }

    #[test]
    fn a_ramp_stays_a_ramp() {
        // Column x holds 2·x + ½ around the middle of each output.
        let samples: Vec<u8> = (0..20).flat_map(|_| (0..80).map(|x| 2 * x)).collect();
        let plane = Plane { width: 80, height: 20, samples: &samples };
        let mut target = Vec::new();
        Resampler::default().resize(plane, axis(20, 10), axis(80, 40), &mut target);
        for (x, line) in target.chunks_exact(10).enumerate().skip(1).take(38) {
            assert!(line.iter().all(|&value| usize::from(value) == 4 * x + 1), "column {x}");
        }
    }
}
