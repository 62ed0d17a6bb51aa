//! One block's coefficients out of the bit stream (T.81, F.2.2).

use crate::{
    bits::Bits,
    error::JpegError,
    huffman::extend,
    lookup::{DcTable, END, MAX_AC_SIZE, SKIP_LOOKUPS, SkipTable},
    steps::{AcTable, LOOKUPS},
};

const BAD_CODE: JpegError = JpegError::Data("a Huffman code that is in no table");
const TOO_FAR: JpegError = JpegError::Data("a block with more than 64 coefficients");

/// Coefficients in the order of a transposed block: `8 · u + v` for the
/// horizontal frequency `u` and the vertical one `v`, as the transform wants
/// them; from the zigzag order of T.81, figure A.6.
pub(crate) const TRANSPOSED: [u8; 64] = [
    0, 8, 1, 2, 9, 16, 24, 17, 10, 3, 4, 11, 18, 25, 32, 40, //
    33, 26, 19, 12, 5, 6, 13, 20, 27, 34, 41, 48, 56, 49, 42, 35, //
    28, 21, 14, 7, 15, 22, 29, 36, 43, 50, 57, 58, 51, 44, 37, 30, //
    23, 31, 38, 45, 52, 59, 60, 53, 46, 39, 47, 54, 61, 62, 55, 63,
];

/// A block's coefficients, [`TRANSPOSED`], not yet multiplied by the
/// quantisation table.
pub(crate) type Block = [i16; 64];

/// Reads the difference of the DC coefficient to the block before.
#[inline(always)]
pub(crate) fn read_dc(bits: &mut Bits<'_>, table: &DcTable) -> Result<i32, JpegError> {
    bits.refill();
    let window = bits.window();
    let (length, code) = table.find(window).ok_or(BAD_CODE)?;
    bits.consume(length);
    Ok(extend(window << code, length - code))
}

/// Reads the AC coefficients into `block`, which must be clear; returns the
/// position behind the last one.
#[inline(always)]
pub(crate) fn read_ac(
    bits: &mut Bits<'_>,
    table: &AcTable,
    block: &mut Block,
) -> Result<u32, JpegError> {
    let (steps, mut position) = (table.steps(), 1);
    loop {
        bits.refill();
        for _ in 0..LOOKUPS {
            let window = bits.window();
            let (pace, pair) = (steps.pace(window), steps.pair(window));
            let next = position + pace.step();
            if next < 64 {
                bits.consume(pace.length());
                set(block, position, pair.first());
                set(block, position, pair.second(window, pace.length()));
                position = next;
                continue;
            }
            if (END..END + 64).contains(&next) {
                bits.consume(pace.length());
                set(block, position, pair.first());
                return Ok(next - END);
            }
            bits.refill();
            let (length, value, reached) = read_one(bits.window(), table, position)?;
            bits.consume(length);
            if reached >= END {
                return Ok(position);
            }
            set(block, reached - 1, (0, value));
            position = reached;
            if position == 64 {
                return Ok(64);
            }
            break;
        }
    }
}

#[inline(always)]
fn set(block: &mut Block, position: u32, (offset, value): (u32, i16)) {
    let place = TRANSPOSED[((position + offset) & 63) as usize];
    block[usize::from(place & 63)] = value;
}

/// Passes over the AC coefficients, checking them all the same.
#[inline(always)]
pub(crate) fn skip_ac(
    bits: &mut Bits<'_>,
    table: &AcTable,
    skips: &SkipTable,
) -> Result<(), JpegError> {
    let mut position = 1;
    loop {
        bits.refill();
        for _ in 0..SKIP_LOOKUPS {
            let (length, step) = skips.step(bits.window());
            let next = position + step;
            if next < 64 {
                bits.consume(length);
                position = next;
                continue;
            }
            if (END..END + 64).contains(&next) {
                bits.consume(length);
                return Ok(());
            }
            bits.refill();
            let (length, _, reached) = read_one(bits.window(), table, position)?;
            bits.consume(length);
            if reached >= 64 {
                return Ok(());
            }
            position = reached;
            break;
        }
    }
}

/// Reads the single AC symbol on top of `window`, of whatever length, at
/// `position`, 1–63; returns the bits that it takes, the coefficient, and the
/// position behind it, at most 64, or [`END`].
#[inline(never)]
fn read_one(window: u64, table: &AcTable, position: u32) -> Result<(u32, i16, u32), JpegError> {
    let symbol = table.codes().find((window >> 48) as u32).ok_or(BAD_CODE)?;
    let (run, size) = (u32::from(symbol.value >> 4), u32::from(symbol.value & 15));
    if symbol.value == 0 {
        return Ok((symbol.length, 0, END));
    }
    if size > MAX_AC_SIZE || (size == 0 && run != 15) {
        return Err(BAD_CODE);
    }
    let value = extend(window << symbol.length, size);
    let reached = position + run + 1;
    let read = (symbol.length + size, value as i16, reached);
    if reached > 64 { Err(TOO_FAR) } else { Ok(read) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{bits::PADDING, huffman::Codes};

    /// AC codes: `00` ends the block, `01` is one bit after no zero, `10`
    /// sixteen zeros, `110` no valid symbol.
    fn table() -> AcTable {
        let mut counts = [0; 16];
        (counts[1], counts[2]) = (3, 1);
        AcTable::new(Codes::new(&counts, &[0x00, 0x01, 0xF0, 0x50]).unwrap())
    }

    fn bytes(bits: &str) -> Vec<u8> {
        let bits: Vec<u8> = bits.bytes().filter(|&b| b != b' ').map(|b| b - b'0').collect();
        let byte = |bits: &[u8]| (0..8).fold(0, |sum, i| sum << 1 | bits.get(i).unwrap_or(&1));
        let mut bytes: Vec<u8> = bits.chunks(8).map(byte).collect();
        bytes.resize(bytes.len() + PADDING, 0);
        bytes
    }

    /// Position behind the last coefficient, the block, and bits left.
    fn read(bits: &str) -> Result<(u32, Block, i64), JpegError> {
        let data = bytes(bits);
        let (mut bits, mut block) = (Bits::new(&data), [0; 64]);
        let end = read_ac(&mut bits, &table(), &mut block)?;
        let mut skipped = Bits::new(&data);
        skip_ac(&mut skipped, &table(), &SkipTable::new(&table())).unwrap();
        assert_eq!(skipped.left(), bits.left(), "passing over takes the same bits");
        Ok((end, block, bits.left()))
    }

    #[test]
    fn coefficients_go_where_the_zigzag_says() {
        let (end, block, left) = read("011 010 10 011 00 011").unwrap();
        assert_eq!((end, left), (20, 3 + 1 - 1));
        let mut expected = [0; 64];
        (expected[8], expected[1], expected[usize::from(TRANSPOSED[19])]) = (1, -1, 1);
        assert_eq!(block, expected);
    }

    #[test]
    fn a_full_block_ends_without_a_code() {
        // What follows belongs to the next block, whatever a lookup saw of it.
        let (end, block, left) = read(&("011".repeat(63) + "00 011")).unwrap();
        // Five bits that follow, and six that fill the last byte up.
        assert_eq!((end, left), (64, 5 + 6));
        assert!(block[0] == 0 && block[1..].iter().all(|&coefficient| coefficient == 1));
        let (end, block, left) =
            read(&("10 10 10".to_owned() + &"010".repeat(15) + "011")).unwrap();
        assert_eq!((end, block[63], left), (64, -1, 5));
    }

    #[test]
    fn runs_beyond_the_block_and_unknown_codes_are_refused() {
        let read = |bits: &str| {
            let data = bytes(bits);
            let whole = read_ac(&mut Bits::new(&data), &table(), &mut [0; 64]);
            let skips = SkipTable::new(&table());
            let skipped = skip_ac(&mut Bits::new(&data), &table(), &skips);
            assert_eq!(whole.err(), skipped.err());
            whole.err()
        };
        assert_eq!(read("10 10 10 10 011"), Some(TOO_FAR));
        assert_eq!(read("011 111 00"), Some(BAD_CODE));
        assert_eq!(read("011 110 00"), Some(BAD_CODE));
    }

    #[test]
    fn every_place_is_there_once() {
        let mut places = TRANSPOSED;
        places.sort_unstable();
        assert!(places.iter().enumerate().all(|(index, &place)| index == usize::from(place)));
    }
}
