//! Real photographs with faults put into them: one run names every one.

use crate::project::{Outcome, Project, encode, shared};
use image::{ImageFormat, imageops::FilterType};
use std::{
    fs,
    path::{Path, PathBuf},
};

/// The files of a folder, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<_> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

/// A copy of the photographs of three brands.
fn photographs() -> Option<Project> {
    let source = shared("sneakers3")?;
    let project = Project::empty();
    for (from, to) in [("train", "train"), ("validate", "val")] {
        for class in files(&source.join(from)) {
            for file in files(&class) {
                let name = file.strip_prefix(source.join(from)).unwrap().display().to_string();
                project.write(&format!("data/{to}/{name}"), &fs::read(&file).unwrap());
            }
        }
    }
    Some(project)
}

/// The `number`-th training picture of a class.
fn pick(project: &Project, class: &str, number: usize) -> String {
    let file = files(&project.path(&format!("data/train/{class}"))).remove(number);
    file.strip_prefix(project.path("")).unwrap().display().to_string()
}

fn assert_says(outcome: &Outcome, lines: &[String]) {
    for line in lines {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
}

#[test]
fn every_injected_fault_is_found_and_named() {
    let Some(project) = photographs() else { return };
    let [lying, cut, copied, halved, doubled] =
        [("nike", 3), ("adidas", 7), ("converse", 10), ("nike", 20), ("adidas", 30)]
            .map(|(class, number)| pick(&project, class, number));
    let read = |path: &str| fs::read(project.path(path)).unwrap();
    let open = |path: &str| image::open(project.path(path)).unwrap();
    project.write(&lying, &encode(&open(&lying), ImageFormat::Png));
    project.write(&cut, &read(&cut)[..read(&cut).len() * 6 / 10]);
    project.write("data/val/converse/copy.jpg", &read(&copied));
    let half = open(&halved).resize_exact(120, 120, FilterType::Triangle);
    project.write("data/val/nike/half.jpg", &encode(&half, ImageFormat::Jpeg));
    project.write("data/train/nike/mislabelled.jpg", &read(&doubled));
    project.make_folder("data/train/puma");

    let outcome = project.prep(&["--set", "data.image_size=96"]);
    assert_eq!(outcome.status, 1);
    assert_says(
        &outcome,
        &[
            "error: 2 faults in the data; nothing was written:\n".to_owned(),
            "  data/train/puma: there is no picture in this class folder\n".to_owned(),
            format!("  {cut}: the JPEG is truncated: its data ends before the picture does\n"),
            format!(
                "{doubled} and data/train/nike/mislabelled.jpg: one and the same picture, labelled as `adidas` and `nike`\n"
            ),
            format!(
                "{copied} and data/val/converse/copy.jpg: one and the same picture in train and val\n"
            ),
            format!(
                "{halved} and data/val/nike/half.jpg: nearly the same picture in train and val\n"
            ),
            format!("{lying}: a PNG by its content, whatever its extension says\n"),
        ],
    );
    assert!(project.caches().is_empty());

    // Without the two faults, and with copies dropped, there is a cache.
    project.remove("data/train/puma");
    let outcome = project.prep(&[
        "--set",
        "data.image_size=96",
        "--set",
        "data.unreadable=skip",
        "--set",
        "data.audit={leakage: drop}",
    ]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let samples = fs::read_to_string(project.cache().join("samples.csv")).unwrap();
    for left_out in [&cut, &copied, &halved] {
        assert!(!samples.contains(&format!(",{left_out},")), "{left_out} is in the cache");
    }
    assert!(samples.contains(",data/val/nike/half.jpg,"));
}
