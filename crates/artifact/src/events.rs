//! TensorBoard's event files: scalars, pictures and texts per step.
//!
//! ```text
//! ┌────────────┬──────────────┬────────────────┬──────────────┐
//! │ u64 length │ u32 checksum │ Event, a       │ u32 checksum │  record after record
//! │ of Event   │ of length    │ protobuf       │ of Event     │
//! └────────────┴──────────────┴────────────────┴──────────────┘
//! ```
//! The first record names the format's version. All that belongs to one step
//! is one record and one write. A killed program leaves a torn last record at
//! most, which TensorBoard waits for and otherwise leaves alone.
//!
//! Written here, since the crates for it build with `protoc`, or read pictures
//! with `image`, and were last changed in 2023.

mod message;
mod record;

use crate::ArtifactError;
use message::{Event, SessionLog, Summary, What};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    time::{SystemTime, UNIX_EPOCH},
};

/// What can be shown under a tag.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Shown<'a> {
    /// A number; TensorBoard keeps it as f32.
    Scalar(f64),
    /// A picture: the bytes of a PNG file.
    Png(&'a [u8]),
    /// Markdown.
    Text(&'a str),
}

/// An event file, which is only ever appended to.
#[derive(Debug)]
pub struct EventFile {
    path: PathBuf,
    file: File,
}

impl EventFile {
    /// Starts a new file in `folder`, which is made where needed. Its name is
    /// later than those of the files there, since TensorBoard reads them in
    /// the order of their names. It names no host, as TensorFlow's do: one
    /// program writes into a run, and a run may be given away.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn create(folder: &Path) -> Result<Self, ArtifactError> {
        fs::create_dir_all(folder).map_err(ArtifactError::io(folder, "make the folder"))?;
        let seconds = now().as_secs().max(latest(folder).map_or(0, |latest| latest + 1));
        let path = folder.join(format!("{PREFIX}{seconds:010}{SUFFIX}"));
        let file = File::options().append(true).create_new(true).open(&path);
        let file = file.map_err(ArtifactError::io(&path, "write"))?;
        let mut events = Self { path, file };
        events.write(0, What::FileVersion("brain.Event:2".to_owned()))?;
        Ok(events)
    }

    /// Says that `step` and all after it come anew: TensorBoard drops what
    /// earlier files have of them.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn restart(&mut self, step: u32) -> Result<(), ArtifactError> {
        self.write(step, What::SessionLog(SessionLog { status: SessionLog::START }))
    }

    /// Appends what is shown at `step` under each tag.
    ///
    /// # Errors
    /// [`ArtifactError::Io`]; [`ArtifactError::Malformed`] for a picture that is no PNG.
    pub fn append(&mut self, step: u32, shown: &[(&str, Shown<'_>)]) -> Result<(), ArtifactError> {
        let values = shown.iter().map(|&(tag, shown)| message::value(tag, shown));
        let value = values.collect::<Result<_, _>>().map_err(|fact| ArtifactError::Malformed {
            path: self.path.clone(),
            fact: fact.to_owned(),
            remedy: "train again",
        })?;
        self.write(step, What::Summary(Summary { value }))
    }

    fn write(&mut self, step: u32, what: What) -> Result<(), ArtifactError> {
        let event = Event { wall_time: now().as_secs_f64(), step: step.into(), what: Some(what) };
        self.file
            .write_all(&record::framed(&event))
            .map_err(ArtifactError::io(&self.path, "append to"))
    }
}

/// TensorBoard looks for `tfevents` in names.
const PREFIX: &str = "events.out.tfevents.";
const SUFFIX: &str = ".shoebox";

/// The latest second in the names of the event files in `folder`.
fn latest(folder: &Path) -> Option<u64> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let seconds = entries.filter_map(|entry| {
        let name = entry.file_name().into_string().ok()?;
        name.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)?.parse().ok()
    });
    seconds.max()
}

/// Since 1970; a clock before that counts as 1970.
fn now() -> std::time::Duration {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default()
}

#[cfg(test)]
mod tests;
