//! The `report` program: writes the report of a run.

mod args;

use anyhow::anyhow;
use args::Args;
use clap::Parser;
use shoebox_report::{Options, table};
use std::{
    io::{self, Write},
    process::ExitCode,
};

fn main() -> ExitCode {
    match report(Args::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            // Our messages name their cause themselves: the chain would say it twice.
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn report(args: Args) -> anyhow::Result<()> {
    let json = args.json;
    let outcome = shoebox_report::run(&Options::from(args))?;
    eprint!("{}", table(&outcome.report));
    let said = if json {
        eprintln!("report: {}", outcome.index.display());
        serde_json::to_string_pretty(&outcome.report)?
    } else {
        outcome.index.display().to_string()
    };
    match writeln!(io::stdout(), "{said}") {
        // Whoever reads us, `head` for instance, has read enough.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => Ok(()),
        Err(error) => Err(anyhow!("cannot write to standard output: {error}")),
        Ok(()) => Ok(()),
    }
}
