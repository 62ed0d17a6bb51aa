//! Small versions of a row, by averaging boxes of its pixels.

use std::ops::Range;

/// The pixels that cell `cell` of `cells` covers of `side` pixels: at least
/// one, so a row smaller than its small version repeats pixels.
fn span(cell: usize, cells: usize, side: usize) -> Range<usize> {
    let start = cell * side / cells;
    start..((cell + 1) * side / cells).max(start + 1)
}

/// Lines whose bytes a u16 surely holds the sum of.
const STEPS: usize = 257;

/// Shrinks `row`, `[H,W,3]` u8, to `N`×`N` RGB pixels, row-major, each the
/// rounded mean of the pixels that it covers. Whole numbers only, so the
/// result is the same on every machine.
pub fn shrink<const N: usize>(row: &[u8], [height, width]: [u32; 2]) -> Vec<[u8; 3]> {
    let (height, width) = (height as usize, width as usize);
    let mut small = Vec::with_capacity(N * N);
    let mut sums = vec![0u16; width * 3];
    for cell in 0..N {
        let lines = span(cell, N, height);
        let count = lines.len();
        let mut totals = [[0u64; 3]; N];
        // Lines are added up side by side first: long loops over bytes that lie
        // one after the other are what a processor adds fastest.
        for part in row[lines.start * width * 3..lines.end * width * 3].chunks(width * 3 * STEPS) {
            sums.fill(0);
            for line in part.chunks_exact(width * 3) {
                sums.iter_mut().zip(line).for_each(|(sum, &value)| *sum += u16::from(value));
            }
            for (cell, total) in totals.iter_mut().enumerate() {
                let columns = span(cell, N, width);
                add(total, &sums[columns.start * 3..columns.end * 3]);
            }
        }
        let columns = totals.iter().enumerate();
        small.extend(columns.map(|(cell, total)| mean(*total, count * span(cell, N, width).len())));
    }
    small
}

/// Adds the pixels of `sums`, by channel.
fn add(total: &mut [u64; 3], sums: &[u16]) {
    for pixel in sums.as_chunks::<3>().0 {
        (0..3).for_each(|channel| total[channel] += u64::from(pixel[channel]));
    }
}

/// The rounded mean over `count` pixels.
fn mean(total: [u64; 3], count: usize) -> [u8; 3] {
    let count = count as u64;
    // A mean of bytes fits a byte.
    total.map(|sum| ((sum + count / 2) / count) as u8)
}

/// The lightness of a pixel, 0–255: ITU-R BT.601's luma, in 1/256.
pub fn grey([red, green, blue]: [u8; 3]) -> u8 {
    let weighed = 77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue);
    (weighed >> 8) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_are_averaged_by_hand() {
        // Two by four pixels to two by two: each cell is two neighbours.
        let row: Vec<u8> = (0..8).flat_map(|pixel| [pixel * 10, 0, 255]).collect();
        let small = shrink::<2>(&row, [2, 4]);
        assert_eq!(small, [[5, 0, 255], [25, 0, 255], [45, 0, 255], [65, 0, 255]]);
    }

    #[test]
    fn rows_smaller_than_the_small_version_repeat_pixels() {
        assert_eq!(shrink::<16>(&[1, 2, 3], [1, 1]), vec![[1, 2, 3]; 256]);
        assert_eq!(shrink::<4>(&[0; 3 * 3 * 5], [3, 5]).len(), 16);
    }

    #[test]
    fn grey_keeps_black_and_white() {
        assert_eq!((grey([0; 3]), grey([255; 3]), grey([0, 255, 0])), (0, 255, 149));
    }
}
