//! What the network sees, for people.

use super::Augmentation;
use crate::{
    TrainError,
    grid::Grid,
    loader::{Batch, Loader},
    order::{Order, Visit, training_order},
};
use shoebox_spec::PipelineSpec;
use std::ops::ControlFlow;
use tch::{Device, Kind, Tensor};

/// Pictures on the sheet, one below the other.
const SAMPLES: usize = 6;
/// Beside each, what becomes of it in so many epochs.
const EPOCHS: u32 = 7;

impl Augmentation {
    /// The first samples of the first epoch, as they are and as they are seen
    /// in the first epochs.
    ///
    /// # Errors
    /// What libtorch refuses.
    pub fn sheet(&self, spec: &PipelineSpec, train: &Loader) -> Result<Grid, TrainError> {
        let order = |epoch| training_order(&spec.train, spec.seed, epoch, train.labels());
        let first = order(1);
        let own = first.visits(0..first.rows.len().min(SAMPLES));
        let mut columns = vec![gathered(train, &own, Ok)?];
        for epoch in 1..=EPOCHS {
            let visits = self.with_partners(epoch, &order(epoch), &own);
            columns.push(gathered(train, &visits, |batch| self.apply(epoch, batch))?);
        }
        let pictures = Tensor::f_stack(&columns, 1)?.f_flatten(0, 1)?;
        Grid::new(&pictures, columns.len())
    }
}

/// The pictures of a batch of these samples, after `work`.
fn gathered(
    train: &Loader,
    visits: &[Visit],
    work: impl Fn(Batch) -> Result<Batch, TrainError>,
) -> Result<Tensor, TrainError> {
    let mut images = Tensor::f_empty([0], (Kind::Uint8, Device::Cpu))?;
    train.for_each_batch(&Order::of(visits), visits.len(), |batch| {
        images = work(batch)?.images;
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(images)
}
