//! The report's folder, which appears as a whole.

use crate::{
    ReportError, audit, charts::Charts, gallery::Gallery, inputs::Inputs, page::Page,
    report::Report,
};
use shoebox_artifact::atomic::{self, AtomicDir};
use shoebox_chart::Chart;
use std::path::{Path, PathBuf};

/// The page's file.
pub(crate) const INDEX: &str = "index.html";
/// The numbers' file.
pub(crate) const NUMBERS: &str = "report.json";

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
    write_charts(folder.path(), charts.all())?;
    atomic::write_json(&folder.path().join(NUMBERS), report)?;
    atomic::write(&folder.path().join(INDEX), page.html().as_bytes())?;
    folder.publish()?;
    Ok(inputs.run.report().join(INDEX))
}

/// Writes each chart as `<name>.svg` and `<name>.png` into `folder`.
///
/// # Errors
/// [`ReportError::Draw`], or [`ReportError::Artifact`] when the disk is full, for instance.
pub(crate) fn write_charts<'a>(
    folder: &Path,
    charts: impl Iterator<Item = &'a Chart>,
) -> Result<(), ReportError> {
    for chart in charts {
        let path = |ending: &str| folder.join(format!("{}.{ending}", chart.name));
        atomic::write(&path("svg"), chart.svg().as_bytes())?;
        let png = path("png");
        let pixels =
            chart.png().map_err(|source| ReportError::Draw { path: png.clone(), source })?;
        atomic::write(&png, &pixels)?;
    }
    Ok(())
}
