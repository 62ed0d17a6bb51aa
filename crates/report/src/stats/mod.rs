//! The report's arithmetic, one figure a file. Knows counts, and neither files nor names.

mod scores;
mod wilson;

pub use scores::{ClassScore, MacroAverage};
pub use wilson::Interval;
