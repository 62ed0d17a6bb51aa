//! The report's folder, which appears as a whole.

use crate::{
    ReportError, audit, charts::Charts, gallery::Gallery, inputs::Inputs, page::Page,
    report::Report,
};
use shoebox_artifact::atomic::{self, AtomicDir};
use std::path::PathBuf;

/// The page's file.
const INDEX: &str = "index.html";
/// The numbers' file.
const NUMBERS: &str = "report.json";

/// Writes `<run>/report/`, taking the place of an older one, and returns the
/// path of its `index.html`.
///
/// # Errors
/// [`ReportError`]; an older report is then still there.
pub fn write(inputs: &Inputs, report: &Report) -> Result<PathBuf, ReportError> {
    let _lock = inputs.run.lock_report()?;
    let charts = Charts::draw(report);
    let galleries = report
        .splits
        .iter()
        .map(|split| Gallery::new(split, inputs))
        .collect::<Result<Vec<_>, _>>()?;
    let exhibits = report.audit.as_ref().map(|audit| audit::exhibits(audit, inputs)).transpose()?;
    let exhibits = exhibits.unwrap_or_default();
    let page = Page { report, inputs, charts: &charts, galleries: &galleries, exhibits: &exhibits };
    let folder = AtomicDir::create(&inputs.run.report())?;
    charts.write(folder.path())?;
    atomic::write_json(&folder.path().join(NUMBERS), report)?;
    atomic::write(&folder.path().join(INDEX), page.html().as_bytes())?;
    folder.publish()?;
    Ok(inputs.run.report().join(INDEX))
}
