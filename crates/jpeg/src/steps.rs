//! Steps through a block: what a lookup in the next bits tells.
//!
//! The bits of a photograph are as good as random, so each entry of a table is
//! as likely as another, and the two tables that a picture needs fill two
//! thirds of a processor's first cache. What the next lookup has to wait for,
//! the [`Pace`], is kept apart from the coefficients: it is small enough to
//! stay there, and who waits for coefficients has other things to do.

use crate::{
    huffman::{Codes, extend},
    lookup::{AcSymbol, CAREFUL, END, SKIP_BITS, Symbols},
};

/// Bits that a lookup looks at.
const AC_BITS: u32 = 11;
/// Bits that a step consumes at most. The codes of a few large coefficients
/// take more.
const MAX_STEP_BITS: u32 = 18;
/// Lookups that the 56 bits of a refill suffice for.
pub(crate) const LOOKUPS: u32 = 56 / MAX_STEP_BITS;

/// How far a step goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pace {
    /// Bits that are consumed, 1–[`MAX_STEP_BITS`].
    length: u8,
    /// What is added to the position in the block.
    step: u8,
}

impl Pace {
    /// Bits that are consumed.
    #[inline(always)]
    pub(crate) fn length(self) -> u32 {
        u32::from(self.length)
    }

    /// What is added to the position in the block.
    #[inline(always)]
    pub(crate) fn step(self) -> u32 {
        u32::from(self.step)
    }
}

/// The coefficients of a step: of two, the first is known already, and the
/// second but for its last bits. Where there is only one, it is the second; a
/// run of 16 zeros or the end of the block is a coefficient of no bits, which
/// is 0, where nothing was set yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Pair {
    first: i16,
    /// What is added to the bits that are consumed, read as a number, to get
    /// the second. But for its own last bits they are known, and so is whether
    /// it is negative: this takes away what is not its own, and moves what is
    /// negative to where it belongs.
    excess: i16,
    /// Where the two go, from the position.
    places: [u8; 2],
}

impl Pair {
    /// Where the first coefficient goes, from the position, and its value.
    #[inline(always)]
    pub(crate) fn first(self) -> (u32, i16) {
        (u32::from(self.places[0]), self.first)
    }

    /// Likewise the second, for a step of this `length` whose bits are on top
    /// of `window`.
    #[inline(always)]
    pub(crate) fn second(self, window: u64, length: u32) -> (u32, i16) {
        let consumed = window >> (length.wrapping_neg() & 63);
        (u32::from(self.places[1]), (consumed as i16).wrapping_add(self.excess))
    }
}

/// A step that no lookup can judge.
const UNKNOWN: (Pace, Pair) =
    (Pace { length: 1, step: CAREFUL as u8 }, Pair { first: 0, excess: 0, places: [0; 2] });

/// A step for all that the next bits may be.
#[derive(Debug)]
pub(crate) struct Steps {
    paces: [Pace; 1 << AC_BITS],
    pairs: [Pair; 1 << AC_BITS],
}

impl Steps {
    fn new(symbols: &Symbols) -> Box<Self> {
        let (paces, pairs) = ([UNKNOWN.0; 1 << AC_BITS], [UNKNOWN.1; 1 << AC_BITS]);
        let mut steps = Box::new(Self { paces, pairs });
        for bits in 0..1 << AC_BITS {
            (steps.paces[bits], steps.pairs[bits]) = step(symbols, bits).unwrap_or(UNKNOWN);
        }
        steps
    }

    /// How far the step for the bits on top of `window` goes.
    #[inline(always)]
    pub(crate) fn pace(&self, window: u64) -> Pace {
        self.paces[(window >> (64 - AC_BITS)) as usize]
    }

    /// Its coefficients.
    #[inline(always)]
    pub(crate) fn pair(&self, window: u64) -> Pair {
        self.pairs[(window >> (64 - AC_BITS)) as usize]
    }
}

/// AC codes, and the steps that they make.
#[derive(Debug)]
pub(crate) struct AcTable {
    steps: Box<Steps>,
    codes: Codes,
}

impl AcTable {
    pub(crate) fn new(codes: Codes) -> Self {
        Self { steps: Steps::new(&Symbols::new(&codes)), codes }
    }

    #[inline(always)]
    pub(crate) fn steps(&self) -> &Steps {
        &self.steps
    }

    /// The codes, for what a lookup does not tell.
    pub(crate) fn codes(&self) -> &Codes {
        &self.codes
    }
}

/// The step of the first symbol, and of the second one if the bits have its
/// code as well.
fn step(symbols: &Symbols, bits: usize) -> Option<(Pace, Pair)> {
    let word = bits << (SKIP_BITS - AC_BITS);
    let first = symbols.find(word, AC_BITS)?;
    let length = first.code + first.size;
    let second = match AC_BITS.checked_sub(length) {
        Some(known) if first.step != END => symbols.find(word << length, known),
        _ => None,
    };
    let both = second.and_then(|second| {
        let value = extend((bits as u64) << (64 - AC_BITS + first.code), first.size);
        let (run, step) = (first.step + second.run, first.step + second.step);
        let second = AcSymbol { code: length + second.code, run, step, ..second };
        ending(bits, (first.run, value as i16), second)
    });
    both.or_else(|| ending(bits, (first.run, 0), first))
}

/// The step that ends with the symbol `last`, whose code ends with bit `code`
/// of `bits`. `None` where they do not tell whether it is negative, and where
/// it takes too many.
fn ending(bits: usize, first: (u32, i16), last: AcSymbol) -> Option<(Pace, Pair)> {
    let AcSymbol { code, size, run, step } = last;
    let length = code + size;
    if length > MAX_STEP_BITS || (size > 0 && code == AC_BITS) {
        return None;
    }
    let before = bits >> (AC_BITS - code) << size;
    let is_negative = size > 0 && bits >> (AC_BITS - code - 1) & 1 == 0;
    let lowest = if is_negative { 1 - (1 << size) } else { 0 };
    let pair = Pair {
        first: first.1,
        excess: (lowest - before as i32) as i16,
        places: [first.0 as u8, run as u8],
    };
    Some((Pace { length: length as u8, step: step as u8 }, pair))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lookup::tests::{table, window};

    /// Bits consumed, and the step.
    fn pace(table: &AcTable, window: u64) -> (u32, u32) {
        let pace = table.steps().pace(window);
        (pace.length(), pace.step())
    }

    /// Both coefficients and their places.
    fn pair(table: &AcTable, window: u64) -> [(u32, i16); 2] {
        let (pace, pair) = (table.steps().pace(window), table.steps().pair(window));
        [pair.first(), pair.second(window, pace.length())]
    }

    #[test]
    fn a_step_takes_two_coefficients() {
        let window = window("01 1  100 0  01 0");
        assert_eq!(pace(&table(), window), (7, 3));
        assert_eq!(pair(&table(), window), [(0, 1), (2, -1)]);
    }

    #[test]
    fn the_last_value_may_lie_beyond_the_bits_looked_at() {
        let window = window("101 1001  101 0110  01 1");
        assert_eq!(pace(&table(), window), (14, 2));
        assert_eq!(pair(&table(), window), [(0, 9), (1, -9)]);
    }

    #[test]
    fn the_end_of_a_block_ends_a_step() {
        let both = window("01 0  00  01 1");
        assert_eq!(pace(&table(), both), (5, END + 1));
        assert_eq!(pair(&table(), both)[0], (0, -1));
        assert_eq!(pace(&table(), window("00 01 1")), (2, END));
    }

    #[test]
    fn sixteen_zeros_set_nothing() {
        let window = window("1100  01 1");
        assert_eq!(pace(&table(), window), (7, 17));
        assert_eq!(pair(&table(), window), [(0, 0), (16, 1)]);
    }

    #[test]
    fn a_sign_that_is_not_among_the_bits_is_not_guessed() {
        // `0` is five bits, `10000` one, `1000100000` nine, `10001000010` two.
        let mut counts = [0; 16];
        (counts[0], counts[4], counts[9], counts[10]) = (1, 1, 1, 1);
        let table = AcTable::new(Codes::new(&counts, &[0x05, 0x01, 0x09, 0x02]).unwrap());
        let both = window("0 11111  0 00011");
        assert_eq!((pace(&table, both), pair(&table, both)), ((12, 2), [(0, 31), (1, -28)]));
        // The second's code ends where the lookup does.
        let one = window("0 11111  10000 1");
        assert_eq!((pace(&table, one), pair(&table, one)[1]), ((6, 1), (0, 31)));
        assert_eq!(pace(&table, window("10001000010 10")).1, CAREFUL);
        // Three such steps would take more than there is.
        assert_eq!(pace(&table, window("1000100000 111111111")).1, CAREFUL);
    }

    /// The codes' lengths are those of T.81, table K.5.
    fn full_table() -> AcTable {
        let counts = [0, 2, 1, 3, 3, 2, 4, 3, 5, 5, 4, 4, 0, 0, 1, 125];
        let coefficient = |run: u8| (1..=10).map(move |size| run << 4 | size);
        let mut symbols: Vec<u8> =
            [0x00, 0xF0].into_iter().chain((0..16).flat_map(coefficient)).collect();
        symbols.sort_by_key(|symbol| (symbol >> 4) + 2 * (symbol & 15));
        AcTable::new(Codes::new(&counts, &symbols).unwrap())
    }

    /// What a single symbol on top of `window` does to a block.
    fn symbol(codes: &Codes, window: u64) -> (u32, u32, (u32, i16)) {
        let symbol = codes.find((window >> 48) as u32).unwrap();
        let (run, size) = (u32::from(symbol.value >> 4), u32::from(symbol.value & 15));
        let value = extend(window << symbol.length, size) as i16;
        let step = if symbol.value == 0 { END } else { run + 1 };
        (symbol.length + size, step, (run, value))
    }

    #[test]
    fn a_step_does_what_its_symbols_do() {
        let (table, mut taken) = (full_table(), [0; 3]);
        for bits in 0..1_u64 << 18 {
            let window = bits << 46 | 0x2B_5A9C_3D71;
            let (length, step) = pace(&table, window);
            if step == CAREFUL {
                taken[0] += 1;
                continue;
            }
            let (first, first_step, coefficient) = symbol(table.codes(), window);
            let mut block = [0; 64];
            block[coefficient.0 as usize] = coefficient.1;
            let mut expected = (first, first_step);
            taken[1] += 1;
            if length > first {
                let (second, second_step, coefficient) = symbol(table.codes(), window << first);
                block[(first_step + coefficient.0) as usize] = coefficient.1;
                expected = (first + second, first_step + second_step);
                taken[2] += 1;
            }
            assert_eq!((length, step), expected, "{bits:018b}");
            let mut found = [0; 64];
            for (place, value) in pair(&table, window) {
                found[place as usize] = value;
            }
            assert_eq!(found, block, "{bits:018b}");
        }
        assert!(taken[0] * 20 < taken[1] && taken[2] * 2 > taken[1], "{taken:?}");
    }
}
