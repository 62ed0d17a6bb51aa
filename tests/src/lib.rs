//! What the end-to-end tests share: fixtures that other software computed,
//! a small real project on disk ([`Project`]), and the table of bad input
//! that the guide shows ([`assert_documented`]).

mod bad_input;
mod fixture;
mod formula;
mod outcome;
mod pictures;
mod project;
mod python;

pub use bad_input::{Said, assert_documented, documented_cases};
pub use fixture::{Fixture, relative_difference};
pub use formula::{formula_pictures, formula_tensor};
pub use outcome::{assert_same_training, tensors};
pub use pictures::draw;
pub use project::{CLASSES, Project, Quiet, contents};
pub use python::python;

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().expect("the workspace is there")
}
