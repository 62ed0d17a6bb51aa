//! The report as a short table of plain text.

use crate::{
    audit::AuditReport,
    campaign::CampaignReport,
    format::{compact, counted, duration, percent, score},
    report::{Report, SplitReport},
};
use shoebox_artifact::records::Weights;
use shoebox_metrics::Interval;
use std::fmt::Write;

/// With more classes than this only the weakest are listed.
const MAX_LISTED: usize = 12;

/// Labels in doubt that are named.
const MAX_SUSPECTS: usize = 5;

/// A few lines for the terminal, the last one with a newline.
pub fn table(report: &Report) -> String {
    let mut text = String::new();
    // Writing to a String cannot fail.
    let _ = write_head(&mut text, report);
    for split in &report.splits {
        let _ = write_split(&mut text, split);
    }
    text.push('\n');
    if let Some(audit) = &report.audit {
        let _ = writeln!(text, "audit: {}", audit_counts(audit));
    }
    for caution in &report.cautions {
        let _ = writeln!(text, "note: {caution}");
    }
    text.replace('\u{202f}', " ")
}

/// The same for a campaign.
pub fn campaign_table(report: &CampaignReport) -> String {
    let mut text = String::new();
    let record = &report.campaign;
    let count = counted(record.members.len() as u64, record.kind.noun());
    // Writing to a String cannot fail.
    let _ = writeln!(text, "{}: {count} in {}", report.name, duration(record.seconds));
    for figure in &record.figures {
        let weights = if figure.weights == Weights::Best { "best" } else { "last" };
        let sd = figure.accuracy.sd.map_or(String::new(), |sd| format!(" ± {:.1}", sd * 100.0));
        let mean = percent(figure.accuracy.mean);
        let _ = writeln!(
            text,
            "{:<5} {weights}  accuracy {mean}{sd}, mean and deviation",
            figure.split
        );
    }
    if let Some(split) = &report.out_of_fold {
        let _ = write_accuracy(&mut text, split).and_then(|()| write_split(&mut text, split));
        let suspects = counted(report.suspects.len() as u64, "suspected label error");
        let _ = writeln!(text, "\n{suspects}");
        for one in report.suspects.iter().take(MAX_SUSPECTS) {
            let _ = writeln!(text, "  {}: {}, looks like {}", one.path, one.label, one.looks_like);
        }
    }
    for caution in &report.cautions {
        let _ = writeln!(text, "note: {caution}");
    }
    text.replace('\u{202f}', " ")
}

fn audit_counts(audit: &AuditReport) -> String {
    let counts = [(audit.errors, "error"), (audit.warnings, "warning"), (audit.notes, "note")];
    let counts = counts.map(|(count, noun)| counted(count, noun)).join(", ");
    match audit.complete {
        true => counts,
        false => format!("off; reading showed {counts}"),
    }
}

fn write_head(text: &mut String, report: &Report) -> std::fmt::Result {
    let epochs = counted(report.epochs.len() as u64, "epoch");
    writeln!(text, "{}: {epochs} in {}", report.name, duration(report.run.seconds))?;
    if let Some(best) = report.best_epoch() {
        write!(text, "best epoch {}", best.epoch)?;
        for (name, figures) in [("train", best.train), ("val", best.val)] {
            if let Some(figures) = figures {
                write!(text, ", {name} {} (loss {:.4})", percent(figures.accuracy), figures.loss)?;
            }
        }
        writeln!(text)?;
    }
    report.splits.iter().try_for_each(|split| {
        write_accuracy(text, split)?;
        write_trust(text, split)
    })
}

fn write_accuracy(text: &mut String, split: &SplitReport) -> std::fmt::Result {
    writeln!(
        text,
        "{:<5} accuracy {}  ({}; {} of {} images)",
        split.split,
        split.accuracy.map_or("–".to_owned(), percent),
        between(split.accuracy_interval_95),
        split.correct,
        split.count
    )
}

/// Top-k, calibration, and what is answered, each below the accuracy.
fn write_trust(text: &mut String, split: &SplitReport) -> std::fmt::Result {
    for top in &split.top_k {
        let range = between(top.interval_95);
        writeln!(text, "      among the {} likeliest {}  ({range})", top.k, percent(top.share))?;
    }
    let found = &split.calibration;
    write!(text, "      calibration error {}", percent(found.ece))?;
    if let (Some(temperature), Some(before)) = (found.temperature, found.ece_before) {
        write!(text, ", {} before the temperature {}", percent(before), compact(temperature))?;
    }
    writeln!(text, "; by chance about {}", percent(found.ece_by_chance))?;
    if let Some(answered) = &split.answered {
        writeln!(
            text,
            "      answered from {} on: {}  ({}), of which right {}  ({})",
            percent(answered.selection.threshold),
            percent(answered.coverage),
            between(answered.coverage_interval_95),
            answered.precision.map_or("–".to_owned(), percent),
            between(answered.precision_interval_95),
        )?;
    }
    Ok(())
}

fn between(interval: Interval) -> String {
    format!("95 % interval {} to {}", percent(interval.low), percent(interval.high))
}

fn write_split(text: &mut String, split: &SplitReport) -> std::fmt::Result {
    let mut classes: Vec<_> = split.classes.iter().collect();
    let many = classes.len() > MAX_LISTED;
    if many {
        classes.sort_by(|a, b| a.f1.unwrap_or(2.0).total_cmp(&b.f1.unwrap_or(2.0)));
        classes.truncate(MAX_LISTED);
    }
    let title = format!("{}{}", split.split, if many { ", the weakest classes" } else { "" });
    let names = classes.iter().map(|class| class.class.chars().count());
    let width = names.chain([title.chars().count(), 13]).max().unwrap_or(13);
    writeln!(text, "\n{title:<width$}  precision  recall    f1  support")?;
    for class in classes {
        let scores = [class.precision, class.recall, class.f1].map(score);
        write_row(text, &class.class, width, &scores, class.support)?;
    }
    let average = split.macro_average;
    let scores = [average.precision, average.recall, average.f1].map(|figure| score(Some(figure)));
    write_row(text, "macro average", width, &scores, split.count)
}

fn write_row(
    text: &mut String,
    name: &str,
    width: usize,
    [precision, recall, f1]: &[String; 3],
    support: u64,
) -> std::fmt::Result {
    writeln!(text, "{name:<width$}  {precision:>9}  {recall:>6}  {f1:>4}  {support:>7}")
}
