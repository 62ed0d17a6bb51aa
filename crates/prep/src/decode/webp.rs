//! What the headers inside of a WebP file claim. Its decoder believes each of
//! them before it compares them: it takes memory for a picture that is larger
//! than its canvas, and `image-webp` 0.2.4 panics where a frame of an animation
//! with transparency holds a picture of another size.

use super::{DecodeError, check_size};
use crate::facts::Format;
use shoebox_spec::Limits;

/// Width and height, in pixels.
type Size = [u32; 2];

/// A part of a RIFF file: its name and what it holds.
type Chunk<'a> = (&'a [u8], &'a [u8]);

/// Compares every header up to the first frame with each other and the limits.
///
/// # Errors
/// A [`DecodeError`].
pub(super) fn check(bytes: &[u8], limits: Limits) -> Result<(), DecodeError> {
    for (name, data) in chunks(bytes.get(12..).unwrap_or_default()) {
        if name == b"ANMF" {
            return check_frame(data, limits);
        }
        check_picture(name, data, limits)?;
    }
    Ok(())
}

/// Whether there is more than one frame.
pub(super) fn has_several_frames(bytes: &[u8]) -> bool {
    let chunks = chunks(bytes.get(12..).unwrap_or_default());
    chunks.filter(|(name, _)| *name == b"ANMF").nth(1).is_some()
}

/// The chunks from here on; the last one may be cut off.
fn chunks(mut rest: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let (name, after) = rest.split_at_checked(4)?;
        let (length, after) = after.split_first_chunk()?;
        let length = u32::from_le_bytes(*length) as usize;
        let data = after.get(..length).unwrap_or(after);
        // Chunks start at even places.
        rest = after.get(length.checked_next_multiple_of(2)?..).unwrap_or_default();
        Some((name, data))
    })
}

/// A frame: its place, its size less one in three bytes each, and chunks.
fn check_frame(frame: &[u8], limits: Limits) -> Result<(), DecodeError> {
    let side = |at: usize| {
        let bytes = frame.get(at..at + 3)?;
        Some(u32::from_le_bytes([bytes[0], bytes[1], bytes[2], 0]) + 1)
    };
    let size = side(6).zip(side(9)).map(|(width, height)| [width, height]);
    for (name, data) in chunks(frame.get(16..).unwrap_or_default()) {
        let inner = check_picture(name, data, limits)?;
        if inner.is_some() && inner != size {
            let message = "a frame and the picture in it differ in size";
            return Err(DecodeError::broken(Format::WebP, message));
        }
    }
    Ok(())
}

/// The size of a picture that is within the limits; nothing for other chunks.
fn check_picture(name: &[u8], data: &[u8], limits: Limits) -> Result<Option<Size>, DecodeError> {
    let size = match name {
        b"VP8 " => lossy_size(data),
        b"VP8L" => lossless_size(data),
        _ => None,
    };
    if let Some([width, height]) = size {
        check_size(width, height, u64::from(width) * u64::from(height) * 3, limits)?;
    }
    Ok(size)
}

/// RFC 6386, section 9.1: three bytes, a start code, and 14 bits for each side.
fn lossy_size(data: &[u8]) -> Option<Size> {
    let side =
        |at: usize| Some(u32::from(u16::from_le_bytes([*data.get(at)?, *data.get(at + 1)?])));
    Some([side(6)? & 0x3FFF, side(8)? & 0x3FFF])
}

/// RFC 9649, section 3.4: a signature, and 14 bits for each side less one.
fn lossless_size(data: &[u8]) -> Option<Size> {
    let bits = u32::from_le_bytes(*data.get(1..)?.first_chunk()?);
    Some([(bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1])
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: Limits = Limits { pixels: 100, bytes: 400 };

    fn chunk(name: &[u8; 4], data: &[u8]) -> Vec<u8> {
        let padding = vec![0; data.len() % 2];
        [&name[..], &(data.len() as u32).to_le_bytes(), data, &padding].concat()
    }

    fn file(chunks: &[Vec<u8>]) -> Vec<u8> {
        [&b"RIFF\0\0\0\0WEBP"[..], &chunks.concat()].concat()
    }

    fn lossy(width: u8, height: u8) -> Vec<u8> {
        chunk(b"VP8 ", &[0, 0, 0, 0x9D, 1, 0x2A, width, 0, height, 0])
    }

    fn frame(width: u8, height: u8, inner: &[u8]) -> Vec<u8> {
        let head = [0, 0, 0, 0, 0, 0, width - 1, 0, 0, height - 1, 0, 0, 0, 0, 0, 0];
        chunk(b"ANMF", &[&head, inner].concat())
    }

    #[test]
    fn a_picture_is_held_to_the_limits() {
        assert_eq!(check(&file(&[lossy(10, 10)]), LIMITS), Ok(()));
        let error = DecodeError::TooManyPixels { width: 11, height: 10, limit: 100 };
        assert_eq!(check(&file(&[lossy(11, 10)]), LIMITS), Err(error));
        let lossless = chunk(b"VP8L", &[0x2F, 0xFF, 0xFF, 0xFF, 0x0F]);
        let error = DecodeError::TooManyPixels { width: 16_384, height: 16_384, limit: 100 };
        assert_eq!(check(&file(&[chunk(b"VP8X", b"odd"), lossless]), LIMITS), Err(error));
    }

    #[test]
    fn a_frame_and_its_picture_have_the_same_size() {
        let alpha = chunk(b"ALPH", b"odd");
        let inner = [&alpha[..], &lossy(7, 9)].concat();
        assert_eq!(check(&file(&[frame(7, 9, &inner)]), LIMITS), Ok(()));
        let error = check(&file(&[frame(9, 7, &inner)]), LIMITS).expect_err("they differ");
        assert!(error.to_string().ends_with("differ in size"), "{error}");
    }

    #[test]
    fn frames_are_counted() {
        let frame = frame(1, 1, b"");
        assert!(!has_several_frames(&file(&[lossy(1, 1), frame.clone()])));
        assert!(has_several_frames(&file(&[frame.clone(), frame])));
        assert!(!has_several_frames(b"RIFF"));
    }
}
