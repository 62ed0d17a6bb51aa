//! From the paths on a command line to picture files.

use crate::InferError;
use shoebox_artifact::ArtifactError;
use shoebox_prep::scan::is_picture;
use std::{
    fs,
    path::{Path, PathBuf},
};

/// Every file of `paths`, and every picture (told by its extension) in and
/// below every folder of them, sorted by name within a folder.
///
/// # Errors
/// A path that is not there, a folder that cannot be read or has no pictures.
pub fn list_pictures(paths: &[PathBuf]) -> Result<Vec<PathBuf>, InferError> {
    let mut pictures = Vec::new();
    for path in paths {
        if path.is_dir() {
            let before = pictures.len();
            walk(path, &mut pictures)?;
            if pictures.len() == before {
                return Err(InferError::EmptyFolder { path: path.clone() });
            }
        } else if path.exists() {
            pictures.push(path.clone());
        } else {
            return Err(InferError::NoSuchPath { path: path.clone() });
        }
    }
    Ok(pictures)
}

fn walk(folder: &Path, pictures: &mut Vec<PathBuf>) -> Result<(), InferError> {
    let entries = fs::read_dir(folder).and_then(|entries| entries.collect::<Result<Vec<_>, _>>());
    let mut entries = entries.map_err(ArtifactError::io(folder, "list"))?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        if path.is_dir() {
            walk(&path, pictures)?;
        } else if is_picture(&path) {
            pictures.push(path);
        }
    }
    Ok(())
}
