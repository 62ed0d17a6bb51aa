//! Mixing neighbours within a line: for a few samples at a time, which of the
//! bytes near them they are mixed from.

use super::{
    vectors::{NOWHERE, PICKED, Pick, WINDOW, Windows},
    weights::Weights,
};

/// Samples that share a window.
const SHARING: usize = 4;

/// The weights of an axis, laid out for [`pick`](super::vectors::Vectors::pick).
#[derive(Debug)]
pub(super) struct Picks {
    blocks: Vec<Block>,
    /// As many for each block.
    picks: Vec<[Pick; PICKED / 8]>,
}

/// Where the windows of [`PICKED`] samples begin.
type Block = [usize; PICKED / SHARING];

impl Picks {
    /// `None` where what four neighbours are mixed from is no [`WINDOW`].
    pub(super) fn new(weights: &Weights) -> Option<Self> {
        let Weights { taps, starts, .. } = weights;
        let fits = |four: &[usize]| four[four.len() - 1] + taps - four[0] <= WINDOW;
        if !starts.chunks(SHARING).all(fits) {
            return None;
        }
        let mut blocks = Vec::new();
        let mut picks = Vec::new();
        for first in (0..starts.len()).step_by(PICKED) {
            let window = |index| starts.get(first + index * SHARING).copied().unwrap_or(0);
            blocks.push(std::array::from_fn(window));
            for tap in (0..*taps).step_by(2) {
                picks.push(std::array::from_fn(|eight| eight_of(weights, first + eight * 8, tap)));
            }
        }
        Some(Self { blocks, picks })
    }

    /// Where the windows of each [`PICKED`] samples begin, and what is taken
    /// from them.
    #[inline(always)]
    pub(super) fn blocks(&self) -> impl Iterator<Item = (&Block, &[[Pick; PICKED / 8]])> {
        self.blocks.iter().zip(self.picks.chunks_exact(self.picks.len() / self.blocks.len()))
    }
}

/// The neighbours `tap` and `tap + 1` of the eight samples from `first` on.
fn eight_of(weights: &Weights, first: usize, tap: usize) -> Pick {
    let Weights { taps, starts, weights, .. } = weights;
    let mut pick = Pick { places: [NOWHERE; 32], weights: [0; 16] };
    let samples = starts.iter().enumerate().skip(first).take(8);
    for (lane, (sample, start)) in samples.enumerate() {
        let window = starts[sample - sample % SHARING];
        for half in 0..2.min(taps - tap) {
            pick.places[4 * lane + 2 * half] = (start - window + tap + half) as u8;
            pick.weights[2 * lane + half] = weights[sample * taps + tap + half];
        }
    }
    pick
}

/// The windows of a `line` that begin at `starts`; as many bytes as
/// [`WINDOW`] follow the line.
#[inline(always)]
pub(super) fn windows(line: &[u8], starts: &Block) -> Windows {
    let mut windows = [[[0; WINDOW]; 2]; PICKED / 8];
    for (eight, windows) in windows.iter_mut().enumerate() {
        for (half, window) in windows.iter_mut().enumerate() {
            if let Some(bytes) = line[starts[2 * eight + half]..].first_chunk() {
                *window = *bytes;
            }
        }
    }
    windows
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planar::{
        vectors::{Arrays, Vectors},
        weights::{Axis, Filter, ONE},
    };

    fn weights(available: usize, count: usize, filter: Filter) -> Weights {
        let covered = available as f64;
        let pixels = available as u32;
        Weights::new(Axis { covered, pixels, start: 0.0, length: covered, count, filter })
    }

    #[test]
    fn picks_what_the_weights_say() {
        for (available, count) in [(1, 1), (5, 40), (224, 224), (480, 224), (100, 33)] {
            let weights = weights(available, count, Filter::Triangle);
            let mut line: Vec<u8> = (0..available).map(|i| (i * 89 % 251) as u8).collect();
            line.extend([0; WINDOW]);
            let picks = weights.picks().unwrap();
            let picked: Vec<u8> = picks
                .blocks()
                .flat_map(|(starts, picks)| Arrays.pick(&windows(&line, starts), picks))
                .take(count)
                .collect();
            let taps = weights.weights.chunks_exact(weights.taps);
            for ((&start, taps), picked) in weights.starts.iter().zip(taps).zip(picked) {
                let parts = line[start..].iter().zip(taps);
                let sum: f64 = parts.map(|(&s, &w)| f64::from(s) * f64::from(w)).sum();
                assert_eq!(f64::from(picked), (sum / f64::from(ONE) + 0.5).floor());
            }
        }
    }

    #[test]
    fn wide_filters_do_not_fit() {
        assert!(weights(2000, 100, Filter::Triangle).picks().is_none());
        assert!(weights(448, 224, Filter::Lanczos3).picks().is_none());
    }
}
