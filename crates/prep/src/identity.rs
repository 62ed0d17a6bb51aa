//! All that the bytes of a cache follow from, as one digest.

use crate::{
    picture::{Candidate, Digest},
    prepare::{PREPARATION_VERSION, Recipe},
};
use serde::Serialize;
use shoebox_artifact::{
    fingerprint::Hasher,
    records::{Finding, Manifest},
};
use shoebox_spec::{AuditSpec, DataSpec, SplitSpec, Unreadable};

/// What is the same for every file.
#[derive(Serialize)]
struct Settings<'a> {
    format_version: u32,
    preparation_version: u32,
    recipe: Recipe,
    unreadable: Unreadable,
    split: Option<SplitSpec>,
    audit: AuditSpec,
    class_names: &'a [String],
    findings: &'a [Finding],
}

/// The fingerprint of a cache, as its files become known.
#[derive(Debug)]
pub(crate) struct Identity(Hasher);

impl Identity {
    /// Of a cache of this data section, whose folders have shown these classes
    /// and findings.
    pub(crate) fn new(data: &DataSpec, class_names: &[String], findings: &[Finding]) -> Self {
        let settings = Settings {
            format_version: Manifest::FORMAT_VERSION,
            preparation_version: PREPARATION_VERSION,
            recipe: Recipe::new(data),
            unreadable: data.unreadable,
            split: data.split,
            audit: data.audit,
            class_names,
            findings,
        };
        let mut identity = Self(Hasher::default());
        identity.add(&settings);
        identity
    }

    /// The next file in the order of the scan; without a digest, it could not
    /// be read.
    pub(crate) fn add_file(&mut self, file: &Candidate, digest: Option<&Digest>) {
        let digest = digest.map(Digest::to_string).unwrap_or_default();
        self.add(&(file.part.name(), &file.path, file.label, digest));
    }

    /// 64 hexadecimal digits.
    pub(crate) fn finish(&self) -> String {
        self.0.finish()
    }

    /// Compact JSON and the end of a line, so that nothing runs together.
    fn add<T: Serialize>(&mut self, value: &T) {
        // Settings and rows hold strings, numbers and lists: nothing JSON lacks.
        let mut text = serde_json::to_vec(value).expect("a record is always JSON");
        text.push(b'\n');
        self.0.update(&text);
    }
}
