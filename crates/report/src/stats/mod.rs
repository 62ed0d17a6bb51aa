//! The report's arithmetic, one figure a file. Knows counts, and neither files nor names.

mod confusion;
mod scores;
mod wilson;

pub use confusion::{Cell, ConfusionMatrix};
pub use scores::{ClassScore, MacroAverage};
pub use wilson::Interval;
