//! The tables that a file defines, kept from picture to picture.
//!
//! Most files of a data set have the very same Huffman tables. A lookup table
//! takes longer to build than a small picture takes to decode, so one is built
//! only where the definition differs from what the slot held before.

use crate::{
    error::JpegError,
    huffman::Codes,
    lookup::{DcTable, SkipTable},
    steps::AcTable,
};

/// A table with the bytes that it was built from.
#[derive(Debug)]
struct Kept<T> {
    definition: Vec<u8>,
    table: T,
}

/// Whether a slot was defined by the present file, and what it holds.
#[derive(Debug)]
struct Slot<T> {
    defined: bool,
    kept: Option<Kept<T>>,
}

impl<T> Default for Slot<T> {
    fn default() -> Self {
        Self { defined: false, kept: None }
    }
}

impl<T> Slot<T> {
    fn define(
        &mut self,
        definition: &[u8],
        build: impl FnOnce(Codes) -> T,
    ) -> Result<(), JpegError> {
        let same = self.kept.as_ref().is_some_and(|kept| kept.definition == definition);
        if !same {
            let (counts, symbols) = definition.split_first_chunk::<16>().ok_or(SHORT_CODES)?;
            let table = build(Codes::new(counts, symbols)?);
            self.kept = Some(Kept { definition: definition.to_vec(), table });
        }
        self.defined = true;
        Ok(())
    }

    fn get(&self) -> Option<&T> {
        self.kept.as_ref().filter(|_| self.defined).map(|kept| &kept.table)
    }
}

/// A table of AC codes, and one for passing over them once it was wanted.
#[derive(Debug)]
pub(crate) struct Ac {
    pub(crate) codes: AcTable,
    skips: Option<SkipTable>,
}

/// Steps of a quantisation table in zigzag order, 1–65,535.
pub(crate) type Quantization = [u16; 64];

/// Four tables of each kind.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    dc: [Slot<DcTable>; 4],
    ac: [Slot<Ac>; 4],
    quantization: [Option<Quantization>; 4],
}

const SHORT_CODES: JpegError = JpegError::Corrupt("a Huffman table of a wrong length");
const BAD_SIZE: JpegError = JpegError::Corrupt("a Huffman table with impossible symbols");
const SHORT_STEPS: JpegError = JpegError::Corrupt("a quantisation table of a wrong length");
const NOT_DEFINED: JpegError = JpegError::Unsupported("tables that the file does not define");

impl Tables {
    /// Forgets what the file before defined, though not the tables themselves.
    pub(crate) fn begin(&mut self) {
        self.dc.iter_mut().for_each(|slot| slot.defined = false);
        self.ac.iter_mut().for_each(|slot| slot.defined = false);
        self.quantization = [None; 4];
    }

    /// Takes in a DHT segment's `body`.
    ///
    /// # Errors
    /// `Corrupt` when it breaks the format's rules.
    pub(crate) fn define_codes(&mut self, mut body: &[u8]) -> Result<(), JpegError> {
        while let Some((&place, rest)) = body.split_first() {
            let counts = rest.get(..16).ok_or(SHORT_CODES)?;
            let symbols: usize = counts.iter().map(|&count| usize::from(count)).sum();
            let (definition, behind) = rest.split_at_checked(16 + symbols).ok_or(SHORT_CODES)?;
            let slot = usize::from(place & 15);
            match place >> 4 {
                // As libjpeg has it; AC symbols may be any bytes.
                0 if definition[16..].iter().any(|&symbol| symbol > 15) => return Err(BAD_SIZE),
                0 if slot < 4 => self.dc[slot].define(definition, DcTable::new)?,
                1 if slot < 4 => self.ac[slot]
                    .define(definition, |codes| Ac { codes: AcTable::new(codes), skips: None })?,
                _ => return Err(JpegError::Corrupt("a Huffman table beyond the fourth")),
            }
            body = behind;
        }
        Ok(())
    }

    /// Takes in a DQT segment's `body`.
    ///
    /// # Errors
    /// `Corrupt` when it breaks the format's rules.
    pub(crate) fn define_quantization(&mut self, mut body: &[u8]) -> Result<(), JpegError> {
        while let Some((&place, rest)) = body.split_first() {
            let width = match place >> 4 {
                0 => 1,
                1 => 2,
                _ => return Err(JpegError::Corrupt("a quantisation table of unknown precision")),
            };
            let (steps, behind) = rest.split_at_checked(64 * width).ok_or(SHORT_STEPS)?;
            let slot = self.quantization.get_mut(usize::from(place & 15));
            let slot = slot.ok_or(JpegError::Corrupt("a quantisation table beyond the fourth"))?;
            let step = |bytes: &[u8]| bytes.iter().fold(0, |sum, &byte| sum << 8 | u16::from(byte));
            let mut table = [0; 64];
            table.iter_mut().zip(steps.chunks_exact(width)).for_each(|(to, from)| *to = step(from));
            *slot = Some(table);
            body = behind;
        }
        Ok(())
    }

    /// Makes sure that [`Tables::ac`] has a table for passing over.
    pub(crate) fn prepare_skips(&mut self, index: usize) {
        if let Some(kept) = self.ac.get_mut(index).and_then(|slot| slot.kept.as_mut()) {
            let Ac { codes, skips } = &mut kept.table;
            skips.get_or_insert_with(|| SkipTable::new(codes));
        }
    }

    /// The DC table with this number.
    ///
    /// # Errors
    /// `Unsupported` when the file defined none, as some cameras' films do.
    pub(crate) fn dc(&self, index: usize) -> Result<&DcTable, JpegError> {
        self.dc.get(index).and_then(Slot::get).ok_or(NOT_DEFINED)
    }

    /// The AC table with this number, and that for passing over, if prepared.
    ///
    /// # Errors
    /// As [`Tables::dc`].
    pub(crate) fn ac(&self, index: usize) -> Result<(&AcTable, Option<&SkipTable>), JpegError> {
        let ac = self.ac.get(index).and_then(Slot::get).ok_or(NOT_DEFINED)?;
        Ok((&ac.codes, ac.skips.as_ref()))
    }

    /// The quantisation table with this number.
    ///
    /// # Errors
    /// As [`Tables::dc`].
    pub(crate) fn quantization(&self, index: usize) -> Result<&Quantization, JpegError> {
        self.quantization.get(index).and_then(Option::as_ref).ok_or(NOT_DEFINED)
    }
}
