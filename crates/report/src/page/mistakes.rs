//! The images whose class was not predicted.

use super::breakable;
use crate::{
    format::{counted, grouped, whole_percent},
    gallery::Gallery,
    pictures::Inline,
    report::{Mistake, SplitReport},
};
use maud::{Markup, html};

/// Pictures up to this wide, in pixels, are enlarged without blurring.
pub const PIXELATED_WIDTH: u32 = 96;

pub fn section(split: &SplitReport, gallery: &Gallery) -> Markup {
    let title = format!("{}-mistakes", split.split);
    html! {
        section aria-labelledby=(title) {
            h3 id=(title) { "Misclassified images of " (split.split) }
            @if gallery.shown.is_empty() {
                p.note { "None: all " (counted(split.count, "image")) " are right." }
            } @else {
                p.note {
                    (grouped(split.misclassified.len() as u64)) " of " (counted(split.count, "image"))
                    ", the most confident mistakes first. Pictures are shown as the network saw them."
                }
                ul.gallery { @for (mistake, picture) in &gallery.shown { (card(mistake, picture.as_ref())) } }
                @if gallery.more > 0 {
                    p.note { "And " (grouped(gallery.more as u64)) " more, listed in " a href="report.json" { "report.json" } "." }
                }
            }
        }
    }
}

fn card(mistake: &Mistake, picture: Option<&Inline>) -> Markup {
    let confidence = f64::from(mistake.confidence);
    html! {
        li.card.mistake {
            (thumbnail(mistake, picture))
            div.verdict {
                p.truth { span.role { "true" } " " (mistake.truth) }
                p.taken { span.role { "taken for" } " " strong { (mistake.predicted) } }
                p.sure {
                    span.role { "confidence" } " " (whole_percent(confidence))
                    span.meter.wrong aria-hidden="true" { span style=(format!("width:{:.0}%", confidence * 100.0)) {} }
                }
                p.path { (breakable(&mistake.path)) }
            }
        }
    }
}

fn thumbnail(mistake: &Mistake, picture: Option<&Inline>) -> Markup {
    let said = format!("{}, taken for {}", mistake.truth, mistake.predicted);
    html! {
        @match picture {
            Some(picture) => {
                img.pixelated[picture.width <= PIXELATED_WIDTH] src=(picture.uri) alt=(said)
                    width=(picture.width) height=(picture.height);
            }
            None => { div.no-picture { "no picture" } }
        }
    }
}
