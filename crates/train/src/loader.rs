//! Batches, gathered from the cache while the device works.

use crate::TrainError;
use shoebox_cache::Split;
use std::{ops::ControlFlow, sync::mpsc::sync_channel, thread};
use tch::{Kind, TchError, Tensor};

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

/// Calls `work` with each batch of `rows` in order, the last one perhaps
/// smaller, until it breaks off. The next batches are gathered on a thread of
/// their own meanwhile.
///
/// # Errors
/// The first error of `work`, or a label that the cache should not hold.
pub fn for_each_batch(
    split: &Split,
    rows: &[usize],
    batch_size: usize,
    mut work: impl FnMut(Batch) -> Result<ControlFlow<()>, TrainError>,
) -> Result<(), TrainError> {
    let labels = &split.labels()?;
    let (sender, receiver) = sync_channel(BATCHES_AHEAD);
    thread::scope(|scope| {
        scope.spawn(move || {
            let batches = rows.chunks(batch_size).map(|rows| gather(split, labels, rows));
            for batch in batches {
                // The receiver is gone when `work` broke off: nothing is left to do.
                if sender.send(batch).is_err() {
                    break;
                }
            }
        });
        for batch in receiver {
            if work(batch?)?.is_break() {
                break;
            }
        }
        Ok(())
    })
}

fn gather(split: &Split, labels: &[i64], rows: &[usize]) -> Result<Batch, TchError> {
    let [height, width] = split.image_size();
    let mut pixels = Vec::with_capacity(rows.len() * height * width * 3);
    rows.iter().for_each(|&row| pixels.extend_from_slice(split.row(row)));
    let labels: Vec<i64> = rows.iter().map(|&row| labels[row]).collect();
    let shape = [rows.len(), height, width, 3].map(|side| side as i64);
    Ok(Batch {
        images: Tensor::f_from_data_size(&pixels, &shape, Kind::Uint8)?,
        labels: Tensor::f_from_slice(&labels)?,
    })
}
