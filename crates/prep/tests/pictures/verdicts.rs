//! Our verdict on each file of two collections of odd pictures: our own small
//! ones, and a larger one that lies beside the workspace on some machines.

use crate::{REPAIRING, fixtures, read};
use serde::Deserialize;
use shoebox_prep::{DecodeError, Facts, Rgb, decode};
use std::{collections::BTreeMap, fs, path::Path};

/// A line of fixtures/odd_images.json or fixtures/odd/verdicts.json, which the
/// scripts beside them make.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Verdict {
    /// Why the file is refused, unless it is decoded.
    refused: Option<String>,
    /// What `truncated: repair` makes of it.
    repaired: Option<Box<Seen>>,
    /// Why Pillow's verdict is another one.
    differs: Option<String>,
    notes: Option<String>,
    /// The pixels of [`Seen`] as TensorFlow decodes them.
    tensorflow: Option<String>,
    #[serde(flatten)]
    seen: Option<Seen>,
}

/// A picture as the reference sees it.
#[derive(Deserialize)]
struct Seen {
    width: u32,
    height: u32,
    /// 8×8 single pixels, row by row, RGB, in hexadecimal digits.
    pixels: String,
    /// The means of 4×4 blocks, row by row, RGB.
    blocks: Vec<f64>,
}

/// How far single pixels and means of blocks may be from the reference, in
/// grey levels.
#[derive(Debug, Clone, Copy)]
struct Tolerance {
    pixel: u8,
    mean: f64,
}

/// Decoders of lossy formats may round and smooth colours in their own way;
/// anything lossless is exact but for how 16 bits and inks are rounded.
fn tolerance(name: &str, notes: &str) -> Tolerance {
    let lossy = name.contains("jpeg") || name.contains("lossy");
    match () {
        () if lossy => Tolerance { pixel: 4, mean: 0.6 },
        () if notes.contains("deep") || notes.contains("cmyk") => Tolerance { pixel: 1, mean: 1.0 },
        () => Tolerance { pixel: 0, mean: 0.01 },
    }
}

fn read_verdicts(path: &Path) -> BTreeMap<String, Verdict> {
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// Holds every file in `folder` to its verdict, and returns how many there are.
fn check(folder: &Path, verdicts: &Path) -> usize {
    let verdicts = read_verdicts(verdicts);
    for (name, verdict) in &verdicts {
        let bytes = fs::read(folder.join(name)).unwrap();
        match &verdict.refused {
            None => check_decoded(name, read(&bytes), verdict),
            Some(reason) => {
                let error = read(&bytes).expect_err(name);
                assert_eq!(word(&error), reason, "{name}: {error}");
                assert!(!error.to_string().contains(char::is_control), "{name}: {error}");
            }
        }
        check_repaired(name, decode(&bytes, &REPAIRING), verdict);
    }
    verdicts.len()
}

fn check_decoded(name: &str, ours: Result<(Rgb, Facts), DecodeError>, verdict: &Verdict) {
    let (rgb, facts) = ours.unwrap_or_else(|error| panic!("{name}: {error}"));
    let notes = verdict.notes.as_deref().unwrap();
    assert_eq!(facts.notes.to_string(), notes, "{name}");
    assert_eq!((facts.width, facts.height), (rgb.width, rgb.height), "{name}");
    let tolerance = tolerance(name, notes);
    assert_same(name, &rgb, verdict.seen.as_ref().unwrap(), tolerance);
    if let Some(pixels) = &verdict.tensorflow {
        assert_same_pixels(&format!("{name} in TensorFlow"), &rgb, pixels, tolerance.pixel);
    }
}

/// A whole file is the same under either policy; of the others only those are
/// used that the table names.
fn check_repaired(name: &str, ours: Result<(Rgb, Facts), DecodeError>, verdict: &Verdict) {
    match (ours, &verdict.repaired) {
        (ours, None) if verdict.refused.is_none() => check_decoded(name, ours, verdict),
        (Ok(_), None) => panic!("{name} was repaired"),
        (Err(_), None) => {}
        (ours, Some(seen)) => {
            let (rgb, facts) = ours.unwrap_or_else(|error| panic!("{name}: {error}"));
            assert_eq!(facts.notes.to_string(), "repaired", "{name}");
            // Only what was there can be compared.
            let upper = Seen {
                blocks: seen.blocks[..24].to_vec(),
                pixels: seen.pixels[..192].to_owned(),
                ..**seen
            };
            assert_same(name, &rgb, &upper, tolerance(name, ""));
        }
    }
}

/// The tests' word for a reason.
fn word(error: &DecodeError) -> &'static str {
    match error {
        DecodeError::Empty => "empty",
        DecodeError::UnknownFormat => "unknown format",
        DecodeError::Truncated => "truncated",
        DecodeError::BeyondRepair { .. } => "beyond repair",
        DecodeError::TooManyPixels { .. } => "too many pixels",
        DecodeError::TooManyBytes { .. } => "too many bytes",
        DecodeError::TooMuchMemory { .. } => "too much memory",
        DecodeError::FileTooLong { .. } => "file too long",
        DecodeError::Unsupported { .. } => "unsupported",
        DecodeError::Broken { .. } => "broken",
    }
}

fn assert_same(name: &str, ours: &Rgb, theirs: &Seen, tolerance: Tolerance) {
    assert_eq!((ours.width, ours.height), (theirs.width, theirs.height), "{name}");
    assert_same_pixels(name, ours, &theirs.pixels, tolerance.pixel);
    let means = block_means(ours);
    let differences = means.iter().zip(&theirs.blocks).map(|(a, b)| (a - b).abs());
    let worst = differences.fold(0.0, f64::max);
    println!("{name}: a mean differs by {worst:.3} at most");
    assert!(worst <= tolerance.mean, "{name}: a block's mean differs by {worst:.2} levels");
}

fn assert_same_pixels(name: &str, ours: &Rgb, theirs: &str, tolerance: u8) {
    let byte = |at: usize| u8::from_str_radix(&theirs[at..at + 2], 16).unwrap();
    let theirs = (0..theirs.len()).step_by(2).map(byte);
    let worst = grid_pixels(ours).iter().zip(theirs).map(|(&a, b)| a.abs_diff(b)).max().unwrap();
    println!("{name}: a pixel differs by {worst} at most");
    assert!(worst <= tolerance, "{name}: a pixel differs by {worst} levels");
}

fn grid_pixels(rgb: &Rgb) -> Vec<u8> {
    let place = |side: u32, step: u32| (2 * step + 1) * side / 16;
    let places = (0..8).flat_map(|row| (0..8).map(move |column| (row, column)));
    let pixel = |(row, column)| {
        let at = (place(rgb.height, row) * rgb.width + place(rgb.width, column)) as usize * 3;
        [rgb.pixels[at], rgb.pixels[at + 1], rgb.pixels[at + 2]]
    };
    places.flat_map(pixel).collect()
}

fn block_means(rgb: &Rgb) -> Vec<f64> {
    let blocks = (0..4).flat_map(|row| (0..4).map(move |column| (row, column)));
    let range = |side: u32, step: u32| {
        let start = side * step / 4;
        start..(side * (step + 1) / 4).max(start + 1)
    };
    let mean = |(row, column): (u32, u32), channel: u32| {
        let (rows, columns) = (range(rgb.height, row), range(rgb.width, column));
        let count = f64::from(rows.len() as u32 * columns.len() as u32);
        let at = |y: u32, x: u32| ((y * rgb.width + x) * 3 + channel) as usize;
        let values = rows.flat_map(|y| columns.clone().map(move |x| (y, x)));
        values.map(|(y, x)| f64::from(rgb.pixels[at(y, x)])).sum::<f64>() / count
    };
    blocks.flat_map(|block| (0..3).map(move |channel| mean(block, channel))).collect()
}

#[test]
fn our_own_odd_pictures_are_decoded_right_or_refused() {
    let folder = fixtures("odd");
    let count = check(&folder, &folder.join("verdicts.json"));
    assert_eq!(count, fs::read_dir(folder).unwrap().count() - 1, "a file without a verdict");
}

#[test]
fn the_collection_of_odd_pictures_is_decoded_right_or_refused() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../shared/data/odd_images");
    if !folder.is_dir() {
        println!("skipped: {} is not here", folder.display());
        return;
    }
    assert_eq!(check(&folder, &fixtures("odd_images.json")), 125);
    let verdicts = read_verdicts(&fixtures("odd_images.json"));
    let pillows = fs::read_to_string(folder.join("MANIFEST.json")).unwrap();
    for entry in serde_json::from_str::<Vec<Manifest>>(&pillows).unwrap() {
        let ours = &verdicts[&entry.file];
        // The manifest says nothing about TIFF.
        let same = entry.pillow_ok.is_none_or(|decoded| decoded == ours.refused.is_none());
        assert_eq!(same, ours.differs.is_none(), "{}: why is our verdict another?", entry.file);
    }
}

/// A picture of the collection's MANIFEST.json.
#[derive(Deserialize)]
struct Manifest {
    file: String,
    pillow_ok: Option<bool>,
}
