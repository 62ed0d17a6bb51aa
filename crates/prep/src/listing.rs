//! One folder's entries, sorted, without what operating systems leave behind.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, FileType},
    io,
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
    /// Entries that are litter.
    pub(crate) litter: u64,
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
    Folder {
        /// Whether a symbolic link leads there.
        linked: bool,
    },
    File,
    /// A symbolic link to nothing, to itself, or to where this user may not look.
    BrokenLink,
    /// A pipe, a socket or a device, which might never end.
    Special,
}

/// Lists `folder`. Only symbolic links are looked at one by one; what the
/// others are comes with the listing.
///
/// # Errors
/// What the operating system says.
pub(crate) fn list(folder: &Path) -> io::Result<Listing> {
    let mut listing = Listing { count: 0, litter: 0, entries: Vec::new() };
    for entry in fs::read_dir(folder)? {
        let entry = entry?;
        let name = entry.file_name();
        listing.count += 1;
        if is_litter(&name) {
            listing.litter += 1;
        } else {
            let kind = match entry.file_type()? {
                link if link.is_symlink() => linked_kind(&entry.path()),
                other => kind(other, false),
            };
            listing.entries.push(Entry { name, kind });
        }
    }
    listing
        .entries
        .sort_unstable_by(|a, b| a.name.as_encoded_bytes().cmp(b.name.as_encoded_bytes()));
    Ok(listing)
}

fn is_litter(name: &OsStr) -> bool {
    let name = name.as_encoded_bytes();
    name.starts_with(b".")
        || LITTER.iter().any(|litter| name.eq_ignore_ascii_case(litter.as_bytes()))
}

fn linked_kind(link: &Path) -> Kind {
    fs::metadata(link).map_or(Kind::BrokenLink, |target| kind(target.file_type(), true))
}

fn kind(file_type: FileType, linked: bool) -> Kind {
    if file_type.is_dir() {
        Kind::Folder { linked }
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Special
    }
}
