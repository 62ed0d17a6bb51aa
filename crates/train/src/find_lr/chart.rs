//! The curve of a range test.

use shoebox_artifact::records::{RangeTestRecord, RatePoint};
use shoebox_chart::{Axis, Chart, Curve, CurveChart, Mark, Scale, format::compact};

/// Losses beyond this many times the first one are cut off: what diverges
/// would press the rest flat.
const MOST: f64 = 1.5;

/// Loss and smoothed loss over the learning rate, with the suggestions marked.
pub(super) fn draw(record: &RangeTestRecord, points: &[RatePoint]) -> Chart {
    let curve = |name: &str, class, loss: fn(&RatePoint) -> f64| Curve {
        name: name.to_owned(),
        class,
        points: points.iter().map(|one| (one.learning_rate.log10(), loss(one))).collect(),
    };
    let curves = vec![
        curve("loss", "faint", |point| point.loss),
        curve("smoothed", "val", |point| point.smoothed_loss),
    ];
    let most = points.first().map_or(1.0, |first| first.smoothed_loss * MOST);
    let least = curves[1].range().map_or(0.0, |(low, _)| low);
    let marks = record.suggestion.into_iter().flat_map(|found| {
        let mark = |rate: f64, what: &str| Mark {
            at: rate.log10(),
            note: format!("{what}: {}", compact(rate)),
        };
        [mark(found.steepest, "falls fastest"), mark(found.minimum_tenth, "a tenth of the least")]
    });
    let decade = |power: f64| format!("1e{power:.0}");
    let across = Axis { name: "learning rate", scale: Scale::nice(-7.0, 1.0, 8), format: decade };
    let up =
        Axis { name: "loss", scale: Scale::nice(least.min(0.9 * most), most, 5), format: compact };
    let title = "Loss over the learning rate";
    CurveChart { name: "find_lr", title, curves, across, up, marks: marks.collect() }.draw()
}
