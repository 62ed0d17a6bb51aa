//! From lines of planes to lines of RGB pixels.

use super::vectors::{JOINED, Vectors, Work};

/// The lines of a picture's planes, of the same length.
#[derive(Debug, Clone, Copy)]
pub(super) enum Lines<'a> {
    Grey(&'a [u8]),
    Rgb([&'a [u8]; 3]),
    /// Brightness, and the distances of blue and of red from it, around 128.
    YCbCr([&'a [u8]; 3]),
}

/// Writes the pixels of `lines` to `pixels`, three bytes each.
pub(super) struct Colour<'a> {
    pub(super) lines: Lines<'a>,
    pub(super) pixels: &'a mut [u8],
}

impl Work for Colour<'_> {
    #[inline(always)]
    fn work<V: Vectors>(self, vectors: V) {
        let Self { lines, pixels } = self;
        match lines {
            Lines::Grey(line) => join(vectors, [line; 3], pixels, |channels| channels),
            Lines::Rgb(lines) => join(vectors, lines, pixels, |channels| channels),
            Lines::YCbCr(lines) => join(
                vectors,
                lines,
                pixels,
                #[inline(always)]
                |lines| vectors.to_rgb(lines),
            ),
        }
    }
}

#[inline(always)]
fn join<V: Vectors>(
    vectors: V,
    lines: [&[u8]; 3],
    pixels: &mut [u8],
    convert: impl Fn([[u8; JOINED]; 3]) -> [[u8; JOINED]; 3],
) {
    let ([a, b, c], [a_rest, b_rest, c_rest]) = split(lines);
    let (whole, rest) = pixels.as_chunks_mut::<{ 3 * JOINED }>();
    for (pixels, ((a, b), c)) in whole.iter_mut().zip(a.iter().zip(b).zip(c)) {
        let joined = vectors.join(convert([*a, *b, *c]));
        pixels.copy_from_slice(joined.as_flattened());
    }
    if !rest.is_empty() {
        let padded = |line: &[u8]| {
            let mut padded = [0; JOINED];
            padded[..line.len()].copy_from_slice(line);
            padded
        };
        let joined = vectors.join(convert([padded(a_rest), padded(b_rest), padded(c_rest)]));
        rest.copy_from_slice(&joined.as_flattened()[..rest.len()]);
    }
}

/// The whole pieces of three lines, and what is behind them.
#[inline(always)]
fn split([a, b, c]: [&[u8]; 3]) -> ([&[[u8; JOINED]]; 3], [&[u8]; 3]) {
    let ((a, a_rest), (b, b_rest), (c, c_rest)) = (a.as_chunks(), b.as_chunks(), c.as_chunks());
    ([a, b, c], [a_rest, b_rest, c_rest])
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::planar::vectors::Arrays;

    #[test]
    fn converts_by_hand() {
        let mut pixels = [0; 12];
        // Black, white, and JFIF's red and blue.
        let lines = Lines::YCbCr([&[0, 255, 76, 29], &[128, 128, 85, 255], &[128, 128, 255, 107]]);
        Colour { lines, pixels: &mut pixels }.work(Arrays);
        assert_eq!(pixels, [0, 0, 0, 255, 255, 255, 254, 0, 0, 0, 0, 254]);
    }

    #[test]
    fn lines_of_any_length_are_joined() {
        for length in [1, 15, 16, 17, 40] {
            let line: Vec<u8> = (0..length).collect();
            let mut pixels = vec![0; usize::from(length) * 3];
            Colour { lines: Lines::Grey(&line), pixels: &mut pixels }.work(Arrays);
            assert!(pixels.iter().enumerate().all(|(i, &value)| usize::from(value) == i / 3));
        }
    }
}
