//! What a reader should keep in mind, in plain words. Each caution is one
//! function that finds its own occasion.

use crate::{
    format::{counted, percent, whole_percent},
    inputs::Inputs,
    report::{Report, SplitReport},
};
use shoebox_artifact::records::RunStatus;
use shoebox_metrics::fewest_accepted;

/// An interval wider than this (in accuracy, 0–1) is called wide.
const WIDE_INTERVAL: f64 = 0.10;
/// Train accuracy that much above val accuracy is called overfitting.
const OVERFIT_GAP: f64 = 0.10;
/// A largest class this many times the smallest is called imbalance.
const IMBALANCE: f64 = 3.0;
/// A calibration error that much above what chance would make of it is called so.
const FAR_FROM_CALIBRATED: f64 = 0.05;

/// Every caution that applies, the gravest first.
pub fn all(report: &Report, inputs: &Inputs) -> Vec<String> {
    let run = [unfinished(report), of_fold(report), no_predictions(report)].into_iter().flatten();
    let val = [
        leakage(report),
        chosen_on_val(report),
        fitted_on_val(report),
        not_fitted(report),
        overfitting(report),
    ];
    let val = val.into_iter().flatten();
    let data = [imbalance(report), skipped(report), audited(report)].into_iter().flatten();
    let pictures = no_pictures(inputs).into_iter();
    run.chain(report.splits.iter().flat_map(|split| of_split(split, report)))
        .chain(val)
        .chain(data)
        .chain(pictures)
        .collect()
}

fn of_split(split: &SplitReport, report: &Report) -> Vec<String> {
    let found = [
        disagreement(split, report),
        guessing(split),
        wide(split),
        miscalibrated(split),
        empty_classes(split),
        ignored_classes(split),
    ];
    found.into_iter().flatten().collect()
}

fn unfinished(report: &Report) -> Option<String> {
    let done = counted(report.epochs.len() as u64, "epoch");
    let planned = report.run.spec.pointer("/train/epochs").and_then(|epochs| epochs.as_u64());
    let of = planned.map_or_else(String::new, |planned| format!(" of {planned}"));
    match report.run.status {
        RunStatus::Finished | RunStatus::StoppedEarly => None,
        RunStatus::Running => Some(format!(
            "The run was at work when this report was written, or ended without a word; {done}{of} had ended. Run `report` again for a newer one."
        )),
        RunStatus::Interrupted => Some(format!("The run was interrupted after {done}{of}.")),
        RunStatus::Failed => Some(format!("The run failed after {done}{of}.")),
    }
}

fn of_fold(report: &Report) -> Option<String> {
    let part = report.run.campaign.as_ref().filter(|part| !part.has_splits_of_cache())?;
    Some(format!(
        "This run is fold {} of {} of the campaign `{}`: it learned from the other folds, and val are the pictures of its own. Counts of pictures below are those of the whole cache.",
        part.number,
        part.kind.count(),
        part.name
    ))
}

fn no_predictions(report: &Report) -> Option<String> {
    report.splits.is_empty().then(|| {
        "There are no predictions yet, so accuracy with its interval, the confusion matrix, the scores per class and the misclassified images are missing. They are written when training ends; `evaluate` writes them at any time.".to_owned()
    })
}

/// The record and the predictions are written together, unless somebody evaluated again.
fn disagreement(split: &SplitReport, report: &Report) -> Option<String> {
    let recorded = report.run.evaluations.iter().find(|other| other.split == split.split)?;
    ((recorded.count, recorded.correct) != (split.count, split.correct)).then(|| {
        format!(
            "run.json records {} of {} right on {}, the predictions say {} of {}; this report goes by the predictions.",
            recorded.correct, recorded.count, split.split, split.correct, split.count
        )
    })
}

fn guessing(split: &SplitReport) -> Option<String> {
    let low = split.accuracy_interval_95.low;
    (split.count > 0 && low <= split.baseline_accuracy).then(|| {
        format!(
            "On {}, the network cannot be told from always guessing the largest class: that is right for {}, which is not below the 95\u{202f}% interval.",
            split.split,
            percent(split.baseline_accuracy)
        )
    })
}

fn wide(split: &SplitReport) -> Option<String> {
    let width = split.accuracy_interval_95.width();
    (width > WIDE_INTERVAL).then(|| {
        format!(
            "With only {} in {}, the 95\u{202f}% interval is {:.0} points wide; a smaller difference between two runs may be chance.",
            counted(split.count, "image"),
            split.split,
            width * 100.0
        )
    })
}

fn empty_classes(split: &SplitReport) -> Option<String> {
    let empty = names(split.classes.iter().filter(|class| class.support == 0).map(|c| &*c.class))?;
    Some(format!("{} has no image of {empty}, so nothing is known about that.", split.split))
}

fn ignored_classes(split: &SplitReport) -> Option<String> {
    let never = split.classes.iter().filter(|class| class.support > 0 && class.predicted == 0);
    let never = names(never.map(|class| &*class.class))?;
    Some(format!("On {}, no image was ever taken for {never}.", split.split))
}

/// Up to five names, and how many more there are.
fn names<'a>(names: impl Iterator<Item = &'a str>) -> Option<String> {
    let all: Vec<&str> = names.collect();
    let shown = all.iter().take(5).map(|name| format!("“{name}”")).collect::<Vec<_>>().join(", ");
    match all.len() {
        0 => None,
        1..=5 => Some(shown),
        more => Some(format!("{shown} and {} more classes", more - 5)),
    }
}

fn has_split(report: &Report, name: &str) -> bool {
    report.splits.iter().any(|split| split.split == name)
}

fn chosen_on_val(report: &Report) -> Option<String> {
    let checkpoint = |key: &str| report.run.spec.pointer("/train/checkpoint")?.get(key)?.as_str();
    let monitor = checkpoint("monitor")?;
    let applies = monitor.starts_with("val_")
        && checkpoint("keep") != Some("last")
        && report.epochs.len() > 1
        && has_split(report, "val");
    let remedy = match has_split(report, "test") {
        true => "the accuracy on test is the fair one.",
        false => "expect somewhat less on new pictures. A test split, looked at once, would tell.",
    };
    applies.then(|| {
        format!("The best epoch was chosen on val (by {monitor}), so the accuracy on val is optimistic: {remedy}")
    })
}

/// Val told what to do, so it cannot tell how well that works.
fn fitted_on_val(report: &Report) -> Option<String> {
    let fitted = report.run.calibration.as_ref()?;
    let (what, figures) = match (fitted.temperature.is_some(), fitted.reject.is_some()) {
        (true, true) => {
            ("The temperature and the threshold were", "calibration error and precision")
        }
        (true, false) => ("The temperature was", "calibration error"),
        (false, true) => ("The threshold was", "precision"),
        (false, false) => return None,
    };
    let remedy = match has_split(report, "test") {
        true => "go by those of test.",
        false => "expect worse on new pictures; a test split would tell.",
    };
    has_split(report, "val").then(|| {
        format!(
            "{what} fitted on the {} of val, so val's {figures} are optimistic: {remedy}",
            counted(fitted.images, "image")
        )
    })
}

/// What was asked for and could not be fitted.
fn not_fitted(report: &Report) -> Option<String> {
    let fitted = report.run.calibration.as_ref()?;
    let asked = |key: &str| report.run.spec.pointer(&format!("/evaluate/{key}"));
    let temperature = asked("temperature").and_then(|asked| asked.as_bool()) == Some(true);
    let precision = asked("reject/precision").and_then(|asked| asked.as_f64());
    if let (Some(precision), None) = (precision, &fitted.reject) {
        return Some(format!(
            "No threshold has a precision of {} on {} or more of the {} of val, so nothing is ever unknown.",
            percent(precision),
            fewest_accepted(precision),
            counted(fitted.images, "image")
        ));
    }
    (temperature && fitted.temperature.is_none()).then(|| {
        format!(
            "No temperature was fitted: the {} of val fit none, as when every one is right, or hardly any.",
            counted(fitted.images, "image")
        )
    })
}

/// A calibration error that chance does not explain.
fn miscalibrated(split: &SplitReport) -> Option<String> {
    let (found, accuracy) = (&split.calibration, split.accuracy?);
    let is_far = found.ece - found.ece_by_chance > FAR_FROM_CALIBRATED;
    let how = if found.confidence > accuracy { "too sure" } else { "not sure enough" };
    is_far.then(|| {
        format!(
            "On {}, the network is {how}: it is right for {} and sure to {} on average.",
            split.split,
            percent(accuracy),
            percent(found.confidence)
        )
    })
}

fn overfitting(report: &Report) -> Option<String> {
    let best = report.best_epoch()?;
    let (train, val) = (best.train?.accuracy, best.val?.accuracy);
    (train - val > OVERFIT_GAP).then(|| {
        format!(
            "In the best epoch the network was right for {} of the training images but {} of the val images: it has learned some of the pictures by heart. More pictures, or more dropout, would help.",
            whole_percent(train),
            whole_percent(val)
        )
    })
}

fn imbalance(report: &Report) -> Option<String> {
    let counts = &report.cache.as_ref()?.splits.get("train")?.counts;
    let (most, least) = (*counts.iter().max()?, *counts.iter().min()?);
    (most as f64 > IMBALANCE * least as f64).then(|| {
        format!(
            "The training classes are of very different size ({least} to {most} images); accuracy hides how rare classes fare, so look at the scores per class."
        )
    })
}

fn skipped(report: &Report) -> Option<String> {
    let skipped = report.cache.as_ref()?.splits.values().map(|split| split.skipped).sum::<u64>();
    (skipped > 0)
        .then(|| format!("{} could not be read and took no part.", counted(skipped, "file")))
}

/// Pictures that were learned from and are measured on, as far as they were found.
fn leakage(report: &Report) -> Option<String> {
    let findings = &report.audit.as_ref()?.findings;
    let leaks = findings.iter().filter(|finding| finding.kind == "leakage").count() as u64;
    (leaks > 0).then(|| {
        format!(
            "The splits share pictures ({} alike across splits), so the accuracy is better than it would be on new ones; see Audit.",
            counted(leaks, "group")
        )
    })
}

fn audited(report: &Report) -> Option<String> {
    let audit = report.audit.as_ref()?;
    let counts = [(audit.errors, "error"), (audit.warnings, "warning")];
    let counts = counts.into_iter().filter(|(count, _)| *count > 0);
    let counts: Vec<_> = counts.map(|(count, noun)| counted(count, noun)).collect();
    (!counts.is_empty())
        .then(|| format!("The audit of the pictures found {}; see Audit.", counts.join(" and ")))
}

fn no_pictures(inputs: &Inputs) -> Option<String> {
    let reason = inputs.pictures.absence()?;
    Some(format!("Thumbnails, sample sheet and class counts are left out: {reason}."))
}

#[cfg(test)]
mod tests {
    use super::names;

    #[test]
    fn many_names_are_cut_short() {
        assert_eq!(names([].into_iter()), None);
        assert_eq!(names(["a", "b"].into_iter()).unwrap(), "“a”, “b”");
        let many = names(["a", "b", "c", "d", "e", "f", "g"].into_iter()).unwrap();
        assert!(many.ends_with("“e” and 2 more classes"), "{many}");
    }
}
