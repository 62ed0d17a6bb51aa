//! The report's own arithmetic, one figure a file; what others compute too is
//! `shoebox_metrics`'. Knows counts, and neither files nor names.

mod mcnemar;
mod suspects;

pub use mcnemar::{PairedCounts, holm};
pub use shoebox_metrics::{ClassScore, Interval, MacroAverage};
pub use suspects::{Doubt, doubts};
