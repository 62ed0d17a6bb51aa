//! The `data:` section: where the pictures are and how they become tensors.

use crate::{
    audit::AuditSpec,
    keys::Problem,
    picture::{Limits, Resize, Truncated, Unreadable},
    scalar::Pair,
    split::{Nesting, SplitSpec},
};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the pictures are and how each becomes an `[height, width, 3]` u8
/// array. Paths are relative to the working directory.
///
/// There are three ways to say where: a folder per split (`train`, `val`,
/// `test`), one folder to be divided (`path` with `split`), or a table that
/// names every file (`csv`). [`DataSpec::source`] tells which.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSpec {
    /// The training pictures. Its folders name the classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train: Option<PathBuf>,
    /// The pictures that early stopping and the best checkpoint are chosen on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub val: Option<PathBuf>,
    /// Pictures that are only looked at once, after training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
    /// One folder with all the pictures; its folders name the classes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<PathBuf>,
    /// A table with the columns `path`, `label` and, without `split`, `split`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub csv: Option<PathBuf>,
    /// How the pictures of `path` or `csv` are divided.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub split: Option<SplitSpec>,
    /// The classes to use; all of them when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub classes: Option<Vec<String>>,
    /// Which folder names the class where folders lie inside class folders;
    /// when absent, inner folders are not searched, and that is said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub labels: Option<Nesting>,
    /// Height and width of every prepared picture, in pixels.
    #[serde(default = "default_image_size")]
    pub image_size: Pair,
    /// How a picture is brought to `image_size`.
    #[serde(default)]
    pub resize: Resize,
    /// What to do about a file that cannot be decoded.
    #[serde(default)]
    pub unreadable: Unreadable,
    /// What to do about a JPEG that ends too early.
    #[serde(default)]
    pub truncated: Truncated,
    /// What a single picture may cost.
    #[serde(default)]
    pub limits: Limits,
    /// What is looked for in the pictures.
    #[serde(default)]
    pub audit: AuditSpec,
    /// Where the prepared pictures are while training.
    #[serde(default, skip_serializing_if = "Residency::is_auto")]
    pub residency: Residency,
}

/// Where the prepared pictures are while training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Residency {
    /// On a CUDA device where they fit there; else as `host`.
    #[default]
    Auto,
    /// On the device, all of them, from the start.
    Device,
    /// In the cache; each batch goes to the device when it is due.
    Host,
}

impl Residency {
    fn is_auto(&self) -> bool {
        *self == Self::Auto
    }
}

fn default_image_size() -> Pair {
    Pair::square(224)
}

/// The largest side of a prepared picture, in pixels.
const MAX_SIDE: u32 = 4096;

/// Where the pictures are.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Source<'a> {
    /// A folder per split, each with a folder per class.
    Folders {
        /// The training pictures.
        train: &'a Path,
        /// The validation pictures.
        val: &'a Path,
        /// The test pictures, where there are any.
        test: Option<&'a Path>,
    },
    /// One folder with a folder per class, divided by `split`.
    Tree {
        /// The folder.
        path: &'a Path,
        /// The shares.
        split: SplitSpec,
    },
    /// A table that names every picture, divided by a column of its own or,
    /// where given, by `split`.
    Table {
        /// The CSV file.
        path: &'a Path,
        /// The shares, when the table does not say.
        split: Option<SplitSpec>,
    },
}

impl DataSpec {
    /// A section with these folders and every default.
    pub fn of_folders(train: impl Into<PathBuf>, val: impl Into<PathBuf>) -> Self {
        Self {
            train: Some(train.into()),
            val: Some(val.into()),
            test: None,
            path: None,
            csv: None,
            split: None,
            classes: None,
            labels: None,
            image_size: default_image_size(),
            resize: Resize::default(),
            unreadable: Unreadable::default(),
            truncated: Truncated::default(),
            limits: Limits::default(),
            audit: AuditSpec::default(),
            residency: Residency::default(),
        }
    }

    /// What decides about the cache: the section without `residency`.
    pub fn preparation(&self) -> Self {
        Self { residency: Residency::default(), ..self.clone() }
    }

    /// Where the pictures are.
    ///
    /// # Errors
    /// A [`Problem`] when the section says none or more than one of the three ways.
    pub fn source(&self) -> Result<Source<'_>, Problem> {
        let folders = [("train", &self.train), ("val", &self.val), ("test", &self.test)];
        let given = folders.iter().find(|(_, folder)| folder.is_some()).map(|(name, _)| *name);
        match (given, &self.path, &self.csv) {
            (Some(_), None, None) => self.folders(),
            (None, Some(path), None) => match self.split {
                Some(split) => Ok(Source::Tree { path, split }),
                None => Err(Problem::new(
                    "data.path",
                    "one folder must be divided; add split: {val: 0.2, test: 0.1, seed: 7}",
                )),
            },
            (None, None, Some(path)) => Ok(Source::Table { path, split: self.split }),
            (None, None, None) => Err(Problem::new(
                "data",
                "it does not say where the pictures are; give train and val, or path and split, or csv",
            )),
            (Some(name), Some(_), _) => Err(clash("path", name)),
            (Some(name), None, Some(_)) => Err(clash("csv", name)),
            (None, Some(_), Some(_)) => Err(clash("csv", "path")),
        }
    }

    fn folders(&self) -> Result<Source<'_>, Problem> {
        let missing = |name: &str, other: &str| {
            Problem::new(
                "data",
                format!(
                    "`{name}` is missing beside `{other}`; give both, or one path with a split"
                ),
            )
        };
        if self.split.is_some() {
            return Err(Problem::new(
                "data.split",
                "the folders train and val divide the pictures already; give `path` instead of them",
            ));
        }
        match (&self.train, &self.val) {
            (Some(train), Some(val)) => {
                Ok(Source::Folders { train, val, test: self.test.as_deref() })
            }
            (None, Some(_)) => Err(missing("train", "val")),
            (Some(_), None) => Err(missing("val", "train")),
            (None, None) => Err(missing("train", "test")),
        }
    }

    pub(crate) fn validate(&self) -> Result<(), Problem> {
        self.source()?;
        if let Some(split) = self.split {
            split.validate()?;
        }
        self.audit.validate()?;
        self.limits.validate()?;
        self.validate_classes()?;
        if self.labels.is_some() && self.csv.is_some() {
            return Err(Problem::new(
                "data.labels",
                "the table names the label of every picture; take one of the two away",
            ));
        }
        let sides = self.image_size.0;
        if sides.iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
            let [height, width] = sides;
            return Err(Problem::new(
                "data.image_size",
                format!(
                    "[{height}, {width}] is impossible; each side must be 1 to {MAX_SIDE} pixels"
                ),
            ));
        }
        Ok(())
    }

    fn validate_classes(&self) -> Result<(), Problem> {
        let Some(classes) = &self.classes else { return Ok(()) };
        if classes.len() < 2 {
            return Err(Problem::new(
                "data.classes",
                "a classifier needs at least two classes; name more, or leave the key out",
            ));
        }
        let repeated =
            classes.iter().enumerate().find(|(index, name)| classes[..*index].contains(name));
        match repeated {
            None => Ok(()),
            Some((_, name)) => {
                Err(Problem::new("data.classes", format!("`{name}` is named twice; name it once")))
            }
        }
    }
}

fn clash(key: &str, other: &str) -> Problem {
    Problem::new(
        &format!("data.{key}"),
        format!("`{key}` and `{other}` both say where the pictures are; take one of them away"),
    )
}
