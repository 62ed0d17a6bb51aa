//! The best weights of a run, measured: figures for the record, and what is
//! said of each picture.

use crate::{TrainError, calibrate::calibrate, evaluate::evaluate, loader::Loader, material::Exam};
use shoebox_artifact::{
    RunDir,
    records::{Answered, Calibrated, Calibration, Evaluation, Prediction, write_predictions},
};
use shoebox_metrics::{
    ClassScore, MacroAverage, Reliability, Scored, Selection, argmax, temper, top_k_choices,
};
use shoebox_model::{Checkpoint, Network};
use shoebox_spec::{EvaluateSpec, Residency, Tta};

/// The best weights of a run, and how they are looked at.
pub(crate) struct Measure<'a> {
    pub network: &'a Network,
    pub run: &'a RunDir,
    pub class_names: &'a [String],
    pub batch_size: usize,
    pub tta: Tta,
    /// What was fitted on val.
    pub calibration: Option<Calibration>,
}

impl Measure<'_> {
    /// Fits on `val` what `spec` asks for and keeps it in `checkpoint`, which
    /// holds these weights; measures val, then each of `others`.
    pub fn calibrated<'e>(
        &mut self,
        spec: &EvaluateSpec,
        checkpoint: &mut Checkpoint,
        val: &Exam,
        others: impl IntoIterator<Item = &'e Exam<'e>>,
    ) -> Result<Vec<Evaluation>, TrainError> {
        let scored = self.score(val)?;
        self.calibration = calibrate(&scored, spec);
        let card = &mut checkpoint.card;
        if (card.tta, &card.calibration) != (self.tta, &self.calibration) {
            (card.tta, card.calibration) = (self.tta, self.calibration.clone());
            checkpoint.rewrite()?;
        }
        let val = self.record(val, &scored);
        std::iter::once(val).chain(others.into_iter().map(|exam| self.exam(exam))).collect()
    }

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
        let answers = scored.answers(self.temperature());
        let calibration = self.calibration.as_ref();
        let calibrated = calibration.and_then(|fitted| fitted.temperature);
        let reject = calibration.and_then(|fitted| fitted.reject.as_ref());
        let classes = self.class_names.len();
        let scores = ClassScore::all(&scored.confusion(classes), self.class_names);
        Ok(Evaluation {
            split: exam.name.clone(),
            tta: (!self.tta.is_none()).then(|| self.tta.to_string()),
            count: scored.count(),
            correct: scored.correct(),
            loss: scored.log_loss(1.0),
            ece: Some(Reliability::new(&scored.answers(1.0)).ece()),
            calibrated: calibrated.map(|temperature| Calibrated {
                temperature,
                loss: scored.log_loss(temperature),
                ece: Reliability::new(&answers).ece(),
            }),
            top_k: top_k_choices(classes).map(|k| (k as u32, scored.top_k(k))).collect(),
            macro_f1: Some(MacroAverage::of(&scores).f1),
            answered: reject.map(|reject| {
                let Selection { threshold, accepted, correct } =
                    Selection::at(reject.threshold, &answers);
                Answered { threshold, count: accepted, correct }
            }),
        })
    }

    fn temperature(&self) -> f64 {
        self.calibration.as_ref().map_or(1.0, Calibration::temperature)
    }

    /// What is said of each picture, in their order: the probabilities are
    /// those that `predict` gives.
    fn predictions(&self, exam: &Exam, scored: &Scored) -> Vec<Prediction> {
        let temperature = self.temperature();
        let rows = exam.paths.iter().zip(&scored.labels).zip(&scored.log_probabilities);
        rows.map(|((path, &label), row)| Prediction {
            path: path.clone(),
            label: self.class_names[label].clone(),
            predicted: self.class_names[argmax(row)].clone(),
            probabilities: temper(row, temperature).iter().map(|p| p.exp() as f32).collect(),
        })
        .collect()
    }
}
