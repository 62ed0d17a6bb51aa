//! Figures as the programs print them.

use shoebox_artifact::records::{Answered, Calibrated, Calibration, Evaluation};
use shoebox_metrics::{Interval, fewest_accepted};
use std::fmt::Write;

/// The figures of a split in a few lines, the last one without a newline:
/// each share with its 95 % interval.
pub fn figures(evaluation: &Evaluation) -> String {
    let Evaluation { split, count, correct, loss, tta, .. } = evaluation;
    let views = tta.as_ref().map_or(String::new(), |tta| format!(" with tta {tta}"));
    let mut text = format!("{split}{views}: accuracy {}, loss {loss:.4}", share(*correct, *count));
    // Writing to a String cannot fail.
    for (k, correct) in &evaluation.top_k {
        let _ = write!(text, "\n  among the {k} likeliest: {}", share(*correct, *count));
    }
    if let Some(f1) = evaluation.macro_f1.filter(|_| !evaluation.top_k.is_empty()) {
        let _ = write!(text, "\n  macro F1 {f1:.4}");
    }
    if let Some(ece) = evaluation.ece {
        let _ = write!(text, "\n  calibration error {ece:.4}{}", at(&evaluation.calibrated));
    }
    if let Some(Answered { threshold, count: answered, correct }) = &evaluation.answered {
        let coverage = share(*answered, *count);
        let right = share(*correct, *answered);
        let _ = write!(
            text,
            "\n  answered from probability {threshold} on: {coverage}; right of these: {right}"
        );
    }
    text
}

/// `0.9342 (71 of 76; 95 % interval 0.855 to 0.972)`
fn share(part: u64, whole: u64) -> String {
    let Interval { low, high } = Interval::wilson_95(part, whole);
    let share = part as f64 / whole.max(1) as f64;
    format!("{share:.4} ({part} of {whole}; 95 % interval {low:.3} to {high:.3})")
}

fn at(calibrated: &Option<Calibrated>) -> String {
    calibrated.as_ref().map_or(String::new(), |Calibrated { temperature, loss, ece }| {
        format!(", {ece:.4} at temperature {temperature:.3}, where the loss is {loss:.4}")
    })
}

/// What there is to say where `calibration` lacks a `temperature`, or a
/// threshold for a precision, that was asked for.
pub fn calibration_notes(
    calibration: Option<&Calibration>,
    temperature: bool,
    precision: Option<f64>,
) -> Vec<String> {
    let Some(fitted) = calibration else { return Vec::new() };
    let images = fitted.images;
    let no_temperature = (temperature && fitted.temperature.is_none()).then(|| {
        format!("no temperature: the {images} val pictures fit none from 0.05 to 20, as when every one is right, or hardly any")
    });
    let no_threshold = precision.filter(|_| fitted.reject.is_none()).map(|precision| {
        let fewest = fewest_accepted(precision);
        format!("no threshold: at none are {fewest} or more of the {images} val pictures answered and {precision} of them right, so nothing is ever unknown; ask for a lower precision, or give val more pictures")
    });
    no_temperature.into_iter().chain(no_threshold).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_of_three_classes_has_all_its_figures() {
        let evaluation = Evaluation {
            split: "test".to_owned(),
            tta: Some("flip".to_owned()),
            count: 76,
            correct: 71,
            loss: 0.21799,
            ece: Some(0.0512),
            calibrated: Some(Calibrated { temperature: 1.25, loss: 0.2, ece: 0.04 }),
            top_k: [(2, 75)].into(),
            macro_f1: Some(0.93411),
            answered: Some(Answered { threshold: 0.81, count: 70, correct: 68 }),
        };
        let wanted = "\
test with tta flip: accuracy 0.9342 (71 of 76; 95 % interval 0.855 to 0.972), loss 0.2180
  among the 2 likeliest: 0.9868 (75 of 76; 95 % interval 0.929 to 0.998)
  macro F1 0.9341
  calibration error 0.0512, 0.0400 at temperature 1.250, where the loss is 0.2000
  answered from probability 0.81 on: 0.9211 (70 of 76; 95 % interval 0.838 to 0.963); right of these: 0.9714 (68 of 70; 95 % interval 0.902 to 0.992)";
        assert_eq!(figures(&evaluation), wanted);
    }

    #[test]
    fn an_old_record_has_accuracy_and_loss() {
        let evaluation =
            Evaluation { split: "val".to_owned(), count: 4, correct: 4, ..Evaluation::default() };
        let wanted = "val: accuracy 1.0000 (4 of 4; 95 % interval 0.510 to 1.000), loss 0.0000";
        assert_eq!(figures(&evaluation), wanted);
    }

    #[test]
    fn what_could_not_be_fitted_is_said() {
        let nothing = Calibration { images: 12, temperature: None, reject: None };
        let notes = calibration_notes(Some(&nothing), true, Some(0.9));
        assert!(
            notes[0].contains("12 val pictures") && notes[1].contains("10 or more"),
            "{notes:?}"
        );
        assert!(calibration_notes(Some(&nothing), false, None).is_empty());
        assert!(calibration_notes(None, true, None).is_empty());
    }
}
