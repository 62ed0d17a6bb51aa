//! Files that are no pictures, or larger ones than the spec allows.

use crate::{RECIPE, encode, picture, read};
use image::ImageFormat;
use shoebox_prep::{DecodeError, Recipe, decode, decode::check_file};
use shoebox_spec::Limits;

const FORMATS: [ImageFormat; 6] = [
    ImageFormat::Jpeg,
    ImageFormat::Png,
    ImageFormat::WebP,
    ImageFormat::Gif,
    ImageFormat::Bmp,
    ImageFormat::Tiff,
];

fn within(pixels: u64, bytes: u64) -> Recipe {
    Recipe { limits: Limits { pixels, bytes }, ..RECIPE }
}

#[test]
fn truncated_files_of_every_format_are_refused() {
    for format in FORMATS {
        let whole = encode(&picture(), format);
        assert!(read(&whole).is_ok(), "{format:?}");
        for length in [whole.len() / 4, whole.len() / 2, whole.len() * 3 / 4] {
            assert!(read(&whole[..length]).is_err(), "{format:?} cut to {length} bytes");
        }
    }
}

#[test]
fn a_jpeg_is_refused_at_whatever_byte_it_is_cut() {
    let whole = encode(&picture(), ImageFormat::Jpeg);
    for length in 0..whole.len() {
        assert!(read(&whole[..length]).is_err(), "{length} bytes of {}", whole.len());
    }
}

#[test]
fn what_is_no_picture_is_said_to_be_none() {
    assert_eq!(read(b"").unwrap_err().to_string(), "the file is empty");
    let message = "not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF";
    // The last one is an icon, a format that `image` knows by name.
    for bytes in [&b"<html>404</html>"[..], b"\0", b"\0\0\x01\0\x01\0"] {
        assert_eq!(read(bytes).unwrap_err().to_string(), message);
    }
}

#[test]
fn more_pixels_than_the_spec_allows_are_refused_in_every_format() {
    for format in FORMATS {
        let bytes = encode(&picture(), format);
        assert!(decode(&bytes, &within(240, 1 << 20)).is_ok(), "{format:?}");
        let error = decode(&bytes, &within(239, 1 << 20)).unwrap_err();
        assert_eq!(
            error.to_string(),
            "too large: it claims 20×12 pixels, 240 in all, and data.limits.pixels is 239",
            "{format:?}"
        );
    }
}

#[test]
fn a_damaged_chunk_goes_by_its_name() {
    let mut png = encode(&picture(), ImageFormat::Png);
    // The last byte of the checksum behind the header.
    png[32] ^= 1;
    let said = read(&png).unwrap_err().to_string();
    assert!(said.starts_with("broken PNG: CRC error") && said.ends_with(" decoding IHDR chunk"));
}

#[test]
fn a_picture_counts_at_its_own_depth() {
    let deep = encode(&picture().to_rgba16().into(), ImageFormat::Png);
    let bytes = 20 * 12 * 8;
    assert!(decode(&deep, &within(240, bytes)).is_ok());
    assert_eq!(
        decode(&deep, &within(240, bytes - 1)).unwrap_err().to_string(),
        "too large: its 20×12 pixels take 1920 bytes, and data.limits.bytes is 1919"
    );
}

#[test]
fn a_file_longer_than_the_spec_allows_is_refused() {
    let bytes = encode(&picture(), ImageFormat::Bmp);
    let length = bytes.len() as u64;
    let error = decode(&bytes, &within(240, length - 1)).unwrap_err();
    assert_eq!(
        error.to_string(),
        format!("too large: the file has {length} bytes, and data.limits.bytes is {}", length - 1)
    );
    assert_eq!(check_file(length, within(240, length - 1).limits), Err(error));
    assert_eq!(check_file(0, RECIPE.limits), Err(DecodeError::Empty));
    assert_eq!(check_file(length, RECIPE.limits), Ok(()));
}

#[test]
fn a_baseline_jpeg_with_a_scan_for_each_component_and_smaller_colour_is_refused() {
    let fixtures = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../jpeg/tests/fixtures");
    let error = read(&std::fs::read(fixtures.join("scans_420.jpg")).unwrap()).unwrap_err();
    assert!(matches!(error, DecodeError::Unsupported { .. }), "{error}");
}
