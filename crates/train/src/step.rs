//! A training step up to its loss, and the largest batch there is room for.

use crate::{
    TrainError, augment::Augmentation, loader::Batch, loss::Loss, material::Material,
    optimizer::Optimizer, order::Order,
};
use shoebox_kernels::{Autocast, cuda};
use shoebox_model::{Mode, Network, fits_on_device};
use shoebox_spec::{BatchSize, Kernels, PipelineSpec, Plan, Precision};
use tch::{Device, Kind, Tensor};

/// The logits `[B,K]` f32 of a batch and their mean loss, dropout on.
/// With bfloat16 the layers compute in it; weights and loss stay f32.
pub(crate) fn forward(
    network: &Network,
    batch: &Batch,
    precision: Precision,
    loss: &Loss,
) -> Result<(Tensor, Tensor), TrainError> {
    let autocast = match precision {
        Precision::Bfloat16 => Some(Autocast::bfloat16(network.device())?),
        Precision::Float32 | Precision::Tf32 => None,
    };
    let logits = network.forward(&batch.images, Mode::Train)?;
    drop(autocast);
    let logits = logits.f_to_kind(Kind::Float)?;
    let loss = loss.of_batch(&logits, batch)?;
    Ok((logits, loss))
}

/// The network of `plan`, with weights from the seed.
pub(crate) fn seeded_network(
    spec: &PipelineSpec,
    plan: &Plan,
    material: &Material,
    device: Device,
) -> Result<Network, TrainError> {
    // The fused layers are f32.
    let kernels = match spec.train.precision {
        Precision::Bfloat16 => Kernels::Plain,
        Precision::Float32 | Precision::Tf32 => spec.train.kernels,
    };
    tch::manual_seed(spec.seed as i64);
    Ok(Network::new(&plan.layers, material.mean, material.std, device, kernels)?)
}

/// Samples a batch where nothing says more: Keras's default.
const USUAL_BATCH: u32 = 32;

/// What `train.batch_size` comes to: `auto` is the largest power of two that a
/// CUDA device has room for, and not more than there are training pictures; on the CPU, 32.
pub(crate) fn batch_size(
    spec: &PipelineSpec,
    plan: &Plan,
    material: &Material,
    device: Device,
) -> Result<u32, TrainError> {
    match spec.train.batch_size {
        BatchSize::Count(count) => Ok(count),
        BatchSize::Auto if !device.is_cuda() => Ok(USUAL_BATCH),
        BatchSize::Auto => {
            let _held = held_pictures(spec, material, device)?;
            largest(material.train.len(), |size| {
                let tried = try_step(spec, plan, material, device, size);
                cuda::release_memory()?;
                tried
            })
        }
    }
}

/// The room on `device` that the pictures will take where they are held there.
fn held_pictures(
    spec: &PipelineSpec,
    material: &Material,
    device: Device,
) -> Result<Vec<Tensor>, TrainError> {
    let [height, width] = material.train.image_size();
    let mut held = Vec::new();
    for rows in [material.train.len(), material.val.view.len()] {
        let bytes = (rows * height * width * 3) as u64;
        if fits_on_device(spec.data.residency, device, bytes)? {
            held.push(Tensor::f_empty([bytes as i64], (Kind::Uint8, device))?);
        }
    }
    Ok(held)
}

/// The largest power of two, up to `limit`, that `step` does not run out of
/// memory with.
fn largest(
    limit: usize,
    mut step: impl FnMut(u32) -> Result<(), TrainError>,
) -> Result<u32, TrainError> {
    let mut size = 1;
    loop {
        match step(size) {
            Err(error) if error.is_out_of_memory() && size > 1 => return Ok(size / 2),
            Err(error) => return Err(error.explain_memory(size)),
            Ok(()) if size as usize * 2 > limit => return Ok(size),
            Ok(()) => size *= 2,
        }
    }
}

/// A whole step of a network that is thrown away, on black pictures.
fn try_step(
    spec: &PipelineSpec,
    plan: &Plan,
    material: &Material,
    device: Device,
    size: u32,
) -> Result<(), TrainError> {
    let network = seeded_network(spec, plan, material, device)?;
    let mut optimizer = Optimizer::new(&spec.train.optimizer, &network)?;
    let [height, width] = material.train.image_size().map(|side| side as i64);
    let augmentation = Augmentation::new(spec, material);
    let rows = augmentation.rows(size as usize);
    let images = Tensor::f_zeros([rows as i64, height, width, 3], (Kind::Uint8, device))?;
    let labels = Tensor::f_zeros([rows as i64], (Kind::Int64, device))?;
    let visits = Order::as_stored(rows).visits(0..rows);
    let batch = augmentation.apply(1, Batch { images, labels, visits, mixed: None })?;
    let batch = batch.resized(spec.training_size())?;
    let loss = Loss::new(&Default::default(), &[], &[], device)?;
    let (_, loss) = forward(&network, &batch, spec.train.precision, &loss)?;
    optimizer.step(&loss, 0.0)?;
    // Reading waits for all of it.
    loss.f_double_value(&[])?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_model::ModelError;
    use tch::TchError;

    /// A step that has room for `room` pictures.
    fn step(room: u32) -> impl FnMut(u32) -> Result<(), TrainError> {
        move |size| {
            let error = TchError::Torch("CUDA out of memory. Tried to allocate 2 GiB".to_owned());
            if size <= room { Ok(()) } else { Err(ModelError::Torch(error).into()) }
        }
    }

    #[test]
    fn the_largest_batch_that_fits_is_a_power_of_two() {
        assert_eq!(largest(10_000, step(100)).unwrap(), 64);
        assert_eq!(largest(10_000, step(128)).unwrap(), 128);
        assert_eq!(largest(48, step(1000)).unwrap(), 32);
        assert_eq!(largest(1, step(1000)).unwrap(), 1);
    }

    #[test]
    fn no_room_for_one_picture_and_any_other_error_end_the_search() {
        let error = largest(100, step(0)).unwrap_err().to_string();
        assert!(error.contains("out of memory with batches of 1; make"), "{error}");
        let other = |_| Err(TchError::Torch("cuDNN error".to_owned()).into());
        assert!(largest(100, other).unwrap_err().to_string().contains("cuDNN error"));
    }
}
