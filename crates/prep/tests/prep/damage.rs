//! Caches that are not what was written: they are found out, and what is wrong
//! with them does not spread.

use crate::{
    incremental::contents,
    project::{Project, jpeg},
};
use shoebox_artifact::{
    Artifacts, atomic, fingerprint,
    records::{Checked, CheckedFile, Manifest, Sample, Stamp, read_samples, write_samples},
};
use shoebox_prep::{Options, Summary, progress::Silent, run};
use std::{
    fs::{self, File},
    os::unix::fs::{FileExt, MetadataExt},
    path::Path,
};

fn flip_a_bit(path: &Path) {
    let mut bytes = fs::read(path).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    atomic::write(path, &bytes).unwrap();
}

/// Prepares one picture more in a project whose cache was meddled with; the
/// new cache must be the one that is built from nothing.
fn prepare_one_more(project: &Project) -> Summary {
    project.write("data/train/adidas/3.jpg", &jpeg(50));
    let summary = run(&project.options(), &Silent).unwrap();
    let nothing = tempfile::tempdir().unwrap();
    let afresh = Options { artifacts: nothing.path().to_owned(), ..project.options() };
    let afresh = run(&afresh, &Silent).unwrap();
    assert!(contents(&summary.cache) == contents(&afresh.cache));
    summary
}

fn assert_warned(summary: &Summary, parts: &[&str]) {
    let [warning] = &summary.warnings[..] else { panic!("{:?}", summary.warnings) };
    parts.iter().for_each(|part| assert!(warning.contains(part), "no {part} in {warning}"));
}

/// Alters the list of samples; the manifest then gets its digest.
fn alter_samples(cache: &Path, alter: impl FnOnce(&mut Vec<Sample>)) {
    let path = cache.join(Manifest::SAMPLES_FILE);
    let mut samples = read_samples(&path).unwrap();
    alter(&mut samples);
    write_samples(&path, &samples).unwrap();
    let mut manifest = Manifest::read(cache).unwrap();
    let digest = fingerprint::digest(&fs::read(&path).unwrap());
    manifest.files.insert(Manifest::SAMPLES_FILE.to_owned(), digest);
    manifest.write(cache).unwrap();
}

#[test]
fn verify_finds_a_flipped_bit() {
    let project = Project::new();
    project.prepare();
    let fine = project.prep(&["--verify"]);
    assert_eq!(fine.status, 0);
    assert!(fine.stderr.contains("is ok: the checksums of 2 files"), "{}", fine.stderr);
    flip_a_bit(&project.cache().join("val.safetensors"));
    let verdict = project.prep(&["--verify"]);
    assert_eq!(verdict.status, 1);
    let file = project.cache().strip_prefix(project.path("")).unwrap().join("val.safetensors");
    assert_eq!(
        verdict.stderr,
        format!(
            "error: {}: the cache is damaged: its checksum is not the manifest's; remove its folder and run `prep` again\n",
            file.display()
        )
    );
}

#[test]
fn verify_finds_an_altered_record() {
    for (name, from, to) in [
        ("samples.csv", "train,0,", "train,1,"),
        ("audit.json", "warning", "note"),
        ("manifest.json", "\"nike\"", "\"puma\""),
    ] {
        let project = Project::new();
        project.prepare();
        let path = project.cache().join(name);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        atomic::write(&path, text.replacen(from, to, 1).as_bytes()).unwrap();
        let verdict = project.prep(&["--verify"]);
        assert_eq!(verdict.status, 1, "{name}");
        assert!(verdict.stderr.contains(&format!("{name}: ")), "{}", verdict.stderr);
        assert!(verdict.stderr.ends_with("run `prep` again\n"), "{}", verdict.stderr);
    }
}

#[test]
fn a_list_of_samples_that_is_not_that_of_the_rows_is_refused_whatever_its_digest() {
    type Change = fn(&mut Vec<Sample>);
    let changes: [(Change, &str); 6] = [
        (
            |samples| {
                let (one, other) = (samples[0].digest.clone(), samples[1].digest.clone());
                (samples[0].digest, samples[1].digest) = (other, one);
            },
            "what it says of train.safetensors is not what that was made of",
        ),
        (|samples| samples[0].label = 1, "what it says of train.safetensors is not what"),
        (|samples| samples.swap(0, 1), "row 1 of train stands where row 0 should"),
        (|samples| samples[5].row = 600, "row 600 of train stands where row 5 should"),
        (|samples| drop(samples.pop()), "rows of val are missing"),
        (
            |samples| {
                let last = samples[7].clone();
                samples.push(Sample { row: 2, ..last });
            },
            "there is no row 2 of val",
        ),
    ];
    for (change, fact) in changes {
        let project = Project::new();
        let cache = run(&project.options(), &Silent).unwrap().cache;
        alter_samples(&cache, change);
        let summary = prepare_one_more(&project);
        assert_eq!(summary.decoded, 9, "{fact}");
        assert_warned(&summary, &["samples.csv: the cache is damaged", fact]);
    }
}

#[test]
fn nothing_is_taken_over_from_a_cache_whose_records_were_altered() {
    for (name, fact) in [
        ("samples.csv", "samples.csv: the cache is damaged: its checksum is not the manifest's"),
        ("manifest.json", "manifest.json: it was altered"),
    ] {
        let project = Project::new();
        let path = run(&project.options(), &Silent).unwrap().cache.join(name);
        let text = fs::read_to_string(&path).unwrap();
        atomic::write(&path, text.replace("adidas", "zebras").as_bytes()).unwrap();
        let summary = prepare_one_more(&project);
        assert_eq!(summary.decoded, 9, "{name}");
        assert_warned(&summary, &[fact, "; nothing is taken over from it"]);
    }
}

#[test]
fn a_damaged_cache_that_is_made_anew_is_not_warned_of() {
    let project = Project::new();
    let cache = run(&project.options(), &Silent).unwrap().cache;
    let before = contents(&cache);
    fs::remove_file(cache.join("val.safetensors")).unwrap();
    let summary = run(&project.options(), &Silent).unwrap();
    assert_eq!((summary.up_to_date, summary.warnings), (false, Vec::new()));
    assert!(before == contents(&cache));
}

/// Flips the last bit of a file, under all its names, and puts its time back.
fn damage_in_place(path: &Path) {
    let file = File::options().read(true).write(true).open(path).unwrap();
    let found = file.metadata().unwrap();
    let mut last = [0];
    file.read_exact_at(&mut last, found.len() - 1).unwrap();
    file.write_all_at(&[last[0] ^ 1], found.len() - 1).unwrap();
    file.set_modified(found.modified().unwrap()).unwrap();
}

/// The same as a failing disk does it: no stamp shows it.
fn rot(artifacts: &Path, path: &Path) {
    let before = Stamp::of(path).unwrap();
    damage_in_place(path);
    let (record, after) = (Artifacts::new(artifacts).checked(), Stamp::of(path).unwrap());
    let mut checked = Checked::read(&record).unwrap();
    let renewed = |file: CheckedFile| match file.stamp == before {
        true => CheckedFile { stamp: after, ..file },
        false => file,
    };
    checked.files = checked.files.into_iter().map(renewed).collect();
    assert!(checked.files.iter().any(|file| file.stamp == after), "the file is known");
    atomic::write_json(&record, &checked).unwrap();
}

fn inode(path: &Path) -> u64 {
    fs::metadata(path).unwrap().ino()
}

/// Two caches that share the file of val, which has rotted in both.
fn rotten() -> (Project, [Summary; 2]) {
    let project = Project::new();
    let first = run(&project.options(), &Silent).unwrap();
    rot(&project.path("artifacts"), &first.cache.join("val.safetensors"));
    project.write("data/train/adidas/2b.jpg", &jpeg(40));
    let second = run(&project.options(), &Silent).unwrap();
    let [one, other] = [&first, &second].map(|summary| summary.cache.join("val.safetensors"));
    assert_eq!(inode(&one), inode(&other));
    (project, [first, second])
}

fn verify(project: &Project) -> Result<(), String> {
    let artifacts = Artifacts::new(project.path("artifacts"));
    shoebox_prep::verify(&artifacts, &project.data()).map(drop).map_err(|error| error.to_string())
}

#[test]
fn a_file_that_was_written_to_gets_no_second_name() {
    let project = Project::new();
    let cache = run(&project.options(), &Silent).unwrap().cache;
    damage_in_place(&cache.join("val.safetensors"));
    let summary = prepare_one_more(&project);
    assert_warned(&summary, &["val.safetensors: the cache is damaged: its checksum is not"]);
    verify(&project).unwrap();
}

#[test]
fn a_file_that_was_put_in_place_of_another_gets_no_second_name() {
    let project = Project::new();
    let cache = run(&project.options(), &Silent).unwrap().cache;
    flip_a_bit(&cache.join("train.safetensors"));
    let summary = prepare_one_more(&project);
    assert_warned(&summary, &["train.safetensors: the cache is damaged: its checksum is not"]);
    verify(&project).unwrap();
}

#[test]
fn the_files_of_a_sound_cache_that_came_from_elsewhere_are_read_and_linked() {
    let project = Project::new();
    let cache = run(&project.options(), &Silent).unwrap().cache;
    let file = cache.join("val.safetensors");
    atomic::write(&file, &fs::read(&file).unwrap()).unwrap();
    let summary = prepare_one_more(&project);
    assert_eq!((summary.decoded, &summary.warnings), (1, &Vec::new()));
    assert_eq!(inode(&file), inode(&summary.cache.join("val.safetensors")));
}

#[test]
fn the_remedy_for_damage_that_two_caches_share_ends_in_a_good_cache() {
    let (project, [first, second]) = rotten();
    let said = verify(&project).unwrap_err();
    let wanted = format!(
        "{}: the cache is damaged: its checksum is not the manifest's, and so is what shares it: {}; remove all these folders and run `prep` again",
        second.cache.join("val.safetensors").display(),
        first.cache.display()
    );
    assert_eq!(said, wanted);
    for summary in [&first, &second] {
        fs::remove_dir_all(&summary.cache).unwrap();
    }
    assert_eq!(run(&project.options(), &Silent).unwrap().warnings, Vec::<String>::new());
    verify(&project).unwrap();
}

#[test]
fn removing_one_of_two_caches_that_share_damage_is_enough_for_a_good_one() {
    let (project, [first, second]) = rotten();
    fs::remove_dir_all(&second.cache).unwrap();
    let summary = run(&project.options(), &Silent).unwrap();
    assert_eq!(summary.cache, second.cache);
    let name = first.cache.file_name().unwrap().to_string_lossy().into_owned();
    assert_warned(&summary, &[&name, "val.safetensors: the cache is damaged"]);
    verify(&project).unwrap();
}

#[test]
fn damage_that_verify_has_found_is_not_taken_over_even_if_nothing_is_removed() {
    let (project, _) = rotten();
    verify(&project).unwrap_err();
    let summary = prepare_one_more(&project);
    assert_eq!(summary.warnings.len(), 2, "{:?}", summary.warnings);
    verify(&project).unwrap();
}

#[test]
fn rows_are_not_copied_from_a_file_that_has_rotted_and_the_next_run_does_without_it() {
    let project = Project::new();
    let cache = run(&project.options(), &Silent).unwrap().cache;
    rot(&project.path("artifacts"), &cache.join("train.safetensors"));
    project.write("data/train/adidas/3.jpg", &jpeg(50));
    let error = run(&project.options(), &Silent).unwrap_err().to_string();
    assert!(error.contains("train.safetensors: the cache is damaged"), "{error}");
    let summary = prepare_one_more(&project);
    assert_warned(&summary, &["train.safetensors: the cache is damaged"]);
    verify(&project).unwrap();
}
