//! Fitting on val what makes probabilities honest.

use shoebox_artifact::records::{Calibration, Rejection};
use shoebox_metrics::{Scored, Selection};
use shoebox_spec::EvaluateSpec;

/// What `evaluate` asks for, fitted on `val`: first the temperature, then the
/// threshold on the probabilities that it makes. Nothing where nothing is asked for.
pub(crate) fn calibrate(val: &Scored, evaluate: &EvaluateSpec) -> Option<Calibration> {
    if !evaluate.temperature && evaluate.reject.is_none() {
        return None;
    }
    let temperature = evaluate.temperature.then(|| val.fit_temperature()).flatten();
    let answers = || val.answers(temperature.unwrap_or(1.0));
    let reject = evaluate.reject.as_ref().and_then(|reject| {
        let chosen = Selection::choose(&answers(), reject.precision)?;
        let Selection { threshold, accepted, correct } = chosen;
        Some(Rejection { precision: reject.precision, threshold, accepted, correct })
    });
    Some(Calibration { images: val.count(), temperature, reject })
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_spec::Reject;

    /// Twelve pictures of odds of 9 to 1, nine of them right.
    fn val() -> Scored {
        let row = [0.9f32.ln(), 0.1f32.ln()];
        let labels = (0..12).map(|number| usize::from(number % 4 == 0)).collect();
        Scored { log_probabilities: vec![row.to_vec(); 12], labels }
    }

    fn asked(temperature: bool, precision: Option<f64>) -> Option<Calibration> {
        let reject = precision.map(|precision| Reject { precision });
        calibrate(&val(), &EvaluateSpec { temperature, reject, ..EvaluateSpec::default() })
    }

    #[test]
    fn the_threshold_is_one_of_the_probabilities_at_the_temperature() {
        let found = asked(true, Some(0.7)).unwrap();
        assert!((found.temperature() - 2.0).abs() < 1e-5, "{found:?}");
        let reject = found.reject.unwrap();
        assert!((reject.threshold - 0.75).abs() < 1e-5, "{reject:?}");
        assert_eq!((reject.accepted, reject.correct), (12, 9));
        let raw = asked(false, Some(0.7)).unwrap();
        assert_eq!(raw.temperature, None);
        assert!((raw.reject.unwrap().threshold - 0.9).abs() < 1e-5);
    }

    #[test]
    fn a_precision_that_nothing_reaches_has_no_threshold() {
        assert_eq!(asked(true, Some(0.8)).unwrap().reject, None);
        assert_eq!(asked(false, None), None);
    }
}
