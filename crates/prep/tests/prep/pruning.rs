//! Which caches stay, and what `--check` says before one is made.

use crate::project::{Project, jpeg};
use shoebox_artifact::Artifacts;

#[test]
fn old_caches_go_and_the_one_in_use_stays() {
    let project = Project::new();
    project.prepare();
    project.write("data/train/nike/3.jpg", &jpeg(50));
    project.prepare();
    assert_eq!(project.caches().len(), 2);
    project.write("artifacts/cache/.0123456789abcdef.1.0.tmp/train.safetensors", b"half");
    let outcome = project.prep(&["--prune"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("pipelines/sneakers.yaml uses it"), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("Removed 2 folders"), "{}", outcome.stderr);
    let kept = project.cache();
    assert!(outcome.stderr.contains(kept.file_name().unwrap().to_str().unwrap()));
    assert!(project.prepare().stderr.contains("is up to date"));
    assert!(project.prep(&["--prune"]).stderr.ends_with("Nothing to remove.\n"));
}

#[test]
fn what_a_killed_run_left_of_a_record_stops_nothing_and_goes() {
    let project = Project::new();
    project.prepare();
    let left = [
        "artifacts/cache/pipelines/.0123456789abcdef.json.123.4.tmp",
        "artifacts/cache/sources/.0123456789abcdef.jsonl.123.5.tmp",
        "artifacts/cache/.something.json.123.6.tmp",
    ];
    left.iter().for_each(|name| project.write(name, b"{\"format"));
    let outcome = project.prep(&["--prune"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    assert!(outcome.stderr.ends_with("Nothing to remove.\n"), "{}", outcome.stderr);
    left.iter().for_each(|name| assert!(!project.path(name).exists(), "{name}"));
    left.iter().for_each(|name| project.write(name, b"{\"format"));
    project.write("data/train/nike/3.jpg", &jpeg(50));
    project.prepare();
    left.iter().for_each(|name| assert!(!project.path(name).exists(), "{name}"));
}

#[test]
fn what_another_pipeline_prepared_stays() {
    let project = Project::new();
    project.prepare();
    let other = std::fs::read(project.path("pipelines/sneakers.yaml")).unwrap();
    let other = String::from_utf8(other).unwrap().replace("image_size: 8", "image_size: 9");
    project.write("pipelines/other.yaml", other.as_bytes());
    assert_eq!(project.prep(&["pipelines/other.yaml"]).status, 0);
    assert!(project.prep(&["--prune"]).stderr.ends_with("Nothing to remove.\n"));
    assert_eq!(project.caches().len(), 2);
}

#[test]
fn pruning_waits_for_nobody_who_is_at_work() {
    let project = Project::new();
    project.prepare();
    let _lock = Artifacts::new(project.path("artifacts")).lock_caches().unwrap();
    let outcome = project.prep(&["--prune"]);
    assert_eq!(outcome.status, 1);
    assert!(outcome.stderr.contains("another process is writing here"), "{}", outcome.stderr);
}

#[test]
fn checking_writes_nothing_and_says_what_would_be() {
    let project = Project::new();
    let outcome = project.prep(&["--check"]);
    assert_eq!(outcome.status, 0, "{}", outcome.stderr);
    for text in [
        "data/train: 6 files for train; classes: adidas, nike\n",
        "A cache of 8×8 would be built: at most 0.0 MB.\n",
        "8 files have to be read, which takes about a second.\n",
        "There is room: ",
    ] {
        assert!(outcome.stderr.contains(text), "no {text} in {}", outcome.stderr);
    }
    assert!(!project.path("artifacts").exists());
    project.prepare();
    let outcome = project.prep(&["--check"]);
    assert!(outcome.stderr.contains("is up to date: nothing would be written."));
}

#[test]
fn checking_fails_where_a_run_would() {
    let project = Project::new();
    project.make_folder("data/train/puma");
    let outcome = project.prep(&["--check"]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    for text in [
        "  error: data/train/puma: there is no picture in this class folder\n",
        "Once every error is mended, a cache of 8×8 would be built",
        "error: a run would make no cache: mend what is called an error above\n",
    ] {
        assert!(outcome.stderr.contains(text), "no {text} in {}", outcome.stderr);
    }
    assert_eq!(project.prep(&[]).status, 1);
}

#[test]
fn checking_counts_the_rows_that_are_written_twice() {
    let project = Project::new();
    let size = "data.image_size=512";
    let split = ["data.train=~", "data.val=~", "data.path=data/train", "data.split={val: 0.3}"];
    let mut args = vec!["--check", "--set", size];
    split.iter().for_each(|assignment| args.extend(["--set", assignment]));
    let divided = project.prep(&args).stderr;
    // Six rows of 786 KB.
    let text = "would be built: at most 4.7 MB, and 4.7 MB more until it is done.\n";
    assert!(divided.contains(text), "{divided}");
    assert_eq!(project.prep(&["--set", size]).status, 0);
    project.write("data/train/nike/new.jpg", &jpeg(99));
    let grown = project.prep(&["--check", "--set", size]).stderr;
    let text = "would be built: at most 7.1 MB, and 0.8 MB more until it is done.\n";
    assert!(grown.contains(text), "{grown}");
}

#[test]
fn checking_says_when_there_is_no_room() {
    // Fifty million bytes a row, and as many rows as do not fit.
    let project = Project::empty();
    for class in ["a", "b"] {
        project.write(&format!("data/train/{class}/0.jpg"), &jpeg(1));
        project.write(&format!("data/val/{class}/0.jpg"), &jpeg(2));
    }
    let folder = project.path("data/train/a");
    let original = folder.join("0.jpg");
    let free = rustix::fs::statvfs(&folder).unwrap();
    let rows = free.f_bavail * free.f_frsize / (4096 * 4096 * 3) + 1;
    if rows > 20_000 {
        println!("skipped: {rows} files would be needed to fill this disk");
        return;
    }
    for number in 1..=rows {
        std::fs::hard_link(&original, folder.join(format!("{number}.jpg"))).unwrap();
    }
    let outcome = project.prep(&["--check", "--set", "data.image_size=4096"]);
    assert_eq!(outcome.status, 1, "{}", outcome.stderr);
    assert!(outcome.stderr.contains("There is no room: only "), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("error: artifacts: the cache does not fit"));
}
