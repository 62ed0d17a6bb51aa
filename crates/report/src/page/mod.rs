//! The page: one HTML file that needs no other and no network. Text goes
//! through maud, which escapes it, so a class may be called `<b>`.

mod audit;
mod campaign;
mod data;
pub mod frame;
mod headline;
mod mistakes;
mod setup;
mod split;
mod suspects;
mod training;
mod trust;

pub use campaign::CampaignPage;
pub use mistakes::PIXELATED_WIDTH;

use crate::{audit::Exhibit, charts::Charts, gallery::Gallery, inputs::Inputs, report::Report};
use maud::{Markup, html};
use shoebox_chart::Chart;

/// What the page is made of.
#[derive(Debug)]
pub struct Page<'a> {
    /// The numbers.
    pub report: &'a Report,
    /// The files behind them.
    pub inputs: &'a Inputs,
    /// The curves and matrices.
    pub charts: &'a Charts,
    /// The misclassified images of each split, in the report's order.
    pub galleries: &'a [Gallery<'a>],
    /// What the audit noticed, by kind.
    pub exhibits: &'a [Exhibit<'a>],
}

impl Page<'_> {
    /// The whole file.
    pub fn html(&self) -> String {
        let report = self.report;
        let content = html! {
            (headline::section(report))
            (training::section(report, self.charts))
            @for ((split, charts), gallery) in report.splits.iter().zip(&self.charts.splits).zip(self.galleries) {
                (split::section(split, &charts.matrix))
                (trust::section(split, [&charts.reliability, &charts.coverage]))
                (mistakes::section(split, gallery))
            }
            (data::section(report, &self.inputs.pictures))
            @if let Some(audit) = &report.audit { (audit::section(audit, self.exhibits)) }
            (setup::section(report, self.inputs.pipeline.as_deref()))
        };
        frame::page(&frame::Head::of(report), &content).into_string()
    }
}

/// What a split is called in headings.
pub fn split_title(split: &str) -> &str {
    match split {
        "val" => "Validation",
        "test" => "Test",
        "train" => "Training set",
        "out_of_fold" => "Out of fold",
        other => other,
    }
}

/// A path that breaks after a slash before it breaks anywhere else.
pub fn breakable(path: &str) -> Markup {
    html! { @for part in path.split_inclusive('/') { (part) wbr; } }
}

/// Text with what stands between backticks set as code.
fn with_code(text: &str) -> Markup {
    html! {
        @for (index, part) in text.split('`').enumerate() {
            @if index % 2 == 1 { code { (part) } } @else { (part) }
        }
    }
}

/// A table in a box of its own that scrolls where the screen is narrow.
pub fn scrolling(label: &str, table: Markup) -> Markup {
    html! { div.scroll tabindex="0" role="region" aria-label=(label) { (table) } }
}

/// A chart in its card, with its files below.
pub fn figure(chart: &Chart) -> Markup {
    html! {
        figure.card {
            h3 { (chart.title) }
            (chart.inline())
            figcaption.files {
                a href={ (chart.name) ".svg" } { "SVG" }
                a href={ (chart.name) ".png" } { "PNG" }
            }
        }
    }
}
