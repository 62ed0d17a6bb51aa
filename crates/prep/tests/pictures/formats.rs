//! What becomes of pictures that are not plain RGB.

use crate::{encode, picture, pixels};
use image::{DynamicImage, GrayImage, ImageBuffer, ImageFormat, Luma, RgbaImage};

/// The picture as a JPEG whose EXIF data has this orientation.
fn jpeg_with_orientation(picture: &DynamicImage, orientation: u8) -> Vec<u8> {
    let jpeg = encode(picture, ImageFormat::Jpeg);
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01\x01\x12\0\x03\0\0\0\x01\0".to_vec();
    exif.extend([orientation, 0, 0, 0, 0, 0, 0]);
    let length = (exif.len() as u16 + 2).to_be_bytes();
    [&jpeg[..2], &[0xFF, 0xE1], &length, &exif, &jpeg[2..]].concat()
}

/// A grey 16×24 picture, black but for a white corner at the top left.
fn corner() -> DynamicImage {
    let pixel = |x, y| Luma([if x < 8 && y < 8 { 255 } else { 0 }]);
    GrayImage::from_fn(16, 24, pixel).into()
}

#[test]
fn every_exif_orientation_ends_upright() {
    // Where the stored top left corner belongs (EXIF 2.32, tag 0x0112), and
    // whether the sides change places.
    let expected = [
        ("top left", false),
        ("top right", false),
        ("bottom right", false),
        ("bottom left", false),
        ("top left", true),
        ("top right", true),
        ("bottom right", true),
        ("bottom left", true),
    ];
    for (orientation, (place, turned)) in (1..).zip(expected) {
        let rgb = pixels(&jpeg_with_orientation(&corner(), orientation));
        let size = if turned { (24, 16) } else { (16, 24) };
        assert_eq!((rgb.width, rgb.height), size, "orientation {orientation}");
        let at = |x: u32, y: u32| rgb.pixels[((y * rgb.width + x) * 3) as usize] > 128;
        let (right, bottom) = (rgb.width - 2, rgb.height - 2);
        let corners = [
            ("top left", at(1, 1)),
            ("top right", at(right, 1)),
            ("bottom left", at(1, bottom)),
            ("bottom right", at(right, bottom)),
        ];
        for (corner, white) in corners {
            assert_eq!(white, corner == place, "orientation {orientation}, {corner}");
        }
    }
}

#[test]
fn an_orientation_that_does_not_exist_is_ignored() {
    for orientation in [0, 9, 255] {
        let rgb = pixels(&jpeg_with_orientation(&corner(), orientation));
        assert_eq!((rgb.width, rgb.height, rgb.pixels[0] > 128), (16, 24, true));
    }
}

#[test]
fn grey_becomes_three_equal_channels() {
    let grey = GrayImage::from_fn(5, 4, |x, y| Luma([(x * 40 + y) as u8]));
    let rgb = pixels(&encode(&grey.clone().into(), ImageFormat::Png));
    let tripled: Vec<u8> = grey.as_raw().iter().flat_map(|&value| [value; 3]).collect();
    assert_eq!(rgb.pixels, tripled);
}

#[test]
fn alpha_is_dropped_and_the_colours_below_it_stay() {
    let pixel = |x: u32, y: u32| image::Rgba([200, x as u8, y as u8, (x * 60) as u8]);
    let picture: DynamicImage = RgbaImage::from_fn(5, 4, pixel).into();
    for format in [ImageFormat::Png, ImageFormat::Tiff] {
        let rgb = pixels(&encode(&picture, format));
        assert_eq!(rgb.pixels[..6], [200, 0, 0, 200, 1, 0], "{format:?}");
    }
}

#[test]
fn sixteen_bits_are_rounded_to_eight() {
    let values = [0u16, 128, 129, 257, 32_767, 32_768, 65_406, 65_407, 65_535];
    let image = ImageBuffer::<Luma<u16>, _>::from_raw(9, 1, values.to_vec()).unwrap();
    let rgb = pixels(&encode(&image.into(), ImageFormat::Png));
    // round(v / 257)
    let expected = [0, 0, 1, 1, 127, 128, 254, 255, 255];
    assert_eq!(rgb.pixels.chunks(3).map(|pixel| pixel[0]).collect::<Vec<_>>(), expected);
}

#[test]
fn the_content_decides_and_not_the_extension() {
    let picture = picture();
    let expected = picture.to_rgb8().into_raw();
    for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Bmp, ImageFormat::Tiff] {
        assert_eq!(pixels(&encode(&picture, format)).pixels, expected, "{format:?}");
    }
}

#[test]
fn an_animation_is_its_first_frame() {
    let mut bytes = Vec::new();
    let mut encoder = image::codecs::gif::GifEncoder::new(&mut bytes);
    for colour in [[255, 0, 0, 255], [0, 0, 255, 255]] {
        encoder
            .encode_frame(image::Frame::new(RgbaImage::from_pixel(4, 4, image::Rgba(colour))))
            .unwrap();
    }
    drop(encoder);
    assert_eq!(pixels(&bytes).pixels[..3], [255, 0, 0]);
}
