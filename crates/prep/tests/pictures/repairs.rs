//! JPEGs that end too early, and `truncated: repair`.

use crate::{RECIPE, REPAIRING, fixtures, pixels, read};
use shoebox_prep::{DecodeError, Notes, Workspace, decode, prepare};
use std::fs;

fn fixture(name: &str) -> Vec<u8> {
    fs::read(fixtures("odd").join(name)).unwrap()
}

/// At whatever byte a file is cut, it is refused unless it is repaired, and
/// once it can be repaired, more of it can be as well.
fn assert_repaired_from_somewhere(name: &str) {
    let whole = fixture(name);
    let mut repaired = 0;
    for length in 0..whole.len() {
        let cut = &whole[..length];
        assert!(read(cut).is_err(), "{length} bytes of {name}");
        match decode(cut, &REPAIRING) {
            Ok((_, facts)) => {
                assert!(facts.notes.has(Notes::REPAIRED), "{length} bytes of {name}");
                repaired += 1;
            }
            Err(error) => assert_eq!(repaired, 0, "{length} bytes of {name}: {error}"),
        }
    }
    assert!((1..whole.len()).contains(&repaired), "{name}: {repaired} lengths were repaired");
}

#[test]
fn a_baseline_jpeg_is_repaired_from_some_byte_on() {
    assert_repaired_from_somewhere("jpeg_420_restarts.jpg");
    assert_repaired_from_somewhere("jpeg_cmyk_plain.jpg");
}

#[test]
fn a_progressive_jpeg_is_repaired_once_its_first_scan_is_there() {
    assert_repaired_from_somewhere("jpeg_progressive.jpg");
}

#[test]
fn too_few_rows_are_said() {
    let decoded = decode(&fixture("jpeg_cut_at_30_percent.jpg"), &REPAIRING);
    let error = decoded.map(|(_, facts)| facts).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the JPEG is damaged, and too little of it is there to repair it: 32 of 80 rows, and half of them are needed"
    );
}

#[test]
fn a_first_scan_that_is_cut_is_said() {
    let cut = fixture("jpeg_progressive_cut_in_first_scan.jpg");
    let error = decode(&cut, &REPAIRING).map(|(_, facts)| facts).unwrap_err();
    assert!(matches!(error, DecodeError::BeyondRepair { .. }), "{error}");
    assert!(error.to_string().contains("several scans"), "{error}");
}

#[test]
fn damage_inside_of_the_data_is_repaired_as_well() {
    let whole = fixture("jpeg_cut_at_80_percent.jpg");
    let mut damaged = [&whole[..], &[0xFF, 0xD9]].concat();
    let place = whole.len() - 200;
    // No Huffman code consists of ones only.
    damaged[place..place + 20].copy_from_slice(&[0xFF, 0].repeat(10));
    assert!(matches!(read(&damaged), Err(DecodeError::Broken { .. })));
    assert!(decode(&damaged, &REPAIRING).unwrap().1.notes.has(Notes::REPAIRED));
}

/// A photograph with other bytes in the place of forty, in the middle of its data.
fn with_middle(bytes: &[u8]) -> Vec<u8> {
    let mut photo = fs::read(fixtures("planar").join("photo_420.jpg")).unwrap();
    let middle = photo.len() / 2;
    photo.splice(middle..middle + 40, bytes.iter().copied());
    photo
}

#[test]
fn damage_that_only_the_codes_show_is_refused_or_repaired() {
    // Too few bytes, too many, and the same number.
    for bytes in [&[][..], &[7; 70], &[0x5A; 40]] {
        let damaged = with_middle(bytes);
        let error = read(&damaged).map(|(_, facts)| facts).unwrap_err();
        let known = matches!(error, DecodeError::Broken { .. } | DecodeError::Truncated);
        assert!(known, "{bytes:?}: {error}");
        let (_, facts) = decode(&damaged, &REPAIRING).unwrap();
        assert!(facts.notes.has(Notes::REPAIRED), "{bytes:?}");
        let mut row = vec![0; RECIPE.row_bytes()];
        let prepared = prepare(&damaged, &RECIPE, &mut Workspace::default(), &mut row);
        assert_eq!(prepared.unwrap_err(), error, "the short way refuses it as well");
    }
}

#[test]
fn what_is_odd_and_harmless_is_no_damage() {
    let photo = fs::read(fixtures("planar").join("photo_restarts.jpg")).unwrap();
    let (data, end) = photo.split_at(photo.len() - 2);
    let before_end: [&[u8]; 4] = [&[0; 5], &[0xFF, 0, 0xFF, 0], &[0xFF; 3], &[0xFF, 0xD5]];
    let odd = before_end.map(|more| [data, more, end].concat());
    let followed = [&photo[..], b"a second picture", &photo].concat();
    let restart = data.windows(2).rposition(|pair| pair[0] == 0xFF && pair[1] & 0xF8 == 0xD0);
    let mut renumbered = photo.clone();
    renumbered[restart.unwrap() + 1] ^= 1;
    for odd in odd.into_iter().chain([followed, renumbered]) {
        let (rgb, facts) = read(&odd).unwrap();
        assert_eq!((&rgb, facts.notes), (&pixels(&photo), Notes::default()));
    }
}

#[test]
fn a_png_that_is_cut_is_refused_under_either_policy() {
    let whole = fixture("png_interlaced.png");
    for length in (0..whole.len() - 12).step_by(97) {
        assert!(read(&whole[..length]).is_err(), "{length} bytes");
        assert!(decode(&whole[..length], &REPAIRING).is_err(), "{length} bytes");
    }
}

#[test]
fn an_end_of_image_marker_does_not_make_a_picture_whole() {
    for name in ["jpeg_cut_at_80_percent.jpg", "jpeg_cut_at_30_percent.jpg"] {
        let ended = [&fixture(name)[..], &[0xFF, 0xD9]].concat();
        let error = read(&ended).map(|(_, facts)| facts).unwrap_err();
        assert_eq!(error, DecodeError::Truncated, "{name}");
    }
    let whole = fixture("jpeg_420_restarts.jpg");
    // The decoder may miss that the very last block has lost some bytes.
    for length in whole.len() - 120..whole.len() - 16 {
        let ended = [&whole[..length], &[0xFF, 0xD9]].concat();
        assert!(read(&ended).is_err(), "{length} bytes of {}", whole.len());
    }
}
