//! Folders that are not as they should be, and folders that may be so.

use crate::project::{Project, jpeg};

#[test]
fn refuses_a_missing_folder() {
    let project = Project::new();
    project.remove("data/val");
    project.refuses(
        "data/val: there is no such folder (data.val); correct the pipeline, or pass --set data.val=FOLDER",
    );
}

#[test]
fn refuses_a_file_where_a_folder_should_be() {
    let project = Project::new();
    project.remove("data/train");
    project.write("data/train", b"not a folder");
    project.refuses(
        "data/train: this is a file, but data.train must be a folder with a sub-folder for each class",
    );
}

#[test]
fn refuses_an_empty_folder() {
    let project = Project::new();
    project.remove("data/train");
    project.make_folder("data/train");
    project.refuses(
        "data/train: the folder is empty; put the pictures of each class into a sub-folder that is named after it",
    );
}

#[test]
fn refuses_pictures_without_class_folders() {
    let project = Project::new();
    project.remove("data/train");
    project.write("data/train/1.jpg", &jpeg(1));
    project.write("data/train/2.jpg", &jpeg(2));
    project.refuses(
        "data/train: there is no class folder, only 2 files; put the pictures of each class into a sub-folder that is named after it",
    );
}

#[test]
fn refuses_a_single_class() {
    let project = Project::new();
    project.remove("data/train/nike");
    project.refuses(
        "data/train: there is only one class, `adidas`; a classifier needs at least two class folders",
    );
}

#[test]
fn refuses_a_class_folder_without_pictures() {
    let project = Project::new();
    project.make_folder("data/train/puma");
    project.write("data/train/puma/notes.txt", b"to be photographed");
    names_fault(
        &project,
        "data/train/puma: there is no picture in this class folder; add pictures to it, or take the folder away",
    );
}

#[test]
fn refuses_a_class_that_only_val_has() {
    let project = Project::new();
    project.write("data/val/puma/1.jpg", &jpeg(1));
    project.refuses(
        "data/val: class `puma` is not among the training classes (adidas, nike); add training pictures of it, or take the folder away",
    );
}

#[test]
fn names_every_class_that_only_val_has() {
    let project = Project::new();
    project.write("data/val/puma/1.jpg", &jpeg(1));
    project.write("data/val/Nike/1.jpg", &jpeg(1));
    project.refuses(
        "data/val: classes `Nike`, `puma` are not among the training classes (adidas, nike); add training pictures of it, or take the folder away",
    );
}

#[cfg(unix)]
#[test]
fn refuses_a_folder_that_may_not_be_listed() {
    use std::{fs, os::unix::fs::PermissionsExt};
    let project = Project::new();
    let folder = project.path("data/train/nike");
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o000)).unwrap();
    if fs::read_dir(&folder).is_ok() {
        println!("skipped: permissions do not bind this user");
    } else {
        names_fault(
            &project,
            "data/train/nike: cannot list the folder: Permission denied (os error 13); check that you may read it",
        );
    }
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn refuses_a_name_that_is_not_text() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let project = Project::new();
    let file = project.path("data/train/nike").join(OsStr::from_bytes(b"\xFF.jpg"));
    std::fs::copy(project.path("data/train/nike/0.jpg"), file).unwrap();
    names_fault(&project, "data/train/nike/\u{FFFD}.jpg: the name is not valid UTF-8; rename it");
}

#[cfg(target_os = "linux")]
#[test]
fn names_every_fault_in_one_run() {
    use std::{ffi::OsStr, os::unix::ffi::OsStrExt};
    let project = Project::new();
    project.make_folder("data/train/puma");
    project.make_folder("data/val/adidas/deep");
    project.write("data/val/nike/1.jpg", b"no picture");
    let file = project.path("data/train/nike").join(OsStr::from_bytes(b"\xFF.jpg"));
    std::fs::copy(project.path("data/train/nike/0.jpg"), file).unwrap();
    for fault in [
        "data/train/puma: there is no picture in this class folder; ",
        "data/train/nike/\u{FFFD}.jpg: the name is not valid UTF-8; ",
        "data/val/nike/1.jpg: not a picture: ",
    ] {
        names_fault(&project, fault);
    }
}

#[test]
fn warns_of_a_class_that_val_lacks() {
    let project = Project::new();
    project.remove("data/val/nike");
    let outcome = project.prepare();
    let warning =
        "warning: data/val: there is no folder of class `nike`, so it is not measured here\n";
    assert!(outcome.stderr.contains(warning), "{}", outcome.stderr);
    assert!(outcome.stderr.contains("1 file belonging to 1 class (adidas 1, nike 0)"));
    assert_audited(&project, "missing_class");
}

#[test]
fn maps_the_classes_of_every_split_by_name() {
    let project = Project::new();
    project.remove("data/val/adidas");
    project.prepare();
    let samples = std::fs::read_to_string(project.cache().join("samples.csv")).unwrap();
    let row = samples.lines().find(|line| line.starts_with("val,")).unwrap();
    assert!(row.starts_with("val,0,1,data/val/nike/0.jpg,"), "{row}");
}

#[test]
fn tells_of_files_that_are_not_used() {
    let project = Project::new();
    project.write("data/train/readme.md", b"hello");
    project.write("data/train/nike/list.txt", b"hello");
    project.write("data/train/nike/older/1.jpg", &jpeg(1));
    let outcome = project.prepare();
    for line in [
        "Found 6 files belonging to 2 classes (adidas 3, nike 3) in data/train for train.\n",
        "warning: data/train: 1 file lies beside the class folders and is not used\n",
        "warning: data/train/nike/list.txt: its extension is not that of a picture\n",
        "warning: data/train/nike/older: a folder inside a class folder is not searched\n    -> set data.labels to `top` or `leaf`, or move its pictures one level up\n",
    ] {
        assert!(outcome.stderr.contains(line), "no {line} in {}", outcome.stderr);
    }
    for kind in ["loose_files", "not_a_picture", "nested_folder"] {
        assert_audited(&project, kind);
    }
}

#[test]
fn only_counts_what_operating_systems_leave_behind() {
    let project = Project::new();
    for litter in [".DS_Store", "Thumbs.db", "desktop.ini", "._0.jpg", ".git/head"] {
        project.write(&format!("data/train/{litter}"), b"x");
        project.write(&format!("data/train/nike/{litter}"), b"x");
    }
    project.write("data/train/__MACOSX/0.jpg", b"x");
    let outcome = project.prepare();
    let found =
        "Found 6 files belonging to 2 classes (adidas 3, nike 3) in data/train for train.\n";
    assert!(outcome.stderr.starts_with(found), "{}", outcome.stderr);
    let note =
        "note: data/train: left out 11 hidden files and the like (Thumbs.db, desktop.ini, …)\n";
    assert!(outcome.stderr.contains(note), "{}", outcome.stderr);
    assert_audited(&project, "litter");
}

#[test]
fn takes_extensions_in_any_case() {
    let project = Project::new();
    project.write("data/train/nike/3.JPG", &jpeg(20));
    project.write("data/train/nike/4.JpEg", &jpeg(21));
    assert!(project.prepare().stderr.contains("(adidas 3, nike 5) in data/train for train.\n"));
}

#[cfg(unix)]
#[test]
fn follows_symbolic_links() {
    let project = Project::new();
    project.remove("data/val");
    std::os::unix::fs::symlink(project.path("data/train"), project.path("data/val")).unwrap();
    assert!(project.prepare().stderr.contains("(adidas 3, nike 3) in data/val for val.\n"));
}

#[cfg(unix)]
#[test]
fn a_link_to_nothing_is_an_unreadable_file() {
    let project = Project::new();
    std::os::unix::fs::symlink("gone.jpg", project.path("data/train/nike/x.jpg")).unwrap();
    let outcome = project.prep(&[]);
    let line = "data/train/nike/x.jpg: cannot read the file: No such file or directory";
    assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
    let line = "data/train/nike/x.jpg: a symbolic link that leads nowhere\n";
    assert!(outcome.stderr.contains(line), "{}", outcome.stderr);
}

/// Runs `prep`, which must fail, name this fault and leave no cache.
fn names_fault(project: &Project, fault: &str) {
    let outcome = project.prep(&[]);
    // The remedy stands below all faults that it mends.
    let (fact, remedy) = fault.rsplit_once("; ").unwrap_or((fault, ""));
    for line in [format!("  {fact}"), remedy.to_owned()] {
        assert!(outcome.stderr.contains(&line), "no {line} in {}", outcome.stderr);
    }
    assert_eq!(outcome.status, 1);
    assert!(project.caches().is_empty());
}

fn assert_audited(project: &Project, kind: &str) {
    let audit = std::fs::read_to_string(project.cache().join("audit.json")).unwrap();
    assert!(audit.contains(&format!("\"kind\": \"{kind}\"")), "no {kind} in {audit}");
}
