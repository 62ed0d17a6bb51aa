//! What all trainings of a pipeline have in common.

use crate::{TrainError, run::TrainOptions};
use shoebox_artifact::{ArtifactError, Artifacts, fingerprint::digest_json};
use shoebox_cache::Found;
use shoebox_model::{choose_device, use_precision};
use shoebox_spec::{PipelineSpec, Plan};
use std::fs;
use tch::Device;

/// A pipeline that is ready to be trained, with its cache.
#[derive(Debug)]
pub(crate) struct Setting<'a> {
    pub options: &'a TrainOptions,
    pub artifacts: Artifacts,
    pub spec: PipelineSpec,
    /// The spec as the user gave it.
    pub text: Vec<u8>,
    pub found: Found,
    pub plan: Plan,
    pub device: Device,
}

impl<'a> Setting<'a> {
    /// Opens the cache of `spec`, which is that of the options, and sets up
    /// device and threads.
    pub fn open(options: &'a TrainOptions, spec: PipelineSpec) -> Result<Self, TrainError> {
        let artifacts = Artifacts::new(&options.artifacts);
        let text =
            fs::read(&options.pipeline).map_err(ArtifactError::io(&options.pipeline, "read"))?;
        let found = shoebox_cache::find(&artifacts, &digest_json(&spec.data.preparation()))?;
        if options.verify {
            found.cache.verify(|_, _| ())?;
        }
        let class_names = &found.cache.manifest().class_names;
        let locate = |problem| spec.locate(&options.pipeline, problem);
        let plan = spec.plan(class_names.len() as u32).map_err(locate)?;
        spec.train.loss.check_classes(class_names).map_err(locate)?;
        let device = choose_device(spec.train.device)?;
        use_precision(spec.train.precision, device)?;
        if let Some(threads) = spec.train.threads {
            tch::set_num_threads(threads as i32);
        }
        Ok(Self { options, artifacts, spec, text, found, plan, device })
    }
}
