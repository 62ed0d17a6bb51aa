//! Writing the files of a split, batch by batch.

use crate::{CacheError, Purpose, RowSums, ShardWriter, Sharding};
use shoebox_artifact::{atomic::AtomicDir, records::ShardRecord};
use std::{
    mem,
    path::PathBuf,
    sync::mpsc::{SyncSender, sync_channel},
    thread::{self, JoinHandle},
};

/// A picture to be written.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a> {
    /// `[H,W,3]` bytes, row-major RGB.
    pub pixels: &'a [u8],
    /// Position in the class names.
    pub label: u32,
    /// Digest of the source file's content.
    pub digest: &'a [u8; 32],
    /// Of its pixels.
    pub sums: RowSums,
}

impl<'a> Row<'a> {
    /// A row of these pixels, whose sums are computed.
    pub fn new(pixels: &'a [u8], label: u32, digest: &'a [u8; 32]) -> Self {
        Self { pixels, label, digest, sums: RowSums::of(pixels) }
    }
}

/// Where a row was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// The file, from 0 in the order of the split.
    pub shard: u32,
    /// The row in that file, from 0.
    pub row: u32,
}

/// Writes the rows of one split into files `<split>.<position>` of a folder.
/// Files that are full are synced on a thread of their own, while the next rows
/// are prepared.
#[derive(Debug)]
pub struct SplitWriter<'a> {
    folder: &'a AtomicDir,
    split: String,
    image_size: [u32; 2],
    sharding: Sharding,
    current: ShardWriter,
    position: u32,
    finisher: Finisher,
    purpose: Purpose,
}

impl<'a> SplitWriter<'a> {
    /// Starts a split of at most `rows` pictures of `image_size` (height,
    /// width, in pixels) in `folder`; `purpose` says what becomes of its files.
    ///
    /// # Errors
    /// [`shoebox_artifact::ArtifactError::Io`] when a file cannot be made.
    pub fn create(
        folder: &'a AtomicDir,
        split: &str,
        image_size: [u32; 2],
        rows: u64,
        purpose: Purpose,
    ) -> Result<Self, CacheError> {
        let sharding = Sharding::new(rows, image_size);
        let current = open_shard(folder, split, 0, image_size, sharding)?;
        Ok(Self {
            folder,
            split: split.to_owned(),
            image_size,
            sharding,
            current,
            position: 0,
            finisher: Finisher::start(purpose),
            purpose,
        })
    }

    /// Appends rows in order, and tells where each went.
    ///
    /// # Errors
    /// [`CacheError::BadRow`] for another number of bytes or a row beyond the
    /// number announced, [`shoebox_artifact::ArtifactError::Io`] when the disk
    /// is full, for instance.
    pub fn append(&mut self, rows: &[Row<'_>]) -> Result<Vec<Place>, CacheError> {
        rows.iter().map(|row| self.push(row)).collect()
    }

    fn push(&mut self, row: &Row<'_>) -> Result<Place, CacheError> {
        let place = self.current.reserve(row.label, row.digest, &row.sums)?;
        self.current.write(place, row.pixels)?;
        // A file of 2³² rows of the smallest size has 12 GB, and a larger
        // split is cut before.
        let place = Place { shard: self.position, row: place as u32 };
        self.close_if_full(row.digest)?;
        Ok(place)
    }

    /// Hands a full file over and opens the next one; the last file of a split
    /// that was announced rightly stays open, since no row can follow.
    fn close_if_full(&mut self, last: &[u8; 32]) -> Result<(), CacheError> {
        if self.sharding.is_single() || !self.sharding.ends(self.current.rows(), last) {
            return Ok(());
        }
        self.position += 1;
        let (folder, split) = (self.folder, &self.split);
        let next = open_shard(folder, split, self.position, self.image_size, self.sharding)?;
        let full = mem::replace(&mut self.current, next);
        if self.finisher.take(full) {
            return Ok(());
        }
        let stopped = mem::replace(&mut self.finisher, Finisher::start(self.purpose));
        stopped.join().map(drop)
    }

    /// Hands the last file over; there is one even without rows.
    pub fn finish(self) -> Finishing {
        let Self { finisher, current, position, .. } = self;
        if current.rows() > 0 || position == 0 {
            // When it is not taken, `join` says why.
            finisher.take(current);
        }
        Finishing(finisher)
    }
}

/// A split whose last files are on their way to the disk.
#[derive(Debug)]
pub struct Finishing(Finisher);

impl Finishing {
    /// Waits for the files, which are called as their records say.
    ///
    /// # Errors
    /// [`shoebox_artifact::ArtifactError::Io`].
    pub fn join(self) -> Result<Vec<(PathBuf, ShardRecord)>, CacheError> {
        self.0.join()
    }
}

fn open_shard(
    folder: &AtomicDir,
    split: &str,
    position: u32,
    image_size: [u32; 2],
    sharding: Sharding,
) -> Result<ShardWriter, CacheError> {
    let (file, path) = folder.create_file(&format!("{split}.{position}"))?;
    Ok(ShardWriter::new(file, &path, image_size, sharding.capacity()))
}

type Finished = Result<Vec<(PathBuf, ShardRecord)>, CacheError>;

/// The thread that syncs full files, one after the other.
#[derive(Debug)]
struct Finisher {
    sender: SyncSender<ShardWriter>,
    thread: JoinHandle<Finished>,
}

/// Full files that may wait for the disk before preparing waits too.
const WAITING: usize = 2;

impl Finisher {
    fn start(purpose: Purpose) -> Self {
        let (sender, receiver) = sync_channel::<ShardWriter>(WAITING);
        let thread = thread::spawn(move || {
            receiver.into_iter().map(|shard| shard.finish(purpose)).collect()
        });
        Self { sender, thread }
    }

    /// Whether the thread still takes files; it stops at its first error,
    /// which [`Finisher::join`] gives.
    fn take(&self, shard: ShardWriter) -> bool {
        self.sender.send(shard).is_ok()
    }

    fn join(self) -> Finished {
        drop(self.sender);
        match self.thread.join() {
            Ok(finished) => finished,
            Err(panic) => std::panic::resume_unwind(panic),
        }
    }
}
