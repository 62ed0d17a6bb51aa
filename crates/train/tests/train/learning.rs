//! Optimizers, schedules and what else the spec says about learning.

use crate::programs::train_refuses;
use shoebox_artifact::{RunDir, jsonl, records::MetricRow};
use shoebox_model::Checkpoint;
use shoebox_tests::Project;

/// A network without dropout, so that nothing but the spec decides.
const STILL: &str = "model.layers=[{rescale: {scale: 0.004}}, \
    {conv2d: {filters: 8, kernel: 3, activation: relu}}, {max_pool2d: {size: 2}}, {flatten: {}}, \
    {dense: {units: classes}}]";

fn run(project: &Project, assignments: &[&str]) -> RunDir {
    project.train(&[&[STILL], assignments].concat()).unwrap().run
}

fn rows(run: &RunDir) -> Vec<MetricRow> {
    jsonl::read(&run.metrics()).unwrap()
}

/// Train and val losses, in the order of the lines.
fn losses(run: &RunDir) -> Vec<f64> {
    rows(run).iter().map(|row| row.loss).collect()
}

#[test]
fn every_optimizer_learns() {
    let project = Project::prepared();
    for optimizer in [
        "{adamw: {weight_decay: 0.01}}",
        "{sgd: {momentum: 0.9, weight_decay: 0.001}}",
        "{rmsprop: {}}",
        "{rmsprop: {centered: true, momentum: 0.5, weight_decay: 0.001}}",
    ] {
        let losses = losses(&run(
            &project,
            &[&format!("train.optimizer={optimizer}"), "train.learning_rate.constant=0.002"],
        ));
        assert!(losses[losses.len() - 2] < 0.8 * losses[0], "{optimizer}: {losses:?}");
    }
}

#[test]
fn every_schedule_gives_each_epoch_its_rate() {
    let project = Project::prepared();
    // 6 steps an epoch; a row holds the rate of its epoch's last step.
    for (schedule, wanted) in [
        ("{cosine: {peak: 0.01, warmup_epochs: 1}}", [0.01 * 6.0 / 7.0, 0.000_170_370_868]),
        ("{step: {initial: 0.01, epochs: 1, factor: 0.5}}", [0.01, 0.0025]),
        (
            "{reduce_on_plateau: {initial: 0.01, patience: 1, min_delta: 100, factor: 0.5}}",
            [0.01, 0.005],
        ),
        ("{one_cycle: {peak: 0.01}}", [0.009_944_154_354, 0.000_000_04]),
    ] {
        let schedule = format!("train.learning_rate={schedule}");
        let rows = rows(&run(&project, &["train.epochs=3", &schedule]));
        let rates = [rows[0].learning_rate, rows[4].learning_rate];
        for (rate, wanted) in rates.into_iter().zip(wanted) {
            assert!((rate - wanted).abs() < 1e-9, "{schedule}: {rates:?} instead of {wanted}");
        }
    }
}

#[test]
fn batches_that_make_one_step_together_are_as_one_batch() {
    let project = Project::prepared();
    let sgd = "train.optimizer={sgd: {}}";
    let [one, several] = [
        ["train.batch_size=20", "train.accumulate=1"],
        ["train.batch_size=5", "train.accumulate=4"],
    ]
    .map(|sizes| run(&project, &[sgd, "train.epochs=2", sizes[0], sizes[1]]));
    for (one, several) in losses(&one).into_iter().zip(losses(&several)) {
        assert!((one - several).abs() < 1e-5 * one, "{one} {several}");
    }
    let steps = |run: &RunDir| {
        let card = Checkpoint::read(&run.last_checkpoint()).unwrap().card;
        card.loop_state.unwrap()["step"].as_u64()
    };
    assert_eq!((steps(&one), steps(&several)), (Some(6), Some(6)));
}

#[test]
fn gradients_without_length_change_nothing() {
    let project = Project::prepared();
    let clipped = run(&project, &["train.clip_norm=1e-30", "train.optimizer={sgd: {}}"]);
    let losses = losses(&clipped);
    assert!((losses[1] - losses[9]).abs() < 1e-7, "{losses:?}");
}

#[test]
fn the_mean_of_the_weights_is_what_is_measured_and_kept() {
    let project = Project::prepared();
    let plain = run(&project, &[]);
    assert_eq!(
        losses(&plain),
        losses(&run(&project, &["train.ema=0"])),
        "a mean of the last alone"
    );
    let mean = run(&project, &["train.ema=0.99", "train.epochs=1"]);
    assert_eq!(losses(&plain)[0], losses(&mean)[0], "it learns as it does without");
    assert_ne!(losses(&plain)[1], losses(&mean)[1]);
    let [best, last] = [mean.best_checkpoint(), mean.last_checkpoint()]
        .map(|path| Checkpoint::read(&path).unwrap().tensors);
    for (name, kept) in &best {
        let ema = &last[&name.replacen("model.", "ema.", 1)];
        assert!(kept.equal(ema), "{name}");
        assert!(!kept.equal(&last[name]), "{name} itself goes on from the weights");
    }
}

#[test]
fn what_the_loss_weighs_and_smooths_is_for_training_alone() {
    let project = Project::prepared();
    // Nothing is learnt, so that val's loss is that of the same weights.
    let still =
        ["train.optimizer={sgd: {}}", "train.learning_rate.constant=1e-30", "train.epochs=1"];
    let with = |more: &str| losses(&run(&project, &[&still[..], &[more]].concat()));
    let plain = with("train.loss={}");
    let smooth = with("train.loss={label_smoothing: 0.5}");
    let weighed = with("train.loss={class_weights: {by_name: {discs: 5}}}");
    let balanced = with("train.loss={class_weights: balanced}");
    assert_eq!([plain[1]; 3], [smooth[1], weighed[1], balanced[1]]);
    assert!((plain[0] - smooth[0]).abs() > 1e-4 && (plain[0] - weighed[0]).abs() > 0.5);
    assert!((plain[0] - balanced[0]).abs() < 1e-6, "the classes are equal already");
}

#[test]
fn a_weight_of_no_class_is_refused_before_there_is_a_run() {
    let project = Project::prepared();
    let args = ["--set", "train.loss={class_weights: {by_name: {stripe: 2}}}"];
    let parts = ["there is no class `stripe`; the classes are discs, stripes"];
    train_refuses("a weight of no class", &project, &args, 2, &parts);
    assert!(project.runs().is_empty());
}

#[test]
fn balanced_sampling_keeps_an_epochs_length() {
    let project = Project::prepared();
    let rows = rows(&run(&project, &["train.sampling=balanced", "train.epochs=2"]));
    let seen = rows[0].images_per_second * rows[0].seconds;
    assert!((seen - 48.0).abs() < 1e-6, "{seen}");
}
