//! The short way from a JPEG to a row, for nearly all photographs.
//!
//! The long way decodes every pixel and resizes what comes out. Here the planes
//! of brightness and colour are decoded no larger than the row needs them,
//! resized one by one, and only the pixels of the row become RGB and are turned
//! upright. Against the long way pixels differ by less than one grey level on
//! average.
//!
//! A filter that looks at single pixels gets all of them, at full size.
//!
//! What the decoder leaves to others, and damaged files, go the long way.

mod colour;
mod picks;
mod resample;
mod turn;
mod vectors;
mod weights;

use crate::{
    decode::{check_file, check_size},
    facts::{Facts, Format, Notes},
    prepare::Recipe,
    resize::{Region, centre, fit},
};
use colour::{Colour, Lines};
use image::metadata::Orientation;
use resample::{Plane, Resampler};
use shoebox_jpeg::{ColorModel, Decoder, Header, Picture, Wanted};
use shoebox_spec::Resize;
use turn::Turn;
use weights::{Axis, Filter};

/// How many times as large as the result brightness is decoded at least. With
/// less, the means that a small transform gives are seen in the result: at 1
/// the differences are four times as large.
const LUMA_EXCESS: f64 = 1.5;
/// The same for colour, of which the eye and the files have less.
const CHROMA_EXCESS: f64 = 1.0;
/// Beyond this scale weights would be too small for their 14 bits.
const MAX_SCALE: f64 = 64.0;

/// Decoder, resizer and buffers that one thread keeps.
#[derive(Debug, Default)]
pub(crate) struct Planar {
    decoder: Decoder,
    resampler: Resampler,
    /// Resized planes, with rows where the row has them.
    resized: [Vec<u8>; 3],
}

/// Prepares `bytes` into `row` if that can be done the short way; `None` says
/// nothing about the file but that the long way has to be taken.
pub(crate) fn prepare(
    bytes: &[u8],
    recipe: &Recipe,
    planar: &mut Planar,
    row: &mut [u8],
) -> Option<Facts> {
    let filter = filter(recipe.resize);
    check_file(bytes.len() as u64, recipe.limits).ok()?;
    let mut plan = None;
    let wanted = |header: &Header| {
        let pixels = u64::from(header.width) * u64::from(header.height);
        check_size(header.width, header.height, pixels * 3, recipe.limits).ok()?;
        plan = Some(Plan::new(header, bytes, recipe));
        plan.as_ref().map(|plan| plan.wanted(filter))
    };
    let picture = planar.decoder.decode(bytes, wanted).ok()?;
    let plan = plan?;
    for (index, plane) in picture.planes().iter().enumerate() {
        let [rows, columns] = plan.axes(plane, filter);
        if rows.scale().max(columns.scale()) > MAX_SCALE {
            return None;
        }
        let plane = Plane { width: plane.width, height: plane.height, samples: plane.samples };
        let (resampler, resized) = (&mut planar.resampler, &mut planar.resized[index]);
        if plan.turn.swaps_axes {
            resampler.resize(plane, rows, columns, resized);
        } else {
            resampler.resize_upright(plane, rows, columns, resized);
        }
    }
    let (facts, color) = (plan.facts(&picture), picture.header.color);
    plan.write(color, &planar.resized, recipe, row);
    Some(facts)
}

fn filter(resize: Resize) -> Filter {
    let (Resize::Stretch(filter) | Resize::CenterCrop(filter) | Resize::Letterbox(filter)) = resize;
    match filter {
        shoebox_spec::Filter::Bilinear => Filter::Sampled,
        shoebox_spec::Filter::BilinearAntialias => Filter::Triangle,
        shoebox_spec::Filter::Lanczos3 => Filter::Lanczos3,
    }
}

/// What is to become of a picture.
#[derive(Debug)]
struct Plan {
    /// `[height, width]` as stored, in pixels.
    stored: [u32; 2],
    turn: Turn,
    /// The part that is used, in pixels as stored.
    region: Region,
    /// What that part becomes: `[height, width]` as stored, in pixels.
    size: [u32; 2],
}

impl Plan {
    fn new(header: &Header, bytes: &[u8], recipe: &Recipe) -> Self {
        let exif = header.exif.clone().and_then(|range| bytes.get(range));
        let orientation = exif.and_then(Orientation::from_exif_chunk);
        let turn = Turn::new(orientation.unwrap_or(Orientation::NoTransforms));
        let stored = [header.height, header.width];
        let [height, width] = stored.map(f64::from);
        let whole = Region { left: 0.0, top: 0.0, width, height };
        let target = turn.sides(recipe.image_size);
        let (region, size) = match recipe.resize {
            Resize::Stretch(_) => (whole, target),
            Resize::CenterCrop(_) => (centre(whole, target), target),
            Resize::Letterbox(_) => (whole, fit(whole, target)),
        };
        Self { stored, turn, region, size }
    }

    /// How large the whole picture has to be for its part to suffice. Whoever
    /// looks at single pixels needs all of them.
    fn wanted(&self, filter: Filter) -> Wanted {
        if filter == Filter::Sampled {
            return Wanted { luma: self.stored, chroma: self.stored };
        }
        let parts = [self.region.height, self.region.width];
        let wanted = |excess: f64| {
            [0, 1].map(|axis| {
                let whole = f64::from(self.stored[axis]) / parts[axis];
                (f64::from(self.size[axis]) * whole * excess).ceil() as u32
            })
        };
        Wanted { luma: wanted(LUMA_EXCESS), chroma: wanted(CHROMA_EXCESS) }
    }

    /// The rows and the columns of a plane, of which the picture covers a part.
    fn axes(&self, plane: &shoebox_jpeg::Plane<'_>, filter: Filter) -> [Axis; 2] {
        let starts = [self.region.top, self.region.left];
        let lengths = [self.region.height, self.region.width];
        [0, 1].map(|axis| {
            let samples = plane.covered[axis] / f64::from(self.stored[axis]);
            Axis {
                covered: plane.covered[axis],
                pixels: self.stored[axis],
                start: starts[axis] * samples,
                length: lengths[axis] * samples,
                count: self.size[axis] as usize,
                filter,
            }
        })
    }

    fn facts(&self, picture: &Picture<'_>) -> Facts {
        let [height, width] = self.turn.sides(self.stored);
        let mut notes = Notes::default();
        if self.turn != Turn::default() {
            notes = notes.with(Notes::ROTATED);
        }
        if picture.header.color == ColorModel::Grey {
            notes = notes.with(Notes::GREY);
        }
        Facts { width, height, format: Format::Jpeg, notes }
    }

    /// Writes the resized planes into the middle of `row`.
    fn write(&self, color: ColorModel, planes: &[Vec<u8>; 3], recipe: &Recipe, row: &mut [u8]) {
        let [height, width] = self.turn.sides(self.size).map(|side| side as usize);
        let [row_height, row_width] = recipe.image_size.map(|side| side as usize);
        let (top, left) = ((row_height - height) / 2, (row_width - width) / 2);
        if [height, width] != [row_height, row_width] {
            row.fill(0);
        }
        let arch = pulp::Arch::new();
        for y in 0..height {
            let from = if self.turn.mirrors_rows { height - 1 - y } else { y };
            let line = |index: usize| &planes[index][from * width..][..width];
            let lines = match color {
                ColorModel::Grey => Lines::Grey(line(0)),
                ColorModel::Rgb => Lines::Rgb([line(0), line(1), line(2)]),
                ColorModel::YCbCr => Lines::YCbCr([line(0), line(1), line(2)]),
            };
            let pixels = &mut row[((top + y) * row_width + left) * 3..][..width * 3];
            vectors::run(arch, Colour { lines, pixels: &mut *pixels });
            if self.turn.mirrors_columns {
                pixels.as_chunks_mut::<3>().0.reverse();
            }
        }
    }
}
