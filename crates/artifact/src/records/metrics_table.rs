//! `metrics.csv`: what spreadsheets make of `metrics.jsonl`, an epoch a row.

use super::MetricRow;
use crate::{ArtifactError, atomic, jsonl};
use std::{collections::BTreeMap, path::Path};

const COLUMNS: [&str; 10] = [
    "epoch",
    "loss",
    "accuracy",
    "val_loss",
    "val_accuracy",
    "learning_rate",
    "seconds",
    "val_seconds",
    "images_per_second",
    "data_wait",
];

/// Writes the table at `table` anew from the lines at `metrics`: a row for each
/// epoch, in their order. A figure that was not measured is an empty field.
///
/// # Errors
/// As [`jsonl::read`], and [`ArtifactError::Io`].
pub fn write_metrics_table(metrics: &Path, table: &Path) -> Result<(), ArtifactError> {
    let mut epochs: BTreeMap<u32, [Option<MetricRow>; 2]> = BTreeMap::new();
    for row in jsonl::read::<MetricRow>(metrics)? {
        let (epoch, place) = (row.epoch, usize::from(row.split != "train"));
        // A later line of the same epoch and split takes the earlier one's place.
        epochs.entry(epoch).or_default()[place] = Some(row);
    }
    let fail = |error: csv::Error| ArtifactError::io(table, "write")(error.into());
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(COLUMNS).map_err(fail)?;
    for (epoch, [train, val]) in epochs {
        writer.write_record(fields(epoch, train.as_ref(), val.as_ref())).map_err(fail)?;
    }
    let bytes = writer
        .into_inner()
        .map_err(|error| ArtifactError::io(table, "write")(error.into_error()))?;
    atomic::write(table, &bytes)
}

/// As [`COLUMNS`] name them.
fn fields(epoch: u32, train: Option<&MetricRow>, val: Option<&MetricRow>) -> [String; 10] {
    let text = |row: Option<&MetricRow>, figure: fn(&MetricRow) -> f64| {
        row.map_or_else(String::new, |row| figure(row).to_string())
    };
    [
        epoch.to_string(),
        text(train, |row| row.loss),
        text(train, |row| row.accuracy),
        text(val, |row| row.loss),
        text(val, |row| row.accuracy),
        text(train.or(val), |row| row.learning_rate),
        text(train, |row| row.seconds),
        text(val, |row| row.seconds),
        text(train, |row| row.images_per_second),
        train.and_then(|row| row.data_wait).map_or_else(String::new, |wait| wait.to_string()),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    fn row(epoch: u32, split: &str, loss: f64) -> MetricRow {
        MetricRow {
            epoch,
            split: split.to_owned(),
            loss,
            accuracy: 0.5,
            learning_rate: 1e-4,
            seconds: 2.0,
            images_per_second: 16.0,
            data_wait: (split == "train").then_some(0.25),
        }
    }

    #[test]
    fn an_epoch_is_a_row_and_what_is_missing_is_empty() {
        let folder = tempfile::tempdir().unwrap();
        let (metrics, table) = (folder.path().join("m.jsonl"), folder.path().join("m.csv"));
        for row in [row(1, "train", 0.7), row(1, "val", 0.75), row(2, "train", 0.6)] {
            jsonl::append(&metrics, &row).unwrap();
        }
        write_metrics_table(&metrics, &table).unwrap();
        let expected = "epoch,loss,accuracy,val_loss,val_accuracy,learning_rate,seconds,val_seconds,images_per_second,data_wait\n\
            1,0.7,0.5,0.75,0.5,0.0001,2,2,16,0.25\n\
            2,0.6,0.5,,,0.0001,2,,16,0.25\n";
        assert_eq!(fs::read_to_string(&table).unwrap(), expected);
    }

    #[test]
    fn an_epoch_that_came_again_is_the_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let (metrics, table) = (folder.path().join("m.jsonl"), folder.path().join("m.csv"));
        for loss in [0.7, 0.2] {
            jsonl::append(&metrics, &row(1, "train", loss)).unwrap();
        }
        write_metrics_table(&metrics, &table).unwrap();
        let text = fs::read_to_string(&table).unwrap();
        assert_eq!((text.lines().count(), text.contains("\n1,0.2,")), (2, true), "{text}");
    }
}
