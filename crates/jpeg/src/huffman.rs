//! Huffman codes as a DHT segment defines them (ITU-T T.81, annex C and F.2.2.3).

use crate::error::JpegError;

/// The codes of one table, shortest first, in counting order.
#[derive(Debug, Clone)]
pub(crate) struct Codes {
    /// For each length, the first 16-bit word (code on top) that is beyond the
    /// codes of this length and all shorter ones.
    limits: [u32; 17],
    /// For each length, the index of its first symbol minus its first code.
    offsets: [i32; 17],
    symbols: [u8; 256],
}

/// A symbol, and the length of its code in bits, 1–16.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Symbol {
    pub(crate) value: u8,
    pub(crate) length: u32,
}

impl Codes {
    /// Codes from the numbers of codes of each length 1–16 and their symbols.
    ///
    /// # Errors
    /// `Corrupt` when there are more codes than their lengths have room for, or
    /// other than `symbols` says.
    pub(crate) fn new(counts: &[u8; 16], symbols: &[u8]) -> Result<Self, JpegError> {
        let total: usize = counts.iter().map(|&count| usize::from(count)).sum();
        if total > 256 || total != symbols.len() {
            return Err(JpegError::Corrupt("a Huffman table has a wrong number of symbols"));
        }
        let mut codes = Self { limits: [0; 17], offsets: [0; 17], symbols: [0; 256] };
        codes.symbols[..total].copy_from_slice(symbols);
        let (mut code, mut index) = (0_u32, 0_i32);
        for length in 1..=16 {
            let count = u32::from(counts[length - 1]);
            codes.offsets[length] = index - code as i32;
            code += count;
            index += count as i32;
            // No code is all ones (T.81, C.2): libjpeg refuses that as well.
            if code >= 1 << length {
                return Err(JpegError::Corrupt("a Huffman table has too many codes"));
            }
            codes.limits[length] = code << (16 - length);
            code <<= 1;
        }
        Ok(codes)
    }

    /// The symbol whose code is on top of the 16 bits of `word`; `None` when no
    /// code is.
    pub(crate) fn find(&self, word: u32) -> Option<Symbol> {
        // Counting all limits takes no guess at where to stop.
        let shorter = self.limits[1..].iter().filter(|&&limit| word >= limit).count();
        let length = shorter + 1;
        let index = (word >> 16_usize.checked_sub(length)?) as i32 + self.offsets[length];
        let value = *self.symbols.get(usize::try_from(index).ok()?)?;
        Some(Symbol { value, length: length as u32 })
    }
}

/// The signed number that `size` bits (0–15) on top of `window` stand for:
/// those that begin with 0 are negative (T.81, table F.1).
#[inline(always)]
pub(crate) fn extend(window: u64, size: u32) -> i32 {
    let bits = ((window >> 1) >> (63 - size)) as i32;
    let negative = !((window as i64) >> 63) as i32;
    bits + (negative & (1 - (1 << size)))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Codes 00, 01, 100, 101, 1100.
    fn small() -> Codes {
        let mut counts = [0; 16];
        counts[1..4].copy_from_slice(&[2, 2, 1]);
        Codes::new(&counts, &[7, 8, 9, 10, 11]).unwrap()
    }

    #[test]
    fn finds_codes_of_all_lengths() {
        let found = |word: u32| small().find(word).map(|symbol| (symbol.value, symbol.length));
        assert_eq!(found(0b0011 << 12), Some((7, 2)));
        assert_eq!(found(0b0111 << 12), Some((8, 2)));
        assert_eq!(found(0b1000 << 12), Some((9, 3)));
        assert_eq!(found(0b1011 << 12), Some((10, 3)));
        assert_eq!(found(0b1100 << 12), Some((11, 4)));
        assert_eq!(found(0b1101 << 12), None);
        assert_eq!(found(0xFFFF), None);
    }

    #[test]
    fn refuses_more_codes_than_there_is_room_for() {
        let mut counts = [0; 16];
        counts[0] = 3;
        assert!(Codes::new(&counts, &[1, 2, 3]).is_err());
        counts[0] = 2;
        assert!(Codes::new(&counts, &[1, 2]).is_err(), "the second code is all ones");
        (counts[0], counts[1]) = (1, 1);
        assert!(Codes::new(&counts, &[1, 2]).is_ok());
        assert!(Codes::new(&counts, &[1]).is_err());
        assert!(Codes::new(&[255; 16], &[0; 255]).is_err());
    }

    #[test]
    fn extends_as_table_f1_says() {
        let value = |bits: u64, size: u32| extend(bits << (64 - size), size);
        assert_eq!([value(0, 1), value(1, 1)], [-1, 1]);
        assert_eq!([0, 1, 2, 3].map(|bits| value(bits, 2)), [-3, -2, 2, 3]);
        assert_eq!([value(0, 11), value(1023, 11), value(1024, 11)], [-2047, -1024, 1024]);
        assert_eq!(extend(0, 0), 0);
        assert_eq!(extend(u64::MAX, 0), 0);
    }
}
