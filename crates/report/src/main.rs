//! The `report` program: writes the report of a run.

mod args;

use args::Args;
use clap::Parser;
use shoebox_artifact::console::{answer, tell};
use shoebox_report::{Options, table};
use std::process::ExitCode;

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
    let outcome = shoebox_report::run(&Options::from(args))?;
    tell(table(&outcome.report));
    let said = if json {
        tell(format_args!("report: {}", outcome.index.display()));
        serde_json::to_string_pretty(&outcome.report)?
    } else {
        outcome.index.display().to_string()
    };
    Ok(answer(said)?)
}
