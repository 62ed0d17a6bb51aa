//! The one way from a file's bytes to a network's input. The cache is filled
//! through it and predictions are made through it, so the two cannot drift.

use crate::{
    decode::{DecodeError, decode},
    facts::Facts,
    planar::{self, Planar},
    resize::resize_into,
};
use shoebox_spec::{DataSpec, Limits, Resize, Truncated};

/// Raised when the same file and recipe give other pixels than before, so
/// that caches are made anew.
pub const PREPARATION_VERSION: u32 = 2;

/// All that the pixels of a row follow from, besides the file.
#[derive(Debug, Clone, Copy, PartialEq, serde::Serialize)]
pub struct Recipe {
    /// Height and width of a row, in pixels, at least 1.
    pub image_size: [u32; 2],
    /// How a picture is brought to `image_size`.
    pub resize: Resize,
    /// Whether JPEGs that end too early are used.
    pub truncated: Truncated,
    /// What a single picture may cost.
    pub limits: Limits,
}

impl Recipe {
    /// The recipe of a data section.
    pub fn new(data: &DataSpec) -> Self {
        Self {
            image_size: data.image_size.0,
            resize: data.resize,
            truncated: data.truncated,
            limits: data.limits,
        }
    }

    /// The recipe of a picture that is looked at on its own, with the default
    /// limits; `image_size` is height and width, in pixels, at least 1.
    pub fn with_defaults(image_size: [u32; 2], resize: Resize) -> Self {
        let (truncated, limits) = (Truncated::default(), Limits::default());
        Self { image_size, resize, truncated, limits }
    }

    /// The bytes of a row: `[H,W,3]`.
    pub fn row_bytes(&self) -> usize {
        self.image_size.iter().map(|&side| side as usize).product::<usize>() * 3
    }
}

/// Buffers that one thread keeps from picture to picture.
#[derive(Debug, Default)]
pub struct Workspace {
    planar: Planar,
}

/// Decodes the bytes of a picture file into `row`, `[H,W,3]` u8, row-major
/// RGB, of the recipe's size.
///
/// # Errors
/// As [`decode()`]; the row's bytes are then of no meaning.
///
/// # Panics
/// When `row` has another length than [`Recipe::row_bytes`].
pub fn prepare(
    bytes: &[u8],
    recipe: &Recipe,
    workspace: &mut Workspace,
    row: &mut [u8],
) -> Result<Facts, DecodeError> {
    assert_eq!(row.len(), recipe.row_bytes(), "a row of another size than the recipe's");
    if let Some(facts) = planar::prepare(bytes, recipe, &mut workspace.planar, row) {
        return Ok(facts);
    }
    let (picture, facts) = decode(bytes, recipe)?;
    resize_into(&picture, recipe.image_size, recipe.resize, row);
    Ok(facts)
}
