//! One training from the pipeline file to the evaluated best weights.

use crate::{
    TrainError,
    accumulate::Groups,
    aside::Aside,
    augment::Augmentation,
    board::Board,
    ema::Ema,
    fit::{Ended, Fit},
    head_first::Head,
    loader::Loader,
    loop_state::Circumstances,
    loss::Loss,
    material::Material,
    measure::Measure,
    observer::{Observer, Resumption, RunStart},
    optimizer::Optimizer,
    resume::{Last, Resume, Resumed, trim_metrics},
    saver::Saver,
    schedule::Schedule,
    setting::Setting,
    step::{batch_size, seeded_network},
    watch::{BestEpoch, EarlyStopping},
};
use shoebox_artifact::{
    ArtifactError, Artifacts, RunDir, atomic,
    records::{CampaignPart, RunRecord, RunStatus, RunVersions},
};
use shoebox_model::{Checkpoint, ModelCard, Network, load_backbone};
use shoebox_spec::{BatchSize, PipelineSpec};
use std::{
    path::PathBuf,
    sync::{Arc, atomic::AtomicBool},
    time::Instant,
};
use tch::Device;

/// What the `train` program is asked to do.
#[derive(Debug, Clone)]
pub struct TrainOptions {
    /// The pipeline file.
    pub pipeline: PathBuf,
    /// The artifacts folder.
    pub artifacts: PathBuf,
    /// `key.path=value` over the spec.
    pub assignments: Vec<String>,
    /// Whether every checksum of the cache is read first.
    pub verify: bool,
    /// The run that is to go on; a new one is made without.
    pub resume: Option<Resume>,
    /// Set from outside to end training after the current step.
    pub interrupt: Arc<AtomicBool>,
}

/// A training that has ended without an error.
#[derive(Debug)]
pub struct Outcome {
    /// The run's folder.
    pub run: RunDir,
    /// How it ended, and how good the best weights are.
    pub record: RunRecord,
    /// Whether it had ended before, and there was nothing left to do.
    pub had_ended: bool,
}

/// Trains the network of a pipeline on its cache.
///
/// # Errors
/// A spec that cannot be, a cache that is missing, changed or damaged, a
/// device that is not usable, a loss that is not a number, a full disk, a run
/// that cannot go on.
pub fn train(options: &TrainOptions, observer: &mut dyn Observer) -> Result<Outcome, TrainError> {
    let started = Instant::now();
    let mut spec = shoebox_spec::load(&options.pipeline, &options.assignments)?;
    let resume = |which| Resumed::open(which, &Artifacts::new(&options.artifacts), &mut spec);
    let mut resumed = options.resume.as_ref().map(resume).transpose()?;
    if let Some(ended) = resumed.take_if(|resumed| resumed.has_ended(&spec)) {
        return Ok(ended.outcome());
    }
    let setting = Setting::open(options, spec)?;
    if let Some(resumed) = &resumed {
        resumed.check_cache(&setting.found.cache.manifest().fingerprint, &options.pipeline)?;
    }
    let material = Material::of(&setting.found.cache)?;
    let spec = setting.spec.clone();
    let (setting, material) = (&setting, &material);
    train_on(Job { setting, spec, material, part: None, started, resumed }, observer)
}

/// One training that is to be made.
pub(crate) struct Job<'a> {
    pub setting: &'a Setting<'a>,
    /// The setting's, perhaps with another seed.
    pub spec: PipelineSpec,
    pub material: &'a Material<'a>,
    /// Of a campaign, where it is one.
    pub part: Option<CampaignPart>,
    pub started: Instant,
    /// The run that goes on; a new one is made without.
    pub resumed: Option<Resumed>,
}

/// Makes one training.
pub(crate) fn train_on(
    mut job: Job<'_>,
    observer: &mut dyn Observer,
) -> Result<Outcome, TrainError> {
    let Job { setting, material, .. } = job;
    let Setting { artifacts, plan, found, .. } = setting;
    let batch_size = batch_size(&job.spec, plan, material, setting.device)?;
    let auto_batch_size = (job.spec.train.batch_size == BatchSize::Auto).then_some(batch_size);
    // The run's record tells what it came to.
    job.spec.train.batch_size = BatchSize::Count(batch_size);
    let network = seeded_network(&job.spec, plan, material, setting.device)?;
    let last = job.resumed.as_mut().and_then(|resumed| resumed.last.take());
    match (&last, &job.spec.model.backbone) {
        (Some(last), _) => last.checkpoint.restore(&network)?,
        (None, Some(backbone)) => load_backbone(&network, backbone, artifacts)?,
        (None, None) => {}
    }

    let run = match &job.resumed {
        Some(resumed) => resumed.run.clone(),
        None => artifacts.create_run(&job.spec.name).map_err(TrainError::Unwritable)?,
    };
    let _lock = job.resumed.is_none().then(|| run.lock()).transpose()?;
    atomic::write(&run.pipeline(), &setting.text)?;
    let circumstances = Circumstances::here(&device_name(setting.device));
    let mut training =
        Training { job: &job, run: &run, network: &network, batch_size, circumstances };
    let (mut record, resumption) = training.begin(last.as_ref())?;
    observer.start(&RunStart {
        run: &run,
        plan,
        groups: network.groups(),
        device: &record.device,
        threads: record.threads,
        auto_batch_size,
        samples: [material.train.len(), material.val.view.len()],
        sources_present: found.sources_present,
        resumed: resumption.as_ref(),
    });
    let result = training
        .fit_and_evaluate(&mut record, last, observer)
        .map_err(|error| error.explain_write().explain_memory(batch_size));
    if result.is_err() {
        record.status = RunStatus::Failed;
    }
    // Where the disk is full this fails too, but the first error tells more.
    let written = training.write(&mut record);
    result.and(written).map(|()| Outcome { run: run.clone(), record, had_ended: false })
}

/// What the parts of one training share.
struct Training<'a> {
    job: &'a Job<'a>,
    run: &'a RunDir,
    network: &'a Network,
    batch_size: u32,
    circumstances: Circumstances,
}

impl Training<'_> {
    /// Writes the run's record before the first step, or the first after
    /// `last`; where it goes on, if it does.
    fn begin(&self, last: Option<&Last>) -> Result<(RunRecord, Option<Resumption>), TrainError> {
        let mut record = self.record()?;
        let resumption = self.job.resumed.as_ref().map(|resumed| {
            resumed.carry_over(&mut record, last);
            resumed.resumption(last, &self.circumstances)
        });
        if let Some(resumption) = &resumption {
            trim_metrics(self.run, resumption.epoch)?;
        }
        self.write(&mut record)?;
        Ok((record, resumption))
    }

    /// The record of a new run.
    fn record(&self) -> Result<RunRecord, TrainError> {
        let Job { setting, spec, part, .. } = self.job;
        let manifest = setting.found.cache.manifest();
        Ok(RunRecord {
            format_version: RunRecord::FORMAT_VERSION,
            spec: serde_json::to_value(spec)
                .map_err(|error| ArtifactError::io(&self.run.record(), "write")(error.into()))?,
            seed: spec.seed,
            cache_fingerprint: manifest.fingerprint.clone(),
            class_names: manifest.class_names.clone(),
            parameters: setting.plan.params(),
            device: self.circumstances.device.clone(),
            threads: self.circumstances.threads,
            versions: RunVersions {
                shoebox: env!("CARGO_PKG_VERSION").to_owned(),
                libtorch: shoebox_kernels::libtorch_version(),
            },
            started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            seconds: 0.0,
            resumed: 0,
            status: RunStatus::Running,
            campaign: part.clone(),
            head_first: None,
            best_epoch: None,
            calibration: None,
            evaluations: Vec::new(),
        })
    }

    fn write(&self, record: &mut RunRecord) -> Result<(), TrainError> {
        let before = self.job.resumed.as_ref().map_or(0.0, |resumed| resumed.record.seconds);
        record.seconds = before + self.job.started.elapsed().as_secs_f64();
        Ok(atomic::write_json(&self.run.record(), record)?)
    }

    /// Trains, from where `last` says, and evaluates the best weights unless
    /// training was interrupted.
    fn fit_and_evaluate(
        &mut self,
        record: &mut RunRecord,
        last: Option<Last>,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let Job { setting, spec, material, .. } = self.job;
        let (device, residency, train) = (setting.device, spec.data.residency, &spec.train);
        let loader = Loader::new(material.train.clone(), device, residency)?;
        let class_names = &setting.found.cache.manifest().class_names;
        let counts = material.train.counts(class_names.len());
        let groups = Groups {
            rows: loader.len(),
            batch: self.batch_size as usize,
            of: train.accumulate as usize,
        };
        let loss = Loss::new(&train.loss, class_names, &counts, device)?;
        let augmentation = Augmentation::new(spec, material);
        self.draw_augmented(&augmentation, &loader)?;
        let interrupt = &*setting.options.interrupt;
        if let (Some(first), None) = (&train.head_first, &last) {
            let (network, train) = (self.network, &loader);
            let head = Head { spec, network, train, groups, loss: &loss, interrupt };
            record.head_first = head.run(first, observer)?;
            if record.head_first.is_none() {
                record.status = RunStatus::Interrupted;
                return Ok(());
            }
            // Before there is a checkpoint to go on from, which does not hold it.
            self.write(record)?;
        }
        let first_epoch = last.as_ref().map_or(1, |last| last.state.epoch + 1);
        let board = || Board::of(self.run, first_epoch, class_names);
        let board = train.tensorboard.then(board).transpose()?;
        let mut fit = Fit {
            spec,
            run: self.run,
            network: self.network,
            optimizer: Optimizer::new(&train.optimizer, self.network)?
                .with(train.backbone_rate, train.clip_norm),
            loss,
            ema: train.ema.map(|decay| Ema::new(decay, self.network)).transpose()?,
            schedule: Schedule::new(&train.learning_rate, groups.steps() as u64, train.epochs),
            augmentation,
            train: &loader,
            val: Loader::new(material.val.view.clone(), device, residency)?,
            groups,
            saver: Saver::new(self.run, self.network, self.model_card()),
            board,
            interrupt,
            best: BestEpoch::new(&train.checkpoint),
            stopping: train.early_stopping.as_ref().map(EarlyStopping::new),
            aside: Aside::new(self.network),
            circumstances: self.circumstances.clone(),
            epoch: 0,
            under_way: None,
            saved_step: 0,
        };
        if let Some(Last { checkpoint, state }) = last {
            fit.go_on_from(&checkpoint, &state)?;
        }
        let ended = fit.run(observer, |best_epoch| {
            record.best_epoch = best_epoch;
            self.write(record)
        })?;
        record.status = match ended {
            Ended::AllEpochs => RunStatus::Finished,
            Ended::Early => RunStatus::StoppedEarly,
            Ended::Interrupted => RunStatus::Interrupted,
        };
        drop(fit); // the optimizer's moments make room for the best weights
        if ended != Ended::Interrupted && record.best_epoch.is_some() {
            self.evaluate_best(record)?;
        }
        Ok(())
    }

    /// Leaves a look at what the network will see, where that is not the
    /// pictures as they are.
    fn draw_augmented(
        &self,
        augmentation: &Augmentation,
        train: &Loader,
    ) -> Result<(), TrainError> {
        if augmentation.is_nothing() {
            return Ok(());
        }
        let path = self.run.augmented();
        let png = augmentation.sheet(&self.job.spec, train)?.png();
        Ok(atomic::write(&path, &png.map_err(ArtifactError::io(&path, "draw"))?)?)
    }

    /// Calibrates the best weights on val and measures them on val and test;
    /// their predictions go into the run.
    fn evaluate_best(&self, record: &mut RunRecord) -> Result<(), TrainError> {
        let mut best = Checkpoint::read(&self.run.best_checkpoint())?;
        best.restore(self.network)?;
        let Job { setting, spec, material, .. } = self.job;
        let mut measure = Measure {
            network: self.network,
            run: self.run,
            class_names: &setting.found.cache.manifest().class_names,
            batch_size: self.batch_size as usize,
            tta: spec.evaluate.tta,
            calibration: None,
        };
        let (val, others) = (&material.val, &material.test);
        record.evaluations = measure.calibrated(&spec.evaluate, &mut best, val, others)?;
        record.calibration = measure.calibration;
        Ok(())
    }

    /// What every checkpoint of the run says about itself, but for its epoch.
    fn model_card(&self) -> ModelCard {
        let Job { setting, spec, material, .. } = self.job;
        let manifest = setting.found.cache.manifest();
        ModelCard {
            format_version: ModelCard::FORMAT_VERSION,
            class_names: manifest.class_names.clone(),
            image_size: manifest.image_size,
            resize: spec.data.resize,
            mean: material.mean,
            std: material.std,
            backbone: spec.model.backbone.clone(),
            layers: spec.model.own_layers().to_vec(),
            cache_fingerprint: manifest.fingerprint.clone(),
            run: self.run.name(),
            epoch: 0,
            tta: spec.evaluate.tta,
            calibration: None,
            loop_state: None,
        }
    }
}

fn device_name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_owned(),
    }
}
