//! One picture from its place in the set: scene, light, lens, JPEG.

use image::RgbImage;
use image::codecs::jpeg::JpegEncoder;
use rand::Rng;

use crate::DemoError;
use crate::item::{Item, Stream};
use crate::scene::{self, lens::Lens, light::Light};
use crate::tuning;

/// The finished JPEG file of one picture.
pub(crate) fn jpeg(item: Item, seed: u64) -> Result<Vec<u8>, DemoError> {
    let mut rng = item.rng(seed, Stream::Lens);
    let mut pixels = scene::draw(item, seed);
    Light::random(&mut rng).apply(&mut pixels);
    Lens::random(&mut rng).apply(&mut pixels, &mut rng);
    encode(&pixels, rng.random_range(tuning::JPEG_QUALITY), item)
}

fn encode(pixels: &RgbImage, quality: u8, item: Item) -> Result<Vec<u8>, DemoError> {
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, quality)
        .encode_image(pixels)
        .map_err(|source| DemoError::Encode { path: item.path(), source })?;
    Ok(bytes)
}
