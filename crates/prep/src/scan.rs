//! What the folders hold: class names, files in a fixed order, oddities.
//!
//! ```text
//! data/sneakers/train/          the split's folder, as the spec names it
//!   adidas/                     a class: a folder whose name does not start with a dot
//!     1.jpg  2.PNG              its pictures: told by extension, any case
//!   nike/
//! ```
//! Classes come from the train folder and are sorted by the bytes of their
//! names; other splits are mapped onto them by name. Files are sorted the
//! same way (`10.jpg` before `2.jpg`), class by class: that is the order of
//! the rows. Symbolic links are followed.

use crate::{
    PrepError,
    listing::{Entry, Kind, Listing, list},
};
use shoebox_artifact::records::{Finding, Folder};
use shoebox_spec::DataSpec;
use std::path::{Path, PathBuf};

/// The extensions that count as pictures, in lower case.
pub const PICTURE_EXTENSIONS: [&str; 8] =
    ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"];

/// Everything that the folders of a data section hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scan {
    /// Sorted; a label is a position in this list.
    pub class_names: Vec<String>,
    /// In the order train, val, test.
    pub splits: Vec<ScannedSplit>,
    /// Every folder that was listed, with its number of entries.
    pub folders: Vec<Folder>,
    /// What a person may want to know, in the order in which it was seen.
    pub findings: Vec<Finding>,
}

/// The files of one split.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ScannedSplit {
    /// `train`, `val` or `test`.
    pub name: &'static str,
    /// The folder, as the spec names it.
    pub folder: PathBuf,
    /// Class by class, each in the order of file names.
    pub files: Vec<Candidate>,
    /// Files and folders that are not taken for pictures.
    pub ignored: u64,
}

/// A file that should be a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    /// To open it.
    pub file: PathBuf,
    /// To name it: as the spec's folder does, with `/` between folders.
    pub path: String,
    /// Position in the class names.
    pub label: u32,
}

/// Lists the folders of every split.
///
/// # Errors
/// A [`PrepError`] for the first folder that is missing, is a file, cannot be
/// listed, has no classes or no pictures, or has classes that train lacks.
pub fn scan(data: &DataSpec) -> Result<Scan, PrepError> {
    let mut scan = Scan {
        class_names: Vec::new(),
        splits: Vec::new(),
        folders: Vec::new(),
        findings: Vec::new(),
    };
    for (name, folder) in data.splits() {
        let split = scan.scan_split(name, folder)?;
        scan.splits.push(split);
    }
    Ok(scan)
}

impl Scan {
    fn scan_split(&mut self, name: &'static str, folder: &Path) -> Result<ScannedSplit, PrepError> {
        check_folder(name, folder)?;
        let listing = self.list(folder)?;
        let classes = class_folders(folder, &listing)?;
        if name == "train" {
            self.class_names = train_classes(folder, &classes)?;
        }
        self.check_classes(folder, &classes)?;
        let loose = listing.entries.len() - classes.len();
        self.note_loose_files(folder, loose);
        let mut split =
            ScannedSplit { name, folder: folder.to_owned(), files: Vec::new(), ignored: 0 };
        split.ignored = loose as u64;
        for (label, class) in self.class_names.clone().iter().enumerate() {
            if classes.contains(class) {
                self.scan_class(&mut split, label as u32, &folder.join(class))?;
            }
        }
        Ok(split)
    }

    /// Appends the pictures of a class folder to `split`.
    fn scan_class(
        &mut self,
        split: &mut ScannedSplit,
        label: u32,
        folder: &Path,
    ) -> Result<(), PrepError> {
        let before = split.files.len();
        for entry in self.list(folder)?.entries {
            let file = folder.join(utf8_name(folder, &entry)?);
            match oddity(&entry) {
                None => split.files.push(Candidate { path: spell(&file), file, label }),
                Some((kind, fact)) => {
                    split.ignored += 1;
                    self.note(kind, &file, fact.to_owned());
                }
            }
        }
        if split.files.len() == before {
            return Err(PrepError::EmptyClass {
                path: spell(folder),
                fact: "there is no picture in this class folder".to_owned(),
            });
        }
        Ok(())
    }

    fn list(&mut self, folder: &Path) -> Result<Listing, PrepError> {
        let listing =
            list(folder).map_err(|source| PrepError::List { path: folder.to_owned(), source })?;
        self.folders.push(Folder { path: spell(folder), entries: listing.count });
        Ok(listing)
    }

    /// Every class must be known from train; known ones may be missing.
    fn check_classes(&mut self, folder: &Path, classes: &[String]) -> Result<(), PrepError> {
        let lacks = |list: &[String], name: &String| !list.contains(name);
        let strays: Vec<_> =
            classes.iter().filter(|name| lacks(&self.class_names, name)).cloned().collect();
        if !strays.is_empty() {
            let (path, known) = (folder.to_owned(), self.class_names.clone());
            return Err(PrepError::StrayClasses { path, strays, known });
        }
        for class in self.class_names.clone().iter().filter(|name| lacks(classes, name)) {
            let fact = format!("there is no folder of class `{class}`, so it is not measured here");
            self.note("missing_class", folder, fact);
        }
        Ok(())
    }

    fn note_loose_files(&mut self, folder: &Path, count: usize) {
        let fact = match count {
            0 => return,
            1 => "1 file lies beside the class folders and is not used".to_owned(),
            _ => format!("{count} files lie beside the class folders and are not used"),
        };
        self.note("loose_files", folder, fact);
    }

    fn note(&mut self, kind: &str, path: &Path, fact: String) {
        self.findings.push(Finding { kind: kind.to_owned(), path: spell(path), fact });
    }
}

fn check_folder(split: &str, path: &Path) -> Result<(), PrepError> {
    let (path, split) = (path.to_owned(), split.to_owned());
    match path.metadata() {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(PrepError::NotAFolder { path, split }),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            Err(PrepError::MissingFolder { path, split })
        }
        Err(source) => Err(PrepError::List { path, source }),
    }
}

fn class_folders(folder: &Path, listing: &Listing) -> Result<Vec<String>, PrepError> {
    let folders = listing.entries.iter().filter(|entry| entry.kind == Kind::Folder);
    let names =
        folders.map(|entry| utf8_name(folder, entry)).collect::<Result<Vec<_>, PrepError>>()?;
    if names.is_empty() {
        let fact = match listing.entries.len() {
            0 => "the folder is empty".to_owned(),
            1 => "there is no class folder, only 1 file".to_owned(),
            files => format!("there is no class folder, only {files} files"),
        };
        return Err(PrepError::NoClasses { path: folder.to_owned(), fact });
    }
    Ok(names)
}

fn train_classes(folder: &Path, classes: &[String]) -> Result<Vec<String>, PrepError> {
    match classes {
        [class] => Err(PrepError::OneClass { path: folder.to_owned(), class: class.clone() }),
        _ => Ok(classes.to_vec()),
    }
}

/// Records are text, and a name that is none could not be found again.
fn utf8_name(folder: &Path, entry: &Entry) -> Result<String, PrepError> {
    let name = entry.name.to_str().map(str::to_owned);
    name.ok_or_else(|| PrepError::BadName { path: folder.join(&entry.name) })
}

/// Whether a file's extension, in any case, is that of a picture.
pub fn is_picture(path: &Path) -> bool {
    let extension = path.extension().unwrap_or_default().to_string_lossy().to_lowercase();
    PICTURE_EXTENSIONS.contains(&extension.as_str())
}

/// Why an entry of a class folder is not taken for a picture: a word for
/// programs and a fact for people.
fn oddity(entry: &Entry) -> Option<(&'static str, &'static str)> {
    match entry.kind {
        Kind::Folder => Some((
            "nested_folder",
            "a folder inside a class folder is not searched; move its pictures one level up",
        )),
        Kind::Special => Some(("not_a_file", "neither a file nor a folder")),
        Kind::File if !is_picture(Path::new(&entry.name)) => {
            Some(("not_a_picture", "its extension is not that of a picture"))
        }
        Kind::File => None,
    }
}

/// A path as the records name it: with `/` between folders.
fn spell(path: &Path) -> String {
    let text = path.to_string_lossy();
    if cfg!(windows) { text.replace('\\', "/") } else { text.into_owned() }
}
