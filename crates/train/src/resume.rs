//! A run that goes on: which one, whether it may, and what it begins with.

use crate::{
    TrainError,
    evaluate_run::check_origin,
    loop_state::{Circumstances, LoopState},
    observer::Resumption,
    run::Outcome,
    watch::EarlyStopping,
};
use serde::Deserialize;
use shoebox_artifact::{
    ArtifactError, Artifacts, CampaignDir, RunDir,
    fingerprint::short,
    jsonl,
    lock::Lock,
    records::{CampaignPart, RunRecord, RunStatus},
};
use shoebox_model::Checkpoint;
use shoebox_spec::{BatchSize, Difference, PipelineSpec};
use std::path::{Path, PathBuf};

/// Which run is to go on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Resume {
    /// The run of the pipeline's name that was started last.
    Latest,
    /// A run's folder or name.
    Run(PathBuf),
}

/// Keys that may have another value when a run goes on: when it ends, when it
/// is saved, and where it is computed. All others would make of it a run that
/// no pipeline describes.
const FREE_KEYS: [&str; 7] = [
    "train.epochs",
    "train.early_stopping.patience",
    "train.checkpoint.every_steps",
    "train.device",
    "train.threads",
    "data.residency",
    "train.tensorboard",
];

/// The same for a campaign, whose runs are to be alike.
const FREE_IN_CAMPAIGNS: [&str; 5] = [
    "train.checkpoint.every_steps",
    "train.device",
    "train.threads",
    "data.residency",
    "train.tensorboard",
];

/// A run that is ours to go on with.
#[derive(Debug)]
pub(crate) struct Resumed {
    pub run: RunDir,
    /// As the last program left it.
    pub record: RunRecord,
    /// `None` where no step is left: the run begins anew.
    pub last: Option<Last>,
    spec_changes: Vec<String>,
    _lock: Lock,
}

/// What `last.safetensors` holds.
#[derive(Debug)]
pub(crate) struct Last {
    pub checkpoint: Checkpoint,
    pub state: LoopState,
}

impl Resumed {
    /// Finds and locks the run, and sees that `spec` is its own. A batch size
    /// that was found for it stays.
    pub fn open(
        which: &Resume,
        artifacts: &Artifacts,
        spec: &mut PipelineSpec,
    ) -> Result<Self, TrainError> {
        let run = match which {
            Resume::Latest => artifacts.newest_run_of(&spec.name)?,
            Resume::Run(name) => artifacts.find_run(name)?,
        };
        if let Some(CampaignPart { name: campaign, .. }) = RunRecord::read(&run.record())?.campaign
        {
            return Err(TrainError::PartOfCampaign { path: run.path().to_owned(), campaign });
        }
        Self::of(run, spec)
    }

    /// Locks the run, a campaign's perhaps, and sees that `spec` is its own.
    pub fn of(run: RunDir, spec: &mut PipelineSpec) -> Result<Self, TrainError> {
        let lock = run.lock()?;
        run.remove_stale_files();
        let record = RunRecord::read(&run.record())?;
        if let (BatchSize::Auto, Some(found)) = (spec.train.batch_size, batch_size(&record)) {
            spec.train.batch_size = BatchSize::Count(found);
        }
        let spec_changes = check_spec(run.path(), spec.differences_from(&record.spec), &FREE_KEYS)?;
        let last = Last::read(&run, &record)?;
        let resumed = Self { run, record, last, spec_changes, _lock: lock };
        resumed.check_epochs(spec)?;
        Ok(resumed)
    }

    /// Whether the run went through to its end, and `spec` asks for no more.
    pub fn has_ended(&self, spec: &PipelineSpec) -> bool {
        self.was_through() && self.last.as_ref().is_none_or(|last| last.state.has_ended(spec))
    }

    /// # Errors
    /// [`TrainError::OtherCache`] unless the run was trained on the cache of
    /// this fingerprint.
    pub fn check_cache(&self, fingerprint: &str, pipeline: &Path) -> Result<(), TrainError> {
        check_cache(self.run.path(), &self.record.cache_fingerprint, fingerprint, pipeline)
    }

    /// What a run that has ended came to.
    pub fn outcome(self) -> Outcome {
        Outcome { run: self.run, record: self.record, had_ended: true }
    }

    /// What `record`, of the program that goes on from `last`, takes over.
    pub fn carry_over(&self, record: &mut RunRecord, last: Option<&Last>) {
        let RunRecord { started, resumed, head_first, .. } = self.record.clone();
        record.started = started;
        record.resumed = resumed + 1;
        record.head_first = head_first.filter(|_| last.is_some());
        record.best_epoch = last.and_then(|last| last.state.best).map(|best| best.epoch);
    }

    /// What there is to say about it, in the circumstances of `now`.
    pub fn resumption(&self, last: Option<&Last>, now: &Circumstances) -> Resumption {
        let state = last.map(|last| &last.state);
        Resumption {
            epoch: state.map_or(0, |state| state.epoch),
            batches: state.and_then(|state| state.under_way).map_or(0, |part| part.batches),
            spec_changes: self.spec_changes.clone(),
            circumstances: state.map_or_else(Vec::new, |state| state.circumstances.changes(now)),
        }
    }

    /// No epoch that has begun may be beyond the last, nor one whose weights
    /// are the best: a program that was killed may have got that far.
    fn check_epochs(&self, spec: &PipelineSpec) -> Result<(), TrainError> {
        let Some(Last { state, .. }) = &self.last else { return self.check_beginning() };
        let mut begun = state.epoch + u32::from(state.under_way.is_some());
        if let Some(best) = state.best {
            let path = self.run.best_checkpoint();
            let card = Checkpoint::read(&path)?.card;
            check_origin(&path, &card, &self.record)?;
            if card.epoch < best.epoch {
                let fact = format!("it is of epoch {}, the best one is {}", card.epoch, best.epoch);
                return Err(TrainError::Mismatch { path, fact });
            }
            begun = begun.max(card.epoch);
        }
        let epochs = spec.train.epochs;
        if epochs < begun {
            let path = self.run.path().to_owned();
            return Err(TrainError::TooFewEpochs { path, begun, epochs });
        }
        Ok(())
    }

    /// Without a last checkpoint a run begins anew; not one that has ended.
    fn check_beginning(&self) -> Result<(), TrainError> {
        if !self.was_through() || self.spec_changes.is_empty() {
            return Ok(());
        }
        let (path, fact) = (self.run.last_checkpoint(), "without it the run cannot go on");
        let remedy = "train anew without --resume".to_owned();
        Err(ArtifactError::Missing { path, fact, remedy }.into())
    }

    /// Whether the program before went through to the end of what it was asked for.
    fn was_through(&self) -> bool {
        matches!(self.record.status, RunStatus::Finished | RunStatus::StoppedEarly)
    }
}

impl Last {
    /// Reads the run's last checkpoint, where there is one.
    fn read(run: &RunDir, record: &RunRecord) -> Result<Option<Self>, TrainError> {
        let path = run.last_checkpoint();
        if !path.is_file() {
            return Ok(None);
        }
        let checkpoint = Checkpoint::read(&path)?;
        check_origin(&path, &checkpoint.card, record)?;
        let state = checkpoint.card.loop_state.clone().unwrap_or_default();
        let state = serde_json::from_value(state).map_err(|error| ArtifactError::Malformed {
            path,
            fact: format!("its loop_state is not one to go on from: {error}"),
            remedy: "use the Shoebox that trained it, or train anew without --resume",
        })?;
        Ok(Some(Self { checkpoint, state }))
    }
}

impl LoopState {
    /// Whether `spec` asks for no step more.
    fn has_ended(&self, spec: &PipelineSpec) -> bool {
        let has_stopped = |stopping: &shoebox_spec::EarlyStopping| {
            let mut watched = EarlyStopping::new(stopping);
            watched.remember(self.early_stopping.unwrap_or_default());
            watched.has_stopped()
        };
        self.epoch >= spec.train.epochs
            || spec.train.early_stopping.as_ref().is_some_and(has_stopped)
    }
}

/// Takes out the metrics of later epochs than the first `epochs`, which are
/// trained again.
pub(crate) fn trim_metrics(run: &RunDir, epochs: u32) -> Result<(), TrainError> {
    #[derive(Deserialize)]
    struct Row {
        epoch: u32,
    }
    Ok(jsonl::retain(&run.metrics(), |row: &Row| row.epoch <= epochs)?)
}

/// What `train.batch_size` came to in a run.
fn batch_size(record: &RunRecord) -> Option<u32> {
    record.spec["train"]["batch_size"].as_u64()?.try_into().ok()
}

/// That a run or campaign in `path`, of the `earlier` cache, is of the one of
/// this fingerprint.
pub(crate) fn check_cache(
    path: &Path,
    earlier: &str,
    fingerprint: &str,
    pipeline: &Path,
) -> Result<(), TrainError> {
    if earlier == fingerprint {
        return Ok(());
    }
    Err(TrainError::OtherCache {
        path: path.to_owned(),
        earlier: short(earlier).to_owned(),
        now: short(fingerprint).to_owned(),
        pipeline: pipeline.display().to_string(),
    })
}

/// That a campaign goes on with its own pipeline.
pub(crate) fn check_campaign_spec(
    folder: &CampaignDir,
    found: Vec<Difference>,
) -> Result<(), TrainError> {
    check_spec(folder.path(), found, &FREE_IN_CAMPAIGNS).map(drop)
}

/// The differences that may be, as text.
fn check_spec(
    path: &Path,
    found: Vec<Difference>,
    free_keys: &[&str],
) -> Result<Vec<String>, TrainError> {
    let (free, fixed): (Vec<_>, Vec<_>) =
        found.into_iter().partition(|found| free_keys.contains(&found.key.as_str()));
    let text = |found: Vec<Difference>| found.iter().map(Difference::to_string).collect();
    if fixed.is_empty() {
        return Ok(text(free));
    }
    Err(TrainError::OtherSpec {
        path: path.to_owned(),
        differences: text(fixed),
        free: free_keys.join(", "),
    })
}
