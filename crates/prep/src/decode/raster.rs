//! PNG, WebP, GIF, BMP and TIFF, through the `image` crate.

use super::{DecodeError, Stored, check_size, webp};
use crate::{
    facts::{Format, Notes},
    markers,
};
use image::{
    DynamicImage, ExtendedColorType, ImageDecoder, ImageError, ImageFormat, ImageReader,
    Limits as Allowance,
    error::{LimitErrorKind, UnsupportedErrorKind},
    metadata::Orientation,
};
use shoebox_spec::Limits;
use std::{error::Error, io::Cursor};

/// Decodes a picture as it is stored, and tells how it is to be turned.
///
/// # Errors
/// A [`DecodeError`].
pub(super) fn decode(format: Format, bytes: &[u8], limits: Limits) -> Result<Stored, DecodeError> {
    if let Some([width, height]) = claimed_size(format, bytes) {
        check_size(width, height, 0, limits)?;
    }
    match format {
        Format::Tiff => check_inner_jpegs(bytes, limits)?,
        Format::WebP => webp::check(bytes, limits)?,
        _ => {}
    }
    let refusal = |error: ImageError| refusal(format, &error, limits);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), image_format(format));
    let mut allowance = Allowance::default();
    allowance.max_alloc = Some(limits.bytes);
    reader.limits(allowance);
    let mut decoder = reader.into_decoder().map_err(refusal)?;
    let (width, height) = decoder.dimensions();
    check_size(width, height, decoder.total_bytes(), limits)?;
    // Unreadable EXIF data is no reason to refuse the pixels.
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let inks = decoder.original_color_type();
    let picture = DynamicImage::from_decoder(decoder).map_err(refusal)?;
    let notes = notes(format, &picture, inks);
    Ok(Stored { picture, orientation, notes })
}

fn image_format(format: Format) -> ImageFormat {
    match format {
        Format::Jpeg => ImageFormat::Jpeg,
        Format::Png => ImageFormat::Png,
        Format::WebP => ImageFormat::WebP,
        Format::Gif => ImageFormat::Gif,
        Format::Bmp => ImageFormat::Bmp,
        Format::Tiff => ImageFormat::Tiff,
    }
}

/// What the header says, where the decoder refuses huge sizes without naming
/// them: width and height, in pixels.
fn claimed_size(format: Format, bytes: &[u8]) -> Option<[u32; 2]> {
    let number = |at: usize| bytes.get(at..)?.first_chunk().copied();
    match format {
        Format::Png if bytes.get(12..16)? == b"IHDR" => {
            Some([u32::from_be_bytes(number(16)?), u32::from_be_bytes(number(20)?)])
        }
        // A negative height means that the rows run from the top. The oldest
        // kind, whose header has 12 bytes, has sides of two bytes.
        Format::Bmp if u32::from_le_bytes(number(14)?) >= 40 => {
            Some([18, 22].map(|at| number(at).map_or(0, i32::from_le_bytes).unsigned_abs()))
        }
        _ => None,
    }
}

/// A TIFF may hold strips that are JPEGs, whose own headers say how large they
/// are. Its decoder believes them, whatever the limits and the directory are:
/// so every start of a frame in the file is held to the limits first.
fn check_inner_jpegs(bytes: &[u8], limits: Limits) -> Result<(), DecodeError> {
    for (width, height, components) in markers::frames_anywhere(bytes) {
        let pixels = u64::from(width) * u64::from(height);
        check_size(width, height, pixels * u64::from(components), limits)?;
    }
    Ok(())
}

fn notes(format: Format, picture: &DynamicImage, stored: ExtendedColorType) -> Notes {
    let color = picture.color();
    // A GIF is always decoded with transparency, whether it has any or not.
    let alpha = match picture {
        DynamicImage::ImageRgba8(rgba) if format == Format::Gif => {
            rgba.pixels().any(|pixel| pixel[3] < u8::MAX)
        }
        _ => color.has_alpha(),
    };
    let deep = color.bytes_per_pixel() > color.channel_count();
    let inks = matches!(stored, ExtendedColorType::Cmyk8 | ExtendedColorType::Cmyk16);
    let all = [
        (alpha, Notes::ALPHA),
        (deep, Notes::DEEP),
        (inks, Notes::CMYK),
        (!color.has_color(), Notes::GREY),
    ];
    let applying = all.into_iter().filter(|(applies, _)| *applies);
    applying.fold(Notes::default(), |notes, (_, note)| notes.with(note))
}

fn refusal(format: Format, error: &ImageError, limits: Limits) -> DecodeError {
    match error {
        ImageError::Unsupported(unsupported) => {
            DecodeError::unsupported(format, &kind(&unsupported.kind()))
        }
        ImageError::Limits(reached) if reached.kind() == LimitErrorKind::InsufficientMemory => {
            DecodeError::TooMuchMemory { format: format.name(), limit: limits.bytes }
        }
        // The format's own decoder says it without repeating the format.
        _ => {
            let message = error.source().map_or_else(|| error.to_string(), ToString::to_string);
            DecodeError::broken(format, &name_chunk(&message))
        }
    }
}

/// `png` writes a chunk as Rust does, with all of its fields: only its name is
/// for people.
fn name_chunk(message: &str) -> String {
    let named = message.split_once("ChunkType { type: ").and_then(|(before, rest)| {
        let (fields, after) = rest.split_once(" }")?;
        Some((before, fields.split(',').next()?, after))
    });
    named.map_or(message.to_owned(), |(before, name, after)| format!("{before}{name}{after}"))
}

fn kind(unsupported: &UnsupportedErrorKind) -> String {
    match unsupported {
        UnsupportedErrorKind::Color(ExtendedColorType::Unknown(bits)) => {
            format!("{bits} bits a pixel in these colours")
        }
        UnsupportedErrorKind::GenericFeature(message) => message.clone(),
        other => format!("{other:?}"),
    }
}
