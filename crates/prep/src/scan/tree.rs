//! Walking one part's folders, down to what `data.labels` asks for.

mod atlas;

pub(super) use atlas::Atlas;

use super::{
    findings::{
        BAD_NAME, BROKEN_LINK, Findings, LOOP, MIXED_FOLDER, NESTED_FOLDER, NOT_A_FILE,
        NOT_A_PICTURE, Oddity, UNREADABLE_FOLDER,
    },
    is_picture, join, spell,
};
use crate::{
    PrepError,
    listing::{Entry, Kind, Listing, list},
    picture::Part,
};
use atlas::Place;
use shoebox_artifact::records::Folder;
use shoebox_spec::{DataSpec, Nesting};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

/// What lies below the folder of one part.
#[derive(Debug, Default)]
pub(super) struct Pile {
    /// The classes that the pipeline wants, by name.
    pub(super) classes: BTreeMap<String, Class>,
    /// The names of those that it does not want.
    pub(super) left_out: BTreeSet<String>,
    /// Entries of the part's folder that are no class folders.
    pub(super) loose: u64,
    /// Entries further below that are not used.
    pub(super) ignored: u64,
    /// What operating systems leave behind.
    pub(super) litter: u64,
    pub(super) findings: Findings,
}

/// One class of a part.
#[derive(Debug, Default)]
pub(super) struct Class {
    /// The first folder that is named after it.
    pub(super) folder: String,
    /// The pictures, in the order of the walk.
    pub(super) files: Vec<String>,
    /// How many folders gave pictures or could have.
    pub(super) branches: u64,
    /// Whether there are folders that were not searched.
    pub(super) nested: bool,
    /// Whether a folder could not be listed, so that no picture means nothing.
    pub(super) unreadable: bool,
}

struct Walk<'a> {
    part: Part,
    data: &'a DataSpec,
    atlas: &'a mut Atlas,
    pile: Pile,
    /// The folders above, the part's own first.
    above: Vec<PathBuf>,
}

/// Lists everything below `root`, the folder of `part`.
///
/// # Errors
/// [`PrepError::List`] when `root` itself cannot be listed.
pub(super) fn walk(
    data: &DataSpec,
    part: Part,
    root: &Path,
    atlas: &mut Atlas,
) -> Result<Pile, PrepError> {
    let unlisted = |source| PrepError::List { path: root.to_owned(), source };
    let real = root.canonicalize().map_err(unlisted)?;
    let listing = list(root).map_err(unlisted)?;
    let mut walk = Walk { part, data, atlas, pile: Pile::default(), above: Vec::new() };
    let mut place = Place { path: spell(root), real, again: false };
    walk.arrive(&mut place, "");
    walk.search_root(&place, listing);
    Ok(walk.pile)
}

impl Walk<'_> {
    fn search_root(&mut self, root: &Place, listing: Listing) {
        self.count(root, &listing);
        self.above.push(root.real.clone());
        for entry in listing.entries {
            match entry.kind {
                Kind::Folder { linked } => self.search_class(root, &entry, linked),
                Kind::BrokenLink => {
                    self.ignore(join(&root.path, &entry.name.to_string_lossy()), BROKEN_LINK);
                }
                Kind::File | Kind::Special => self.pile.loose += 1,
            }
        }
    }

    /// A folder of the first level.
    fn search_class(&mut self, root: &Place, entry: &Entry, linked: bool) {
        let Some(name) = self.text_name(root, entry) else { return };
        let Some(place) = self.step(root, name, linked) else { return };
        if self.by_leaf() {
            self.search(place, name);
        } else if self.wants(name) {
            self.class(name, &place.path);
            self.search(place, name);
        } else {
            self.pile.left_out.insert(name.to_owned());
        }
    }

    /// Takes the pictures of a folder for `class`, and goes on to inner folders.
    fn search(&mut self, mut place: Place, class: &str) {
        if !self.arrive(&mut place, class) {
            return;
        }
        let Some(listing) = self.list(&place, class) else { return };
        let (mut pictures, mut folders) = (Vec::new(), Vec::new());
        for entry in listing.entries {
            match entry.kind {
                Kind::Folder { .. } => folders.push(entry),
                kind if self.takes(&place, &entry, kind) => {
                    let name = self.text_name(&place, &entry);
                    pictures.extend(name.map(|name| join(&place.path, name)));
                }
                _ => {}
            }
        }
        self.above.push(place.real.clone());
        let inner: Vec<_> =
            folders.iter().filter_map(|entry| self.step_inside(&place, class, entry)).collect();
        self.keep(&place, class, pictures, !inner.is_empty());
        for (inner, name) in inner {
            self.search(inner, if self.by_leaf() { name } else { class });
        }
        self.above.pop();
    }

    /// A folder inside a class folder and its name, if it is to be searched.
    fn step_inside<'e>(
        &mut self,
        place: &Place,
        class: &str,
        entry: &'e Entry,
    ) -> Option<(Place, &'e str)> {
        if self.data.labels.is_none() {
            self.class(class, &place.path).nested = true;
            self.ignore(join(&place.path, &entry.name.to_string_lossy()), NESTED_FOLDER);
            return None;
        }
        let linked = entry.kind == Kind::Folder { linked: true };
        let name = self.text_name(place, entry)?;
        Some((self.step(place, name, linked)?, name))
    }

    fn by_leaf(&self) -> bool {
        self.data.labels == Some(Nesting::Leaf)
    }

    /// Adds a folder's pictures to its class. Where the innermost folder names
    /// the class, one with nothing but folders in it names none.
    fn keep(&mut self, place: &Place, class: &str, pictures: Vec<String>, has_folders: bool) {
        if self.by_leaf() && has_folders {
            if pictures.is_empty() {
                return;
            }
            self.pile.findings.add(place.path.clone(), MIXED_FOLDER);
        }
        if self.wants(class) {
            let class = self.class(class, &place.path);
            class.branches += 1;
            class.files.extend(pictures);
        } else {
            self.pile.left_out.insert(class.to_owned());
        }
    }

    fn wants(&self, class: &str) -> bool {
        let selected = self.data.classes.as_ref();
        selected.is_none_or(|names| names.iter().any(|name| name == class))
    }

    fn class(&mut self, name: &str, folder: &str) -> &mut Class {
        let fresh = || Class { folder: folder.to_owned(), ..Class::default() };
        self.pile.classes.entry(name.to_owned()).or_insert_with(fresh)
    }

    /// Whether a file of a class folder is taken for a picture. A broken link
    /// that is named like one is: reading it fails, and `data.unreadable` says
    /// what follows.
    fn takes(&mut self, place: &Place, entry: &Entry, kind: Kind) -> bool {
        let named = is_picture(Path::new(&entry.name));
        let oddity = match kind {
            Kind::Special => NOT_A_FILE,
            Kind::BrokenLink => BROKEN_LINK,
            _ if named => return true,
            _ => NOT_A_PICTURE,
        };
        let path = join(&place.path, &entry.name.to_string_lossy());
        if named && kind == Kind::BrokenLink {
            self.pile.findings.add(path, oddity);
            return true;
        }
        self.ignore(path, oddity);
        false
    }

    fn ignore(&mut self, path: String, oddity: Oddity<'_>) {
        self.pile.ignored += 1;
        self.pile.findings.add(path, oddity);
    }

    /// Records are text, and a name that is none could not be found again.
    fn text_name<'e>(&mut self, place: &Place, entry: &'e Entry) -> Option<&'e str> {
        let name = entry.name.to_str();
        if name.is_none() {
            let path = join(&place.path, &entry.name.to_string_lossy());
            self.pile.findings.add(path, BAD_NAME);
        }
        name
    }

    /// The folder `name` in `place`, unless it is one of those above.
    fn step(&mut self, place: &Place, name: &str, linked: bool) -> Option<Place> {
        let path = join(&place.path, name);
        let real = match linked {
            false => Ok(place.real.join(name)),
            true => Path::new(&path).canonicalize(),
        };
        match real {
            Ok(real) if !self.above.contains(&real) => {
                return Some(Place { path, real, again: place.again });
            }
            Ok(_) => self.ignore(path, LOOP),
            Err(_) => self.ignore(path, BROKEN_LINK),
        }
        None
    }

    /// Whether there is anything new in a folder for this class.
    fn arrive(&mut self, place: &mut Place, class: &str) -> bool {
        self.atlas.arrive(place, (self.part, class.to_owned()), &mut self.pile.findings)
    }

    /// The entries of a folder; a finding where the system does not give them.
    fn list(&mut self, place: &Place, class: &str) -> Option<Listing> {
        match list(Path::new(&place.path)) {
            Ok(listing) => {
                self.count(place, &listing);
                Some(listing)
            }
            Err(error) => {
                let fact = format!("{}: {error}", UNREADABLE_FOLDER.fact);
                let oddity = Oddity { fact: &fact, ..UNREADABLE_FOLDER };
                self.pile.findings.add(place.path.clone(), oddity);
                if self.wants(class) {
                    self.class(class, &place.path).unreadable = true;
                }
                None
            }
        }
    }

    fn count(&mut self, place: &Place, listing: &Listing) {
        self.pile.litter += listing.litter;
        self.atlas.folders.push(Folder { path: place.path.clone(), entries: listing.count });
    }
}
