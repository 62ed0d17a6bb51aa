//! Samples and verdicts against those of another decoder in its strict mode.

use crate::{ColorModel, PICTURES, WHOLE, decode, picture, shared, worst};
use std::fs;
use zune_jpeg::{
    JpegDecoder,
    zune_core::{bytestream::ZCursor, colorspace::ColorSpace, options::DecoderOptions},
};

/// What the other decoder makes of a file: `[height, width, channels]` bytes.
fn theirs(bytes: &[u8], color: ColorSpace) -> Option<Vec<u8>> {
    let options = DecoderOptions::default()
        .set_strict_mode(true)
        .set_max_width(usize::MAX)
        .set_max_height(usize::MAX)
        .jpeg_set_out_colorspace(color);
    JpegDecoder::new_with_options(ZCursor::new(bytes), options).decode().ok()
}

/// The first plane of a grey or a YCbCr file.
fn their_luma(bytes: &[u8], color: ColorModel) -> Option<Vec<u8>> {
    match color {
        ColorModel::Rgb => None,
        ColorModel::Grey => theirs(bytes, ColorSpace::Luma),
        // Of the three channels, which are whole bytes as stored.
        ColorModel::YCbCr => {
            let all = theirs(bytes, ColorSpace::YCbCr)?;
            Some(all.into_iter().step_by(3).collect())
        }
    }
}

#[test]
fn fixtures_are_the_same_to_one_level() {
    let mut compared = 0;
    // Where each component has a scan of its own, the other decoder loses its
    // way; libjpeg does not.
    for name in PICTURES.into_iter().filter(|&name| name != "scans_420") {
        let (bytes, ours) = (picture(name), decode(&picture(name), WHOLE).unwrap());
        let Some(luma) = their_luma(&bytes, ours.header.color) else { continue };
        let worst = worst(&ours.planes[0].bytes, &luma);
        assert!(worst <= 1, "{name}: {worst} grey levels");
        compared += 1;
    }
    assert!(compared >= 17, "{compared} pictures");
}

#[test]
fn colour_that_is_not_subsampled_is_the_same_to_one_level() {
    for name in ["one_pixel", "tall_444", "restarts_444", "fine_444", "long_steps_444", "rgb"] {
        let bytes = picture(name);
        let color = if name == "rgb" { ColorSpace::RGB } else { ColorSpace::YCbCr };
        let theirs = theirs(&bytes, color).unwrap();
        for (channel, ours) in decode(&bytes, WHOLE).unwrap().planes.iter().enumerate() {
            let theirs: Vec<u8> = theirs.iter().skip(channel).step_by(3).copied().collect();
            let worst = worst(&ours.bytes, &theirs);
            assert!(worst <= 1, "{name}, channel {channel}: {worst} grey levels");
        }
    }
}

/// Compares our verdict and samples with theirs; whether both decode the file.
fn compare(what: &str, bytes: &[u8]) -> bool {
    let Ok(ours) = decode(bytes, WHOLE) else { return false };
    let strict = theirs(bytes, ColorSpace::RGB);
    assert!(strict.is_some(), "{what}: refused by the other decoder, and not by ours");
    if let Some(luma) = their_luma(bytes, ours.header.color) {
        let worst = worst(&ours.planes[0].bytes, &luma);
        assert!(worst <= 1, "{what}: {worst} grey levels");
    }
    true
}

#[test]
fn photographs_are_the_same_to_one_level() {
    for name in ["sneakers", "sneakers3"] {
        let files = shared(name);
        // A sample from all classes.
        let step = (files.len() / 60).max(1);
        let sample: Vec<_> = files.iter().step_by(step).collect();
        let both = sample
            .iter()
            .filter(|path| compare(&path.display().to_string(), &fs::read(path).unwrap()));
        let both = both.count();
        println!("{name}: {both} of {} photographs compared", sample.len());
        assert!(2 * both >= sample.len(), "most photographs are read here");
    }
}

#[test]
fn odd_pictures_that_others_refuse_are_refused() {
    let files = shared("odd_images");
    let both = files
        .iter()
        .filter(|path| compare(&path.display().to_string(), &fs::read(path).unwrap_or_default()));
    println!("odd pictures: {} of {} compared", both.count(), files.len());
}
