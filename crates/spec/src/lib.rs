//! The pipeline specification: what a `pipelines/*.yaml` file may say, with
//! every default, every check and every message.
//!
//! Owns the YAML types ([`PipelineSpec`] and below), reading them
//! ([`load()`]), overriding them (`--set key.path=value`), the tables of the
//! networks that are known by name ([`Backbone`]), and the shape
//! arithmetic of a network ([`plan()`]), so that an impossible layer
//! is named with its line before any data is read.
//!
//! Refuses: an unknown key, a wrong type, a duplicate key, an impossible value.
//! Only `load.rs` knows which YAML library is used; nothing here knows libtorch
//! or pictures.

mod audit;
mod augment;
mod backbone;
mod bounds;
mod data;
mod differences;
mod error;
mod evaluate;
mod head_first;
mod keys;
mod layer;
mod learning_rate;
mod load;
mod optimizer;
mod picture;
mod pipeline;
mod plan;
mod scalar;
mod shape;
mod split;
mod suggest;
mod train;

pub use audit::{AuditRules, AuditSpec, Leakage};
pub use augment::{
    Augment, Brightness, Contrast, CutMix, Flip, Hue, MixUp, RandomErasing, RandomResizedCrop,
    Range, Rotation, Saturation, Translation, Zoom,
};
pub use backbone::{
    Backbone, Block, ConvNorm, Edges, Family, Shortcut, Statistics, TrainFrom, Tuning, Weights,
};
pub use data::{DataSpec, Residency, Source};
pub use differences::Difference;
pub use error::SpecError;
pub use evaluate::{EvaluateSpec, Reject, Tta};
pub use head_first::HeadFirst;
pub use keys::{KeyPath, Problem};
pub use layer::{
    Activation, BatchNorm, Conv2d, Dense, Dropout, Layer, Nothing, Padding, Pool2d, Rescale,
};
pub use learning_rate::{
    Cosine, ExponentialDecay, LearningRate, OneCycle, ReduceOnPlateau, StepDecay,
};
pub use load::{load, parse};
pub use optimizer::{Adam, AdamW, Optimizer, Rmsprop, Sgd};
pub use picture::{Filter, Limits, Resize, Truncated, Unreadable};
pub use pipeline::{ModelSpec, PipelineSpec};
pub use plan::{LayerPlan, Plan, infer, plan};
pub use scalar::{BatchSize, Device, Pair, Units};
pub use shape::{Shape, window_output};
pub use split::{Nesting, SplitSpec};
pub use suggest::nearest;
pub use train::{
    CheckpointSpec, ClassWeights, EarlyStopping, Keep, Kernels, LossSpec, Mode, Monitor, Precision,
    Sampling, Shuffle, TrainSpec,
};
