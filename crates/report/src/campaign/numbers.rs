//! Every number of a campaign's report.

use super::inputs::CampaignInputs;
use crate::{inputs::Epoch, report::SplitReport, stats::doubts};
use serde::Serialize;
use shoebox_artifact::records::{CampaignKind, CampaignRecord, RunStatus, Weights};

/// What `report.json` of a campaign holds, and its page shows.
#[derive(Debug, Serialize)]
pub struct CampaignReport {
    /// Changes when an older reader would misread `report.json`.
    pub format_version: u32,
    /// The campaign's name: its folder's.
    pub name: String,
    /// Its runs, and what they come to together.
    pub campaign: CampaignRecord,
    /// The curves of each run whose folder is still there.
    pub runs: Vec<RunCurves>,
    /// Of all folds: what networks said that have not seen the pictures.
    pub out_of_fold: Option<SplitReport>,
    /// Labels in doubt, the most doubtful first.
    pub suspects: Vec<Suspect>,
    /// What to keep in mind when reading the numbers, in plain words.
    pub cautions: Vec<String>,
}

/// The curves of one run.
#[derive(Debug, Clone, Serialize)]
pub struct RunCurves {
    /// `seed 7` or `fold 2`.
    pub label: String,
    /// The run's name.
    pub run: String,
    /// In the order of their numbers.
    pub epochs: Vec<Epoch>,
}

/// A picture whose label may be wrong.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Suspect {
    /// Its file.
    pub path: String,
    /// The class it has.
    pub label: String,
    /// The class it looks like.
    pub looks_like: String,
    /// The label's probability, 0–1.
    pub label_probability: f32,
    /// The other class's probability, 0–1.
    pub other_probability: f32,
}

impl CampaignReport {
    /// The version that this build writes.
    pub const FORMAT_VERSION: u32 = 1;

    /// Computes every number from what the campaign left behind.
    pub fn new(inputs: &CampaignInputs) -> Self {
        let record = &inputs.record;
        let out_of_fold = inputs.out_of_fold.as_ref().map(|(verdicts, _)| {
            let pooled = record.pooled.iter().find(|one| one.weights == Weights::Best);
            SplitReport {
                tta: views(record),
                ..SplitReport::new(verdicts, &record.class_names, pooled.map(|one| one.loss))
            }
        });
        let mut report = Self {
            format_version: Self::FORMAT_VERSION,
            name: inputs.campaign.name(),
            campaign: record.clone(),
            runs: inputs.runs.clone(),
            out_of_fold,
            suspects: suspects(inputs),
            cautions: Vec::new(),
        };
        report.cautions = cautions(&report, inputs);
        report
    }
}

/// The views that the runs' best weights were measured with.
fn views(record: &CampaignRecord) -> Option<String> {
    record.members.first()?.evaluations.first()?.tta.clone()
}

fn suspects(inputs: &CampaignInputs) -> Vec<Suspect> {
    let Some((split, probabilities)) = &inputs.out_of_fold else { return Vec::new() };
    let names = &inputs.record.class_names;
    let labels: Vec<usize> = split.verdicts.iter().map(|verdict| verdict.truth).collect();
    let doubts = doubts(&labels, probabilities, names.len());
    let named = |doubt: crate::stats::Doubt| Suspect {
        path: split.verdicts[doubt.row].path.clone(),
        label: names[labels[doubt.row]].clone(),
        looks_like: names[doubt.looks_like].clone(),
        label_probability: doubt.self_confidence,
        other_probability: probabilities[doubt.row][doubt.looks_like],
    };
    doubts.into_iter().map(named).collect()
}

fn cautions(report: &CampaignReport, inputs: &CampaignInputs) -> Vec<String> {
    let record = &report.campaign;
    let (made, wanted) = (record.members.len(), record.kind.count());
    let mut cautions = Vec::new();
    match record.status {
        RunStatus::Finished | RunStatus::StoppedEarly => (),
        RunStatus::Running => cautions.push(format!("The campaign was at work when this report was written, or ended without a word; {made} of {wanted} runs had ended.")),
        RunStatus::Interrupted => cautions.push(format!("The campaign was interrupted: figures are of the runs that went to their end, of {wanted} that there were to be.")),
        RunStatus::Failed => cautions.push(format!("The campaign failed after {made} of {wanted} runs.")),
    }
    if let [_, last] = &record.pooled[..]
        && record.chose_epochs()
    {
        cautions.push(format!(
            "The best epoch of each run was chosen on its own fold, so figures of the best epochs are optimistic. With the last epochs, {} of {} are right.",
            last.correct, last.count
        ));
    }
    if matches!(record.kind, CampaignKind::Folds(_)) {
        cautions.push("Runs of different folds share most of what they learned from, so the standard deviation between them is not that of independent trainings: it tells how uneven the folds are.".to_owned());
    }
    if let Some(reason) = inputs.pictures.absence() {
        cautions.push(format!("Pictures are left out: {reason}."));
    }
    cautions
}
