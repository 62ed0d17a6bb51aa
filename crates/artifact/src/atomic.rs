//! Files and folders that appear whole or not at all: sibling temporary,
//! write, fsync, rename, fsync the folder.
#![expect(clippy::disallowed_methods, reason = "this is the module that the ban points to")]

use crate::ArtifactError;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
    process,
    sync::atomic::{AtomicU64, Ordering},
    thread::{self, JoinHandle},
};

/// Writes `bytes` as the whole of `path`, making its folder where needed.
///
/// # Errors
/// [`ArtifactError::Io`]; what was at `path` before is then still there.
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), ArtifactError> {
    let mut file = AtomicFile::create(path)?;
    file.write_all(bytes).map_err(ArtifactError::io(path, "write"))?;
    file.publish()
}

/// Writes `value` as indented JSON with a final newline; see [`write()`].
///
/// # Errors
/// [`ArtifactError::Io`]; what was at `path` before is then still there.
pub fn write_json<T: serde::Serialize>(path: &Path, value: &T) -> Result<(), ArtifactError> {
    write(path, json_text(path, value)?.as_bytes())
}

/// The text that [`write_json`] writes.
///
/// # Errors
/// [`ArtifactError::Io`] when `value` has no JSON.
pub fn json_text<T: serde::Serialize>(path: &Path, value: &T) -> Result<String, ArtifactError> {
    let text = serde_json::to_string_pretty(value)
        .map_err(|error| ArtifactError::io(path, "write")(error.into()))?;
    Ok(text + "\n")
}

/// A file that is written under a temporary name beside `path` and takes its
/// place in [`AtomicFile::publish`]. Dropped before that, it leaves nothing.
#[derive(Debug)]
pub struct AtomicFile {
    path: PathBuf,
    temporary: PathBuf,
    file: Option<BufWriter<File>>,
}

impl AtomicFile {
    /// Opens the temporary, making the folder of `path` where needed.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when the folder cannot be made or written to.
    pub fn create(path: &Path) -> Result<Self, ArtifactError> {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ArtifactError::io(folder, "make the folder"))?;
        }
        let temporary = temporary_sibling(path);
        let file = File::create(&temporary).map_err(ArtifactError::io(path, "write"))?;
        // For `remove_stale`, which leaves alone what it cannot lock either.
        let _ = file.try_lock();
        Ok(Self {
            path: path.to_owned(),
            temporary,
            file: Some(BufWriter::with_capacity(1 << 20, file)),
        })
    }

    /// Puts the file in its place, durably.
    ///
    /// # Errors
    /// [`ArtifactError::Io`], a full disk for instance; nothing is left then.
    pub fn publish(mut self) -> Result<(), ArtifactError> {
        let finish = |writer: BufWriter<File>| -> io::Result<()> {
            writer.into_inner().map_err(io::IntoInnerError::into_error)?.sync_all()?;
            fs::rename(&self.temporary, &self.path)
        };
        match self.file.take() {
            Some(writer) => finish(writer).map_err(|source| {
                // The rename has not happened, so the temporary is still ours to remove.
                let _ = fs::remove_file(&self.temporary);
                ArtifactError::io(&self.path, "write")(source)
            })?,
            None => unreachable!("publish consumes the file, and nothing else takes it"),
        }
        sync_parent(&self.path)
    }

    fn writer(&mut self) -> io::Result<&mut BufWriter<File>> {
        self.file.as_mut().ok_or_else(|| io::Error::other("the file is already published"))
    }
}

/// Publishes `files` on a thread of its own: nobody waits for the disk but who
/// asks the [`Publication`]. Each is in its place, durably, before the next
/// one's turn comes; after an error the others leave nothing.
pub fn publish_in_order(files: Vec<AtomicFile>) -> Publication {
    let publish = || files.into_iter().try_for_each(AtomicFile::publish);
    Publication(Some(thread::spawn(publish)))
}

/// Files on the way to their places. Dropping it waits for them.
#[derive(Debug)]
pub struct Publication(Option<JoinHandle<Result<(), ArtifactError>>>);

impl Publication {
    /// Whether waiting would take no time.
    pub fn is_done(&self) -> bool {
        self.0.as_ref().is_none_or(JoinHandle::is_finished)
    }

    /// Waits until all files are in their places.
    ///
    /// # Errors
    /// As of [`AtomicFile::publish`].
    pub fn wait(mut self) -> Result<(), ArtifactError> {
        self.join()
    }

    fn join(&mut self) -> Result<(), ArtifactError> {
        let Some(thread) = self.0.take() else { return Ok(()) };
        thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
    }
}

impl Drop for Publication {
    fn drop(&mut self) {
        // Who drops it has an error of its own to tell.
        let _ = self.join();
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.writer()?.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.writer()?.flush()
    }
}

impl Seek for AtomicFile {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.writer()?.seek(to)
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if self.file.take().is_some() {
            // Nothing depends on a leftover temporary; its name says what it is.
            let _ = fs::remove_file(&self.temporary);
        }
    }
}

/// A folder that is filled under a temporary name beside `path` and takes its
/// place in [`AtomicDir::publish`]. Dropped before that, it leaves nothing.
#[derive(Debug)]
pub struct AtomicDir {
    target: PathBuf,
    temporary: PathBuf,
    published: bool,
}

impl AtomicDir {
    /// Makes the temporary folder.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when it cannot be made.
    pub fn create(path: &Path) -> Result<Self, ArtifactError> {
        let temporary = temporary_sibling(path);
        fs::create_dir_all(&temporary).map_err(ArtifactError::io(&temporary, "make the folder"))?;
        Ok(Self { target: path.to_owned(), temporary, published: false })
    }

    /// The temporary folder, to put files into.
    pub fn path(&self) -> &Path {
        &self.temporary
    }

    /// Writes one file of the folder, making the folders above it where
    /// needed. For many small files: it is not synced on its own.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when it cannot be written.
    pub fn write(&self, name: &Path, bytes: &[u8]) -> Result<(), ArtifactError> {
        let path = self.temporary.join(name);
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).map_err(ArtifactError::io(folder, "make the folder"))?;
        }
        fs::write(&path, bytes).map_err(ArtifactError::io(&path, "write"))
    }

    /// Makes an empty file of the folder, for a writer that works in place and
    /// syncs it itself.
    ///
    /// # Errors
    /// [`ArtifactError::Io`] when it cannot be made.
    pub fn create_file(&self, name: &str) -> Result<(File, PathBuf), ArtifactError> {
        let path = self.temporary.join(name);
        let mut options = File::options();
        let file = options.read(true).write(true).create_new(true).open(&path);
        Ok((file.map_err(ArtifactError::io(&path, "write"))?, path))
    }

    /// Puts the finished file at `source` into the folder as `name`, without
    /// copying its bytes where the file system can give a file two names. A
    /// file that has two must never be written to again.
    ///
    /// # Errors
    /// [`ArtifactError::Io`].
    pub fn link(&self, source: &Path, name: &str) -> Result<(), ArtifactError> {
        let path = self.temporary.join(name);
        let copy = || {
            let mut target = File::create_new(&path)?;
            io::copy(&mut File::open(source)?, &mut target)?;
            target.sync_all()
        };
        fs::hard_link(source, &path).or_else(|_| copy()).map_err(ArtifactError::io(&path, "write"))
    }

    /// Puts the folder in its place. A folder that is already there is
    /// replaced: it is moved aside first, and removed last.
    ///
    /// # Errors
    /// [`ArtifactError::Io`]; what was at `path` before is then still there.
    pub fn publish(mut self) -> Result<(), ArtifactError> {
        sync_dir(&self.temporary)?;
        let old = temporary_sibling(&self.target);
        let replaced = self.target.exists();
        if replaced && !self.target.is_dir() {
            let source = io::Error::from(io::ErrorKind::NotADirectory);
            return Err(ArtifactError::io(&self.target, "replace")(source));
        }
        if replaced {
            fs::rename(&self.target, &old).map_err(ArtifactError::io(&self.target, "replace"))?;
        }
        if let Err(source) = fs::rename(&self.temporary, &self.target) {
            if replaced {
                fs::rename(&old, &self.target)
                    .map_err(ArtifactError::io(&self.target, "put back"))?;
            }
            return Err(ArtifactError::io(&self.target, "write")(source));
        }
        self.published = true;
        sync_parent(&self.target)?;
        if replaced {
            fs::remove_dir_all(&old).map_err(ArtifactError::io(&old, "remove"))?;
        }
        Ok(())
    }
}

impl Drop for AtomicDir {
    fn drop(&mut self) {
        if !self.published {
            // Its name starts with a dot and ends in .tmp: no reader takes it for a cache.
            let _ = fs::remove_dir_all(&self.temporary);
        }
    }
}

/// `.NAME.PID.COUNT.tmp` in the same folder, so that the rename stays on one file system.
fn temporary_sibling(path: &Path) -> PathBuf {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.with_file_name(format!(".{name}.{}.{count}.tmp", process::id()))
}

/// Whether `path` is called as temporaries are: no file or folder of ours is
/// called so once it is published.
pub fn is_temporary(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().as_encoded_bytes();
    name.starts_with(b".") && name.ends_with(b".tmp")
}

/// Removes the temporary files in `folder` that killed programs have left.
/// Whoever writes one holds its lock, which the operating system releases.
pub fn remove_stale(folder: &Path) {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let paths = entries.map(|entry| entry.path());
    for path in paths.filter(|path| is_temporary(path) && path.is_file()) {
        let file = File::options().write(true).open(&path);
        if file.is_ok_and(|file| file.try_lock().is_ok()) {
            // One that stays is only wasted space.
            let _ = fs::remove_file(&path);
        }
    }
}

/// Makes a rename in the folder of `path` survive a power cut.
fn sync_parent(path: &Path) -> Result<(), ArtifactError> {
    match path.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => sync_dir(folder),
        _ => sync_dir(Path::new(".")),
    }
}

fn sync_dir(folder: &Path) -> Result<(), ArtifactError> {
    File::open(folder)
        .and_then(|folder| folder.sync_all())
        .map_err(ArtifactError::io(folder, "sync"))
}
