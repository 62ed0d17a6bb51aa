//! Several runs beside each other: curves, figures, what their specs do not
//! share, and a paired test on the images that all of them were measured on.
//!
//! ```text
//! artifacts/comparisons/<first run>-vs-<id4>/    appears as a whole
//!     index.html                      self-contained, as a run's report
//!     comparison.json                 every number
//!     {val,train}_{loss,accuracy}     .svg (light and dark) and .png (light)
//! ```

mod curves;
mod differences;
mod gallery;
mod page;
mod paired;
mod sentence;
mod terminal;

pub use differences::Difference;
pub use paired::{PairTest, SplitTest};
pub use terminal::table as comparison_table;

use crate::{
    ReportError,
    folder::{INDEX, write_charts},
    inputs::Inputs,
    report::Report,
};
use curves::Curves;
use gallery::Gallery;
use serde::Serialize;
use shoebox_artifact::{
    Artifacts,
    atomic::{self, AtomicDir},
};
use std::path::PathBuf;

/// What to compare.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompareOptions {
    /// Two runs or more: folders, or names below `artifacts`.
    pub runs: Vec<PathBuf>,
    /// The artifacts folder, which holds runs and caches.
    pub artifacts: PathBuf,
}

/// What [`compare`] did.
#[derive(Debug)]
pub struct CompareOutcome {
    /// The numbers.
    pub comparison: Comparison,
    /// The page that was written.
    pub index: PathBuf,
}

/// The numbers of a comparison: what `comparison.json` holds.
#[derive(Debug, Serialize)]
pub struct Comparison {
    /// Changes when an older reader would misread `comparison.json`.
    pub format_version: u32,
    /// The runs in the order in which they were named.
    pub runs: Vec<Contender>,
    /// What their resolved specs do not share, by key.
    pub differences: Vec<Difference>,
    /// The paired test on each split that at least two runs were measured on.
    pub tests: Vec<SplitTest>,
}

/// One of the runs.
#[derive(Debug, Serialize)]
pub struct Contender {
    /// What it is called in charts and sentences: `A`, `B`, …
    pub letter: String,
    /// All that its own report says.
    pub report: Report,
}

impl Comparison {
    /// The version that this build writes.
    pub const FORMAT_VERSION: u32 = 1;

    fn new(inputs: &[Inputs]) -> Self {
        let letters: Vec<String> = (0..inputs.len()).map(letter).collect();
        let runs = inputs.iter().zip(&letters);
        let contender = |(inputs, letter): (&Inputs, &String)| Contender {
            letter: letter.clone(),
            report: Report::new(inputs),
        };
        let specs: Vec<_> = inputs.iter().map(|inputs| &inputs.record.spec).collect();
        Self {
            format_version: Self::FORMAT_VERSION,
            runs: runs.map(contender).collect(),
            differences: differences::between(&specs),
            tests: paired::all(inputs),
        }
    }
}

/// `A` to `Z`, then `A1`, `B1`, …
fn letter(place: usize) -> String {
    let letter = char::from(b'A' + (place % 26) as u8);
    if place < 26 { letter.to_string() } else { format!("{letter}{}", place / 26) }
}

/// Writes the comparison of several runs below the artifacts folder, in the
/// place of an older one of the same runs.
///
/// # Errors
/// [`ReportError`]: as of [`crate::run`] for each run, and
/// [`ReportError::SameRun`] for one that is named twice.
pub fn compare(options: &CompareOptions) -> Result<CompareOutcome, ReportError> {
    let artifacts = Artifacts::new(&options.artifacts);
    let mut inputs: Vec<Inputs> = Vec::new();
    for name in &options.runs {
        let run = artifacts.find_run(name)?;
        if inputs.iter().any(|other| other.run.name() == run.name()) {
            return Err(ReportError::SameRun { path: run.path().to_owned() });
        }
        inputs.push(Inputs::read(&artifacts, run)?);
    }
    let comparison = Comparison::new(&inputs);
    let names: Vec<_> = inputs.iter().map(|inputs| inputs.run.name()).collect();
    let target = artifacts.comparison(&names);
    let _lock = artifacts.lock_comparisons()?;
    let curves = Curves::draw(&comparison);
    let gallery = Gallery::new(&comparison, &inputs)?;
    let folder = AtomicDir::create(&target)?;
    write_charts(folder.path(), curves.all().iter())?;
    atomic::write_json(&folder.path().join("comparison.json"), &comparison)?;
    let page = page::html(&comparison, &curves, &gallery);
    atomic::write(&folder.path().join(INDEX), page.as_bytes())?;
    folder.publish()?;
    Ok(CompareOutcome { comparison, index: target.join(INDEX) })
}

#[cfg(test)]
mod tests {
    use super::letter;

    #[test]
    fn letters_go_on_after_z() {
        assert_eq!([0, 25, 26, 53].map(letter), ["A", "Z", "A1", "B2"]);
    }
}
