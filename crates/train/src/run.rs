//! One training from the pipeline file to the evaluated best weights.

use crate::{
    TrainError,
    accumulate::Groups,
    ema::Ema,
    evaluate::{evaluate_split, find_split},
    fit::{Ended, Fit},
    head_first::Head,
    loader::Loader,
    loss::Loss,
    observer::{Observer, RunStart},
    optimizer::Optimizer,
    saver::Saver,
    schedule::Schedule,
    step::{batch_size, seeded_network},
};
use shoebox_artifact::{
    ArtifactError, Artifacts, RunDir, atomic,
    fingerprint::digest_json,
    records::{Evaluation, Manifest, RunRecord, RunStatus, RunVersions},
};
use shoebox_cache::TensorCache;
use shoebox_model::{Checkpoint, ModelCard, Network, choose_device, load_backbone, use_precision};
use shoebox_spec::{BatchSize, PipelineSpec, Plan};
use std::{
    fs,
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
}

/// Trains the network of a pipeline on its cache.
///
/// # Errors
/// A spec that cannot be, a cache that is missing, changed or damaged, a
/// device that is not usable, a loss that is not a number, a full disk.
pub fn train(options: &TrainOptions, observer: &mut dyn Observer) -> Result<Outcome, TrainError> {
    let started = Instant::now();
    let artifacts = Artifacts::new(&options.artifacts);
    let mut spec = shoebox_spec::load(&options.pipeline, &options.assignments)?;
    let found = shoebox_cache::find(&artifacts, &digest_json(&spec.data.preparation()))?;
    if options.verify {
        found.cache.verify(|_, _| ())?;
    }
    let manifest = found.cache.manifest();
    let classes = manifest.class_names.len();
    let samples =
        [find_split(&found.cache, "train")?.len(), find_split(&found.cache, "val")?.len()];
    let locate = |problem| spec.locate(&options.pipeline, problem);
    let plan = spec.plan(classes as u32).map_err(locate)?;
    spec.train.loss.check_classes(&manifest.class_names).map_err(locate)?;
    let device = choose_device(spec.train.device)?;
    use_precision(spec.train.precision, device)?;
    if let Some(threads) = spec.train.threads {
        tch::set_num_threads(threads as i32);
    }
    let batch_size = batch_size(&spec, &plan, manifest, device, samples[0])?;
    let auto_batch_size = (spec.train.batch_size == BatchSize::Auto).then_some(batch_size);
    // The run's record tells what it came to.
    spec.train.batch_size = BatchSize::Count(batch_size);
    let network = seeded_network(&spec, &plan, manifest, device)?;
    if let Some(backbone) = &spec.model.backbone {
        load_backbone(&network, backbone, &artifacts)?;
    }

    let run = artifacts.create_run(&spec.name).map_err(TrainError::Unwritable)?;
    let _lock = run.lock()?;
    let text = fs::read(&options.pipeline).map_err(ArtifactError::io(&options.pipeline, "read"))?;
    atomic::write(&run.pipeline(), &text)?;
    let cache = &found.cache;
    let mut training =
        Training { spec: &spec, run: &run, cache, network: &network, batch_size, started };
    let mut record = training.record(&plan, device)?;
    observer.start(&RunStart {
        run: &run,
        plan: &plan,
        groups: network.groups(),
        device: &record.device,
        threads: record.threads,
        auto_batch_size,
        samples,
        sources_present: found.sources_present,
    });
    let result = training
        .fit_and_evaluate(&mut record, options, observer)
        .map_err(|error| error.explain_write().explain_memory(batch_size));
    if result.is_err() {
        record.status = RunStatus::Failed;
    }
    // Where the disk is full this fails too, but the first error tells more.
    let written = training.write(&mut record);
    result.and(written).map(|()| Outcome { run: run.clone(), record })
}

/// What the parts of one training share.
struct Training<'a> {
    spec: &'a PipelineSpec,
    run: &'a RunDir,
    cache: &'a TensorCache,
    network: &'a Network,
    batch_size: u32,
    started: Instant,
}

impl Training<'_> {
    /// The run's record before the first step.
    fn record(&self, plan: &Plan, device: Device) -> Result<RunRecord, TrainError> {
        let manifest = self.cache.manifest();
        let mut record = RunRecord {
            format_version: RunRecord::FORMAT_VERSION,
            spec: serde_json::to_value(self.spec)
                .map_err(|error| ArtifactError::io(&self.run.record(), "write")(error.into()))?,
            seed: self.spec.seed,
            cache_fingerprint: manifest.fingerprint.clone(),
            class_names: manifest.class_names.clone(),
            parameters: plan.params(),
            device: device_name(device),
            threads: tch::get_num_threads().unsigned_abs(),
            versions: RunVersions {
                shoebox: env!("CARGO_PKG_VERSION").to_owned(),
                libtorch: shoebox_kernels::libtorch_version(),
            },
            started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            seconds: 0.0,
            status: RunStatus::Running,
            head_first: None,
            best_epoch: None,
            evaluations: Vec::new(),
        };
        self.write(&mut record)?;
        Ok(record)
    }

    fn write(&self, record: &mut RunRecord) -> Result<(), TrainError> {
        record.seconds = self.started.elapsed().as_secs_f64();
        Ok(atomic::write_json(&self.run.record(), record)?)
    }

    /// Trains, and evaluates the best weights unless training was interrupted.
    fn fit_and_evaluate(
        &mut self,
        record: &mut RunRecord,
        options: &TrainOptions,
        observer: &mut dyn Observer,
    ) -> Result<(), TrainError> {
        let (device, residency) = (self.network.device(), self.spec.data.residency);
        let train = &self.spec.train;
        let loader = Loader::new(find_split(self.cache, "train")?, device, residency)?;
        let manifest = self.cache.manifest();
        let counts = &manifest.splits["train"].counts;
        let groups = Groups {
            rows: loader.len(),
            batch: self.batch_size as usize,
            of: train.accumulate as usize,
        };
        let loss = Loss::new(&train.loss, &manifest.class_names, counts, device)?;
        let interrupt = &*options.interrupt;
        if let Some(first) = &train.head_first {
            let (spec, network, train) = (self.spec, self.network, &loader);
            let head = Head { spec, network, train, groups, loss: &loss, interrupt };
            record.head_first = head.run(first, observer)?;
            if record.head_first.is_none() {
                record.status = RunStatus::Interrupted;
                return Ok(());
            }
        }
        let mut fit = Fit {
            spec: self.spec,
            run: self.run,
            network: self.network,
            optimizer: Optimizer::new(&train.optimizer, self.network)?
                .with(train.backbone_rate, train.clip_norm),
            loss,
            ema: train.ema.map(|decay| Ema::new(decay, self.network)).transpose()?,
            schedule: Schedule::new(&train.learning_rate, groups.steps() as u64, train.epochs),
            train: loader,
            val: Loader::new(find_split(self.cache, "val")?, device, residency)?,
            groups,
            saver: Saver::new(self.run, self.network, model_card(self.spec, manifest, self.run)),
            interrupt,
        };
        let ended = fit.run(observer, |best_epoch| {
            record.best_epoch = best_epoch;
            self.write(record)
        })?;
        record.status = match ended {
            Ended::AllEpochs => RunStatus::Finished,
            Ended::Early => RunStatus::StoppedEarly,
            Ended::Interrupted => RunStatus::Interrupted,
        };
        if ended != Ended::Interrupted && record.best_epoch.is_some() {
            record.evaluations = self.evaluate_best()?;
        }
        Ok(())
    }

    /// The best weights on val and test; their predictions go into the run.
    fn evaluate_best(&self) -> Result<Vec<Evaluation>, TrainError> {
        Checkpoint::read(&self.run.best_checkpoint())?.restore(self.network)?;
        let has_any = |name: &&str| self.cache.split(name).is_some_and(|split| !split.is_empty());
        let splits = ["val", "test"].into_iter().filter(has_any);
        let batch_size = self.batch_size as usize;
        splits
            .map(|name| evaluate_split(self.network, self.cache, self.run, name, batch_size))
            .collect()
    }
}

/// What every checkpoint of the run says about itself, but for its epoch.
fn model_card(spec: &PipelineSpec, manifest: &Manifest, run: &RunDir) -> ModelCard {
    ModelCard {
        format_version: ModelCard::FORMAT_VERSION,
        class_names: manifest.class_names.clone(),
        image_size: manifest.image_size,
        resize: spec.data.resize,
        mean: manifest.mean,
        std: manifest.std,
        backbone: spec.model.backbone.clone(),
        layers: spec.model.own_layers().to_vec(),
        cache_fingerprint: manifest.fingerprint.clone(),
        run: run.name(),
        epoch: 0,
        loop_state: None,
    }
}

fn device_name(device: Device) -> String {
    match device {
        Device::Cuda(index) => format!("cuda:{index}"),
        _ => "cpu".to_owned(),
    }
}
