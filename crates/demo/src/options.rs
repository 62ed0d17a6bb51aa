//! What a caller asks for and what it is told afterwards.

use std::path::PathBuf;

use crate::DemoError;

/// What to draw and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// The folder to make; `train/` and `test/` appear in it.
    pub out: PathBuf,
    /// Everything drawn follows from it.
    pub seed: u64,
    /// Training pictures, both classes together; even, 2 or more.
    pub train: usize,
    /// Test pictures, both classes together; even, 2 or more.
    pub test: usize,
    /// Replace demo data that is already there.
    pub force: bool,
}

impl Default for Options {
    /// As many pictures as the tutorial has photographs, from seed 123.
    fn default() -> Self {
        Self { out: PathBuf::from("data/sneakers"), seed: 123, train: 502, test: 76, force: false }
    }
}

impl Options {
    /// # Errors
    /// `BadCount` for a count that two classes can't share equally.
    pub(crate) fn validate(&self) -> Result<(), DemoError> {
        for (option, count) in [("--train", self.train), ("--test", self.test)] {
            if count < 2 || count % 2 != 0 {
                return Err(DemoError::BadCount { option, count });
            }
        }
        Ok(())
    }
}

/// Whether [`crate::run`] had anything to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// The pictures were drawn and written.
    Drawn,
    /// A complete set of the same options was there already.
    UpToDate,
}

/// What [`crate::run`] did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The folder that holds `train/` and `test/`.
    pub out: PathBuf,
    /// Whether anything was drawn.
    pub outcome: Outcome,
    /// Training pictures in the folder.
    pub train: usize,
    /// Test pictures in the folder.
    pub test: usize,
    /// Size of all pictures together, in bytes.
    pub bytes: u64,
}
