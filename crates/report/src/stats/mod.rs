//! The report's arithmetic, one figure a file. Knows counts, and neither files nor names.

mod scores;
mod suspects;

pub use scores::{ClassScore, MacroAverage};
pub use shoebox_artifact::records::Interval;
pub use suspects::{Doubt, doubts};
