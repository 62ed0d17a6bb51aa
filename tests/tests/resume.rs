//! Going on with a run: as if it had never been interrupted, whatever the
//! pipeline, wherever it was interrupted.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{
    RunDir,
    records::{RunRecord, RunStatus},
};
use shoebox_model::Checkpoint;
use shoebox_tests::{Project, Quiet, assert_same_training};
use shoebox_train::{
    EpochSummary, HeadEpoch, Observer, Outcome, Resume, Resumption, RunStart, StepProgress,
};
use std::{
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

/// Sets the flag after some steps, or epochs of the head.
#[derive(Debug)]
struct Interrupter {
    interrupt: Arc<AtomicBool>,
    /// Left until then.
    steps: u32,
    head_epochs: u32,
    resumed: Option<Resumption>,
}

impl Interrupter {
    fn after_steps(steps: u32) -> Self {
        Self { interrupt: Arc::default(), steps, head_epochs: u32::MAX, resumed: None }
    }

    fn count(&self, left: &u32) {
        if *left == 0 {
            self.interrupt.store(true, Ordering::Relaxed);
        }
    }

    /// Trains until it is interrupted, or through.
    fn train(&mut self, project: &Project, words: &[&str], resume: Option<Resume>) -> Outcome {
        let interrupt = Arc::clone(&self.interrupt);
        project.train_with(words, resume, interrupt, self).unwrap()
    }
}

impl Observer for Interrupter {
    fn start(&mut self, start: &RunStart<'_>) {
        self.resumed = start.resumed.cloned();
        self.count(&self.steps);
    }

    fn features(&mut self, _done: usize, _all: usize) {}

    fn head_epoch(&mut self, _epoch: &HeadEpoch) {
        self.head_epochs -= 1;
        self.count(&self.head_epochs);
    }

    fn step(&mut self, _progress: &StepProgress) {
        self.steps = self.steps.saturating_sub(1);
        self.count(&self.steps);
    }

    fn epoch(&mut self, _summary: &EpochSummary) {}
}

/// Trains, interrupted every `steps` steps, until it is through.
fn in_pieces(project: &Project, words: &[&str], steps: u32) -> Outcome {
    let mut outcome = Interrupter::after_steps(steps).train(project, words, None);
    let mut pieces = 1;
    while outcome.record.status == RunStatus::Interrupted {
        assert!(pieces < 100, "it gets nowhere");
        outcome = Interrupter::after_steps(steps).train(project, words, Some(Resume::Latest));
        pieces += 1;
    }
    assert!(pieces > 1, "it was never interrupted");
    assert_eq!(outcome.record.resumed, pieces - 1);
    outcome
}

/// Asserts that it does not matter where a training is interrupted, for the
/// project's pipeline with `words`.
fn assert_resumes_exactly(project: &Project, words: &[&str], pieces: &[u32]) {
    let whole = project.train(words).unwrap();
    for &steps in pieces {
        let outcome = in_pieces(project, words, steps);
        let case = format!("{words:?}, interrupted every {steps} steps");
        assert_same_training(&outcome.run, &whole.run, &case);
    }
}

/// Batch norm and dropout, in a network of a few hundred weights.
const LAYERS: &str = "model.layers=[\
    {rescale: {scale: 0.00392156862745098}}, \
    {conv2d: {filters: 8, kernel: 3, use_bias: false}}, {batch_norm: {momentum: 0.9}}, \
    {activation: relu}, {max_pool2d: {}}, {dropout: {rate: 0.3}}, \
    {conv2d: {filters: 16, kernel: 3, activation: relu}}, {max_pool2d: {}}, {dropout: {rate: 0.2}}, \
    {flatten: {}}, {dense: {units: classes}}]";

#[test]
fn a_training_in_pieces_is_the_whole_one_bit_for_bit() {
    let project = Project::prepared();
    // 12 steps of 10 batches of 5, the last of 3, an epoch.
    let words = [LAYERS, "train.epochs=3", "train.batch_size=5", "train.accumulate=2"];
    assert_resumes_exactly(&project, &words, &[1, 4, 5, 7]);
}

#[test]
fn every_optimizer_goes_on_with_its_memory() {
    let project = Project::prepared();
    for optimizer in [
        "adamw: {weight_decay: 0.1}",
        "sgd: {}",
        "sgd: {momentum: 0.9, nesterov: true}",
        "rmsprop: {}",
        "rmsprop: {momentum: 0.5, centered: true}",
    ] {
        let optimizer = format!("train.optimizer={{{optimizer}}}");
        let words = [LAYERS, "train.epochs=2", "train.clip_norm=0.5", &optimizer];
        assert_resumes_exactly(&project, &words, &[5]);
    }
}

#[test]
fn augmented_and_mixed_pictures_are_the_same_ones() {
    let project = Project::prepared();
    let augment = "train.augment=[{flip: {}}, {rotation: {degrees: 10}}, {mixup: {}}]";
    for sampling in ["train.sampling=natural", "train.sampling=balanced"] {
        let words = [LAYERS, "train.epochs=2", "train.batch_size=7", augment, sampling];
        assert_resumes_exactly(&project, &words, &[3, 5]);
    }
}

#[test]
fn schedules_orders_and_losses_go_on() {
    let project = Project::prepared();
    let plateau = "train.learning_rate={reduce_on_plateau: {initial: 0.02, patience: 0, factor: 0.5, min_delta: 0.05}}";
    let cosine = "train.learning_rate={cosine: {peak: 0.01, warmup_epochs: 1}}";
    let words = [LAYERS, "train.epochs=4", "train.ema=0.9"];
    let with = |more: &[&'static str]| [&words, more].concat();
    let balanced = ["train.sampling=balanced", "train.loss={label_smoothing: 0.1}", cosine];
    assert_resumes_exactly(&project, &with(&[plateau]), &[4]);
    assert_resumes_exactly(&project, &with(&balanced), &[4]);
    let plain = ["train.shuffle={blocks: 2}", "train.kernels=plain", cosine];
    assert_resumes_exactly(&project, &with(&plain), &[5]);
}

/// Ends before its epochs do, with the weights of another epoch than the last.
const STOPPING: &str =
    "train.early_stopping={monitor: val_loss, patience: 2, min_delta: 0.02, restore_best: true}";

#[test]
fn early_stopping_goes_on_with_its_patience_and_its_best_weights() {
    let project = Project::prepared();
    for more in ["train.ema=0.8", "train.precision=float32"] {
        let words = [LAYERS, "train.epochs=40", STOPPING, more];
        assert_resumes_exactly(&project, &words, &[5, 9]);
        let run = project.artifacts().newest_run().unwrap();
        let record = RunRecord::read(&run.record()).unwrap();
        assert_eq!(record.status, RunStatus::StoppedEarly);
    }
}

/// Not only may a run be interrupted: one that has ended may go on.
#[test]
fn a_run_that_is_given_more_epochs_is_one_that_always_had_them() {
    let project = Project::prepared();
    let stopping = "train.early_stopping={patience: 50, restore_best: true, monitor: val_accuracy}";
    let with = |epochs| [LAYERS, stopping, "train.ema=0.9", epochs];
    let whole = project.train(&with("train.epochs=5")).unwrap();
    let short = project.train(&with("train.epochs=2")).unwrap();
    let mut listener = Interrupter::after_steps(u32::MAX);
    let resume = Resume::Run(short.run.path().to_owned());
    let longer = listener.train(&project, &with("train.epochs=5"), Some(resume));
    assert_same_training(&longer.run, &whole.run, "from 2 epochs to 5");
    assert_eq!(longer.run, short.run);
    let Resumption { epoch, spec_changes, circumstances, .. } = listener.resumed.unwrap();
    assert_eq!((epoch, circumstances.len()), (2, 0));
    assert_eq!(spec_changes, ["train.epochs: 2 → 5"]);
}

#[test]
fn more_patience_takes_an_early_end_back() {
    let project = Project::prepared();
    let with = |patience: u32| {
        format!("train.early_stopping={{patience: {patience}, min_delta: 0.5, restore_best: true}}")
    };
    let (two, four) = (with(2), with(4));
    let whole = project.train(&[LAYERS, "train.epochs=40", &four]).unwrap();
    let short = project.train(&[LAYERS, "train.epochs=40", &two]).unwrap();
    assert_eq!(short.record.status, RunStatus::StoppedEarly);
    let words = [LAYERS, "train.epochs=40", &four];
    let longer = Interrupter::after_steps(u32::MAX).train(&project, &words, Some(Resume::Latest));
    assert_same_training(&longer.run, &whole.run, "from a patience of 2 to 4");
}

#[test]
fn a_run_that_has_ended_is_left_as_it_is() {
    let project = Project::prepared();
    let ended = project.train(&["train.epochs=2"]).unwrap();
    let before = shoebox_tests::contents(ended.run.path());
    let again =
        project.train_with(&["train.epochs=2"], Some(Resume::Latest), Arc::default(), &mut Quiet);
    let again = again.unwrap();
    assert!(again.had_ended && !ended.had_ended);
    assert_eq!(again.record, ended.record);
    assert_eq!(shoebox_tests::contents(ended.run.path()), before);
}

#[test]
fn a_program_that_is_killed_before_it_evaluates_leaves_that_to_the_next() {
    let project = Project::prepared();
    let whole = project.train(&["train.epochs=2"]).unwrap();
    let killed = project.train(&["train.epochs=2"]).unwrap();
    // As it stands between the last checkpoint and the end.
    let mut record = killed.record.clone();
    (record.status, record.evaluations) = (RunStatus::Running, Vec::new());
    shoebox_artifact::atomic::write_json(&killed.run.record(), &record).unwrap();
    for split in ["val", "test"] {
        std::fs::remove_file(killed.run.predictions(split)).unwrap();
    }
    let words = ["train.epochs=2"];
    let ended = Interrupter::after_steps(u32::MAX).train(&project, &words, Some(Resume::Latest));
    assert!(!ended.had_ended);
    assert_same_training(&ended.run, &whole.run, "killed before it evaluated");
}

#[test]
fn a_head_that_is_trained_first_is_trained_once() {
    let project = Project::prepared();
    let words = [
        "model.layers=[]",
        "model.backbone={resnet18: {weights: random, train_from: layer4}}",
        "model.head=[{global_average_pool2d: {}}, {dropout: {rate: 0.2}}, {dense: {units: classes}}]",
        "train.head_first={epochs: 4, learning_rate: {cosine: {peak: 0.01}}}",
        "train.epochs=2",
        "train.batch_size=16",
    ];
    let whole = project.train(&words).unwrap();
    let outcome = in_pieces(&project, &words, 2);
    assert_same_training(&outcome.run, &whole.run, "a head first, interrupted later");
    let (found, wanted) = (outcome.record.head_first.unwrap(), whole.record.head_first.unwrap());
    assert_eq!((found.epochs, found.loss), (wanted.epochs, wanted.loss));

    // In its first epochs there is no checkpoint: it begins anew.
    let mut interrupter = Interrupter { head_epochs: 2, ..Interrupter::after_steps(u32::MAX) };
    let outcome = interrupter.train(&project, &words, None);
    assert_eq!(outcome.record.status, RunStatus::Interrupted);
    assert!(!outcome.run.last_checkpoint().exists());
    let outcome = Interrupter::after_steps(u32::MAX).train(&project, &words, Some(Resume::Latest));
    assert_same_training(&outcome.run, &whole.run, "a head first, interrupted there");
    assert_eq!(outcome.record.head_first.unwrap().loss, wanted.loss);
}

#[test]
fn checkpoints_within_an_epoch_come_every_so_many_steps() {
    let project = Project::prepared();
    let words = [LAYERS, "train.epochs=3", "train.checkpoint={every_steps: 2}"];
    let whole = project.train(&words).unwrap();
    let without = project.train(&[LAYERS, "train.epochs=3"]).unwrap();
    assert_same_training(&whole.run, &without.run, "with and without");
    let mut reader = CheckpointReader::default();
    project.train_with(&words, None, Arc::default(), &mut reader).unwrap();
    let state = reader.state.unwrap();
    assert_eq!((&state["epoch"], &state["step"]), (&0.into(), &2.into()));
    assert_eq!(state["under_way"]["batches"], 2);
}

/// Reads the last checkpoint at the fourth step, when that of the second one
/// is on its way.
#[derive(Debug, Default)]
struct CheckpointReader {
    run: Option<RunDir>,
    state: Option<serde_json::Value>,
}

impl Observer for CheckpointReader {
    fn start(&mut self, start: &RunStart<'_>) {
        self.run = Some(start.run.clone());
    }

    fn features(&mut self, _done: usize, _all: usize) {}
    fn head_epoch(&mut self, _epoch: &HeadEpoch) {}

    fn step(&mut self, progress: &StepProgress) {
        let path = self.run.as_ref().unwrap().last_checkpoint();
        if (progress.epoch, progress.step) == (1, 4) {
            let there = (0..1000).any(|_| {
                thread::sleep(Duration::from_millis(10));
                path.exists()
            });
            assert!(there, "it comes while training goes on");
            self.state = Checkpoint::read(&path).unwrap().card.loop_state;
        }
    }

    fn epoch(&mut self, _summary: &EpochSummary) {}
}
