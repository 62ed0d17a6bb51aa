//! JSON lines: a reader forgives a torn last line and nothing else.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use proptest::prelude::*;
use shoebox_artifact::{ArtifactError, atomic, jsonl, records::MetricRow};
use std::path::PathBuf;

fn row(epoch: u32) -> MetricRow {
    MetricRow {
        epoch,
        split: "val".to_owned(),
        loss: 0.5,
        accuracy: 0.75,
        learning_rate: 1e-3,
        seconds: 1.0,
        images_per_second: 100.0,
        data_wait: None,
    }
}

/// A file of `rows` lines in a temporary folder.
fn file(rows: u32) -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("metrics.jsonl");
    for epoch in 1..=rows {
        jsonl::append(&path, &row(epoch)).unwrap();
    }
    (folder, path)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn a_file_cut_anywhere_gives_every_line_that_is_whole(rows in 1u32..6, share in 0.0..1.0f64) {
        let (_folder, path) = file(rows);
        let text = std::fs::read(&path).unwrap();
        let cut = (text.len() as f64 * share) as usize;
        atomic::write(&path, &text[..cut]).unwrap();
        let whole = text[..cut].iter().filter(|&&byte| byte == b'\n').count() as u32;
        let read: Vec<MetricRow> = jsonl::read(&path).unwrap();
        prop_assert_eq!(read, (1..=whole).map(row).collect::<Vec<_>>());
    }
}

#[test]
fn records_that_are_taken_out_leave_the_others_and_no_torn_line() {
    let (folder, path) = file(4);
    let text = std::fs::read_to_string(&path).unwrap();
    let mut torn = text.clone();
    torn.push_str("{\"epoch\":5,");
    atomic::write(&path, torn.as_bytes()).unwrap();
    jsonl::retain(&path, |row: &MetricRow| row.epoch <= 2).unwrap();
    let two: String = text.split_inclusive('\n').take(2).collect();
    assert_eq!(std::fs::read_to_string(&path).unwrap(), two);
    jsonl::append(&path, &row(3)).unwrap();
    assert_eq!(jsonl::read::<MetricRow>(&path).unwrap(), [row(1), row(2), row(3)]);
    jsonl::retain(&folder.path().join("none"), |_: &MetricRow| false).unwrap();
    assert!(!folder.path().join("none").exists());
}

#[test]
fn refuses_a_broken_line_in_the_middle_naming_it() {
    let (_folder, path) = file(3);
    let text = std::fs::read_to_string(&path).unwrap().replacen("\"epoch\":2", "\"epoch\":", 1);
    atomic::write(&path, text.as_bytes()).unwrap();
    let error = jsonl::read::<MetricRow>(&path).unwrap_err();
    assert!(matches!(error, ArtifactError::Malformed { .. }));
    let said = error.to_string();
    assert!(said.starts_with(&path.display().to_string()), "{said}");
    assert!(said.contains("line 2 is not a record"), "{said}");
    assert!(said.ends_with("remove that line, or train again"), "{said}");
}

#[test]
fn refuses_a_broken_last_line_that_is_complete() {
    let (_folder, path) = file(2);
    let text = std::fs::read_to_string(&path).unwrap() + "{\"epoch\":3\n";
    atomic::write(&path, text.as_bytes()).unwrap();
    assert!(jsonl::read::<MetricRow>(&path).unwrap_err().to_string().contains("line 3"));
}

#[test]
fn a_line_of_before_data_wait_was_measured_is_read() {
    let (_folder, path) = file(1);
    let text = std::fs::read_to_string(&path).unwrap();
    assert!(!text.contains("data_wait"), "{text}");
    assert_eq!(jsonl::read::<MetricRow>(&path).unwrap(), [row(1)]);
}
