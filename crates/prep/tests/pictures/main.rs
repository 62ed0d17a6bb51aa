//! What becomes of a single picture file, one sentence a test.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

mod bombs;
mod finds;
mod formats;
mod refusals;
mod repairs;
mod verdicts;

use image::{DynamicImage, ImageFormat, RgbImage};
use shoebox_prep::{DecodeError, Facts, Recipe, Rgb, decode};
use shoebox_spec::{Limits, Resize, Truncated};
use std::{
    io::Cursor,
    path::{Path, PathBuf},
};

/// What a spec without a word about it makes of pictures.
const RECIPE: Recipe = Recipe {
    image_size: [8, 8],
    resize: Resize::Stretch(shoebox_spec::Filter::Bilinear),
    truncated: Truncated::Refuse,
    limits: Limits { pixels: 178_956_970, bytes: 512 << 20 },
};

const REPAIRING: Recipe = Recipe { truncated: Truncated::Repair, ..RECIPE };

/// Decodes with every default.
fn read(bytes: &[u8]) -> Result<(Rgb, Facts), DecodeError> {
    decode(bytes, &RECIPE)
}

/// The pixels of a picture that is decoded with every default.
fn pixels(bytes: &[u8]) -> Rgb {
    read(bytes).unwrap().0
}

/// A 20×12 picture of which no two pixels are alike.
fn picture() -> DynamicImage {
    RgbImage::from_fn(20, 12, |x, y| image::Rgb([21, (x * 12) as u8, (y * 20) as u8])).into()
}

fn encode(picture: &DynamicImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}
