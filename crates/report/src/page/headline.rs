//! What came out, and how far it can be trusted.

use super::{split_title, with_code};
use crate::{
    format::{counted, grouped, percent, score},
    report::{Report, SplitReport},
};
use maud::{Markup, html};

pub fn section(report: &Report) -> Markup {
    html! {
        section #accuracy aria-labelledby="accuracy-title" {
            h2 #accuracy-title { "Accuracy of the best weights" }
            div.headline.alone[report.splits.len() < 2] {
                @for split in &report.splits { (card(split)) }
                @if report.splits.is_empty() { (so_far(report)) }
                (cautions(&report.cautions))
            }
        }
    }
}

pub(super) fn card(split: &SplitReport) -> Markup {
    let interval = split.accuracy_interval_95;
    html! {
        div.card.figure {
            h3 { (split_title(&split.split)) }
            p.big { (split.accuracy.map_or("–".to_owned(), percent)) }
            p.of { (grouped(split.correct)) " of " (counted(split.count, "image")) " right" }
            (bar(split))
            p.of {
                "95\u{202f}% interval " strong { (percent(interval.low)) " to " (percent(interval.high)) }
                br;
                @for top in &split.top_k {
                    "among the " (top.k) " likeliest classes: " strong { (percent(top.share)) } " (" (percent(top.interval_95.low)) " to " (percent(top.interval_95.high)) ")"
                    br;
                }
                @if !split.top_k.is_empty() { "macro F1: " strong { (score(Some(split.macro_average.f1))) } br; }
                span.baseline-key aria-hidden="true" {} " always guessing the largest class: " (percent(split.baseline_accuracy))
            }
        }
    }
}

/// The interval on a line from 0 to 100 %, with the baseline as a tick.
fn bar(split: &SplitReport) -> Markup {
    let interval = split.accuracy_interval_95;
    let at = |share: f64| format!("{:.2}%", share * 100.0);
    html! {
        svg.interval width="100%" height="26" aria-hidden="true" {
            rect.track x="0" y="10" width="100%" height="6" rx="3" {}
            rect.band x=(at(interval.low)) y="10" width=(at(interval.width())) height="6" rx="3" {}
            line.baseline x1=(at(split.baseline_accuracy)) x2=(at(split.baseline_accuracy)) y1="4" y2="22" {}
            @if let Some(accuracy) = split.accuracy {
                circle.value cx=(at(accuracy)) cy="13" r="6.5" {}
            }
        }
    }
}

/// Before there are predictions: what the epochs' own measurements say.
fn so_far(report: &Report) -> Markup {
    let epoch = report.best_epoch().or(report.epochs.last());
    let measured = epoch.and_then(|epoch| Some((epoch.epoch, epoch.val?.accuracy)));
    html! {
        div.card.figure {
            h3 { "Validation, so far" }
            @match measured {
                Some((epoch, accuracy)) => {
                    p.big { (percent(accuracy)) }
                    p.of { "as measured in epoch " (epoch) "; no interval yet, since there are no predictions" }
                }
                None => { p.big { "–" } p.of { "val has not been measured yet" } }
            }
        }
    }
}

pub(super) fn cautions(cautions: &[String]) -> Markup {
    html! {
        @if !cautions.is_empty() {
            aside.cautions aria-labelledby="cautions-title" {
                h3 #cautions-title { "Read with care" }
                ul { @for caution in cautions { li { (with_code(caution)) } } }
            }
        }
    }
}
