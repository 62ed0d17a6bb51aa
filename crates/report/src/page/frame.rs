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

/// What stands above the content, and where it comes from.
#[derive(Debug)]
pub struct Head<'a> {
    /// The page's heading.
    pub title: &'a str,
    /// The folder's name.
    pub name: &'a str,
    /// What the folder is: `run` or `campaign`.
    pub kind: &'static str,
    /// How it stands.
    pub status: RunStatus,
    /// In a few words each.
    pub facts: Vec<String>,
    /// The sections' addresses and names.
    pub sections: Vec<(&'a str, &'a str)>,
}

impl<'a> Head<'a> {
    /// Of a run's report.
    pub fn of(report: &'a Report) -> Self {
        let run = &report.run;
        let name = run.spec.pointer("/name").and_then(|name| name.as_str());
        let mut facts = vec![counted(report.epochs.len() as u64, "epoch")];
        facts.extend(run.best_epoch.map(|best| format!("best: epoch {best}")));
        facts.push(format!("{}, {}", run.device, counted(run.threads.into(), "thread")));
        facts.push(duration(run.seconds));
        facts.push(readable_time(&run.started));
        Self {
            title: name.unwrap_or(&report.name),
            name: &report.name,
            kind: "run",
            status: run.status,
            facts,
            sections: sections(report),
        }
    }
}

pub fn page(head: &Head, content: &Markup) -> Markup {
    let title = format!("Shoebox report: {}", head.name);
    let body = html! {
        (header(head))
        main #content { (content) }
        (footer(head))
    };
    document(&title, &body)
}

/// A whole page: the style, a title, and what `body` has in it.
pub fn document(title: &str, body: &Markup) -> Markup {
    html! {
        (DOCTYPE)
        html lang="en" {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                meta name="color-scheme" content="light dark";
                link rel="icon" href="data:,";
                title { (title) }
                style { (PreEscaped(style())) }
            }
            body {
                a.skip href="#content" { "Skip to the content" }
                (body)
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

fn header(head: &Head) -> Markup {
    html! {
        header.top {
            div.wide {
                p.eyebrow { "Shoebox report" }
                h1 { (head.title) }
                p.run { (head.name) }
                ul.facts {
                    li { span class={ "status " (status_class(head.status)) } { (status(head.status)) } }
                    @for fact in &head.facts { li { (fact) } }
                }
                nav aria-label="Sections" {
                    @for (id, title) in &head.sections { a href={ "#" (id) } { (title) } }
                }
            }
        }
    }
}

fn sections(report: &Report) -> Vec<(&str, &str)> {
    let mut sections = vec![("accuracy", "Accuracy"), ("training", "Training")];
    let splits = report.splits.iter();
    sections.extend(splits.map(|split| (split.split.as_str(), split_title(&split.split))));
    sections.push(("data", "Data"));
    sections.extend(report.audit.is_some().then_some(("audit", "Audit")));
    sections.push(("setup", "Set-up"));
    sections
}

pub fn status(status: RunStatus) -> &'static str {
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

fn footer(head: &Head) -> Markup {
    html! {
        footer {
            div.wide {
                p {
                    "Intervals: Wilson’s score interval at 95 %, without continuity correction (E. B. Wilson, J. Am. Stat. Assoc. 22, 1927, 209–212). "
                    "Precision is the share of images taken for a class that are of it, recall the share of its images that were found, F1 their harmonic mean; "
                    "the macro average counts every class the same, and a score that cannot be computed (–) as 0. "
                    "Loss is the mean cross-entropy per image, in nats. "
                    "The calibration error is the expected one of 15 bins of equal width, and the temperature the one with the least loss on val (C. Guo et al., ICML 2017)."
                }
                p {
                    "All numbers: " a href="report.json" { "report.json" } ". Made by Shoebox " (env!("CARGO_PKG_VERSION"))
                    " from the " (head.kind) " " code { (head.name) } "."
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
