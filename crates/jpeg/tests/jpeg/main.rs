//! What becomes of a JPEG, one sentence a test.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

mod damage;
mod reference;
mod refusals;
mod reuse;
mod strict;

use shoebox_jpeg::{ColorModel, Decoder, Header, JpegError, Wanted};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every picture that fixtures/make_fixtures.py makes.
const PICTURES: [&str; 19] = [
    "one_pixel",
    "one_pixel_grey",
    "one_pixel_420",
    "small_420",
    "tall_444",
    "tall_422",
    "tall_420",
    "tall_440",
    "tall_grey",
    "restarts_444",
    "restarts_422",
    "restarts_420",
    "optimized_420",
    "fine_444",
    "coarse_420",
    "long_steps_444",
    "rgb",
    "turned_420",
    "scans_420",
];

/// No plane smaller than stored.
const WHOLE: Wanted = Wanted { luma: [u32::MAX; 2], chroma: [u32::MAX; 2] };

fn fixture(name: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name);
    fs::read(path).unwrap()
}

fn picture(name: &str) -> Vec<u8> {
    fixture(&format!("{name}.jpg"))
}

/// A picture whose samples are its own.
#[derive(Debug, Clone, PartialEq)]
struct Decoded {
    header: Header,
    planes: Vec<Samples>,
}

/// `[height, width]` bytes, row-major.
#[derive(Debug, Clone, PartialEq)]
struct Samples {
    size: [usize; 2],
    covered: [f64; 2],
    bytes: Vec<u8>,
}

/// Decodes with a decoder that may have been used before.
fn decode_with(decoder: &mut Decoder, bytes: &[u8], wanted: Wanted) -> Result<Decoded, JpegError> {
    let picture = decoder.decode(bytes, |_| Some(wanted))?;
    let own = |plane: &shoebox_jpeg::Plane<'_>| Samples {
        size: [plane.height, plane.width],
        covered: plane.covered,
        bytes: plane.samples.to_vec(),
    };
    let planes = picture.planes().iter().map(own).collect();
    Ok(Decoded { header: picture.header, planes })
}

fn decode(bytes: &[u8], wanted: Wanted) -> Result<Decoded, JpegError> {
    decode_with(&mut Decoder::new(), bytes, wanted)
}

/// Why a file is refused.
fn refusal(bytes: &[u8]) -> JpegError {
    decode(bytes, WHOLE).expect_err("the file is refused")
}

/// How far two runs of samples are apart, at most.
fn worst(ours: &[u8], theirs: &[u8]) -> u8 {
    assert_eq!(ours.len(), theirs.len());
    ours.iter().zip(theirs).map(|(&a, &b)| a.abs_diff(b)).max().unwrap_or(0)
}

/// The pictures that lie beside the workspace on some machines, in order.
fn shared(name: &str) -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data").join(name);
    let (mut folders, mut files) = (vec![root], Vec::new());
    while let Some(folder) = folders.pop() {
        let Ok(entries) = fs::read_dir(&folder) else {
            eprintln!("skipped: {} is not here", folder.display());
            continue;
        };
        let paths = entries.map(|entry| entry.unwrap().path());
        let (below, here): (Vec<_>, Vec<_>) = paths.partition(|path| path.is_dir());
        folders.extend(below);
        files.extend(here);
    }
    files.sort();
    files
}
