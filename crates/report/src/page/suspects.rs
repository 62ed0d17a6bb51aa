//! Pictures whose labels may be wrong.

use super::breakable;
use crate::{
    campaign::{CampaignReport, Suspect},
    format::{counted, grouped, whole_percent},
    pictures::Inline,
};
use maud::{Markup, html};

/// Pictures up to this wide, in pixels, are enlarged without blurring.
const PIXELATED_WIDTH: u32 = 96;

pub fn section(report: &CampaignReport, shown: &[(&Suspect, Option<Inline>)]) -> Markup {
    let all = report.suspects.len();
    html! {
        section #suspects aria-labelledby="suspects-title" {
            h2 #suspects-title { "Suspected label errors" }
            p.note {
                @if all == 0 { "None. " } @else { (counted(all as u64, "picture")) ", the most doubtful first. " }
                "A picture is listed when the network that has not seen it finds another class at least as likely as that class’s own pictures are on average. "
                "Some are labelled wrongly, some are only hard: look before you change one. "
                "(Confident learning, ranked by self-confidence: C. G. Northcutt, L. Jiang, I. L. Chuang, J. Artif. Intell. Res. 70, 2021, 1373–1411.)"
            }
            ul.gallery { @for (suspect, picture) in shown { (card(suspect, picture.as_ref())) } }
            @if all > shown.len() {
                p.note { "And " (grouped((all - shown.len()) as u64)) " more, listed in " a href="report.json" { "report.json" } "." }
            }
        }
    }
}

fn card(suspect: &Suspect, picture: Option<&Inline>) -> Markup {
    let said = format!("{}, looks like {}", suspect.label, suspect.looks_like);
    let likely = f64::from(suspect.other_probability);
    html! {
        li.card.mistake {
            @match picture {
                Some(picture) => {
                    img.pixelated[picture.width <= PIXELATED_WIDTH] src=(picture.uri) alt=(said)
                        width=(picture.width) height=(picture.height);
                }
                None => { div.no-picture { "no picture" } }
            }
            div.verdict {
                p.truth { span.role { "labelled" } " " (suspect.label) ", " (whole_percent(f64::from(suspect.label_probability))) }
                p.taken { span.role { "looks like" } " " strong { (suspect.looks_like) } }
                p.sure {
                    span.role { "probability" } " " (whole_percent(likely))
                    span.meter.wrong aria-hidden="true" { span style=(format!("width:{:.0}%", likely * 100.0)) {} }
                }
                p.path { (breakable(&suspect.path)) }
            }
        }
    }
}
