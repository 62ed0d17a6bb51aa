//! `predict RUN_OR_CHECKPOINT IMAGE|FOLDER…`: classes and probabilities.

mod args;

use args::Args;
use clap::Parser;
use serde::Serialize;
use shoebox_artifact::{
    Artifacts,
    console::{answer, tell},
};
use shoebox_infer::{Prediction, Predictor, list_pictures};
use std::{collections::BTreeMap, path::Path, process::ExitCode};

fn main() -> ExitCode {
    shoebox_kernels::allocator::keep_pages();
    let args = Args::parse();
    match run(&args) {
        Ok(0) => ExitCode::SUCCESS,
        Ok(failed) => {
            let fact = "of the pictures could not be read; they are named above";
            tell(format_args!("error: {failed} {fact}"));
            ExitCode::FAILURE
        }
        Err(error) => {
            // Its causes are part of each error's text.
            tell(format_args!("error: {error}"));
            ExitCode::FAILURE
        }
    }
}

/// Prints a line per picture; returns how many could not be read.
fn run(args: &Args) -> anyhow::Result<usize> {
    let artifacts = Artifacts::new(&args.artifacts);
    let predictor = Predictor::open(&args.model, &artifacts, args.device)?;
    if args.tta.is_some_and(|tta| predictor.is_calibrated_otherwise(tta)) {
        tell(
            "note: temperature and threshold were fitted to other views; `evaluate --calibrate` fits them to these",
        );
    }
    let predictor = match args.tta {
        Some(tta) => predictor.with_tta(tta),
        None => predictor,
    };
    let predictor = if args.no_reject { predictor.without_threshold() } else { predictor };
    let pictures = list_pictures(&args.pictures)?;
    let (mut failed, mut answered) = (0, Ok(()));
    let class_names = predictor.class_names();
    predictor.predict(&pictures, |path, result| match result {
        // Where the first lines cannot be written, the others cannot either.
        Ok(_) if answered.is_err() => {}
        Ok(prediction) if args.json => {
            answered = answer(json_line(path, &prediction, class_names));
        }
        Ok(prediction) => answered = answer(line(path, &prediction, class_names)),
        Err(error) => {
            failed += 1;
            tell(format_args!("error: {error}"));
        }
    })?;
    answered?;
    Ok(failed)
}

/// The likeliest classes of a plain line.
const SHOWN: usize = 3;

/// `photo.jpg: nike 0.873, adidas 0.127`, or `photo.jpg: unknown (nike 0.573, adidas 0.427)`
fn line(path: &Path, prediction: &Prediction, class_names: &[String]) -> String {
    let mut ranked: Vec<_> = class_names.iter().zip(&prediction.probabilities).collect();
    ranked.sort_by(|a, b| b.1.total_cmp(a.1));
    let shown =
        ranked.iter().take(SHOWN).map(|(name, probability)| format!("{name} {probability:.3}"));
    let shown = shown.collect::<Vec<_>>().join(", ");
    match prediction.is_unknown {
        true => format!("{}: unknown ({shown})", path.display()),
        false => format!("{}: {shown}", path.display()),
    }
}

#[derive(Serialize)]
struct JsonLine<'a> {
    path: String,
    /// Nothing for a picture that is unknown.
    class: Option<&'a str>,
    /// What it would be, where it is unknown.
    #[serde(skip_serializing_if = "Option::is_none")]
    best_guess: Option<&'a str>,
    probabilities: BTreeMap<&'a str, f32>,
}

fn json_line(path: &Path, prediction: &Prediction, class_names: &[String]) -> String {
    let names = class_names.iter().map(String::as_str);
    let likeliest = class_names[prediction.class].as_str();
    let line = JsonLine {
        path: path.display().to_string(),
        class: (!prediction.is_unknown).then_some(likeliest),
        best_guess: prediction.is_unknown.then_some(likeliest),
        probabilities: names.zip(prediction.probabilities.iter().copied()).collect(),
    };
    // Strings and numbers alone: nothing JSON lacks.
    serde_json::to_string(&line).expect("a line is always JSON")
}
