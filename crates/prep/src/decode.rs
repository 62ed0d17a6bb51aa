//! Any picture file to RGB bytes, with every decision that this takes.
//!
//! | input | becomes |
//! |---|---|
//! | format | told by the content; the file's extension does not matter |
//! | EXIF orientation | applied: the picture is upright |
//! | grey | the same value three times |
//! | alpha, PNG transparency | dropped; the colours below it are used, as TensorFlow and Pillow do |
//! | 16 bits a channel | `round(v / 257)`, so 65535 is 255 |
//! | CMYK and YCCK JPEG | `(255 − C)·(255 − K) / 255` …, without a colour profile; inks count as inverted where Adobe's segment says so, as in TensorFlow (Pillow: everywhere) |
//! | palette | its colours |
//! | animation | the first frame |
//! | colour profile | ignored |
//! | truncated or damaged file | refused, where a lenient decoder would fill it up with grey |

use crate::jpeg;
use image::{
    DynamicImage, ImageDecoder, ImageError, ImageFormat, ImageReader, Limits, metadata::Orientation,
};
use std::{error::Error, io::Cursor};

/// The longest side that is decoded, in pixels.
pub const MAX_SIDE_PX: u32 = 16_384;

/// The most bytes that a decoded picture may take: 178,956,970 RGB pixels.
/// A small file that claims more is a decompression bomb.
pub const MAX_DECODED_BYTES: u64 = 512 << 20;

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

/// Why a file is not a picture that can be used. The text is a fact to follow
/// the file's path.
#[derive(Debug, thiserror::Error)]
pub enum DecodeError {
    /// No bytes at all.
    #[error("the file is empty")]
    Empty,
    /// The first bytes are of no format that is read here.
    #[error("not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF")]
    UnknownFormat,
    /// The file ends before the picture does.
    #[error("the JPEG is truncated: its data ends before the end-of-image marker")]
    Truncated,
    /// More pixels than [`MAX_SIDE_PX`] and [`MAX_DECODED_BYTES`] allow.
    #[error(
        "too large: {width}×{height} pixels; at most {MAX_SIDE_PX} a side and {} MiB decoded are read",
        MAX_DECODED_BYTES >> 20
    )]
    TooLarge {
        /// In pixels, as the header claims.
        width: u32,
        /// In pixels, as the header claims.
        height: u32,
    },
    /// The decoder gave up.
    #[error("broken {format}: {message}")]
    Broken {
        /// `JPEG`, `PNG`, …
        format: &'static str,
        /// What the decoder said, on one line.
        message: String,
    },
}

/// Decodes the bytes of a file; the module's documentation says what becomes
/// of everything that is not plain RGB.
///
/// # Errors
/// A [`DecodeError`]; broken files are refused, never a panic.
pub fn decode(bytes: &[u8]) -> Result<Rgb, DecodeError> {
    if bytes.is_empty() {
        return Err(DecodeError::Empty);
    }
    let format = image::guess_format(bytes).map_err(|_| DecodeError::UnknownFormat)?;
    let (mut picture, orientation) = decode_as(format, bytes)?;
    picture.apply_orientation(orientation);
    let rgb = picture.into_rgb8();
    Ok(Rgb { width: rgb.width(), height: rgb.height(), pixels: rgb.into_raw() })
}

/// The picture as it is stored, and how it is to be turned.
fn decode_as(
    format: ImageFormat,
    bytes: &[u8],
) -> Result<(DynamicImage, Orientation), DecodeError> {
    if format == ImageFormat::Jpeg {
        return jpeg::decode(bytes);
    }
    let broken = |error: ImageError| broken(format, &error);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits());
    let mut decoder = reader.into_decoder().map_err(broken)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, decoder.total_bytes())?;
    // Unreadable EXIF data is no reason to refuse the pixels.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    Ok((DynamicImage::from_decoder(decoder).map_err(broken)?, orientation))
}

fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_alloc = Some(MAX_DECODED_BYTES);
    limits
}

pub(crate) fn check_size(width: u32, height: u32, bytes: u64) -> Result<(), DecodeError> {
    let fits = width.max(height) <= MAX_SIDE_PX && bytes <= MAX_DECODED_BYTES;
    if fits { Ok(()) } else { Err(DecodeError::TooLarge { width, height }) }
}

fn broken(format: ImageFormat, error: &ImageError) -> DecodeError {
    let name = match format {
        ImageFormat::Png => "PNG",
        ImageFormat::WebP => "WebP",
        ImageFormat::Gif => "GIF",
        ImageFormat::Bmp => "BMP",
        ImageFormat::Tiff => "TIFF",
        _ => return DecodeError::UnknownFormat,
    };
    // The format's own decoder says it without repeating the format.
    let message = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    DecodeError::broken(name, &message)
}

impl DecodeError {
    /// Some decoders answer with several lines, or in quotes; a fact is one line.
    pub(crate) fn broken(format: &'static str, message: &str) -> Self {
        let words: Vec<_> = message.split_whitespace().collect();
        let message = words.join(" ").trim_matches(['"', '.']).to_owned();
        Self::Broken { format, message }
    }
}
