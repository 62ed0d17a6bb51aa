//! What a campaign left behind, read and checked before anything is drawn.

use super::numbers::RunCurves;
use crate::{ReportError, inputs::read_epochs, pictures::Pictures, verdicts::SplitPredictions};
use shoebox_artifact::{
    Artifacts, CampaignDir,
    records::{CampaignRecord, Member, read_predictions},
};
use std::fs;

/// Everything a campaign's report is made of.
#[derive(Debug)]
pub struct CampaignInputs {
    /// Its folder.
    pub campaign: CampaignDir,
    /// Its runs, and how it stands.
    pub record: CampaignRecord,
    /// The pipeline as the user gave it, where its file is still there.
    pub pipeline: Option<String>,
    /// The curves of each run whose folder is still there.
    pub runs: Vec<RunCurves>,
    /// With folds, once all have ended: the verdicts, and every probability.
    pub out_of_fold: Option<(SplitPredictions, Vec<Vec<f32>>)>,
    /// The prepared pictures, where the cache is still there.
    pub pictures: Pictures,
}

impl CampaignInputs {
    /// Reads the campaign and its runs below `artifacts`.
    ///
    /// # Errors
    /// [`ReportError`] for a campaign without a run, and for a file that is malformed.
    pub fn read(artifacts: &Artifacts, campaign: CampaignDir) -> Result<Self, ReportError> {
        let record = CampaignRecord::read(&campaign.record())?;
        if record.members.is_empty() {
            return Err(ReportError::NoRunYet { path: campaign.record() });
        }
        let there = |member: &&Member| artifacts.run(&member.run).metrics().is_file();
        let read = |member: &Member| {
            let label = match member.fold {
                Some(fold) => format!("fold {fold}"),
                None => format!("seed {}", member.seed),
            };
            let run = artifacts.run(&member.run);
            let epochs = read_epochs(&run.metrics(), member.status)?;
            Ok(RunCurves { label, run: member.run.clone(), epochs })
        };
        let runs = record.members.iter().filter(there).map(read);
        let path = campaign.out_of_fold();
        let out_of_fold = path.is_file().then(|| -> Result<_, ReportError> {
            let verdicts = SplitPredictions::read("out_of_fold", &path, &record.class_names, 1.0)?;
            let (_, rows) = read_predictions(&path)?;
            Ok((verdicts, rows.into_iter().map(|row| row.probabilities).collect()))
        });
        Ok(Self {
            pipeline: fs::read_to_string(campaign.pipeline()).ok(),
            pictures: Pictures::open(artifacts, &record.cache_fingerprint),
            runs: runs.collect::<Result<_, ReportError>>()?,
            out_of_fold: out_of_fold.transpose()?,
            record,
            campaign,
        })
    }
}
