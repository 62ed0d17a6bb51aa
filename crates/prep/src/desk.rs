//! What one thread keeps from file to file: the file's bytes and the buffers
//! of decoding, so that nothing is allocated for each picture.

use crate::{
    decode::DecodeError,
    facts::Facts,
    prepare::{Recipe, Workspace, prepare},
};
use std::{
    cell::RefCell,
    fs::File,
    io::{self, Read},
};

/// A thread's buffers.
#[derive(Debug, Default)]
pub(crate) struct Desk {
    /// The file that was read last.
    pub(crate) bytes: Vec<u8>,
    pub(crate) workspace: Workspace,
}

thread_local! {
    static DESK: RefCell<Desk> = RefCell::default();
}

/// A buffer that grew beyond this is given back before the next file.
const KEPT_BYTES: usize = 64 << 20;

impl Desk {
    /// Works at the desk of this thread.
    pub(crate) fn with<T>(work: impl FnOnce(&mut Self) -> T) -> T {
        DESK.with_borrow_mut(work)
    }

    /// Reads a whole file, unless it is longer than `limit`, in bytes. The
    /// error is a fact to follow the path.
    pub(crate) fn read(&mut self, path: &str, limit: u64) -> Result<(), String> {
        self.bytes.clear();
        self.bytes.shrink_to(KEPT_BYTES);
        let cannot = |error: io::Error| format!("cannot read the file: {error}");
        let mut file = File::open(path).map_err(cannot)?;
        let length = file.metadata().map_err(cannot)?.len();
        if length > limit {
            return Err(DecodeError::FileTooLong { bytes: length, limit }.to_string());
        }
        self.bytes.reserve_exact(length as usize + 1);
        // A file that grows meanwhile is read up to the limit as well.
        file.by_ref().take(limit).read_to_end(&mut self.bytes).map_err(cannot)?;
        Ok(())
    }

    /// Reads and prepares a file into `row`. The error is a fact to follow the
    /// path.
    pub(crate) fn prepare(
        &mut self,
        path: &str,
        recipe: &Recipe,
        row: &mut [u8],
    ) -> Result<Facts, String> {
        self.read(path, recipe.limits.bytes)?;
        prepare(&self.bytes, recipe, &mut self.workspace, row).map_err(|error| error.to_string())
    }
}
