//! What the data section's place holds: class names, files in a fixed order,
//! oddities.
//!
//! ```text
//! data.train, data.val, data.test    or    data.path            or    data.csv
//!   adidas/                                  adidas/                  path,label,split
//!     1.jpg  2.PNG                             1.jpg                  shoes/1.jpg,adidas,train
//!   nike/                                    nike/                    shoes/2.jpg,nike,val
//! ```
//! A class is a folder whose name does not start with a dot, or a label of the
//! table; a picture is told by its extension, in any case, or by its row.
//! Classes are those of train, sorted by the bytes of their names; other parts
//! are mapped onto them by name. Files are sorted by part, class and the bytes
//! of their paths (`10.jpg` before `2.jpg`): that is the order of the rows.
//! Symbolic links are followed, except back to a folder above.
//!
//! One scan names every fault: what forbids a cache but lets the rest be
//! looked at is a finding of [`Severity::Error`](shoebox_artifact::records::Severity).

mod findings;
mod folders;
mod table;
mod tree;

use crate::{
    PrepError,
    picture::{Candidate, Part},
};
use folders::Folders;
use shoebox_artifact::{
    console::one_line,
    records::{Finding, Folder},
};
use shoebox_spec::{DataSpec, Problem, Source, SpecError};
use std::path::Path;

/// The extensions that count as pictures, in lower case.
pub const PICTURE_EXTENSIONS: [&str; 8] =
    ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"];

/// Everything that the data section's place holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// Sorted by bytes; a label is a position in this list.
    pub class_names: Vec<String>,
    /// In the order train, val, test; only train where shares are to divide it.
    pub parts: Vec<ScannedPart>,
    /// Sorted by part, label and the bytes of the path.
    pub files: Vec<Candidate>,
    /// Every folder that was listed, with its number of entries.
    pub folders: Vec<Folder>,
    /// Files besides the pictures whose content matters: the table.
    pub watched: Vec<String>,
    /// What a person may want to know, part by part.
    pub findings: Vec<Finding>,
}

/// One part of the data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedPart {
    /// Which.
    pub part: Part,
    /// Its folder or table, as the spec names it.
    pub source: String,
    /// Files taken for pictures.
    pub found: u64,
    /// Files, folders and rows that are not taken for pictures, without what
    /// operating systems leave behind.
    pub ignored: u64,
}

/// Lists what the data section's place holds, without reading a picture.
///
/// # Errors
/// A [`PrepError`] for what makes looking further senseless: a place that is
/// missing, cannot be listed or read, has no classes or only one, or has
/// classes that train lacks.
pub fn scan(data: &DataSpec) -> Result<Scan, PrepError> {
    let mut scan = match data.source().map_err(unusable)? {
        Source::Folders { train, val, test } => {
            let mut folders = Folders::new(data);
            folders.scan_part(Part::Train, "train", train)?;
            folders.scan_part(Part::Val, "val", val)?;
            if let Some(test) = test {
                folders.scan_part(Part::Test, "test", test)?;
            }
            folders.finish()
        }
        Source::Tree { path, .. } => {
            let mut folders = Folders::new(data);
            folders.scan_part(Part::Train, "path", path)?;
            folders.finish()
        }
        Source::Table { path, split } => table::scan(path, data.classes.as_deref(), split)?,
    };
    scan.files.sort_unstable_by(|a, b| {
        (a.part, a.label).cmp(&(b.part, b.label)).then_with(|| a.path.cmp(&b.path))
    });
    Ok(scan)
}

/// A loaded pipeline has no such problem; one that was put together may.
fn unusable(problem: Problem) -> PrepError {
    let (key, message) = (problem.key.to_string(), problem.message);
    SpecError::Invalid { place: "the pipeline".to_owned(), key, message }.into()
}

/// Whether a file's extension, in any case, is that of a picture.
pub fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default();
    PICTURE_EXTENSIONS.iter().any(|known| extension.eq_ignore_ascii_case(known))
}

/// A path as the records name it: with `/` between folders.
fn spell(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}

/// The path of `name` in `folder`, both as the records name them.
fn join(folder: &str, name: &str) -> String {
    let slash = if folder.is_empty() || folder.ends_with('/') { "" } else { "/" };
    format!("{folder}{slash}{name}")
}

/// `` `adidas`, `nike` ``, and how many more there are after the first twenty.
fn quoted<S: AsRef<str>>(names: &[S]) -> String {
    const SHOWN: usize = 20;
    let shown: Vec<_> =
        names.iter().take(SHOWN).map(|name| format!("`{}`", one_line(name.as_ref()))).collect();
    let more = match names.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    shown.join(", ") + &more
}

/// Checks that every class that the pipeline selects is one of `known`, the
/// sorted classes of `place`.
fn check_selection(
    place: &Path,
    selected: Option<&[String]>,
    known: &[String],
) -> Result<(), PrepError> {
    let missing = selected.into_iter().flatten().find(|class| !known.contains(class));
    let Some(class) = missing else { return Ok(()) };
    let nearest = shoebox_spec::nearest(class, known.iter().map(String::as_str));
    let guess = nearest.map_or(String::new(), |name| format!("did you mean `{name}`? "));
    let remedy = format!("{guess}the classes are {}", quoted(known));
    Err(PrepError::NoSuchClass { path: place.to_owned(), class: class.clone(), remedy })
}
