//! A small real project on disk: pictures, a pipeline, artifacts.

use crate::draw;
use shoebox_artifact::{
    Artifacts, RunDir, atomic, fingerprint,
    records::{CampaignKind, Member, RatePoint},
};
use shoebox_cache::TensorCache;
use shoebox_prep::{PrepError, Summary, Verified, progress::Silent};
use shoebox_spec::PipelineSpec;
use shoebox_train::{
    CampaignObserver, CampaignOutcome, CampaignStart, EpochSummary, HeadEpoch, Observer, Outcome,
    RangeTest, RangeTestObserver, Resume, RunStart, StepProgress, TrainError, TrainOptions,
};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, MutexGuard, atomic::AtomicBool},
};
use tempfile::TempDir;

/// The classes of a [`Project`].
pub const CLASSES: [&str; 2] = ["discs", "stripes"];

/// Pictures per class.
const COUNTS: [(&str, u64); 3] = [("train", 24), ("val", 10), ("test", 6)];

/// `FOLDER` stands for the project's folder.
const PIPELINE: &str = "\
name: tiny
seed: 7
data:
  train: FOLDER/data/train
  val: FOLDER/data/val
  test: FOLDER/data/test
  image_size: 24
model:
  layers:
    - rescale: {scale: 0.00392156862745098}
    - conv2d: {filters: 8, kernel: 3, activation: relu}
    - max_pool2d: {size: 2}
    - conv2d: {filters: 8, kernel: 3, activation: relu}
    - max_pool2d: {size: 2}
    - dropout: {rate: 0.1}
    - flatten: {}
    - dense: {units: classes}
train:
  device: cpu
  threads: 1
  batch_size: 8
  epochs: 5
  learning_rate: {constant: 0.005}
";

/// A folder with `data/`, `pipeline.yaml` and `artifacts/`, gone when dropped.
#[derive(Debug)]
pub struct Project {
    folder: TempDir,
}

impl Project {
    /// A project of 48 training, 20 val and 12 test pictures, JPEG and PNG
    /// files in turn, that nothing has been done with.
    pub fn new() -> Self {
        let project = Self { folder: tempfile::tempdir().expect("a temporary folder") };
        for (split, count) in COUNTS {
            for (class, name) in CLASSES.into_iter().enumerate() {
                for number in 0..count {
                    let file = ["jpg", "png"][number as usize % 2];
                    let seed = number + 1000 * split.len() as u64;
                    let path = project.path(&format!("data/{split}/{name}/{number}.{file}"));
                    save(&path, class, seed);
                }
            }
        }
        let folder = project.path("").display().to_string();
        let text = PIPELINE.replace("FOLDER", folder.trim_end_matches('/'));
        project.write("pipeline.yaml", text.as_bytes());
        project
    }

    /// A project whose cache is prepared.
    pub fn prepared() -> Self {
        let project = Self::new();
        project.prep(&[]).expect("the drawn pictures are in order");
        project
    }

    /// The file or folder `name` of the project.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// `pipeline.yaml`.
    pub fn pipeline(&self) -> PathBuf {
        self.path("pipeline.yaml")
    }

    /// What the stages leave behind.
    pub fn artifacts(&self) -> Artifacts {
        Artifacts::new(self.path("artifacts"))
    }

    /// Writes a file of the project, the folders to it as well.
    pub fn write(&self, name: &str, bytes: &[u8]) {
        atomic::write(&self.path(name), bytes).expect("the temporary folder can be written to");
    }

    /// Replaces the first `from` of the pipeline by `to`.
    pub fn edit_pipeline(&self, from: &str, to: &str) {
        let text = fs::read_to_string(self.pipeline()).expect("the pipeline is there");
        assert!(text.contains(from), "`{from}` is not in the pipeline");
        self.write("pipeline.yaml", text.replacen(from, to, 1).as_bytes());
    }

    /// Changes the bytes of a file of the project.
    pub fn damage(&self, path: &Path, change: impl FnOnce(&mut Vec<u8>)) {
        let mut bytes = fs::read(path).expect("the file is there");
        change(&mut bytes);
        atomic::write(path, &bytes).expect("the temporary folder can be written to");
    }

    /// The pipeline, with `--set` assignments.
    pub fn spec(&self, assignments: &[&str]) -> PipelineSpec {
        shoebox_spec::load(&self.pipeline(), &owned(assignments)).expect("the pipeline is in order")
    }

    /// What the program `prep` does.
    ///
    /// # Errors
    /// As [`shoebox_prep::run()`].
    pub fn prep(&self, assignments: &[&str]) -> Result<Summary, PrepError> {
        let data = shoebox_spec::load(&self.pipeline(), &owned(assignments))?.data;
        let options = shoebox_prep::Options {
            data,
            pipeline: "pipeline.yaml".to_owned(),
            artifacts: self.path("artifacts"),
        };
        shoebox_prep::run(&options, &Silent)
    }

    /// What `prep --verify` does.
    ///
    /// # Errors
    /// As [`shoebox_prep::verify()`].
    pub fn verify(&self) -> Result<Verified, PrepError> {
        shoebox_prep::verify(&self.artifacts(), &self.spec(&[]).data)
    }

    /// The folder of the project's one cache.
    pub fn cache_folder(&self) -> PathBuf {
        let mut folders = children(&self.path("artifacts/cache"));
        folders.retain(|path| path.join("manifest.json").is_file());
        assert_eq!(folders.len(), 1, "caches: {folders:?}");
        folders.swap_remove(0)
    }

    /// The project's one cache.
    pub fn cache(&self) -> TensorCache {
        TensorCache::open(&self.cache_folder()).expect("the cache is in order")
    }

    /// What the program `train` does.
    ///
    /// # Errors
    /// As [`shoebox_train::train`].
    pub fn train(&self, assignments: &[&str]) -> Result<Outcome, TrainError> {
        self.train_with(assignments, None, Default::default(), &mut Quiet)
    }

    /// The same, going on with a run perhaps, until `interrupt` is set.
    ///
    /// # Errors
    /// As [`shoebox_train::train`].
    pub fn train_with(
        &self,
        assignments: &[&str],
        resume: Option<Resume>,
        interrupt: Arc<AtomicBool>,
        observer: &mut dyn Observer,
    ) -> Result<Outcome, TrainError> {
        let _guard = one_at_a_time();
        let options = TrainOptions { resume, interrupt, ..self.train_options(assignments) };
        shoebox_train::train(&options, observer)
    }

    /// What `train --seeds` and `train --folds` do.
    ///
    /// # Errors
    /// As [`shoebox_train::train_campaign`].
    pub fn campaign(
        &self,
        kind: CampaignKind,
        assignments: &[&str],
    ) -> Result<CampaignOutcome, TrainError> {
        let _guard = one_at_a_time();
        shoebox_train::train_campaign(&self.train_options(assignments), kind, &mut Quiet)
    }

    /// What `train --find-lr` does, perhaps interrupted before its first step.
    ///
    /// # Errors
    /// As [`shoebox_train::find_learning_rate`].
    pub fn find_lr(&self, assignments: &[&str], interrupt: bool) -> Result<RangeTest, TrainError> {
        let _guard = one_at_a_time();
        let options = TrainOptions {
            interrupt: Arc::new(AtomicBool::new(interrupt)),
            ..self.train_options(assignments)
        };
        shoebox_train::find_learning_rate(&options, &mut Quiet)
    }

    fn train_options(&self, assignments: &[&str]) -> TrainOptions {
        TrainOptions {
            pipeline: self.pipeline(),
            artifacts: self.path("artifacts"),
            assignments: owned(assignments),
            verify: false,
            resume: None,
            interrupt: Default::default(),
        }
    }

    /// Trains an epoch and returns the run.
    pub fn short_run(&self) -> RunDir {
        self.train(&["train.epochs=1"]).expect("the project is prepared").run
    }

    /// The runs, in the order of their names.
    pub fn runs(&self) -> Vec<PathBuf> {
        children(&self.path("artifacts/runs"))
    }

    /// `text` with neutral names for the project's folder, caches and runs, so
    /// that it is the same on any machine and day.
    pub fn neutral(&self, text: &str) -> String {
        let folder = self.folder.path().display().to_string();
        let mut text = text.replace(&format!("{folder}/"), "").replace(&folder, ".");
        for run in [self.runs(), children(&self.path("artifacts/campaigns"))].concat() {
            text = text.replace(&name(&run), "tiny-20261124T044000Z-1f3a");
        }
        for cache in children(&self.path("artifacts/cache")) {
            if name(&cache).len() == FINGERPRINT.len() {
                text = text.replace(&name(&cache), FINGERPRINT);
            }
        }
        text
    }
}

/// The seed is libtorch's, and libtorch's generator is the process's.
fn one_at_a_time() -> MutexGuard<'static, ()> {
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    // A test that failed while it trained has left nothing half done here.
    ONE_AT_A_TIME.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

impl Default for Project {
    fn default() -> Self {
        Self::new()
    }
}

/// Stands for the 16 digits of any cache.
const FINGERPRINT: &str = "60d3c2a1f4e5b697";

fn children(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut children: Vec<_> = entries.map(|entry| entry.path()).collect();
    children.sort();
    children
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

fn save(path: &Path, class: usize, seed: u64) {
    fs::create_dir_all(path.parent().expect("it has a folder")).expect("a temporary folder");
    draw(class, seed).save(path).expect("a temporary folder can be written to");
}

fn owned(assignments: &[&str]) -> Vec<String> {
    assignments.iter().map(|&text| text.to_owned()).collect()
}

/// Every file below `folder`, with the digest of its content: equal before and
/// after what must lose nothing. Lock files, which hold nothing, are left out.
pub fn contents(folder: &Path) -> BTreeMap<PathBuf, String> {
    let mut files = BTreeMap::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let path = entry.path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_none_or(|kind| kind != "lock")
                && entry.file_name() != ".lock"
            {
                let digest = fingerprint::digest_file(&path).expect("the file can be read");
                files.insert(path, digest);
            }
        }
    }
    files
}

/// Listens to training and says nothing.
#[derive(Debug)]
pub struct Quiet;

impl Observer for Quiet {
    fn start(&mut self, _start: &RunStart<'_>) {}
    fn features(&mut self, _done: usize, _all: usize) {}
    fn head_epoch(&mut self, _epoch: &HeadEpoch) {}
    fn step(&mut self, _progress: &StepProgress) {}
    fn epoch(&mut self, _summary: &EpochSummary) {}
}

impl CampaignObserver for Quiet {
    fn campaign(&mut self, _start: &CampaignStart<'_>) {}
    fn member(&mut self, _number: u32, _kind: CampaignKind) {}
    fn member_ended(&mut self, _number: u32, _kind: CampaignKind, _member: &Member) {}
}

impl RangeTestObserver for Quiet {
    fn rate(&mut self, _point: &RatePoint, _steps: u32) {}
}
