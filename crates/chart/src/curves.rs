//! Lines over an axis of any unit: several runs on top of each other, or a
//! figure over the learning rate.

use crate::{
    Chart, Scale,
    lines::{BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, push_apart},
    place, text,
};
use maud::{Markup, html};

/// With more lines than this they are not named at their ends.
const MAX_NAMED: usize = 10;

/// The classes of runs that are told apart by their colours.
const RUN_CLASSES: [&str; 8] =
    ["run-1", "run-2", "run-3", "run-4", "run-5", "run-6", "run-7", "run-8"];

/// The CSS class of the run at `place` among several; from the ninth on,
/// colours come again.
pub fn run_class(place: usize) -> &'static str {
    RUN_CLASSES[place % RUN_CLASSES.len()]
}

/// What to draw.
#[derive(Debug)]
pub struct CurveChart {
    /// The files' name without the ending.
    pub name: &'static str,
    /// What the lines show.
    pub title: &'static str,
    /// The lines.
    pub curves: Vec<Curve>,
    /// From left to right.
    pub across: Axis,
    /// From bottom to top.
    pub up: Axis,
    /// Places on the horizontal axis that matter.
    pub marks: Vec<Mark>,
}

/// One line.
#[derive(Debug, Clone)]
pub struct Curve {
    /// Its name, written at its end.
    pub name: String,
    /// Its CSS class: `member`, `train`, `val`, …
    pub class: &'static str,
    /// In the order of the horizontal axis; others than finite ones are left out.
    pub points: Vec<(f64, f64)>,
}

/// One of the two axes.
#[derive(Debug, Clone, Copy)]
pub struct Axis {
    /// What it shows.
    pub name: &'static str,
    /// The range of its values.
    pub scale: Scale,
    /// A value as text.
    pub format: fn(f64) -> String,
}

/// A place on the horizontal axis.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Where.
    pub at: f64,
    /// Why it matters.
    pub note: String,
}

impl Curve {
    /// The smallest and the largest value.
    pub fn range(&self) -> Option<(f64, f64)> {
        let values = self.finite().map(|(_, value)| value);
        Some((values.clone().reduce(f64::min)?, values.reduce(f64::max)?))
    }

    fn finite(&self) -> impl Iterator<Item = (f64, f64)> + Clone {
        let points = self.points.iter().copied();
        points.filter(|(at, value)| at.is_finite() && value.is_finite())
    }
}

impl CurveChart {
    /// Draws it. What lies beyond the axes is cut off at their ends.
    pub fn draw(&self) -> Chart {
        let body = html! {
            (self.value_axis())
            (self.across_axis())
            @for (level, mark) in self.marks.iter().enumerate() { (self.mark(mark, level)) }
            @for curve in &self.curves { (self.line(curve)) }
            (self.names())
        };
        Chart {
            name: self.name.to_owned(),
            title: self.title.to_owned(),
            description: self.describe(),
            size: [WIDTH, HEIGHT],
            body,
        }
    }

    fn x(&self, at: f64) -> f64 {
        place(LEFT + self.across.scale.position(at).clamp(0.0, 1.0) * (RIGHT - LEFT))
    }

    fn y(&self, value: f64) -> f64 {
        place(BOTTOM - self.up.scale.position(value).clamp(0.0, 1.0) * (BOTTOM - TOP))
    }

    fn value_axis(&self) -> Markup {
        html! {
            @for tick in self.up.scale.ticks() {
                @let y = self.y(tick);
                line.grid x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
                text.tick x=(LEFT - 8.0) y=(y + 4.0) text-anchor="end" { ((self.up.format)(tick)) }
            }
        }
    }

    fn across_axis(&self) -> Markup {
        html! {
            line.axis x1=(LEFT) x2=(RIGHT) y1=(BOTTOM) y2=(BOTTOM) {}
            @for tick in self.across.scale.ticks() {
                text.tick x=(self.x(tick)) y=(BOTTOM + 18.0) text-anchor="middle" { ((self.across.format)(tick)) }
            }
            text.note x=((LEFT + RIGHT) / 2.0) y=(BOTTOM + 38.0) text-anchor="middle" { (self.across.name) }
        }
    }

    /// A rule with its note above; of several, each on a line of its own.
    fn mark(&self, mark: &Mark, level: usize) -> Markup {
        let x = self.x(mark.at);
        let (anchor, aside) = match self.across.scale.position(mark.at) {
            ..0.5 => ("start", 6.0),
            _ => ("end", -6.0),
        };
        let y = TOP - 14.0 + 15.0 * level as f64;
        html! {
            line.best x1=(x) x2=(x) y1=(TOP - 8.0) y2=(BOTTOM) {}
            text.note x=(x + aside) y=(y) text-anchor=(anchor) { (text::clean(&mark.note)) }
        }
    }

    fn line(&self, curve: &Curve) -> Markup {
        let places: Vec<_> =
            curve.finite().map(|(at, value)| (self.x(at), self.y(value))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
        html! {
            polyline class={ "line " (curve.class) } points=(path.join(" ")) {
                title { (text::clean(&curve.name)) }
            }
            @if let [(x, y)] = &places[..] { circle class={ "dot " (curve.class) } cx=(x) cy=(y) r="4" {} }
        }
    }

    /// Each line's name at its end, pushed apart where lines end together.
    fn names(&self) -> Markup {
        if !(2..=MAX_NAMED).contains(&self.curves.len()) {
            return html! {};
        }
        let ends = self.curves.iter().filter_map(|curve| {
            let (_, value) = curve.finite().last()?;
            Some((self.y(value), curve.class, curve.name.as_str()))
        });
        let mut ends: Vec<_> = ends.collect();
        ends.sort_by(|a, b| a.0.total_cmp(&b.0));
        let mut places: Vec<f64> = ends.iter().map(|end| end.0).collect();
        push_apart(&mut places);
        html! {
            @for ((_, class, name), y) in ends.iter().zip(places) {
                text class={ "name " (class) } x=(RIGHT + 8.0) y=(place(y + 4.0)) { (text::clean(name)) }
            }
        }
    }

    fn describe(&self) -> String {
        let line = |curve: &Curve| {
            let (first, last) = (curve.finite().next()?, curve.finite().last()?);
            let at = |at: f64| format!("{} {}", self.across.name, (self.across.format)(at));
            let value = |value: f64| (self.up.format)(value);
            let (start, end) = (value(first.1), value(last.1));
            Some(format!("{}: {start} at {}, {end} at {}", curve.name, at(first.0), at(last.0)))
        };
        let marks = self.marks.iter().map(|mark| mark.note.clone());
        let parts: Vec<_> = self.curves.iter().filter_map(line).chain(marks).collect();
        text::clean(&parts.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(curves: Vec<Curve>, marks: Vec<Mark>) -> Chart {
        let scale = Scale::nice(0.0, 1.0, 5);
        let up = Axis { name: "loss", scale, format: |value| format!("{value:.1}") };
        let scale = Scale::whole(1, 3, 6);
        let across = Axis { name: "epoch", scale, format: |value| format!("{value:.0}") };
        CurveChart { name: "loss", title: "Loss", curves, across, up, marks }.draw()
    }

    fn curve(name: &str, points: &[(f64, f64)]) -> Curve {
        Curve { name: name.to_owned(), class: "member", points: points.to_vec() }
    }

    #[test]
    fn every_line_is_drawn_named_and_described() {
        let curves = vec![
            curve("fold 1", &[(1.0, 0.9), (3.0, 0.5)]),
            curve("fold <2>", &[(1.0, 0.8), (2.0, f64::NAN), (3.0, 0.5)]),
        ];
        let chart = chart(curves, vec![Mark { at: 2.0, note: "here".to_owned() }]);
        let svg = chart.svg();
        assert_eq!(svg.matches("<polyline").count(), 2);
        assert!(svg.contains("fold &lt;2&gt;</text>") && svg.contains("here</text>"), "{svg}");
        assert_eq!(
            chart.description,
            "fold 1: 0.9 at epoch 1, 0.5 at epoch 3; fold <2>: 0.8 at epoch 1, 0.5 at epoch 3; here"
        );
        assert!(!svg.contains("NaN"), "{svg}");
    }

    #[test]
    fn what_lies_beyond_the_axes_stays_in_the_picture() {
        let chart = chart(vec![curve("x", &[(1.0, 0.5), (2.0, 40.0)])], Vec::new());
        assert!(chart.svg().contains(&format!(",{TOP}\"")), "{}", chart.svg());
    }

    #[test]
    fn many_lines_are_not_named() {
        let curves = (0..11).map(|n| curve(&n.to_string(), &[(1.0, 0.5), (2.0, 0.6)])).collect();
        assert!(!chart(curves, Vec::new()).svg().contains("class=\"name"));
    }
}
