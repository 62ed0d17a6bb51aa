//! What a network says of pictures whose classes are known.

use crate::{TrainError, loader::Loader, order::Order};
use shoebox_metrics::Scored;
use shoebox_model::Network;
use shoebox_spec::Tta;
use std::ops::ControlFlow;
use tch::{Kind, Tensor};

/// Runs `network` over every sample of a split, in the views of `tta`, dropout off.
///
/// # Errors
/// What libtorch refuses, or a damaged cache.
pub fn evaluate(
    network: &Network,
    loader: &Loader,
    batch_size: usize,
    tta: Tta,
) -> Result<Scored, TrainError> {
    let mut rows = Vec::new();
    loader.for_each_batch(&Order::as_stored(loader.len()), batch_size, |batch| {
        rows.push(network.log_probabilities(&batch.images, tta)?);
        Ok(ControlFlow::Continue(()))
    })?;
    // The device is waited for here, and not after each batch.
    Ok(Scored {
        log_probabilities: Vec::try_from(Tensor::f_cat(&rows, 0)?)?,
        labels: loader.labels().iter().map(|&label| label as usize).collect(),
    })
}

/// How many rows of `logits` `[B,K]` are largest at their label `[B]`: an
/// i64 scalar on the same device.
pub(crate) fn count_correct(logits: &Tensor, labels: &Tensor) -> Result<Tensor, tch::TchError> {
    logits.f_argmax(-1, false)?.f_eq_tensor(labels)?.f_sum(Kind::Int64)
}
