//! Where one file of a split ends and the next begins.
//!
//! A split of up to 256 MiB is one file. A larger one is cut by content, as
//! backup programs cut files: after a row whose digest says so. The cuts
//! follow from the rows around them and from nothing else, so a picture that
//! is added or removed changes the file it lies in, and the other files of the
//! new cache are those of the old one. That makes adding ten pictures to ten
//! thousand cheap, while the cache is the one that is built from nothing.

use crate::format;
use std::ops::Range;

/// A split up to this size is one file, in bytes.
const SINGLE_BYTES: u64 = 256 << 20;

/// The usual size of a file of a larger split, in bytes.
const SHARD_BYTES: u64 = 8 << 20;

/// Beyond `MOST_SHARDS · SHARD_BYTES`, files grow instead of becoming more:
/// opening a cache of any size opens about this many files of a split.
const MOST_SHARDS: u64 = 256;

/// The rule by which a split is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sharding {
    /// Rows that a file has at least, the last one perhaps fewer.
    least: u64,
    /// After those, one row in this many ends a file.
    rate: u64,
    /// Rows that a file has at most.
    most: u64,
}

impl Sharding {
    /// The rule for a split of `rows` pictures of `image_size` (height, width,
    /// in pixels).
    pub fn new(rows: u64, image_size: [u32; 2]) -> Self {
        let row_bytes = format::row_bytes(image_size);
        let bytes = rows.saturating_mul(row_bytes);
        if bytes <= SINGLE_BYTES {
            return Self { least: rows, rate: 1, most: rows };
        }
        // A power of two, so that it stays while the split grows a little.
        let shard = (bytes / MOST_SHARDS).next_power_of_two().max(SHARD_BYTES);
        let usual = (shard / row_bytes).max(1);
        Self { least: usual.div_ceil(4), rate: (usual * 3).div_ceil(4), most: usual * 4 }
    }

    /// Rows that a file has at most.
    pub fn capacity(self) -> u64 {
        self.most
    }

    /// Whether the whole split is one file.
    pub fn is_single(self) -> bool {
        self.least == self.most
    }

    /// The rows of each file, when `digests` are those of all rows.
    pub fn cut<'a>(self, digests: impl Iterator<Item = &'a [u8; 32]>) -> Vec<Range<usize>> {
        let (mut shards, mut start, mut end) = (Vec::new(), 0, 0);
        for digest in digests {
            end += 1;
            if self.ends((end - start) as u64, digest) {
                shards.push(start..end);
                start = end;
            }
        }
        if start < end || shards.is_empty() {
            shards.push(start..end);
        }
        shards
    }

    /// Whether a file that has `rows` rows ends with the last of them, a
    /// picture of this content.
    pub fn ends(self, rows: u64, digest: &[u8; 32]) -> bool {
        let [a, b, c, d, e, f, g, h, ..] = *digest;
        let chance = u64::from_le_bytes([a, b, c, d, e, f, g, h]);
        rows >= self.most || (rows >= self.least && chance.is_multiple_of(self.rate))
    }
}

/// The name of the file of this position among `count` files of a split.
pub fn shard_name(split: &str, position: usize, count: usize) -> String {
    match count {
        1 => format!("{split}.safetensors"),
        _ => format!("{split}-{position:05}-of-{count:05}.safetensors"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SIZE: [u32; 2] = [224, 224];

    fn digest(number: u64) -> [u8; 32] {
        // Fibonacci hashing: even and fixed.
        let mixed = number.wrapping_mul(0x9E37_79B9_7F4A_7C15).rotate_left(31);
        let mut digest = [0; 32];
        digest[..8].copy_from_slice(&mixed.wrapping_mul(0xD6E8_FEB8_6659_FD93).to_le_bytes());
        digest
    }

    /// The rows of each file.
    fn cut(sharding: Sharding, rows: impl Iterator<Item = u64>) -> Vec<Vec<u64>> {
        let rows: Vec<_> = rows.collect();
        let digests: Vec<_> = rows.iter().map(|&row| digest(row)).collect();
        sharding.cut(digests.iter()).into_iter().map(|shard| rows[shard].to_vec()).collect()
    }

    #[test]
    fn a_small_split_is_one_file() {
        let sharding = Sharding::new(1000, SIZE);
        assert_eq!(cut(sharding, 0..1000).len(), 1);
        assert_eq!(sharding.capacity(), 1000);
    }

    #[test]
    fn an_added_row_changes_one_file_of_many() {
        let rows = 20_000;
        let sharding = Sharding::new(rows, SIZE);
        assert_eq!(sharding, Sharding::new(rows + 1, SIZE));
        let before = cut(sharding, 0..rows);
        let after = cut(sharding, (0..7000).chain([1 << 40]).chain(7000..rows));
        assert!((100..600).contains(&before.len()), "{} files", before.len());
        let changed = after.iter().filter(|shard| !before.contains(shard)).count();
        assert!((1..=3).contains(&changed), "{changed} files changed");
    }

    #[test]
    fn a_million_rows_are_still_some_hundred_files() {
        for rows in [100_000, 1_000_000, 10_000_000] {
            let sharding = Sharding::new(rows, SIZE);
            let usual = sharding.least + sharding.rate;
            assert!((64..=512).contains(&(rows / usual)), "{} files", rows / usual);
        }
    }

    #[test]
    fn equal_pictures_do_not_make_an_endless_file() {
        let sharding = Sharding { least: 2, rate: 5, most: 9 };
        let (mut rows, same) = (0, [1; 32]);
        while !sharding.ends(rows, &same) {
            rows += 1;
        }
        assert_eq!(rows, 9);
    }
}
