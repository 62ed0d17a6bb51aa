//! How far the network's own word can be taken.

use super::figure;
use crate::{
    format::{compact, percent},
    report::SplitReport,
    trust::Answered,
};
use maud::{Markup, html};
use shoebox_chart::Chart;
use shoebox_metrics::Interval;

pub fn section(split: &SplitReport, [reliability, coverage]: [&Chart; 2]) -> Markup {
    let title = format!("{}-trust", split.split);
    html! {
        section aria-labelledby=(title) {
            h3 id=(title) { "How sure, and how often right, on " (split.split) }
            p.note { (calibration(split)) }
            p.note { (answered(split)) }
            div.charts { (figure(reliability)) (figure(coverage)) }
        }
    }
}

/// The calibration error beside what chance would make of it, and whatever
/// the temperature did.
fn calibration(split: &SplitReport) -> Markup {
    let found = &split.calibration;
    html! {
        "Right for " (split.accuracy.map_or("–".to_owned(), percent)) ", sure to " (percent(found.confidence)) " on average. "
        "The calibration error is " strong { (percent(found.ece)) }
        @if let (Some(temperature), Some(before)) = (found.temperature, found.ece_before) {
            " at the temperature " (compact(temperature)) ", and " (percent(before)) " without it"
        }
        "; if every confidence were true, chance alone would make about " (percent(found.ece_by_chance)) " of so few or many images."
        " A dot is the images of one bin of confidence, its area their number, its line the 95\u{202f}% interval of their accuracy; where the two agree it lies on the dashed line."
    }
}

fn answered(split: &SplitReport) -> Markup {
    let Some(Answered { selection, coverage, precision, .. }) = &split.answered else {
        return html! { "No picture is unknown: no threshold is in use. The curve on the right shows what one would come to." };
    };
    let answered = split.answered.as_ref();
    let of = |interval: fn(&Answered) -> Interval| answered.map(interval).map(between);
    html! {
        "Images whose likeliest class has less than " (percent(selection.threshold)) " are unknown, as in " code { "predict" } ". "
        strong { (percent(*coverage)) } " are answered" @if let Some(range) = of(|one| one.coverage_interval_95) { " (" (range) ")" }
        ", of which " strong { (precision.map_or("–".to_owned(), percent)) } " are right"
        @if let Some(range) = of(|one| one.precision_interval_95) { " (" (range) ")" }
        "; the threshold was chosen on val for " (answered.map_or(String::new(), |one| percent(one.wanted_precision))) "."
    }
}

fn between(interval: Interval) -> String {
    format!("95\u{202f}% interval {} to {}", percent(interval.low), percent(interval.high))
}
