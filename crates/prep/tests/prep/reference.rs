//! Numbers that other software computed.

use crate::project::shared;
use safetensors::SafeTensors;
use serde::Deserialize;
use shoebox_prep::{Rgb, decode, resize};
use shoebox_spec::{Filter, Resize};
use std::{collections::BTreeMap, fs, path::Path};

/// Calls `check` with each source, target size and their name in the fixture
/// (`<picture>.to_<height>x<width>`; tests/fixtures/README.md at the root).
fn for_each_resize(check: impl Fn(&SafeTensors<'_>, &str, &Rgb, [u32; 2])) {
    let path =
        Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/tf_resize.safetensors");
    let bytes = fs::read(path).unwrap();
    let fixture = SafeTensors::deserialize(&bytes).unwrap();
    let mut checked = 0;
    for picture in ["smooth", "noisy", "square", "wide"] {
        let source = fixture.tensor(&format!("{picture}.source")).unwrap();
        let [height, width, 3] = *source.shape() else { panic!("{:?}", source.shape()) };
        let rgb =
            Rgb { width: width as u32, height: height as u32, pixels: source.data().to_vec() };
        for size in [[24, 24], [16, 40]] {
            check(&fixture, &format!("{picture}.to_{}x{}", size[0], size[1]), &rgb, size);
            checked += 1;
        }
    }
    assert_eq!(checked, 8);
}

/// Where Pillow 13 takes the columns first, Pillow 12's Lanczos, which takes
/// the rows first, as we do; made by fixtures/make_lanczos.py.
fn rows_first(name: &str) -> Option<&'static [u8]> {
    match name {
        "noisy.to_16x40" => Some(include_bytes!("../fixtures/lanczos_noisy_to_16x40.png")),
        "square.to_16x40" => Some(include_bytes!("../fixtures/lanczos_square_to_16x40.png")),
        _ => None,
    }
}

fn assert_within_one_level(filter: Filter, reference: &str) {
    for_each_resize(|fixture, name, rgb, size| {
        let ours = resize(rgb, size, Resize::Stretch(filter));
        let theirs = match (reference, rows_first(name)) {
            ("pillow_lanczos", Some(png)) => decode(png).unwrap().pixels,
            _ => fixture.tensor(&format!("{name}.{reference}")).unwrap().data().to_vec(),
        };
        assert_eq!(ours.len(), theirs.len());
        let worst = ours.iter().zip(&theirs).map(|(&a, &b)| a.abs_diff(b)).max().unwrap();
        println!("{name}.{reference}: at most {worst}");
        assert!(worst <= 1, "{name}.{reference} differs by {worst} grey levels");
    });
}

#[test]
fn bilinear_is_tensorflows_to_half_a_grey_level() {
    for_each_resize(|fixture, name, rgb, size| {
        let ours = resize(rgb, size, Resize::Stretch(Filter::Bilinear));
        let theirs = fixture.tensor(&format!("{name}.tf_bilinear_f32")).unwrap();
        for (&ours, theirs) in ours.iter().zip(theirs.data().as_chunks::<4>().0) {
            let difference = (f32::from(ours) - f32::from_le_bytes(*theirs)).abs();
            assert!(difference <= 0.501, "{name} differs by {difference} grey levels");
        }
    });
    assert_within_one_level(Filter::Bilinear, "tf_bilinear");
}

#[test]
fn antialiased_bilinear_is_pillows_to_one_grey_level() {
    assert_within_one_level(Filter::BilinearAntialias, "pillow_bilinear");
}

#[test]
fn lanczos_is_pillows_to_one_grey_level() {
    assert_within_one_level(Filter::Lanczos3, "pillow_lanczos");
}

/// A picture as Pillow sees it; made by fixtures/make_odd_images.py.
#[derive(Deserialize)]
struct Seen {
    width: u32,
    height: u32,
    /// The means of 4×4 blocks, row by row, RGB.
    blocks: Vec<f64>,
}

/// Pillow decodes these, and we refuse them: a frame without a colour table,
/// files without their end, damaged data that Pillow patches up, and a
/// lossless JPEG.
const ONLY_PILLOW: [&str; 5] = [
    "gif_01.gif",
    "jpeg_large_00.jpg",
    "jpeg_large_03.jpg",
    "jpeg_large_04.jpg",
    "jpeg_unusual_sof_01.jpg",
];

/// Pillow refuses these for their comments; the pixels are whole.
const ONLY_OURS: [&str; 2] = ["png_broken_07.png", "png_broken_09.png"];

#[test]
fn odd_pictures_are_what_pillow_sees_or_are_refused() {
    let Some(folder) = shared("odd_images") else { return };
    let seen: BTreeMap<String, Seen> =
        serde_json::from_str(include_str!("../fixtures/odd_images.json")).unwrap();
    let mut agreeing = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        match (decode(&fs::read(&path).unwrap()), seen.get(&name)) {
            (Ok(ours), Some(theirs)) => {
                assert_same_picture(&name, &ours, theirs);
                agreeing += 1;
            }
            (Ok(_), None) => assert!(ONLY_OURS.contains(&name.as_str()), "{name} was decoded"),
            (Err(error), Some(_)) => {
                assert!(ONLY_PILLOW.contains(&name.as_str()), "{name}: {error}");
            }
            (Err(error), None) => {
                assert!(!error.to_string().contains('\n'), "{name}: {error}");
            }
        }
    }
    assert!(agreeing >= 80, "only {agreeing} were compared");
}

fn assert_same_picture(name: &str, ours: &Rgb, theirs: &Seen) {
    assert_eq!((ours.width, ours.height), (theirs.width, theirs.height), "{name}");
    let worst = block_means(ours)
        .iter()
        .zip(&theirs.blocks)
        .map(|(a, b)| (a - b).abs())
        .fold(0.0, f64::max);
    assert!(worst <= 1.0, "{name}: a block differs by {worst:.2} grey levels");
}

fn block_means(rgb: &Rgb) -> Vec<f64> {
    let cut = |side: u32, step: u32| side * step / 4;
    let mut means = Vec::new();
    for row in 0..4 {
        for column in 0..4 {
            let (top, left) = (cut(rgb.height, row), cut(rgb.width, column));
            let (bottom, right) =
                (cut(rgb.height, row + 1).max(top + 1), cut(rgb.width, column + 1).max(left + 1));
            for channel in 0..3 {
                let pixels = (top..bottom).flat_map(|y| (left..right).map(move |x| (x, y)));
                let value = |(x, y): (u32, u32)| {
                    f64::from(rgb.pixels[((y * rgb.width + x) * 3 + channel) as usize])
                };
                let sum: f64 = pixels.map(value).sum();
                means.push(sum / f64::from((bottom - top) * (right - left)));
            }
        }
    }
    means
}
