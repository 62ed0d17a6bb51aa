//! A figure per epoch, as lines.

use crate::{Chart, Scale, place, text};
use maud::{Markup, html};

pub(crate) const WIDTH: f64 = 480.0;
pub(crate) const HEIGHT: f64 = 272.0;
pub(crate) const LEFT: f64 = 56.0;
pub(crate) const RIGHT: f64 = WIDTH - 52.0;
pub(crate) const TOP: f64 = 30.0;
pub(crate) const BOTTOM: f64 = HEIGHT - 46.0;
/// Up to this many epochs each value can be pointed at; beyond, points would overlap.
const MAX_POINTED: usize = 200;
/// The least distance between two lines' names, in SVG units.
const NAME_DISTANCE: f64 = 16.0;

/// What to draw.
#[derive(Debug)]
pub struct LineChart {
    /// The files' name without the ending.
    pub name: &'static str,
    /// What the lines show.
    pub title: &'static str,
    /// The lines.
    pub series: Vec<Series>,
    /// The range of values.
    pub values: Scale,
    /// A value as text.
    pub format: fn(f64) -> String,
    /// The epoch to mark.
    pub best_epoch: Option<u32>,
}

/// One line.
#[derive(Debug)]
pub struct Series {
    /// Its name, written at its end, and its CSS class: `train`, `val` or `rate`.
    pub name: &'static str,
    /// (epoch, value), by epoch.
    pub points: Vec<(u32, f64)>,
}

impl Series {
    /// A line through the epochs that have a finite value.
    pub fn new(name: &'static str, points: impl Iterator<Item = (u32, Option<f64>)>) -> Self {
        let finite = |(epoch, value): (u32, Option<f64>)| {
            value.filter(|value| value.is_finite()).map(|value| (epoch, value))
        };
        Self { name, points: points.filter_map(finite).collect() }
    }

    /// The smallest and the largest value.
    pub fn range(&self) -> Option<(f64, f64)> {
        let values = self.points.iter().map(|(_, value)| *value);
        Some((values.clone().reduce(f64::min)?, values.reduce(f64::max)?))
    }

    fn at(&self, epoch: u32) -> Option<f64> {
        self.points.iter().find(|(other, _)| *other == epoch).map(|(_, value)| *value)
    }
}

impl LineChart {
    /// Draws it.
    pub fn draw(&self) -> Chart {
        let epochs = self.epochs();
        let body = html! {
            (self.value_axis())
            (epoch_axis(&epochs))
            (self.best_mark(&epochs))
            @for series in &self.series { (self.line(series, &epochs)) }
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

    fn epochs(&self) -> Scale {
        let all = || self.series.iter().flat_map(|series| &series.points).map(|(epoch, _)| *epoch);
        Scale::whole(all().min().unwrap_or(1), all().max().unwrap_or(1), 6)
    }

    fn y(&self, value: f64) -> f64 {
        place(BOTTOM - self.values.position(value) * (BOTTOM - TOP))
    }

    fn value_axis(&self) -> Markup {
        html! {
            @for tick in self.values.ticks() {
                @let y = self.y(tick);
                line.grid x1=(LEFT) x2=(RIGHT) y1=(y) y2=(y) {}
                text.tick x=(LEFT - 8.0) y=(y + 4.0) text-anchor="end" { ((self.format)(tick)) }
            }
        }
    }

    /// A rule through the best epoch, with what was reached in it.
    fn best_mark(&self, epochs: &Scale) -> Markup {
        let Some(best) = self.best_epoch else { return html! {} };
        let x = x(epochs, best);
        let anchor = match epochs.position(best.into()) {
            ..0.3 => "start",
            0.3..0.7 => "middle",
            _ => "end",
        };
        html! {
            line.best x1=(x) x2=(x) y1=(TOP - 8.0) y2=(BOTTOM) {}
            text.note x=(x) y=(TOP - 14.0) text-anchor=(anchor) { (self.best_note(best)) }
        }
    }

    fn best_note(&self, best: u32) -> String {
        let reached = self.series.last().and_then(|series| Some((series.name, series.at(best)?)));
        match reached {
            Some(("rate", value)) => format!("best epoch {best}: {}", (self.format)(value)),
            Some((name, value)) => format!("best epoch {best}: {name} {}", (self.format)(value)),
            None => format!("best epoch {best}"),
        }
    }

    fn line(&self, series: &Series, epochs: &Scale) -> Markup {
        let places: Vec<_> =
            series.points.iter().map(|&(epoch, value)| (x(epochs, epoch), self.y(value))).collect();
        let path: Vec<String> = places.iter().map(|(x, y)| format!("{x},{y}")).collect();
        let marked = |epoch: u32| series.points.len() == 1 || self.best_epoch == Some(epoch);
        html! {
            polyline class={ "line " (series.name) } points=(path.join(" ")) {}
            @for (&(epoch, _), (x, y)) in series.points.iter().zip(&places) {
                @if marked(epoch) {
                    circle class={ "dot " (series.name) } cx=(x) cy=(y) r="5" {}
                }
            }
            @if series.points.len() <= MAX_POINTED {
                @for (&(epoch, value), (x, y)) in series.points.iter().zip(&places) {
                    circle.point cx=(x) cy=(y) r="6" fill-opacity="0" {
                        title { (series.name) ", epoch " (epoch) ": " ((self.format)(value)) }
                    }
                }
            }
        }
    }

    /// Each line's name at its end, pushed apart where lines end together.
    fn names(&self) -> Markup {
        if self.series.len() < 2 {
            return html! {};
        }
        let end = |series: &Series| Some((series.name, self.y(series.points.last()?.1)));
        let mut ends: Vec<_> = self.series.iter().filter_map(end).collect();
        ends.sort_by(|a, b| a.1.total_cmp(&b.1));
        let mut places: Vec<f64> = ends.iter().map(|(_, y)| *y).collect();
        push_apart(&mut places);
        html! {
            @for ((name, _), y) in ends.iter().zip(places) {
                text class={ "name " (name) } x=(RIGHT + 8.0) y=(place(y + 4.0)) { (name) }
            }
        }
    }

    fn describe(&self) -> String {
        let line = |series: &Series| {
            let ((first, start), (last, end)) = (series.points.first()?, series.points.last()?);
            let (start, end) = ((self.format)(*start), (self.format)(*end));
            let name = series.name;
            Some(format!("{name}: {start} in epoch {first}, {end} in epoch {last}"))
        };
        let best = self.best_epoch.map(|best| self.best_note(best));
        let parts: Vec<_> = self.series.iter().filter_map(line).chain(best).collect();
        text::clean(&parts.join("; "))
    }
}

fn x(epochs: &Scale, epoch: u32) -> f64 {
    place(LEFT + epochs.position(epoch.into()) * (RIGHT - LEFT))
}

fn epoch_axis(epochs: &Scale) -> Markup {
    html! {
        line.axis x1=(LEFT) x2=(RIGHT) y1=(BOTTOM) y2=(BOTTOM) {}
        @for tick in epochs.ticks() {
            text.tick x=(x(epochs, tick as u32)) y=(BOTTOM + 18.0) text-anchor="middle" { (tick) }
        }
        text.note x=((LEFT + RIGHT) / 2.0) y=(BOTTOM + 38.0) text-anchor="middle" { "epoch" }
    }
}

/// Moves the lower of two close names down, from the top on, and all up again
/// where the last would leave the plot.
pub(crate) fn push_apart(places: &mut [f64]) {
    for lower in 1..places.len() {
        places[lower] = places[lower].max(places[lower - 1] + NAME_DISTANCE);
    }
    let overhang = places.last().map_or(0.0, |y| (y - BOTTOM).max(0.0));
    for place in places {
        *place -= overhang;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chart(points: &[(u32, f64)], best_epoch: Option<u32>) -> Chart {
        let points = || points.iter().map(|&(epoch, value)| (epoch, Some(value)));
        let series = vec![Series::new("train", points()), Series::new("val", points())];
        let format = |value| format!("{value:.1}");
        let values = Scale::nice(0.0, 1.0, 5);
        LineChart { name: "loss", title: "Loss", series, values, format, best_epoch }.draw()
    }

    #[test]
    fn values_that_are_not_finite_are_left_out() {
        let series =
            Series::new("val", [(1, Some(0.5)), (2, Some(f64::NAN)), (3, None)].into_iter());
        assert_eq!(series.points, [(1, 0.5)]);
    }

    #[test]
    fn the_best_epoch_is_marked_and_described() {
        let chart = chart(&[(1, 0.5), (2, 0.9), (3, 0.7)], Some(2));
        assert!(chart.svg().contains("best epoch 2: val 0.9</text>"));
        assert_eq!(
            chart.description,
            "train: 0.5 in epoch 1, 0.7 in epoch 3; val: 0.5 in epoch 1, 0.7 in epoch 3; best epoch 2: val 0.9"
        );
    }

    #[test]
    fn one_epoch_is_a_dot() {
        let dots = |chart: Chart| chart.svg().matches("class=\"dot ").count();
        assert_eq!(dots(chart(&[(1, 0.5)], None)), 2);
        assert_eq!(dots(chart(&[(1, 0.5), (2, 0.6)], None)), 0);
    }

    #[test]
    fn names_never_lie_on_each_other() {
        let mut places = [BOTTOM - 1.0, BOTTOM];
        push_apart(&mut places);
        assert_eq!(places[1] - places[0], NAME_DISTANCE);
        assert!(places[1] <= BOTTOM);
    }
}
