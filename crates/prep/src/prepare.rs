//! The one way from a file's bytes to a network's input. The cache is filled
//! through it and predictions are made through it, so the two cannot drift.

use crate::{
    decode::{DecodeError, decode},
    resize::resize,
};
use shoebox_spec::Resize;

/// Raised when the same file and recipe give other pixels than before, so
/// that caches are made anew.
pub const PREPARATION_VERSION: u32 = 1;

/// A picture as the network takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// `[H,W,3]` u8, row-major RGB, of the size asked for.
    pub pixels: Vec<u8>,
    /// Width before resizing, in pixels, after the EXIF rotation.
    pub width: u32,
    /// Height before resizing, in pixels, after the EXIF rotation.
    pub height: u32,
}

/// Decodes the bytes of a picture file and brings it to `image_size` (height,
/// width, in pixels, at least 1).
///
/// # Errors
/// As [`decode()`].
pub fn prepare(
    bytes: &[u8],
    image_size: [u32; 2],
    recipe: Resize,
) -> Result<Prepared, DecodeError> {
    let rgb = decode(bytes)?;
    let pixels = resize(&rgb, image_size, recipe);
    Ok(Prepared { pixels, width: rgb.width, height: rgb.height })
}
