//! The reliability diagram: how often is right what was sure to a degree?

use crate::{Chart, Scale, format::percent, plane::Plane};
use maud::{Markup, html};
use shoebox_metrics::{Bin, Interval, Reliability};

/// The radius of a bin with all images, in SVG units; areas are as the numbers.
const LARGEST: f64 = 15.0;
/// The least radius, so that one image shows.
const SMALLEST: f64 = 3.0;

/// Draws the bins of `split` that have images: confidence across, accuracy up,
/// with its 95 % interval; `before` is what they were without the temperature.
pub fn reliability(split: &str, after: &Reliability, before: Option<&Reliability>) -> Chart {
    let both = || filled(after).chain(before.into_iter().flat_map(filled));
    let lowest = both().map(|bin| bin.confidence).fold(0.9, f64::min);
    let plane = Plane {
        across: Scale::nice(lowest, 1.0, 5),
        up: Scale::nice(0.0, 1.0, 5),
        across_name: "mean confidence",
        up_name: "accuracy",
    };
    let images: u64 = filled(after).map(|bin| bin.count).sum();
    let from = plane.across.ticks().first().copied().unwrap_or(0.0);
    let body = html! {
        (plane.draw())
        line.best x1=(plane.x(from)) y1=(plane.y(from)) x2=(plane.x(1.0)) y2=(plane.y(1.0)) {}
        @if before.is_some() { (key(&plane)) }
        @for bin in before.into_iter().flat_map(filled) { (hollow(&plane, bin, images)) }
        @for bin in filled(after) { (solid(&plane, bin, images)) }
    };
    Chart {
        name: format!("reliability_{split}"),
        title: format!("Confidence and accuracy, {split}"),
        description: describe(after, before),
        size: Plane::SIZE,
        body,
    }
}

fn filled(reliability: &Reliability) -> impl Iterator<Item = &Bin> {
    reliability.bins.iter().filter(|bin| bin.count > 0)
}

fn radius(bin: &Bin, images: u64) -> f64 {
    let share = bin.count as f64 / images.max(1) as f64;
    (LARGEST * share.sqrt()).max(SMALLEST)
}

fn solid(plane: &Plane, bin: &Bin, images: u64) -> Markup {
    let (x, accuracy) = (plane.x(bin.confidence), bin.accuracy().unwrap_or(0.0));
    let Interval { low, high } = Interval::wilson_95(bin.correct, bin.count);
    html! {
        line.spread x1=(x) x2=(x) y1=(plane.y(low)) y2=(plane.y(high)) {}
        circle.dot.val cx=(x) cy=(plane.y(accuracy)) r=(radius(bin, images)) { title { (say(bin)) } }
    }
}

fn hollow(plane: &Plane, bin: &Bin, images: u64) -> Markup {
    let (x, y) = (plane.x(bin.confidence), plane.y(bin.accuracy().unwrap_or(0.0)));
    html! { circle.hollow cx=(x) cy=(y) r=(radius(bin, images)) { title { "before: " (say(bin)) } } }
}

/// What is solid and what is hollow, at the right above the plot.
fn key(plane: &Plane) -> Markup {
    let (end, line) = (plane.x(1.0), 12.0);
    html! {
        circle.dot.val cx=(end - 200.0) cy=(line - 4.0) r="5" {}
        text.note x=(end - 190.0) y=(line) { "at the temperature" }
        circle.hollow cx=(end - 60.0) cy=(line - 4.0) r="5" {}
        text.note x=(end - 50.0) y=(line) { "before" }
    }
}

fn say(bin: &Bin) -> String {
    let accuracy = percent(bin.accuracy().unwrap_or(0.0));
    let (count, confidence) = (bin.count, percent(bin.confidence));
    format!("{count} images sure to {confidence}: {accuracy} right")
}

fn describe(after: &Reliability, before: Option<&Reliability>) -> String {
    let before = before.map(|before| format!(", {} before", percent(before.ece())));
    let bins: Vec<String> = filled(after).map(say).collect();
    format!(
        "calibration error {}{}; {}",
        percent(after.ece()),
        before.unwrap_or_default(),
        bins.join("; ")
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use shoebox_metrics::Answer;

    fn answers(confidence: f64) -> Vec<Answer> {
        (0..8).map(|number| Answer { confidence, correct: number % 4 > 0 }).collect()
    }

    #[test]
    fn every_bin_with_images_is_a_dot_with_its_spread() {
        let all = [answers(0.75), answers(0.99)].concat();
        let after = Reliability::new(&all);
        let chart = reliability("val", &after, None);
        let svg = chart.svg();
        assert_eq!(svg.matches("class=\"dot val\"").count(), 2);
        assert_eq!(svg.matches("class=\"spread\"").count(), 2);
        assert!(!svg.contains("class=\"hollow\""));
        assert!(chart.description.starts_with("calibration error 12.0\u{202f}%; 8 images"));
    }

    #[test]
    fn what_was_before_is_hollow_and_named() {
        let (after, before) = (Reliability::new(&answers(0.75)), Reliability::new(&answers(0.99)));
        let chart = reliability("test", &after, Some(&before));
        assert_eq!(chart.svg().matches("class=\"hollow\"").count(), 1 + 1, "and in the key");
        assert!(chart.description.contains("0.0\u{202f}%, 24.0\u{202f}% before"));
    }
}
