//! Bits of an entropy-coded segment, most significant first.

/// Zero bytes that must follow the data, so that the last bits can be loaded
/// eight bytes at a time.
pub(crate) const PADDING: usize = 8;

/// How many bytes may fill up an entropy-coded segment. One is not full by rule
/// (T.81, F.1.2.3), but some encoders write whole words or lines of a cache.
const MAX_FILL: i64 = 64;

/// A window of up to 64 bits on data without byte stuffing.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bits<'a> {
    /// What the next refill loads from.
    rest: &'a [u8],
    /// The next bits, the very next one on top. Below the `count` bits that
    /// count may be the ones that follow, never anything else.
    window: u64,
    count: u64,
    /// Bytes that refills would have taken beyond the end.
    beyond: u64,
}

impl<'a> Bits<'a> {
    /// The bits of `data`, which ends with [`PADDING`] zero bytes. Beyond its
    /// end there are zeros without end; [`Bits::left`] tells.
    pub(crate) fn new(data: &'a [u8]) -> Self {
        Self { rest: data, window: 0, count: 0, beyond: 0 }
    }

    /// Tops the window up to at least 56 bits, in one step whatever was left.
    #[inline(always)]
    pub(crate) fn refill(&mut self) {
        // The count is below 64, so this is at most 7; saying so spares a test.
        let taken = (63 - (self.count & 63)) >> 3;
        if let Some(next) = self.rest.first_chunk::<8>() {
            self.window |= u64::from_be_bytes(*next) >> (self.count & 63);
            self.rest = &self.rest[taken as usize..];
        } else {
            self.beyond += taken;
        }
        self.count |= 56;
    }

    /// The next `width` bits, 1–56, which must be in the window.
    #[inline(always)]
    pub(crate) fn peek(&self, width: u32) -> usize {
        (self.window >> (64 - width)) as usize
    }

    /// The window itself, the next bit on top.
    #[inline(always)]
    pub(crate) fn window(&self) -> u64 {
        self.window
    }

    /// Drops `width` bits, at most as many as there are in the window.
    #[inline(always)]
    pub(crate) fn consume(&mut self, width: u32) {
        self.window <<= width & 63;
        self.count = self.count.wrapping_sub(u64::from(width));
    }

    /// How many bits the data has left before its padding; less than 0 when
    /// more were consumed than there are.
    pub(crate) fn left(&self) -> i64 {
        let made_up = (PADDING as u64 + self.beyond) * 8;
        (self.rest.len() as u64 * 8 + self.count) as i64 - made_up as i64
    }

    /// Whether no more is left than what fills up the last byte and perhaps a
    /// few whole ones, of which all are zeros or all are ones.
    pub(crate) fn are_padding(mut self) -> bool {
        if self.left() >= (MAX_FILL + 1) * 8 {
            return false;
        }
        self.consume((self.left() & 7) as u32);
        let (mut zeros, mut ones) = (true, true);
        while self.left() >= 8 {
            self.refill();
            let byte = self.peek(8);
            self.consume(8);
            (zeros, ones) = (zeros && byte == 0, ones && byte == 0xFF);
        }
        zeros || ones
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn padded(data: &[u8]) -> Vec<u8> {
        [data, &[0; PADDING]].concat()
    }

    #[test]
    fn reads_the_most_significant_bit_first() {
        let data = padded(&[0b1011_0001, 0xAB, 0xCD]);
        let mut bits = Bits::new(&data);
        bits.refill();
        assert_eq!(bits.peek(3), 0b101);
        bits.consume(3);
        assert_eq!(bits.peek(5), 0b10001);
        bits.consume(5);
        bits.refill();
        assert_eq!(bits.peek(16), 0xABCD);
    }

    #[test]
    fn a_few_bytes_of_one_kind_are_padding() {
        let is_padding = |data: &[u8]| {
            let data = padded(data);
            let mut bits = Bits::new(&data);
            bits.refill();
            bits.consume(3);
            bits.are_padding()
        };
        for fill in [0, 0xFF] {
            for count in 0..=64 {
                let bytes = [&[0xB1][..], &vec![fill; count]].concat();
                assert!(is_padding(&bytes), "{count} times {fill}");
            }
            assert!(!is_padding(&[&[0xB1][..], &[fill; 65]].concat()));
        }
        assert!(!is_padding(&[0xB1, 0, 0xFF]) && !is_padding(&[0xB1, 1]));
    }

    #[test]
    fn tells_how_many_bits_are_left() {
        let data = padded(&[1, 2, 3, 4, 5, 6, 7, 8, 9]);
        let mut bits = Bits::new(&data);
        assert_eq!(bits.left(), 72);
        for taken in 1..=8 {
            bits.refill();
            bits.consume(9);
            assert_eq!(bits.left(), 72 - 9 * taken);
        }
        for beyond in 1..100 {
            bits.refill();
            assert_eq!(bits.peek(16), 0, "zeros follow without end");
            bits.consume(40);
            assert_eq!(bits.left(), -40 * beyond);
        }
    }
}
