//! The program's manners: arguments, streams, exit status.

use crate::project::Project;

#[test]
fn help_has_an_example() {
    let outcome = Project::empty().prep(&["--help"]);
    assert_eq!(outcome.status, 0);
    assert!(outcome.stdout.contains("prep pipelines/sneakers.yaml --set data.image_size=128"));
}

#[test]
fn a_bad_pipeline_is_status_two() {
    let project = Project::new();
    for args in [
        &["gone.yaml"][..],
        &["--set", "data.imagesize=3"],
        &["--set", "data.image_size=0"],
        &["--set", "data.unreadable=ignore"],
        &["--no-such-option"],
        &["--check", "--json"],
        &["--verify", "--json"],
        &["--prune", "--json"],
    ] {
        let outcome = project.prep(args);
        assert_eq!(outcome.status, 2, "{args:?}: {}", outcome.stderr);
        assert!(outcome.stderr.starts_with("error: "), "{args:?}: {}", outcome.stderr);
    }
    assert!(project.caches().is_empty());
}

#[test]
fn everything_for_people_goes_to_stderr() {
    let outcome = Project::new().prepare();
    assert_eq!(outcome.stdout, "");
    for text in [
        "Found 6 files belonging to 2 classes (adidas 3, nike 3) in data/train for train.\n",
        "Found 2 files belonging to 2 classes (adidas 1, nike 1) in data/val for val.\n",
        "Prepared 8 images of 8×8 in ",
        " images/s; all were decoded.\n",
        "Wrote artifacts/cache/",
        "samples.png\n",
        "Next: train pipelines/sneakers.yaml\n",
    ] {
        assert!(outcome.stderr.contains(text), "no {text} in {}", outcome.stderr);
    }
    assert!(!outcome.stderr.contains(['\r', '\u{1b}']), "a progress bar without a terminal");
}

/// A stream that takes nothing: a full disk, and a pipe that nobody reads.
#[cfg(target_os = "linux")]
fn closed_streams() -> [std::process::Stdio; 2] {
    let full = std::fs::File::options().write(true).open("/dev/full").unwrap();
    let (reader, writer) = std::io::pipe().unwrap();
    drop(reader);
    [full.into(), writer.into()]
}

#[test]
#[cfg(target_os = "linux")]
fn nobody_listening_on_stderr_ends_nothing() {
    for stderr in closed_streams() {
        let project = Project::new();
        assert_eq!(project.command(&[]).stderr(stderr).status().unwrap().code(), Some(0));
        assert_eq!(project.caches().len(), 1);
    }
    for stderr in closed_streams() {
        let status = Project::empty().command(&[]).stderr(stderr).status().unwrap();
        assert_eq!(status.code(), Some(1), "an error stays one");
    }
}

#[test]
#[cfg(target_os = "linux")]
fn a_reader_of_stdout_may_leave_and_a_full_disk_is_said() {
    let project = Project::new();
    let [full, gone] = closed_streams();
    assert_eq!(project.command(&["--json"]).stdout(gone).status().unwrap().code(), Some(0));
    let output = project.command(&["--json"]).stdout(full).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(said.contains("error: standard output: cannot write: "), "{said}");
}

#[test]
fn names_do_nothing_to_a_terminal() {
    let project = Project::new();
    project.write("data/train/nike/\u{1b}[31mred\n.jpg", b"");
    let outcome = project.prep(&[]);
    assert_eq!(outcome.status, 1);
    let line = "  data/train/nike/\\u{1b}[31mred\\n.jpg: the file is empty\n";
    assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
}

#[test]
fn json_goes_to_stdout_alone() {
    let project = Project::new();
    let outcome = project.prep(&["--json"]);
    let summary: serde_json::Value = serde_json::from_str(&outcome.stdout).unwrap();
    assert_eq!(summary["class_names"], serde_json::json!(["adidas", "nike"]));
    assert_eq!(summary["splits"][0]["counts"], serde_json::json!([3, 3]));
    assert_eq!(summary["up_to_date"], false);
    assert!(project.path(summary["cache"].as_str().unwrap()).is_dir());
}

#[test]
fn a_test_split_is_prepared_when_the_pipeline_has_one() {
    let project = Project::new();
    assert_eq!(project.prep(&["--set", "data.test=data/val"]).status, 0);
    assert!(project.cache().join("test.safetensors").is_file());
}

#[test]
fn the_next_step_repeats_the_options() {
    let project = Project::new();
    let resize = "data.resize={letterbox: lanczos3}";
    let outcome = project.prep(&["--artifacts", "out", "--set", resize]);
    assert!(
        outcome.stderr.ends_with(&format!(
            "Next: train pipelines/sneakers.yaml --artifacts out --set '{resize}'\n"
        )),
        "{}",
        outcome.stderr
    );
}
