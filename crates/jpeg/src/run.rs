//! A scan from its first MCU to its last.

use crate::{
    bits::Bits,
    decoder::Canvas,
    error::JpegError,
    frame::Frame,
    scale::{Scale, Side},
    scan::{DecodeMcus, Lane, Part, Unit},
    segments::{Cursor, EOI},
    tables::Tables,
    transform::Steps,
};
use std::ops::Range;

pub(crate) const TWICE: JpegError = JpegError::Corrupt("a component in two scans");

/// What is to be done for a scan.
#[derive(Debug)]
pub(crate) struct Run<'a> {
    parts: &'a [Part],
    frame: &'a Frame,
    scales: &'a [Scale],
    /// `[down, across]`.
    mcus: [usize; 2],
    /// Blocks in an MCU, of each part `[down, across]`.
    blocks: Vec<[usize; 2]>,
    /// MCUs between restart markers.
    interval: usize,
}

impl<'a> Run<'a> {
    /// A scan of a single component has an MCU for each of its own blocks,
    /// whatever its factors (T.81, A.2.2). An `interval` of 0 is none.
    pub(crate) fn new(
        parts: &'a [Part],
        frame: &'a Frame,
        scales: &'a [Scale],
        interval: usize,
    ) -> Self {
        let components = parts.iter().map(|part| &frame.components[part.component]);
        let (mcus, blocks): (_, Vec<_>) = match parts {
            [part] => (frame.own_blocks(&frame.components[part.component]), vec![[1, 1]]),
            _ => (frame.mcus(), components.map(|component| component.factors).collect()),
        };
        let interval = if interval == 0 { mcus[0] * mcus[1] } else { interval };
        Self { parts, frame, scales, mcus, blocks, interval }
    }

    /// Decodes the scan's data, which begins at the cursor, into `canvases`;
    /// `segment` is room for the data.
    ///
    /// # Errors
    /// `Truncated`, `Data` and `Corrupt`, as a decoder finds them; `Unsupported` when
    /// the file does not define a table that the scan uses.
    pub(crate) fn decode(
        &self,
        cursor: &mut Cursor<'_>,
        arch: pulp::Arch,
        tables: &Tables,
        segment: &mut Vec<u8>,
        canvases: &mut [Canvas; 3],
    ) -> Result<(), JpegError> {
        let steps = self.steps(tables)?;
        let mut lanes = self.lanes(tables, canvases)?;
        let mut units = self.units(&lanes);
        let total = self.mcus[0] * self.mcus[1];
        for (number, first) in (0..total).step_by(self.interval).enumerate() {
            if number > 0 {
                restart(cursor, number - 1)?;
                lanes.iter_mut().for_each(Lane::restart);
            }
            cursor.unstuff(segment)?;
            let mut bits = Bits::new(segment);
            let mcus = first..total.min(first + self.interval);
            self.decode_mcus(arch, mcus, &mut bits, &mut lanes, &steps, &mut units)?;
            if !bits.are_padding() {
                return Err(JpegError::Data("data that belongs to no block"));
            }
        }
        Ok(())
    }

    /// Decodes MCUs row by row, so that missing data is found soon.
    fn decode_mcus(
        &self,
        arch: pulp::Arch,
        mut mcus: Range<usize>,
        bits: &mut Bits<'_>,
        lanes: &mut [Lane<'_>],
        steps: &[Steps],
        units: &mut [Unit],
    ) -> Result<(), JpegError> {
        while !mcus.is_empty() {
            let column = mcus.start % self.mcus[1];
            let count = mcus.len().min(self.mcus[1] - column);
            let columns = column..column + count;
            DecodeMcus { bits: &mut *bits, lanes: &mut *lanes, steps, units, columns }.run(arch)?;
            if bits.left() < 0 {
                return Err(JpegError::Truncated);
            }
            mcus.start += count;
            if mcus.start.is_multiple_of(self.mcus[1]) {
                self.next_row(lanes, units);
            }
        }
        Ok(())
    }

    fn steps(&self, tables: &Tables) -> Result<Vec<Steps>, JpegError> {
        let component = |part: &Part| &self.frame.components[part.component];
        let steps = |part| Ok(Steps::new(tables.quantization(component(part).quantization)?));
        self.parts.iter().map(steps).collect()
    }

    fn lanes<'t>(
        &self,
        tables: &'t Tables,
        canvases: &'t mut [Canvas; 3],
    ) -> Result<Vec<Lane<'t>>, JpegError> {
        let mut canvases = canvases.each_mut().map(Some);
        let lane = |&part: &Part| {
            // A component is only once in a scan.
            let canvas = canvases[part.component].take().ok_or(TWICE)?;
            let room = (canvas.samples.as_mut_slice(), canvas.stride);
            Lane::new(part, self.scales[part.component], tables, room)
        };
        self.parts.iter().map(lane).collect()
    }

    /// The blocks of an MCU of the first row.
    fn units(&self, lanes: &[Lane<'_>]) -> Vec<Unit> {
        let mut units = Vec::new();
        for (lane, (part, &[down, across])) in self.parts.iter().zip(&self.blocks).enumerate() {
            let [tall, wide] = self.scales[part.component].0.map(Side::eighths);
            for (y, x) in (0..down).flat_map(|y| (0..across).map(move |x| (y, x))) {
                let start = y * tall * lanes[lane].stride + x * wide;
                units.push(Unit { lane, start, advance: across * wide });
            }
        }
        units
    }

    /// Moves the blocks of an MCU down by a row of MCUs.
    fn next_row(&self, lanes: &[Lane<'_>], units: &mut [Unit]) {
        for unit in units {
            let tall = lanes[unit.lane].scale.0[0].eighths();
            unit.start += self.blocks[unit.lane][0] * tall * lanes[unit.lane].stride;
        }
    }
}

/// Passes the restart marker with this running number.
fn restart(cursor: &mut Cursor<'_>, number: usize) -> Result<(), JpegError> {
    match cursor.next_marker()? {
        marker if usize::from(marker) == 0xD0 + number % 8 => Ok(()),
        // The scan's data came to an end too soon.
        EOI => Err(JpegError::Truncated),
        _ => Err(JpegError::Corrupt("a restart marker out of turn")),
    }
}
