//! `samples.png`: twenty prepared pictures with their class names.

use crate::{PrepError, decode::Rgb, resize::resize};
use ab_glyph::{Font, FontRef, PxScale, ScaleFont, point};
use image::{ImageFormat, Rgb as Pixel, RgbImage};
use rayon::prelude::*;
use shoebox_artifact::atomic;
use shoebox_cache::{Split, TensorCache};
use shoebox_spec::{Filter, Resize};
use std::{io::Cursor, path::Path};

const COLUMNS: u32 = 5;
const ROWS: u32 = 4;
/// The square that a picture is fitted into, in pixels.
const CELL: u32 = 192;
const GAP: u32 = 16;
/// The strip below a picture that its class name stands in, in pixels.
const CAPTION: u32 = 30;
const TEXT_HEIGHT: f32 = 19.0;
const PAPER: Pixel<u8> = Pixel([255, 255, 255]);
const INK: [u8; 3] = [33, 37, 41];

/// Draws pictures of the train split, evenly over the classes, and writes
/// them to `path`. The same cache gives the same bytes.
///
/// # Errors
/// [`PrepError::Sheet`], or what the disk or the cache says.
pub(crate) fn write(path: &Path, cache: &TensorCache) -> Result<(), PrepError> {
    let mut png = Cursor::new(Vec::new());
    if let Some(split) = cache.split("train") {
        draw(split, cache)?
            .write_to(&mut png, ImageFormat::Png)
            .map_err(|source| PrepError::Sheet { path: path.to_owned(), source })?;
    }
    Ok(atomic::write(path, png.get_ref())?)
}

fn draw(split: &Split, cache: &TensorCache) -> Result<RgbImage, PrepError> {
    let manifest = cache.manifest();
    let labels = split.labels()?;
    let chosen = choose(&labels, manifest.class_names.len(), (COLUMNS * ROWS) as usize);
    let rows = (chosen.len() as u32).div_ceil(COLUMNS);
    let (width, height) = (GAP + COLUMNS * (CELL + GAP), GAP + rows * (CELL + CAPTION + GAP));
    let mut sheet = RgbImage::from_pixel(width, height, PAPER);
    let [height, width] = manifest.image_size;
    let thumbnails: Vec<_> = chosen
        .par_iter()
        .map(|&row| thumbnail(Rgb { width, height, pixels: split.row(row).to_vec() }))
        .collect();
    for ((place, row), picture) in (0..).zip(chosen).zip(thumbnails) {
        let (left, top) =
            (GAP + place % COLUMNS * (CELL + GAP), GAP + place / COLUMNS * (CELL + CAPTION + GAP));
        paste(&mut sheet, &picture, left, top);
        caption(&mut sheet, &manifest.class_names[labels[row] as usize], left, top + CELL);
    }
    Ok(sheet)
}

/// Up to `count` rows: the classes take turns, and each spreads its picks
/// evenly over its pictures.
fn choose(labels: &[i64], classes: usize, count: usize) -> Vec<usize> {
    let mut rows_of = vec![Vec::new(); classes];
    for (row, &label) in labels.iter().enumerate() {
        rows_of[label as usize].push(row);
    }
    let mut quota = vec![0; classes];
    let total = labels.len().min(count);
    let mut given = 0;
    while given < total {
        for class in 0..classes {
            if given < total && quota[class] < rows_of[class].len() {
                quota[class] += 1;
                given += 1;
            }
        }
    }
    let mut turns = Vec::new();
    for (class, rows) in rows_of.iter().enumerate() {
        turns.extend((0..quota[class]).map(|turn| (turn, rows[turn * rows.len() / quota[class]])));
    }
    turns.sort_by_key(|&(turn, _)| turn);
    turns.into_iter().map(|(_, row)| row).collect()
}

/// The picture, scaled to fit into a cell.
fn thumbnail(picture: Rgb) -> Rgb {
    let scale = f64::from(CELL) / f64::from(picture.width.max(picture.height));
    let side = |length: u32| ((f64::from(length) * scale).round() as u32).clamp(1, CELL);
    let (width, height) = (side(picture.width), side(picture.height));
    let pixels = resize(&picture, [height, width], Resize::Stretch(Filter::BilinearAntialias));
    Rgb { width, height, pixels }
}

/// Puts a thumbnail into the middle of its cell.
fn paste(sheet: &mut RgbImage, thumbnail: &Rgb, left: u32, top: u32) {
    let (left, top) = (left + (CELL - thumbnail.width) / 2, top + (CELL - thumbnail.height) / 2);
    for (index, pixel) in (0..).zip(thumbnail.pixels.as_chunks::<3>().0) {
        let (x, y) = (index % thumbnail.width, index / thumbnail.width);
        sheet.put_pixel(left + x, top + y, Pixel(*pixel));
    }
}

/// Writes `text` into the strip from (`left`, `top`), centred and cut to fit.
fn caption(sheet: &mut RgbImage, text: &str, left: u32, top: u32) {
    // The font is part of the program, and the tests draw with it.
    let font = FontRef::try_from_slice(epaint_default_fonts::UBUNTU_LIGHT)
        .expect("the font is compiled in");
    let font = font.as_scaled(PxScale::from(TEXT_HEIGHT));
    let advance = |letter: char| font.h_advance(font.glyph_id(letter));
    let text = shorten(text, CELL as f32, advance);
    let width: f32 = text.chars().map(advance).sum();
    let mut x = left as f32 + (CELL as f32 - width) / 2.0;
    let baseline = top as f32 + 6.0 + font.ascent();
    for letter in text.chars() {
        let glyph = font.glyph_id(letter).with_scale_and_position(font.scale(), point(x, baseline));
        if let Some(outline) = font.outline_glyph(glyph) {
            let bounds = outline.px_bounds();
            outline.draw(|dx, dy, coverage| {
                let (x, y) = (bounds.min.x as u32 + dx, bounds.min.y as u32 + dy);
                if let Some(pixel) = sheet.get_pixel_mut_checked(x, y) {
                    blend(pixel, coverage);
                }
            });
        }
        x += advance(letter);
    }
}

/// `text`, or as much of it as fits into `limit` with an ellipsis.
fn shorten(text: &str, limit: f32, advance: impl Fn(char) -> f32) -> String {
    let width = |text: &str| text.chars().map(&advance).sum::<f32>();
    if width(text) <= limit {
        return text.to_owned();
    }
    let mut kept = text.to_owned();
    while !kept.is_empty() && width(&kept) + advance('…') > limit {
        kept.pop();
    }
    kept + "…"
}

fn blend(pixel: &mut Pixel<u8>, coverage: f32) {
    let coverage = coverage.clamp(0.0, 1.0);
    for (channel, ink) in pixel.0.iter_mut().zip(INK) {
        *channel =
            (f32::from(*channel) * (1.0 - coverage) + f32::from(ink) * coverage).round() as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn classes_take_turns_and_spread_their_picks() {
        let labels = [0, 0, 0, 0, 1, 1, 1, 1];
        assert_eq!(choose(&labels, 2, 4), [0, 4, 2, 6]);
    }

    #[test]
    fn a_small_class_leaves_its_places_to_the_others() {
        assert_eq!(choose(&[0, 1, 1, 1, 1, 1], 2, 4), [0, 1, 2, 4]);
        assert_eq!(choose(&[0, 2], 3, 20), [0, 1]);
        assert!(choose(&[], 2, 20).is_empty());
    }

    #[test]
    fn a_long_name_is_cut_with_an_ellipsis() {
        assert_eq!(shorten("abcdef", 4.0, |_| 1.0), "abc…");
        assert_eq!(shorten("abcd", 4.0, |_| 1.0), "abcd");
    }
}
