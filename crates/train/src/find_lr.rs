//! Which learning rates a network learns at: a range test.

mod chart;
mod ramp;

use crate::{
    TrainError,
    accumulate::Groups,
    augment::Augmentation,
    chance::{Phase, seed_batch},
    head_first::Head,
    loader::Loader,
    loss::Loss,
    material::Material,
    observer::Observer,
    optimizer::Optimizer,
    order::training_order,
    run::TrainOptions,
    setting::Setting,
    step::{batch_size, forward, seeded_network},
};
use ramp::{Ramp, STEPS};
use shoebox_artifact::{
    ArtifactError, RangeTestDir, atomic,
    records::{RangeTestRecord, RatePoint, RunStatus, write_rate_points},
};
use shoebox_model::{Network, load_backbone};
use shoebox_spec::{BatchSize, PipelineSpec};
use std::{
    io,
    ops::ControlFlow,
    sync::atomic::{AtomicBool, Ordering},
    time::Instant,
};

/// Hears how a range test goes.
pub trait RangeTestObserver: Observer {
    /// After each step, of which there are at most `steps`.
    fn rate(&mut self, point: &RatePoint, steps: u32);
}

/// A range test that has ended without an error.
#[derive(Debug)]
pub struct RangeTest {
    /// Its folder.
    pub folder: RangeTestDir,
    /// How it ended, and what follows.
    pub record: RangeTestRecord,
    /// Every step.
    pub points: Vec<RatePoint>,
}

/// Trains a network that is thrown away for some 100 steps, each with a higher
/// learning rate than the one before, and suggests one. All else is as the
/// spec has it; its schedule is not used, nor its mean of weights.
///
/// # Errors
/// As [`crate::train`], but for a loss that is no number: that ends the test.
pub fn find_learning_rate(
    options: &TrainOptions,
    observer: &mut dyn RangeTestObserver,
) -> Result<RangeTest, TrainError> {
    let started = Instant::now();
    let spec = shoebox_spec::load(&options.pipeline, &options.assignments)?;
    let setting = Setting::open(options, spec)?;
    let material = Material::of(&setting.found.cache)?;
    let mut spec = setting.spec.clone();
    let size = batch_size(&spec, &setting.plan, &material, setting.device)?;
    spec.train.batch_size = BatchSize::Count(size);
    let folder = setting.artifacts.create_range_test(&spec.name).map_err(TrainError::Unwritable)?;
    atomic::write(&folder.pipeline(), &setting.text)?;
    let mut ramp = Ramp::new();
    let at_work = Test { setting: &setting, spec: &spec, material: &material };
    let interrupted = at_work
        .run(size as usize, &mut ramp, observer)
        .map_err(|error| error.explain_memory(size))?;
    let record = RangeTestRecord {
        format_version: RangeTestRecord::FORMAT_VERSION,
        spec: serde_json::to_value(&spec)
            .map_err(|error| ArtifactError::io(&folder.record(), "write")(error.into()))?,
        cache_fingerprint: setting.found.cache.manifest().fingerprint.clone(),
        started: jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        seconds: started.elapsed().as_secs_f64(),
        status: if interrupted { RunStatus::Interrupted } else { RunStatus::Finished },
        diverged: ramp.diverged(),
        suggestion: ramp.suggestion(),
    };
    write_rate_points(&folder.points(), ramp.points())?;
    let chart = chart::draw(&record, ramp.points());
    atomic::write(&folder.chart("svg"), chart.svg().as_bytes())?;
    let path = folder.chart("png");
    let png = chart.png().map_err(io::Error::other).map_err(ArtifactError::io(&path, "draw"))?;
    atomic::write(&path, &png)?;
    atomic::write_json(&folder.record(), &record)?;
    Ok(RangeTest { folder, record, points: ramp.points().to_vec() })
}

/// What the parts of a test share.
struct Test<'a> {
    setting: &'a Setting<'a>,
    spec: &'a PipelineSpec,
    material: &'a Material<'a>,
}

impl Test<'_> {
    /// Goes up the ramp; whether it was interrupted.
    fn run(
        &self,
        batch: usize,
        ramp: &mut Ramp,
        observer: &mut dyn RangeTestObserver,
    ) -> Result<bool, TrainError> {
        let Self { setting, spec, material } = self;
        let (device, train) = (setting.device, &spec.train);
        let network = seeded_network(spec, &setting.plan, material, device)?;
        if let Some(backbone) = &spec.model.backbone {
            load_backbone(&network, backbone, &setting.artifacts)?;
        }
        let loader = Loader::new(material.train.clone(), device, spec.data.residency)?;
        let class_names = &setting.found.cache.manifest().class_names;
        let counts = material.train.counts(class_names.len());
        let loss = Loss::new(&train.loss, class_names, &counts, device)?;
        let groups = Groups { rows: loader.len(), batch, of: train.accumulate as usize };
        let interrupt = &*setting.options.interrupt;
        if let Some(first) = &train.head_first {
            let (network, train) = (&network, &loader);
            let head = Head { spec, network, train, groups, loss: &loss, interrupt };
            if head.run(first, observer)?.is_none() {
                return Ok(true);
            }
        }
        let optimizer =
            Optimizer::new(&train.optimizer, &network)?.with(train.backbone_rate, train.clip_norm);
        let augmentation = Augmentation::new(spec, material);
        let mut climb = Climb {
            spec,
            network: &network,
            loss: &loss,
            optimizer,
            augmentation,
            groups,
            interrupt,
        };
        for epoch in 1.. {
            if !climb.epoch(epoch, &loader, ramp, observer)? {
                break;
            }
        }
        Ok(interrupt.load(Ordering::Relaxed))
    }
}

/// Steps with ever higher rates.
struct Climb<'a> {
    spec: &'a PipelineSpec,
    network: &'a Network,
    loss: &'a Loss,
    optimizer: Optimizer,
    augmentation: Augmentation,
    groups: Groups,
    interrupt: &'a AtomicBool,
}

impl Climb<'_> {
    /// One pass over the training pictures, or as far as the ramp goes; whether
    /// it goes on.
    fn epoch(
        &mut self,
        epoch: u32,
        train: &Loader,
        ramp: &mut Ramp,
        observer: &mut dyn RangeTestObserver,
    ) -> Result<bool, TrainError> {
        let order = training_order(&self.spec.train, self.spec.seed, epoch, train.labels());
        let (groups, mut number, mut of_step, mut goes_on) = (self.groups, 0, 0.0, true);
        let order = self.augmentation.order(epoch, order, groups.batch);
        train.for_each_batch(&order, self.augmentation.rows(groups.batch), |batch| {
            let rate = ramp.next_rate().filter(|_| !self.interrupt.load(Ordering::Relaxed));
            let Some(rate) = rate else {
                goes_on = false;
                return Ok(ControlFlow::Break(()));
            };
            let batch = self.augmentation.apply(epoch, batch)?;
            let batch = batch.resized(self.spec.training_size())?;
            seed_batch(self.spec.seed, Phase::All, epoch, number);
            let (_, loss) = forward(self.network, &batch, self.spec.train.precision, self.loss)?;
            let loss = groups.share(&loss, number)?;
            of_step += loss.f_double_value(&[])?;
            number += 1;
            if !groups.is_last(number - 1) {
                self.optimizer.add_gradients(&loss)?;
                return Ok(ControlFlow::Continue(()));
            }
            self.optimizer.step(&loss, rate)?;
            ramp.add(std::mem::take(&mut of_step));
            ramp.points().last().into_iter().for_each(|point| observer.rate(point, STEPS));
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(goes_on)
    }
}
