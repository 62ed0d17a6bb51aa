//! One folder's entries, sorted, without what operating systems leave behind.

use std::{
    ffi::{OsStr, OsString},
    fs, io,
    path::Path,
};

/// Names that file managers, archives and file systems leave in folders, in
/// lower case. Everything that starts with a dot is left out too.
const LITTER: [&str; 6] =
    ["thumbs.db", "desktop.ini", "__macosx", "@eadir", "$recycle.bin", "lost+found"];

/// The entries of a folder.
#[derive(Debug)]
pub(crate) struct Listing {
    /// Every entry, litter included.
    pub(crate) count: u64,
    /// Sorted by the bytes of their names, without litter.
    pub(crate) entries: Vec<Entry>,
}

/// An entry of a folder; a symbolic link counts as what it points to.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) name: OsString,
    pub(crate) kind: Kind,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    Folder,
    /// A file, or a link to nothing: opening it tells.
    File,
    /// A pipe, a socket or a device, which might never end.
    Special,
}

/// Lists `folder`.
///
/// # Errors
/// What the operating system says.
pub(crate) fn list(folder: &Path) -> io::Result<Listing> {
    let mut listing = Listing { count: 0, entries: Vec::new() };
    for entry in fs::read_dir(folder)? {
        let name = entry?.file_name();
        listing.count += 1;
        if !is_litter(&name) {
            let kind = kind(&folder.join(&name));
            listing.entries.push(Entry { name, kind });
        }
    }
    listing.entries.sort_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
    Ok(listing)
}

fn is_litter(name: &OsStr) -> bool {
    let name = name.to_string_lossy().to_lowercase();
    name.starts_with('.') || LITTER.contains(&name.as_str())
}

fn kind(path: &Path) -> Kind {
    match fs::metadata(path) {
        Ok(found) if found.is_dir() => Kind::Folder,
        Ok(found) if !found.is_file() => Kind::Special,
        _ => Kind::File,
    }
}
