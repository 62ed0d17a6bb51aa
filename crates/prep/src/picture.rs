//! One picture on its way into a cache. A hundred thousand of them take some
//! twenty megabytes, so memory hardly grows with their number.

use crate::facts::Facts;
use shoebox_artifact::fingerprint::{self, digest_bytes};
use std::fmt;

/// The part of the data that a picture belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Part {
    /// To learn from.
    Train,
    /// To choose the best epoch on.
    Val,
    /// To look at once.
    Test,
}

impl Part {
    /// Every part, in the order in which they stand everywhere.
    pub const ALL: [Self; 3] = [Self::Train, Self::Val, Self::Test];

    /// The name in specs and records.
    pub fn name(self) -> &'static str {
        match self {
            Self::Train => "train",
            Self::Val => "val",
            Self::Test => "test",
        }
    }

    /// The part of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|part| part.name() == name)
    }
}

impl fmt::Display for Part {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(self.name())
    }
}

/// The BLAKE3 digest of a file's content.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Digest(pub [u8; 32]);

impl Digest {
    /// The digest of a file's bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(digest_bytes(bytes))
    }

    /// The digest that 64 hexadecimal digits spell.
    pub fn from_hex(text: &str) -> Option<Self> {
        fingerprint::parse(text).map(Self)
    }
}

/// 64 hexadecimal digits.
impl fmt::Display for Digest {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&blake3::Hash::from_bytes(self.0).to_hex())
    }
}

/// A file that should be a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// The file, as the spec names it, with `/` between folders; opens it too.
    pub path: String,
    /// Position in the class names.
    pub label: u32,
    /// Its part; `Train` for all where the spec divides them by shares.
    pub part: Part,
}

/// A file that is a picture, and what reading it has shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// Where it comes from and where it goes.
    pub candidate: Candidate,
    /// Of the file's content.
    pub digest: Digest,
    /// What decoding told.
    pub facts: Facts,
    /// What the row looks like; nothing where the audit is off.
    pub look: Option<Look>,
}

/// What the pixels of a row look like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Look {
    /// Rows that look alike have hashes of which few bits differ.
    pub phash: u64,
    /// Whether there is nothing to see: one colour, nearly.
    pub blank: bool,
}
