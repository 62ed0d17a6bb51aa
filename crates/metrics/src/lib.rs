//! How good a classifier is, and how far its own word can be taken.
//!
//! Owns the arithmetic of measuring, one figure a file: top-k and loss
//! ([`Scored`]), calibration ([`Reliability`], [`temper`]) and selective
//! prediction ([`Selection`]). Whoever trains, evaluates or reports computes a
//! figure here, so that it is the same everywhere. Knows numbers alone:
//! neither files nor libtorch nor pictures.

mod answer;
mod log_loss;
mod reliability;
mod scored;
mod selection;
mod temperature;
mod top_k;

pub use answer::{Answer, argmax};
pub use reliability::{BINS, Bin, Reliability};
pub use scored::Scored;
pub use selection::{Selection, fewest_accepted};
pub use temperature::temper;
