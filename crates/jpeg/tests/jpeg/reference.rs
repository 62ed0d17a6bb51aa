//! Samples against those of libjpeg-turbo, which fixtures/make_fixtures.py
//! recorded.

use crate::{
    ColorModel, Decoder, JpegError, PICTURES, Samples, WHOLE, Wanted, decode, fixture, picture,
    worst,
};

/// Whether colour is subsampled, and along both axes alike.
fn is_subsampled(name: &str) -> bool {
    ["420", "422", "440"].iter().any(|way| name.ends_with(way))
}

fn is_subsampled_alike(name: &str) -> bool {
    !name.ends_with("422") && !name.ends_with("440")
}

fn mean(bytes: &[u8]) -> f64 {
    bytes.iter().map(|&byte| f64::from(byte)).sum::<f64>() / bytes.len() as f64
}

/// A plane of colour at the size of the picture, as libjpeg enlarges it: along
/// each axis three parts of the nearest sample and one of the next.
fn enlarge(plane: &Samples, size: [usize; 2]) -> Samples {
    let near_and_far = |place: usize, axis: usize| {
        let (near, last) = (place / 2, plane.size[axis] - 1);
        let far =
            if place.is_multiple_of(2) { near.saturating_sub(1) } else { (near + 1).min(last) };
        if plane.size[axis] == size[axis] { [place; 2] } else { [near, far] }
    };
    let pixel = |y: usize, x: usize| {
        let ([near_y, far_y], [near_x, far_x]) = (near_and_far(y, 0), near_and_far(x, 1));
        let at = |y: usize, x: usize| u32::from(plane.bytes[y * plane.size[1] + x]);
        let line = |y: usize| 3 * at(y, near_x) + at(y, far_x);
        ((3 * line(near_y) + line(far_y) + 8) / 16) as u8
    };
    let bytes = (0..size[0] * size[1]).map(|i| pixel(i / size[1], i % size[1])).collect();
    Samples { size, covered: size.map(|side| side as f64), bytes }
}

/// The planes at 1/`part` that the fixture holds from `start` on, and where
/// they end.
fn recorded(name: &str, size: [usize; 2], part: usize, start: &mut usize) -> Vec<Vec<u8>> {
    let all = fixture(&format!("{name}.planes"));
    let length: usize = size.iter().map(|side| side.div_ceil(part)).product();
    let count = if name.ends_with("grey") { 1 } else { 3 };
    let planes = all[*start..][..count * length].chunks_exact(length).map(<[u8]>::to_vec);
    *start += count * length;
    planes.collect()
}

/// Each picture with its size and what libjpeg made of it at 1/`part`.
fn for_each_size(mut check: impl FnMut(&str, [usize; 2], usize, &[Vec<u8>])) {
    for name in PICTURES {
        let header = decode(&picture(name), WHOLE).unwrap_or_else(|e| panic!("{name}: {e}")).header;
        let size = [header.height as usize, header.width as usize];
        let mut start = 0;
        for part in [1, 2, 4, 8].into_iter().filter(|&part| size.iter().all(|&s| s >= part)) {
            let planes = recorded(name, size, part, &mut start);
            check(name, size, part, &planes);
        }
        assert_eq!(start, fixture(&format!("{name}.planes")).len(), "{name}: all was compared");
    }
}

fn assert_near(what: &str, ours: &Samples, theirs: &[u8]) {
    let worst = worst(&ours.bytes, theirs);
    assert!(worst <= 1, "{what}: {worst} grey levels");
}

#[test]
fn full_size_is_libjpegs_to_one_level() {
    for_each_size(|name, size, part, theirs| {
        if part > 1 {
            return;
        }
        let ours = decode(&picture(name), WHOLE).unwrap().planes;
        assert_eq!((ours.len(), ours[0].size), (theirs.len(), size), "{name}");
        assert_near(name, &ours[0], &theirs[0]);
        for (ours, theirs) in ours.iter().zip(theirs).skip(1) {
            assert_near(name, &enlarge(ours, size), theirs);
        }
    });
}

#[test]
fn smaller_sizes_are_libjpegs_to_one_level() {
    let mut compared = 0;
    for_each_size(|name, size, part, theirs| {
        let least = size.map(|side| (side / part) as u32);
        let ours = decode(&picture(name), Wanted { luma: least, chroma: least }).unwrap().planes;
        assert_eq!(ours[0].size, size.map(|side| side.div_ceil(part)), "{name} at 1/{part}");
        let what = format!("{name} at 1/{part}");
        assert_near(&what, &ours[0], &theirs[0]);
        // Where a component has the size of the others without being enlarged,
        // colour is the same as well.
        let whole_colour = part > 1 || !is_subsampled(name);
        if is_subsampled_alike(name) && whole_colour && ours.len() == 3 && part < 8 {
            for (ours, theirs) in ours.iter().zip(theirs).skip(1) {
                assert_near(&what, ours, theirs);
            }
        }
        compared += usize::from(part > 1);
    });
    assert!(compared >= 40, "{compared} smaller sizes");
}

#[test]
fn each_axis_is_scaled_on_its_own() {
    // Means of the full size, rounded once, are the smaller ones.
    let whole = decode(&picture("fine_444"), WHOLE).unwrap().planes;
    let wanted = Wanted { luma: [29, 10], chroma: [7, 40] };
    let scaled = decode(&picture("fine_444"), wanted).unwrap().planes;
    assert_eq!((scaled[0].size, scaled[0].covered), ([29, 10], [29.0, 10.0]));
    assert_eq!((scaled[1].size, scaled[1].covered), ([8, 40], [7.25, 40.0]));
    for (scaled, whole, [tall, wide]) in
        [(&scaled[0], &whole[0], [1, 4]), (&scaled[2], &whole[2], [4, 1])]
    {
        for (index, &sample) in scaled.bytes.iter().enumerate() {
            let (y, x) = (index / scaled.size[1] * tall, index % scaled.size[1] * wide);
            // The last row of colour lies partly outside of the picture.
            if y + tall > 29 {
                continue;
            }
            let lines = (y..y + tall).map(|y| &whole.bytes[y * 40 + x..][..wide]);
            let mean = mean(&lines.flatten().copied().collect::<Vec<u8>>());
            assert!((f64::from(sample) - mean).abs() <= 1.0, "{sample} at {y}, {x} of {mean}");
        }
    }
}

#[test]
fn headers_tell_colour_and_exif() {
    let header = |name: &str| decode(&picture(name), WHOLE).unwrap().header;
    assert_eq!(header("tall_444").color, ColorModel::YCbCr);
    assert_eq!(header("tall_grey").color, ColorModel::Grey);
    assert_eq!(header("rgb").color, ColorModel::Rgb);
    assert_eq!(header("rgb").exif, None);
    let exif = header("turned_420").exif.unwrap();
    assert!(picture("turned_420")[exif].starts_with(b"MM\0*"));
}

#[test]
fn a_picture_may_be_refused_after_its_header() {
    let mut sizes = Vec::new();
    let bytes = picture("tall_420");
    let mut decoder = Decoder::new();
    let refused = decoder.decode(&bytes, |header| {
        sizes.push([header.height, header.width]);
        None
    });
    assert_eq!(refused.unwrap_err(), JpegError::Refused);
    assert_eq!(sizes, [[33, 17]]);
}
