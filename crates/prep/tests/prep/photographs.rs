//! Real photographs, where they are.

use crate::project::{Outcome, Project, shared};
use std::path::Path;

/// Runs `prep` on the `train` folder and on `val`, a folder of another name.
fn prep(project: &Project, folder: &Path, val: &str) -> Outcome {
    let set = |key: &str, path: &str| format!("data.{key}={}", folder.join(path).display());
    let (train, val) = (set("train", "train"), set("val", val));
    let outcome = project.prep(&["--set", &train, "--set", &val, "--set", "data.image_size=224"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    outcome
}

#[test]
fn prepares_the_tutorials_photographs_once() {
    let Some(folder) = shared("sneakers") else { return };
    let project = Project::empty();
    let said = prep(&project, &folder, "test").stderr;
    assert!(said.contains("Found 402 files belonging to 2 classes (adidas 201, nike 201)"));
    assert!(said.contains("Found 60 files belonging to 2 classes (adidas 30, nike 30)"));
    let again = prep(&project, &folder, "test").stderr;
    assert!(again.contains("is up to date: 462 images"), "{again}");
}

#[test]
fn prepares_three_brands_from_another_layout() {
    let Some(folder) = shared("sneakers3") else { return };
    let said = prep(&Project::empty(), &folder, "validate").stderr;
    let train = "Found 603 files belonging to 3 classes (adidas 201, converse 201, nike 201)";
    assert!(said.contains(train), "{said}");
    assert!(
        said.contains("Found 90 files belonging to 3 classes (adidas 30, converse 30, nike 30)")
    );
}
