//! When a cache is written, when it is not, and what it survives.

use crate::project::{Project, jpeg};
use shoebox_artifact::{Artifacts, fingerprint::digest_json};
use shoebox_cache::{CacheError, find};
use shoebox_prep::{progress::Silent, run};
use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    time::SystemTime,
};

/// Every file below a folder: its content and the time of its last change.
fn snapshot(folder: &Path) -> BTreeMap<PathBuf, (Vec<u8>, SystemTime)> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            let modified = fs::metadata(&path).unwrap().modified().unwrap();
            files.insert(path.clone(), (fs::read(&path).unwrap(), modified));
        }
    }
    files
}

/// The files of a cache by name.
fn contents(cache: &Path) -> BTreeMap<String, Vec<u8>> {
    let name = |path: &Path| path.file_name().unwrap().to_string_lossy().into_owned();
    snapshot(cache).into_iter().map(|(path, (bytes, _))| (name(&path), bytes)).collect()
}

#[test]
fn an_up_to_date_cache_is_not_rewritten() {
    let project = Project::new();
    project.prepare();
    let before = snapshot(&project.path("artifacts"));
    let outcome = project.prepare();
    assert!(outcome.stderr.contains("is up to date: 8 images"), "{}", outcome.stderr);
    assert!(before == snapshot(&project.path("artifacts")));
}

#[test]
fn a_cache_has_all_its_files() {
    let project = Project::new();
    project.prepare();
    let names: Vec<_> = contents(&project.cache()).into_keys().collect();
    assert_eq!(
        names,
        [
            "audit.json",
            "manifest.json",
            "samples.csv",
            "samples.png",
            "train.safetensors",
            "val.safetensors"
        ]
    );
}

#[test]
fn the_same_pictures_and_recipe_give_the_same_bytes() {
    let project = Project::new();
    project.prepare();
    assert_eq!(project.prep(&["--artifacts", "elsewhere"]).status, 0);
    let there = project.path("elsewhere/cache").join(project.cache().file_name().unwrap());
    assert!(contents(&project.cache()) == contents(&there));
}

#[test]
fn another_picture_or_recipe_or_name_gives_another_cache() {
    let project = Project::new();
    project.prepare();
    project.write("data/train/nike/0.jpg", &jpeg(99));
    project.prepare();
    assert_eq!(project.caches().len(), 2);
    assert_eq!(project.prep(&["--set", "data.resize={letterbox: lanczos3}"]).status, 0);
    assert_eq!(project.caches().len(), 3);
    project.write("data/train/nike/new.jpg", &jpeg(2));
    project.prepare();
    assert_eq!(project.caches().len(), 4);
}

#[test]
fn training_finds_the_cache_and_sees_when_it_is_out_of_date() {
    let project = Project::new();
    let options = project.options();
    run(&options, &Silent).unwrap();
    let (artifacts, key) = (Artifacts::new(&options.artifacts), digest_json(&options.data));
    let found = find(&artifacts, &key).unwrap();
    assert!(found.sources_present);
    assert_eq!(found.cache.split("train").unwrap().len(), 6);
    project.write("data/train/nike/0.jpg", &jpeg(99));
    assert!(matches!(find(&artifacts, &key), Err(CacheError::Changed { .. })));
    run(&options, &Silent).unwrap();
    assert!(find(&artifacts, &key).is_ok());
    project.write("data/val/nike/1.jpg", &jpeg(98));
    assert!(matches!(find(&artifacts, &key), Err(CacheError::Changed { .. })));
}

#[test]
fn a_truncated_cache_is_made_anew() {
    let project = Project::new();
    project.prepare();
    let before = contents(&project.cache());
    let file = project.cache().join("train.safetensors");
    let cut = &before["train.safetensors"][..5000];
    shoebox_artifact::atomic::write(&file, cut).unwrap();
    let verdict = project.prep(&["--verify"]);
    assert_eq!(verdict.status, 1);
    assert!(
        verdict.stderr.contains("train.safetensors: the cache is damaged"),
        "{}",
        verdict.stderr
    );
    assert!(project.prepare().stderr.contains("Wrote artifacts/cache/"));
    assert!(before == contents(&project.cache()));
}

#[test]
fn a_cache_that_lacks_a_file_is_made_anew() {
    for name in ["manifest.json", "samples.csv", "audit.json", "samples.png"] {
        let project = Project::new();
        project.prepare();
        let before = contents(&project.cache());
        fs::remove_file(project.cache().join(name)).unwrap();
        project.prepare();
        assert!(before == contents(&project.cache()), "{name}");
    }
}

#[test]
fn verify_before_prep_says_what_to_run() {
    let outcome = Project::new().prep(&["--verify"]);
    assert_eq!(outcome.status, 1);
    assert_eq!(
        outcome.stderr,
        "error: artifacts: there is no cache for this pipeline's data; run `prep` with the same pipeline and --set options\n"
    );
}

#[test]
fn refuses_an_artifacts_folder_that_cannot_be_written_to() {
    let project = Project::new();
    project.write("artifacts", b"a file");
    let outcome = project.prep(&[]);
    assert_eq!(outcome.status, 1);
    let (start, end) = (
        "error: artifacts/cache: cannot make the folder: Not a directory",
        "; pass --artifacts with a folder that can be written to\n",
    );
    assert!(
        outcome.stderr.starts_with(start) && outcome.stderr.ends_with(end),
        "{}",
        outcome.stderr
    );
}

#[test]
fn a_second_writer_is_refused_while_the_first_is_at_work() {
    let project = Project::new();
    let lock = Artifacts::new(project.path("artifacts")).lock_caches().unwrap();
    project.refuses(
        "artifacts/cache/.lock: another process is writing here; wait for it to end, or stop it",
    );
    drop(lock);
    project.prepare();
}

#[test]
fn an_up_to_date_cache_needs_no_lock() {
    let project = Project::new();
    project.prepare();
    let _lock = Artifacts::new(project.path("artifacts")).lock_caches().unwrap();
    project.prepare();
}

/// A file where the folder of a record should be stands for a folder that may
/// not be written to, which nothing is for the system's administrator.
fn put_in_the_way(project: &Project, folder: &str) {
    project.remove(folder);
    project.write(folder, b"in the way");
}

#[test]
fn another_pipeline_takes_an_up_to_date_cache_even_where_it_cannot_note_that() {
    let project = Project::new();
    project.prepare();
    put_in_the_way(&project, "artifacts/cache/pipelines");
    let pipeline = fs::read(project.path("pipelines/sneakers.yaml")).unwrap();
    project.write("pipelines/other.yaml", &pipeline);
    let outcome = project.prep(&["pipelines/other.yaml"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("is up to date: 8 images"), "{}", outcome.stderr);
    let said = "; the cache can be used, but `prep --prune` does not know that pipelines/other.yaml uses it\n";
    assert!(
        outcome.stderr.contains("warning: artifacts/cache/pipelines")
            && outcome.stderr.contains(said),
        "{}",
        outcome.stderr
    );
}

/// Takes the right to write to a folder and all in it, or gives it back.
#[cfg(unix)]
fn set_writable(folder: &Path, writable: bool) {
    use std::os::unix::fs::PermissionsExt;
    let mode = if writable { 0o755 } else { 0o555 };
    fs::set_permissions(folder, fs::Permissions::from_mode(mode)).unwrap();
    let folders = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    folders.filter(|path| path.is_dir()).for_each(|path| set_writable(&path, writable));
}

#[cfg(unix)]
#[test]
fn copied_pictures_find_their_cache_in_a_folder_that_cannot_be_written_to() {
    let project = Project::new();
    project.prepare();
    project.write("data/val/nike/0.jpg", &jpeg(15));
    set_writable(&project.path("artifacts"), false);
    if fs::create_dir(project.path("artifacts/probe")).is_ok() {
        set_writable(&project.path("artifacts"), true);
        eprintln!("skipped: this user may write anywhere");
        return;
    }
    let outcome = project.prep(&[]);
    set_writable(&project.path("artifacts"), true);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("is up to date: 8 images"), "{}", outcome.stderr);
    let said = "; the pictures are compared by content each time\n";
    assert!(outcome.stderr.contains(said), "{}", outcome.stderr);
}

/// The limit on the size of a file stands for a full disk: writing fails in
/// the middle of a cache.
#[cfg(unix)]
#[test]
fn a_disk_that_fills_up_leaves_no_cache() {
    let project = Project::new();
    let program = assert_cmd::cargo::cargo_bin("prep");
    let script = "trap '' XFSZ; ulimit -f 8; exec \"$0\" --set data.image_size=64";
    let mut command = assert_cmd::Command::new("sh");
    command.arg("-c").arg(script).arg(program).current_dir(project.path(""));
    let outcome = crate::project::outcome(&mut command);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(
        outcome.stderr.starts_with("error: artifacts: the disk is full")
            && outcome.stderr.contains("about 0.1 MB are needed until the cache is done"),
        "{}",
        outcome.stderr
    );
    assert_eq!(project.caches(), Vec::<PathBuf>::new());
}

#[test]
fn what_a_killed_run_left_is_removed() {
    let project = Project::new();
    project.write("artifacts/cache/.0123456789abcdef.1.0.tmp/train.safetensors", b"half");
    project.prepare();
    project.cache();
}

/// Rewrites a file when the work of this name starts.
struct Meddler(&'static str, PathBuf);

impl shoebox_prep::Progress for Meddler {
    fn start(&self, work: &str, _count: u64) {
        if work == self.0 {
            shoebox_artifact::atomic::write(&self.1, &jpeg(77)).unwrap();
        }
    }
    fn advance(&self) {}
    fn finish(&self) {}
}

#[test]
fn a_picture_that_changes_before_it_is_read_is_taken_as_it_is_then() {
    let project = Project::new();
    let options = project.options();
    let file = project.path("data/val/nike/0.jpg");
    let summary = run(&options, &Meddler("preparing val", file.clone())).unwrap();
    let again = run(&options, &Silent).unwrap();
    assert!(again.up_to_date && again.cache == summary.cache);
    let samples = fs::read_to_string(summary.cache.join("samples.csv")).unwrap();
    assert!(samples.contains(&shoebox_artifact::fingerprint::digest(&jpeg(77))));
    find(&Artifacts::new(&options.artifacts), &digest_json(&options.data)).unwrap();
}

#[test]
fn a_picture_that_changes_after_it_was_read_is_seen_by_training() {
    let project = Project::new();
    let options = project.options();
    run(&options, &Meddler("writing val", project.path("data/val/nike/0.jpg"))).unwrap();
    let found = find(&Artifacts::new(&options.artifacts), &digest_json(&options.data));
    assert!(matches!(found, Err(CacheError::Changed { .. })));
    assert!(!run(&options, &Silent).unwrap().up_to_date);
}
