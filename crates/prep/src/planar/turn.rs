//! How a picture is turned to stand upright.

use image::metadata::Orientation;

/// Turning, as a change of axes and mirrors: first rows and columns change
/// places, then the picture is mirrored.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Turn {
    /// Rows become columns.
    pub(super) swaps_axes: bool,
    /// What is left becomes right.
    pub(super) mirrors_columns: bool,
    /// What is up becomes down.
    pub(super) mirrors_rows: bool,
}

impl Turn {
    pub(super) fn new(orientation: Orientation) -> Self {
        let [swaps_axes, mirrors_columns, mirrors_rows] = match orientation {
            Orientation::NoTransforms => [false, false, false],
            Orientation::FlipHorizontal => [false, true, false],
            Orientation::Rotate180 => [false, true, true],
            Orientation::FlipVertical => [false, false, true],
            Orientation::Rotate90FlipH => [true, false, false],
            Orientation::Rotate90 => [true, true, false],
            Orientation::Rotate270FlipH => [true, true, true],
            Orientation::Rotate270 => [true, false, true],
        };
        Self { swaps_axes, mirrors_columns, mirrors_rows }
    }

    /// A pair of sides after turning; before turning as well.
    pub(super) fn sides<T>(self, [a, b]: [T; 2]) -> [T; 2] {
        if self.swaps_axes { [b, a] } else { [a, b] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{DynamicImage, GrayImage};

    #[test]
    fn turns_as_exif_says() {
        let stored =
            DynamicImage::from(GrayImage::from_fn(3, 2, |x, y| [(10 * y + x) as u8].into()));
        for exif in 1..=8 {
            let orientation = Orientation::from_exif(exif).unwrap();
            let mut upright = stored.clone();
            upright.apply_orientation(orientation);
            let turn = Turn::new(orientation);
            let [height, width] = turn.sides([2_u32, 3]);
            assert_eq!([height, width], [upright.height(), upright.width()]);
            for (x, y, pixel) in upright.to_luma8().enumerate_pixels() {
                let x = if turn.mirrors_columns { width - 1 - x } else { x };
                let y = if turn.mirrors_rows { height - 1 - y } else { y };
                let [y, x] = turn.sides([y, x]);
                assert_eq!(u32::from(pixel.0[0]), 10 * y + x, "orientation {exif}");
            }
        }
    }
}
