//! Several trainings of one pipeline as one: with different seeds, which tells
//! how much chance there is in a figure, or on different parts of the
//! pictures, which measures each picture by a network that has not seen it.

mod alike;
mod divide;
mod pool;

use crate::{
    TrainError,
    material::Material,
    observer::Observer,
    resume::{Resumed, check_cache, check_campaign_spec},
    run::{Job, Outcome, TrainOptions, train_on},
    setting::Setting,
};
use pool::Pool;
use shoebox_artifact::{
    ArtifactError, CampaignDir, RunDir, atomic, jsonl,
    lock::Lock,
    records::{
        CampaignKind, CampaignPart, CampaignRecord, Evaluation, Member, MetricRow, Prediction,
        RunRecord, RunStatus, read_predictions, write_predictions,
    },
};
use std::{sync::atomic::Ordering, time::Instant};

/// A campaign that is about to start.
#[derive(Debug)]
pub struct CampaignStart<'a> {
    /// Its folder.
    pub campaign: &'a CampaignDir,
    /// What sets its runs apart.
    pub kind: CampaignKind,
    /// The pictures that are divided into folds.
    pub pooled: Option<usize>,
    /// False where folds keep equal files together alone, the audit being off.
    pub knows_alike: bool,
}

/// Hears how a campaign goes.
pub trait CampaignObserver: Observer {
    /// Before the first run.
    fn campaign(&mut self, start: &CampaignStart<'_>);
    /// Before each run, by its number (from 1).
    fn member(&mut self, number: u32, kind: CampaignKind);
    /// After each run.
    fn member_ended(&mut self, number: u32, kind: CampaignKind, member: &Member);
}

/// A campaign that has ended without an error.
#[derive(Debug)]
pub struct CampaignOutcome {
    /// Its folder.
    pub campaign: CampaignDir,
    /// Its runs, and what they come to together.
    pub record: CampaignRecord,
}

/// Trains a pipeline several times. Each training is a run like any other, but
/// for its last checkpoint, which is taken away when it has ended.
///
/// # Errors
/// As [`crate::train`], at the first run that fails; too few pictures for so
/// many folds.
pub fn train_campaign(
    options: &TrainOptions,
    kind: CampaignKind,
    observer: &mut dyn CampaignObserver,
) -> Result<CampaignOutcome, TrainError> {
    let started = Instant::now();
    let spec = shoebox_spec::load(&options.pipeline, &options.assignments)?;
    let setting = Setting::open(options, spec)?;
    let plan = Plan::new(&setting, kind)?;
    let folder =
        setting.artifacts.create_campaign(&setting.spec.name).map_err(TrainError::Unwritable)?;
    let lock = folder.lock()?;
    atomic::write(&folder.pipeline(), &setting.text)?;
    let record = new_record(&setting, kind, &folder)?;
    Campaign { setting: &setting, plan, folder, record, started, seconds_before: 0.0 }
        .go(lock, observer)
}

/// Goes on with a campaign that was interrupted: runs that went to their end
/// stay, the one that did not goes on from where it stood.
///
/// # Errors
/// As [`train_campaign`]; another pipeline or cache than the campaign's.
pub fn resume_campaign(
    options: &TrainOptions,
    folder: CampaignDir,
    observer: &mut dyn CampaignObserver,
) -> Result<CampaignOutcome, TrainError> {
    let started = Instant::now();
    let spec = shoebox_spec::load(&options.pipeline, &options.assignments)?;
    let lock = folder.lock()?;
    let mut record = CampaignRecord::read(&folder.record())?;
    check_campaign_spec(&folder, spec.differences_from(&record.spec))?;
    let setting = Setting::open(options, spec)?;
    let fingerprint = &setting.found.cache.manifest().fingerprint;
    check_cache(folder.path(), &record.cache_fingerprint, fingerprint, &options.pipeline)?;
    record.members.retain(|member| member.status != RunStatus::Interrupted);
    record.status = RunStatus::Running;
    let plan = Plan::new(&setting, record.kind)?;
    let seconds_before = record.seconds;
    Campaign { setting: &setting, plan, folder, record, started, seconds_before }.go(lock, observer)
}

/// What the runs work on.
enum Plan<'a> {
    Seeds(Box<Material<'a>>),
    Folds(Pool<'a>),
}

impl<'a> Plan<'a> {
    fn new(setting: &'a Setting<'_>, kind: CampaignKind) -> Result<Self, TrainError> {
        let cache = &setting.found.cache;
        Ok(match kind {
            CampaignKind::Seeds(_) => Self::Seeds(Box::new(Material::of(cache)?)),
            CampaignKind::Folds(folds) => Self::Folds(Pool::new(cache, folds, setting.spec.seed)?),
        })
    }
}

/// A campaign at work.
struct Campaign<'a> {
    setting: &'a Setting<'a>,
    plan: Plan<'a>,
    folder: CampaignDir,
    record: CampaignRecord,
    started: Instant,
    /// Spent by the programs before this one.
    seconds_before: f64,
}

impl Campaign<'_> {
    /// Makes what is missing, and writes what it came to. The lock is held
    /// until then.
    fn go(
        mut self,
        _lock: Lock,
        observer: &mut dyn CampaignObserver,
    ) -> Result<CampaignOutcome, TrainError> {
        self.write()?;
        observer.campaign(&self.start());
        let result = self.run(observer);
        if result.is_err() {
            self.record.status = RunStatus::Failed;
        }
        let written = self.write().map_err(TrainError::explain_write);
        let Self { folder, record, .. } = self;
        result.and(written).map(|()| CampaignOutcome { campaign: folder, record })
    }

    fn start(&self) -> CampaignStart<'_> {
        let pool = match &self.plan {
            Plan::Seeds(_) => None,
            Plan::Folds(pool) => Some(pool),
        };
        CampaignStart {
            campaign: &self.folder,
            kind: self.record.kind,
            pooled: pool.map(Pool::len),
            knows_alike: pool.is_none_or(|pool| pool.knows_alike),
        }
    }

    /// Makes every run that has not been made, until one is interrupted.
    fn run(&mut self, observer: &mut dyn CampaignObserver) -> Result<(), TrainError> {
        let made = self.record.members.len() as u32;
        for number in made + 1..=self.record.kind.count() {
            if self.setting.options.interrupt.load(Ordering::Relaxed) {
                self.record.status = RunStatus::Interrupted;
                return Ok(());
            }
            let kind = self.record.kind;
            observer.member(number, kind);
            let outcome = self.train(number, observer)?;
            let status = outcome.record.status;
            let member = member(number, kind, &outcome)?;
            observer.member_ended(number, kind, &member);
            self.record.members.push(member);
            self.record.summarise();
            if status == RunStatus::Interrupted {
                self.record.status = status;
                return Ok(());
            }
            outcome.run.remove_last_checkpoint()?;
            self.write()?;
        }
        self.record.status = RunStatus::Finished;
        self.write_out_of_fold()
    }

    /// Makes the run of this number, from 1.
    fn train(
        &self,
        number: u32,
        observer: &mut dyn CampaignObserver,
    ) -> Result<Outcome, TrainError> {
        let started = Instant::now();
        let (setting, mut spec) = (self.setting, self.setting.spec.clone());
        let of_fold;
        let material = match &self.plan {
            Plan::Seeds(material) => {
                spec.seed = spec.seed.wrapping_add(u64::from(number - 1));
                &**material
            }
            Plan::Folds(pool) => {
                of_fold = pool.material(number as usize - 1);
                // Fitted on the very pictures that a fold is measured on, they
                // would make it look better than it is.
                spec.evaluate.temperature = false;
                spec.evaluate.reject = None;
                &of_fold
            }
        };
        let part = CampaignPart { name: self.folder.name(), number, kind: self.record.kind };
        let resumed = self.begun(&part).map(|run| Resumed::of(run, &mut spec)).transpose()?;
        let part = Some(part);
        match resumed {
            Some(resumed) if resumed.has_ended(&spec) => Ok(resumed.outcome()),
            resumed => train_on(Job { setting, spec, material, part, started, resumed }, observer),
        }
    }

    /// The run of this part, where a program before has begun it.
    fn begun(&self, part: &CampaignPart) -> Option<RunDir> {
        let is_part = |run: &RunDir| {
            RunRecord::read(&run.record())
                .is_ok_and(|record| record.campaign.as_ref() == Some(part))
        };
        self.setting.artifacts.runs().into_iter().rev().find(is_part)
    }

    fn write(&mut self) -> Result<(), TrainError> {
        self.record.seconds = self.seconds_before + self.started.elapsed().as_secs_f64();
        Ok(atomic::write_json(&self.folder.record(), &self.record)?)
    }

    /// What each fold's network says of its pictures, in the pool's order.
    fn write_out_of_fold(&self) -> Result<(), TrainError> {
        let Plan::Folds(pool) = &self.plan else { return Ok(()) };
        let mut all: Vec<Option<Prediction>> = vec![None; pool.len()];
        for (fold, member) in self.record.members.iter().enumerate() {
            let run = self.setting.artifacts.run(&member.run);
            let (_, predictions) = read_predictions(&run.predictions("val"))?;
            for (row, prediction) in pool.rows(fold).into_iter().zip(predictions) {
                all[row] = Some(prediction);
            }
        }
        let all: Vec<Prediction> = all.into_iter().flatten().collect();
        Ok(write_predictions(&self.folder.out_of_fold(), &self.record.class_names, &all)?)
    }
}

fn new_record(
    setting: &Setting,
    kind: CampaignKind,
    folder: &CampaignDir,
) -> Result<CampaignRecord, TrainError> {
    let manifest = setting.found.cache.manifest();
    Ok(CampaignRecord {
        format_version: CampaignRecord::FORMAT_VERSION,
        kind,
        spec: serde_json::to_value(&setting.spec)
            .map_err(|error| ArtifactError::io(&folder.record(), "write")(error.into()))?,
        cache_fingerprint: manifest.fingerprint.clone(),
        class_names: manifest.class_names.clone(),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        seconds: 0.0,
        status: RunStatus::Running,
        members: Vec::new(),
        figures: Vec::new(),
        pooled: Vec::new(),
    })
}

/// What the campaign keeps of a run.
fn member(number: u32, kind: CampaignKind, outcome: &Outcome) -> Result<Member, TrainError> {
    let RunRecord { seed, status, best_epoch, seconds, evaluations, .. } = &outcome.record;
    let rows = epochs(&outcome.run)?;
    let count = evaluations.iter().find(|one| one.split == "val").map(|one| one.count);
    let last = rows.last().zip(count).map(|(row, count)| Evaluation {
        split: "val".to_owned(),
        count,
        // A share of a known number of samples is a whole number of them.
        correct: (row.accuracy * count as f64).round() as u64,
        loss: row.loss,
        ..Evaluation::default()
    });
    Ok(Member {
        run: outcome.run.name(),
        seed: *seed,
        fold: matches!(kind, CampaignKind::Folds(_)).then_some(number),
        status: *status,
        epochs: rows.len() as u32,
        best_epoch: *best_epoch,
        seconds: *seconds,
        evaluations: evaluations.clone(),
        last,
    })
}

/// What val was measured to be after each epoch.
fn epochs(run: &RunDir) -> Result<Vec<MetricRow>, TrainError> {
    let path = run.metrics();
    let rows: Vec<MetricRow> = if path.is_file() { jsonl::read(&path)? } else { Vec::new() };
    Ok(rows.into_iter().filter(|row| row.split == "val").collect())
}
