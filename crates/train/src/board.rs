//! What TensorBoard is shown of a run.

use crate::{TrainError, observer::EpochSummary};
use shoebox_artifact::{
    ArtifactError, RunDir,
    events::{EventFile, Shown},
};
use shoebox_chart::{MAX_NUMBERED, confusion_matrix};
use shoebox_metrics::{ConfusionMatrix, Scored, argmax};
use std::{fmt::Write, fs};

/// The event files of one run, in Keras's layout: figures of train and val
/// have the same tags in two folders, so that TensorBoard lays their curves
/// over each other, and over those of Keras. Steps are epochs, from 1.
#[derive(Debug)]
pub(crate) struct Board {
    train: EventFile,
    val: EventFile,
    class_names: Vec<String>,
}

impl Board {
    /// For a run that begins with `first_epoch`. If that is 1, the pipeline is
    /// shown as it was given; otherwise what earlier files have of that epoch
    /// and later ones counts no more.
    pub fn of(run: &RunDir, first_epoch: u32, class_names: &[String]) -> Result<Self, TrainError> {
        let open = |split| EventFile::create(&run.tensorboard(split));
        let (mut train, mut val) = (open("train")?, open("validation")?);
        if first_epoch > 1 {
            train.restart(first_epoch)?;
            val.restart(first_epoch)?;
        } else {
            let path = run.pipeline();
            let yaml = fs::read_to_string(&path).map_err(ArtifactError::io(&path, "read"))?;
            let text = format!("```yaml\n{yaml}\n```\n");
            train.append(0, &[("pipeline", Shown::Text(&text))])?;
            // There is one where the training pictures are augmented.
            let path = run.augmented();
            if path.is_file() {
                let png = fs::read(&path).map_err(ArtifactError::io(&path, "read"))?;
                train.append(0, &[("augmented", Shown::Png(&png))])?;
            }
        }
        Ok(Self { train, val, class_names: class_names.to_vec() })
    }

    /// The figures of an epoch that has ended, and who was taken for whom in
    /// `val`.
    pub fn epoch(
        &mut self,
        summary: &EpochSummary,
        train_seconds: f64,
        val: &Scored,
    ) -> Result<(), TrainError> {
        let val_seconds = summary.seconds - train_seconds;
        let train = [
            ("epoch_loss", summary.loss),
            ("epoch_accuracy", summary.accuracy),
            ("epoch_learning_rate", summary.learning_rate),
            ("speed/seconds", train_seconds),
            ("speed/images_per_second", summary.images_per_second),
            ("speed/data_wait", summary.data_wait),
        ];
        self.train.append(summary.epoch, &train.map(scalar))?;
        let matrix = self.matrix(val);
        let chart = confusion_matrix("val", &self.class_names, &matrix);
        let (png, table) = (chart.png()?, table(&self.class_names, &matrix));
        let figures = [
            ("epoch_loss", summary.val_loss),
            ("epoch_accuracy", summary.val_accuracy),
            ("speed/seconds", val_seconds),
            ("speed/images_per_second", val.count() as f64 / val_seconds),
        ];
        let mut shown = figures.map(scalar).to_vec();
        shown.push(("confusion_matrix", Shown::Png(&png)));
        if self.class_names.len() <= MAX_NUMBERED {
            shown.push(("confusion_matrix_table", Shown::Text(&table)));
        }
        Ok(self.val.append(summary.epoch, &shown)?)
    }

    fn matrix(&self, val: &Scored) -> ConfusionMatrix {
        let predicted = val.log_probabilities.iter().map(|row| argmax(row));
        let pairs = val.labels.iter().copied().zip(predicted);
        ConfusionMatrix::count(self.class_names.len(), pairs)
    }
}

fn scalar((tag, value): (&str, f64)) -> (&str, Shown<'static>) {
    (tag, Shown::Scalar(value))
}

/// The counts as a table in Markdown: rows are true classes, columns predicted ones.
fn table(class_names: &[String], matrix: &ConfusionMatrix) -> String {
    let names: Vec<_> = class_names.iter().map(|name| name.replace('|', "\\|")).collect();
    let mut text = format!("| true \\\\ predicted | {} |\n|---|", names.join(" | "));
    text.push_str(&"--:|".repeat(names.len()));
    for (truth, name) in names.iter().enumerate() {
        let counts = (0..names.len()).map(|predicted| matrix.get(truth, predicted).to_string());
        // Writing to a String cannot fail.
        let _ = write!(text, "\n| **{name}** | {} |", counts.collect::<Vec<_>>().join(" | "));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_has_a_row_for_each_true_class_and_no_name_breaks_it() {
        let names = ["a|b", "c"].map(str::to_owned);
        let matrix = ConfusionMatrix::count(2, [(0, 0), (0, 1), (1, 1), (1, 1)]);
        let expected = "| true \\\\ predicted | a\\|b | c |\n|---|--:|--:|\n\
            | **a\\|b** | 1 | 1 |\n| **c** | 0 | 2 |";
        assert_eq!(table(&names, &matrix), expected);
    }
}
