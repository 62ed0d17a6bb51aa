//! Rows of a cache, gathered into batches while the device works.

use crate::{
    TrainError,
    loader::Batch,
    order::{Order, Visit},
    view::View,
};
use shoebox_kernels::stack_rows;
use std::sync::mpsc::SyncSender;
use tch::{Device, Kind, Tensor};

/// Batches that the disk may be asked for at a time: it answers many questions
/// sooner than one after the other.
const BATCHES_READ_AHEAD: usize = 8;

/// Rows that are moved to the device at a time.
const ROWS_AT_ONCE: usize = 256;

/// Rows in the cache, and the device that they are for.
#[derive(Debug)]
pub(crate) struct Rows<'a> {
    view: View<'a>,
    device: Device,
}

impl<'a> Rows<'a> {
    /// The rows of `view`.
    pub fn new(view: View<'a>, device: Device) -> Self {
        Self { view, device }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.view.len()
    }

    /// Of each row.
    pub fn labels(&self) -> &[i64] {
        self.view.labels()
    }

    /// The pictures' bytes.
    pub fn bytes(&self) -> u64 {
        let [height, width] = self.view.image_size();
        (self.len() * height * width * 3) as u64
    }

    /// Sends every batch of `order`, until nobody wants them any more.
    pub fn gather_all(
        &self,
        order: &Order,
        batch_size: usize,
        sender: &SyncSender<Result<Batch, TrainError>>,
    ) {
        self.view.read_by_row();
        let reading = if order.reading.is_empty() { &order.rows } else { &order.reading };
        let ahead = order.ahead.max(BATCHES_READ_AHEAD * batch_size);
        let mut unread = reading.as_slice();
        for start in (0..order.rows.len()).step_by(batch_size) {
            let gathered = start + batch_size;
            let read = reading.len() - unread.len();
            let wanted = (gathered + ahead).saturating_sub(read).min(unread.len());
            let (next, later) = unread.split_at(wanted);
            next.iter().for_each(|&row| self.view.prefetch(row));
            unread = later;
            let visits = order.visits(start..gathered.min(order.rows.len()));
            if sender.send(self.gather(visits)).is_err() {
                break;
            }
        }
    }

    /// The batch of these samples. From pinned memory it goes to a CUDA device
    /// in the order of the work there, without anyone waiting.
    fn gather(&self, visits: Vec<Visit>) -> Result<Batch, TrainError> {
        let rows: Vec<usize> = visits.iter().map(|visit| visit.row).collect();
        let send = |tensor: Tensor| tensor.f_to_device_(self.device, tensor.kind(), true, false);
        let labels: Vec<[u8; 8]> =
            rows.iter().map(|&row| self.labels()[row].to_ne_bytes()).collect();
        let labels: Vec<&[u8]> = labels.iter().map(|label| label.as_slice()).collect();
        let labels = stack_rows(&labels, &[8], self.device.is_cuda())?;
        let labels = labels.f_view_dtype(Kind::Int64)?.f_flatten(0, -1)?;
        let images = send(self.stack(&rows)?)?;
        Ok(Batch { images, labels: send(labels)?, visits, mixed: None })
    }

    /// The pictures of `rows` in the CPU's memory, in one copy.
    fn stack(&self, rows: &[usize]) -> Result<Tensor, TrainError> {
        let [height, width] = self.view.image_size().map(|side| side as i64);
        let pixels: Vec<&[u8]> = rows.iter().map(|&row| self.view.row(row)).collect();
        Ok(stack_rows(&pixels, &[height, width, 3], self.device.is_cuda())?)
    }

    /// All of them, without ever holding a second copy of it here.
    pub fn move_to_device(&self) -> Result<Batch, TrainError> {
        let [height, width] = self.view.image_size().map(|side| side as i64);
        let shape = [self.len() as i64, height, width, 3];
        let images = Tensor::f_empty(shape, (Kind::Uint8, self.device))?;
        let all = Order::as_stored(self.len());
        for rows in all.rows.chunks(ROWS_AT_ONCE) {
            let mut place = images.f_narrow(0, rows[0] as i64, rows.len() as i64)?;
            place.f_copy_(&self.stack(rows)?)?;
        }
        let labels = Tensor::f_from_slice(self.labels())?.f_to_device(self.device)?;
        Ok(Batch { images, labels, visits: all.visits(0..self.len()), mixed: None })
    }
}
