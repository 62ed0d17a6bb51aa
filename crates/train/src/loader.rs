//! Batches on the device, gathered while it works or selected from what it holds.

use crate::{
    TrainError,
    evaluate::count_correct,
    gather::Rows,
    order::{Order, Visit},
    view::View,
};
use shoebox_model::{fits_on_device, resize_images};
use shoebox_spec::{Pair, Residency};
use std::{ops::ControlFlow, sync::mpsc::sync_channel, thread};
use tch::{Device, Kind, TchError, Tensor};

/// Some samples, on the loader's device.
#[derive(Debug)]
pub struct Batch {
    /// `[B,H,W,3]` u8.
    pub images: Tensor,
    /// `[B]` i64.
    pub labels: Tensor,
    /// Which samples they are.
    pub visits: Vec<Visit>,
    /// What else the pictures show, where each is mixed of two.
    pub mixed: Option<Mixed>,
}

/// The second labels of a batch whose pictures are mixed of two.
#[derive(Debug)]
pub struct Mixed {
    /// `[B]` i64.
    pub labels: Tensor,
    /// `[B]` f32: the share of the first label, 0–1; the second has the rest.
    pub shares: Tensor,
}

impl Batch {
    /// The number of samples, B.
    pub fn len(&self) -> usize {
        self.labels.numel()
    }

    /// The batch with pictures of `size`.
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn resized(self, size: Pair) -> Result<Self, TrainError> {
        let images = resize_images(&self.images, size.0.map(i64::from))?;
        Ok(Self { images, ..self })
    }

    /// How many rows of `logits` `[B,K]` are largest at their label, a f64
    /// scalar on their device; of a mixed picture each label counts by its share.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn correct(&self, logits: &Tensor) -> Result<Tensor, TchError> {
        let Some(Mixed { labels, shares }) = &self.mixed else {
            return count_correct(logits, &self.labels)?.f_to_kind(Kind::Double);
        };
        let found = logits.f_argmax(-1, false)?;
        let hits = |labels| found.f_eq_tensor(labels)?.f_to_kind(Kind::Float);
        // From the second label's to the first one's.
        hits(labels)?.f_lerp_tensor(&hits(&self.labels)?, shares)?.f_sum(Kind::Double)
    }

    /// Whether there are no samples; a loader never makes such a batch.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Batches that may wait for the device: enough that it never waits for one.
const BATCHES_AHEAD: usize = 2;

/// Rows whose batches are given out on a device, in any order.
#[derive(Debug)]
pub struct Loader<'a> {
    rows: Rows<'a>,
    /// All of them on the device, where they are held there.
    resident: Option<Batch>,
}

impl<'a> Loader<'a> {
    /// A loader of the rows of `view`. Where `residency` has it so, it moves
    /// every row to `device` now.
    ///
    /// # Errors
    /// No room on the device.
    pub fn new(view: View<'a>, device: Device, residency: Residency) -> Result<Self, TrainError> {
        let rows = Rows::new(view, device);
        let fits = fits_on_device(residency, device, rows.bytes())?;
        let resident = fits.then(|| rows.move_to_device()).transpose()?;
        Ok(Self { rows, resident })
    }

    /// Samples.
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are no samples.
    pub fn is_empty(&self) -> bool {
        self.rows.len() == 0
    }

    /// The label of each row.
    pub fn labels(&self) -> &[i64] {
        self.rows.labels()
    }

    /// Calls `work` with each batch of `order`, the last one perhaps smaller,
    /// until it breaks off.
    ///
    /// # Errors
    /// The first error of `work`, or no room for a batch.
    pub fn for_each_batch(
        &self,
        order: &Order,
        batch_size: usize,
        work: impl FnMut(Batch) -> Result<ControlFlow<()>, TrainError>,
    ) -> Result<(), TrainError> {
        if let Some(samples) = &self.resident {
            return select(samples, order, batch_size, work);
        }
        let (rows, (sender, receiver)) = (&self.rows, sync_channel(BATCHES_AHEAD));
        thread::scope(move |scope| {
            // The next batches are gathered, and on their way to the device,
            // while this one is worked on.
            scope.spawn(move || rows.gather_all(order, batch_size, &sender));
            // Ours to drop at the end, which ends a gatherer whose batches nobody wants.
            hand_out(move || receiver.recv().ok(), work)
        })
    }
}

/// Batches of `samples`. Only the order crosses to the device, once.
fn select(
    samples: &Batch,
    order: &Order,
    batch_size: usize,
    work: impl FnMut(Batch) -> Result<ControlFlow<()>, TrainError>,
) -> Result<(), TrainError> {
    let rows: Vec<i64> = order.rows.iter().map(|&row| row as i64).collect();
    let rows = Tensor::f_from_slice(&rows)?.f_to_device(samples.images.device())?;
    let mut starts = (0..order.rows.len()).step_by(batch_size);
    let select = |start: usize| -> Result<Batch, TrainError> {
        let length = batch_size.min(order.rows.len() - start);
        let visits = order.visits(start..start + length);
        let rows = rows.f_narrow(0, start as i64, length as i64)?;
        let images = samples.images.f_index_select(0, &rows)?;
        let labels = samples.labels.f_index_select(0, &rows)?;
        Ok(Batch { images, labels, visits, mixed: None })
    };
    hand_out(|| starts.next().map(select), work)
}

/// Calls `work` with what `next` gives, until it breaks off or there is no more.
fn hand_out(
    mut next: impl FnMut() -> Option<Result<Batch, TrainError>>,
    mut work: impl FnMut(Batch) -> Result<ControlFlow<()>, TrainError>,
) -> Result<(), TrainError> {
    while let Some(batch) = next() {
        if work(batch?)?.is_break() {
            break;
        }
    }
    Ok(())
}
