//! Runs that cannot go on.

use crate::programs::train_refuses;
use shoebox_artifact::{RunDir, records::CampaignKind};
use shoebox_model::Checkpoint;
use shoebox_tests::Project;

/// A project with a run of two epochs.
fn trained() -> (Project, RunDir) {
    let project = Project::prepared();
    let run = project.train(&["train.epochs=2"]).unwrap().run;
    (project, run)
}

/// Asserts that going on with the newest run, for four epochs, is refused.
fn refuses(case: &str, project: &Project, more: &[&str], status: i32, parts: &[&str]) {
    let args = [&["--resume", "latest", "--set", "train.epochs=4"], more].concat();
    train_refuses(case, project, &args, status, parts);
}

#[test]
fn going_on_without_a_run_is_refused() {
    let project = Project::prepared();
    let parts = ["artifacts/runs: there is no run of this pipeline's name", "leave --resume out"];
    refuses("no run to go on with", &project, &[], 1, &parts);
    let parts = ["no-such-run: this is no run", "pass a folder of artifacts/runs"];
    train_refuses("no such run", &project, &["--resume", "no-such-run"], 1, &parts);
}

#[test]
fn a_run_of_another_pipeline_is_not_the_latest_of_this_one() {
    let (project, _run) = trained();
    let parts = ["there is no run of this pipeline's name"];
    let args = ["--resume", "latest", "--set", "name=tin"];
    train_refuses("no run of this name", &project, &args, 1, &parts);
}

#[test]
fn another_spec_than_the_run_began_with_is_refused_naming_each_key() {
    let (project, _run) = trained();
    let more = [
        "--set",
        "train.batch_size=4",
        "--set",
        "model.layers.5.dropout.rate=0.5",
        "--set",
        "train.optimizer={sgd: {momentum: 0.9}}",
    ];
    let parts = [
        "the pipeline is not what this began with",
        "model.layers.5.dropout.rate: 0.1 → 0.5",
        "train.batch_size: 8 → 4",
        "train.optimizer: {\"adam\":",
        "what may change: train.epochs, train.early_stopping.patience",
    ];
    refuses("another pipeline than the run began with", &project, &more, 2, &parts);
}

#[test]
fn fewer_epochs_than_have_begun_are_refused() {
    let (project, _run) = trained();
    let parts = ["this run has begun epoch 2, but train.epochs is 1", "give 2 or more"];
    let args = ["--resume", "latest", "--set", "train.epochs=1"];
    train_refuses("fewer epochs than a run has begun", &project, &args, 2, &parts);
}

#[test]
fn another_cache_than_the_run_began_with_is_refused_naming_both() {
    let (project, _run) = trained();
    std::fs::remove_file(project.path("data/train/discs/3.png")).unwrap();
    project.prep(&[]).unwrap();
    let parts = ["this was trained on cache", "the pipeline's is now", "run `prep pipeline.yaml`"];
    refuses("another cache than the run began with", &project, &[], 1, &parts);
}

#[test]
fn a_run_that_another_program_trains_is_refused() {
    let (project, run) = trained();
    let _lock = run.lock().unwrap();
    let parts = [".lock: another process is writing here", "wait for it to end"];
    refuses("a run that is at work", &project, &[], 1, &parts);
}

/// Such a checkpoint does not tell where in the schedule it stands, say.
#[test]
fn a_run_of_before_runs_could_go_on_is_refused() {
    let (project, run) = trained();
    let Checkpoint { mut card, tensors, path } = Checkpoint::read(&run.last_checkpoint()).unwrap();
    card.loop_state = serde_json::from_str(r#"{"epoch": 2, "step": 12}"#).unwrap();
    let tensors: Vec<_> = tensors.into_iter().collect();
    Checkpoint::write(&path, &card, &tensors).unwrap().publish().unwrap();
    let parts = ["last.safetensors: its loop_state is not one to go on from", "train anew"];
    refuses("a last checkpoint of before runs could go on", &project, &[], 1, &parts);
}

#[test]
fn a_best_checkpoint_of_an_earlier_epoch_is_refused() {
    let (project, run) = trained();
    let path = run.best_checkpoint();
    let Checkpoint { mut card, tensors, .. } = Checkpoint::read(&path).unwrap();
    let best = card.epoch;
    card.epoch = 0;
    let tensors: Vec<_> = tensors.into_iter().collect();
    Checkpoint::write(&path, &card, &tensors).unwrap().publish().unwrap();
    let fact = format!("best.safetensors: it is of epoch 0, the best one is {best}");
    refuses("a best checkpoint that is not the run's", &project, &[], 1, &[&fact]);
}

#[test]
fn a_run_that_has_ended_does_not_go_on_without_its_last_checkpoint() {
    let (project, run) = trained();
    std::fs::remove_file(run.last_checkpoint()).unwrap();
    let parts = ["last.safetensors: without it the run cannot go on", "train anew"];
    refuses("no last checkpoint of a run that has ended", &project, &[], 1, &parts);
}

#[test]
fn a_run_of_a_campaign_does_not_go_on() {
    let project = Project::prepared();
    project.campaign(CampaignKind::Seeds(2), &["train.epochs=2"]).unwrap();
    let [first, _] = &project.runs()[..] else { panic!("there are two runs") };
    let args = ["--resume", &first.display().to_string()];
    let parts = ["this run is a part of campaign", "goes on with all of it"];
    train_refuses("a run of a campaign", &project, &args, 1, &parts);
    let parts = ["there is no run of this pipeline's name"];
    refuses("no run to go on with but a campaign's", &project, &[], 1, &parts);
}
