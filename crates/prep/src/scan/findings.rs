//! Findings as they come up, those of a kind put together, and what may be odd
//! in a folder.

use shoebox_artifact::records::{Finding, Severity};

/// The findings of one part. What is true of many files alike is one finding
/// with their paths, so that a hundred thousand oddities stay readable.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

/// What was found, without where.
#[derive(Debug, Clone, Copy)]
pub(super) struct Oddity<'a> {
    pub(super) kind: &'a str,
    pub(super) severity: Severity,
    pub(super) fact: &'a str,
    pub(super) remedy: &'a str,
}

impl Findings {
    /// Adds `path` to the finding of this oddity.
    pub(super) fn add(&mut self, path: String, oddity: Oddity<'_>) {
        let Oddity { kind, severity, fact, remedy } = oddity;
        let known = self.0.iter_mut().find(|known| known.kind == kind && known.fact == fact);
        match known {
            Some(finding) => {
                finding.count += 1;
                if finding.paths.len() < Finding::MAX_PATHS {
                    finding.paths.push(path);
                }
            }
            None => self.0.push(Finding::new(kind, severity, vec![path], fact, remedy)),
        }
    }

    pub(super) fn into_list(self) -> Vec<Finding> {
        self.0
    }
}

pub(super) const JOINED_FOLDERS: Oddity<'static> = Oddity {
    kind: "joined_folders",
    severity: Severity::Note,
    fact: "folders of this name in different branches are one class",
    remedy: "rename them, or set data.labels to `top`, if they should not be",
};

pub(super) const NESTED_FOLDER: Oddity<'static> = Oddity {
    kind: "nested_folder",
    severity: Severity::Warning,
    fact: "a folder inside a class folder is not searched",
    remedy: "set data.labels to `top` or `leaf`, or move its pictures one level up",
};

pub(super) const MIXED_FOLDER: Oddity<'static> = Oddity {
    kind: "mixed_folder",
    severity: Severity::Warning,
    fact: "there are pictures beside the folders, so this folder is a class of its own",
    remedy: "move them into one of the folders, or select with data.classes",
};

pub(super) const NOT_A_FILE: Oddity<'static> = Oddity {
    kind: "not_a_file",
    severity: Severity::Warning,
    fact: "a pipe, a socket or a device, which is not read",
    remedy: "remove it",
};

pub(super) const NOT_A_PICTURE: Oddity<'static> = Oddity {
    kind: "not_a_picture",
    severity: Severity::Warning,
    fact: "its extension is not that of a picture",
    remedy: "name it after its format if it is one (jpg, png, webp, gif, bmp, tif), or take it away",
};

pub(super) const BROKEN_LINK: Oddity<'static> = Oddity {
    kind: "broken_link",
    severity: Severity::Warning,
    fact: "a symbolic link that leads nowhere",
    remedy: "restore what it led to, or remove the link",
};

pub(super) const LOOP: Oddity<'static> = Oddity {
    kind: "link_loop",
    severity: Severity::Warning,
    fact: "a link back to a folder above it, which is not followed",
    remedy: "remove the link",
};

pub(super) const BAD_NAME: Oddity<'static> = Oddity {
    kind: "bad_name",
    severity: Severity::Error,
    fact: "the name is not valid UTF-8",
    remedy: "rename it",
};

pub(super) const UNREADABLE_FOLDER: Oddity<'static> = Oddity {
    kind: "unreadable_folder",
    severity: Severity::Error,
    // What the system says follows.
    fact: "cannot list the folder",
    remedy: "check that you may read it",
};
