//! Standard formats only: plain Python, with `safetensors` and `numpy` and no
//! code of ours, opens a cache and a run and finds what we put there.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use serde_json::{Value, json};
use shoebox_artifact::records::read_samples;
use shoebox_model::{Checkpoint, ModelCard};
use shoebox_tests::{CLASSES, Project, python, workspace};
use std::{path::Path, process::Command};

const PACKAGES: [&str; 2] = ["safetensors==0.8.0", "numpy==2.4.6"];

/// What the script saw.
fn look(python: &Path, project: &Project, run: &Path) -> Value {
    let script = workspace().join("tests/fixtures/open_everything.py");
    let output =
        Command::new(python).arg(script).arg(project.cache_folder()).arg(run).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}

#[test]
fn python_opens_cache_checkpoint_and_tables() {
    let venv = Path::new(env!("CARGO_TARGET_TMPDIR")).join("python-venv");
    let Some(python) = python(&venv, &PACKAGES) else { return };
    let project = Project::prepared();
    let run = project.short_run();
    let seen = look(&python, &project, run.path());

    let cache = project.cache();
    let train = cache.split("train").unwrap();
    assert_eq!(seen["images"], json!({"dtype": "uint8", "shape": [48, 24, 24, 3]}));
    assert_eq!(seen["row_5"], json!(train.row(5)));
    assert_eq!(seen["labels"], json!({"dtype": "int64", "values": train.labels().unwrap()}));

    let samples = read_samples(&project.cache_folder().join("samples.csv")).unwrap();
    let columns =
        ["split", "row", "label", "path", "digest", "width", "height", "format", "phash", "notes"];
    assert_eq!(seen["samples"]["columns"], json!(columns));
    let paths: Vec<_> = samples.iter().map(|sample| &sample.path).collect();
    assert_eq!(seen["samples"]["path"], json!(paths));

    let Checkpoint { card, tensors, .. } = Checkpoint::read(&run.best_checkpoint()).unwrap();
    let shapes: serde_json::Map<String, Value> =
        tensors.iter().map(|(name, tensor)| (name.clone(), json!(tensor.size()))).collect();
    assert_eq!(seen["best"]["shapes"], Value::Object(shapes));
    let found: ModelCard = serde_json::from_value(seen["best"]["shoebox"].clone()).unwrap();
    assert_eq!(found, card);
    let bias = Vec::<f32>::try_from(&tensors["model.dense.bias"]).unwrap();
    // As text it is a double, whose last bit serde_json may read differently.
    let found: Vec<f32> = serde_json::from_value(seen["best"]["dense_bias"].clone()).unwrap();
    assert_eq!(found, bias);
    let last = seen["last"].as_array().unwrap();
    assert!(last.iter().any(|name| name.as_str().unwrap().starts_with("optimizer.")));

    let columns: Vec<_> = ["path", "label", "predicted"].into_iter().chain(CLASSES).collect();
    assert_eq!(seen["predictions"]["columns"], json!(columns));
    assert_eq!(seen["predictions"]["rows"], 20);
    assert!(seen["predictions"]["largest_error_of_sum"].as_f64().unwrap() < 1e-6);
    let metrics = &seen["metrics"];
    assert_eq!(metrics["splits"], json!([[1, "train"], [1, "val"]]));
    assert_eq!(metrics["table"]["rows"], 1);
    assert_eq!(metrics["table"]["first"], metrics["first"]);
}
