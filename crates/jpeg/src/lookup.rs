//! Lookup tables for decoding several things in one step.
//!
//! | table | from the next bits to |
//! |---|---|
//! | [`DcTable`] | the length of a DC code with its value's bits |
//! | [`AcTable`]'s [`Steps`](crate::steps::Steps) | up to two AC coefficients with their runs of zeros, or one and the end of the block |
//! | [`SkipTable`] | how far any number of AC codes lead through the block |
//!
//! In the latter two a step is a number that is added to the position in the
//! block. [`END`] is part of it when the block ends there, so one comparison
//! with 64 tells a step that needs a second look. Steps that no lookup can
//! judge are [`CAREFUL`]: their sum is always in 64–127.

use crate::{huffman::Codes, steps::AcTable};

/// Added to a step that the end of the block follows.
pub(crate) const END: u32 = 128;
/// The step of bits that must be decoded symbol by symbol.
pub(crate) const CAREFUL: u32 = 64;

const DC_BITS: u32 = 9;
/// Bits that a lookup in a [`SkipTable`] looks at.
pub(crate) const SKIP_BITS: u32 = 13;
/// Lookups in a [`SkipTable`] that the 56 bits of a refill suffice for: the
/// last symbol's value may lie beyond the bits that were looked at.
pub(crate) const SKIP_LOOKUPS: u32 = 56 / (SKIP_BITS + MAX_AC_SIZE);

/// The largest DC difference of 8-bit samples has 11 bits.
const MAX_DC_SIZE: u8 = 11;
/// The largest AC coefficient of 8-bit samples has 10 bits.
pub(crate) const MAX_AC_SIZE: u32 = 10;

/// For each 9 bits: the length of the code on top plus `size` in the low 8
/// bits, the length of the code above; 0 where no code of up to 9 bits is.
#[derive(Debug)]
pub(crate) struct DcTable {
    entries: Box<[u16; 1 << DC_BITS]>,
    codes: Codes,
}

/// For each 13 bits: the bits consumed in the low 6 bits, the step above.
#[derive(Debug)]
pub(crate) struct SkipTable {
    entries: Box<[u16; 1 << SKIP_BITS]>,
}

impl DcTable {
    pub(crate) fn new(codes: Codes) -> Self {
        let mut entries = Box::new([0; 1 << DC_BITS]);
        for (bits, entry) in entries.iter_mut().enumerate() {
            let found = codes.find((bits as u32) << (16 - DC_BITS));
            if let Some(symbol) = found.filter(|s| s.length <= DC_BITS && s.value <= MAX_DC_SIZE) {
                *entry =
                    (symbol.length + u32::from(symbol.value)) as u16 | (symbol.length << 8) as u16;
            }
        }
        Self { entries, codes }
    }

    /// The bits of code and value, and of the code alone, for the DC code on
    /// top of `window`; `None` when no valid code is there.
    #[inline(always)]
    pub(crate) fn find(&self, window: u64) -> Option<(u32, u32)> {
        let entry = self.entries[(window >> (64 - DC_BITS)) as usize];
        if entry != 0 {
            return Some((u32::from(entry & 255), u32::from(entry >> 8)));
        }
        self.find_long(window)
    }

    #[cold]
    fn find_long(&self, window: u64) -> Option<(u32, u32)> {
        let symbol = self.codes.find((window >> 48) as u32)?;
        let size = u32::from(symbol.value);
        (symbol.value <= MAX_DC_SIZE).then_some((symbol.length + size, symbol.length))
    }
}

/// An AC symbol taken apart.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct AcSymbol {
    /// Of the code, in bits; 0 where there is no valid code.
    pub(crate) code: u32,
    /// Of the value, in bits.
    pub(crate) size: u32,
    /// Coefficients that are zero before this one.
    pub(crate) run: u32,
    /// How far the symbol leads, or [`END`].
    pub(crate) step: u32,
}

/// For each [`SKIP_BITS`] bits, the symbol whose code is complete on top.
pub(crate) struct Symbols(Vec<AcSymbol>);

impl Symbols {
    pub(crate) fn new(codes: &Codes) -> Self {
        Self((0..1_u32 << SKIP_BITS).map(|bits| ac_symbol(codes, bits)).collect())
    }

    /// The symbol on top of a `word` of [`SKIP_BITS`] bits, of which only the
    /// first `known` are given.
    pub(crate) fn find(&self, word: usize, known: u32) -> Option<AcSymbol> {
        let symbol = self.0[word & ((1 << SKIP_BITS) - 1)];
        (symbol.code > 0 && symbol.code <= known).then_some(symbol)
    }
}

fn ac_symbol(codes: &Codes, bits: u32) -> AcSymbol {
    let found = codes.find(bits << (16 - SKIP_BITS)).filter(|symbol| symbol.length <= SKIP_BITS);
    let Some(symbol) = found else { return AcSymbol::default() };
    let (run, size) = (u32::from(symbol.value >> 4), u32::from(symbol.value & 15));
    let (run, step) = match (run, size) {
        (0, 0) => (0, END),
        (15, 0) => (0, 16),
        (_, 0) => return AcSymbol::default(),
        _ => (run, run + 1),
    };
    if size > MAX_AC_SIZE {
        return AcSymbol::default();
    }
    AcSymbol { code: symbol.length, size, run, step }
}

impl SkipTable {
    pub(crate) fn new(ac: &AcTable) -> Self {
        let symbols = Symbols::new(ac.codes());
        let entries: Vec<u16> = (0..1 << SKIP_BITS).map(|bits| skip_step(&symbols, bits)).collect();
        let entries =
            entries.into_boxed_slice().try_into().expect("as many as the line above made");
        Self { entries }
    }

    /// The bits consumed and the step for the bits on top of `window`.
    #[inline(always)]
    pub(crate) fn step(&self, window: u64) -> (u32, u32) {
        let entry = self.entries[(window >> (64 - SKIP_BITS)) as usize];
        (u32::from(entry & 63), u32::from(entry >> 6))
    }
}

/// Follows the codes in `bits` as long as they are complete and stay within a
/// block; the last one's value may lie beyond.
fn skip_step(symbols: &Symbols, bits: usize) -> u16 {
    let (mut consumed, mut reached) = (0, 0);
    while let Some(known) = SKIP_BITS.checked_sub(consumed) {
        let Some(symbol) = symbols.find(bits << consumed, known) else { break };
        if symbol.step == END {
            return ((consumed + symbol.code) | ((reached + END) << 6)) as u16;
        }
        if reached + symbol.step >= CAREFUL {
            break;
        }
        consumed += symbol.code + symbol.size;
        reached += symbol.step;
    }
    let step = if consumed == 0 { CAREFUL } else { reached };
    (consumed | (step << 6)) as u16
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// `00` ends the block, `01` is one bit after no zero, `100` one bit after
    /// one zero, `101` four bits, `1100` sixteen zeros.
    pub(crate) fn table() -> AcTable {
        let mut counts = [0; 16];
        counts[1..4].copy_from_slice(&[2, 2, 1]);
        AcTable::new(Codes::new(&counts, &[0x00, 0x01, 0x11, 0x04, 0xF0]).unwrap())
    }

    /// The bits of a string, on top.
    pub(crate) fn window(bits: &str) -> u64 {
        let bits: String = bits.chars().filter(|&bit| bit != ' ').collect();
        u64::from_str_radix(&bits, 2).unwrap() << (64 - bits.len())
    }

    #[test]
    fn what_is_no_code_asks_for_care() {
        assert_eq!(table().steps().pace(window("1111")).step(), CAREFUL);
        assert_eq!(SkipTable::new(&table()).step(window("1111")), (0, CAREFUL));
    }

    #[test]
    fn skips_go_as_far_as_the_bits_tell() {
        let skips = SkipTable::new(&table());
        assert_eq!(skips.step(window("01 1  100 0  01 0  00  01")), (12, END + 4));
        // The fourth code's value lies beyond the 13 bits, a fifth would too.
        assert_eq!(skips.step(window("01 1  01 1  01 1  101 1 111")), (16, 4));
        // Beyond three times sixteen zeros no step goes.
        assert_eq!(skips.step(window("1100 1100 1100 1100")), (12, 48));
    }

    #[test]
    fn dc_codes_come_with_their_lengths() {
        let mut counts = [0; 16];
        (counts[1], counts[15]) = (3, 2);
        let table = DcTable::new(Codes::new(&counts, &[0, 3, 12, 11, 12]).unwrap());
        assert_eq!(table.find(window("01 101")), Some((5, 2)));
        assert_eq!(table.find(window("10")), None, "no difference has 12 bits");
        assert_eq!(table.find(window("1100000000000000")), Some((27, 16)));
        assert_eq!(table.find(window("1100000000000001")), None);
        assert_eq!(table.find(window("1111")), None);
    }
}
