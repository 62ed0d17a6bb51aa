//! A training that is killed, anywhere and again and again, and goes on each
//! time, is the one that was never interrupted.
#![cfg(unix)]

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;
use shoebox_artifact::{Artifacts, RunDir, atomic::is_temporary, jsonl, records::MetricRow};
use shoebox_model::Checkpoint;
use shoebox_tests::{Project, assert_same_training, workspace};
use std::{
    env, fmt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    thread,
    time::{Duration, Instant},
};

/// Runs of one pipeline that are killed until there were enough kills.
struct Campaign {
    artifacts: PathBuf,
    /// What `train` is given but for a name.
    args: Vec<String>,
    random: ChaCha8Rng,
    /// How long the program takes when nobody kills it.
    whole: Duration,
}

/// A kill, and what it has left.
struct Kill {
    seconds: f64,
    /// Whether a checkpoint was being written.
    writing: bool,
    last: String,
    best: String,
    /// Epochs that the metrics tell of.
    metrics: String,
}

impl fmt::Display for Kill {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { seconds, writing, last, best, metrics } = self;
        let writing = if *writing { "yes" } else { "no" };
        write!(out, "{seconds:.2} s | {writing} | {last} | {best} | {metrics}")
    }
}

impl Campaign {
    /// Trains once without a kill.
    fn new(artifacts: &Path, args: Vec<String>, seed: u64) -> (Self, RunDir) {
        let (artifacts, random) = (artifacts.to_owned(), ChaCha8Rng::seed_from_u64(seed));
        let mut campaign = Self { artifacts, args, random, whole: Duration::ZERO };
        let started = Instant::now();
        assert!(campaign.start("whole", false).wait().unwrap().success());
        campaign.whole = started.elapsed();
        let run = campaign.run("whole").unwrap();
        (campaign, run)
    }

    /// The newest run of a name.
    fn run(&self, name: &str) -> Option<RunDir> {
        Artifacts::new(&self.artifacts).newest_run_of(name).ok()
    }

    fn start(&self, name: &str, resume: bool) -> Child {
        let mut command = Command::new(env!("CARGO_BIN_EXE_train"));
        command.args(&self.args).arg("--set").arg(format!("name={name}"));
        command.arg("--artifacts").arg(&self.artifacts).current_dir(workspace());
        if resume {
            command.args(["--resume", "latest"]);
        }
        // What it says shows when the test fails.
        command.stdout(Stdio::null()).spawn().unwrap()
    }

    /// A run of this name that is killed and goes on until it is through, or
    /// was killed `most` times and may end in peace.
    fn killed(&mut self, name: &str, most: usize) -> (RunDir, Vec<Kill>) {
        let mut kills = Vec::new();
        loop {
            let run = self.run(name);
            let mut child = self.start(name, run.is_some());
            let ended = match kills.len() < most {
                true => self.kill(&mut child, name),
                false => None,
            };
            let Some(kill) = ended else {
                let status = child.wait().unwrap();
                assert!(status.success(), "{name} after {} kills: {status}", kills.len());
                return (self.run(name).unwrap(), kills);
            };
            println!("{name}: killed after {kill}");
            kills.push(kill);
        }
    }

    /// Kills the program at some time, every second one while it writes a
    /// checkpoint; `None` when it has ended before.
    fn kill(&mut self, child: &mut Child, name: &str) -> Option<Kill> {
        let started = Instant::now();
        let share = self.random.random_range(0.0..0.6);
        let due = started + self.whole.mul_f64(share);
        let in_writing = self.random.random_bool(0.5);
        loop {
            if child.try_wait().unwrap().is_some() {
                return None;
            }
            let run = self.run(name);
            let writing = run.as_ref().is_some_and(is_writing);
            if Instant::now() >= due && (writing || !in_writing) {
                // SIGKILL.
                child.kill().unwrap();
                child.wait().unwrap();
                return Some(Kill::look(started.elapsed(), self.run(name).as_ref()));
            }
            thread::sleep(Duration::from_micros(200));
        }
    }
}

/// Whether a checkpoint is being written into the run, or was when it was killed.
fn is_writing(run: &RunDir) -> bool {
    let folder = run.path().join("checkpoints");
    let entries = std::fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| entry.path()).any(|path| is_temporary(&path))
}

impl Kill {
    fn look(after: Duration, run: Option<&RunDir>) -> Self {
        let place = |path: PathBuf| {
            let Ok(Checkpoint { card, .. }) = Checkpoint::read(&path) else {
                return "none".to_owned();
            };
            let state = card.loop_state.unwrap_or_default();
            match state["step"].as_u64() {
                Some(step) => format!("epoch {}, step {step}", card.epoch),
                None => format!("epoch {}", card.epoch),
            }
        };
        let metrics = run.map(|run| jsonl::read::<MetricRow>(&run.metrics()).unwrap_or_default());
        let epochs = metrics.iter().flatten().map(|row| row.epoch).max();
        Self {
            seconds: after.as_secs_f64(),
            writing: run.is_some_and(is_writing),
            last: run.map_or("no run yet".to_owned(), |run| place(run.last_checkpoint())),
            best: run.map_or("no run yet".to_owned(), |run| place(run.best_checkpoint())),
            metrics: epochs.map_or("none".to_owned(), |epoch| format!("to epoch {epoch}")),
        }
    }
}

/// Kills trainings `count` times; each must come to what `whole` came to. The
/// log is a table.
fn kill_and_compare(mut campaign: Campaign, whole: &RunDir, count: usize) {
    let mut rows = Vec::new();
    let mut runs = 0;
    while rows.len() < count {
        runs += 1;
        let name = format!("killed-{runs}");
        let (run, kills) = campaign.killed(&name, count - rows.len());
        let case = format!("{name}, {} kills", kills.len());
        assert_same_training(&run, whole, &case);
        println!("{case}: the same, bit for bit");
        rows.extend(kills.into_iter().map(|kill| (runs, kill)));
    }
    println!(
        "\n{} kills of {runs} runs; uninterrupted: {:.1} s",
        rows.len(),
        campaign.whole.as_secs_f64()
    );
    println!("| kill | run | after | writing a checkpoint | `last` | `best` | metrics |");
    println!("|---|---|---|---|---|---|---|");
    for (number, (run, kill)) in rows.iter().enumerate() {
        println!("| {} | {run} | {kill} |", number + 1);
    }
}

/// All that has a memory, in a network that takes seconds.
pub const SETTINGS: [&str; 8] = [
    "model.layers=[{rescale: {scale: 0.00392156862745098}}, \
     {conv2d: {filters: 32, kernel: 3, padding: same, use_bias: false}}, {batch_norm: {momentum: 0.9}}, \
     {activation: relu}, {max_pool2d: {}}, {dropout: {rate: 0.3}}, \
     {conv2d: {filters: 32, kernel: 3, padding: same, activation: relu}}, {max_pool2d: {}}, \
     {flatten: {}}, {dense: {units: 256, activation: relu}}, {dropout: {rate: 0.3}}, {dense: {units: classes}}]",
    "train.epochs=12",
    "train.batch_size=3",
    "train.accumulate=2",
    "train.ema=0.95",
    "train.learning_rate={reduce_on_plateau: {initial: 0.001, patience: 1, factor: 0.5}}",
    "train.early_stopping={monitor: val_loss, patience: 8, restore_best: true}",
    "train.checkpoint={every_steps: 3, monitor: val_loss}",
];

#[test]
fn a_training_that_is_killed_and_goes_on_is_the_whole_one_bit_for_bit() {
    let project = Project::prepared();
    let mut args = vec![project.pipeline().display().to_string()];
    args.extend(SETTINGS.into_iter().flat_map(|text| ["--set".to_owned(), text.to_owned()]));
    let seed = rand::rng().random();
    println!("seed {seed}");
    let (campaign, whole) = Campaign::new(&project.path("artifacts"), args, seed);
    kill_and_compare(campaign, &whole, 6);
}

/// `make resume-campaign`: of any pipeline whose cache is there. `CAMPAIGN` has
/// what `train` is given, as a shell reads it.
#[test]
#[ignore = "takes minutes"]
fn resume_campaign() {
    let number = |name: &str, usual| env::var(name).map_or(usual, |text| text.parse().unwrap());
    let args = env::var("CAMPAIGN").expect("CAMPAIGN has what `train` is given");
    let args = shlex::split(&args).expect("CAMPAIGN is as a shell reads it");
    let seed = number("CAMPAIGN_SEED", rand::rng().random());
    println!("seed {seed}");
    let (campaign, whole) = Campaign::new(&workspace().join("artifacts"), args, seed);
    kill_and_compare(campaign, &whole, number("CAMPAIGN_KILLS", 20) as usize);
}
