//! `predictions/<split>.csv`: `path,label,predicted,` and a probability per class.

use crate::{ArtifactError, atomic};
use std::path::Path;

/// What a model said of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// The picture's file.
    pub path: String,
    /// The true class's name.
    pub label: String,
    /// The predicted class's name.
    pub predicted: String,
    /// One per class, in the order of the class names; they sum to 1.
    pub probabilities: Vec<f32>,
}

/// Writes `path,label,predicted,<class>,<class>,…`.
///
/// # Errors
/// [`ArtifactError::Io`].
pub fn write_predictions(
    path: &Path,
    class_names: &[String],
    predictions: &[Prediction],
) -> Result<(), ArtifactError> {
    let fail = |error: csv::Error| ArtifactError::io(path, "write")(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    let fixed = ["path", "label", "predicted"].into_iter();
    writer.write_record(fixed.chain(class_names.iter().map(String::as_str))).map_err(fail)?;
    for row in predictions {
        let fixed = [row.path.clone(), row.label.clone(), row.predicted.clone()].into_iter();
        writer
            .write_record(fixed.chain(row.probabilities.iter().map(f32::to_string)))
            .map_err(fail)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| ArtifactError::io(path, "write")(error.into_error()))?;
    atomic::write(path, &bytes)
}

/// Reads what [`write_predictions`] wrote: the class names and the rows.
///
/// # Errors
/// [`ArtifactError::Io`] or [`ArtifactError::Malformed`].
pub fn read_predictions(path: &Path) -> Result<(Vec<String>, Vec<Prediction>), ArtifactError> {
    let malformed = |fact: String| ArtifactError::Malformed {
        path: path.to_owned(),
        fact,
        remedy: "run `evaluate` again",
    };
    let mut reader = open_csv(path)?;
    let header = reader.headers().map_err(|error| malformed(error.to_string()))?.clone();
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| malformed(error.to_string()))?;
        let numbers = record.iter().skip(3).map(str::parse).collect::<Result<_, _>>();
        let probabilities =
            numbers.map_err(|error| malformed(format!("row {}: {error}", rows.len() + 1)))?;
        let text = |column: usize| record.get(column).unwrap_or_default().to_owned();
        rows.push(Prediction { path: text(0), label: text(1), predicted: text(2), probabilities });
    }
    Ok((header.iter().skip(3).map(str::to_owned).collect(), rows))
}

pub(super) fn open_csv(path: &Path) -> Result<csv::Reader<std::fs::File>, ArtifactError> {
    csv::Reader::from_path(path).map_err(|error| ArtifactError::io(path, "read")(error.into()))
}
