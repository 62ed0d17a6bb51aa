//! Pictures side by side, as one.

use crate::TrainError;
use std::io;
use tch::{Device, Kind, Tensor};

/// The longest side of a picture in a grid, in pixels; larger ones are shrunk.
const MOST_SIDE: i64 = 112;
/// White between them, in pixels.
const GAP: i64 = 4;

/// A picture made of pictures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Grid {
    /// In pixels.
    pub width: u32,
    /// In pixels.
    pub height: u32,
    /// Red, green and blue of each pixel, row by row.
    pub rgb: Vec<u8>,
}

impl Grid {
    /// Pictures `[N,H,W,3]` u8, so many `columns` to a row.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn new(pictures: &Tensor, columns: usize) -> Result<Self, TrainError> {
        let pictures = shrunk(&pictures.f_to_device(Device::Cpu)?)?;
        let ((count, height, width, _), columns) = (pictures.size4()?, columns as i64);
        let rows = count.div_euclid(columns) + i64::from(count % columns > 0);
        let sides = [rows * (height + GAP) + GAP, columns * (width + GAP) + GAP];
        let canvas = Tensor::f_full([sides[0], sides[1], 3], 255, (Kind::Uint8, Device::Cpu))?;
        for index in 0..count {
            let [top, left] = [index / columns * (height + GAP), index % columns * (width + GAP)];
            let place = canvas.f_narrow(0, top + GAP, height)?.f_narrow(1, left + GAP, width)?;
            place.shallow_clone().f_copy_(&pictures.f_get(index)?)?;
        }
        let [height, width] = sides.map(|side| side as u32);
        Ok(Self { width, height, rgb: Vec::try_from(canvas.f_flatten(0, -1)?)? })
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// A picture without a pixel.
    pub fn png(&self) -> io::Result<Vec<u8>> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, self.width, self.height);
        encoder.set_color(png::ColorType::Rgb);
        encoder.write_header()?.write_image_data(&self.rgb)?;
        Ok(bytes)
    }
}

/// Pictures whose sides are [`MOST_SIDE`] at most, by the means of areas.
fn shrunk(pictures: &Tensor) -> Result<Tensor, TrainError> {
    let (_, height, width, _) = pictures.size4()?;
    let longest = height.max(width);
    if longest <= MOST_SIDE {
        return Ok(pictures.shallow_clone());
    }
    let sides = [height, width].map(|side| (side * MOST_SIDE / longest).max(1));
    let values = pictures.f_permute([0, 3, 1, 2])?.f_to_kind(Kind::Float)?;
    let values = values.f_adaptive_avg_pool2d(sides)?.f_round()?.f_to_kind(Kind::Uint8)?;
    Ok(values.f_permute([0, 2, 3, 1])?)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// `[count, side, side, 3]`, each picture of the value of its place.
    fn pictures(count: i64, side: i64) -> Tensor {
        let values = Tensor::arange(count, (Kind::Uint8, Device::Cpu)).view([count, 1, 1, 1]);
        values.repeat([1, side, side, 3])
    }

    #[test]
    fn pictures_lie_in_rows_with_white_between_them() {
        let grid = Grid::new(&pictures(5, 2), 3).unwrap();
        assert_eq!((grid.width, grid.height), (3 * 6 + 4, 2 * 6 + 4));
        let at = |row: usize, column: usize| grid.rgb[3 * (row * 22 + column)];
        assert_eq!(
            [at(4, 4), at(5, 5), at(4, 10), at(4, 16), at(10, 4), at(11, 11)],
            [0, 0, 1, 2, 3, 4]
        );
        // Between pictures, and where the sixth would be.
        assert_eq!([at(0, 0), at(4, 6), at(9, 4), at(10, 16)], [255; 4]);
    }

    #[test]
    fn large_pictures_are_shrunk_to_means() {
        let halves = Tensor::from_slice(&[10u8, 30]).view([1, 1, 2, 1]).repeat([1, 224, 112, 3]);
        let grid = Grid::new(&halves, 1).unwrap();
        assert_eq!((grid.width, grid.height), (120, 120));
        assert_eq!(grid.rgb[3 * (60 * 120 + 60)], 20);
    }

    #[test]
    fn a_png_holds_the_very_pixels() {
        let grid = Grid::new(&pictures(4, 3), 2).unwrap();
        let png = grid.png().unwrap();
        let mut reader = png::Decoder::new(io::Cursor::new(png)).read_info().unwrap();
        let mut rgb = vec![0; reader.output_buffer_size().unwrap()];
        let info = reader.next_frame(&mut rgb).unwrap();
        assert_eq!((info.width, info.height, rgb), (grid.width, grid.height, grid.rgb));
    }
}
