//! Training pictures, changed each time they are seen.
//!
//! What becomes of a picture follows from the seed, the epoch and its row in
//! the split alone, whatever the batch it is in. Everything that moves pixels
//! comes down to one affine map, all that recolours them to one matrix, and
//! the picture is resampled once, from bytes to bytes.

mod affine;
mod brightness;
mod colour;
mod contrast;
mod cutmix;
mod flip;
mod hue;
mod mixing;
mod mixup;
mod picture;
mod random_erasing;
mod random_resized_crop;
mod rotation;
mod saturation;
mod sheet;
mod sides;
mod stream;
mod translation;
mod zoom;

use crate::{
    TrainError,
    loader::{Batch, Mixed},
    material::Material,
    order::{Order, Visit},
};
use mixing::Mixing;
use picture::{Change, Picture};
use shoebox_kernels::{Mix, Retouch, mix, mix_in_steps, retouch, retouch_in_steps};
use shoebox_spec::{Augment, PipelineSpec};
use tch::{Device, Tensor};

/// `train.augment` at work.
#[derive(Debug, Clone)]
pub(crate) struct Augmentation {
    list: Vec<Augment>,
    mixing: Option<Mixing>,
    seed: u64,
    /// Height and width of the pictures, in pixels.
    size: [u32; 2],
    /// The colour of what is erased: the training pictures' mean.
    fill: [u8; 3],
}

impl Augmentation {
    /// That of a spec, for the pictures to learn from.
    pub fn new(spec: &PipelineSpec, material: &Material) -> Self {
        let list = spec.train.augment.clone();
        let size = material.train.image_size().map(|side| side as u32);
        Self {
            mixing: Mixing::new(&list, size),
            list,
            seed: spec.seed,
            size,
            fill: material.mean.map(|mean| (mean * 255.0).round() as u8),
        }
    }

    /// Whether pictures stay as they are.
    pub fn is_nothing(&self) -> bool {
        self.list.is_empty()
    }

    /// Rows that a batch of `samples` is made of.
    pub fn rows(&self, samples: usize) -> usize {
        if self.mixing.is_some() { 2 * samples } else { samples }
    }

    /// The order to gather batches of [`Augmentation::rows`] in, where
    /// `batch` samples are a batch of `order`.
    pub fn order(&self, epoch: u32, order: Order, batch: usize) -> Order {
        if self.mixing.is_none() {
            return order;
        }
        let all = order.visits(0..order.rows.len());
        let batches = all.chunks(batch).map(|own| self.with_partners(epoch, &order, own));
        Order::of(&batches.collect::<Vec<_>>().concat())
    }

    /// The samples that the batch of these is made of: where pictures are
    /// mixed, it is followed by the second ones, from the epoch's `order`.
    fn with_partners(&self, epoch: u32, order: &Order, own: &[Visit]) -> Vec<Visit> {
        let partner = |mixing: &Mixing| {
            own.iter().map(|&own| mixing.partner(self.seed, epoch, order, own)).collect()
        };
        let partners: Vec<Visit> = self.mixing.as_ref().map_or_else(Vec::new, partner);
        [own, &partners].concat()
    }

    /// The batch as the network sees it in `epoch` (from 1).
    ///
    /// # Errors
    /// What libtorch refuses, out of memory for instance.
    pub fn apply(&self, epoch: u32, batch: Batch) -> Result<Batch, TrainError> {
        if self.is_nothing() {
            return Ok(batch);
        }
        let of: Vec<Retouch> =
            batch.visits.iter().map(|&visit| self.picture(epoch, visit).retouch()).collect();
        let images = match batch.images.device() {
            Device::Cpu => retouch(&batch.images, &of, self.fill)?,
            _ => retouch_in_steps(&batch.images, &of, self.fill)?,
        };
        let batch = Batch { images, ..batch };
        match &self.mixing {
            Some(mixing) => self.mix(mixing, epoch, batch),
            None => Ok(batch),
        }
    }

    /// What becomes of a picture.
    fn picture(&self, epoch: u32, visit: Visit) -> Picture {
        let mut random = stream::of_picture(self.seed, epoch, visit);
        let mut picture = Picture::new(self.size);
        for augment in &self.list {
            match augment {
                Augment::RandomResizedCrop(spec) => spec.draw(&mut random, &mut picture),
                Augment::Flip(spec) => spec.draw(&mut random, &mut picture),
                Augment::Rotation(spec) => spec.draw(&mut random, &mut picture),
                Augment::Zoom(spec) => spec.draw(&mut random, &mut picture),
                Augment::Translation(spec) => spec.draw(&mut random, &mut picture),
                Augment::Brightness(spec) => spec.draw(&mut random, &mut picture),
                Augment::Contrast(spec) => spec.draw(&mut random, &mut picture),
                Augment::Saturation(spec) => spec.draw(&mut random, &mut picture),
                Augment::Hue(spec) => spec.draw(&mut random, &mut picture),
                Augment::RandomErasing(spec) => spec.draw(&mut random, &mut picture),
                // Of two pictures; see `mixing`.
                Augment::MixUp(_) | Augment::CutMix(_) => (),
            }
        }
        picture
    }

    /// The first half of a batch with the second mixed into it.
    fn mix(&self, mixing: &Mixing, epoch: u32, batch: Batch) -> Result<Batch, TrainError> {
        let samples = batch.len() / 2;
        let halves = |tensor: &Tensor| -> Result<[Tensor; 2], TrainError> {
            let length = samples as i64;
            Ok([tensor.f_narrow(0, 0, length)?, tensor.f_narrow(0, length, length)?])
        };
        let visits = batch.visits[..samples].to_vec();
        let blends = visits.iter().map(|&visit| mixing.draw(self.seed, epoch, visit));
        let (mixes, shares): (Vec<Mix>, Vec<f32>) =
            blends.map(|blend| (blend.mix, blend.share)).unzip();
        let ([first, second], [labels, others]) = (halves(&batch.images)?, halves(&batch.labels)?);
        let device = first.device();
        let images = match device {
            Device::Cpu => mix(&first, &second, &mixes)?,
            _ => mix_in_steps(&first, &second, &mixes)?,
        };
        let shares = Tensor::f_from_slice(&shares)?.f_to_device(device)?;
        Ok(Batch { images, labels, visits, mixed: Some(Mixed { labels: others, shares }) })
    }
}

#[cfg(test)]
mod tests;
