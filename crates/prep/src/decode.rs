//! Any picture file to RGB bytes, with every decision that this takes.
//!
//! | input | becomes |
//! |---|---|
//! | format | told by the content; the file's extension does not matter |
//! | EXIF orientation | applied: the picture is upright |
//! | grey | the same value three times |
//! | alpha, transparent colours | dropped; the colours below are used, as TensorFlow and Pillow do |
//! | 16 bits a channel | `round(v / 257)`, so 65535 is 255 |
//! | CMYK and YCCK | `(255 − C)·(255 − K) / 255` …, without a colour profile; inks of a JPEG count as inverted where Adobe's segment says so, as in TensorFlow (Pillow: everywhere) |
//! | palette | its colours |
//! | animation, several pages | the first one |
//! | colour profile | ignored |
//! | damaged JPEG | refused, or repaired where the recipe says so and enough of it is there |
//! | damaged file of another format | refused |
//!
//! What a picture may cost is the recipe's to say: `limits.pixels` bounds what
//! a header may claim, and `limits.bytes` the file, the decoded picture at its
//! own depth, and what the decoders are allowed to allocate. Decoding needs
//! several buffers at a time (a progressive JPEG's coefficients, the picture
//! before and after turning it); together they stay below the file and
//! [`PEAK_FACTOR`] times `limits.bytes`.

mod error;
mod frames;
mod raster;
mod webp;

pub use error::DecodeError;

use crate::{
    facts::{Facts, Format, Notes},
    jpeg,
    prepare::Recipe,
};
use image::{DynamicImage, ImageFormat, metadata::Orientation};
use shoebox_spec::Limits;
use std::panic;

/// How many times `limits.bytes` one picture can take while it is decoded,
/// besides the file itself, on each thread that decodes one. The worst case is a progressive JPEG: three bytes
/// a pixel, and two bytes for each of its three or four coefficients.
pub const PEAK_FACTOR: u64 = 4;

/// A decoded picture: `[height, width, 3]` u8, row-major, sRGB as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rgb {
    /// In pixels, at least 1.
    pub width: u32,
    /// In pixels, at least 1.
    pub height: u32,
    /// `height · width · 3` bytes.
    pub pixels: Vec<u8>,
}

/// A picture as it is stored, before it is turned.
pub(crate) struct Stored {
    pub(crate) picture: DynamicImage,
    pub(crate) orientation: Orientation,
    pub(crate) notes: Notes,
}

/// Decodes the bytes of a file; the module's documentation says what becomes
/// of everything that is not plain RGB. Only the recipe's `limits` and
/// `truncated` matter here.
///
/// # Errors
/// A [`DecodeError`]; broken files are refused, never a panic.
pub fn decode(bytes: &[u8], recipe: &Recipe) -> Result<(Rgb, Facts), DecodeError> {
    check_file(bytes.len() as u64, recipe.limits)?;
    let format = guess(bytes).ok_or(DecodeError::UnknownFormat)?;
    let Stored { picture, orientation, mut notes } = decode_as(format, bytes, recipe)?;
    // The wider original is gone before turning needs a second picture.
    let mut picture = DynamicImage::from(picture.into_rgb8());
    picture.apply_orientation(orientation);
    if orientation != Orientation::NoTransforms {
        notes = notes.with(Notes::ROTATED);
    }
    if frames::has_several(format, bytes) {
        notes = notes.with(Notes::FIRST_FRAME);
    }
    let rgb = picture.into_rgb8();
    let facts = Facts { width: rgb.width(), height: rgb.height(), format, notes };
    Ok((Rgb { width: facts.width, height: facts.height, pixels: rgb.into_raw() }, facts))
}

/// Whether a file of `length` bytes may be read at all; asked before it is.
///
/// # Errors
/// [`DecodeError::Empty`] or [`DecodeError::FileTooLong`].
pub fn check_file(length: u64, limits: Limits) -> Result<(), DecodeError> {
    match length {
        0 => Err(DecodeError::Empty),
        _ if length > limits.bytes => {
            Err(DecodeError::FileTooLong { bytes: length, limit: limits.bytes })
        }
        _ => Ok(()),
    }
}

/// Whether a picture of this size may be decoded; `bytes` is what it takes at
/// its own depth.
///
/// # Errors
/// [`DecodeError::TooManyPixels`] or [`DecodeError::TooManyBytes`].
pub(crate) fn check_size(
    width: u32,
    height: u32,
    bytes: u64,
    limits: Limits,
) -> Result<(), DecodeError> {
    if u64::from(width) * u64::from(height) > limits.pixels {
        return Err(DecodeError::TooManyPixels { width, height, limit: limits.pixels });
    }
    if bytes > limits.bytes {
        return Err(DecodeError::TooManyBytes { width, height, bytes, limit: limits.bytes });
    }
    Ok(())
}

fn guess(bytes: &[u8]) -> Option<Format> {
    match image::guess_format(bytes).ok()? {
        ImageFormat::Jpeg => Some(Format::Jpeg),
        ImageFormat::Png => Some(Format::Png),
        ImageFormat::WebP => Some(Format::WebP),
        ImageFormat::Gif => Some(Format::Gif),
        ImageFormat::Bmp => Some(Format::Bmp),
        ImageFormat::Tiff => Some(Format::Tiff),
        _ => None,
    }
}

/// The decoders are other people's, and a panic in one would take the whole
/// run down with it, since it happens on a pool's thread. The one that fuzzing
/// has found is avoided in `webp.rs`; this is for those that it has not.
/// Decoders own all of their state, so nothing half-changed is seen afterwards.
fn decode_as(format: Format, bytes: &[u8], recipe: &Recipe) -> Result<Stored, DecodeError> {
    let decoded = panic::catch_unwind(|| match format {
        Format::Jpeg => jpeg::decode(bytes, recipe),
        _ => raster::decode(format, bytes, recipe.limits),
    });
    decoded.unwrap_or_else(|_| Err(DecodeError::broken(format, "its decoder panicked")))
}
