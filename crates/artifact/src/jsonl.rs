//! JSON lines: each record is one write with its newline; a reader forgives a
//! torn last line and nothing else.

use crate::{ArtifactError, atomic};
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fs::{self, OpenOptions},
    io::Write,
    path::Path,
};

/// Appends one record, durably: what is written later may count on it.
///
/// # Errors
/// [`ArtifactError::Io`] when it cannot be written.
pub fn append<T: Serialize>(path: &Path, record: &T) -> Result<(), ArtifactError> {
    let mut line = serde_json::to_vec(record)
        .map_err(|error| ArtifactError::io(path, "write")(error.into()))?;
    line.push(b'\n');
    OpenOptions::new()
        .create(true)
        .append(true)
        .open(path)
        .and_then(|mut file| file.write_all(&line).and_then(|()| file.sync_data()))
        .map_err(ArtifactError::io(path, "append to"))
}

/// Takes out the records that `keep` is false for, and a torn last line; the
/// others stay as they are, byte for byte. A file that is not there has none.
///
/// # Errors
/// As [`read`], and [`ArtifactError::Io`] when it cannot be written; it is then
/// as it was.
pub fn retain<T: DeserializeOwned>(
    path: &Path,
    keep: impl Fn(&T) -> bool,
) -> Result<(), ArtifactError> {
    if !path.exists() {
        return Ok(());
    }
    let records = read(path)?;
    let text = fs::read_to_string(path).map_err(ArtifactError::io(path, "read"))?;
    let lines = text.split_inclusive('\n').zip(&records);
    let kept: String = lines.filter(|(_, record)| keep(record)).map(|(line, _)| line).collect();
    if kept == text { Ok(()) } else { atomic::write(path, kept.as_bytes()) }
}

/// Reads every record.
///
/// # Errors
/// [`ArtifactError::Malformed`] with the line's number, unless the line is the
/// last one and lacks its newline (a crash in the middle of a write).
pub fn read<T: DeserializeOwned>(path: &Path) -> Result<Vec<T>, ArtifactError> {
    let text = fs::read_to_string(path).map_err(ArtifactError::io(path, "read"))?;
    let complete = text.rfind('\n').map_or("", |end| &text[..end]);
    let parse = |(index, line): (usize, &str)| {
        serde_json::from_str(line).map_err(|error| ArtifactError::Malformed {
            path: path.to_owned(),
            fact: format!("line {} is not a record: {error}", index + 1),
            remedy: "remove that line, or train again",
        })
    };
    complete.lines().enumerate().map(parse).collect()
}
