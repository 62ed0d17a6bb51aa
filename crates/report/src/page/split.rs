//! Which classes are mistaken for which, and how well each is told.

use super::{figure, scrolling, split_title};
use crate::{
    format::{compact, counted, grouped, score, whole_percent},
    report::{Confused, SplitReport},
    stats::ClassScore,
};
use maud::{Markup, html};
use shoebox_chart::{Chart, MAX_NUMBERED};

/// With more classes than this, the weakest are shown and the rest folded away.
const MAX_LISTED: usize = MAX_NUMBERED;
/// How many of the weakest.
const MAX_WEAK: usize = 12;
const MAX_PAIRS: usize = 12;

pub fn section(split: &SplitReport, matrix: &Chart) -> Markup {
    let title = format!("{}-title", split.split);
    let many = split.classes.len() > 8;
    html! {
        section id=(split.split) aria-labelledby=(title) {
            h2 id=(title) { (split_title(&split.split)) ": class by class" }
            p.note {
                (counted(split.count, "image"))
                @if let Some(tta) = &split.tta { ", in the views of " code { (tta) } }
                @if let Some(loss) = split.loss { ", loss " (compact(loss)) }
                @if let Some(loss) = split.calibration.loss { ", " (compact(loss)) " at the temperature" }
                ". Each row of the matrix is a true class, each column a predicted one"
                @if split.classes.len() <= MAX_NUMBERED { "; a cell shows the number of images and its share of the row" }
                "."
            }
            div.classes.stacked[many] {
                (figure(matrix))
                div.card { (scores(split)) }
            }
            @if split.classes.len() > 2 && !split.confused.is_empty() { (pairs(split)) }
        }
    }
}

fn scores(split: &SplitReport) -> Markup {
    let all: Vec<&ClassScore> = split.classes.iter().collect();
    if all.len() <= MAX_LISTED {
        return html! { h3 { "Scores per class" } (scrolling("Scores per class", score_table(&all, split))) };
    }
    let mut weakest = all.clone();
    weakest.sort_by(|a, b| a.f1.unwrap_or(2.0).total_cmp(&b.f1.unwrap_or(2.0)));
    weakest.truncate(MAX_WEAK);
    html! {
        h3 { "The " (weakest.len()) " weakest of " (all.len()) " classes, by F1" }
        (scrolling("The weakest classes", score_table(&weakest, split)))
        details {
            summary { "All " (all.len()) " classes" }
            (scrolling("Scores per class", score_table(&all, split)))
        }
    }
}

fn score_table(classes: &[&ClassScore], split: &SplitReport) -> Markup {
    let average = split.macro_average;
    html! {
        table.numbers {
            thead {
                tr {
                    th scope="col" { "Class" } th scope="col" { "Precision" } th scope="col" { "Recall" }
                    th scope="col" { "F1" } th scope="col" { "Support" }
                }
            }
            tbody {
                @for class in classes {
                    tr {
                        th scope="row" { (class.class) }
                        @for figure in [class.precision, class.recall, class.f1] { td { (measured(figure)) } }
                        td { (grouped(class.support)) }
                    }
                }
            }
            tfoot {
                tr {
                    th scope="row" { "Macro average" }
                    @for figure in [average.precision, average.recall, average.f1] { td { (measured(Some(figure))) } }
                    td { (grouped(split.count)) }
                }
            }
        }
    }
}

/// A score with a bar of its length below.
fn measured(figure: Option<f64>) -> Markup {
    let length = format!("width:{:.0}%", figure.unwrap_or(0.0) * 100.0);
    html! { (score(figure)) span.meter aria-hidden="true" { span style=(length) {} } }
}

fn pairs(split: &SplitReport) -> Markup {
    let shown = &split.confused[..split.confused.len().min(MAX_PAIRS)];
    let more = split.confused.len() - shown.len();
    html! {
        div.card {
            h3 { "Most confused pairs" }
            (scrolling("Most confused pairs", html! {
                table.numbers.pairs-table {
                    thead {
                        tr {
                            th scope="col" { "True class" } th.text scope="col" { "Taken for" }
                            th scope="col" { "Images" } th scope="col" { "Of the class" }
                        }
                    }
                    tbody { @for pair in shown { (pair_row(pair)) } }
                }
            }))
            @if more > 0 { p.note { (counted(more as u64, "more pair")) " in report.json." } }
        }
    }
}

fn pair_row(pair: &Confused) -> Markup {
    html! {
        tr {
            th scope="row" { (pair.truth) }
            td.text { (pair.predicted) }
            td { (grouped(pair.count)) }
            td { (whole_percent(pair.count as f64 / pair.support.max(1) as f64)) }
        }
    }
}
