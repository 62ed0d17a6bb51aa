//! Sizes and aspect ratios that are far from the recipe's.

use super::{Subject, about, select};
use crate::picture::Picture;
use shoebox_artifact::records::{Finding, Severity};
use shoebox_spec::{Filter, Resize};

/// A picture with a side this many times shorter than the row's is enlarged
/// so much that it says little.
const ENLARGED: u64 = 2;

/// A picture with both sides this many times longer than the row's costs much
/// time and shows nothing of it.
const REDUCED: u64 = 20;

/// Aspect ratios that differ by more than this factor are far apart.
const STRETCHED: u64 = 2;

/// Of rows with a side below this, in pixels, single pixels of a photograph say
/// too little to know its copies by. Of 402 photographs of shoes and their
/// halved copies, `stretch: bilinear` hides 133 at 32×32, 27 at 64×64 and none
/// at 96×96; of larger photographs it shows less.
const SPARSE: u64 = 128;

/// Pictures whose sides are at most this many times those of the row give all of
/// their pixels to it.
const SPARED: u64 = 2;

pub fn all(subject: &Subject) -> Vec<Finding> {
    let each = [small(subject), huge(subject), sparse(subject), aspect(subject)];
    each.into_iter().flatten().collect()
}

/// Width and height of a picture and of the row, in pixels.
fn sides(subject: &Subject, picture: &Picture) -> [(u64, u64); 2] {
    let [height, width] = subject.recipe.image_size.map(u64::from);
    [(u64::from(picture.facts.width), width), (u64::from(picture.facts.height), height)]
}

fn size(subject: &Subject) -> String {
    let [height, width] = subject.recipe.image_size;
    format!("{width}×{height}")
}

fn small(subject: &Subject) -> Option<Finding> {
    let found = select(subject.pictures, |picture| {
        sides(subject, picture).iter().any(|(side, row)| side * ENLARGED < *row)
    });
    let least = found.iter().map(|&member| &subject.pictures[member as usize].facts);
    let least = least.min_by_key(|facts| u64::from(facts.width) * u64::from(facts.height))?;
    let fact = format!(
        "a side less than half of {} pixels, so enlarged (the smallest picture has {}×{})",
        size(subject),
        least.width,
        least.height,
    );
    let remedy = "find larger versions, or choose a smaller `image_size`";
    Some(about("small", Severity::Warning, subject.pictures, &found, (fact, remedy)))
}

fn huge(subject: &Subject) -> Option<Finding> {
    let found = select(subject.pictures, |picture| {
        sides(subject, picture).iter().all(|(side, row)| *side > row * REDUCED)
    });
    let largest = found.iter().map(|&member| &subject.pictures[member as usize].facts);
    let largest = largest.max_by_key(|facts| u64::from(facts.width) * u64::from(facts.height))?;
    let fact = format!(
        "both sides more than {REDUCED} times those of {} pixels (the largest picture has {}×{})",
        size(subject),
        largest.width,
        largest.height,
    );
    let remedy = "decoding them takes longest; smaller copies would do, or a larger `image_size`";
    Some(about("huge", Severity::Note, subject.pictures, &found, (fact, remedy)))
}

/// Rows that are picked from single pixels, and copies that this hides.
fn sparse(subject: &Subject) -> Option<Finding> {
    let (Resize::Stretch(filter) | Resize::CenterCrop(filter) | Resize::Letterbox(filter)) =
        subject.recipe.resize;
    if filter != Filter::Bilinear {
        return None;
    }
    let found = select(subject.pictures, |picture| {
        sides(subject, picture).iter().all(|(side, row)| *row < SPARSE && *side > row * SPARED)
    });
    let fact = format!(
        "shrunk to {} pixels by a filter that looks at few of them, so copies of another size may not be recognised",
        size(subject)
    );
    let remedy = "use `bilinear_antialias` in `data.resize`, or a larger `image_size`";
    (!found.is_empty())
        .then(|| about("sparse", Severity::Note, subject.pictures, &found, (fact, remedy)))
}

fn aspect(subject: &Subject) -> Option<Finding> {
    let found = select(subject.pictures, |picture| {
        let [(width, row_width), (height, row_height)] = sides(subject, picture);
        let (wide, high) = (width * row_height, height * row_width);
        wide > high * STRETCHED || high > wide * STRETCHED
    });
    if found.is_empty() {
        return None;
    }
    let (outcome, remedy) = match subject.recipe.resize {
        Resize::Stretch(_) => (
            "so what they show is squeezed to less than half of its width or height",
            "crop them, or try `data.resize` with `center_crop` or `letterbox`",
        ),
        Resize::CenterCrop(_) => (
            "so more than half of each is cut away",
            "crop them yourself to what matters, or try `data.resize` with `letterbox`",
        ),
        Resize::Letterbox(_) => (
            "so more than half of each row is black",
            "crop them to what matters, or try `data.resize` with `center_crop`",
        ),
    };
    let fact = format!(
        "an aspect ratio more than {STRETCHED} times that of {} pixels, {outcome}",
        size(subject)
    );
    Some(about("aspect_ratio", Severity::Warning, subject.pictures, &found, (fact, remedy)))
}
