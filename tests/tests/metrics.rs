//! Figures held to scikit-learn's, TorchMetrics' and SciPy's.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use serde::Deserialize;
use shoebox_metrics::{Reliability, Scored};
use shoebox_tests::Fixture;
use std::collections::BTreeMap;

/// What the others say of one case; the keys of `top_k` are k.
#[derive(Deserialize)]
struct Figures {
    accuracy: f64,
    top_k: BTreeMap<usize, f64>,
    log_loss: f64,
    ece: f64,
    temperature: f64,
    tempered_log_loss: f64,
    tempered_ece: f64,
}

fn cases() -> Vec<(&'static str, Scored, Figures)> {
    let fixture = Fixture::read("metrics");
    let read = |name: &'static str| {
        let tensor = |part: &str| fixture.tensor(&format!("{name}.{part}"));
        let labels = Vec::<i64>::try_from(tensor("labels")).unwrap();
        let scored = Scored {
            log_probabilities: Vec::try_from(tensor("log_probabilities")).unwrap(),
            labels: labels.into_iter().map(|label| label as usize).collect(),
        };
        (name, scored, fixture.json(&format!("{name}.figures")))
    };
    ["two", "sure", "unsure"].map(read).into()
}

fn assert_near(found: f64, wanted: f64, tolerance: f64, what: &str) {
    assert!((found - wanted).abs() <= tolerance, "{what}: {found} instead of {wanted}");
}

#[test]
fn accuracy_top_k_and_loss_are_scikit_learns() {
    for (name, scored, figures) in cases() {
        assert_near(scored.accuracy(), figures.accuracy, 1e-12, name);
        assert_near(scored.log_loss(1.0), figures.log_loss, 1e-7, name);
        for (k, correct) in figures.top_k {
            assert_eq!(scored.top_k(k) as f64, correct, "{name}, top {k}");
        }
    }
}

/// TorchMetrics computes it in f32.
#[test]
fn the_calibration_error_is_torchmetrics() {
    for (name, scored, figures) in cases() {
        let ece = |temperature| Reliability::new(&scored.answers(temperature)).ece();
        assert_near(ece(1.0), figures.ece, 2e-6, name);
        assert_near(ece(figures.temperature), figures.tempered_ece, 2e-6, name);
    }
}

/// The loss is flat at its least, so a minimizer knows the place to about the
/// root of what it knows the loss to; Newton's method knows it better.
#[test]
fn the_temperature_is_scipys() {
    for (name, scored, figures) in cases() {
        let temperature = scored.fit_temperature().unwrap();
        assert_near(temperature / figures.temperature, 1.0, 1e-6, name);
        assert_near(scored.log_loss(temperature), figures.tempered_log_loss, 1e-9, name);
    }
}
