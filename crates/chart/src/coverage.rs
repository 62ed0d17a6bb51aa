//! How many answers are right when only the surest are given.

use crate::{Chart, Scale, format::percent, plane::Plane};
use maud::{Markup, html};
use shoebox_metrics::Selection;

/// Points of a line at most; more would lie on each other.
const MOST_POINTS: usize = 240;

/// Draws, for `images` images of `split`, the share of right answers up
/// against the share of images that are answered, for every threshold of
/// `selections`, the surest first; `chosen` is the threshold in use.
pub fn coverage(
    split: &str,
    images: u64,
    selections: &[Selection],
    chosen: Option<&Selection>,
) -> Chart {
    let points: Vec<(f64, f64)> = selections.iter().filter_map(|one| point(one, images)).collect();
    let lowest = points.iter().map(|(_, precision)| *precision).fold(0.9, f64::min);
    let plane = Plane {
        across: Scale::nice(0.0, 1.0, 5),
        up: Scale::nice(lowest, 1.0, 5),
        across_name: "images that are answered",
        up_name: "right answers",
    };
    let all = points.last().map(|(_, precision)| *precision);
    let body = html! {
        (plane.draw())
        polyline class="line val" points=(line(&plane, &points)) {}
        @if let Some(one) = chosen { (mark(&plane, one, images)) }
    };
    let with_threshold = chosen.map(|one| format!("; {}", say(one, images)));
    Chart {
        name: format!("coverage_{split}"),
        title: format!("Right answers when unsure images are unknown, {split}"),
        description: format!(
            "{} right when every image is answered{}",
            percent(all.unwrap_or(0.0)),
            with_threshold.unwrap_or_default()
        ),
        size: Plane::SIZE,
        body,
    }
}

fn point(selection: &Selection, images: u64) -> Option<(f64, f64)> {
    Some((selection.accepted as f64 / images.max(1) as f64, selection.precision()?))
}

/// The points, some of them where there are many, and always the last.
fn line(plane: &Plane, points: &[(f64, f64)]) -> String {
    let step = points.len().div_ceil(MOST_POINTS).max(1);
    let some = points.iter().rev().step_by(step).rev();
    let places: Vec<String> =
        some.map(|&(across, up)| format!("{},{}", plane.x(across), plane.y(up))).collect();
    places.join(" ")
}

/// A rule through the threshold in use, with what it comes to.
fn mark(plane: &Plane, chosen: &Selection, images: u64) -> Markup {
    let Some((across, up)) = point(chosen, images) else { return html! {} };
    let (x, [_, height]) = (plane.x(across), Plane::SIZE);
    let end = plane.x(1.0);
    html! {
        line.best x1=(x) x2=(x) y1="22" y2=(height - 46.0) {}
        circle.dot.val cx=(x) cy=(plane.y(up)) r="5" { title { (say(chosen, images)) } }
        text.note x=(end) y="12" text-anchor="end" { (say(chosen, images)) }
    }
}

fn say(chosen: &Selection, images: u64) -> String {
    let answered = chosen.accepted as f64 / images.max(1) as f64;
    let right = chosen.precision().map_or("–".to_owned(), percent);
    let threshold = percent(chosen.threshold);
    format!("from {threshold} on: {} answered, {right} right", percent(answered))
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_metrics::Answer;

    #[test]
    fn the_line_ends_where_every_image_is_answered() {
        let answers: Vec<Answer> = (0..1000)
            .map(|number| Answer {
                confidence: 0.5 + f64::from(number) / 2001.0,
                correct: number > 100,
            })
            .collect();
        let all = Selection::all(&answers);
        let chosen = Selection::choose(&answers, 0.95).unwrap();
        let chart = coverage("val", 1000, &all, Some(&chosen));
        let svg = chart.svg();
        let points = svg.split("points=\"").nth(1).unwrap().split('"').next().unwrap();
        assert!(points.split(' ').count() <= MOST_POINTS, "{}", points.len());
        assert!(points.ends_with(&format!("460,{}", points.rsplit(',').next().unwrap())));
        assert!(svg.contains("class=\"best\""), "the threshold is marked");
        assert!(chart.description.contains("89.9\u{202f}% right when every image is answered"));
        assert!(
            chart.description.contains("answered, 95.0\u{202f}% right"),
            "{}",
            chart.description
        );
    }

    #[test]
    fn no_threshold_has_no_mark() {
        let answers = [Answer { confidence: 0.9, correct: true }];
        let chart = coverage("val", 1, &Selection::all(&answers), None);
        assert!(!chart.svg().contains("class=\"best\""));
    }
}
