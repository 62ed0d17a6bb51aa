//! What the cache of a data section was made of. It lies beside the caches
//! since it changes when files are touched, and a cache never does.
//!
//! ```text
//! cache/sources/<key16>.jsonl
//!   {"format_version":2,"fingerprint":"…","folders":2,"files":4}
//!   {"path":"data/train/adidas","entries":2}      one line a folder
//!   {"path":"data/train/adidas/1.jpg","digest":"…",
//!    "stamp":{"bytes":9,"modified_ns":1,"changed_ns":2,"inode":3}}    one line a file
//! ```
//! It is read and written line by line, so memory does not grow with it.

use super::Stamp;
use crate::{ArtifactError, atomic::AtomicFile};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    fs::File,
    io::{BufRead, BufReader, Lines, Write},
    path::{Path, PathBuf},
};

/// The first line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sources {
    /// Changes when an older reader would misread this file.
    pub format_version: u32,
    /// The fingerprint of the cache.
    pub fingerprint: String,
    /// Lines about folders that follow.
    pub folders: u64,
    /// Lines about files that follow those.
    pub files: u64,
}

/// A scanned folder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Folder {
    /// The folder, as the spec names it.
    pub path: String,
    /// How many entries it had.
    pub entries: u64,
}

/// A source file as it was, unreadable ones too.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// The file, as the spec names it.
    pub path: String,
    /// Digest of the content; empty when it could not be read.
    pub digest: String,
    /// What it looked like; zeros when there was nothing to look at.
    pub stamp: Stamp,
}

impl Sources {
    /// The version that this build writes and reads.
    pub const FORMAT_VERSION: u32 = 2;
    const REMEDY: &'static str = "run `prep` again";

    /// Opens the record at `path` and reads its first line.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], [`ArtifactError::Version`] or [`ArtifactError::Malformed`].
    pub fn open(path: &Path) -> Result<SourcesReader, ArtifactError> {
        let file = File::open(path).map_err(ArtifactError::io(path, "read"))?;
        let mut lines = BufReader::new(file).lines();
        let first = next_line(path, &mut lines)?;
        let header =
            super::parse_versioned(path, first.as_bytes(), Self::FORMAT_VERSION, Self::REMEDY)?;
        Ok(SourcesReader { path: path.to_owned(), header, lines })
    }

    /// Writes the record at `path`; the counts of the header must be those of
    /// the lines.
    ///
    /// # Errors
    /// [`ArtifactError::Io`]; what was at `path` before is then still there.
    pub fn write<'a>(
        &self,
        path: &Path,
        folders: impl Iterator<Item = &'a Folder>,
        files: impl Iterator<Item = Source>,
    ) -> Result<(), ArtifactError> {
        let mut out = AtomicFile::create(path)?;
        write_line(path, &mut out, self)?;
        for folder in folders {
            write_line(path, &mut out, folder)?;
        }
        for file in files {
            write_line(path, &mut out, &file)?;
        }
        out.publish()
    }
}

/// A record of sources that is being read.
#[derive(Debug)]
pub struct SourcesReader {
    path: PathBuf,
    header: Sources,
    lines: Lines<BufReader<File>>,
}

impl SourcesReader {
    /// The first line.
    pub fn header(&self) -> &Sources {
        &self.header
    }

    /// Calls `each` with every folder.
    ///
    /// # Errors
    /// The first error of `each`; [`ArtifactError::Malformed`] for a line that
    /// is missing or is not what it should be.
    pub fn read_folders<E: From<ArtifactError>>(
        mut self,
        mut each: impl FnMut(Folder) -> Result<(), E>,
    ) -> Result<FilesReader, E> {
        for _ in 0..self.header.folders {
            each(self.parse()?)?;
        }
        Ok(FilesReader(self))
    }

    fn parse<T: DeserializeOwned>(&mut self) -> Result<T, ArtifactError> {
        let line = next_line(&self.path, &mut self.lines)?;
        serde_json::from_str(&line).map_err(|error| malformed(&self.path, &error.to_string()))
    }
}

/// A record of sources whose folders have been read.
#[derive(Debug)]
pub struct FilesReader(SourcesReader);

impl FilesReader {
    /// Calls `each` with every file.
    ///
    /// # Errors
    /// As [`SourcesReader::read_folders`].
    pub fn read<E: From<ArtifactError>>(
        mut self,
        mut each: impl FnMut(Source) -> Result<(), E>,
    ) -> Result<(), E> {
        for _ in 0..self.0.header.files {
            each(self.0.parse()?)?;
        }
        Ok(())
    }
}

fn next_line(path: &Path, lines: &mut Lines<BufReader<File>>) -> Result<String, ArtifactError> {
    match lines.next() {
        Some(line) => line.map_err(ArtifactError::io(path, "read")),
        None => Err(malformed(path, "it ends too early")),
    }
}

fn malformed(path: &Path, fact: &str) -> ArtifactError {
    ArtifactError::Malformed {
        path: path.to_owned(),
        fact: format!("not the record it should be: {fact}"),
        remedy: Sources::REMEDY,
    }
}

fn write_line<T: Serialize>(
    path: &Path,
    out: &mut AtomicFile,
    line: &T,
) -> Result<(), ArtifactError> {
    let text = serde_json::to_string(line)
        .map_err(|error| ArtifactError::io(path, "write")(error.into()))?;
    writeln!(out, "{text}").map_err(ArtifactError::io(path, "write"))
}
