//! What a row looks like, in eight bytes.

use super::shrink::{grey, shrink};
use crate::picture::Look;
use image::GrayImage;
use image_hasher::{HashAlg, Hasher, HasherConfig};
use std::sync::LazyLock;

/// Side of the grey version that is hashed: what the hash's cosine transform
/// takes, so that the library resizes nothing.
const SIDE: usize = 16;

/// A picture is blank when its parts differ by at most this, in grey levels…
const BLANK_RANGE: u8 = 6;

/// …and its pixels differ from their mean by at most this on average: a fine
/// pattern has equal parts, too.
const BLANK_DEVIATION: u64 = 2;

/// The perceptual hash of the field: the 8×8 lowest frequencies of a cosine
/// transform, each compared with their median. Of the library's hashes it
/// separates photographs of shoes best. It is the same on every machine:
/// the transform of this length is written out in plain f32 arithmetic.
static HASHER: LazyLock<Hasher<[u8; 8]>> = LazyLock::new(|| {
    HasherConfig::with_bytes_type()
        .hash_size(8, 8)
        .hash_alg(HashAlg::Median)
        .preproc_dct()
        .to_hasher()
});

/// Looks at a row, `[H,W,3]` u8 of `image_size` (height, width, in pixels).
pub(crate) fn look(row: &[u8], image_size: [u32; 2]) -> Look {
    let small = shrink::<SIDE>(row, image_size);
    let levels: Vec<u8> = small.iter().map(|&pixel| grey(pixel)).collect();
    let side = SIDE as u32;
    let picture = GrayImage::from_raw(side, side, levels).expect("16 × 16 levels");
    let hash = HASHER.hash_image(&picture);
    let bytes = hash.as_bytes().try_into().expect("a hash of 64 bits");
    Look { phash: u64::from_be_bytes(bytes), blank: is_blank(row, &small) }
}

/// Whether there is nothing to see: see [`BLANK_RANGE`] and [`BLANK_DEVIATION`].
fn is_blank(row: &[u8], small: &[[u8; 3]]) -> bool {
    let parts = small.iter().map(|&pixel| grey(pixel));
    let (low, high) = (parts.clone().min(), parts.max());
    let even = high.zip(low).is_some_and(|(high, low)| high - low <= BLANK_RANGE);
    // Every pixel is only looked at where the parts say that it may be blank.
    even && (0..3).all(|channel| deviation(row, channel) <= BLANK_DEVIATION)
}

/// The mean distance of a channel's pixels from their mean, rounded down.
fn deviation(row: &[u8], channel: usize) -> u64 {
    let tones = || row.iter().skip(channel).step_by(3);
    let count = tones().count().max(1) as u64;
    let mean = (tones().map(|&tone| u64::from(tone)).sum::<u64>() / count) as u8;
    tones().map(|tone| u64::from(tone.abs_diff(mean))).sum::<u64>() / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(size: [u32; 2], tone: impl Fn(u32, u32) -> u8) -> Vec<u8> {
        let [height, width] = size;
        let places = (0..height).flat_map(|y| (0..width).map(move |x| (x, y)));
        places.flat_map(|(x, y)| [tone(x, y); 3]).collect()
    }

    fn hills(size: [u32; 2]) -> Vec<u8> {
        let [height, width] = size.map(|side| side as f32);
        row(size, |x, y| {
            let (u, v) = (x as f32 / width, y as f32 / height);
            (128.0 + 90.0 * (7.0 * u + 2.0 * v).sin() * (5.0 * v - u * u).cos()) as u8
        })
    }

    #[test]
    fn a_resized_row_has_a_close_hash_and_an_upside_down_one_a_distant_one() {
        let large = look(&hills([224, 224]), [224, 224]);
        let small = look(&hills([90, 130]), [90, 130]);
        let mut turned = hills([224, 224]);
        turned.reverse();
        let turned = look(&turned, [224, 224]);
        assert!((large.phash ^ small.phash).count_ones() <= 2);
        assert!((large.phash ^ turned.phash).count_ones() > 12);
        assert!(!large.blank && !small.blank);
    }

    /// Caches record hashes, so another version of the library must not give others.
    #[test]
    fn the_hash_of_a_known_row_stays() {
        let stairs = row([32, 32], |x, y| (x / 4 * 20 + y / 8 * (y / 8) * 9) as u8);
        assert_eq!(look(&stairs, [32, 32]).phash, 0x55FEFFFEFFFFFEFF);
    }

    #[test]
    fn one_colour_is_blank_with_noise_and_dust_too() {
        let size = [64, 48];
        assert!(look(&row(size, |_, _| 255), size).blank);
        assert!(look(&row(size, |x, y| 200 + ((x * 7 + y * 13) % 5) as u8), size).blank);
        let large = [224, 224];
        assert!(look(&row(large, |x, y| if (x, y) == (9, 9) { 90 } else { 240 }), large).blank);
    }

    #[test]
    fn patterns_and_faint_shapes_are_not_blank() {
        let size = [64, 48];
        assert!(!look(&row(size, |x, y| if (x + y) % 2 == 0 { 90 } else { 160 }), size).blank);
        assert!(!look(&row(size, |x, _| if x < 24 { 240 } else { 230 }), size).blank);
    }

    #[test]
    fn any_size_can_be_looked_at() {
        for size in [[1, 1], [1, 300], [17, 3]] {
            assert!(look(&row(size, |_, _| 7), size).blank);
        }
    }
}
