//! An epoch's figures, added up where the network is.

use crate::{TrainError, exact::Exact, observer::Means};
use serde::{Deserialize, Serialize};
use tch::{Device, Kind, Tensor, no_grad};

/// The sums over the batches of one epoch. On the CPU they can be read after
/// every step. On another device reading waits for all the work there, so it
/// is done once, at the end.
#[derive(Debug)]
pub(crate) struct Tally {
    /// `[3]` f64: loss times samples, correct samples, and steps before the
    /// first loss that is no number.
    sums: Tensor,
    /// `[]` bool: whether every loss so far was a number.
    sound: Tensor,
    seen: usize,
    steps: usize,
    reads_each_step: bool,
}

/// What a tally has added up.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Sums {
    /// Loss times samples.
    loss: Exact,
    /// Correct samples, of `seen`.
    correct: Exact,
    /// Samples.
    seen: usize,
    /// All with a loss that is a number.
    steps: usize,
}

impl Tally {
    /// Nothing added yet, for a network on `device`.
    pub fn new(device: Device) -> Result<Self, TrainError> {
        Ok(Self {
            sums: Tensor::f_zeros([3], (Kind::Double, device))?,
            sound: Tensor::f_ones([], (Kind::Bool, device))?,
            seen: 0,
            steps: 0,
            reads_each_step: device == Device::Cpu,
        })
    }

    /// What was added up before, to go on from.
    pub fn from_sums(sums: Sums, device: Device) -> Result<Self, TrainError> {
        let Sums { loss, correct, seen, steps } = sums;
        let values = Tensor::f_from_slice(&[loss.0, correct.0, steps as f64])?;
        Ok(Self { sums: values.f_to_device(device)?, seen, steps, ..Self::new(device)? })
    }

    /// What was added up so far. Waits for the device.
    ///
    /// # Errors
    /// As [`Tally::read`].
    pub fn sums(&self, epoch: u32) -> Result<Sums, TrainError> {
        self.read(epoch)?;
        let sums = Vec::<f64>::try_from(&self.sums)?;
        let (loss, correct) = (Exact(sums[0]), Exact(sums[1]));
        Ok(Sums { loss, correct, seen: self.seen, steps: self.steps })
    }

    /// Adds a step: the mean `loss` of a batch of `samples`, and how many of
    /// them are `correct`, a scalar. The means so far, where reading costs nothing.
    ///
    /// # Errors
    /// [`TrainError::BadLoss`] with the `epoch`, where it can be read already.
    pub fn add(
        &mut self,
        epoch: u32,
        loss: &Tensor,
        correct: &Tensor,
        samples: usize,
    ) -> Result<Option<Means>, TrainError> {
        no_grad(|| -> Result<(), TrainError> {
            self.sound = self.sound.f_logical_and(&loss.f_isfinite()?)?;
            let loss = loss.f_to_kind(Kind::Double)?.f_mul_scalar(samples as f64)?;
            let counts = [correct, &self.sound].map(|count| count.f_to_kind(Kind::Double));
            let [correct, sound] = counts;
            let _ = self.sums.f_add_(&Tensor::f_stack(&[loss, correct?, sound?], 0)?)?;
            Ok(())
        })?;
        self.seen += samples;
        self.steps += 1;
        if self.reads_each_step { self.read(epoch).map(Some) } else { Ok(None) }
    }

    /// The means so far. Waits for the device.
    ///
    /// # Errors
    /// [`TrainError::BadLoss`] with the `epoch` and the first step whose loss
    /// was no number.
    pub fn read(&self, epoch: u32) -> Result<Means, TrainError> {
        let sums = Vec::<f64>::try_from(&self.sums)?;
        let sound_steps = sums[2] as usize;
        let samples = self.seen.max(1) as f64;
        let means = Means { loss: sums[0] / samples, accuracy: sums[1] / samples };
        if sound_steps < self.steps {
            return Err(TrainError::BadLoss { loss: means.loss, epoch, step: sound_steps + 1 });
        }
        Ok(means)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A tally of two samples a step, of which one is correct.
    fn tally(losses: &[f32], reads_each_step: bool) -> (Tally, Vec<Result<Option<Means>, String>>) {
        let mut tally = Tally { reads_each_step, ..Tally::new(Device::Cpu).unwrap() };
        let step = |&loss: &f32| {
            let added = tally.add(4, &Tensor::from(loss), &Tensor::from(1i64), 2);
            added.map_err(|error| error.to_string())
        };
        let said = losses.iter().map(step).collect();
        (tally, said)
    }

    #[test]
    fn both_ways_of_reading_give_the_same_means() {
        let (at_once, said) = tally(&[1.0, 2.0, 6.0], true);
        let (at_the_end, nothing) = tally(&[1.0, 2.0, 6.0], false);
        let means = Means { loss: 3.0, accuracy: 0.5 };
        assert_eq!(said[1], Ok(Some(Means { loss: 1.5, accuracy: 0.5 })));
        assert_eq!((said[2].clone(), at_once.read(4).unwrap()), (Ok(Some(means)), means));
        assert_eq!(nothing, [Ok(None), Ok(None), Ok(None)]);
        assert_eq!((at_the_end.read(4).unwrap(), at_the_end.seen), (means, 6));
    }

    #[test]
    fn a_tally_goes_on_from_sums_that_were_kept() {
        let (whole, _) = tally(&[1.1, 2.3, 6.7, 0.1], true);
        let (half, _) = tally(&[1.1, 2.3], true);
        let text = serde_json::to_string(&half.sums(4).unwrap()).unwrap();
        let mut half = Tally::from_sums(serde_json::from_str(&text).unwrap(), Device::Cpu).unwrap();
        for loss in [6.7f32, 0.1] {
            half.add(4, &Tensor::from(loss), &Tensor::from(1i64), 2).unwrap();
        }
        assert_eq!(half.sums(4).unwrap(), whole.sums(4).unwrap());
    }

    #[test]
    fn the_first_bad_step_is_named_at_once_or_at_the_end() {
        for bad in [f32::NAN, f32::INFINITY] {
            let losses = [1.0, 2.0, bad, 3.0];
            let (_, said) = tally(&losses, true);
            let error = said[2].clone().unwrap_err();
            assert!(error.contains("at epoch 4, step 3"), "{error}");
            let (late, said) = tally(&losses, false);
            assert!(said.iter().all(|said| *said == Ok(None)));
            let error = late.read(4).unwrap_err().to_string();
            assert!(error.contains("at epoch 4, step 3"), "{error}");
            assert!(error.contains(&format!("became {}", f64::from(bad))), "{error}");
        }
    }
}
