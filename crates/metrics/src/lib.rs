//! How good a classifier is, and how far its own word can be taken.
//!
//! Owns the arithmetic of measuring, one figure a file: a share's interval
//! ([`Interval`]), top-k and loss ([`Scored`]), who is taken for whom
//! ([`ConfusionMatrix`]) and the scores per class ([`ClassScore`]), calibration
//! ([`Reliability`], [`temper`]) and selective prediction ([`Selection`]).
//! Whoever trains, evaluates or reports computes a figure here, so that it is
//! the same everywhere. Knows numbers alone: neither files nor libtorch nor
//! pictures.

mod answer;
mod confusion;
mod log_loss;
mod reliability;
mod scored;
mod scores;
mod selection;
mod temperature;
mod top_k;
mod wilson;

pub use answer::{Answer, argmax};
pub use confusion::{Cell, ConfusionMatrix};
pub use reliability::{BINS, Bin, Reliability};
pub use scored::Scored;
pub use scores::{ClassScore, MacroAverage};
pub use selection::{Selection, fewest_accepted};
pub use temperature::temper;
pub use top_k::{rank, top_k_choices};
pub use wilson::Interval;
