//! The tutorial's photographs, where they are.

use crate::project::{Project, shared};
use std::time::{Duration, Instant};

#[test]
fn prepares_the_tutorials_photographs_once() {
    let Some(folder) = shared("sneakers") else { return };
    let project = Project::empty();
    let set = |key: &str, path: &str| format!("data.{key}={}", folder.join(path).display());
    let (train, val) = (set("train", "train"), set("val", "test"));
    let args = ["--set", &train, "--set", &val, "--set", "data.image_size=224"];
    let outcome = project.prep(&args);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    println!("{}", outcome.stderr);
    assert!(
        outcome.stderr.contains("Found 402 files belonging to 2 classes (adidas 201, nike 201)")
    );
    assert!(outcome.stderr.contains("Found 60 files belonging to 2 classes (adidas 30, nike 30)"));
    let start = Instant::now();
    let again = project.prep(&args);
    assert!(start.elapsed() < Duration::from_secs(1), "took {:?}", start.elapsed());
    assert!(again.stderr.contains("is up to date: 462 images"), "{}", again.stderr);
}
