//! Everything around the content: head, style, title, table of contents, foot.

use super::split_title;
use crate::{
    format::{counted, duration},
    report::Report,
};
use maud::{DOCTYPE, Markup, PreEscaped, html};
use shoebox_artifact::records::RunStatus;
use shoebox_chart::{DARK, LIGHT, STYLE};

const PAGE_STYLE: &str = include_str!("page.css");
/// Forbids the page to load anything from anywhere.
const POLICY: &str = "default-src 'none'; img-src data:; style-src 'unsafe-inline'";

pub fn page(report: &Report, content: Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { "Shoebox report: " (report.name) }
                style { (PreEscaped(style())) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (header(report))
                main #content { (content) }
                (footer(report))
            }
        }
    }
}

/// The palettes as variables, then the page's and the charts' rules in terms of them.
fn style() -> String {
    let (light, dark) = (LIGHT.properties(), DARK.properties());
    format!(
        ":root{{{light}}}\n@media screen and (prefers-color-scheme: dark){{:root{{{dark}}}}}\n{PAGE_STYLE}{STYLE}"
    )
}

fn header(report: &Report) -> Markup {
    let name = report.run.spec.pointer("/name").and_then(|name| name.as_str());
    html! {
        header.top {
            div.wide {
                p.eyebrow { "Shoebox report" }
                h1 { (name.unwrap_or(&report.name)) }
                p.run { (report.name) }
                ul.facts {
                    li { span class={ "status " (status_class(report.run.status)) } { (status(report.run.status)) } }
                    li { (counted(report.epochs.len() as u64, "epoch")) }
                    @if let Some(best) = report.run.best_epoch { li { "best: epoch " (best) } }
                    li { (report.run.device) ", " (counted(report.run.threads.into(), "thread")) }
                    li { (duration(report.run.seconds)) }
                    li { (readable_time(&report.run.started)) }
                }
                (contents(report))
            }
        }
    }
}

fn contents(report: &Report) -> Markup {
    html! {
        nav aria-label="Sections" {
            a href="#accuracy" { "Accuracy" }
            a href="#training" { "Training" }
            @for split in &report.splits {
                a href={ "#" (split.split) } { (split_title(&split.split)) }
            }
            a href="#data" { "Data" }
            @if report.audit.is_some() { a href="#audit" { "Audit" } }
            a href="#setup" { "Set-up" }
        }
    }
}

pub(super) fn status(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Running => "running",
        RunStatus::Finished => "finished",
        RunStatus::StoppedEarly => "stopped early",
        RunStatus::Interrupted => "interrupted",
        RunStatus::Failed => "failed",
    }
}

fn status_class(status: RunStatus) -> &'static str {
    match status {
        RunStatus::Finished | RunStatus::StoppedEarly => "ended",
        _ => "open",
    }
}

/// `2026-11-24T04:40:00Z` as `2026-11-24 04:40 UTC`; another text as it is.
pub(super) fn readable_time(rfc3339: &str) -> String {
    match (rfc3339.split_once('T'), rfc3339.ends_with('Z')) {
        (Some((date, time)), true) if time.len() >= 5 && time.is_char_boundary(5) => {
            format!("{date} {} UTC", &time[..5])
        }
        _ => rfc3339.to_owned(),
    }
}

fn footer(report: &Report) -> Markup {
    html! {
        footer {
            div.wide {
                p {
                    "Intervals: Wilson’s score interval at 95 %, without continuity correction (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209–212). "
                    "Precision is the share of images taken for a class that are of it, recall the share of its images that were found, F1 their harmonic mean; "
                    "the macro average counts every class the same, and a score that cannot be computed (–) as 0. "
                    "Loss is the mean cross-entropy per image, in nats."
                }
                p {
                    "All numbers: " a href="report.json" { "report.json" } ". Made by Shoebox " (env!("CARGO_PKG_VERSION"))
                    " from the run " code { (report.name) } "."
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::readable_time;

    #[test]
    fn times_lose_their_seconds() {
        assert_eq!(readable_time("2026-11-24T04:40:07.5Z"), "2026-11-24 04:40 UTC");
        assert_eq!(readable_time("yesterday"), "yesterday");
    }
}
