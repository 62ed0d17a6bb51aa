//! Reading every file that has to be read, once: its digest, its pixels as a
//! row of a spool file, and what there is to know about it.
//!
//! Rows stay in the order of the scan. Where folders divide the data that is
//! the order of the cache, so the spool's files become the cache's by a second
//! name; where shares divide it, rows are copied once more.

use crate::{
    PrepError,
    absorbed::{Absorbed, Outcome},
    audit,
    desk::Desk,
    identity::Identity,
    picture::{Candidate, Digest, Look, Part},
    prepare::{Recipe, prepare},
    progress::Progress,
    store::{Store, StoredRow},
};
use rayon::prelude::*;
use shoebox_artifact::{atomic::AtomicDir, records::Stamp};
use shoebox_cache::{Finishing, Place, Purpose, Row, RowSums, SplitWriter};
use std::mem;

/// The most pixels that a chunk has, in bytes; two chunks are at work. Memory
/// depends on this and on the size of a single photograph, not on their number.
const WAITING_BYTES: usize = 16 << 20;

/// The most files a thread prepares before what is prepared is written.
const FILES_PER_THREAD: usize = 128;

/// What reading needs besides the files.
#[derive(Debug)]
pub(crate) struct Reading<'a> {
    pub(crate) recipe: Recipe,
    /// Whether rows are looked at for the audit.
    pub(crate) audit: bool,
    /// Where rows go, and what becomes of the files there.
    pub(crate) spool: &'a AtomicDir,
    pub(crate) purpose: Purpose,
}

impl Reading<'_> {
    /// Reads `files`, whose digests may be known.
    ///
    /// # Errors
    /// What the spool's disk says, or a damaged cache.
    pub(crate) fn absorb(
        &self,
        files: Vec<Candidate>,
        stamps: &[Stamp],
        known: &[Option<Digest>],
        store: &mut Store,
        identity: Identity,
        progress: &dyn Progress,
    ) -> Result<Absorbed, PrepError> {
        let mut all = Absorbed::new(identity, files.len());
        let ends = Part::ALL.map(|part| files.partition_point(|file| file.part <= part));
        let seen = stamps.iter().copied().zip(known.iter().copied());
        let mut files = files.into_iter().zip(seen);
        let (mut start, mut written) = (0, Vec::new());
        let mut rooms = [self.buffer(), self.buffer()];
        for (part, end) in Part::ALL.into_iter().zip(ends) {
            let count = end - start;
            if count > 0 {
                progress.start(&format!("preparing {part}"), count as u64);
                let files = files.by_ref().take(count);
                written.push(self.absorb_part(part, files, store, &mut all, progress, &mut rooms)?);
            }
            start = end;
        }
        for Written { files, pictures } in written {
            let first = store.add_shards(files.join()?, self.purpose);
            pictures.into_iter().for_each(|index| all.places[index].shard += first);
        }
        Ok(all)
    }

    /// While the rows of one chunk are written, the next one is prepared, each in
    /// one of the `rooms`.
    fn absorb_part(
        &self,
        part: Part,
        mut files: impl ExactSizeIterator<Item = Seen>,
        store: &Store,
        all: &mut Absorbed,
        progress: &dyn Progress,
        rooms: &mut [Vec<u8>; 2],
    ) -> Result<Written, PrepError> {
        let (size, count) = (self.recipe.image_size, files.len() as u64);
        let mut writer = SplitWriter::create(self.spool, part.name(), size, count, self.purpose)?;
        let mut next = || files.by_ref().take(self.chunk_length()).collect();
        let mut written = Vec::new();
        let [first, mut spare] = mem::take(rooms);
        let mut chunk = self.read_chunk(next(), first, store, progress)?;
        while !chunk.files.is_empty() {
            let files = next();
            let (places, following) = rayon::join(
                || writer.append(&chunk.fresh_rows(self.recipe.row_bytes())),
                || self.read_chunk(files, spare, store, progress),
            );
            spare = chunk.hand_over(places?, all, &mut written);
            chunk = following?;
        }
        *rooms = [chunk.rows, spare];
        Ok(Written { files: writer.finish(), pictures: written })
    }

    /// Room for the rows of a chunk.
    fn buffer(&self) -> Vec<u8> {
        vec![0; self.chunk_length() * self.recipe.row_bytes()]
    }

    /// Reads a chunk of files, whose fresh rows go into `rows`.
    fn read_chunk(
        &self,
        files: Vec<Seen>,
        mut rows: Vec<u8>,
        store: &Store,
        progress: &dyn Progress,
    ) -> Result<Chunk, PrepError> {
        let read = |(row, (file, (_, known))): (&mut [u8], &Seen)| {
            let outcome = self.read(file, *known, store, row);
            progress.advance();
            outcome
        };
        let row_bytes = self.recipe.row_bytes();
        let outcomes =
            rows.par_chunks_mut(row_bytes).zip(&files).map(read).collect::<Result<_, _>>()?;
        Ok(Chunk { files, outcomes, rows })
    }

    /// Files that are prepared before any is written: enough to keep every
    /// thread busy to the end of a chunk, and few enough for memory.
    fn chunk_length(&self) -> usize {
        let threads = rayon::current_num_threads();
        let fitting = WAITING_BYTES / self.recipe.row_bytes();
        fitting.clamp(threads, FILES_PER_THREAD * threads)
    }

    /// Finds or makes the row of one file.
    fn read(
        &self,
        file: &Candidate,
        known: Option<Digest>,
        store: &Store,
        row: &mut [u8],
    ) -> Result<Outcome, PrepError> {
        if let Some(stored) = known.and_then(|digest| Some((digest, store.find(&digest)?))) {
            return self.stored(stored, store, row);
        }
        Desk::with(|desk| {
            if let Err(fact) = desk.read(&file.path, self.recipe.limits.bytes) {
                return Ok(Outcome::Refused(None, fact));
            }
            let digest = Digest::of(&desk.bytes);
            if let Some(stored) = store.find(&digest) {
                return self.stored((digest, stored), store, row);
            }
            match prepare(&desk.bytes, &self.recipe, &mut desk.workspace, row) {
                Ok(facts) => Ok(Outcome::Fresh(digest, facts, self.look(row), RowSums::of(row))),
                Err(error) => Ok(Outcome::Refused(Some(digest), error.to_string())),
            }
        })
    }

    /// A stored row; one that was not looked at when it was made is now.
    fn stored(
        &self,
        (digest, stored): (Digest, &StoredRow),
        store: &Store,
        row: &mut [u8],
    ) -> Result<Outcome, PrepError> {
        let mut stored = *stored;
        if !self.audit {
            stored.look = None;
        } else if stored.look.is_none() {
            store.read(stored.place, row)?;
            stored.look = self.look(row);
        }
        Ok(Outcome::Stored(digest, stored))
    }

    fn look(&self, row: &[u8]) -> Option<Look> {
        self.audit.then(|| audit::look(row, self.recipe.image_size))
    }
}

/// The fresh rows of a part, whose last files are on their way to the disk.
struct Written {
    files: Finishing,
    /// The pictures whose rows they are. Until the files are in the store,
    /// places count them from 0.
    pictures: Vec<usize>,
}

/// A file, what it looked like, and its digest where that is known.
type Seen = (Candidate, (Stamp, Option<Digest>));

/// Files that have been read.
struct Chunk {
    files: Vec<Seen>,
    /// One for each file.
    outcomes: Vec<Outcome>,
    /// A row for each file; only those of fresh outcomes mean anything.
    rows: Vec<u8>,
}

impl Chunk {
    fn fresh_rows(&self, row_bytes: usize) -> Vec<Row<'_>> {
        let mut fresh = Vec::with_capacity(self.files.len());
        let files = self.files.iter().zip(&self.outcomes).zip(self.rows.chunks(row_bytes));
        for (((file, _), outcome), pixels) in files {
            if let Outcome::Fresh(digest, .., sums) = outcome {
                let (label, digest, sums) = (file.label, &digest.0, *sums);
                fresh.push(Row { pixels, label, digest, sums });
            }
        }
        fresh
    }

    /// Adds the files to `all`; notes which of them are at `places`, and gives
    /// the buffer back.
    fn hand_over(
        self,
        places: Vec<Place>,
        all: &mut Absorbed,
        written: &mut Vec<usize>,
    ) -> Vec<u8> {
        let mut places = places.into_iter();
        for ((file, (stamp, _)), outcome) in self.files.into_iter().zip(self.outcomes) {
            let place = outcome.is_fresh().then(|| places.next()).flatten();
            written.extend(place.map(|_| all.places.len()));
            all.add(file, stamp, outcome, place);
        }
        self.rows
    }
}
