//! JPEG files, which make up nearly all photographs.
//!
//! They are not decoded through `image`, although that uses this very decoder:
//! it runs it in its lenient mode, in which the missing part of a damaged file
//! is painted grey and called a picture. A network would learn from that. It
//! also takes every CMYK file for one with inverted inks.

use crate::{
    decode::{DecodeError, check_size},
    markers,
};
use image::{DynamicImage, RgbImage, metadata::Orientation};
use zune_jpeg::{
    JpegDecoder,
    errors::DecodeErrors,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// Decodes a JPEG as it is stored, and tells how it is to be turned.
///
/// # Errors
/// [`DecodeError::Truncated`], [`DecodeError::TooLarge`] or [`DecodeError::Broken`].
pub(crate) fn decode(bytes: &[u8]) -> Result<(DynamicImage, Orientation), DecodeError> {
    let layout = markers::scan(bytes).ok_or(DecodeError::Truncated)?;
    let plain_inks = layout.is_plain_cmyk();
    let output = if plain_inks { ColorSpace::CMYK } else { ColorSpace::RGB };
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(output);
    let mut decoder = JpegDecoder::new_with_options(ZCursor::new(bytes), options);
    decoder.decode_headers().map_err(broken)?;
    let (width, height) = decoder.dimensions().unwrap_or_default();
    // A JPEG has 65,535 pixels a side at most.
    let (width, height) = (width as u32, height as u32);
    check_size(width, height, u64::from(width) * u64::from(height) * 3)?;
    let mut pixels = decoder.decode().map_err(broken)?;
    if plain_inks {
        pixels = pixels.as_chunks::<4>().0.iter().flat_map(|&inks| mix_inks(inks)).collect();
    }
    let picture = RgbImage::from_raw(width, height, pixels).ok_or_else(|| DecodeError::Broken {
        format: "JPEG",
        message: "its colours are neither grey, nor RGB, nor CMYK".to_owned(),
    })?;
    let orientation = decoder.exif().and_then(|exif| Orientation::from_exif_chunk(exif));
    Ok((picture.into(), orientation.unwrap_or(Orientation::NoTransforms)))
}

/// Inks as they are stored to RGB, as in TensorFlow's `decode_jpeg`: without a
/// colour profile, each ink takes its share of light away, and black of all.
fn mix_inks([cyan, magenta, yellow, black]: [u8; 4]) -> [u8; 3] {
    let white = 255 - u32::from(black);
    // Adding 127 rounds to the nearest.
    [cyan, magenta, yellow].map(|ink| (((255 - u32::from(ink)) * white + 127) / 255) as u8)
}

fn broken(error: DecodeErrors) -> DecodeError {
    DecodeError::broken("JPEG", &error.to_string())
}

#[cfg(test)]
mod tests {
    use super::mix_inks;

    #[test]
    fn inks_take_light_away() {
        assert_eq!(mix_inks([0, 0, 0, 0]), [255, 255, 255]);
        assert_eq!(mix_inks([0, 255, 255, 0]), [255, 0, 0]);
        assert_eq!(mix_inks([0, 0, 0, 255]), [0, 0, 0]);
        assert_eq!(mix_inks([51, 0, 0, 127]), [102, 128, 128]);
    }
}
