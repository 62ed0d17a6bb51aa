//! One scan: its header, and the blocks of its MCUs out of the bit stream.

#[cfg(target_arch = "x86_64")]
use crate::transform::{Avx2, Avx512};
use crate::{
    bits::Bits,
    block::{Block, read_ac, read_dc, skip_ac},
    error::JpegError,
    frame::Frame,
    lookup::{DcTable, SkipTable},
    scale::Scale,
    steps::AcTable,
    tables::Tables,
    transform::{Arrays, Blocks, Pairs, Steps, Store, Target},
};
use std::ops::Range;

/// A component's part in a scan: numbers of the component and of its tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Part {
    pub(crate) component: usize,
    dc: usize,
    pub(crate) ac: usize,
}

/// The components of a SOS segment's `body`.
///
/// # Errors
/// `Corrupt` when it names unknown components, or spectral parts, which only
/// progressive files have.
pub(crate) fn parts(body: &[u8], frame: &Frame) -> Result<Vec<Part>, JpegError> {
    let wrong = JpegError::Corrupt("a scan header that does not fit the frame");
    let (&count, rest) = body.split_first().ok_or(wrong)?;
    let (listed, spectral) = rest.split_at_checked(2 * usize::from(count)).ok_or(wrong)?;
    if spectral != [0, 63, 0] || !(1..=3).contains(&count) {
        return Err(wrong);
    }
    let part = |&[id, tables]: &[u8; 2]| {
        let component = frame.components.iter().position(|c| c.id == id).ok_or(wrong)?;
        Ok(Part { component, dc: usize::from(tables >> 4), ac: usize::from(tables & 15) })
    };
    listed.as_chunks::<2>().0.iter().map(part).collect()
}

/// A component while its blocks are decoded.
#[derive(Debug)]
pub(crate) struct Lane<'a> {
    dc: &'a DcTable,
    ac: &'a AcTable,
    /// Set when only the mean of each block is wanted.
    skips: Option<&'a SkipTable>,
    /// The DC coefficient of the block before.
    predicted: i32,
    pub(crate) scale: Scale,
    /// All rows of samples, `stride` bytes each.
    pub(crate) samples: &'a mut [u8],
    pub(crate) stride: usize,
}

impl<'a> Lane<'a> {
    /// # Errors
    /// `Unsupported` when the file does not define the part's tables.
    pub(crate) fn new(
        part: Part,
        scale: Scale,
        tables: &'a Tables,
        (samples, stride): (&'a mut [u8], usize),
    ) -> Result<Self, JpegError> {
        let (ac, skips) = tables.ac(part.ac)?;
        let skips = skips.filter(|_| scale.is_mean());
        let dc = tables.dc(part.dc)?;
        Ok(Self { dc, ac, skips, predicted: 0, scale, samples, stride })
    }

    /// Forgets the block before, as at a restart marker.
    pub(crate) fn restart(&mut self) {
        self.predicted = 0;
    }

    #[inline(always)]
    fn target(&mut self, start: usize) -> Target<'_> {
        Target { samples: self.samples, start, stride: self.stride }
    }

    #[inline(always)]
    fn read_dc(&mut self, bits: &mut Bits<'_>) -> Result<i16, JpegError> {
        self.predicted = self.predicted.wrapping_add(read_dc(bits, self.dc)?);
        Ok(self.predicted as i16)
    }
}

/// A block of an MCU.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Unit {
    pub(crate) lane: usize,
    /// Where its samples begin in the first MCU of the row.
    pub(crate) start: usize,
    /// From there to the same block of the next MCU.
    pub(crate) advance: usize,
}

/// Decodes MCUs that lie side by side.
#[derive(Debug)]
pub(crate) struct DecodeMcus<'r, 'b, 't> {
    pub(crate) bits: &'r mut Bits<'b>,
    pub(crate) lanes: &'r mut [Lane<'t>],
    /// One for each lane.
    pub(crate) steps: &'r [Steps],
    pub(crate) units: &'r [Unit],
    /// The MCUs' columns.
    pub(crate) columns: Range<usize>,
}

impl DecodeMcus<'_, '_, '_> {
    /// Does it with the best vectors that `arch` has.
    pub(crate) fn run(self, arch: pulp::Arch) -> Result<(), JpegError> {
        match arch {
            #[cfg(target_arch = "x86_64")]
            pulp::Arch::V4(v4) => v4.vectorize(With { work: self, vectors: Avx512(v4) }),
            #[cfg(target_arch = "x86_64")]
            pulp::Arch::V3(v3) => v3.vectorize(With { work: self, vectors: Avx2(v3) }),
            _ => self.run_with(Arrays),
        }
    }

    /// Blocks are transformed in pairs, after the next one has been read. The
    /// two do not depend on each other, and reading waits much of the time for
    /// what it looked up, so the processor does part of both at once: a tenth
    /// less time for a photograph of 12 million pixels at full size.
    #[inline(always)]
    fn run_with<V: Pairs>(mut self, vectors: V) -> Result<(), JpegError> {
        let mut bits = *self.bits;
        let mut blocks = [[0; 64]; 4];
        let (mut waiting, mut read) = ([None; 2], 0);
        for column in self.columns.clone() {
            for unit in self.units {
                let start = unit.start + column * unit.advance;
                let lane = &mut self.lanes[unit.lane];
                let dc = lane.read_dc(&mut bits)?;
                if let Some(skips) = lane.skips {
                    skip_ac(&mut bits, lane.ac, skips)?;
                    lane.target(start).mean(&self.steps[unit.lane], dc);
                    continue;
                }
                let block = &mut blocks[read % 4];
                *block = [0; 64];
                block[0] = dc;
                read_ac(&mut bits, lane.ac, block)?;
                let place = Some((unit.lane, start));
                if let [Some(first), Some(second)] = waiting {
                    let [before, last] = [&blocks[(read + 2) % 4], &blocks[(read + 3) % 4]];
                    self.transform(vectors, [(first, before), (second, last)]);
                    waiting = [place, None];
                } else {
                    waiting[usize::from(waiting[0].is_some())] = place;
                }
                read += 1;
            }
        }
        *self.bits = bits;
        let waits = waiting.iter().flatten().count();
        for (place, back) in waiting.into_iter().flatten().zip((1..=waits).rev()) {
            self.transform_one(vectors, place, &blocks[(read + 4 - back) % 4]);
        }
        Ok(())
    }

    /// Transforms two blocks that go to a lane's samples from a start on.
    #[inline(always)]
    fn transform<V: Pairs>(&mut self, vectors: V, pair: [((usize, usize), &Block); 2]) {
        let [((lane, start), block), ((next_lane, next_start), next_block)] = pair;
        let (first, second) = (&self.lanes[lane], &self.lanes[next_lane]);
        let scale = first.scale;
        if second.scale != scale {
            self.transform_one(vectors, (lane, start), block);
            self.transform_one(vectors, (next_lane, next_start), next_block);
            return;
        }
        let steps = [&self.steps[lane], &self.steps[next_lane]];
        let places = [(lane, start), (next_lane, next_start)];
        let blocks = Blocks { blocks: [block, next_block], steps };
        vectors.two(blocks, scale, Places { lanes: self.lanes, places });
    }

    #[inline(always)]
    fn transform_one<V: Pairs>(&mut self, vectors: V, place: (usize, usize), block: &Block) {
        let lane = &self.lanes[place.0];
        let blocks = Blocks { blocks: [block], steps: [&self.steps[place.0]] };
        blocks.transform(vectors.one(), lane.scale, Places { lanes: self.lanes, places: [place] });
    }
}

/// The lanes that blocks go to, and from where on.
struct Places<'r, 't, const B: usize> {
    lanes: &'r mut [Lane<'t>],
    places: [(usize, usize); B],
}

impl<const B: usize> Store for Places<'_, '_, B> {
    #[inline(always)]
    fn target(&mut self, number: usize) -> Target<'_> {
        let (lane, start) = self.places[number];
        self.lanes[lane].target(start)
    }
}

/// Work with the proof that its vectors are there.
#[cfg(target_arch = "x86_64")]
struct With<'r, 'b, 't, V> {
    work: DecodeMcus<'r, 'b, 't>,
    vectors: V,
}

#[cfg(target_arch = "x86_64")]
impl<V: Pairs> pulp::NullaryFnOnce for With<'_, '_, '_, V> {
    type Output = Result<(), JpegError>;

    #[inline(always)]
    fn call(self) -> Self::Output {
        self.work.run_with(self.vectors)
    }
}
