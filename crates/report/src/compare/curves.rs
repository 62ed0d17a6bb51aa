//! The runs' curves over each other.

use super::Comparison;
use crate::{
    charts::share,
    format::compact,
    inputs::{Epoch, EpochFigures},
};
use shoebox_chart::{Axis, Chart, Curve, CurveChart, Scale, run_class};

/// A chart for each figure, with a line for each run.
#[derive(Debug)]
pub struct Curves([Chart; 4]);

impl Curves {
    /// Draws them all.
    pub fn draw(comparison: &Comparison) -> Self {
        let (val, train): (Split, Split) = (|epoch| epoch.val, |epoch| epoch.train);
        Self([
            loss("val_loss", "Val loss (cross-entropy)", comparison, val),
            accuracy("val_accuracy", "Val accuracy", comparison, val),
            loss("train_loss", "Train loss", comparison, train),
            accuracy("train_accuracy", "Train accuracy", comparison, train),
        ])
    }

    /// In the order of the page.
    pub fn all(&self) -> &[Chart; 4] {
        &self.0
    }
}

type Split = fn(&Epoch) -> Option<EpochFigures>;

/// A line for each run.
fn lines(comparison: &Comparison, split: Split, figure: fn(EpochFigures) -> f64) -> Vec<Curve> {
    let runs = comparison.runs.iter().enumerate();
    let line = runs.map(|(place, run)| {
        let epochs = run.report.epochs.iter();
        let points = epochs.filter_map(|one| Some((f64::from(one.epoch), figure(split(one)?))));
        Curve { name: run.letter.clone(), class: run_class(place), points: points.collect() }
    });
    line.collect()
}

fn loss(name: &'static str, title: &'static str, comparison: &Comparison, split: Split) -> Chart {
    let curves = lines(comparison, split, |figures| figures.loss);
    let highest = curves.iter().filter_map(Curve::range).map(|(_, high)| high).reduce(f64::max);
    let scale = Scale::nice(0.0, highest.unwrap_or(1.0), 5);
    let (across, up) = (epochs(comparison), Axis { name: "loss", scale, format: compact });
    CurveChart { name, title, curves, across, up, marks: Vec::new() }.draw()
}

fn accuracy(
    name: &'static str,
    title: &'static str,
    comparison: &Comparison,
    split: Split,
) -> Chart {
    let curves = lines(comparison, split, |figures| figures.accuracy);
    let lowest = curves.iter().filter_map(Curve::range).map(|(low, _)| low).reduce(f64::min);
    let scale = Scale::nice(lowest.unwrap_or(0.0).min(0.9), 1.0, 5);
    let (across, up) = (epochs(comparison), Axis { name: "accuracy", scale, format: share });
    CurveChart { name, title, curves, across, up, marks: Vec::new() }.draw()
}

fn epochs(comparison: &Comparison) -> Axis {
    let last = comparison.runs.iter().filter_map(|run| run.report.epochs.last());
    let last = last.map(|epoch| epoch.epoch).max();
    let scale = Scale::whole(1, last.unwrap_or(1), 6);
    Axis { name: "epoch", scale, format: |epoch| format!("{epoch:.0}") }
}
