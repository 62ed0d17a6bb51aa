//! Files that released formats left behind must stay readable. They were made
//! from `fixtures/golden-sources`; `fixtures/README.md` says how.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use shoebox_artifact::{
    Artifacts,
    records::{Audit, Manifest, read_json, read_samples},
};
use shoebox_cache::TensorCache;
use shoebox_infer::Predictor;
use shoebox_model::Checkpoint;
use shoebox_spec::Device;
use shoebox_tests::workspace;
use std::path::PathBuf;

fn fixture(name: &str) -> PathBuf {
    workspace().join("tests/fixtures").join(name)
}

/// The pixels of a source picture, which is as small as a row of the cache.
fn source(path: &str) -> Vec<u8> {
    image::open(fixture("golden-sources").join(path)).unwrap().to_rgb8().into_raw()
}

#[test]
fn a_cache_of_version_2_stays_readable() {
    let folder = fixture("golden-cache-v2");
    let cache = TensorCache::open(&folder).unwrap();
    cache.verify(|_, outcome| assert!(outcome.is_ok())).unwrap();
    assert_eq!(cache.manifest().class_names, ["falling", "rising"]);
    assert_eq!(cache.manifest().image_size, [4, 4]);
    let samples = read_samples(&folder.join(Manifest::SAMPLES_FILE)).unwrap();
    let labels = [("train", vec![0, 0, 1]), ("val", vec![0, 1])];
    for (name, labels) in labels {
        let split = cache.split(name).unwrap();
        assert_eq!(split.labels().unwrap(), labels);
        let of_split = samples.iter().filter(|sample| sample.split == name);
        for (row, sample) in of_split.enumerate() {
            assert_eq!(split.row(row), source(&sample.path), "{}", sample.path);
            assert_eq!((sample.row, i64::from(sample.label)), (row as u64, labels[row]));
        }
    }
    assert_eq!(samples.len(), 5);
    let audit: Audit = read_json(&folder.join(Manifest::AUDIT_FILE), "").unwrap();
    let kinds: Vec<_> = audit.findings.iter().map(|finding| finding.kind.as_str()).collect();
    assert_eq!((audit.complete, kinds.len()), (true, 2), "{kinds:?}");
}

#[test]
fn a_checkpoint_of_version_1_predicts_what_it_did() {
    let path = fixture("golden-checkpoint-v1.safetensors");
    let card = Checkpoint::read(&path).unwrap().card;
    let cache = TensorCache::open(&fixture("golden-cache-v2")).unwrap();
    assert_eq!(card.class_names, ["falling", "rising"]);
    assert_eq!(card.mean, cache.manifest().mean);
    let predictor = Predictor::open(&path, &Artifacts::new("nowhere"), Device::Cpu).unwrap();
    let pictures =
        ["val/falling/0.png", "val/rising/0.png"].map(|name| fixture("golden-sources").join(name));
    let mut found = Vec::new();
    predictor.predict(&pictures, |_, result| found.push(result.unwrap().probabilities)).unwrap();
    // What `predict` said when the checkpoint was made.
    let wanted = [[0.999_300_36, 0.000_699_594], [0.001_174_734, 0.998_825_25]];
    for (found, wanted) in found.iter().zip(wanted) {
        for (found, wanted) in found.iter().zip(wanted) {
            assert!((found - wanted).abs() < 1e-6, "{found} instead of {wanted}");
        }
    }
}
