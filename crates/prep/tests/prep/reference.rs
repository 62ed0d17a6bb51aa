//! Numbers that other software computed.

use safetensors::SafeTensors;
use shoebox_prep::{Rgb, resize};
use shoebox_spec::{Filter, Resize};
use std::{fs, path::Path};

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
            ("pillow_lanczos", Some(png)) => {
                image::load_from_memory(png).unwrap().into_rgb8().into_raw()
            }
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
