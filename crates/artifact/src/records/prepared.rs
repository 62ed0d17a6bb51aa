//! `cache/pipelines/<name16>.json`: the cache that a pipeline prepared last.
//! What no such record names, and no run was trained on, can be pruned.

use super::Manifest;
use crate::ArtifactError;
use serde::{Deserialize, Serialize};
use std::path::Path;

/// Which cache a pipeline uses.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Prepared {
    /// Changes when an older reader would misread this file.
    pub format_version: u32,
    /// The pipeline's file, as `prep` was given it.
    pub pipeline: String,
    /// The digest of its data section, which names the record of its sources.
    pub key: String,
    /// The fingerprint of its cache.
    pub fingerprint: String,
}

impl Prepared {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 1;

    /// Reads the record at `path`.
    ///
    /// # Errors
    /// As [`super::read_versioned`].
    pub fn read(path: &Path) -> Result<Self, ArtifactError> {
        super::read_versioned(path, Self::FORMAT_VERSION, Manifest::REMEDY)
    }
}
