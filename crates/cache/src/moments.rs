//! Sums over pixels, from which mean and deviation follow exactly.

/// Sums of each channel's bytes and of their squares. Whole numbers, so the
/// result does not depend on the order of the rows; u64 holds 2.8·10¹⁴ pixels.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Moments {
    /// Pixels that were added.
    pub pixels: u64,
    /// Sum over them, per channel.
    pub sum: [u64; 3],
    /// Sum of their squares, per channel.
    pub square_sum: [u64; 3],
}

/// Bytes that are added side by side: whole pixels, and whole vectors of the processor.
const LANES: usize = 48;
/// Additions of a square of a byte that a u32 surely holds.
const STEPS: usize = 65_536;

/// Sums of every [`LANES`]-th byte.
struct Lanes {
    sum: [u32; LANES],
    square_sum: [u32; LANES],
}

impl Lanes {
    /// Inlined, to be compiled for the processor that is there.
    #[inline(always)]
    fn add(&mut self, bytes: &[u8]) {
        let (blocks, rest) = bytes.as_chunks::<LANES>();
        for block in blocks {
            for (lane, &value) in block.iter().enumerate() {
                let value = u32::from(value);
                self.sum[lane] += value;
                self.square_sum[lane] += value * value;
            }
        }
        for (lane, &value) in rest.iter().take(rest.len() / 3 * 3).enumerate() {
            self.sum[lane] += u32::from(value);
            self.square_sum[lane] += u32::from(value).pow(2);
        }
    }
}

impl Moments {
    /// The moments of `[…,3]` bytes; a last pixel that is not whole is left out.
    pub fn of(bytes: &[u8]) -> Self {
        let mut moments = Self { pixels: bytes.len() as u64 / 3, ..Self::default() };
        let arch = pulp::Arch::new();
        for part in bytes.chunks(LANES * STEPS) {
            let mut lanes = Lanes { sum: [0; LANES], square_sum: [0; LANES] };
            arch.dispatch(|| lanes.add(part));
            for lane in 0..LANES {
                moments.sum[lane % 3] += u64::from(lanes.sum[lane]);
                moments.square_sum[lane % 3] += u64::from(lanes.square_sum[lane]);
            }
        }
        moments
    }

    /// Adds what `other` has seen.
    pub fn add(&mut self, other: &Self) {
        self.pixels += other.pixels;
        for channel in 0..3 {
            self.sum[channel] += other.sum[channel];
            self.square_sum[channel] += other.square_sum[channel];
        }
    }

    /// Mean and population standard deviation per channel, 0–1; zeros when
    /// nothing was added.
    pub fn mean_and_std(&self) -> ([f64; 3], [f64; 3]) {
        let pixels = self.pixels.max(1) as f64;
        let mean = self.sum.map(|sum| sum as f64 / pixels);
        let mut std = [0.0; 3];
        for channel in 0..3 {
            let variance = self.square_sum[channel] as f64 / pixels - mean[channel] * mean[channel];
            std[channel] = variance.max(0.0).sqrt() / 255.0;
        }
        (mean.map(|mean| mean / 255.0), std)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mean_and_deviation_of_two_pixels_by_hand() {
        let (mean, std) = Moments::of(&[0, 10, 255, 51, 10, 0]).mean_and_std();
        let close = |a: f64, b: f64| (a - b).abs() < 1e-12;
        assert!(close(mean[0], 0.1) && close(mean[1], 10.0 / 255.0) && close(mean[2], 0.5));
        assert!(close(std[0], 0.1) && close(std[1], 0.0) && close(std[2], 0.5));
    }

    #[test]
    fn the_largest_sums_fit_and_parts_add_up() {
        let white = vec![255; 3 * 1_200_001];
        let whole = Moments::of(&white);
        assert_eq!(whole.pixels, 1_200_001);
        assert_eq!(whole.square_sum, [1_200_001 * 65_025; 3]);
        let mut parts = Moments::of(&white[..3 * 1000]);
        parts.add(&Moments::of(&white[3 * 1000..]));
        assert_eq!(parts, whole);
    }
}
