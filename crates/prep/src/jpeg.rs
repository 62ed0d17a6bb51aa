//! JPEG files, which make up nearly all photographs.
//!
//! They are not decoded through `image`, although that uses this very decoder:
//! it runs it in its lenient mode, in which the missing part of a damaged file
//! is painted grey and called a picture. A network would learn from that. It
//! also takes every CMYK file for one with inverted inks.
//!
//! Even the strict mode takes what is missing before an end-of-image marker for
//! zeros, and passes over what is left over. [`check_data`] reads the codes once
//! more with `shoebox-jpeg`, which does neither. What that leaves to others:
//! - where a single scan holds other than one or three components,
//!   [`decode_scan`] finds out what is missing, but for a few bytes at the end;
//! - in a progressive file, only one that is far too short for its size is
//!   found out, and codes that are in no table.
//!
//! With `truncated: repair` the lenient mode is used for files that are
//! refused otherwise, provided that enough of the picture is there:
//! - where there are several scans, one of each component has to be whole, if
//!   only a coarse one: without it the picture or its colours are missing;
//! - at least half of the rows have to be there. The decoder paints whatever
//!   it did not reach in medium grey, so the rows of nothing else at the bottom
//!   are the missing ones. The row of blocks in which the data ends counts.

use crate::{
    decode::{DecodeError, Stored, check_size},
    facts::{Format, Notes},
    markers::{self, Layout},
    prepare::Recipe,
};
use image::{RgbImage, metadata::Orientation};
use shoebox_jpeg::{JpegError, Wanted};
use shoebox_spec::{Limits, Truncated};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// What the decoder paints where it has no data.
const MISSING: u8 = 128;

/// Data that is not what the decoder makes up, which is zeros. No byte of it
/// is 255, which would start a marker.
const NOISE: [u8; 256] = {
    let mut noise = [0; 256];
    let mut at = 0;
    while at < noise.len() {
        noise[at] = (at * 89 + 90) as u8 % 255;
        at += 1;
    }
    noise
};

/// The decoder may be in the middle of a block, or wait for a restart marker.
const BEFORE_NOISE: [&[u8]; 2] = [&[], &[0xFF, 0xD0]];

/// Decodes a JPEG as it is stored, and tells how it is to be turned.
///
/// # Errors
/// A [`DecodeError`].
pub(crate) fn decode(bytes: &[u8], recipe: &Recipe) -> Result<Stored, DecodeError> {
    let layout = markers::scan(bytes);
    if let Some(kind) = layout.unknown_kind {
        return Err(DecodeError::unsupported(Format::Jpeg, kind));
    }
    let attempt = Attempt { bytes, layout, limits: recipe.limits, lenient: false };
    let refusal = match decode_whole(attempt) {
        Err(error) if is_damage(&error) && recipe.truncated == Truncated::Repair => error,
        decoded => return decoded,
    };
    repair(attempt, refusal)
}

/// Decodes a file in which nothing is missing.
fn decode_whole(attempt: Attempt<'_>) -> Result<Stored, DecodeError> {
    let layout = attempt.layout;
    // Of several reasons to refuse a file, being too large is the best, and
    // being cut explains what else is wrong with it.
    match attempt.check_size() {
        Err(error) if layout.has_end() || !is_damage(&error) => return Err(error),
        _ => {}
    }
    if !layout.has_end() || !layout.is_plausible(attempt.bytes) {
        Err(DecodeError::Truncated)
    } else if layout.is_misread {
        let kind = "a scan for each component, and colour of a smaller size";
        Err(DecodeError::unsupported(Format::Jpeg, kind))
    } else {
        let decode = if layout.has_several_scans { Attempt::decode } else { decode_scan };
        let whole = decode(attempt)?;
        check_data(attempt.bytes).map(|()| whole)
    }
}

/// Whether the data of a sequential file is that of its picture: each code is
/// in a table, each block is full, and nothing is missing or left over. Damage
/// that changes a value and no length is not seen, here or anywhere.
fn check_data(bytes: &[u8]) -> Result<(), DecodeError> {
    // At an eighth of the size, little is done but to read the codes.
    let least = Wanted { luma: [0; 2], chroma: [0; 2] };
    match shoebox_jpeg::Decoder::new().decode(bytes, |_| Some(least)) {
        Err(JpegError::Truncated) => Err(DecodeError::Truncated),
        Err(JpegError::Data(fact)) => Err(DecodeError::broken(Format::Jpeg, fact)),
        _ => Ok(()),
    }
}

/// Decodes a file with a single scan. Without the marker at its end,
/// the decoder notices that a single scan is too short, except where the last
/// row of blocks takes no more than the eight bytes that it reads ahead. Then
/// the file is decoded with something behind its data: a whole picture is the
/// same picture still.
fn decode_scan(attempt: Attempt<'_>) -> Result<Stored, DecodeError> {
    let Attempt { bytes, layout, .. } = attempt;
    let content = layout.content(bytes);
    let without_end = Attempt { bytes: content, ..attempt }.decode();
    if without_end.as_ref().err().is_none_or(|error| !is_damage(error)) {
        return without_end;
    }
    let whole = attempt.decode()?;
    for restart in BEFORE_NOISE {
        let padded = [content, restart, &NOISE, &bytes[content.len()..]].concat();
        let padded = Attempt { bytes: &padded, ..attempt }.decode();
        if !padded.is_ok_and(|padded| padded.picture == whole.picture) {
            return Err(DecodeError::Truncated);
        }
    }
    Ok(whole)
}

/// Whether the file may be repaired, as opposed to being too large.
fn is_damage(error: &DecodeError) -> bool {
    matches!(error, DecodeError::Truncated | DecodeError::Broken { .. })
}

/// Decodes what there is of a damaged file. A file that is beyond repair for
/// another reason than missing data keeps its `refusal`.
fn repair(attempt: Attempt<'_>, refusal: DecodeError) -> Result<Stored, DecodeError> {
    let layout = attempt.layout;
    if layout.is_misread || !layout.is_plausible(attempt.bytes) {
        return Err(refusal);
    }
    if layout.has_several_scans && !layout.has_whole_picture() {
        let there = "of its several scans, none that holds the whole picture is complete";
        return Err(DecodeError::BeyondRepair { there: there.to_owned() });
    }
    // Scans are told apart by markers, and the last one needs one as well; a
    // single scan must not have one, or its end would not be noticed.
    let mut mended = layout.content(attempt.bytes).to_vec();
    if layout.has_several_scans {
        mended.extend([0xFF, markers::END_OF_IMAGE]);
    }
    let stored = match (Attempt { bytes: &mended, lenient: true, ..attempt }).decode() {
        Err(DecodeError::Broken { .. }) => return Err(refusal),
        decoded => decoded?,
    };
    Ok(Stored { notes: stored.notes.with(Notes::REPAIRED), ..stored })
}

type Decoder<'a> = JpegDecoder<ZCursor<&'a [u8]>>;

/// One way to decode one file.
#[derive(Clone, Copy)]
struct Attempt<'a> {
    bytes: &'a [u8],
    layout: Layout,
    limits: Limits,
    lenient: bool,
}

impl<'a> Attempt<'a> {
    /// Width and height, if they are within the limits, and a decoder that has
    /// read them.
    fn check_size(self) -> Result<([u32; 2], Decoder<'a>), DecodeError> {
        let mut decoder = JpegDecoder::new_with_options(ZCursor::new(self.bytes), self.options());
        decoder.decode_headers().map_err(broken)?;
        let (width, height) = decoder.dimensions().unwrap_or_default();
        // A JPEG has 65,535 pixels a side at most.
        let (width, height) = (width as u32, height as u32);
        let pixel_bytes = self.output().num_components() as u64;
        let size = u64::from(width) * u64::from(height) * pixel_bytes;
        check_size(width, height, size, self.limits)?;
        Ok(([width, height], decoder))
    }

    fn decode(self) -> Result<Stored, DecodeError> {
        let ([width, height], mut decoder) = self.check_size()?;
        let mut pixels = decoder.decode().map_err(broken)?;
        if self.lenient {
            check_rows(&pixels, height)?;
        }
        if self.layout.is_plain_cmyk() {
            pixels = pixels.as_chunks::<4>().0.iter().flat_map(|&inks| mix_inks(inks)).collect();
        }
        let picture = RgbImage::from_raw(width, height, pixels).ok_or_else(|| {
            DecodeError::broken(Format::Jpeg, "its colours are neither grey, nor RGB, nor CMYK")
        })?;
        let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
        Ok(Stored {
            picture: picture.into(),
            orientation: orientation.unwrap_or(Orientation::NoTransforms),
            notes: self.layout.notes(),
        })
    }

    fn options(self) -> DecoderOptions {
        DecoderOptions::default()
            .set_strict_mode(!self.lenient)
            .set_max_width(usize::MAX)
            .set_max_height(usize::MAX)
            .jpeg_set_out_colorspace(self.output())
    }

    fn output(self) -> ColorSpace {
        if self.layout.is_plain_cmyk() { ColorSpace::CMYK } else { ColorSpace::RGB }
    }
}

/// Whether at least half of the rows were decoded.
fn check_rows(pixels: &[u8], height: u32) -> Result<(), DecodeError> {
    let row_bytes = pixels.len() / height.max(1) as usize;
    let reached = pixels.iter().rposition(|&value| value != MISSING).map_or(0, |last| last + 1);
    let rows = reached.div_ceil(row_bytes.max(1));
    if rows * 2 >= height as usize {
        return Ok(());
    }
    let there = format!("{rows} of {height} rows, and half of them are needed");
    Err(DecodeError::BeyondRepair { there })
}

/// Inks as they are stored to RGB, as in TensorFlow's `decode_jpeg`: without a
/// colour profile, each ink takes its share of light away, and black of all.
fn mix_inks([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let white = 255 - u32::from(black);
    // Adding 127 rounds to the nearest.
    [cyan, magenta, yellow].map(|ink| (((255 - u32::from(ink)) * white + 127) / 255) as u8)
}

fn broken(error: DecodeErrors) -> DecodeError {
    DecodeError::broken(Format::Jpeg, &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inks_take_light_away() {
        assert_eq!(mix_inks([0, 0, 0, 0]), [255, 255, 255]);
        assert_eq!(mix_inks([0, 255, 255, 0]), [255, 0, 0]);
        assert_eq!(mix_inks([0, 0, 0, 255]), [0, 0, 0]);
        assert_eq!(mix_inks([51, 0, 0, 127]), [102, 128, 128]);
    }

    #[test]
    fn half_of_the_rows_are_enough() {
        let picture = |rows: usize| [vec![7; rows * 6], vec![MISSING; (4 - rows) * 6]].concat();
        assert!(check_rows(&picture(2), 4).is_ok());
        assert!(check_rows(&picture(4), 4).is_ok());
        let error = check_rows(&picture(1), 4).expect_err("three rows are missing");
        assert!(error.to_string().contains("1 of 4 rows"), "{error}");
        assert!(check_rows(&picture(0), 4).is_err());
    }
}
