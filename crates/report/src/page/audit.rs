//! What was noticed about the pictures, and what to do about it.

use super::{breakable, with_code};
use crate::{
    audit::{AuditReport, Exhibit, Exhibited},
    format::{counted, grouped},
    pictures::Inline,
};
use maud::{Markup, html};
use shoebox_artifact::records::Severity;

/// Pictures up to this wide, in pixels, are enlarged without blurring.
const PIXELATED_WIDTH: u32 = 96;
/// More paths than this are folded away.
const OPEN_PATHS: usize = 4;

pub fn section(audit: &AuditReport, exhibits: &[Exhibit]) -> Markup {
    html! {
        section #audit aria-labelledby="audit-title" {
            h2 #audit-title { "Audit" }
            p.note { (summary(audit)) }
            @for exhibit in exhibits { (kind(exhibit)) }
        }
    }
}

fn summary(audit: &AuditReport) -> Markup {
    let counts = [(audit.errors, "error"), (audit.warnings, "warning"), (audit.notes, "note")];
    let counts: Vec<_> = counts
        .into_iter()
        .filter(|(count, _)| *count > 0)
        .map(|(count, noun)| counted(count, noun))
        .collect();
    html! {
        @if !audit.complete { "The audit was off, so pictures were not compared with one another. " }
        @match (counts.is_empty(), audit.complete) {
            (true, true) => "Nothing was noticed about the pictures.",
            (true, false) => "Reading the pictures showed nothing odd.",
            (false, _) => { (counts.join(", ")) ". Pictures are shown as the network saw them; all of them are in " a href="report.json" { "report.json" } "." }
        }
    }
}

/// Notes are folded away; what may spoil figures is not.
fn kind(exhibit: &Exhibit) -> Markup {
    let more = exhibit.count - exhibit.shown.len();
    html! {
        details.finding open[exhibit.severity != Severity::Note] {
            summary {
                span class={ "badge " (word(exhibit.severity)) } { (word(exhibit.severity)) }
                " " (title(exhibit.kind))
                @if exhibit.count > 1 { " " span.role { "× " (grouped(exhibit.count as u64)) } }
            }
            @if let Some(remedy) = exhibit.remedy { (advice(remedy)) }
            ul.findings {
                @for shown in &exhibit.shown { (finding(shown, exhibit.remedy.is_none())) }
            }
            @if more > 0 {
                p.note { "And " (grouped(more as u64)) " more of this kind in " a href="report.json" { "report.json" } "." }
            }
        }
    }
}

fn word(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    }
}

/// `near_duplicate` as `Near duplicate`.
fn title(kind: &str) -> String {
    let words = kind.replace('_', " ");
    let mut letters = words.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

fn advice(remedy: &str) -> Markup {
    html! { p.advice { span.role { "What to do: " } (with_code(remedy)) "." } }
}

fn finding(shown: &Exhibited, with_remedy: bool) -> Markup {
    let finding = shown.finding;
    html! {
        li {
            p.fact {
                (with_code(&finding.fact))
                @if finding.count > 1 { " " span.role { "(" (counted(finding.count, "path")) ")" } }
            }
            @if with_remedy { (advice(&finding.remedy)) }
            @if !shown.pictures.is_empty() { (pictures(shown)) }
            (paths(shown))
        }
    }
}

fn pictures(shown: &Exhibited) -> Markup {
    let more = shown.finding.count.saturating_sub(shown.pictures.len() as u64);
    html! {
        ul.strip {
            @for (path, picture) in &shown.pictures { li { (thumbnail(path, picture)) } }
            @if more > 0 { li.more { (grouped(more)) " more" } }
        }
    }
}

fn thumbnail(path: &str, picture: &Inline) -> Markup {
    html! {
        img.pixelated[picture.width <= PIXELATED_WIDTH] src=(picture.uri) alt=(path) title=(path)
            width=(picture.width) height=(picture.height);
    }
}

fn paths(shown: &Exhibited) -> Markup {
    let list = html! {
        ul.paths {
            @for path in shown.paths { li { code { (breakable(path)) } } }
        }
    };
    let more = shown.finding.count.saturating_sub(shown.paths.len() as u64);
    html! {
        @if shown.paths.len() <= OPEN_PATHS {
            (list)
        } @else {
            details {
                summary { "Paths" }
                (list)
                @if more > 0 { p.note { "And " (grouped(more)) " more." } }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn kinds_become_titles() {
        assert_eq!(title("near_duplicate"), "Near duplicate");
        assert_eq!(title("éclat"), "Éclat");
        assert_eq!(title(""), "");
    }
}
