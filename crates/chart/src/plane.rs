//! Two shares against each other: the ground of a chart.

use crate::{Scale, format::whole_percent, place};
use maud::{Markup, html};

const WIDTH: f64 = 480.0;
const HEIGHT: f64 = 272.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = WIDTH - 20.0;
const TOP: f64 = 34.0;
const BOTTOM: f64 = HEIGHT - 46.0;

/// The ranges of both shares, and what they are.
#[derive(Debug)]
pub struct Plane {
    /// From left to right.
    pub across: Scale,
    /// From bottom to top.
    pub up: Scale,
    /// What stands below.
    pub across_name: &'static str,
    /// What stands above the values of `up`.
    pub up_name: &'static str,
}

impl Plane {
    /// Width and height, in SVG units.
    pub const SIZE: [f64; 2] = [WIDTH, HEIGHT];

    /// Where a share is from left to right.
    pub fn x(&self, share: f64) -> f64 {
        place(LEFT + self.across.position(share) * (RIGHT - LEFT))
    }

    /// Where a share is from top to bottom.
    pub fn y(&self, share: f64) -> f64 {
        place(BOTTOM - self.up.position(share) * (BOTTOM - TOP))
    }

    /// Grid, axis, ticks and names.
    pub fn draw(&self) -> Markup {
        html! {
            @for tick in self.up.ticks() {
                @let y = self.y(tick);
                line.grid x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
                text.tick x=(LEFT - 8.0) y=(y + 4.0) text-anchor="end" { (whole_percent(tick)) }
            }
            line.axis x1=(LEFT) x2=(RIGHT) y1=(BOTTOM) y2=(BOTTOM) {}
            @for tick in self.across.ticks() {
                text.tick x=(self.x(tick)) y=(BOTTOM + 18.0) text-anchor="middle" { (whole_percent(tick)) }
            }
            text.note x=((LEFT + RIGHT) / 2.0) y=(BOTTOM + 38.0) text-anchor="middle" { (self.across_name) }
            text.note x="0" y="12" { (self.up_name) }
        }
    }
}
