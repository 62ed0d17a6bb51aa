//! What the person at the screen sees of several trainings as one.

use crate::{args::resuming_command, progress::Screen, signals::Interrupts};
use shoebox_artifact::{
    console::{answer, tell},
    records::{
        CampaignKind, CampaignRecord, Evaluation, Figure, Member, Pooled, RunStatus, Spread,
        Weights,
    },
};
use shoebox_train::{CampaignObserver, CampaignOutcome, CampaignStart};
use std::process::ExitCode;

impl CampaignObserver for Screen {
    fn campaign(&mut self, start: &CampaignStart<'_>) {
        match (start.kind, start.pooled) {
            (CampaignKind::Folds(folds), Some(pictures)) => {
                tell(format_args!("{pictures} pictures of train and val in {folds} folds"));
            }
            (kind, _) => tell(format_args!("{} trainings", kind.count())),
        }
        if !start.knows_alike {
            tell(
                "note: the audit is off, so equal files alone are kept in one fold; others that look alike may be on both sides",
            );
        }
        tell(format_args!("campaign {}", start.campaign.path().display()));
    }

    fn member(&mut self, number: u32, kind: CampaignKind) {
        tell(format_args!("\n{} {number} of {}", kind.noun(), kind.count()));
    }

    fn member_ended(&mut self, number: u32, kind: CampaignKind, member: &Member) {
        if let Some(val) = evaluation(member, "val") {
            let (noun, epoch) = (kind.noun(), member.best_epoch.unwrap_or(0));
            tell(format_args!("{noun} {number}: best epoch {epoch}, val {}", counted(val)));
        }
    }
}

/// Says what came out. An interrupted campaign is not a success.
pub fn conclude(outcome: &CampaignOutcome, interrupts: &Interrupts) -> anyhow::Result<ExitCode> {
    let record = &outcome.record;
    tell(table(record));
    let interrupted = record.status == RunStatus::Interrupted;
    let (made, count) = (record.members.len(), record.kind.count());
    match interrupted {
        true => tell(format_args!(
            "interrupted in {} {} of {count}; the figures are of those before",
            record.kind.noun(),
            made.max(1)
        )),
        false => tell(format_args!("finished after {:.0} s", record.seconds)),
    }
    if interrupted {
        tell(format_args!("to go on: {}", resuming_command(&outcome.campaign.name())));
    }
    answer(outcome.campaign.path().display())?;
    Ok(ExitCode::from(if interrupted { interrupts.status() } else { 0 }))
}

fn table(record: &CampaignRecord) -> String {
    let has_test = record.figure("test", Weights::Best).is_some();
    let mut rows = vec![header(record.kind, has_test)];
    rows.extend(
        record.members.iter().zip(1..).map(|(member, number)| row(member, number, has_test)),
    );
    rows.extend(spread(record, has_test));
    let mut text = aligned(&rows);
    for pooled in &record.pooled {
        text.push_str(&pooled_line(pooled));
    }
    if !record.pooled.is_empty() && record.chose_epochs() {
        text.push_str("each best epoch was chosen on its own fold, so those figures are optimistic; `train.checkpoint.keep: last` chooses none\n");
    }
    text
}

fn header(kind: CampaignKind, has_test: bool) -> Vec<String> {
    let mut cells = vec![kind.noun(), "epochs", "best", "val", "val loss", "val, last epoch"];
    cells.extend(has_test.then_some("test"));
    cells.into_iter().map(str::to_owned).collect()
}

fn row(member: &Member, number: u32, has_test: bool) -> Vec<String> {
    let name = member.fold.map_or(member.seed.to_string(), |_| number.to_string());
    let nothing = || "–".to_owned();
    let val = evaluation(member, "val");
    let mut cells = vec![
        name,
        member.epochs.to_string(),
        member.best_epoch.map_or_else(nothing, |epoch| epoch.to_string()),
        val.map_or_else(nothing, counted),
        val.map_or_else(nothing, |val| format!("{:.4}", val.loss)),
        member.last.as_ref().map_or_else(nothing, counted),
    ];
    if has_test {
        cells.push(evaluation(member, "test").map_or_else(nothing, counted));
    }
    cells
}

/// The mean of each column with its standard deviation.
fn spread(record: &CampaignRecord, has_test: bool) -> Option<Vec<String>> {
    let accuracy = |figure: Option<&Figure>| {
        figure.map_or("–".to_owned(), |figure| with_sd(&figure.accuracy, 3))
    };
    let best = record.figure("val", Weights::Best)?;
    let mut cells = vec!["mean ± sd".to_owned(), String::new(), String::new()];
    cells.push(with_sd(&best.accuracy, 3));
    cells.push(with_sd(&best.loss, 4));
    cells.push(accuracy(record.figure("val", Weights::Last)));
    if has_test {
        cells.push(accuracy(record.figure("test", Weights::Best)));
    }
    Some(cells)
}

fn with_sd(spread: &Spread, digits: usize) -> String {
    let mean = spread.mean;
    match spread.sd {
        Some(sd) => format!("{mean:.digits$} ± {sd:.digits$}"),
        None => format!("{mean:.digits$}"),
    }
}

fn pooled_line(pooled: &Pooled) -> String {
    let weights = match pooled.weights {
        Weights::Best => "best epochs",
        Weights::Last => "last epochs",
    };
    format!(
        "out of fold, {weights}: accuracy {:.3} ({} of {}), 95 % interval {:.3} to {:.3}, loss {:.4}\n",
        pooled.accuracy(),
        pooled.correct,
        pooled.count,
        pooled.interval_95.low,
        pooled.interval_95.high,
        pooled.loss
    )
}

fn evaluation<'a>(member: &'a Member, split: &str) -> Option<&'a Evaluation> {
    member.evaluations.iter().find(|one| one.split == split)
}

/// `0.935 (87 of 93)`.
fn counted(one: &Evaluation) -> String {
    format!("{:.3} ({} of {})", one.accuracy(), one.correct, one.count)
}

/// Columns as wide as their widest cells, the first one to the left.
fn aligned(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let length =
        |row: &Vec<String>, column: usize| row.get(column).map_or(0, |c| c.chars().count());
    let width = |column| rows.iter().map(|row| length(row, column)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..columns).map(width).collect();
    let mut text = String::from("\n");
    for row in rows {
        for (column, (cell, width)) in row.iter().zip(&widths).enumerate() {
            let cell = match column {
                0 => format!("{cell:<width$}"),
                _ => format!("  {cell:>width$}"),
            };
            text.push_str(&cell);
        }
        text.push('\n');
    }
    text
}
