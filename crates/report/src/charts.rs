//! Which charts a report has.

use crate::{
    format::{compact, percent, whole_percent},
    inputs::{Epoch, EpochFigures},
    report::{Report, SplitReport},
};
use shoebox_chart::{Chart, LineChart, Scale, Series, confusion_matrix, coverage, reliability};

/// The charts of one report.
#[derive(Debug)]
pub struct Charts {
    /// Loss of train and val per epoch.
    pub loss: Chart,
    /// Accuracy of train and val per epoch.
    pub accuracy: Chart,
    /// Learning rate per epoch.
    pub learning_rate: Chart,
    /// Those of each split, in the report's order.
    pub splits: Vec<SplitCharts>,
}

/// The charts of one split.
#[derive(Debug)]
pub struct SplitCharts {
    /// Who is taken for whom.
    pub matrix: Chart,
    /// Confidence and accuracy.
    pub reliability: Chart,
    /// Right answers by how many are given.
    pub coverage: Chart,
}

impl SplitCharts {
    fn draw(split: &SplitReport, names: &[String]) -> Self {
        let SplitReport { split: name, calibration, selections, answered, .. } = split;
        let chosen = answered.as_ref().map(|answered| &answered.selection);
        Self {
            matrix: confusion_matrix(name, names, &split.confusion_matrix),
            reliability: reliability(name, &calibration.reliability, calibration.before.as_ref()),
            coverage: coverage(name, split.count, selections, chosen),
        }
    }
}

impl Charts {
    /// Draws them all.
    pub fn draw(report: &Report) -> Self {
        let names = &report.run.class_names;
        Self {
            loss: loss(report),
            accuracy: accuracy(report),
            learning_rate: learning_rate(report),
            splits: report.splits.iter().map(|split| SplitCharts::draw(split, names)).collect(),
        }
    }

    /// Every one of them.
    pub fn all(&self) -> impl Iterator<Item = &Chart> {
        let each = self.splits.iter();
        let of_splits = each.flat_map(|split| [&split.matrix, &split.reliability, &split.coverage]);
        [&self.loss, &self.accuracy, &self.learning_rate].into_iter().chain(of_splits)
    }
}

fn both(report: &Report, figure: fn(EpochFigures) -> f64) -> Vec<Series> {
    let series = |name, split: fn(&Epoch) -> Option<EpochFigures>| {
        Series::new(name, report.epochs.iter().map(|epoch| (epoch.epoch, split(epoch).map(figure))))
    };
    let both = [series("train", |epoch| epoch.train), series("val", |epoch| epoch.val)];
    both.into_iter().filter(|series| !series.points.is_empty()).collect()
}

fn lowest(series: &[Series]) -> Option<f64> {
    series.iter().filter_map(Series::range).map(|(low, _)| low).reduce(f64::min)
}

fn highest(series: &[Series]) -> Option<f64> {
    series.iter().filter_map(Series::range).map(|(_, high)| high).reduce(f64::max)
}

fn loss(report: &Report) -> Chart {
    let series = both(report, |figures| figures.loss);
    let values = Scale::nice(0.0, highest(&series).unwrap_or(1.0), 5);
    let (best_epoch, format) = (report.run.best_epoch, compact);
    LineChart { name: "loss", title: "Loss (cross-entropy)", series, values, format, best_epoch }
        .draw()
}

fn accuracy(report: &Report) -> Chart {
    let series = both(report, |figures| figures.accuracy);
    let values = Scale::nice(lowest(&series).unwrap_or(0.0).min(0.9), 1.0, 5);
    let best_epoch = report.run.best_epoch;
    LineChart { name: "accuracy", title: "Accuracy", series, values, format: share, best_epoch }
        .draw()
}

/// `90 %` for a round share, `92.1 %` for another.
pub fn share(share: f64) -> String {
    let whole = (share * 100.0).round();
    if (share * 100.0 - whole).abs() < 0.05 { whole_percent(share) } else { percent(share) }
}

fn learning_rate(report: &Report) -> Chart {
    let rates = report.epochs.iter().map(|epoch| (epoch.epoch, Some(epoch.learning_rate)));
    let series = vec![Series::new("rate", rates)];
    let values = Scale::nice(0.0, highest(&series).unwrap_or(1.0), 5);
    let best_epoch = report.run.best_epoch;
    let (name, title, format) = ("learning_rate", "Learning rate", compact);
    LineChart { name, title, series, values, format, best_epoch }.draw()
}
