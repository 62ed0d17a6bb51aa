//! The page that shows runs beside each other.

use super::{
    Comparison, Contender, Difference, SplitTest,
    curves::Curves,
    gallery::{Exhibit, Gallery, Opinion},
    sentence,
};
use crate::{
    format::{compact, counted, duration, grouped, percent, score, whole_percent},
    page::{PIXELATED_WIDTH, breakable, figure, frame, scrolling, split_title},
    report::SplitReport,
};
use maud::{Markup, html};
use serde_json::Value;
use shoebox_chart::run_class;

/// The whole file.
pub fn html(comparison: &Comparison, curves: &Curves, gallery: &Option<Gallery>) -> String {
    let title = format!("Shoebox: {} compared", counted(comparison.runs.len() as u64, "run"));
    let body = html! {
        (header(comparison))
        main #content {
            (figures(comparison))
            (training(curves))
            (tests(comparison))
            @if let Some(gallery) = gallery { (disputed(comparison, gallery)) }
            (differences(comparison))
        }
        (footer())
    };
    frame::document(&title, &body).into_string()
}

fn header(comparison: &Comparison) -> Markup {
    html! {
        header.top {
            div.wide {
                p.eyebrow { "Shoebox comparison" }
                h1 { (counted(comparison.runs.len() as u64, "run")) }
                ul.runs {
                    @for (place, run) in comparison.runs.iter().enumerate() {
                        li { (key(place, run)) " " (run.report.name) }
                    }
                }
                nav aria-label="Sections" {
                    a href="#figures" { "Figures" }
                    a href="#training" { "Training" }
                    a href="#tests" { "Same images" }
                    a href="#differences" { "Spec" }
                }
            }
        }
    }
}

/// The run's letter in its colour.
fn key(place: usize, run: &Contender) -> Markup {
    html! { strong class={ "key " (run_class(place)) } { (run.letter) } }
}

fn figures(comparison: &Comparison) -> Markup {
    let splits: Vec<&str> = ["val", "test", "train"]
        .into_iter()
        .filter(|name| comparison.runs.iter().any(|run| split(run, name).is_some()))
        .collect();
    html! {
        section #figures aria-labelledby="figures-title" {
            h2 #figures-title { "The best weights of each run" }
            div.card {
                @for name in &splits {
                    h3 { (split_title(name)) }
                    (scrolling(split_title(name), split_table(comparison, name)))
                }
                h3 { "Cost" }
                (scrolling("Cost", cost_table(comparison)))
            }
        }
    }
}

fn split<'a>(run: &'a Contender, name: &str) -> Option<&'a SplitReport> {
    run.report.splits.iter().find(|split| split.split == name)
}

fn split_table(comparison: &Comparison, name: &str) -> Markup {
    html! {
        table.numbers {
            thead { tr {
                th scope="col" { "Run" } th scope="col" { "Accuracy" } th scope="col" { "95\u{202f}% interval" }
                th scope="col" { "Right" } th scope="col" { "Loss" } th scope="col" { "Macro F1" }
            } }
            tbody {
                @for (place, run) in comparison.runs.iter().enumerate() {
                    tr {
                        th scope="row" { (key(place, run)) }
                        @match split(run, name) {
                            Some(split) => {
                                td { strong { (split.accuracy.map_or("–".to_owned(), percent)) } }
                                td { (percent(split.accuracy_interval_95.low)) " to " (percent(split.accuracy_interval_95.high)) }
                                td { (grouped(split.correct)) " of " (grouped(split.count)) }
                                td { (split.loss.map_or("–".to_owned(), compact)) }
                                td { (score(Some(split.macro_average.f1))) }
                            }
                            None => { td colspan="5" { "not measured" } }
                        }
                    }
                }
            }
        }
    }
}

fn cost_table(comparison: &Comparison) -> Markup {
    html! {
        table.numbers {
            thead { tr {
                th scope="col" { "Run" } th scope="col" { "Parameters" } th scope="col" { "Epochs" }
                th scope="col" { "Best epoch" } th scope="col" { "Duration" } th scope="col" { "Device" }
                th scope="col" { "Seed" } th scope="col" { "Status" }
            } }
            tbody {
                @for (place, run) in comparison.runs.iter().enumerate() {
                    @let record = &run.report.run;
                    tr {
                        th scope="row" { (key(place, run)) }
                        td { (grouped(record.parameters)) }
                        td { (run.report.epochs.len()) }
                        td { (record.best_epoch.map_or("–".to_owned(), |epoch| epoch.to_string())) }
                        td { (duration(record.seconds)) }
                        td { (record.device) ", " (counted(record.threads.into(), "thread")) }
                        td { (record.seed) }
                        td { (frame::status(record.status)) }
                    }
                }
            }
        }
    }
}

fn training(curves: &Curves) -> Markup {
    html! {
        section #training aria-labelledby="training-title" {
            h2 #training-title { "Training" }
            div.charts { @for chart in curves.all() { (figure(chart)) } }
            p.note { "A line for each run; its letter stands at its end." }
        }
    }
}

fn tests(comparison: &Comparison) -> Markup {
    html! {
        section #tests aria-labelledby="tests-title" {
            h2 #tests-title { "On the same images" }
            @if comparison.tests.is_empty() {
                p.note { "No split was measured by two of the runs; `evaluate` measures one." }
            }
            @for test in &comparison.tests { (split_test(test, comparison)) }
        }
    }
}

fn split_test(test: &SplitTest, comparison: &Comparison) -> Markup {
    let many = test.pairs.len() > 1;
    html! {
        div.card {
            h3 { (split_title(&test.split)) }
            @for pair in &test.pairs {
                p.verdict-line {
                    (sentence::verdict(pair, many)) br;
                    span.of { (sentence::difference(pair)) "; both right on " (grouped(pair.counts.both)) ", neither on " (grouped(pair.counts.neither)) " of " (counted(pair.counts.total(), "image")) }
                }
            }
            @for reason in &test.untested { p.verdict-line { "Not tested: " (reason) "." } }
            @for limit in sentence::limits(test, comparison) { p.note { (limit) } }
        }
    }
}

fn disputed(comparison: &Comparison, gallery: &Gallery) -> Markup {
    html! {
        section #disputed aria-labelledby="disputed-title" {
            h2 #disputed-title { "Images of " (gallery.split) " on which they differ" }
            @if gallery.shown.is_empty() {
                p.note { "None: the runs are right for the same images." }
            } @else {
                p.note { "Those first on which the runs are furthest apart. Pictures are shown as a network saw them." }
                ul.gallery { @for exhibit in &gallery.shown { (exhibit_card(comparison, exhibit)) } }
                @if gallery.more > 0 { p.note { "And " (grouped(gallery.more as u64)) " more." } }
            }
        }
    }
}

fn exhibit_card(comparison: &Comparison, exhibit: &Exhibit) -> Markup {
    html! {
        li.card.mistake {
            @match &exhibit.picture {
                Some(picture) => {
                    img.pixelated[picture.width <= PIXELATED_WIDTH] src=(picture.uri) alt=(exhibit.truth)
                        width=(picture.width) height=(picture.height);
                }
                None => { div.no-picture { "no picture" } }
            }
            div.verdict {
                p.truth { span.role { "true" } " " (exhibit.truth) }
                @for opinion in &exhibit.opinions { (said(comparison, opinion)) }
                p.path { (breakable(&exhibit.path)) }
            }
        }
    }
}

fn said(comparison: &Comparison, opinion: &Opinion) -> Markup {
    html! {
        p.opinion {
            (key(opinion.run, &comparison.runs[opinion.run])) " "
            (opinion.predicted) @if !opinion.right { strong { " ✗" } }
            " " span.of { (whole_percent(opinion.confidence)) }
        }
    }
}

fn differences(comparison: &Comparison) -> Markup {
    html! {
        section #differences aria-labelledby="differences-title" {
            h2 #differences-title { "What their specs do not share" }
            @if comparison.differences.is_empty() {
                p.note { "Nothing: every key has the same value in all of them." }
            } @else {
                div.card { (scrolling("Spec differences", difference_table(comparison))) }
            }
        }
    }
}

fn difference_table(comparison: &Comparison) -> Markup {
    let value = |value: &Option<Value>| value.as_ref().map_or("–".to_owned(), plain);
    let row = |difference: &Difference| {
        html! {
            tr {
                th scope="row" { code { (difference.key) } }
                @for found in &difference.values { td { code { (value(found)) } } }
            }
        }
    };
    html! {
        table.numbers {
            thead { tr {
                th scope="col" { "Key" }
                @for (place, run) in comparison.runs.iter().enumerate() { th scope="col" { (key(place, run)) } }
            } }
            tbody { @for difference in &comparison.differences { (row(difference)) } }
        }
    }
}

/// A text without its quotes, anything else as JSON.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

fn footer() -> Markup {
    html! {
        footer {
            div.wide {
                p {
                    "The test is McNemar’s, exact and two-sided (Psychometrika 12, 1947, 153–157), corrected after Holm (Scand. J. Statist. 6, 1979, 65–70) where there are several pairs; "
                    "the interval of a difference is Newcombe’s method 10 (Statistics in Medicine 17, 1998, 2635–2650), that of an accuracy Wilson’s. "
                    "Macro F1 counts every class the same; loss is the mean cross-entropy per image, in nats."
                }
                p { "All numbers: " a href="comparison.json" { "comparison.json" } ". Made by Shoebox " (env!("CARGO_PKG_VERSION")) "." }
            }
        }
    }
}
