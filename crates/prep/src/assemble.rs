//! The files of a split, from rows that are on the disk: an old file under a
//! new name where its rows are the same, a copy of the rows where they are not.

use crate::{
    PrepError, absorbed::Absorbed, picture::Part, prepare::Recipe, progress::Progress, store::Store,
};
use rayon::prelude::*;
use shoebox_artifact::{atomic::AtomicDir, records::ShardRecord};
use shoebox_cache::{Purpose, RowSums, ShardWriter, Sharding, shard_content, shard_name};
use std::ops::Range;

/// Bytes of rows that are copied at a time.
const COPIED_BYTES: usize = 32 << 20;

/// Puts rows into the files of a cache folder.
pub(crate) struct Assembly<'a> {
    pub(crate) folder: &'a AtomicDir,
    pub(crate) recipe: Recipe,
    pub(crate) store: &'a Store,
    pub(crate) absorbed: &'a Absorbed,
    pub(crate) progress: &'a dyn Progress,
}

impl Assembly<'_> {
    /// Makes the files of `part` with the pictures of these indexes, in this
    /// order.
    ///
    /// # Errors
    /// What the disk says, or a damaged file of an earlier cache.
    pub(crate) fn split(&self, part: Part, order: &[usize]) -> Result<Vec<ShardRecord>, PrepError> {
        self.progress.start(&format!("writing {part}"), order.len() as u64);
        let sharding = Sharding::new(order.len() as u64, self.recipe.image_size);
        let digests = order.iter().map(|&index| &self.absorbed.pictures[index].digest.0);
        let cuts = sharding.cut(digests);
        let count = cuts.len();
        let shard = |(position, rows): (usize, Range<usize>)| {
            let name = shard_name(part.name(), position, count);
            self.shard(name, &order[rows], sharding.capacity())
        };
        cuts.into_iter().enumerate().map(shard).collect()
    }

    fn shard(
        &self,
        name: String,
        order: &[usize],
        capacity: u64,
    ) -> Result<ShardRecord, PrepError> {
        let rows = order.iter().map(|&index| &self.absorbed.pictures[index]);
        let rows = rows.map(|picture| (picture.candidate.label, &picture.digest.0));
        let content = shard_content(capacity, rows);
        let record = match self.store.find_shard(&content) {
            Some(known) => {
                self.folder.link(&known.path, &name)?;
                order.iter().for_each(|_| self.progress.advance());
                known.record.clone()
            }
            None => self.copy(&name, order, capacity)?,
        };
        Ok(ShardRecord { file: name, ..record })
    }

    /// Writes a new file, a few rows at a time.
    fn copy(&self, name: &str, order: &[usize], capacity: u64) -> Result<ShardRecord, PrepError> {
        let (file, path) = self.folder.create_file(name)?;
        let mut writer = ShardWriter::new(file, &path, self.recipe.image_size, capacity);
        let row_bytes = self.recipe.row_bytes();
        let length = (COPIED_BYTES / row_bytes).max(1).min(order.len().max(1));
        let mut buffer = vec![0; length * row_bytes];
        for order in order.chunks(length) {
            let rows = &mut buffer[..order.len() * row_bytes];
            let read = |(row, &index): (&mut [u8], &usize)| {
                self.store.read(self.absorbed.places[index], row)?;
                self.progress.advance();
                Ok::<_, PrepError>(RowSums::of(row))
            };
            let sums: Vec<_> =
                rows.par_chunks_mut(row_bytes).zip(order).map(read).collect::<Result<_, _>>()?;
            let first = writer.rows();
            for (&index, sums) in order.iter().zip(&sums) {
                let picture = &self.absorbed.pictures[index];
                writer.reserve(picture.candidate.label, &picture.digest.0, sums)?;
            }
            writer.write(first, rows)?;
        }
        Ok(writer.finish(Purpose::Publish)?.1)
    }
}
