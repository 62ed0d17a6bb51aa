//! Batches, gathered from the cache while the device works.

use crate::{TrainError, order::Order};
use shoebox_cache::Split;
use shoebox_kernels::stack_rows;
use std::{
    hint::black_box,
    ops::ControlFlow,
    sync::mpsc::{SyncSender, sync_channel},
    thread,
    time::{Duration, Instant},
};
use tch::Tensor;

/// Some samples of a split, on the CPU.
#[derive(Debug)]
pub struct Batch {
    /// `[B,H,W,3]` u8.
    pub images: Tensor,
    /// `[B]` i64.
    pub labels: Tensor,
}

impl Batch {
    /// The number of samples, B.
    pub fn len(&self) -> usize {
        self.labels.numel()
    }

    /// Whether there are no samples; a loader never makes such a batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Batches that may wait for the device: enough that it never waits for one.
const BATCHES_AHEAD: usize = 2;

/// A split whose batches are gathered in any order.
#[derive(Debug)]
pub struct Loader<'a> {
    split: &'a Split,
    labels: Vec<i64>,
}

impl<'a> Loader<'a> {
    /// A loader of `split`, whose labels it reads.
    ///
    /// # Errors
    /// A label that the cache should not hold.
    pub fn new(split: &'a Split) -> Result<Self, TrainError> {
        Ok(Self { split, labels: split.labels()? })
    }

    /// Samples.
    pub fn len(&self) -> usize {
        self.labels.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.labels.is_empty()
    }

    /// Calls `work` with each batch of `order`, the last one perhaps smaller,
    /// until it breaks off; returns how long `work` waited for batches.
    ///
    /// # Errors
    /// The first error of `work`, or no room for a batch.
    pub fn for_each_batch(
        &self,
        order: &Order,
        batch_size: usize,
        work: impl FnMut(Batch) -> Result<ControlFlow<()>, TrainError>,
    ) -> Result<Duration, TrainError> {
        let (sender, receiver) = sync_channel(BATCHES_AHEAD);
        thread::scope(move |scope| {
            // The next batches are gathered while this one is worked on.
            scope.spawn(move || self.gather_all(order, batch_size, &sender));
            // Ours to drop at the end, which ends a gatherer whose batches nobody wants.
            hand_out(move || receiver.recv().ok(), work)
        })
    }

    /// Sends every batch of `order`, until nobody wants them any more.
    fn gather_all(
        &self,
        order: &Order,
        batch_size: usize,
        sender: &SyncSender<Result<Batch, TrainError>>,
    ) {
        let mut unread = order.reading.as_slice();
        for (index, rows) in order.rows.chunks(batch_size).enumerate() {
            let gathered = (index + 1) * batch_size;
            let read = order.reading.len() - unread.len();
            let wanted = (gathered + order.ahead).saturating_sub(read).min(unread.len());
            let (next, later) = unread.split_at(wanted);
            self.read_from_disk(next);
            unread = later;
            if sender.send(self.gather(rows)).is_err() {
                break;
            }
        }
    }

    /// Touches each page of `rows`, which has the operating system read them
    /// in this order where it does not hold them yet.
    fn read_from_disk(&self, rows: &[usize]) {
        for &row in rows {
            black_box(self.split.row(row).iter().step_by(4096).fold(0, |sum, byte| sum ^ byte));
        }
    }

    /// The batch of `rows`, in one copy.
    fn gather(&self, rows: &[usize]) -> Result<Batch, TrainError> {
        let [height, width] = self.split.image_size().map(|side| side as i64);
        let pixels: Vec<&[u8]> = rows.iter().map(|&row| self.split.row(row)).collect();
        let labels: Vec<i64> = rows.iter().map(|&row| self.labels[row]).collect();
        let images = stack_rows(&pixels, &[height, width, 3], false)?;
        Ok(Batch { images, labels: Tensor::f_from_slice(&labels)? })
    }
}

/// Calls `work` with what `next` gives, until it breaks off or there is no
/// more; returns how long `next` took.
fn hand_out(
    mut next: impl FnMut() -> Option<Result<Batch, TrainError>>,
    mut work: impl FnMut(Batch) -> Result<ControlFlow<()>, TrainError>,
) -> Result<Duration, TrainError> {
    let mut waited = Duration::ZERO;
    loop {
        let asked = Instant::now();
        let Some(batch) = next() else { return Ok(waited) };
        waited += asked.elapsed();
        if work(batch?)?.is_break() {
            return Ok(waited);
        }
    }
}
