//! The charts of a campaign: all runs on top of each other.

use super::numbers::{CampaignReport, RunCurves};
use crate::{
    format::{compact, whole_percent},
    inputs::EpochFigures,
};
use shoebox_chart::{Axis, Chart, Curve, CurveChart, Scale, confusion_matrix};

/// The charts of one report.
#[derive(Debug)]
pub struct CampaignCharts {
    /// Val loss of every run per epoch.
    pub loss: Chart,
    /// Val accuracy of every run per epoch.
    pub accuracy: Chart,
    /// The confusion matrix of all folds.
    pub matrix: Option<Chart>,
}

impl CampaignCharts {
    /// Draws them all.
    pub fn draw(report: &CampaignReport) -> Self {
        let names = &report.campaign.class_names;
        let matrix = report.out_of_fold.as_ref();
        Self {
            loss: loss(&report.runs),
            accuracy: accuracy(&report.runs),
            matrix: matrix
                .map(|split| confusion_matrix(&split.split, names, &split.confusion_matrix)),
        }
    }

    /// Every one of them.
    pub fn all(&self) -> impl Iterator<Item = &Chart> {
        [&self.loss, &self.accuracy].into_iter().chain(&self.matrix)
    }
}

fn curves(runs: &[RunCurves], figure: fn(EpochFigures) -> f64) -> Vec<Curve> {
    let curve = |run: &RunCurves| {
        let points = run.epochs.iter();
        let points = points.filter_map(|one| Some((f64::from(one.epoch), figure(one.val?))));
        Curve { name: run.label.clone(), class: "member", points: points.collect() }
    };
    runs.iter().map(curve).collect()
}

fn epochs(runs: &[RunCurves]) -> Axis {
    let last = runs.iter().filter_map(|run| run.epochs.last()).map(|epoch| epoch.epoch).max();
    let scale = Scale::whole(1, last.unwrap_or(1), 6);
    Axis { name: "epoch", scale, format: |epoch| format!("{epoch:.0}") }
}

fn loss(runs: &[RunCurves]) -> Chart {
    let curves = curves(runs, |figures| figures.loss);
    let highest = curves.iter().filter_map(Curve::range).map(|(_, high)| high).reduce(f64::max);
    let scale = Scale::nice(0.0, highest.unwrap_or(1.0), 5);
    let (across, up) = (epochs(runs), Axis { name: "loss", scale, format: compact });
    let (name, title) = ("loss", "Val loss (cross-entropy) of every run");
    CurveChart { name, title, curves, across, up, marks: Vec::new() }.draw()
}

fn accuracy(runs: &[RunCurves]) -> Chart {
    let curves = curves(runs, |figures| figures.accuracy);
    let lowest = curves.iter().filter_map(Curve::range).map(|(low, _)| low).reduce(f64::min);
    let scale = Scale::nice(lowest.unwrap_or(0.0).min(0.9), 1.0, 5);
    let (across, up) = (epochs(runs), Axis { name: "accuracy", scale, format: whole_percent });
    let (name, title) = ("accuracy", "Val accuracy of every run");
    CurveChart { name, title, curves, across, up, marks: Vec::new() }.draw()
}
