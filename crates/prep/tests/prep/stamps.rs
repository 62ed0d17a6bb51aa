//! How it is noticed that pictures have changed, by `prep` and by training.

use crate::project::{Project, encode, picture};
use image::ImageFormat;
use shoebox_artifact::{Artifacts, atomic, fingerprint::digest_json, records::Sources};
use shoebox_cache::{CacheError, find};
use shoebox_prep::{Options, Summary, progress::Silent, run};
use shoebox_spec::{DataSpec, Unreadable};
use std::{
    fs,
    os::unix::fs::{MetadataExt, symlink},
    path::PathBuf,
    time::{Duration, SystemTime},
};

fn prepare(options: &Options) -> Summary {
    run(options, &Silent).unwrap()
}

/// Whether training takes the cache of these options.
fn accepts(options: &Options) -> Result<(), CacheError> {
    find(&Artifacts::new(&options.artifacts), &digest_json(&options.data)).map(drop)
}

fn refuses(options: &Options) -> bool {
    matches!(accepts(options), Err(CacheError::Changed { .. }))
}

fn set_old(path: PathBuf) {
    let old = SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000);
    fs::File::options().write(true).open(path).unwrap().set_modified(old).unwrap();
}

/// Two bitmaps of one length and one time in different classes.
fn twins() -> (Project, [PathBuf; 2]) {
    let project = Project::new();
    let names = ["data/train/adidas/twin.bmp", "data/train/nike/twin.bmp"];
    for (seed, name) in (60..).zip(names) {
        project.write(name, &encode(&picture(seed), ImageFormat::Bmp));
        set_old(project.path(name));
    }
    let paths = names.map(|name| project.path(name));
    (project, paths)
}

#[expect(clippy::disallowed_methods, reason = "the pictures are the user's, not the cache's")]
#[test]
fn two_pictures_of_one_length_and_time_that_change_places_are_seen() {
    let (project, [one, other]) = twins();
    let options = project.options();
    let before = prepare(&options);
    let aside = project.path("aside");
    for (from, to) in [(&one, &aside), (&other, &one), (&aside, &other)] {
        fs::rename(from, to).unwrap();
    }
    assert!(refuses(&options));
    let after = prepare(&options);
    assert_ne!(before.fingerprint, after.fingerprint);
    accepts(&options).unwrap();
}

#[expect(clippy::disallowed_methods, reason = "the pictures are the user's, not the cache's")]
#[test]
fn other_bytes_of_the_same_length_and_time_in_the_same_file_are_seen() {
    let (project, [one, _]) = twins();
    let options = project.options();
    let before = prepare(&options);
    let inode = fs::metadata(&one).unwrap().ino();
    fs::write(&one, encode(&picture(70), ImageFormat::Bmp)).unwrap();
    set_old(one.clone());
    assert_eq!(fs::metadata(&one).unwrap().ino(), inode);
    assert!(refuses(&options));
    assert_ne!(before.fingerprint, prepare(&options).fingerprint);
}

#[test]
fn copies_of_all_pictures_in_their_places_change_nothing() {
    let (project, _) = twins();
    let options = project.options();
    let before = prepare(&options);
    for file in prepared_files(&options) {
        atomic::write(&file, &fs::read(&file).unwrap()).unwrap();
    }
    accepts(&options).unwrap();
    let _lock = Artifacts::new(&options.artifacts).lock_caches().unwrap();
    let after = prepare(&options);
    assert!(after.up_to_date, "it needs no lock, either");
    assert_eq!(before.cache, after.cache);
    let inodes = |path: &PathBuf| fs::metadata(path).unwrap().ino();
    let found: Vec<_> = prepared_files(&options).iter().map(inodes).collect();
    assert_eq!(found, recorded_inodes(&options), "the record has been refreshed");
}

fn prepared_files(options: &Options) -> Vec<PathBuf> {
    recorded(options).into_iter().map(|(path, _)| path).collect()
}

fn recorded_inodes(options: &Options) -> Vec<u64> {
    recorded(options).into_iter().map(|(_, inode)| inode).collect()
}

fn recorded(options: &Options) -> Vec<(PathBuf, u64)> {
    let path = Artifacts::new(&options.artifacts).sources(&digest_json(&options.data));
    let mut files = Vec::new();
    let record = Sources::open(&path).unwrap().read_folders(|_| Ok::<_, CacheError>(())).unwrap();
    record
        .read(|source| {
            files.push((PathBuf::from(source.path), source.stamp.inode));
            Ok::<_, CacheError>(())
        })
        .unwrap();
    files
}

#[test]
fn a_link_that_is_skipped_because_it_leads_nowhere_is_as_it_was_until_it_leads_somewhere() {
    let project = Project::new();
    let data = DataSpec { unreadable: Unreadable::Skip, ..project.data() };
    let options = Options { data, ..project.options() };
    symlink("../../../elsewhere.bmp", project.path("data/train/nike/link.bmp")).unwrap();
    prepare(&options);
    accepts(&options).unwrap();
    assert!(prepare(&options).up_to_date);
    project.write("elsewhere.bmp", &encode(&picture(61), ImageFormat::Bmp));
    assert!(refuses(&options));
    assert_eq!(prepare(&options).images(), 9);
    accepts(&options).unwrap();
    project.remove("elsewhere.bmp");
    assert!(refuses(&options));
}

#[test]
fn a_skipped_file_that_is_too_long_is_as_it_was_until_it_is_touched() {
    let project = Project::new();
    let mut options = project.options();
    options.data.unreadable = Unreadable::Skip;
    options.data.limits.bytes = 10_000;
    project.write("data/train/nike/long.jpg", &[0; 20_000]);
    prepare(&options);
    accepts(&options).unwrap();
    set_old(project.path("data/train/nike/long.jpg"));
    assert!(refuses(&options));
    assert!(prepare(&options).up_to_date);
    accepts(&options).unwrap();
}

#[test]
fn a_table_that_says_the_same_in_other_words_is_taken_note_of() {
    let project = Project::new();
    let rows = ["train/adidas/0.jpg,adidas,train", "train/nike/0.jpg,nike,train"];
    let more = ["val/adidas/0.jpg,adidas,val", "val/nike/0.jpg,nike,val"];
    let table = |rows: &[&str]| format!("path,label,split\n{}\n", rows.join("\n"));
    project.write("data/table.csv", table(&[rows, more].concat()).as_bytes());
    let data = DataSpec { csv: Some(project.path("data/table.csv")), ..project.data() };
    let options =
        Options { data: DataSpec { train: None, val: None, ..data }, ..project.options() };
    prepare(&options);
    accepts(&options).unwrap();
    project.write("data/table.csv", table(&[more, rows].concat()).as_bytes());
    assert!(refuses(&options));
    assert!(prepare(&options).up_to_date);
    accepts(&options).unwrap();
}
