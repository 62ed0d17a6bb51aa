//! Whether a file holds more than one picture. Only the containers' block
//! lengths are followed; nothing is decoded.

use super::webp;
use crate::facts::Format;

/// Whether the file has more pictures than the one that is used: further
/// frames of a GIF, WebP or APNG, or further pages of a TIFF.
pub(super) fn has_several(format: Format, bytes: &[u8]) -> bool {
    let several = match format {
        Format::Gif => gif(bytes),
        Format::WebP => Some(webp::has_several_frames(bytes)),
        Format::Png => png(bytes),
        Format::Tiff => tiff(bytes),
        Format::Jpeg | Format::Bmp => None,
    };
    several.unwrap_or(false)
}

/// `None` when the file ends first, here and below.
fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(length)?;
    *rest = after;
    Some(taken)
}

/// GIF89a, sections 18 to 26: a screen, then blocks; each picture is one that
/// starts with a comma.
fn gif(bytes: &[u8]) -> Option<bool> {
    let mut rest = bytes;
    let screen = take(&mut rest, 13)?;
    take(&mut rest, colour_table(screen[10]))?;
    let mut pictures = 0;
    loop {
        match take(&mut rest, 1)?[0] {
            b'!' => {
                take(&mut rest, 1)?;
            }
            b',' if pictures == 1 => return Some(true),
            b',' => {
                pictures += 1;
                let descriptor = take(&mut rest, 9)?;
                // The colours, and the code size in front of the data.
                take(&mut rest, colour_table(descriptor[8]) + 1)?;
            }
            _ => return Some(false),
        }
        while let length @ 1.. = take(&mut rest, 1)?[0] {
            take(&mut rest, usize::from(length))?;
        }
    }
}

/// The bytes of the colour table that these flags announce.
fn colour_table(flags: u8) -> usize {
    if flags & 0x80 == 0 { 0 } else { 3 << ((flags & 7) + 1) }
}

/// PNG chunks up to the pixels. `acTL` says how many frames an animation has,
/// and the picture itself is one of them only if an `fcTL` stands before it.
fn png(bytes: &[u8]) -> Option<bool> {
    let mut rest = bytes.get(8..)?;
    let (mut frames, mut is_frame) = (0, false);
    loop {
        let length = u32::from_be_bytes(take(&mut rest, 4)?.try_into().ok()?) as usize;
        let name = take(&mut rest, 4)?;
        let data = take(&mut rest, length)?;
        match name {
            b"acTL" => frames = u32::from_be_bytes(data.get(..4)?.try_into().ok()?),
            b"fcTL" => is_frame = true,
            b"IDAT" => return Some(frames > u32::from(is_frame)),
            _ => {}
        }
        // The checksum.
        take(&mut rest, 4)?;
    }
}

/// TIFF 6.0, section 2: a list of directories, each of which says where the
/// next one is, 0 at the end.
fn tiff(bytes: &[u8]) -> Option<bool> {
    let little = bytes.starts_with(b"II");
    let number = |start: usize, length: usize| {
        let digits = bytes.get(start..start.checked_add(length)?)?;
        let add = |sum: usize, &digit: &u8| sum << 8 | usize::from(digit);
        Some(if little { digits.iter().rev().fold(0, add) } else { digits.iter().fold(0, add) })
    };
    let directory = number(4, 4)?;
    let next = directory + 2 + 12 * number(directory, 2)?;
    Some(number(next, 4)? != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A GIF of a one-pixel screen with this many pictures.
    fn gif_of(pictures: usize) -> Vec<u8> {
        let mut bytes = b"GIF89a\x01\0\x01\0\x80\0\0\0\0\0\xff\xff\xff".to_vec();
        for _ in 0..pictures {
            bytes.extend(b"!\xf9\x04\0\0\0\0\0,\0\0\0\0\x01\0\x01\0\0\x02\x02\x44\x01\0");
        }
        bytes.push(b';');
        bytes
    }

    #[test]
    fn a_gif_is_counted_up_to_two() {
        assert!(!has_several(Format::Gif, &gif_of(1)));
        assert!(has_several(Format::Gif, &gif_of(2)));
        assert!(has_several(Format::Gif, &gif_of(3)));
    }

    #[test]
    fn a_file_that_ends_early_has_one_picture_at_most() {
        let whole = gif_of(2);
        let second = whole.len() - 15;
        for length in 0..second {
            assert!(!has_several(Format::Gif, &whole[..length]), "{length} bytes");
        }
        for format in Format::ALL {
            assert!(!has_several(format, b""));
            assert!(!has_several(format, &[0xFF; 64]), "{format:?}");
        }
    }

    #[test]
    fn a_png_says_how_many_frames_it_has() {
        let chunk = |name: &[u8; 4], data: &[u8]| {
            [&[0, 0, 0, data.len() as u8][..], name, data, b"crc_"].concat()
        };
        let file = |chunks: &[Vec<u8>]| {
            let end = chunk(b"IDAT", b"pixels");
            [&b"\x89PNG\r\n\x1a\n"[..], &chunks.concat(), &end].concat()
        };
        let animation = |frames: u8| chunk(b"acTL", &[0, 0, 0, frames, 0, 0, 0, 0]);
        let frame = chunk(b"fcTL", &[0; 26]);
        assert!(!has_several(Format::Png, &file(&[])));
        assert!(!has_several(Format::Png, &file(&[animation(1), frame.clone()])));
        assert!(has_several(Format::Png, &file(&[animation(2), frame])));
        // The picture is none of the animation's frames.
        assert!(has_several(Format::Png, &file(&[animation(1)])));
    }

    #[test]
    fn a_tiff_names_its_next_page_in_either_byte_order() {
        let entry = [0; 12];
        let little = |next: u8| [b"II*\0\x08\0\0\0\x01\0", &entry[..], &[next, 0, 0, 0]].concat();
        let big = |next: u8| [b"MM\0*\0\0\0\x08\0\x01", &entry[..], &[0, 0, 0, next]].concat();
        assert!(!has_several(Format::Tiff, &little(0)) && !has_several(Format::Tiff, &big(0)));
        assert!(has_several(Format::Tiff, &little(8)) && has_several(Format::Tiff, &big(8)));
    }
}
