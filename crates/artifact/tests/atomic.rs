//! Files and folders appear whole or not at all.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

use proptest::prelude::*;
use shoebox_artifact::{
    ArtifactError,
    atomic::{self, AtomicDir, AtomicFile},
    lock::Lock,
};
use std::{
    fs::{self, File},
    io::Write,
    path::Path,
};

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> =
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(32))]

    #[test]
    fn a_dropped_file_leaves_nothing_and_the_old_one_stays(
        old in prop::option::of(prop::collection::vec(any::<u8>(), 0..100)),
        new in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file");
        if let Some(old) = &old {
            atomic::write(&path, old).unwrap();
        }
        let mut file = AtomicFile::create(&path).unwrap();
        file.write_all(&new).unwrap();
        drop(file);
        prop_assert_eq!(fs::read(&path).ok(), old.clone());
        prop_assert_eq!(names(folder.path()).len(), usize::from(old.is_some()));
    }

    #[test]
    fn a_published_file_replaces_the_old_one(
        old in prop::collection::vec(any::<u8>(), 0..100),
        new in prop::collection::vec(any::<u8>(), 0..100),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("made/on/the/way/file");
        atomic::write(&path, &old).unwrap();
        atomic::write(&path, &new).unwrap();
        prop_assert_eq!(fs::read(&path).unwrap(), new);
        prop_assert_eq!(names(path.parent().unwrap()), ["file"]);
    }
}

/// `bytes` on their way to `path`.
fn draft(path: &Path, bytes: &[u8]) -> AtomicFile {
    let mut file = AtomicFile::create(path).unwrap();
    file.write_all(bytes).unwrap();
    file
}

#[test]
fn a_file_is_published_while_others_go_on_and_its_fate_can_be_asked() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let publish = |bytes: &[u8]| atomic::publish_in_order(vec![draft(&path, bytes)]);
    publish(b"one").wait().unwrap();
    assert_eq!(fs::read(&path).unwrap(), b"one");
    drop(publish(b"two"));
    assert_eq!(fs::read(&path).unwrap(), b"two", "dropping waits");
    fs::remove_file(&path).unwrap();
    fs::create_dir(&path).unwrap();
    let error = publish(b"three").wait().unwrap_err().to_string();
    assert!(error.contains("file: cannot write"), "{error}");
    assert_eq!(names(folder.path()), ["file"]);
}

#[test]
fn of_files_in_order_none_is_published_after_one_that_was_not() {
    let folder = tempfile::tempdir().unwrap();
    let [first, second, third] = ["a", "b", "c"].map(|name| folder.path().join(name));
    fs::create_dir(&second).unwrap();
    let drafts = [&first, &second, &third].map(|path| draft(path, b"new"));
    let publication = atomic::publish_in_order(drafts.into());
    let error = publication.wait().unwrap_err().to_string();
    assert!(error.contains("b: cannot write"), "{error}");
    assert_eq!(names(folder.path()), ["a", "b"]);
    assert_eq!(fs::read(&first).unwrap(), b"new");
}

#[test]
fn a_dropped_folder_leaves_nothing_and_the_old_one_stays() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    atomic::write(&path.join("old"), b"old").unwrap();
    let new = AtomicDir::create(&path).unwrap();
    atomic::write(&new.path().join("new"), b"new").unwrap();
    drop(new);
    assert_eq!(names(folder.path()), ["cache"]);
    assert_eq!(names(&path), ["old"]);
}

#[test]
fn a_published_folder_replaces_the_old_one() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("cache");
    atomic::write(&path.join("old"), b"old").unwrap();
    let new = AtomicDir::create(&path).unwrap();
    atomic::write(&new.path().join("new"), b"new").unwrap();
    new.publish().unwrap();
    assert_eq!(names(folder.path()), ["cache"]);
    assert_eq!(names(&path), ["new"]);
}

#[test]
fn refuses_a_folder_that_is_a_file_naming_it() {
    let folder = tempfile::tempdir().unwrap();
    atomic::write(&folder.path().join("artifacts"), b"a file").unwrap();
    let error = atomic::write(&folder.path().join("artifacts/run.json"), b"{}").unwrap_err();
    assert!(error.to_string().contains("artifacts: cannot make the folder: "), "{error}");
}

#[test]
fn a_lock_keeps_others_out_until_it_is_dropped() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("below/.lock");
    let lock = Lock::acquire(&path).unwrap();
    assert!(matches!(Lock::acquire(&path), Err(ArtifactError::Locked { .. })));
    drop(lock);
    Lock::acquire(&path).unwrap();
}

#[test]
fn only_temporaries_that_nobody_writes_are_stale() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("file");
    let file = AtomicFile::create(&path).unwrap();
    atomic::write(&folder.path().join("published"), b"").unwrap();
    for name in [".file.123.4.tmp", ".hidden", "a.tmp"] {
        File::create_new(folder.path().join(name)).unwrap();
    }
    atomic::remove_stale(folder.path());
    assert_eq!(names(folder.path()).len(), 4, "{:?}", names(folder.path()));
    file.publish().unwrap();
    atomic::remove_stale(folder.path());
    assert_eq!(names(folder.path()), [".hidden", "a.tmp", "file", "published"]);
}
