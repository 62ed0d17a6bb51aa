//! The `report` program: writes the report of a run or a campaign, or compares runs.

mod args;

use args::{Args, Task};
use clap::Parser;
use serde::Serialize;
use shoebox_artifact::console::{answer, tell};
use shoebox_report::{campaign_table, compare, comparison_table, run_campaign, table};
use std::{path::Path, process::ExitCode};

fn main() -> ExitCode {
    match report(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Our messages name their cause themselves: the chain would say it twice.
            tell(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

fn report(args: Args) -> anyhow::Result<()> {
    let json = args.json;
    let options = match Task::from(args) {
        Task::Report(options) => options,
        Task::Compare(options) => {
            let outcome = compare(&options)?;
            tell(comparison_table(&outcome.comparison));
            return say(&outcome.comparison, &outcome.index, json);
        }
    };
    if let Some(outcome) = run_campaign(&options)? {
        tell(campaign_table(&outcome.report));
        return say(&outcome.report, &outcome.index, json);
    }
    let outcome = shoebox_report::run(&options)?;
    tell(table(&outcome.report));
    say(&outcome.report, &outcome.index, json)
}

/// Prints the page's path, or the numbers.
fn say(report: &impl Serialize, index: &Path, json: bool) -> anyhow::Result<()> {
    let said = if json {
        tell(format_args!("report: {}", index.display()));
        serde_json::to_string_pretty(report)?
    } else {
        index.display().to_string()
    };
    Ok(answer(said)?)
}
