//! Parts that are folders: which classes there are, and what is odd about them.

use super::{
    Scan, ScannedPart, check_selection,
    findings::{JOINED_FOLDERS, Oddity},
    quoted, spell,
    tree::{Atlas, Class, Pile, walk},
};
use crate::{
    PrepError,
    picture::{Candidate, Part},
    words::count,
};
use shoebox_artifact::records::Severity;
use shoebox_spec::{DataSpec, Nesting};
use std::{io, path::Path};

/// A scan of folders, part by part; train is the first.
pub(super) struct Folders<'a> {
    data: &'a DataSpec,
    atlas: Atlas,
    scan: Scan,
}

impl<'a> Folders<'a> {
    pub(super) fn new(data: &'a DataSpec) -> Self {
        Self { data, atlas: Atlas::default(), scan: Scan::default() }
    }

    pub(super) fn finish(self) -> Scan {
        Scan { folders: self.atlas.folders, ..self.scan }
    }

    /// Scans the folder of `part`, which the spec calls `data.<key>`.
    pub(super) fn scan_part(
        &mut self,
        part: Part,
        key: &str,
        folder: &Path,
    ) -> Result<(), PrepError> {
        check_folder(key, folder)?;
        let mut pile = walk(self.data, part, folder, &mut self.atlas)?;
        if part == Part::Train {
            self.scan.class_names = self.train_classes(folder, &pile)?;
            pile.note_left_out(folder);
        }
        self.check_classes(folder, &mut pile)?;
        pile.note_unused(folder);
        pile.note_classes(self.data.labels == Some(Nesting::Leaf));
        self.take(part, folder, pile);
        Ok(())
    }

    fn train_classes(&self, folder: &Path, pile: &Pile) -> Result<Vec<String>, PrepError> {
        let path = folder.to_owned();
        let names: Vec<String> = pile.classes.keys().cloned().collect();
        if names.is_empty() && pile.left_out.is_empty() {
            return Err(PrepError::NoClasses { path, fact: pile.content() });
        }
        let mut all: Vec<String> = names.iter().chain(&pile.left_out).cloned().collect();
        all.sort_unstable();
        check_selection(folder, self.data.classes.as_deref(), &all)?;
        match names.as_slice() {
            [class] => Err(PrepError::OneClass { path, class: class.clone() }),
            _ => Ok(names),
        }
    }

    /// Every class must be known from train; known ones may be missing.
    fn check_classes(&self, folder: &Path, pile: &mut Pile) -> Result<(), PrepError> {
        let path = folder.to_owned();
        if pile.classes.is_empty() && pile.left_out.is_empty() {
            return Err(PrepError::NoClasses { path, fact: pile.content() });
        }
        let known = &self.scan.class_names;
        let strays: Vec<_> =
            pile.classes.keys().filter(|name| !known.contains(name)).cloned().collect();
        if !strays.is_empty() {
            return Err(PrepError::StrayClasses { path, strays, known: known.clone() });
        }
        for class in known.iter().filter(|name| !pile.classes.contains_key(*name)) {
            let fact = format!("there is no folder of class `{class}`, so it is not measured here");
            let remedy = "add one with pictures, if it should be";
            let oddity =
                Oddity { kind: "missing_class", severity: Severity::Warning, fact: &fact, remedy };
            pile.findings.add(spell(folder), oddity);
        }
        Ok(())
    }

    fn take(&mut self, part: Part, folder: &Path, pile: Pile) {
        let before = self.scan.files.len();
        for (name, class) in pile.classes {
            // `check_classes` has seen every name among the sorted class names.
            let Ok(label) = self.scan.class_names.binary_search(&name) else { continue };
            let files = class.files.into_iter();
            let candidate = |path| Candidate { path, label: label as u32, part };
            self.scan.files.extend(files.map(candidate));
        }
        self.scan.parts.push(ScannedPart {
            part,
            source: spell(folder),
            found: (self.scan.files.len() - before) as u64,
            ignored: pile.loose + pile.ignored,
        });
        self.scan.findings.extend(pile.findings.into_list());
    }
}

impl Pile {
    /// What there is instead of class folders.
    fn content(&self) -> String {
        match (self.loose, self.ignored) {
            (0, 0) => "the folder is empty".to_owned(),
            (files, 0) => format!("there is no class folder, only {}", count(files, "file")),
            _ => "there is no class folder that can be used".to_owned(),
        }
    }

    fn note_left_out(&mut self, folder: &Path) {
        if self.left_out.is_empty() {
            return;
        }
        let names: Vec<_> = self.left_out.iter().collect();
        let fact = format!("data.classes leaves out {}", quoted(&names));
        self.note("left_out", Severity::Note, folder, &fact, "name them there to use them");
    }

    fn note_unused(&mut self, folder: &Path) {
        if self.loose > 0 {
            let verb = if self.loose == 1 { "lies" } else { "lie" };
            let used = if self.loose == 1 { "is" } else { "are" };
            let files = count(self.loose, "file");
            let fact = format!("{files} {verb} beside the class folders and {used} not used");
            let remedy = "move pictures into the folder of their class";
            self.note("loose_files", Severity::Warning, folder, &fact, remedy);
        }
        if self.litter > 0 {
            let entries = count(self.litter, "hidden file");
            let fact = format!("left out {entries} and the like ({LITTER})");
            self.note("litter", Severity::Note, folder, &fact, "rename what is a picture");
        }
    }

    fn note(&mut self, kind: &str, severity: Severity, folder: &Path, fact: &str, remedy: &str) {
        self.findings.add(spell(folder), Oddity { kind, severity, fact, remedy });
    }

    /// Classes without pictures, and, by `leaf`, those with several folders.
    fn note_classes(&mut self, leaf: bool) {
        let Self { classes, findings, .. } = self;
        for class in classes.values() {
            if leaf && class.branches > 1 {
                findings.add(class.folder.clone(), JOINED_FOLDERS);
            }
            if class.files.is_empty() && !class.unreadable {
                findings.add(class.folder.clone(), class.emptiness());
            }
        }
    }
}

impl Class {
    fn emptiness(&self) -> Oddity<'static> {
        let (fact, remedy) = match self.nested {
            false => (
                "there is no picture in this class folder",
                "add pictures to it, or take the folder away",
            ),
            true => (
                "there is no picture in this class folder, only folders",
                "set data.labels to `top` or `leaf` to search them, or take the folder away",
            ),
        };
        Oddity { kind: "empty_class", severity: Severity::Error, fact, remedy }
    }
}

const LITTER: &str = "Thumbs.db, desktop.ini, …";

fn check_folder(key: &str, folder: &Path) -> Result<(), PrepError> {
    let (path, split) = (folder.to_owned(), key.to_owned());
    match path.metadata() {
        Ok(found) if found.is_dir() => Ok(()),
        Ok(_) => Err(PrepError::NotAFolder { path, split }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            Err(PrepError::MissingFolder { path, split })
        }
        Err(source) => Err(PrepError::List { path, source }),
    }
}
