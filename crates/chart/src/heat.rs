//! The confusion matrix of very many classes as pixels: a thousand classes
//! are a million cells, too many elements for a page.

use crate::{
    ConfusionMatrix, LIGHT, data_uri,
    matrix::{hue, opacity},
};

/// The most pixels a side. A screen that had to shrink the picture would drop
/// single mistakes; instead neighbouring classes share a pixel.
const MAX_SIDE: usize = 250;

/// How many classes share a pixel's side.
pub fn classes_per_pixel(classes: usize) -> usize {
    classes.div_ceil(MAX_SIDE).max(1)
}

/// The matrix as a PNG in a `data:` URI. A pixel shows the largest share of a
/// row among its cells. Its opacity lets it be seen on light and dark ground.
/// Nothing for a matrix without classes.
pub fn picture(matrix: &ConfusionMatrix) -> Option<String> {
    let block = classes_per_pixel(matrix.classes());
    let side = matrix.classes().div_ceil(block);
    let mut shares = vec![0.0; side * side];
    let mut pixels = vec![[0u8; 4]; side * side];
    for truth in 0..matrix.classes() {
        let support = matrix.support(truth) as f64;
        for predicted in 0..matrix.classes() {
            let pixel = truth / block * side + predicted / block;
            let share = matrix.get(truth, predicted) as f64 / support.max(1.0);
            if share > shares[pixel] {
                shares[pixel] = share;
                let [red, green, blue] = LIGHT.rgb(hue(truth, predicted)).unwrap_or_default();
                pixels[pixel] = [red, green, blue, (255.0 * opacity(share)) as u8];
            }
        }
    }
    let png = encode(u32::try_from(side).ok()?, pixels.as_flattened()).ok()?;
    Some(data_uri("image/png", &png))
}

/// `side` × `side` pixels of red, green, blue and opacity as a PNG.
fn encode(side: u32, pixels: &[u8]) -> Result<Vec<u8>, png::EncodingError> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, side, side);
    encoder.set_color(png::ColorType::Rgba);
    let mut writer = encoder.write_header()?;
    writer.write_image_data(pixels)?;
    writer.finish()?;
    Ok(bytes)
}

#[cfg(test)]
mod tests {
    use super::{classes_per_pixel, picture};
    use crate::{ConfusionMatrix, LIGHT};
    use base64::{Engine, engine::general_purpose::STANDARD};

    fn pixels(matrix: &ConfusionMatrix) -> image::RgbaImage {
        let uri = picture(matrix).unwrap();
        let bytes = STANDARD.decode(uri.strip_prefix("data:image/png;base64,").unwrap()).unwrap();
        image::load_from_memory(&bytes).unwrap().to_rgba8()
    }

    #[test]
    fn a_single_mistake_among_a_thousand_classes_has_its_pixel() {
        let right = (0..1000).map(|class| (class, class));
        let pixels = pixels(&ConfusionMatrix::count(1000, right.chain([(999, 0)])));
        assert_eq!((classes_per_pixel(1000), pixels.dimensions()), (4, (250, 250)));
        let [red, green, blue] = LIGHT.rgb("miss").unwrap();
        // Half of its row: the root of 0.5, times 0.8, times 255.
        assert_eq!(pixels.get_pixel(0, 249).0, [red, green, blue, 145]);
        assert_eq!(pixels.get_pixel(249, 0).0, [0; 4]);
    }

    #[test]
    fn up_to_250_classes_each_have_a_pixel() {
        let pixels = pixels(&ConfusionMatrix::count(61, [(60, 60)]));
        assert_eq!(pixels.dimensions(), (61, 61));
    }
}
