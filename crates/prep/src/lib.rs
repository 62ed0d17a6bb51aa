//! From folders of photographs to a tensor cache.
//!
//! Owns listing the folders ([`scan`]), turning a file into a network's input
//! ([`prepare()`], for predictions as well), and filling, checking and
//! publishing a cache ([`run()`], [`verify()`]). Refuses folders without classes,
//! classes without pictures, and, unless told to skip them, files that are no
//! pictures. Never touches libtorch.
//!
//! ```text
//! data/sneakers/train/<class>/<picture>   ─ scan ─▶ files and labels, in a fixed order
//!      ─ digest ─▶ fingerprint ─ there already? ─▶ up to date
//!      ─ decode, turn upright, resize ─▶ [H,W,3] u8
//! artifacts/cache/<fingerprint16>/        ◀─ tensors, samples.csv, audit.json, manifest.json, samples.png
//! artifacts/cache/sources/<key16>.json    ◀─ folders and files as they were
//! ```

mod bilinear;
mod build;
pub mod decode;
mod error;
mod fill;
mod jpeg;
mod listing;
mod markers;
mod prepare;
pub mod progress;
mod resize;
mod run;
pub mod scan;
mod sheet;
mod sources;
mod summary;
mod verify;

pub use decode::{DecodeError, Rgb, decode};
pub use error::PrepError;
pub use prepare::{PREPARATION_VERSION, Prepared, prepare};
pub use progress::Progress;
pub use resize::resize;
pub use run::{Options, run};
pub use summary::{SplitCounts, Summary};
pub use verify::{Verified, verify};
