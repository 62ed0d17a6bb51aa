//! From pictures to a tensor cache.
//!
//! Owns finding the pictures ([`scan`]), turning a file into a network's input
//! ([`prepare()`], for predictions as well), dividing them, auditing them, and
//! filling, checking and publishing a cache ([`run()`], [`check()`],
//! [`verify()`], [`prune()`]). Refuses folders without classes, classes without
//! pictures, and, unless told to skip them, files that are no pictures. Never
//! touches libtorch.
//!
//! ```text
//! data/sneakers/train/<class>/<picture>   ─ scan ─▶ files and labels, in a fixed order
//!      ─ stamps ─▶ known digests ─ fingerprint ─ there already? ─▶ up to date
//!      ─ read once ─▶ digest ─ row in an earlier cache? else decode, turn upright, resize ─▶ [H,W,3] u8
//!      ─ hashes ─▶ groups of pictures that look alike ─▶ shares, leaks, findings
//! artifacts/cache/<fingerprint16>/        ◀─ tensors, samples.csv, audit.json, manifest.json, samples.png
//! artifacts/cache/sources/<key16>.jsonl   ◀─ folders and files as they were
//! artifacts/cache/checked.json            ◀─ which files of rows are known to be right
//! artifacts/cache/pipelines/<name16>.json ◀─ which cache the pipeline uses
//! ```

mod absorb;
mod absorbed;
mod assemble;
mod audit;
mod bilinear;
mod build;
mod check;
mod decide;
pub mod decode;
mod desk;
mod error;
mod facts;
mod identity;
mod jpeg;
mod ledger;
mod listing;
mod markers;
mod picture;
mod planar;
mod prepare;
pub mod progress;
mod prune;
mod recording;
mod resize;
mod run;
pub mod scan;
mod sheet;
mod soundness;
mod split;
mod store;
mod summary;
mod verify;
mod words;

pub use check::{Plan, check};
pub use decode::{DecodeError, Rgb, decode};
pub use error::PrepError;
pub use facts::{Facts, Format, Notes};
pub use picture::{Candidate, Part};
pub use prepare::{PREPARATION_VERSION, Recipe, Workspace, prepare};
pub use progress::Progress;
pub use prune::{Pruned, prune};
pub use resize::resize;
pub use run::{Options, run};
pub use summary::{SplitCounts, Summary};
pub use verify::{Verified, verify};
