//! Charts as SVG whose colours come from a [`Palette`]: by name (CSS
//! variables, light or dark) inside a page, by value in files of their own,
//! which may be PNG as well.
//!
//! Owns lines per epoch ([`LineChart`]) and over any other axis
//! ([`CurveChart`]), the picture of a [`ConfusionMatrix`], and how numbers
//! read ([`format`](mod@format)). Knows neither files nor runs, so
//! that a report and a training draw alike.
//!
//! The charts are drawn here and not by a plotting library, because those
//! write colours and fonts into every element: such a chart can neither
//! follow the page's theme nor say what a point means when pointed at.

mod coverage;
mod curves;
mod data_uri;
mod error;
pub mod format;
mod heat;
mod lines;
mod matrix;
mod palette;
mod plane;
mod raster;
mod reliability;
mod scale;
mod text;

pub use coverage::coverage;
pub use curves::{Axis, Curve, CurveChart, Mark, run_class};
pub use data_uri::data_uri;
pub use error::ChartError;
pub use lines::{LineChart, Series};
pub use matrix::{MAX_NUMBERED, confusion_matrix};
pub use palette::{DARK, LIGHT, Palette};
pub use reliability::reliability;
pub use scale::Scale;
pub use shoebox_metrics::{Cell, ConfusionMatrix};

use maud::{Markup, PreEscaped, html};

/// The look of charts, in terms of the palette's variables.
pub const STYLE: &str = include_str!("chart.css");

/// Around a chart in a file of its own, in SVG units.
const MARGIN: f64 = 18.0;
/// For the title in a file of its own; the page has its own headings.
const HEAD: f64 = 28.0;

/// A drawn chart.
#[derive(Debug, Clone)]
pub struct Chart {
    /// Its files' name without the ending.
    pub name: String,
    /// What it shows, in a line.
    pub title: String,
    /// What it says, for those who cannot see it.
    pub description: String,
    /// Width and height, in SVG units (CSS pixels at natural size).
    pub size: [f64; 2],
    /// The SVG elements.
    body: Markup,
}

impl Chart {
    /// The chart for the page, whose style sheet colours it and whose heading names it.
    pub fn inline(&self) -> Markup {
        let [width, height] = self.size;
        let style = format!("max-width:{width}px");
        html! {
            svg class="chart" viewBox={ "0 0 " (width) " " (height) } style=(style) role="img"
                aria-label={ (text::clean(&self.title)) ". " (text::clean(&self.description)) } {
                (self.body)
            }
        }
    }

    /// The chart as a file of its own, light or dark as the viewer prefers.
    pub fn svg(&self) -> String {
        let (light, dark) = (LIGHT.resolve(STYLE), DARK.resolve(STYLE));
        self.standalone(&format!("{light}\n@media (prefers-color-scheme: dark) {{\n{dark}}}\n"))
    }

    /// The chart as a light PNG, twice its natural size.
    ///
    /// # Errors
    /// [`ChartError::Render`].
    pub fn png(&self) -> Result<Vec<u8>, ChartError> {
        raster::render(&self.standalone(&LIGHT.resolve(STYLE))).map_err(ChartError::Render)
    }

    /// With a margin, the title, and ground of its own.
    fn standalone(&self, style: &str) -> String {
        let [width, height] = [self.size[0] + 2.0 * MARGIN, self.size[1] + 2.0 * MARGIN + HEAD];
        let markup = html! {
            svg class="chart" xmlns="http://www.w3.org/2000/svg" width=(width) height=(height)
                viewBox={ "0 0 " (width) " " (height) } {
                title { (text::clean(&self.title)) }
                desc { (text::clean(&self.description)) }
                style { (PreEscaped(style)) }
                rect class="ground" width=(width) height=(height) {}
                text.title x=(MARGIN) y=(MARGIN + 13.0) { (text::clean(&self.title)) }
                g transform={ "translate(" (MARGIN) " " (MARGIN + HEAD) ")" } { (self.body) }
            }
        };
        markup.into_string()
    }
}

/// A coordinate, to a tenth of a unit.
fn place(coordinate: f64) -> f64 {
    (coordinate * 10.0).round() / 10.0
}
