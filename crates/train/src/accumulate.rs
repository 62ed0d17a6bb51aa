//! Batches whose gradients make one step together.

use tch::{TchError, Tensor};

/// How the rows of an epoch become batches, and the batches steps.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Groups {
    /// Rows of the epoch.
    pub rows: usize,
    /// Rows of a batch; the last one may have fewer.
    pub batch: usize,
    /// Batches of a step; the last one may have fewer.
    pub of: usize,
}

impl Groups {
    /// Steps of the epoch.
    pub fn steps(self) -> usize {
        self.batches().div_ceil(self.of)
    }

    /// Whether the batch (from 0) is the first of its step.
    pub fn is_first(self, batch: usize) -> bool {
        batch.is_multiple_of(self.of)
    }

    /// Whether the batch (from 0) is the last of its step.
    pub fn is_last(self, batch: usize) -> bool {
        (batch + 1).is_multiple_of(self.of) || batch + 1 == self.batches()
    }

    /// The mean `loss` of a batch (from 0) by its share in the mean of its
    /// step: the gradients of all batches of a step add up to that mean's.
    pub fn share(self, loss: &Tensor, batch: usize) -> Result<Tensor, TchError> {
        let in_step = self.rows_between(batch / self.of * self.of, self.of);
        let in_batch = self.rows_between(batch, 1);
        match in_batch == in_step {
            true => Ok(loss.shallow_clone()),
            false => loss.f_mul_scalar(in_batch as f64 / in_step as f64),
        }
    }

    /// Batches of the epoch.
    pub fn batches(self) -> usize {
        self.rows.div_ceil(self.batch)
    }

    /// Rows of `count` batches from `first`, as far as there are any.
    fn rows_between(self, first: usize, count: usize) -> usize {
        let end = |batch: usize| self.rows.min(batch * self.batch);
        end(first + count) - end(first)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_of_a_step_are_by_samples_and_add_up_to_one() {
        // Batches of 4, 4 | 4, 1.
        let groups = Groups { rows: 13, batch: 4, of: 2 };
        assert_eq!(groups.steps(), 2);
        assert_eq!([0, 1, 2, 3].map(|batch| groups.is_first(batch)), [true, false, true, false]);
        assert_eq!([0, 1, 2, 3].map(|batch| groups.is_last(batch)), [false, true, false, true]);
        let one = Tensor::from(1.0f64);
        let shares = [0, 1, 2, 3].map(|batch| groups.share(&one, batch).unwrap().double_value(&[]));
        assert_eq!(shares, [0.5, 0.5, 0.8, 0.2]);
    }

    #[test]
    fn an_odd_last_batch_may_be_a_step_of_its_own() {
        let groups = Groups { rows: 9, batch: 4, of: 2 };
        assert_eq!((groups.steps(), groups.is_last(2)), (2, true));
        let share = groups.share(&Tensor::from(1.0f64), 2).unwrap();
        assert_eq!(share.double_value(&[]), 1.0);
    }
}
