//! What Shoebox leaves on disk, and the only ways to put it there.
//!
//! ```text
//! artifacts/cache/<fingerprint16>/     manifest.json samples.csv audit.json samples.png {train,val,test}*.safetensors
//! artifacts/cache/sources/<key16>.jsonl what a cache was built from, to see whether it is still true
//! artifacts/weights/<network>.safetensors published weights, made by `make weights`
//! artifacts/runs/<name>-<utc>-<id4>/   pipeline.yaml run.json metrics.jsonl metrics.csv tensorboard/ checkpoints/ predictions/ report/
//! ```
//!
//! Owns the layout ([`Artifacts`], [`RunDir`]), writing files whole or not at
//! all ([`atomic`]), one-writer locks ([`lock`]), content digests
//! ([`fingerprint`]), the record types that writer and reader share
//! ([`records`]), TensorBoard's event files ([`events`]), and what programs say
//! on their streams ([`console`]). It knows neither libtorch nor pictures nor
//! the spec.

pub mod atomic;
pub mod console;
mod error;
pub mod events;
pub mod fingerprint;
pub mod jsonl;
pub mod layout;
pub mod lock;
pub mod records;

pub use error::ArtifactError;
pub use layout::{Artifacts, CampaignDir, RangeTestDir, RunDir};
