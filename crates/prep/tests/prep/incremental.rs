//! What a change costs, and that the cache after it is the one that is built
//! from nothing.

use crate::project::{Project, jpeg};
use proptest::prelude::*;
use shoebox_prep::{Options, Summary, progress::Silent, run};
use std::{collections::BTreeMap, fs, path::Path, time::Duration, time::SystemTime};

/// The files of a cache by name.
pub fn contents(cache: &Path) -> BTreeMap<String, Vec<u8>> {
    let entries = fs::read_dir(cache).unwrap().map(|entry| entry.unwrap());
    let file = |entry: fs::DirEntry| {
        (entry.file_name().into_string().unwrap(), fs::read(entry.path()).unwrap())
    };
    entries.map(file).collect()
}

/// Prepares the project, and asserts that the same is built from nothing.
fn prepare(project: &Project) -> Summary {
    let summary = run(&project.options(), &Silent).unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let afresh = Options { artifacts: nothing.path().to_owned(), ..project.options() };
    let afresh = run(&afresh, &Silent).unwrap();
    assert_eq!(summary.fingerprint, afresh.fingerprint);
    assert!(contents(&summary.cache) == contents(&afresh.cache));
    summary
}

/// Moves a picture, as a user would; there need not be one.
#[expect(clippy::disallowed_methods, reason = "the pictures are the user's, not the cache's")]
fn try_rename(project: &Project, from: &str, to: &str) -> std::io::Result<()> {
    fs::rename(project.path(from), project.path(to))
}

fn rename(project: &Project, from: &str, to: &str) {
    try_rename(project, from, to).unwrap();
}

#[test]
fn only_an_added_picture_is_decoded() {
    let project = Project::new();
    assert_eq!(prepare(&project).decoded, 8);
    project.write("data/train/adidas/00.jpg", &jpeg(50));
    let summary = prepare(&project);
    assert_eq!((summary.decoded, summary.images()), (1, 9));
}

#[test]
fn nothing_is_decoded_for_a_removed_renamed_or_moved_picture() {
    let project = Project::new();
    prepare(&project);
    project.write("data/train/adidas/3.jpg", &jpeg(50));
    prepare(&project);
    rename(&project, "data/train/adidas/3.jpg", "data/train/adidas/00.jpg");
    assert_eq!(prepare(&project).decoded, 0, "renamed");
    rename(&project, "data/train/adidas/00.jpg", "data/train/nike/00.jpg");
    let moved = prepare(&project);
    assert_eq!((moved.decoded, moved.splits[0].counts.clone()), (0, vec![3, 4]), "another class");
    rename(&project, "data/train/nike/00.jpg", "data/val/nike/00.jpg");
    let moved = prepare(&project);
    assert_eq!((moved.decoded, moved.splits[1].counts.clone()), (0, vec![1, 2]), "another split");
    project.remove("data/val/nike/00.jpg");
    assert!(prepare(&project).up_to_date, "the first cache is still there");
}

#[test]
fn touching_a_picture_changes_nothing() {
    let project = Project::new();
    let before = prepare(&project);
    let file = fs::File::options().write(true).open(project.path("data/val/nike/0.jpg")).unwrap();
    file.set_modified(SystemTime::now() - Duration::from_secs(1000)).unwrap();
    let after = prepare(&project);
    assert!(after.up_to_date);
    assert_eq!(before.cache, after.cache);
}

#[test]
fn another_recipe_decodes_everything_and_the_old_cache_stays() {
    let project = Project::new();
    prepare(&project);
    let mut options = project.options();
    options.data.image_size = shoebox_spec::Pair::square(9);
    assert_eq!(run(&options, &Silent).unwrap().decoded, 8);
    assert_eq!(project.caches().len(), 2);
    assert!(prepare(&project).up_to_date);
}

#[test]
fn another_rule_of_the_audit_decodes_nothing() {
    let project = Project::new();
    prepare(&project);
    let mut options = project.options();
    options.data.audit = shoebox_spec::AuditSpec::Off;
    assert_eq!(run(&options, &Silent).unwrap().decoded, 0);
}

#[derive(Debug, Clone)]
enum Change {
    Write(usize, u8),
    Remove(usize),
    Move(usize, usize),
}

fn changes() -> impl Strategy<Value = Vec<Change>> {
    let change = prop_oneof![
        (0usize..12, any::<u8>()).prop_map(|(place, seed)| Change::Write(place, seed)),
        (0usize..12).prop_map(Change::Remove),
        (0usize..12, 0usize..12).prop_map(|(from, to)| Change::Move(from, to)),
    ];
    prop::collection::vec(change, 1..5)
}

/// Twelve places beside those that every class keeps.
fn place(number: usize) -> String {
    let split = ["train", "train", "val"][number % 3];
    let class = ["adidas", "nike"][number / 3 % 2];
    format!("data/{split}/{class}/more{number}.jpg")
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    #[test]
    fn whatever_happens_the_cache_is_the_one_built_from_nothing(
        steps in prop::collection::vec(changes(), 1..4),
    ) {
        let project = Project::new();
        prepare(&project);
        for step in steps {
            for change in step {
                match change {
                    Change::Write(to, seed) => project.write(&place(to), &jpeg(seed)),
                    Change::Remove(from) => drop(fs::remove_file(project.path(&place(from)))),
                    Change::Move(from, to) => {
                        drop(try_rename(&project, &place(from), &place(to)));
                    }
                }
            }
            prepare(&project);
        }
    }
}
