//! Where everything is: the only code that spells a file name.

use crate::{
    ArtifactError, atomic, fingerprint,
    lock::Lock,
    records::{Manifest, RunRecord},
};
use std::{
    ffi::OsStr,
    fs, io,
    path::{Path, PathBuf},
};

/// The `artifacts` folder.
#[derive(Debug, Clone)]
pub struct Artifacts {
    root: PathBuf,
}

impl Artifacts {
    /// The artifacts below `root`, which need not exist yet.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        Self { root: root.into() }
    }

    /// The folder itself.
    pub fn root(&self) -> &Path {
        &self.root
    }

    /// The cache of this fingerprint.
    pub fn cache(&self, digest: &str) -> PathBuf {
        self.root.join("cache").join(fingerprint::short(digest))
    }

    /// The published weights of a network, which `make weights` leaves.
    pub fn weights(&self, network: &str) -> PathBuf {
        self.root.join("weights").join(format!("{network}.safetensors"))
    }

    /// Every cache there is, in the order of their names.
    pub fn caches(&self) -> Vec<PathBuf> {
        let entries = fs::read_dir(self.root.join("cache")).into_iter().flatten().flatten();
        let mut caches: Vec<_> = entries
            .map(|entry| entry.path())
            .filter(|path| path.join(Manifest::FILE).is_file())
            .filter(|path| path.file_name().is_some_and(|name| !is_hidden(name)))
            .collect();
        caches.sort();
        caches
    }

    /// The folder in which a run of `prep` keeps rows until it knows where
    /// they belong.
    pub fn spool(&self) -> PathBuf {
        self.root.join("cache/spool")
    }

    /// What the cache for a data section was built from. `key` is the digest
    /// of that section; see [`crate::records::Sources`].
    pub fn sources(&self, key: &str) -> PathBuf {
        self.sources_folder().join(format!("{}.jsonl", fingerprint::short(key)))
    }

    /// Which files of rows are known to be right; see
    /// [`crate::records::Checked`].
    pub fn checked(&self) -> PathBuf {
        self.root.join("cache/checked.json")
    }

    /// Which cache the pipeline of this name uses; see
    /// [`crate::records::Prepared`].
    pub fn prepared(&self, pipeline: &str) -> PathBuf {
        let digest = fingerprint::digest(pipeline.as_bytes());
        self.prepared_folder().join(format!("{}.json", fingerprint::short(&digest)))
    }

    /// Every record of which cache a pipeline uses.
    pub fn all_prepared(&self) -> Vec<PathBuf> {
        published(&self.prepared_folder(), "json")
    }

    /// Every record of what a cache was built from.
    pub fn all_sources(&self) -> Vec<PathBuf> {
        published(&self.sources_folder(), "jsonl")
    }

    /// Removes what killed runs of `prep` have left of single files. To be
    /// called with the caches' lock.
    pub fn remove_stale_files(&self) {
        [self.root.join("cache"), self.prepared_folder(), self.sources_folder()]
            .iter()
            .for_each(|folder| atomic::remove_stale(folder));
    }

    fn prepared_folder(&self) -> PathBuf {
        self.root.join("cache/pipelines")
    }

    fn sources_folder(&self) -> PathBuf {
        self.root.join("cache/sources")
    }

    /// Every run there is, in the order of their names.
    pub fn runs(&self) -> Vec<RunDir> {
        let entries = fs::read_dir(self.root.join("runs")).into_iter().flatten().flatten();
        let mut runs: Vec<_> = entries
            .map(|entry| RunDir { path: entry.path() })
            .filter(|run| run.record().is_file())
            .collect();
        runs.sort_by(|a, b| a.path.cmp(&b.path));
        runs
    }

    /// The folder of the comparison of these runs, by the first one's name and
    /// a digest of all.
    pub fn comparison(&self, runs: &[String]) -> PathBuf {
        let digest = fingerprint::digest(runs.join("/").as_bytes());
        let first = runs.first().map_or("none", String::as_str);
        self.comparisons().join(format!("{first}-vs-{}", &digest[..4]))
    }

    fn comparisons(&self) -> PathBuf {
        self.root.join("comparisons")
    }

    /// Takes the lock that the one writer of comparisons holds.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] while another `report --compare` is at work.
    pub fn lock_comparisons(&self) -> Result<Lock, ArtifactError> {
        Lock::acquire(&self.comparisons().join(".lock"))
    }

    /// Takes the lock that the one writer of caches holds.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] while another `prep` is at work.
    pub fn lock_caches(&self) -> Result<Lock, ArtifactError> {
        Lock::acquire(&self.root.join("cache/.lock"))
    }

    /// A new, empty run folder `runs/<name>-<UTC>-<id4>`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when it cannot be made.
    pub fn create_run(&self, name: &str) -> Result<RunDir, ArtifactError> {
        let runs = self.root.join("runs");
        let path = runs.join(stamped(name));
        // The runs' folder first: an error is to name what is in the way.
        for folder in [runs, path.join("checkpoints"), path.join("predictions")] {
            fs::create_dir_all(&folder).map_err(ArtifactError::io(&folder, "make the folder"))?;
        }
        Ok(RunDir { path })
    }

    /// A new, empty campaign folder `campaigns/<name>-<UTC>-<id4>`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when it cannot be made.
    pub fn create_campaign(&self, name: &str) -> Result<CampaignDir, ArtifactError> {
        let campaigns = self.root.join("campaigns");
        let path = campaigns.join(stamped(name));
        for folder in [campaigns, path.join("predictions")] {
            fs::create_dir_all(&folder).map_err(ArtifactError::io(&folder, "make the folder"))?;
        }
        Ok(CampaignDir { path })
    }

    /// The campaign that `name` means, if it means one: the path of its folder,
    /// or its name below this artifacts folder.
    pub fn find_campaign(&self, name: &Path) -> Option<CampaignDir> {
        let candidates = [name.to_owned(), self.root.join("campaigns").join(name)];
        let found = candidates.into_iter().find(|path| path.join("campaign.json").is_file());
        found.map(|path| CampaignDir { path })
    }

    /// A new, empty folder `range-tests/<name>-<UTC>-<id4>`.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when it cannot be made.
    pub fn create_range_test(&self, name: &str) -> Result<RangeTestDir, ArtifactError> {
        let path = self.root.join("range-tests").join(stamped(name));
        fs::create_dir_all(&path).map_err(ArtifactError::io(&path, "make the folder"))?;
        Ok(RangeTestDir { path })
    }

    /// The range test that `name` means, if it means one: the path of its
    /// folder, or its name below this artifacts folder.
    pub fn find_range_test(&self, name: &Path) -> Option<RangeTestDir> {
        let candidates = [name.to_owned(), self.root.join("range-tests").join(name)];
        let found = candidates.into_iter().find(|path| path.join("find_lr.json").is_file());
        found.map(|path| RangeTestDir { path })
    }

    /// The run of this name, be it there or not.
    pub fn run(&self, name: &str) -> RunDir {
        RunDir { path: self.root.join("runs").join(name) }
    }

    /// The run that was started last.
    ///
    /// # Errors
    /// [`ArtifactError::Missing`] when there is none.
    pub fn newest_run(&self) -> Result<RunDir, ArtifactError> {
        self.newest(|_| true).ok_or_else(|| ArtifactError::Missing {
            path: self.root.join("runs"),
            fact: "there is no run",
            remedy: "run `train pipelines/sneakers.yaml` first".to_owned(),
        })
    }

    /// The run of the pipeline `name` that was started last, parts of campaigns
    /// aside.
    ///
    /// # Errors
    /// [`ArtifactError::Missing`] when there is none.
    pub fn newest_run_of(&self, name: &str) -> Result<RunDir, ArtifactError> {
        let is_part = |path: &Path| {
            RunRecord::read(&path.join("run.json")).is_ok_and(|record| record.campaign.is_some())
        };
        self.newest(|path| pipeline_name(path) == Some(name) && !is_part(path)).ok_or_else(|| {
            ArtifactError::Missing {
                path: self.root.join("runs"),
                fact: "there is no run of this pipeline's name",
                remedy: "leave --resume out to start one".to_owned(),
            }
        })
    }

    fn newest(&self, is_meant: impl Fn(&Path) -> bool) -> Option<RunDir> {
        let started = |path: &Path| {
            fs::metadata(path.join("run.json"))
                .and_then(|file| file.created().or_else(|_| file.modified()))
        };
        let entries = fs::read_dir(self.root.join("runs")).into_iter().flatten().flatten();
        let runs = entries.map(|entry| entry.path());
        runs.filter(|path| path.join("run.json").is_file() && is_meant(path))
            .max_by_key(|path| (run_stamp(path), started(path).ok()))
            .map(|path| RunDir { path })
    }

    /// The run that `name` means: the path of a run folder, or a run's name
    /// below this artifacts folder.
    ///
    /// # Errors
    /// [`ArtifactError::Missing`] when there is no such run.
    pub fn find_run(&self, name: &Path) -> Result<RunDir, ArtifactError> {
        let candidates = [name.to_owned(), self.root.join("runs").join(name)];
        candidates
            .into_iter()
            .find(|path| path.join("run.json").is_file())
            .map(|path| RunDir { path })
            .ok_or_else(|| ArtifactError::Missing {
                path: name.to_owned(),
                fact: "this is no run (there is no run.json in it)",
                remedy: format!("pass a folder of {}", self.root.join("runs").display()),
            })
    }
}

/// The files in `folder` with this extension, in the order of their names,
/// without those that are still being written.
fn published(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let mut paths: Vec<_> = entries
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|found| found == extension))
        .filter(|path| path.file_name().is_some_and(|name| !is_hidden(name)))
        .collect();
    paths.sort();
    paths
}

fn is_hidden(name: &OsStr) -> bool {
    name.as_encoded_bytes().starts_with(b".")
}

/// `<name>-<UTC>-<id4>`, which is new.
fn stamped(name: &str) -> String {
    let now = jiff::Timestamp::now();
    let identity = format!("{}-{}", now.as_nanosecond(), std::process::id());
    let id = &fingerprint::digest(identity.as_bytes())[..4];
    format!("{name}-{}-{id}", now.strftime("%Y%m%dT%H%M%SZ"))
}

/// The UTC stamp in `name-20261124T044000Z-1f3a`.
fn run_stamp(path: &Path) -> Option<String> {
    let name = path.file_name()?.to_str()?;
    name.rsplit('-').nth(1).map(str::to_owned)
}

/// `name` in the same.
fn pipeline_name(path: &Path) -> Option<&str> {
    let mut parts = path.file_name()?.to_str()?.rsplitn(3, '-');
    parts.nth(2)
}

/// The folder of one training run: the only way to name a file of a run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunDir {
    path: PathBuf,
}

impl RunDir {
    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's name, which names the run.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// The spec as the user gave it.
    pub fn pipeline(&self) -> PathBuf {
        self.path.join("pipeline.yaml")
    }

    /// The [`crate::records::RunRecord`].
    pub fn record(&self) -> PathBuf {
        self.path.join("run.json")
    }

    /// One [`crate::records::MetricRow`] a line.
    pub fn metrics(&self) -> PathBuf {
        self.path.join("metrics.jsonl")
    }

    /// The same as a table, which [`crate::records::write_metrics_table`] writes.
    pub fn metrics_table(&self) -> PathBuf {
        self.path.join("metrics.csv")
    }

    /// Some training pictures beside what augmentation makes of them.
    pub fn augmented(&self) -> PathBuf {
        self.path.join("augmented.png")
    }

    /// The folder of TensorBoard's event files about `split`; see
    /// [`crate::events`].
    pub fn tensorboard(&self, split: &str) -> PathBuf {
        self.path.join("tensorboard").join(split)
    }

    /// The weights of the best epoch, with all that prediction needs.
    pub fn best_checkpoint(&self) -> PathBuf {
        self.path.join("checkpoints/best.safetensors")
    }

    /// The same, where an epoch has ended.
    ///
    /// # Errors
    /// [`ArtifactError::Missing`] where none has.
    pub fn find_best_checkpoint(&self) -> Result<PathBuf, ArtifactError> {
        let path = self.best_checkpoint();
        if path.is_file() {
            return Ok(path);
        }
        let (fact, remedy) = ("no epoch has ended yet", "wait for the first one, or train again");
        Err(ArtifactError::Missing { path, fact, remedy: remedy.to_owned() })
    }

    /// Weights, optimizer and loop state of the last epoch.
    pub fn last_checkpoint(&self) -> PathBuf {
        self.path.join("checkpoints/last.safetensors")
    }

    /// One [`crate::records::Prediction`] a line, of the best weights on `split`.
    pub fn predictions(&self, split: &str) -> PathBuf {
        self.path.join("predictions").join(format!("{split}.csv"))
    }

    /// Takes away the last epoch's checkpoint, where there is one.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn remove_last_checkpoint(&self) -> Result<(), ArtifactError> {
        let path = self.last_checkpoint();
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                Err(ArtifactError::io(&path, "remove")(error))
            }
            _ => Ok(()),
        }
    }

    /// The report's folder.
    pub fn report(&self) -> PathBuf {
        self.path.join("report")
    }

    /// Removes what killed programs have left of single files. To be called
    /// with the run's lock.
    pub fn remove_stale_files(&self) {
        let folders = ["", "checkpoints", "predictions"].map(|name| self.path.join(name));
        folders.iter().for_each(|folder| atomic::remove_stale(folder));
    }

    /// Takes the lock that the one writer of this run holds.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] while another program writes into the run.
    pub fn lock(&self) -> Result<Lock, ArtifactError> {
        Lock::acquire(&self.path.join(".lock"))
    }

    /// Takes the lock that the one writer of this run's report holds: another
    /// one than the run's, since a report of a run at work is welcome.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] while another program writes the report.
    pub fn lock_report(&self) -> Result<Lock, ArtifactError> {
        Lock::acquire(&self.path.join(".report.lock"))
    }
}

/// The folder of several trainings that belong together; each has a [`RunDir`]
/// of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CampaignDir {
    path: PathBuf,
}

impl CampaignDir {
    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The folder's name, which names the campaign.
    pub fn name(&self) -> String {
        self.path.file_name().unwrap_or(self.path.as_os_str()).to_string_lossy().into_owned()
    }

    /// The spec as the user gave it.
    pub fn pipeline(&self) -> PathBuf {
        self.path.join("pipeline.yaml")
    }

    /// The [`crate::records::CampaignRecord`].
    pub fn record(&self) -> PathBuf {
        self.path.join("campaign.json")
    }

    /// One [`crate::records::Prediction`] a line: each picture of all folds by
    /// the network that has not seen it.
    pub fn out_of_fold(&self) -> PathBuf {
        self.path.join("predictions/out_of_fold.csv")
    }

    /// The report's folder.
    pub fn report(&self) -> PathBuf {
        self.path.join("report")
    }

    /// Takes the lock that the one writer of this campaign holds.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] while another program writes into it.
    pub fn lock(&self) -> Result<Lock, ArtifactError> {
        Lock::acquire(&self.path.join(".lock"))
    }

    /// Takes the lock that the one writer of this campaign's report holds.
    ///
    /// # Errors
    /// [`ArtifactError::Locked`] while another program writes the report.
    pub fn lock_report(&self) -> Result<Lock, ArtifactError> {
        Lock::acquire(&self.path.join(".report.lock"))
    }
}

/// The folder of a range test of learning rates.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RangeTestDir {
    path: PathBuf,
}

impl RangeTestDir {
    /// The folder itself.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The spec as the user gave it.
    pub fn pipeline(&self) -> PathBuf {
        self.path.join("pipeline.yaml")
    }

    /// The [`crate::records::RangeTestRecord`].
    pub fn record(&self) -> PathBuf {
        self.path.join("find_lr.json")
    }

    /// One [`crate::records::RatePoint`] a line.
    pub fn points(&self) -> PathBuf {
        self.path.join("find_lr.csv")
    }

    /// The curve, with this ending: `svg` or `png`.
    pub fn chart(&self, ending: &str) -> PathBuf {
        self.path.join(format!("find_lr.{ending}"))
    }
}
