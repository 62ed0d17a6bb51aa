//! The short way from a JPEG to a row against the long way, which decodes every
//! pixel and resizes what comes out.

use crate::project::shared;
use image::{DynamicImage, ImageFormat, RgbImage};
use proptest::{collection::vec, prelude::*, sample::Index};
use shoebox_prep::{DecodeError, Facts, Format, Notes, Recipe, Workspace, decode, prepare, resize};
use shoebox_spec::{Filter, Limits, Resize};
use std::{
    fs,
    path::{Path, PathBuf},
};

const RESIZES: [Resize; 9] = [
    Resize::Stretch(Filter::Bilinear),
    Resize::CenterCrop(Filter::Bilinear),
    Resize::Letterbox(Filter::Bilinear),
    Resize::Stretch(Filter::BilinearAntialias),
    Resize::CenterCrop(Filter::BilinearAntialias),
    Resize::Letterbox(Filter::BilinearAntialias),
    Resize::Stretch(Filter::Lanczos3),
    Resize::CenterCrop(Filter::Lanczos3),
    Resize::Letterbox(Filter::Lanczos3),
];

/// Much smaller, a little smaller, the size itself, and larger than the
/// fixtures, which have 301×403 pixels; square and in both other shapes.
const SIZES: [[u32; 2]; 6] = [[24, 24], [64, 48], [224, 224], [200, 390], [301, 403], [440, 480]];

const PHOTOS: [&str; 6] = ["444", "422", "420", "grey", "rgb", "restarts"];

fn fixtures(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures").join(name)
}

fn photo(name: &str) -> Vec<u8> {
    fs::read(fixtures("planar").join(format!("photo_{name}.jpg"))).unwrap()
}

type Row = Result<(Vec<u8>, Facts), DecodeError>;

fn short_way(bytes: &[u8], recipe: &Recipe, workspace: &mut Workspace) -> Row {
    let mut row = vec![77; recipe.row_bytes()];
    let facts = prepare(bytes, recipe, workspace, &mut row)?;
    Ok((row, facts))
}

fn long_way(bytes: &[u8], recipe: &Recipe) -> Row {
    let (picture, facts) = decode(bytes, recipe)?;
    Ok((resize(&picture, recipe.image_size, recipe.resize), facts))
}

/// How far the two ways are apart on average, in grey levels; what they say of
/// the picture is the same.
fn difference(bytes: &[u8], recipe: &Recipe) -> f64 {
    let (short, facts) = short_way(bytes, recipe, &mut Workspace::default()).unwrap();
    let (long, expected) = long_way(bytes, recipe).unwrap();
    assert_eq!(facts, expected);
    mean_difference(&short, &long)
}

fn mean_difference(ours: &[u8], theirs: &[u8]) -> f64 {
    assert_eq!(ours.len(), theirs.len());
    let sum: u64 = ours.iter().zip(theirs).map(|(&a, &b)| u64::from(a.abs_diff(b))).sum();
    sum as f64 / ours.len() as f64
}

/// The largest and the mean of differences, and how many there are.
#[derive(Debug, Default)]
struct Tally {
    worst: f64,
    sum: f64,
    count: u32,
}

impl Tally {
    /// Adds a difference, which must be below two grey levels for any picture
    /// and recipe.
    fn add(&mut self, what: &str, difference: f64) {
        assert!(difference < 2.0, "{what}: {difference:.3} grey levels on average");
        self.worst = self.worst.max(difference);
        self.sum += difference;
        self.count += 1;
    }

    /// Over pictures and recipes the difference is below one grey level.
    fn check(&self, what: &str) {
        let mean = self.sum / f64::from(self.count);
        println!("{what}: {mean:.3} on average, {:.3} at worst of {}", self.worst, self.count);
        assert!(mean < 1.0, "{what}: {mean:.3} grey levels on average");
    }
}

#[test]
fn photographs_differ_by_less_than_one_grey_level() {
    for name in PHOTOS {
        let (bytes, mut tally) = (photo(name), Tally::default());
        for resize in RESIZES {
            for image_size in SIZES {
                let recipe = Recipe::with_defaults(image_size, resize);
                let what = format!("{name} to {image_size:?}, {resize:?}");
                tally.add(&what, difference(&bytes, &recipe));
            }
        }
        tally.check(name);
    }
}

#[test]
fn photographs_of_a_data_set_differ_by_less_than_one_grey_level() {
    for (folder, class) in [("sneakers", "train/adidas"), ("sneakers3", "train/converse")] {
        let Some(folder) = shared(folder).map(|folder| folder.join(class)) else { continue };
        let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
        files.sort();
        let mut tally = Tally::default();
        for (path, resize) in files.iter().step_by(7).zip(RESIZES.into_iter().cycle()) {
            let bytes = fs::read(path).unwrap();
            for image_size in [[64, 64], [180, 180], [224, 224], [300, 200]] {
                let recipe = Recipe::with_defaults(image_size, resize);
                let what = format!("{} to {image_size:?}, {resize:?}", path.display());
                tally.add(&what, difference(&bytes, &recipe));
            }
        }
        tally.check(class);
    }
}

#[test]
fn the_short_way_is_taken() {
    // It rounds in other places, so a photograph's pixels are not quite the same.
    for name in PHOTOS {
        for resize in RESIZES {
            let recipe = Recipe::with_defaults([100, 120], resize);
            assert!(difference(&photo(name), &recipe) > 0.0, "{name}, {resize:?}");
        }
    }
}

/// A JPEG with EXIF data that says how it is to be turned, 1–8.
fn turned(jpeg: &[u8], orientation: u8) -> Vec<u8> {
    let mut segment =
        b"\xFF\xE1\0\x22Exif\0\0MM\0*\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    segment.extend([orientation, 0, 0, 0, 0, 0, 0]);
    [&jpeg[..2], &segment, &jpeg[2..]].concat()
}

#[test]
fn photographs_are_turned_upright() {
    let mut tally = Tally::default();
    for (orientation, resize) in (1..=8).flat_map(|o| RESIZES.map(|resize| (o, resize))) {
        for (name, image_size) in [("420", [90, 140]), ("422", [160, 75]), ("grey", [420, 420])] {
            let bytes = turned(&photo(name), orientation);
            let recipe = Recipe::with_defaults(image_size, resize);
            let (_, facts) = short_way(&bytes, &recipe, &mut Workspace::default()).unwrap();
            assert_eq!(facts.notes.has(Notes::ROTATED), orientation != 1);
            let sides = if orientation < 5 { (403, 301) } else { (301, 403) };
            assert_eq!((facts.width, facts.height, facts.format), (sides.0, sides.1, Format::Jpeg));
            let what = format!("{name}, orientation {orientation}, {resize:?}");
            tally.add(&what, difference(&bytes, &recipe));
        }
    }
    tally.check("turned");
}

#[test]
fn of_two_orientations_both_ways_take_the_same() {
    let bytes = turned(&turned(&photo("420"), 6), 3);
    for resize in RESIZES {
        // Turned otherwise, it would be off by tens.
        assert!(difference(&bytes, &Recipe::with_defaults([60, 90], resize)) < 2.0);
    }
}

#[test]
fn limits_are_those_of_the_long_way() {
    let bytes = photo("420");
    for limits in [
        Limits { pixels: 403 * 301 - 1, ..Limits::default() },
        Limits { bytes: 403 * 301 * 3 - 1, ..Limits::default() },
        Limits { bytes: bytes.len() as u64 - 1, ..Limits::default() },
    ] {
        let recipe = Recipe { limits, ..Recipe::with_defaults([32, 32], RESIZES[0]) };
        let refused = short_way(&bytes, &recipe, &mut Workspace::default());
        assert!(refused.is_err(), "{limits:?}");
        assert_eq!(refused, long_way(&bytes, &recipe));
    }
    let limits = Limits { pixels: 403 * 301, bytes: 403 * 301 * 3 };
    let recipe = Recipe { limits, ..Recipe::with_defaults([32, 32], RESIZES[0]) };
    assert!(difference(&bytes, &recipe) < 1.0);
}

/// Holds that a file is refused by both ways, with the same reason, or by none.
fn assert_same_verdict(what: &str, bytes: &[u8]) {
    let recipe = Recipe::with_defaults([32, 40], RESIZES[0]);
    let short = short_way(bytes, &recipe, &mut Workspace::default()).map(|(_, facts)| facts);
    assert_eq!(short, long_way(bytes, &recipe).map(|(_, facts)| facts), "{what}");
}

#[test]
fn odd_pictures_get_the_same_verdict() {
    let folders = [Some(fixtures("odd")), Some(fixtures("planar")), shared("odd_images")];
    for folder in folders.into_iter().flatten() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_file() {
                assert_same_verdict(&path.display().to_string(), &fs::read(&path).unwrap());
            }
        }
    }
}

/// A picture without detail: brightness and colour rise evenly, by four grey
/// levels a pixel at most.
fn slope(width: u32, height: u32) -> Vec<u8> {
    let rise = |place: u32, side: u32| (place * 200 / side.max(50)) as u8;
    let pixel = |x, y| image::Rgb([30 + rise(x, width), 230 - rise(y, height), 120]);
    crate::project::encode(
        &DynamicImage::from(RgbImage::from_fn(width, height, pixel)),
        ImageFormat::Jpeg,
    )
}

fn side() -> impl Strategy<Value = u32> {
    prop_oneof![1_u32..100, 1_u32..4, Just(700)]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(600))]

    #[test]
    fn slopes_of_any_shape_stay_the_same(
        stored in (side(), side()),
        image_size in [1_u32..120, 1_u32..120],
        resize in prop::sample::select(&RESIZES[..]),
        orientation in 1_u8..=8,
    ) {
        let bytes = turned(&slope(stored.0, stored.1), orientation);
        let difference = difference(&bytes, &Recipe::with_defaults(image_size, resize));
        prop_assert!(difference < 2.0, "{difference:.3} grey levels on average");
    }

    #[test]
    fn damage_gets_the_same_verdict(
        name in prop::sample::select(&PHOTOS[..]),
        in_headers: bool,
        changes in vec((any::<Index>(), any::<u8>()), 1..3),
    ) {
        let mut bytes = photo(name);
        // The segments in front of the data, or anything.
        let end = if in_headers { 600 } else { bytes.len() };
        changes.iter().for_each(|(place, value)| bytes[place.index(end)] = *value);
        assert_same_verdict(name, &bytes);
    }

    #[test]
    fn what_was_prepared_before_does_not_matter(
        jobs in vec((0..PHOTOS.len(), [1_u32..90, 1_u32..90], 0..6_usize, any::<Option<Index>>()), 1..8),
    ) {
        let mut workspace = Workspace::default();
        for (name, image_size, resize, damage) in jobs {
            let mut bytes = photo(PHOTOS[name]);
            if let Some(place) = damage {
                let place = place.index(bytes.len());
                bytes[place] ^= 0x55;
            }
            let recipe = Recipe::with_defaults(image_size, RESIZES[resize]);
            let used = short_way(&bytes, &recipe, &mut workspace);
            prop_assert_eq!(used, short_way(&bytes, &recipe, &mut Workspace::default()));
        }
    }
}
