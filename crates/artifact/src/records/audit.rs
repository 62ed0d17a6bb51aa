//! What was noticed about the pictures of a cache.

use serde::{Deserialize, Serialize};

/// `audit.json`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Audit {
    /// Whether pictures were compared with one another, or only those things
    /// noted that reading them shows anyway.
    pub complete: bool,
    /// The gravest first; within a severity in the order of kinds and paths.
    pub findings: Vec<Finding>,
}

/// Something noticed about a file, a folder, or a group of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Finding {
    /// What it is, for programs: `unreadable`, `leakage`, …
    pub kind: String,
    /// How grave it is.
    pub severity: Severity,
    /// The files or folders, as the spec names them; the first [`Finding::MAX_PATHS`].
    pub paths: Vec<String>,
    /// How many files or folders it is about.
    pub count: u64,
    /// The fact, for people: to follow the first path and a colon.
    pub fact: String,
    /// What can be done about it.
    pub remedy: String,
}

/// How grave a finding is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures would be wrong, or pictures are lost.
    Error,
    /// Figures may mislead.
    Warning,
    /// Good to know.
    Note,
}

impl Finding {
    /// The most paths that are kept of one finding.
    pub const MAX_PATHS: usize = 1000;

    /// A finding about these paths.
    pub fn new(
        kind: &str,
        severity: Severity,
        mut paths: Vec<String>,
        fact: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        let count = paths.len() as u64;
        paths.truncate(Self::MAX_PATHS);
        let (kind, fact, remedy) = (kind.to_owned(), fact.into(), remedy.into());
        Self { kind, severity, paths, count, fact, remedy }
    }

    /// The first path, which messages start with.
    pub fn place(&self) -> &str {
        self.paths.first().map_or("", String::as_str)
    }
}
