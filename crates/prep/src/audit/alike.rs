//! Whether two rows show the same shot: what pixels say where perceptual
//! hashes are close.
//!
//! Photographs of products in one pose before one background have close
//! hashes, too; what tells them apart is colour and detail. So rows are
//! compared pixel by pixel in a small version. A pixel that lies between the
//! lightest and the darkest of its neighbourhood in the other row counts as
//! equal: that forgives a shift or crop of some two per cent, and the blur of
//! compression. A change of brightness or contrast is forgiven, too.

use super::shrink::{grey, shrink};

/// Side of the version that rows are compared in.
const SIDE: usize = 48;

/// Differences up to this are not counted, in grey levels: rounding.
const SLACK: f32 = 1.0;

/// Contrasts that differ by more than this factor are no mere adjustment.
const MOST_GAIN: f32 = 2.0;

/// Rows of which the difference is at most this show the same shot.
///
/// Measured on 693 photographs of shoes: of pairs of different shots whose
/// hashes differ in up to 12 bits, the closest is at 0.023, and the closest
/// with up to 8 bits at 0.033; two true pairs are at 0.001. Among copies with up to 8
/// bits, it keeps 95 % of those saved as JPEG of quality 15, 98 % of those
/// with 2 % cropped from every side, and all that were halved or darkened.
pub const SAME: f32 = 0.02;

/// The first pictures of two groups that become one differ by at most this.
/// An original links copies that lost 4 % at opposite sides: those differ by
/// less than 0.1, nine in ten. Rows that have nothing in common differ by
/// more than 0.4, nine in ten.
pub const KIN: f32 = 8.0 * SAME;

/// A row in 48×48 pixels.
#[derive(Debug, Clone)]
pub struct Detail {
    /// `[48,48,3]`, as the other two.
    tones: Vec<u8>,
    /// The darkest of each pixel's neighbourhood, by channel.
    low: Vec<u8>,
    /// The lightest of each pixel's neighbourhood, by channel.
    high: Vec<u8>,
    /// Mean of the grey levels.
    mean: f32,
    /// Standard deviation of the grey levels, at least 1.
    deviation: f32,
}

impl Detail {
    /// The small version of `row`, `[H,W,3]` u8.
    pub fn new(row: &[u8], image_size: [u32; 2]) -> Self {
        let pixels = shrink::<SIDE>(row, image_size);
        let (mean, deviation) = moments(&pixels);
        let tones = pixels.into_flattened();
        let low = spread(&tones, u8::min);
        let high = spread(&tones, u8::max);
        Self { tones, low, high, mean, deviation }
    }

    /// The mean distance between pixels of the one and neighbourhoods of the
    /// other, as a share of the greater standard deviation of their grey
    /// levels: 0 for the same row, above 0.1 mostly for others. The smaller one
    /// of comparing as they are, and with brightness and contrast matched.
    pub fn difference(&self, other: &Self) -> f32 {
        let gain = other.deviation / self.deviation;
        let plain = self.mismatch(other, 1.0, 0.0);
        if !(1.0 / MOST_GAIN..=MOST_GAIN).contains(&gain) {
            return plain;
        }
        plain.min(self.mismatch(other, gain, other.mean - gain * self.mean))
    }

    /// The difference when this row's tones become `gain · tone + offset`.
    fn mismatch(&self, other: &Self, gain: f32, offset: f32) -> f32 {
        let there = self.outside(other, gain, offset);
        let back = other.outside(self, 1.0 / gain, -offset / gain);
        there.max(back) / self.deviation.max(other.deviation)
    }

    /// The mean distance of this row's pixels from the other's neighbourhoods,
    /// in grey levels.
    fn outside(&self, other: &Self, gain: f32, offset: f32) -> f32 {
        let tones = self.tones.as_chunks::<LANES>().0.iter();
        let ranges = other.low.as_chunks::<LANES>().0.iter().zip(other.high.as_chunks::<LANES>().0);
        // Sums side by side, since one sum would wait for itself.
        let mut sums = [0.0; LANES];
        for (tones, (low, high)) in tones.zip(ranges) {
            for lane in 0..LANES {
                let tone = (f32::from(tones[lane]) * gain + offset).clamp(0.0, 255.0);
                let distance = (tone - f32::from(high[lane])).max(f32::from(low[lane]) - tone);
                sums[lane] += (distance - SLACK).max(0.0);
            }
        }
        sums.iter().sum::<f32>() / self.tones.len() as f32
    }
}

/// Tones that are compared side by side; a whole number of times in a row.
const LANES: usize = 16;

/// Mean and standard deviation of the grey levels, the latter at least 1.
fn moments(pixels: &[[u8; 3]]) -> (f32, f32) {
    let (mut sum, mut squares) = (0u32, 0u32);
    for level in pixels.iter().map(|&pixel| u32::from(grey(pixel))) {
        sum += level;
        squares += level * level;
    }
    let count = pixels.len() as f64;
    let mean = f64::from(sum) / count;
    let variance = f64::from(squares) / count - mean * mean;
    (mean as f32, variance.max(1.0).sqrt() as f32)
}

/// The extreme of each tone's neighbourhood: one line up and down, one pixel to
/// the left and right.
fn spread(tones: &[u8], pick: impl Fn(u8, u8) -> u8) -> Vec<u8> {
    let mut down = tones.to_vec();
    neighbours(&mut down, tones, SIDE * 3, &pick);
    let mut all = down.clone();
    for (line, tones) in all.chunks_exact_mut(SIDE * 3).zip(down.chunks_exact(SIDE * 3)) {
        neighbours(line, tones, 3, &pick);
    }
    all
}

/// Makes each of `all` the extreme of itself and the two of `tones` that are
/// `step` bytes away.
fn neighbours(all: &mut [u8], tones: &[u8], step: usize, pick: impl Fn(u8, u8) -> u8) {
    let before = all[step..].iter_mut().zip(tones);
    before.for_each(|(tone, &other)| *tone = pick(*tone, other));
    let after = all.iter_mut().zip(&tones[step..]);
    after.for_each(|(tone, &other)| *tone = pick(*tone, other));
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [u32; 2] = [96, 96];

    /// A disc of one colour on a wash of another, `shift` pixels to the right.
    fn row(disc: [f32; 3], shift: f32, gain: f32) -> Vec<u8> {
        let mut row = Vec::new();
        for y in 0..96u8 {
            for x in 0..96u8 {
                let (u, v) = (f32::from(x) - 44.0 - shift, f32::from(y) - 50.0);
                let wash = [150.0 + v * 0.8, 160.0, 170.0 - u * 0.5];
                let colour = if u.hypot(v) < 25.0 { disc } else { wash };
                row.extend(colour.map(|tone| (tone * gain) as u8));
            }
        }
        row
    }

    fn difference(a: &[u8], b: &[u8]) -> f32 {
        let (a, b) = (Detail::new(a, SIZE), Detail::new(b, SIZE));
        assert_eq!(a.difference(&b).max(SLACK), b.difference(&a).max(SLACK));
        a.difference(&b)
    }

    #[test]
    fn a_shift_or_another_brightness_is_the_same_shot() {
        let shoe = row([40.0, 60.0, 90.0], 0.0, 1.0);
        assert_eq!(difference(&shoe, &shoe), 0.0);
        assert!(difference(&shoe, &row([40.0, 60.0, 90.0], 2.0, 1.0)) < SAME);
        assert!(difference(&shoe, &row([40.0, 60.0, 90.0], 0.0, 0.8)) < SAME);
    }

    #[test]
    fn another_colour_or_place_is_another_shot() {
        let shoe = row([40.0, 60.0, 90.0], 0.0, 1.0);
        assert!(difference(&shoe, &row([100.0, 40.0, 60.0], 0.0, 1.0)) > KIN);
        assert!(difference(&shoe, &row([40.0, 60.0, 90.0], 30.0, 1.0)) > KIN);
    }

    #[test]
    fn neighbourhoods_end_at_the_border() {
        let mut tones = vec![9; SIDE * SIDE * 3];
        // The first pixel's red, and a green at the end of the second line.
        (tones[0], tones[2 * SIDE * 3 - 2]) = (200, 100);
        let high = spread(&tones, u8::max);
        let high = &high;
        let places = |tone| (0..high.len()).filter(move |&place| high[place] == tone);
        let red: Vec<_> = places(200).collect();
        assert_eq!(red, [0, 3, SIDE * 3, SIDE * 3 + 3]);
        assert!(places(100).all(|place| place % (SIDE * 3) >= SIDE * 3 - 5));
        assert_eq!(places(100).count(), 6);
    }
}
