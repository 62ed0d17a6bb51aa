//! Caches that are not what was written: they are found out, and what is wrong
//! with them does not spread.

use crate::{
    incremental::contents,
    project::{Project, jpeg},
};
use shoebox_artifact::{
    atomic, fingerprint,
    records::{Manifest, Sample, read_samples, write_samples},
};
use shoebox_prep::{Options, Summary, progress::Silent, run};
use std::{fs, path::Path};

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
