//! From a file's bytes to planes.

use crate::{
    error::JpegError,
    frame::{ColorModel, Component, Frame},
    run::{Run, TWICE},
    scale::{Scale, Side},
    scan,
    segments::{Cursor, EOI, SOI, SOS, Said},
    tables::Tables,
};
use std::ops::Range;

/// What is known of a picture before it is decoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Header {
    /// In pixels as stored, 1–65,535.
    pub width: u32,
    /// In pixels as stored, 1–65,535.
    pub height: u32,
    /// What the planes mean.
    pub color: ColorModel,
    /// Where in the file the EXIF data lies, beginning with its byte order.
    pub exif: Option<Range<usize>>,
}

/// How many samples of each plane are needed at least, `[height, width]` for
/// the whole picture; 0 is as good as 1. Planes are never larger than stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// Of the first plane: grey, or brightness; of all planes of RGB.
    pub luma: [u32; 2],
    /// Of the two planes of colour.
    pub chroma: [u32; 2],
}

/// The samples of one component.
#[derive(Debug, Clone, Copy)]
pub struct Plane<'a> {
    /// In samples, at least 1.
    pub width: usize,
    /// In samples, at least 1.
    pub height: usize,
    /// `[height, width]` bytes, row-major.
    pub samples: &'a [u8],
    /// The part that the picture covers, from the top left corner,
    /// `[height, width]` in samples: where the picture's size is no multiple of
    /// what a sample stands for, the last one lies partly outside.
    pub covered: [f64; 2],
}

/// A decoded picture; its samples lie in the [`Decoder`].
#[derive(Debug, Clone)]
pub struct Picture<'a> {
    /// What the file says of itself.
    pub header: Header,
    planes: [Plane<'a>; 3],
}

impl<'a> Picture<'a> {
    /// One plane of grey, or three.
    pub fn planes(&self) -> &[Plane<'a>] {
        let count = if self.header.color == ColorModel::Grey { 1 } else { 3 };
        &self.planes[..count]
    }
}

/// A component's samples while they are decoded.
#[derive(Debug, Default)]
pub(crate) struct Canvas {
    pub(crate) samples: Vec<u8>,
    /// Bytes of a row of whole MCUs.
    pub(crate) stride: usize,
    seen: bool,
}

/// Reads JPEGs, one after the other, in buffers that it keeps.
#[derive(Debug, Default)]
pub struct Decoder {
    arch: pulp::Arch,
    tables: Tables,
    segment: Vec<u8>,
    canvases: [Canvas; 3],
}

impl Decoder {
    /// A decoder without buffers; they come with the first picture.
    pub fn new() -> Self {
        Self::default()
    }

    /// Decodes a file. `choose` is asked once the header has been read, before
    /// memory for samples is taken; `None` refuses the picture.
    ///
    /// The samples take at most 256 times as much memory as the file, and a row
    /// and a column of blocks more.
    ///
    /// # Errors
    /// A [`JpegError`]: never a picture of which a part is missing.
    pub fn decode<'a>(
        &'a mut self,
        bytes: &[u8],
        choose: impl FnOnce(&Header) -> Option<Wanted>,
    ) -> Result<Picture<'a>, JpegError> {
        if !bytes.starts_with(&[0xFF, SOI]) {
            return Err(JpegError::Corrupt("no start-of-image marker"));
        }
        let mut cursor = Cursor { bytes, position: 2 };
        let mut said = Said::default();
        self.tables.begin();
        let first = self.segments(&mut cursor, &mut said)?;
        let frame = said.frame.clone().filter(|_| first == SOS);
        let frame = frame.ok_or(JpegError::Corrupt("no frame before the first scan"))?;
        let header = header(&frame, &said);
        let wanted = choose(&header).ok_or(JpegError::Refused)?;
        let scales = scales(&frame, header.color, wanted);
        let left = bytes.len() - cursor.position;
        self.make_room(&frame, &scales, left)?;
        loop {
            self.scan(&mut cursor, &frame, &scales, said.restart_interval)?;
            if self.segments(&mut cursor, &mut said)? == EOI {
                break;
            }
        }
        self.finish(&frame, &scales, header)
    }

    /// Takes in segments up to the next scan or the end of the picture.
    fn segments(&mut self, cursor: &mut Cursor<'_>, said: &mut Said) -> Result<u8, JpegError> {
        loop {
            let marker = cursor.next_marker()?;
            if matches!(marker, SOS | EOI) {
                return Ok(marker);
            }
            said.take(marker, cursor, &mut self.tables)?;
        }
    }

    fn make_room(
        &mut self,
        frame: &Frame,
        scales: &[Scale],
        bytes_left: usize,
    ) -> Result<(), JpegError> {
        let blocks = |component| frame.own_blocks(component).iter().product::<usize>();
        // A block takes at least one bit for DC and one for its end.
        if frame.components.iter().map(blocks).sum::<usize>() > bytes_left * 4 {
            return Err(JpegError::Truncated);
        }
        for ((canvas, component), scale) in
            self.canvases.iter_mut().zip(&frame.components).zip(scales)
        {
            let [down, across] = frame.blocks(component);
            let [tall, wide] = scale.0.map(Side::eighths);
            canvas.stride = across * wide;
            canvas.seen = false;
            let length = down * tall * canvas.stride;
            if canvas.samples.len() < length {
                canvas.samples.resize(length, 0);
            }
        }
        Ok(())
    }

    /// Decodes the scan behind a SOS marker.
    fn scan(
        &mut self,
        cursor: &mut Cursor<'_>,
        frame: &Frame,
        scales: &[Scale],
        interval: usize,
    ) -> Result<(), JpegError> {
        let parts = scan::parts(cursor.body()?, frame)?;
        for part in &parts {
            if std::mem::replace(&mut self.canvases[part.component].seen, true) {
                return Err(TWICE);
            }
            if scales[part.component].is_mean() {
                self.tables.prepare_skips(part.ac);
            }
        }
        let Self { arch, tables, segment, canvases } = self;
        let run = Run::new(&parts, frame, scales, interval);
        run.decode(cursor, *arch, tables, segment, canvases)
    }

    fn finish(
        &mut self,
        frame: &Frame,
        scales: &[Scale],
        header: Header,
    ) -> Result<Picture<'_>, JpegError> {
        let mut planes = [Plane { width: 0, height: 0, samples: &[], covered: [0.0; 2] }; 3];
        let parts = frame.components.iter().zip(scales);
        for ((canvas, plane), (component, &scale)) in
            self.canvases.iter_mut().zip(&mut planes).zip(parts)
        {
            if !canvas.seen {
                return Err(JpegError::Truncated);
            }
            *plane = canvas.finish(frame.covered(component, scale));
        }
        Ok(Picture { header, planes })
    }
}

impl Canvas {
    /// Closes the rows up to the width that is covered.
    fn finish(&mut self, covered: [f64; 2]) -> Plane<'_> {
        let [height, width] = covered.map(|side| side.ceil() as usize);
        if width < self.stride {
            for row in 1..height {
                let start = row * self.stride;
                self.samples.copy_within(start..start + width, row * width);
            }
        }
        Plane { width, height, samples: &self.samples[..height * width], covered }
    }
}

fn header(frame: &Frame, said: &Said) -> Header {
    let [height, width] = frame.size.map(|side| side as u32);
    Header { width, height, color: said.color(frame), exif: said.exif.clone() }
}

fn scales(frame: &Frame, color: ColorModel, wanted: Wanted) -> Vec<Scale> {
    let scale = |(index, component): (usize, &Component)| {
        let luma = index == 0 || color != ColorModel::YCbCr;
        let wanted = if luma { wanted.luma } else { wanted.chroma };
        Scale::choose(frame.size, component.factors, frame.largest, wanted)
    };
    frame.components.iter().enumerate().map(scale).collect()
}
