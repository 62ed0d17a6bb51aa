//! One folder that `prep` divides.

use crate::project::{Project, jpeg};
use shoebox_artifact::records::{Sample, read_samples};
use std::collections::{BTreeMap, BTreeSet};

const SPLIT: &str = "  path: data\n  split: {val: 0.2, test: 0.1, seed: 7}\n";

/// A project with one folder, and as many pictures of each class as asked for;
/// none looks like another.
fn project(counts: &[(&str, u32)]) -> Project {
    let project = Project::empty();
    let yaml = std::fs::read_to_string(project.path("pipelines/sneakers.yaml")).unwrap();
    let folders = "  train: data/train\n  val: data/val\n";
    assert!(yaml.contains(folders), "{yaml}");
    project.write("pipelines/sneakers.yaml", yaml.replace(folders, SPLIT).as_bytes());
    for (class, count) in counts {
        for number in 0..*count {
            add(&project, class, number);
        }
    }
    project
}

fn add(project: &Project, class: &str, number: u32) {
    project.write(&format!("data/{class}/{number}.png"), &noise(class, number));
}

/// A picture of large squares of random greys.
fn noise(class: &str, number: u32) -> Vec<u8> {
    let digest = shoebox_artifact::fingerprint::digest(format!("{class} {number}").as_bytes());
    let grey = |x: u32, y: u32| digest.as_bytes()[(x / 8 + y / 8 * 8) as usize].wrapping_mul(77);
    let picture = image::GrayImage::from_fn(64, 64, |x, y| image::Luma([grey(x, y)]));
    crate::project::encode(&picture.into(), image::ImageFormat::Png)
}

fn samples(project: &Project, args: &[&str]) -> Vec<Sample> {
    let outcome = project.prep(args);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    let line = outcome.stderr.lines().find(|line| line.contains("artifacts/cache/")).unwrap();
    let start = line.find("artifacts/cache/").unwrap();
    let folder = &line[start..start + "artifacts/cache/".len() + 16];
    read_samples(&project.path(folder).join("samples.csv")).unwrap()
}

/// Pictures by class and split.
fn counts(samples: &[Sample]) -> BTreeMap<(u32, &str), usize> {
    let mut counts = BTreeMap::new();
    for sample in samples {
        *counts.entry((sample.label, sample.split.as_str())).or_default() += 1;
    }
    counts
}

fn parts(samples: &[Sample]) -> BTreeMap<String, String> {
    samples.iter().map(|sample| (sample.path.clone(), sample.split.clone())).collect()
}

#[test]
fn every_class_is_divided_by_the_shares() {
    let project = project(&[("adidas", 40), ("nike", 23)]);
    let samples = samples(&project, &[]);
    let expected = [
        ((0, "test"), 4),
        ((0, "train"), 28),
        ((0, "val"), 8),
        // 16.1, 4.6, 2.3
        ((1, "test"), 2),
        ((1, "train"), 16),
        ((1, "val"), 5),
    ];
    assert_eq!(counts(&samples), BTreeMap::from(expected));
    let paths: BTreeSet<_> = samples.iter().map(|sample| &sample.path).collect();
    assert_eq!(paths.len(), 63);
}

#[test]
fn names_and_the_order_of_files_mean_nothing_and_the_seed_does() {
    let project = project(&[("adidas", 30), ("nike", 30)]);
    let first = samples(&project, &[]);
    let digests = |samples: &[Sample]| -> BTreeSet<(String, String)> {
        samples.iter().map(|sample| (sample.digest.clone(), sample.split.clone())).collect()
    };
    let other_seed = samples(&project, &["--set", "data.split.seed=8"]);
    assert_ne!(digests(&first), digests(&other_seed));
    for number in 0..30 {
        let name = |stem: String| project.path(&format!("data/nike/{stem}.png"));
        let (old, new) = (name(number.to_string()), name(format!("z{}", 29 - number)));
        std::fs::copy(&old, new).unwrap();
        std::fs::remove_file(old).unwrap();
    }
    assert_eq!(digests(&first), digests(&samples(&project, &[])));
}

#[test]
fn a_picture_more_moves_few_others() {
    let project = project(&[("adidas", 30), ("nike", 30)]);
    let before = parts(&samples(&project, &[]));
    add(&project, "nike", 30);
    let after = parts(&samples(&project, &[]));
    assert_eq!(after.len(), 61);
    let moved = before.iter().filter(|(path, part)| after[*path] != **part).count();
    assert!(moved <= 4, "{moved} moved");
}

#[test]
fn pictures_that_are_the_same_or_alike_stay_on_one_side() {
    for audit in ["on", "off"] {
        let project = project(&[("adidas", 20), ("nike", 20)]);
        for copy in 0..5 {
            for number in 0..6 {
                let path = format!("data/nike/copy-{copy}-of-{number}.png");
                project.write(&path, &noise("nike", number));
            }
        }
        let off = ["--set", "data.audit=off"];
        let samples = samples(&project, if audit == "off" { &off } else { &[] });
        let mut sides: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for sample in &samples {
            sides.entry(&sample.digest).or_default().insert(&sample.split);
        }
        assert_eq!((samples.len(), sides.len()), (70, 40));
        assert!(sides.values().all(|sides| sides.len() == 1), "audit {audit}: {sides:?}");
        let nike: Vec<_> = counts(&samples).range((1, "")..).map(|(_, count)| *count).collect();
        assert_eq!(nike, [5, 35, 10], "test, train, val");
    }
}

#[test]
fn tiny_data_gets_advice() {
    let project = project(&[("adidas", 3), ("nike", 2), ("puma", 1)]);
    let outcome = project.prepare();
    for line in [
        "data: val measures nothing of `puma` (1 in all)\n",
        "data: test measures nothing of `nike` (2 in all), `puma` (1 in all)\n",
        "data: there are only 6 pictures, 2 of them in val, where one picture more or less right moves the accuracy by 50 points\n",
    ] {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
}

#[test]
fn shares_that_leave_a_part_empty_make_no_cache() {
    let project = project(&[("adidas", 1), ("nike", 1)]);
    let outcome = project.prep(&[]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    for line in [
        "error: 2 faults in the data; nothing was written:\n",
        "data: no class has a picture for val: each is too small, or looks all alike\n",
        "data: no class has a picture for test: each is too small, or looks all alike\n",
        "warning: data: there are only 2 pictures\n",
    ] {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
    assert!(project.caches().is_empty());
}

#[test]
fn a_table_says_what_is_what() {
    let project = project(&[("a", 3), ("b", 3)]);
    let table = "path,label,split\na/0.png,x,train\nb/0.png,y,train\na/1.png,x,val\nb/1.png,y,val\nb/2.png,x,test\n";
    project.write("data/labels.csv", table.as_bytes());
    let set =
        ["--set", "data.path=~", "--set", "data.split=~", "--set", "data.csv=data/labels.csv"];
    let rows = samples(&project, &set);
    let said: Vec<_> =
        rows.iter().map(|row| format!("{} {} {}", row.split, row.label, row.path)).collect();
    assert_eq!(
        said,
        [
            "train 0 data/a/0.png",
            "train 1 data/b/0.png",
            "val 0 data/a/1.png",
            "val 1 data/b/1.png",
            "test 0 data/b/2.png"
        ]
    );
    assert!(project.prep(&set).stderr.contains("is up to date"));
    project.write("data/labels.csv", table.replace("b/2.png,x", "b/2.png,y").as_bytes());
    assert_eq!(samples(&project, &set).last().unwrap().label, 1);
}

#[test]
fn a_table_with_faults_makes_no_cache() {
    let project = project(&[("a", 2), ("b", 2)]);
    project.write("data/x.jpg", &jpeg(1));
    let table = "path,label\na/0.png,x\nb/0.png,y\ngone.png,x\na/0.png,y\na/1.png,x\nb/1.png,y\n";
    project.write("data/labels.csv", table.as_bytes());
    let outcome = project.prep(&["--set", "data.path=~", "--set", "data.csv=data/labels.csv"]);
    assert_eq!(outcome.status, 1);
    for line in [
        "  data/a/0.png: the table gives this file two labels\n",
        "  data/gone.png: the table names this file, but it is not there\n",
    ] {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
    assert!(project.caches().is_empty());
}
