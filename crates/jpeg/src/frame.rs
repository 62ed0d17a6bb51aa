//! The picture's shape: what a SOF segment says, and what follows from it.

use crate::{error::JpegError, scale::Scale};

/// What the samples of the planes mean.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ColorModel {
    /// One plane: brightness.
    Grey,
    /// Three planes of JFIF: brightness, and the distances of blue and of red
    /// from it, around 128 (ITU-R BT.601, all 256 levels).
    YCbCr,
    /// Three planes: red, green and blue.
    Rgb,
}

/// One component of the picture.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Component {
    pub(crate) id: u8,
    /// Sampling factors `[vertical, horizontal]`: 1, 2 or 4.
    pub(crate) factors: [usize; 2],
    pub(crate) quantization: usize,
}

/// The shape of a picture of one or three components.
#[derive(Debug, Clone)]
pub(crate) struct Frame {
    /// `[height, width]` in pixels, at least 1.
    pub(crate) size: [usize; 2],
    pub(crate) components: Vec<Component>,
    /// The largest factors of all components.
    pub(crate) largest: [usize; 2],
}

impl Frame {
    /// The frame of a SOF0 or SOF1 segment's `body`.
    ///
    /// # Errors
    /// `Unsupported` for what falls to other decoders, `Corrupt` for nonsense.
    pub(crate) fn parse(body: &[u8]) -> Result<Self, JpegError> {
        let (fixed, listed) = body.split_at_checked(6).ok_or(SHORT)?;
        let size =
            [u16::from_be_bytes([fixed[1], fixed[2]]), u16::from_be_bytes([fixed[3], fixed[4]])];
        if fixed[0] != 8 {
            return Err(JpegError::Unsupported("samples of other than 8 bits"));
        }
        if size.contains(&0) {
            return Err(JpegError::Unsupported("a size that is told later, or 0"));
        }
        let (parts, rest) = listed.as_chunks::<3>();
        if parts.len() != usize::from(fixed[5]) || !rest.is_empty() {
            return Err(SHORT);
        }
        if !matches!(parts.len(), 1 | 3) {
            return Err(JpegError::Unsupported("other than 1 or 3 components"));
        }
        let components: Vec<_> = parts.iter().map(component).collect::<Result<_, _>>()?;
        let largest =
            [0, 1].map(|axis| components.iter().fold(1, |most, c| most.max(c.factors[axis])));
        Ok(Self { size: size.map(usize::from), components, largest })
    }

    /// How many units of 8 times the largest factors cover the picture.
    pub(crate) fn mcus(&self) -> [usize; 2] {
        [0, 1].map(|axis| self.size[axis].div_ceil(8 * self.largest[axis]))
    }

    /// Blocks that cover the component's own samples `[down, across]`.
    pub(crate) fn own_blocks(&self, component: &Component) -> [usize; 2] {
        [0, 1].map(|axis| {
            (self.size[axis] * component.factors[axis]).div_ceil(8 * self.largest[axis])
        })
    }

    /// Blocks that there are room for `[down, across]`: whole MCUs.
    pub(crate) fn blocks(&self, component: &Component) -> [usize; 2] {
        let mcus = self.mcus();
        [0, 1].map(|axis| mcus[axis] * component.factors[axis])
    }

    /// The part of a scaled component that the picture covers, in samples
    /// `[down, across]`, perhaps ending within a sample.
    pub(crate) fn covered(&self, component: &Component, scale: Scale) -> [f64; 2] {
        [0, 1].map(|axis| {
            let eighths = self.size[axis] * component.factors[axis] * scale.0[axis].eighths();
            eighths as f64 / (8 * self.largest[axis]) as f64
        })
    }
}

const SHORT: JpegError = JpegError::Corrupt("a frame header of a wrong length");

fn component(&[id, factors, quantization]: &[u8; 3]) -> Result<Component, JpegError> {
    let factors = [factors & 15, factors >> 4];
    if factors.iter().any(|factor| !matches!(factor, 1 | 2 | 4)) {
        return Err(JpegError::Unsupported("sampling factors other than 1, 2 and 4"));
    }
    if quantization > 3 {
        return Err(JpegError::Corrupt("a quantisation table beyond the fourth"));
    }
    let factors = factors.map(usize::from);
    Ok(Component { id, factors, quantization: usize::from(quantization) })
}
