//! The best weights of a run, measured: figures for the record, and what is
//! said of each picture.

use crate::{TrainError, evaluate::evaluate, loader::Loader, material::Exam};
use shoebox_artifact::{
    RunDir,
    records::{Evaluation, Prediction, write_predictions},
};
use shoebox_metrics::{Scored, argmax, temper};
use shoebox_model::Network;
use shoebox_spec::{Residency, Tta};

/// The best weights of a run, and how they are looked at.
pub(crate) struct Measure<'a> {
    pub network: &'a Network,
    pub run: &'a RunDir,
    pub class_names: &'a [String],
    pub batch_size: usize,
    pub tta: Tta,
}

impl Measure<'_> {
    /// Measures the pictures of `exam` and writes their predictions into the run.
    pub fn exam(&self, exam: &Exam) -> Result<Evaluation, TrainError> {
        self.record(exam, &self.score(exam)?)
    }

    fn score(&self, exam: &Exam) -> Result<Scored, TrainError> {
        let loader = Loader::new(exam.view.clone(), self.network.device(), Residency::Host)?;
        evaluate(self.network, &loader, self.batch_size, self.tta)
    }

    /// The figures of `scored`; its predictions go into the run.
    fn record(&self, exam: &Exam, scored: &Scored) -> Result<Evaluation, TrainError> {
        let predictions = self.predictions(exam, scored);
        write_predictions(&self.run.predictions(&exam.name), self.class_names, &predictions)?;
        Ok(Evaluation {
            split: exam.name.clone(),
            tta: (!self.tta.is_none()).then(|| self.tta.to_string()),
            count: scored.count(),
            correct: scored.correct(),
            loss: scored.log_loss(1.0),
        })
    }

    /// What is said of each picture, in their order.
    fn predictions(&self, exam: &Exam, scored: &Scored) -> Vec<Prediction> {
        let rows = exam.paths.iter().zip(&scored.labels).zip(&scored.log_probabilities);
        rows.map(|((path, &label), row)| Prediction {
            path: path.clone(),
            label: self.class_names[label].clone(),
            predicted: self.class_names[argmax(row)].clone(),
            probabilities: temper(row, 1.0).iter().map(|log| log.exp() as f32).collect(),
        })
        .collect()
    }
}
