//! All that training has to remember beside tensors, to go on as if it had
//! never been interrupted: the `loop_state` of `last.safetensors`.

use crate::{
    exact::Exact,
    schedule::Plateau,
    tally::Sums,
    watch::{Best, Patience},
};
use serde::{Deserialize, Serialize};
use shoebox_kernels::{Vectors, linear_pays};

/// Where training stands. There is nothing of a generator in it: the order of
/// an epoch, dropout and the like follow from seed, epoch and batch.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct LoopState {
    /// Epochs that have ended.
    pub epoch: u32,
    /// Steps made in them, and in the one under way.
    pub step: u64,
    /// The epoch after them, where it has begun.
    pub under_way: Option<PartOfEpoch>,
    /// The epoch of `best.safetensors`.
    pub best: Option<Best>,
    /// Of `reduce_on_plateau`.
    pub plateau: Plateau,
    /// Where there is early stopping.
    pub early_stopping: Option<Patience>,
    /// Whether `model.*` are the weights that early stopping wanted back, and
    /// `restore.*` those that training ended with.
    pub restored: bool,
    /// What computed the steps so far.
    pub circumstances: Circumstances,
}

/// An epoch that has begun.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct PartOfEpoch {
    /// Batches done, which make whole steps.
    pub batches: usize,
    /// Their figures.
    pub sums: Sums,
    /// Spent on them.
    pub seconds: Exact,
    /// Of `seconds`, those in which a step waited for its batch.
    pub waited_seconds: Exact,
}

/// What a run's numbers depend on beside pipeline, cache and seed: where these
/// are the same, they are the same bit for bit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Circumstances {
    pub device: String,
    pub threads: u32,
    pub vectors: String,
    pub libtorch: String,
    pub shoebox: String,
}

/// The loops that are chosen by the processor.
fn loops() -> String {
    let dense = if linear_pays() { ", dense layers by oneDNN" } else { "" };
    format!("{}{dense}", Vectors::in_use())
}

impl Circumstances {
    /// Those of this process, which trains on `device`.
    pub fn here(device: &str) -> Self {
        Self {
            device: device.to_owned(),
            threads: tch::get_num_threads().unsigned_abs(),
            vectors: loops(),
            libtorch: shoebox_kernels::libtorch_version(),
            shoebox: env!("CARGO_PKG_VERSION").to_owned(),
        }
    }

    /// What is otherwise in `now`, as `threads 2 → 1`.
    pub fn changes(&self, now: &Self) -> Vec<String> {
        let pairs = [
            ("device", &self.device, &now.device),
            ("threads", &self.threads.to_string(), &now.threads.to_string()),
            ("vectors", &self.vectors, &now.vectors),
            ("libtorch", &self.libtorch, &now.libtorch),
            ("shoebox", &self.shoebox, &now.shoebox),
        ];
        let changed = pairs.into_iter().filter(|(_, old, new)| old != new);
        changed.map(|(what, old, new)| format!("{what} {old} → {new}")).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_change_of_circumstances_is_told() {
        let here = Circumstances::here("cpu");
        assert!(here.changes(&here.clone()).is_empty());
        let there = Circumstances { threads: here.threads + 1, ..Circumstances::here("cuda:0") };
        let threads = format!("threads {} → {}", here.threads, there.threads);
        assert_eq!(here.changes(&there), ["device cpu → cuda:0".to_owned(), threads]);
    }
}
