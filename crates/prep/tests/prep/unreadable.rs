//! Files that are no pictures.

use crate::project::{Project, jpeg};
use std::fs;

/// Three files of the train split and one of val that are no pictures.
fn damaged_project() -> Project {
    let project = Project::new();
    let whole = jpeg(3);
    project.write("data/train/adidas/cut.jpg", &whole[..whole.len() / 2]);
    project.write("data/train/nike/empty.png", b"");
    project.write("data/train/nike/text.jpg", b"<html>404</html>");
    project.write("data/val/nike/text.png", b"nothing");
    project
}

const LISTED: &str =
    "  data/train/adidas/cut.jpg: the JPEG is truncated: its data ends before the picture does
  data/train/nike/empty.png: the file is empty
  data/train/nike/text.jpg: not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF
  data/val/nike/text.png: not a picture: the content is none of JPEG, PNG, WebP, GIF, BMP and TIFF
";

#[test]
fn lists_every_unreadable_file_and_writes_nothing() {
    let project = damaged_project();
    let outcome = project.prep(&[]);
    let said = format!(
        "error: 4 faults in the data; nothing was written:\n{LISTED}    -> repair or remove such files, or leave them out with --set data.unreadable=skip\nalso noticed:\n"
    );
    assert!(outcome.stderr.starts_with(&said), "{}", outcome.stderr);
    assert_eq!(outcome.status, 1);
    assert!(project.caches().is_empty());
}

#[test]
fn skipping_goes_on_without_them_and_records_them() {
    let project = damaged_project();
    let outcome = project.prep(&["--set", "data.unreadable=skip"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    for line in [
        "Found 9 files belonging to 2 classes (adidas 3, nike 3) in data/train for train, 3 of them unreadable and left out.\n",
        "Found 3 files belonging to 2 classes (adidas 1, nike 1) in data/val for val, 1 of them unreadable and left out.\n",
    ] {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
    let audit = fs::read_to_string(project.cache().join("audit.json")).unwrap();
    assert_eq!(audit.matches("\"kind\": \"unreadable\"").count(), 4, "{audit}");
    let manifest = fs::read_to_string(project.cache().join("manifest.json")).unwrap();
    assert!(manifest.contains("\"skipped\": 3") && manifest.contains("\"skipped\": 1"));
    let again = project.prep(&["--set", "data.unreadable=skip"]);
    assert!(again.stderr.contains("warning: data/train/nike/empty.png: the file is empty\n"));
    assert!(again.stderr.contains("is up to date"));
}

#[test]
fn a_cache_made_by_skipping_is_not_taken_for_a_whole_one() {
    let project = damaged_project();
    assert_eq!(project.prep(&["--set", "data.unreadable=skip"]).status, 0);
    assert_eq!(project.prep(&[]).status, 1);
}

#[test]
fn a_class_that_skipping_leaves_empty_is_refused() {
    let project = Project::new();
    project.write("data/train/puma/1.jpg", b"no");
    project.write("data/train/puma/2.jpg", b"no");
    let outcome = project.prep(&["--set", "data.unreadable=skip"]);
    let said = "error: 1 fault in the data; nothing was written:
  data/train/puma: none of the files of this class can be used for train
    -> add pictures to it, or take the folder away
also noticed:
";
    assert!(outcome.stderr.starts_with(said), "{}", outcome.stderr);
    assert_eq!(outcome.status, 1);
    assert!(project.caches().is_empty());
}
