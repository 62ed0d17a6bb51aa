//! What single files turned out to be.

use super::{about, select};
use crate::{
    facts::{Format, Notes},
    picture::Picture,
};
use shoebox_artifact::records::{Finding, Severity};

pub fn all(pictures: &[Picture]) -> Vec<Finding> {
    let lies = Format::ALL.into_iter().filter_map(|format| wrong_extension(pictures, format));
    let treated = TREATMENTS.iter().filter_map(|treatment| treated(pictures, treatment));
    blank(pictures).into_iter().chain(lies).chain(treated).collect()
}

/// Pictures that are not whole.
pub fn repaired(pictures: &[Picture]) -> Option<Finding> {
    let found = select(pictures, |picture| picture.facts.notes.has(Notes::REPAIRED));
    let fact =
        "part of the file is missing or damaged, and the decoder made up that part of the picture";
    let remedy =
        "copy it again from where it came from, or refuse such files with `data.truncated: refuse`";
    (!found.is_empty())
        .then(|| about("repaired", Severity::Warning, pictures, &found, (fact.to_owned(), remedy)))
}

fn blank(pictures: &[Picture]) -> Option<Finding> {
    let found = select(pictures, |picture| picture.look.is_some_and(|look| look.blank));
    let fact = "a single colour, or nearly: there is nothing to learn from it";
    let remedy = "look at it, and remove it unless blank pictures are meant";
    (!found.is_empty())
        .then(|| about("blank", Severity::Warning, pictures, &found, (fact.to_owned(), remedy)))
}

/// Files of this content whose extension promises another.
fn wrong_extension(pictures: &[Picture], format: Format) -> Option<Finding> {
    let found = select(pictures, |picture| {
        picture.facts.format == format
            && promised(&picture.candidate.path).is_some_and(|promised| promised != format)
    });
    let fact = format!("a {} by its content, whatever its extension says", format.name());
    let remedy = "rename it: other programs go by the extension";
    (!found.is_empty())
        .then(|| about("wrong_extension", Severity::Note, pictures, &found, (fact, remedy)))
}

/// The format that a path's extension promises.
fn promised(path: &str) -> Option<Format> {
    let name = path.rsplit('/').next()?;
    let (_, extension) = name.rsplit_once('.')?;
    let extension = extension.to_ascii_lowercase();
    Format::ALL.into_iter().find(|format| format.extensions().contains(&extension.as_str()))
}

/// A note of the decoder, with kind, fact and remedy.
type Treatment = (Notes, &'static str, &'static str, &'static str);

const TREATMENTS: [Treatment; 6] = [
    (
        Notes::ROTATED,
        "rotated",
        "turned upright as its EXIF data asks",
        "nothing needs to be done; programs that ignore EXIF see it lying",
    ),
    (
        Notes::CMYK,
        "converted_cmyk",
        "CMYK inks, converted to RGB without a colour profile",
        "if colours matter, convert it with its profile and save it as RGB",
    ),
    (
        Notes::GREY,
        "converted_grey",
        "grey, made into three equal channels",
        "nothing needs to be done, unless only one class is grey: the network would learn that",
    ),
    (
        Notes::ALPHA,
        "converted_alpha",
        "transparent in parts; the transparency was dropped, and what it hid shows",
        "if the background looks odd, save it on a plain background",
    ),
    (
        Notes::DEEP,
        "converted_deep",
        "more than 8 bits a channel, rounded to 8",
        "nothing needs to be done",
    ),
    (
        Notes::FIRST_FRAME,
        "first_frame",
        "several pictures in one file, of which the first is used",
        "save the others as files of their own if they are meant, too",
    ),
];

fn treated(pictures: &[Picture], &(note, kind, fact, remedy): &Treatment) -> Option<Finding> {
    let found = select(pictures, |picture| picture.facts.notes.has(note));
    (!found.is_empty())
        .then(|| about(kind, Severity::Note, pictures, &found, (fact.to_owned(), remedy)))
}
