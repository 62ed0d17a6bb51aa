//! The folder that `run` leaves, and the folders it leaves alone.
#![expect(clippy::unwrap_used, reason = "a helper's failure is the test's")]
#![expect(clippy::disallowed_methods, reason = "tests put damaged and foreign files in the way")]

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use shoebox_demo::{DemoError, Options, Outcome, run};

fn small(out: &Path) -> Options {
    Options { out: out.to_owned(), seed: 5, train: 6, test: 2, force: false }
}

/// Every file below a folder with its bytes, by relative path.
fn tree(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = BTreeMap::new();
    let mut pending = vec![folder.to_owned()];
    while let Some(next) = pending.pop() {
        for entry in fs::read_dir(next).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                pending.push(path);
            } else {
                let name = path.strip_prefix(folder).unwrap().to_owned();
                files.insert(name, fs::read(path).unwrap());
            }
        }
    }
    files
}

/// The pictures among them.
fn pictures(folder: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut files = tree(folder);
    files.retain(|name, _| name.extension().is_some_and(|extension| extension == "jpg"));
    files
}

/// Runs with a pool of so many threads.
fn tree_with_threads(threads: usize, options: &Options) -> BTreeMap<PathBuf, Vec<u8>> {
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    pool.install(|| run(options)).unwrap();
    tree(&options.out)
}

#[test]
fn the_same_seed_gives_the_same_bytes_on_any_number_of_threads() {
    let dir = tempfile::tempdir().unwrap();
    let one = tree_with_threads(1, &small(&dir.path().join("one")));
    let four = tree_with_threads(4, &small(&dir.path().join("four")));
    assert!(one == four, "the two folders differ");
}

#[test]
fn a_picture_does_not_depend_on_how_many_others_there_are() {
    let dir = tempfile::tempdir().unwrap();
    let (few, many) = (small(&dir.path().join("few")), dir.path().join("many"));
    run(&few).unwrap();
    run(&Options { out: many.clone(), train: 8, test: 4, ..few.clone() }).unwrap();
    let (few, many) = (pictures(&few.out), pictures(&many));
    assert_eq!((few.len(), many.len()), (8, 12));
    for (name, bytes) in &few {
        assert!(many[name] == *bytes, "{} differs", name.display());
    }
}

#[test]
fn another_seed_gives_other_pictures() {
    let dir = tempfile::tempdir().unwrap();
    let (a, b) = (small(&dir.path().join("a")), dir.path().join("b"));
    run(&a).unwrap();
    run(&Options { out: b.clone(), seed: 6, ..a.clone() }).unwrap();
    let (a, b) = (pictures(&a.out), pictures(&b));
    assert_eq!(a.len(), 8);
    assert!(a.iter().all(|(name, bytes)| b[name] != *bytes));
}

#[test]
fn a_set_holds_as_many_pictures_of_either_class() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("set"));
    let summary = run(&options).unwrap();
    let files = tree(&options.out);
    let names: Vec<String> = files.keys().map(|name| name.display().to_string()).collect();
    let expected = [
        "demo.json",
        "test/adidas/001.jpg",
        "test/nike/001.jpg",
        "train/adidas/001.jpg",
        "train/adidas/002.jpg",
        "train/adidas/003.jpg",
        "train/nike/001.jpg",
        "train/nike/002.jpg",
        "train/nike/003.jpg",
    ];
    assert_eq!(names, expected);
    let pictures = pictures(&options.out);
    assert_eq!(summary.bytes, pictures.values().map(|bytes| bytes.len() as u64).sum::<u64>());
}

#[test]
fn pictures_are_rgb_jpegs_of_different_sizes() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("set"));
    run(&options).unwrap();
    let mut sizes = BTreeSet::new();
    for (name, bytes) in pictures(&options.out) {
        assert_eq!(image::guess_format(&bytes).unwrap(), image::ImageFormat::Jpeg);
        let picture = image::load_from_memory(&bytes).unwrap();
        assert_eq!(picture.color(), image::ColorType::Rgb8);
        let (width, height) = (picture.width(), picture.height());
        let expected = 220..=640;
        assert!(expected.contains(&width) && expected.contains(&height), "{}", name.display());
        sizes.insert((width, height));
    }
    assert!(sizes.len() > 4, "hardly any different sizes: {sizes:?}");
}

#[test]
fn a_complete_set_is_left_as_it_is() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("set"));
    assert_eq!(run(&options).unwrap().outcome, Outcome::Drawn);
    let picture = options.out.join("train/nike/001.jpg");
    let written = fs::metadata(&picture).unwrap().modified().unwrap();
    assert_eq!(run(&options).unwrap().outcome, Outcome::UpToDate);
    assert_eq!(fs::metadata(&picture).unwrap().modified().unwrap(), written);
}

#[test]
fn other_options_and_a_missing_picture_need_force() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("set"));
    run(&options).unwrap();
    let other = Options { seed: 6, ..options.clone() };
    assert!(matches!(run(&other), Err(DemoError::Outdated { .. })));
    let picture = options.out.join("test/nike/001.jpg");
    fs::remove_file(&picture).unwrap();
    let error = run(&options).unwrap_err();
    assert!(error.to_string().contains("--force"), "{error}");
    let outcome = run(&Options { force: true, ..options.clone() }).unwrap().outcome;
    assert_eq!(outcome, Outcome::Drawn);
    assert!(picture.exists());
    let left: Vec<_> = fs::read_dir(dir.path()).unwrap().collect();
    assert_eq!(left.len(), 1, "temporary folders are gone: {left:?}");
}

#[test]
fn refuses_a_folder_with_something_else_in_it_even_with_force() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("photos"));
    fs::create_dir_all(options.out.join("train")).unwrap();
    fs::write(options.out.join("train/mine.jpg"), "precious").unwrap();
    let before = tree(dir.path());
    for force in [false, true] {
        let error = run(&Options { force, ..options.clone() }).unwrap_err();
        assert!(matches!(error, DemoError::Foreign { .. }), "{error}");
        assert!(error.to_string().contains("photos"), "{error}");
        assert_eq!(tree(dir.path()), before);
    }
}

#[test]
fn refuses_to_force_away_a_file_it_did_not_write() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("set"));
    run(&options).unwrap();
    for stray in ["notes.txt", "train/nike/mine.png", "train/nike/mine.jpg"] {
        let stray = options.out.join(stray);
        fs::write(&stray, "precious").unwrap();
        let error = run(&Options { force: true, ..options.clone() }).unwrap_err();
        assert!(matches!(&error, DemoError::Stray { path } if *path == stray), "{error}");
        fs::remove_file(&stray).unwrap();
    }
}

#[test]
fn an_empty_folder_is_filled() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("empty"));
    fs::create_dir(&options.out).unwrap();
    assert_eq!(run(&options).unwrap().outcome, Outcome::Drawn);
}

#[test]
fn refuses_a_file_where_the_folder_should_be() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("file"));
    fs::write(&options.out, "precious").unwrap();
    assert!(matches!(run(&options), Err(DemoError::Foreign { .. })));
    assert_eq!(fs::read(&options.out).unwrap(), b"precious");
}

#[test]
fn refuses_counts_that_two_classes_cannot_share() {
    let dir = tempfile::tempdir().unwrap();
    let options = small(&dir.path().join("odd"));
    for (train, test, option) in [(5, 2, "--train"), (4, 0, "--test"), (4, 3, "--test")] {
        let error = run(&Options { train, test, ..options.clone() }).unwrap_err();
        assert!(error.to_string().starts_with(option), "{error}");
        assert!(error.is_usage());
    }
    assert!(!options.out.exists());
}
