//! What training tells the program that runs it.

use shoebox_artifact::RunDir;
use shoebox_model::Group;
use shoebox_spec::Plan;

/// A run that is about to start.
#[derive(Debug)]
pub struct RunStart<'a> {
    /// The run's folder.
    pub run: &'a RunDir,
    /// The network.
    pub plan: &'a Plan,
    /// How its layers are computed.
    pub groups: &'a [Group],
    /// `cpu` or `cuda:0`.
    pub device: &'a str,
    /// CPU threads.
    pub threads: u32,
    /// What `train.batch_size: auto` came to.
    pub auto_batch_size: Option<u32>,
    /// Samples of the train and val splits.
    pub samples: [usize; 2],
    /// False when the pictures behind the cache are not on this machine.
    pub sources_present: bool,
    /// Where the run goes on, if it is not a new one.
    pub resumed: Option<&'a Resumption>,
}

/// Where a run goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Resumption {
    /// Epochs that have ended.
    pub epoch: u32,
    /// Batches of the one after them that are done.
    pub batches: usize,
    /// Keys of the spec that have changed, each with both values.
    pub spec_changes: Vec<String>,
    /// What else has changed so that numbers may differ in their last digits.
    pub circumstances: Vec<String>,
}

/// Means over the samples of an epoch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Means {
    /// Cross-entropy, in nats.
    pub loss: f64,
    /// Share of correct samples, 0–1.
    pub accuracy: f64,
}

/// An epoch of the head alone, before the first epoch of all that is trained.
#[derive(Debug, Clone, Copy)]
pub struct HeadEpoch {
    /// From 1.
    pub epoch: u32,
    /// How many there are.
    pub epochs: u32,
    /// Over the epoch's batches, dropout on.
    pub means: Means,
}

/// A training step that has been made.
#[derive(Debug, Clone, Copy)]
pub struct StepProgress {
    /// From 1.
    pub epoch: u32,
    /// Within the epoch, from 1.
    pub step: usize,
    /// Steps in an epoch.
    pub steps: usize,
    /// Of the epoch so far; `None` on a device that would have to be waited for.
    pub means: Option<Means>,
}

/// An epoch that has ended.
#[derive(Debug, Clone, Copy)]
pub struct EpochSummary {
    /// From 1.
    pub epoch: u32,
    /// The most epochs there may be.
    pub epochs: u32,
    /// Mean loss over the training batches, dropout on.
    pub loss: f64,
    /// Accuracy over the training batches, 0–1.
    pub accuracy: f64,
    /// Mean loss over the val split.
    pub val_loss: f64,
    /// Accuracy over the val split, 0–1.
    pub val_accuracy: f64,
    /// Of the epoch's last step.
    pub learning_rate: f64,
    /// Training and evaluation together.
    pub seconds: f64,
    /// Training samples per second.
    pub images_per_second: f64,
    /// The share of the training time in which a step waited for its batch, 0–1.
    pub data_wait: f64,
    /// Whether these are the best weights so far.
    pub is_best: bool,
}

/// Hears how training goes; a library never prints.
pub trait Observer {
    /// Before the first step.
    fn start(&mut self, start: &RunStart<'_>);
    /// While a backbone's features are computed: pictures that are `done`, of `all`.
    fn features(&mut self, done: usize, all: usize);
    /// After each epoch of the head alone.
    fn head_epoch(&mut self, epoch: &HeadEpoch);
    /// After each training step.
    fn step(&mut self, progress: &StepProgress);
    /// After each epoch.
    fn epoch(&mut self, summary: &EpochSummary);
}
