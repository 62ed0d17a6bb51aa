//! Which folders were reached, by whatever way, and what their pictures are
//! used for: links may lead to the same folder again.

use crate::{
    picture::Part,
    scan::findings::{Findings, Oddity},
};
use shoebox_artifact::records::{Folder, Severity};
use std::{collections::HashMap, path::PathBuf};

/// What is known across all parts.
#[derive(Debug, Default)]
pub(in crate::scan) struct Atlas {
    /// Every folder that was listed.
    pub(in crate::scan) folders: Vec<Folder>,
    /// By the folder that links lead to in the end.
    visits: HashMap<PathBuf, Visit>,
}

/// The first way into a folder, and what its pictures were used for.
#[derive(Debug)]
struct Visit {
    path: String,
    uses: Vec<Use>,
}

/// The part and the class that pictures are used for.
type Use = (Part, String);

/// A folder on the way.
#[derive(Debug)]
pub(super) struct Place {
    /// As the records name it.
    pub(super) path: String,
    /// Where links lead to in the end.
    pub(super) real: PathBuf,
    /// Whether the folder, or one above it, was reached before by another way.
    pub(super) again: bool,
}

impl Atlas {
    /// Notes a folder that was reached before. False when there is nothing new
    /// in it for this use, which also bounds the walk where links branch.
    pub(super) fn arrive(
        &mut self,
        place: &mut Place,
        usage: Use,
        findings: &mut Findings,
    ) -> bool {
        let Some(visit) = self.visits.get_mut(&place.real) else {
            let visit = Visit { path: place.path.clone(), uses: vec![usage] };
            self.visits.insert(place.real.clone(), visit);
            return true;
        };
        let fresh = !visit.uses.contains(&usage);
        if fresh {
            visit.uses.push(usage);
        }
        // Below a folder that was reached again, all are.
        if !place.again {
            note_again(&place.path, &visit.path, fresh, findings);
        }
        place.again = true;
        fresh
    }
}

fn note_again(path: &str, first: &str, fresh: bool, findings: &mut Findings) {
    let (severity, what) = match fresh {
        true => (Severity::Warning, "so its pictures are used more than once"),
        false => (Severity::Note, "so its pictures are used once"),
    };
    let fact = format!("the same folder as {first}, {what}");
    let remedy = "remove the link, or name another folder, if that is not meant";
    findings.add(path.to_owned(), Oddity { kind: "same_folder", severity, fact: &fact, remedy });
}
