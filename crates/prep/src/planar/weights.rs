//! Which samples make up a resized one, and with what weights.

use super::picks::Picks;
use std::{f64::consts::PI, sync::OnceLock};

/// A weight of 1.
pub(super) const ONE: i16 = 1 << 14;

/// How samples make up a resized one. The first two are antialiasing filters,
/// stretched by the scale where that is above 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filter {
    /// A triangle, Pillow's `BILINEAR`.
    Triangle,
    /// A windowed sinc over six samples, Pillow's `LANCZOS`.
    Lanczos3,
    /// The two pixels on either side mixed by distance, TensorFlow's
    /// `ResizeBilinear` with half-pixel centres; a plane with fewer samples than
    /// pixels is taken as libjpeg enlarges it, which is by distance too.
    Sampled,
}

impl Filter {
    /// Samples to either side of the middle, before stretching.
    fn support(self) -> f64 {
        match self {
            Self::Triangle | Self::Sampled => 1.0,
            Self::Lanczos3 => 3.0,
        }
    }

    fn at(self, x: f64) -> f64 {
        match self {
            Self::Triangle | Self::Sampled => (1.0 - x.abs()).max(0.0),
            Self::Lanczos3 if x.abs() < 3.0 => sinc(x) * sinc(x / 3.0),
            Self::Lanczos3 => 0.0,
        }
    }
}

fn sinc(x: f64) -> f64 {
    if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) }
}

/// One axis of a resizing: `count` samples from `length` of those there are
/// that begin at `start`, in samples.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Axis {
    /// How many samples the picture covers, the last one perhaps in part.
    pub(super) covered: f64,
    /// The pixels that those samples stand for.
    pub(super) pixels: u32,
    pub(super) start: f64,
    pub(super) length: f64,
    pub(super) count: usize,
    pub(super) filter: Filter,
}

impl Axis {
    /// Samples that there are.
    fn available(&self) -> usize {
        self.covered.ceil() as usize
    }

    /// Samples that one output stands for.
    pub(super) fn scale(&self) -> f64 {
        self.length / self.count as f64
    }

    /// The first sample of an output, and the weights from it to the last one,
    /// in proportion to each other.
    fn output(&self, index: usize) -> (usize, Vec<f64>) {
        match self.filter {
            Filter::Sampled => self.sampled(index),
            Filter::Triangle | Filter::Lanczos3 => self.filtered(index),
        }
    }

    /// The samples of two neighbouring pixels, each of which is a mix of two
    /// neighbouring samples.
    fn sampled(&self, index: usize) -> (usize, Vec<f64>) {
        let last = self.available() - 1;
        let samples = self.covered / f64::from(self.pixels);
        let middle = (self.start + (index as f64 + 0.5) * self.scale()) / samples;
        let (near, far, share) = neighbours(middle - 0.5, self.pixels as usize - 1);
        let mixed = [(near, 1.0 - share), (far, share)].map(|(pixel, weight)| {
            let place = (pixel as f64 + 0.5) * samples - 0.5;
            let (near, far, share) = neighbours(place, last);
            [(near, weight * (1.0 - share)), (far, weight * share)]
        });
        let parts = mixed.as_flattened().iter().filter(|(_, weight)| *weight != 0.0);
        let samples = || parts.clone().map(|(sample, _)| *sample);
        let first = samples().min().unwrap_or(near);
        let mut weights = vec![0.0; samples().max().unwrap_or(first) - first + 1];
        parts.clone().for_each(|(sample, weight)| weights[sample - first] += weight);
        (first, weights)
    }

    fn filtered(&self, index: usize) -> (usize, Vec<f64>) {
        let stretch = self.scale().max(1.0);
        let reach = self.filter.support() * stretch;
        let middle = self.start + (index as f64 + 0.5) * self.scale();
        let first = (middle - reach + 0.5).max(0.0) as usize;
        let end = ((middle + reach + 0.5) as usize).min(self.available());
        // A mean in which half of the pixels lie beyond the picture counts half;
        // between samples, where nothing is averaged, each counts as it is.
        let averages = stretch > 1.0;
        let inside = |sample: usize| (self.covered - sample as f64).min(1.0);
        let share = |sample: usize| if averages { inside(sample) } else { 1.0 };
        let weight = |sample: usize| {
            self.filter.at((sample as f64 + 0.5 - middle) / stretch) * share(sample)
        };
        let matters = |&sample: &usize| weight(sample) != 0.0;
        // The nearest sample always matters, being half a sample away at most.
        let first = (first..end).find(matters).unwrap_or(0);
        let last = (first..end).rfind(matters).unwrap_or(first);
        (first, (first..=last).map(weight).collect())
    }
}

/// The positions on either side of a place, and the share of the second one;
/// beyond the edges lies what is at the edge.
fn neighbours(place: f64, last: usize) -> (usize, usize, f64) {
    let place = place.clamp(0.0, last as f64);
    let near = place.floor();
    (near as usize, (near as usize + 1).min(last), place - near)
}

/// The weights of an axis, in fractions of [`ONE`]: the same number of samples
/// for each output, neighbours of each other, their weights adding up to 1.
#[derive(Debug)]
pub(super) struct Weights {
    pub(super) axis: Axis,
    pub(super) taps: usize,
    /// The first sample of each output.
    pub(super) starts: Vec<usize>,
    /// `taps` for each output.
    pub(super) weights: Vec<i16>,
    picks: OnceLock<Option<Picks>>,
}

impl Weights {
    /// Weights as Pillow computes them (`precompute_coeffs` in its
    /// `Resample.c`): the filter around each output's middle, cut off at the
    /// edges, divided by its sum.
    pub(super) fn new(axis: Axis) -> Self {
        let outputs: Vec<_> = (0..axis.count).map(|index| axis.output(index)).collect();
        let taps = outputs.iter().map(|(_, exact)| exact.len()).max().unwrap_or(1);
        let (starts, picks) = (Vec::new(), OnceLock::new());
        let mut weights = Self { axis, taps, starts, weights: Vec::new(), picks };
        for (start, exact) in outputs {
            weights.push(start, &exact);
        }
        weights
    }

    /// The same weights for mixing neighbours in a line; `None` where there are
    /// too many for that.
    pub(super) fn picks(&self) -> Option<&Picks> {
        self.picks.get_or_init(|| Picks::new(self)).as_ref()
    }

    fn push(&mut self, start: usize, exact: &[f64]) {
        // At the end of the axis the zeros that fill up go in front.
        let moved = start.min(self.axis.available() - self.taps);
        let from = self.weights.len();
        self.weights.resize(from + self.taps, 0);
        let own = &mut self.weights[from + start - moved..][..exact.len()];
        let sum: f64 = exact.iter().sum();
        for (weight, exact) in own.iter_mut().zip(exact) {
            *weight = (exact / sum * f64::from(ONE)).round() as i16;
        }
        // What rounding adds or takes is put right where it matters least.
        let error = i32::from(ONE) - own.iter().map(|&w| i32::from(w)).sum::<i32>();
        if let Some(largest) = own.iter_mut().max() {
            *largest += error as i16;
        }
        self.starts.push(moved);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn axis(available: usize, count: usize, filter: Filter) -> Axis {
        let covered = available as f64;
        Axis { covered, pixels: available as u32, start: 0.0, length: covered, count, filter }
    }

    #[test]
    fn halving_with_a_triangle_by_hand() {
        // The triangle around 2 reaches from 0 to 4: ⅛, ⅜, ⅜, ⅛; at the edge a
        // part is cut off and the rest is divided by its sum.
        let halved = Weights::new(axis(8, 4, Filter::Triangle));
        assert_eq!(halved.taps, 4);
        assert_eq!(halved.weights[..4], [7022, 7021, 2341, 0]);
        assert_eq!(halved.starts, [0, 1, 3, 4]);
        assert_eq!(halved.weights[4..8], [2048, 6144, 6144, 2048]);
        assert_eq!(halved.weights[12..], [0, 2341, 7022, 7021]);
    }

    #[test]
    fn what_lies_partly_outside_counts_in_part() {
        // The triangle around 1.125 reaches 2.25 to either side: 13/18, 15/18
        // and 7/18, of which a quarter counts.
        let axis = Axis { covered: 2.25, length: 2.25, ..axis(3, 1, Filter::Triangle) };
        assert_eq!(Weights::new(axis).weights, [7159, 8261, 964]);
        // Nothing is averaged when a plane is enlarged.
        let enlarged = Weights::new(Axis { count: 9, ..axis });
        assert_eq!(enlarged.weights[8 * enlarged.taps..], [6144, 10240]);
    }

    #[test]
    fn sampling_takes_two_pixels_and_the_samples_they_are_made_of() {
        // Positions −¼, ¼, ¾, 1¼ of two pixels.
        let doubled = Weights::new(axis(2, 4, Filter::Sampled));
        assert_eq!(doubled.weights, [ONE, 0, 12288, 4096, 4096, 12288, 0, ONE]);
        // Four pixels of two samples are 1, ¾ : ¼, ¼ : ¾ and 1; half-way between
        // the second and the third lies the middle.
        let axis = Axis { pixels: 4, ..axis(2, 1, Filter::Sampled) };
        assert_eq!(Weights::new(axis).weights, [ONE / 2, ONE / 2]);
        // Shrinking skips pixels: of six, the second and the fifth.
        let skipping = Axis { count: 2, ..self::axis(6, 1, Filter::Sampled) };
        assert_eq!(Weights::new(skipping).starts, [1, 4]);
    }

    #[test]
    fn weights_add_up_to_one_everywhere() {
        for filter in [Filter::Triangle, Filter::Lanczos3, Filter::Sampled] {
            for (available, count) in [(1, 1), (1, 9), (9, 1), (240, 224), (100, 224), (504, 224)] {
                let weights = Weights::new(axis(available, count, filter));
                for (start, taps) in weights.starts.iter().zip(weights.weights.chunks(weights.taps))
                {
                    assert_eq!(taps.iter().map(|&w| i32::from(w)).sum::<i32>(), 1 << 14);
                    assert!(start + weights.taps <= available);
                }
            }
        }
    }

    #[test]
    fn the_same_size_is_the_identity() {
        let weights = Weights::new(axis(5, 5, Filter::Lanczos3));
        for (index, taps) in weights.weights.chunks(weights.taps).enumerate() {
            let own = index - weights.starts[index];
            assert!(taps.iter().enumerate().all(|(tap, &w)| w == if tap == own { ONE } else { 0 }));
        }
    }
}
