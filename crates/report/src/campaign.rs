//! The report of several trainings as one: their curves on top of each other,
//! their spread and, with folds, what all of them say of every picture.

mod charts;
mod inputs;
mod numbers;

pub use charts::CampaignCharts;
pub use inputs::CampaignInputs;
pub use numbers::{CampaignReport, RunCurves, Suspect};

use crate::{
    Options, ReportError,
    folder::{INDEX, NUMBERS, write_charts},
    page::CampaignPage,
    pictures::Inline,
};
use shoebox_artifact::{
    Artifacts,
    atomic::{self, AtomicDir},
};
use std::path::PathBuf;

/// How many labels in doubt the page shows.
const MAX_SHOWN: usize = 60;

/// What [`run_campaign`] did.
#[derive(Debug)]
pub struct CampaignOutcome {
    /// The numbers.
    pub report: CampaignReport,
    /// The page that was written.
    pub index: PathBuf,
}

/// Writes the report of a campaign into its folder, in the place of an older
/// one; nothing where the options name no campaign.
///
/// # Errors
/// As [`crate::run`].
pub fn run_campaign(options: &Options) -> Result<Option<CampaignOutcome>, ReportError> {
    let artifacts = Artifacts::new(&options.artifacts);
    let campaign = options.run.as_ref().and_then(|name| artifacts.find_campaign(name));
    let Some(campaign) = campaign else { return Ok(None) };
    let inputs = CampaignInputs::read(&artifacts, campaign)?;
    let report = CampaignReport::new(&inputs);
    let index = write(&inputs, &report)?;
    Ok(Some(CampaignOutcome { report, index }))
}

fn write(inputs: &CampaignInputs, report: &CampaignReport) -> Result<PathBuf, ReportError> {
    let _lock = inputs.campaign.lock_report()?;
    let charts = CampaignCharts::draw(report);
    let suspects = gallery(report, inputs)?;
    let pipeline = inputs.pipeline.as_deref();
    let page = CampaignPage { report, charts: &charts, suspects: &suspects, pipeline };
    let target = inputs.campaign.report();
    let folder = AtomicDir::create(&target)?;
    write_charts(folder.path(), charts.all())?;
    atomic::write_json(&folder.path().join(NUMBERS), report)?;
    atomic::write(&folder.path().join(INDEX), page.html().as_bytes())?;
    folder.publish()?;
    Ok(target.join(INDEX))
}

/// The labels in doubt that the page shows, with their pictures.
fn gallery<'a>(
    report: &'a CampaignReport,
    inputs: &CampaignInputs,
) -> Result<Vec<(&'a Suspect, Option<Inline>)>, ReportError> {
    let shown = report.suspects.iter().take(MAX_SHOWN);
    shown.map(|one| Ok((one, inputs.pictures.find_thumbnail(&one.path)?))).collect()
}
