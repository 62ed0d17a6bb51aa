//! A cache that is missing, out of date or damaged: training does not start.

use crate::programs::{train, train_refuses};
use shoebox_artifact::{
    atomic,
    records::{Manifest, read_json},
};
use shoebox_tests::{Project, draw};
use std::fs;

#[test]
fn before_prep_training_says_what_to_run() {
    let parts = ["artifacts: there is no cache", "run `prep`"];
    train_refuses("no cache yet", &Project::new(), &[], 1, &parts);
}

#[test]
fn a_cache_that_was_removed_is_missed() {
    let project = Project::prepared();
    fs::remove_dir_all(project.cache_folder()).unwrap();
    assert_eq!(train(&project, &[]).status.code(), Some(1));
    project.prep(&[]).unwrap();
    assert_eq!(train(&project, &["--set", "train.epochs=1"]).status.code(), Some(0));
}

#[test]
fn a_picture_that_changed_is_refused() {
    let project = Project::prepared();
    draw(0, 77).save(project.path("data/train/stripes/3.png")).unwrap();
    let parts = ["data/train/stripes/3.png: the picture has changed", "run `prep` again"];
    train_refuses("a picture has changed since", &project, &[], 1, &parts);
}

#[test]
fn a_picture_that_is_only_touched_is_accepted() {
    let project = Project::prepared();
    let path = project.path("data/train/stripes/3.png");
    let bytes = fs::read(&path).unwrap();
    atomic::write(&path, &bytes).unwrap();
    assert_eq!(train(&project, &["--set", "train.epochs=1"]).status.code(), Some(0));
}

#[test]
fn a_picture_that_was_removed_is_refused() {
    let project = Project::prepared();
    fs::remove_file(project.path("data/val/discs/4.jpg")).unwrap();
    let parts = ["data/val/discs: the folder has gone from 10 to 9 entries", "run `prep` again"];
    train_refuses("a picture was removed since", &project, &[], 1, &parts);
}

#[test]
fn a_picture_that_was_replaced_by_another_is_refused() {
    let project = Project::prepared();
    let path = project.path("data/val/discs/4.jpg");
    fs::copy(&path, path.with_file_name("other.jpg")).unwrap();
    fs::remove_file(&path).unwrap();
    let parts = ["data/val/discs/4.jpg: the picture is gone", "run `prep` again"];
    train_refuses("a picture was renamed since", &project, &[], 1, &parts);
}

#[test]
fn a_picture_that_was_added_is_refused() {
    let project = Project::prepared();
    draw(0, 78).save(project.path("data/train/discs/new.png")).unwrap();
    let parts = ["data/train/discs: the folder has gone from 24 to 25 entries", "run `prep` again"];
    train_refuses("a picture was added since", &project, &[], 1, &parts);
}

#[test]
fn another_recipe_has_no_cache_yet() {
    let project = Project::prepared();
    let parts = ["there is no cache for this pipeline's data", "--set options"];
    let args = ["--set", "data.image_size=32"];
    train_refuses("no cache for another image size", &project, &args, 1, &parts);
}

#[test]
fn a_truncated_cache_is_refused() {
    let project = Project::prepared();
    let file = project.cache_folder().join("train.safetensors");
    project.damage(&file, |bytes| bytes.truncate(50_000));
    let parts =
        ["train.safetensors: the cache is damaged", "it has 50000 bytes", "run `prep` again"];
    train_refuses("a truncated cache", &project, &[], 1, &parts);
}

#[test]
fn a_flipped_bit_is_found_by_verify() {
    let project = Project::prepared();
    let file = project.cache_folder().join("val.safetensors");
    project.damage(&file, |bytes| *bytes.last_mut().unwrap() ^= 1);
    let parts = ["val.safetensors: the cache is damaged", "checksum", "run `prep` again"];
    train_refuses("a flipped bit, with `--verify`", &project, &["--verify"], 1, &parts);
}

#[test]
fn a_label_beyond_the_class_count_is_refused() {
    let project = Project::prepared();
    let file = project.cache_folder().join("train.safetensors");
    let pixels = 48 * 24 * 24 * 3;
    // The last label ends where the pixels start.
    project.damage(&file, |bytes| {
        let end = bytes.len() - pixels;
        bytes[end - 8] = 2;
    });
    let output = train(&project, &[]);
    let parts = [
        "train.safetensors: the cache is damaged",
        "row 47 has label 2, but there are 2 classes",
        "run `prep` again",
    ];
    crate::programs::refused("a label beyond the classes", "train", &project, &output, 1, &parts);
}

#[test]
fn a_newer_cache_is_refused_naming_both_versions() {
    let project = Project::prepared();
    let path = project.cache_folder().join(Manifest::FILE);
    let mut manifest: serde_json::Value = read_json(&path, "").unwrap();
    manifest["format_version"] = 3.into();
    manifest["a_field_of_the_future"] = true.into();
    atomic::write_json(&path, &manifest).unwrap();
    let parts = ["manifest.json: format version 3, this build reads 2", "run `prep` again"];
    train_refuses("a cache of a newer version", &project, &[], 1, &parts);
}

/// `prep` makes no such cache; one from elsewhere may be so.
#[test]
fn a_val_split_without_a_picture_is_refused() {
    let project = Project::prepared();
    let folder = project.cache_folder();
    let mut manifest = Manifest::read(&folder).unwrap();
    let val = manifest.splits.get_mut("val").unwrap();
    val.counts = vec![0, 0];
    val.shards.clear();
    manifest.write(&folder).unwrap();
    let parts = ["the val split has no picture", "run `prep` again"];
    train_refuses("a val split without a picture", &project, &[], 1, &parts);
}
