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
            Lines::YCbCr(lines) => join(vectors, lines, pixels, to_rgb),
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
    let pieces = pixels.chunks_mut(3 * JOINED);
    for (start, pixels) in (0..).step_by(JOINED).zip(pieces) {
        let mut channels = [[0; JOINED]; 3];
        for (channel, line) in channels.iter_mut().zip(lines) {
            if let Some(whole) = line[start..].first_chunk() {
                *channel = *whole;
            } else {
                channel[..line.len() - start].copy_from_slice(&line[start..]);
            }
        }
        let joined = vectors.join(convert(channels));
        let joined = joined.as_flattened();
        if let Some(whole) = pixels.first_chunk_mut::<{ 3 * JOINED }>() {
            whole.copy_from_slice(joined);
        } else {
            pixels.copy_from_slice(&joined[..pixels.len()]);
        }
    }
}

/// The formula of JFIF 1.02, section 7, in 65,536ths, as libjpeg has it:
/// `R = Y + 1.402·Cr`, `G = Y − 0.344136·Cb − 0.714136·Cr`, `B = Y + 1.772·Cb`.
#[inline(always)]
fn to_rgb([luma, blue, red]: [[u8; JOINED]; 3]) -> [[u8; JOINED]; 3] {
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
