//! Files that are no pictures.

use crate::project::{Project, encode, jpeg, picture};
use image::ImageFormat;
use shoebox_prep::{DecodeError, decode};
use std::fs;

/// Three files of the train split and one of val that are no pictures.
fn damaged_project() -> Project {
    let project = Project::new();
    let whole = jpeg(3);
    project.write("data/train/adidas/cut.jpg", &whole[..whole.len() / 2]);
    project.write("data/train/nike/empty.png", b"");
    project.write("data/train/nike/text.jpg", b"<html>404</html>");
    project.write("data/val/nike/text.png", b"nothing");
    project
}

const LISTED: &str = "  data/train/adidas/cut.jpg: the JPEG is truncated: its data ends before the end-of-image marker
  data/train/nike/empty.png: the file is empty
  data/train/nike/text.jpg: not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF
  data/val/nike/text.png: not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF
";

#[test]
fn lists_every_unreadable_file_and_writes_nothing() {
    damaged_project().refuses(&format!(
        "4 files cannot be used as pictures:\n{LISTED}\
         repair or remove them, or leave them out with --set data.unreadable=skip; nothing was written"
    ));
}

#[test]
fn skipping_goes_on_without_them_and_records_them() {
    let project = damaged_project();
    let outcome = project.prep(&["--set", "data.unreadable=skip"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    for line in [
        "Found 9 files belonging to 2 classes (adidas 3, nike 3) in data/train, 3 of them unreadable and left out.\n",
        "Found 3 files belonging to 2 classes (adidas 1, nike 1) in data/val, 1 of them unreadable and left out.\n",
    ] {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
    let audit = fs::read_to_string(project.cache().join("audit.json")).unwrap();
    assert_eq!(audit.matches("\"kind\": \"unreadable\"").count(), 4, "{audit}");
    let manifest = fs::read_to_string(project.cache().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"skipped\": 3") && manifest.contains("\"skipped\": 1"));
    let again = project.prep(&["--set", "data.unreadable=skip"]);
    assert!(again.stderr.contains("warning: data/train/nike/empty.png: the file is empty\n"));
    assert!(again.stderr.contains("is up to date"));
}

#[test]
fn a_cache_made_by_skipping_is_not_taken_for_a_whole_one() {
    let project = damaged_project();
    assert_eq!(project.prep(&["--set", "data.unreadable=skip"]).status, 0);
    assert_eq!(project.prep(&[]).status, 1);
}

#[test]
fn a_class_that_skipping_leaves_empty_is_refused() {
    let project = Project::new();
    project.write("data/train/puma/1.jpg", b"no");
    project.write("data/train/puma/2.jpg", b"no");
    let outcome = project.prep(&["--set", "data.unreadable=skip"]);
    assert_eq!(
        outcome.stderr,
        "error: data/train/puma: none of the files in this class folder can be used as a picture; add pictures to it, or take the folder away\n"
    );
    assert_eq!(outcome.status, 1);
    assert!(project.caches().is_empty());
}

#[test]
fn truncated_files_of_every_format_are_refused() {
    for format in [
        ImageFormat::Jpeg,
        ImageFormat::Png,
        ImageFormat::WebP,
        ImageFormat::Gif,
        ImageFormat::Bmp,
        ImageFormat::Tiff,
    ] {
        let whole = encode(&picture(3), format);
        assert!(decode(&whole).is_ok(), "{format:?}");
        for length in [whole.len() / 4, whole.len() / 2, whole.len() * 3 / 4] {
            assert!(decode(&whole[..length]).is_err(), "{format:?} cut to {length} bytes");
        }
    }
}

#[test]
fn a_jpeg_is_refused_at_whatever_byte_it_is_cut() {
    let whole = jpeg(3);
    for length in 0..whole.len() {
        assert!(decode(&whole[..length]).is_err(), "{length} bytes of {}", whole.len());
    }
}

#[test]
fn a_small_file_that_claims_to_be_huge_is_refused() {
    let mut bomb = encode(&picture(3), ImageFormat::Bmp);
    bomb[18..22].copy_from_slice(&30_000u32.to_le_bytes());
    bomb[22..26].copy_from_slice(&30_000u32.to_le_bytes());
    let error = decode(&bomb).unwrap_err();
    assert!(matches!(error, DecodeError::TooLarge { width: 30_000, height: 30_000 }), "{error}");
    assert_eq!(
        error.to_string(),
        "too large: 30000×30000 pixels; at most 16384 a side and 512 MiB decoded are read"
    );
}
