//! The `demo` program: makes the demo data.

mod args;

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use shoebox_artifact::console::tell;
use shoebox_demo::{Options, Outcome, Summary};

use args::Args;

fn main() -> ExitCode {
    let options = Options::from(Args::parse());
    let started = Instant::now();
    match shoebox_demo::run(&options) {
        Ok(summary) => {
            report(&summary, options.seed, started.elapsed().as_secs_f64());
            ExitCode::SUCCESS
        }
        Err(error) => {
            let usage = error.is_usage();
            tell(format_args!("error: {error}"));
            ExitCode::from(if usage { 2 } else { 1 })
        }
    }
}

fn report(summary: &Summary, seed: u64, seconds: f64) {
    let Summary { out, train, test, bytes, .. } = summary;
    let out = out.display();
    match summary.outcome {
        Outcome::UpToDate => {
            tell(format_args!("{out}: up to date ({train} + {test} pictures)"));
        }
        Outcome::Drawn => tell(format_args!(
            "{out}: {train} training and {test} test pictures from seed {seed}, {:.1} MB, in {seconds:.1} s",
            *bytes as f64 / 1e6,
        )),
    }
}
