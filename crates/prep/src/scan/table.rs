//! Parts that a table names: one row a picture.
//!
//! ```text
//! path,label,split          in any order; other columns are not used
//! shoes/1.jpg,adidas,train  relative to the table's folder, or absolute
//! "shoes/1, b.jpg",nike,val
//! ```

mod read;

use super::{
    Scan, ScannedPart, check_selection,
    findings::{Findings, Oddity},
    join, quoted, spell,
};
use crate::{
    PrepError,
    picture::{Candidate, Part},
};
use read::{Row, Rows, fault, read};
use shoebox_artifact::records::Severity;
use shoebox_spec::SplitSpec;
use std::{borrow::Cow, fs, io::ErrorKind, path::Path};

/// Reads the table at `path`.
///
/// # Errors
/// [`PrepError::Table`] for a table that cannot be read, has another form, or
/// lacks a part or a second class; [`PrepError::NoSuchClass`] when `selected`
/// names a label that no row has.
pub(super) fn scan(
    path: &Path,
    selected: Option<&[String]>,
    split: Option<SplitSpec>,
) -> Result<Scan, PrepError> {
    let rows = read(path, split.is_some())?;
    let mut table = Table { path, findings: Findings::default(), ignored: [0; 3] };
    table.note_extra_columns(&rows.extra_columns);
    let rows = table.select(rows, selected)?;
    let parts = table.parts(&rows.rows, split.is_some())?;
    let class_names = table.classes(&rows, &parts)?;
    let files = table.files(rows, &class_names);
    Ok(table.finish(class_names, &parts, files))
}

struct Table<'a> {
    path: &'a Path,
    findings: Findings,
    /// Rows that are not used, by part.
    ignored: [u64; 3],
}

impl Table<'_> {
    fn fault(&self, fact: &str, remedy: &str) -> PrepError {
        fault(self.path, None, fact, remedy)
    }

    fn note(&mut self, kind: &str, severity: Severity, fact: &str, remedy: &str) {
        self.findings.add(spell(self.path), Oddity { kind, severity, fact, remedy });
    }

    fn note_extra_columns(&mut self, columns: &[String]) {
        if !columns.is_empty() {
            let fact = format!("columns that are not used: {}", quoted(columns));
            self.note("extra_columns", Severity::Note, &fact, "take them away if that misleads");
        }
    }

    /// The rows whose labels the pipeline wants.
    fn select(&mut self, mut rows: Rows, selected: Option<&[String]>) -> Result<Rows, PrepError> {
        let Some(classes) = selected else { return Ok(rows) };
        let mut known = rows.labels.clone();
        known.sort_unstable();
        check_selection(self.path, selected, &known)?;
        known.retain(|name| !classes.contains(name));
        if !known.is_empty() {
            let fact = format!("data.classes leaves out {}", quoted(&known));
            self.note("left_out", Severity::Note, &fact, "name them there to use them");
        }
        let labels = &rows.labels;
        rows.rows.retain(|row| classes.contains(&labels[row.label as usize]));
        Ok(rows)
    }

    /// The parts that have rows.
    fn parts(&self, rows: &[Row], divided: bool) -> Result<Vec<Part>, PrepError> {
        let has = |part: &Part| rows.iter().any(|row| row.part == *part);
        let lacking = [Part::Train, Part::Val].into_iter().find(|part| !has(part));
        match lacking {
            Some(part) if !divided => {
                let fact = format!("no row has the split `{part}`");
                let remedy =
                    "give rows to train and to val, or set data.split instead of the column";
                Err(self.fault(&fact, remedy))
            }
            _ => Ok(Part::ALL.into_iter().filter(has).collect()),
        }
    }

    /// The labels of train, sorted. Others must be among them; a part may lack some.
    fn classes(&mut self, rows: &Rows, parts: &[Part]) -> Result<Vec<String>, PrepError> {
        let names = rows.names(Part::Train);
        if let [class] = &names[..] {
            let fact = format!("there is only one label, `{class}`");
            return Err(self.fault(&fact, "a classifier needs at least two"));
        }
        for part in parts {
            let own = rows.names(*part);
            let strays: Vec<_> = own.iter().filter(|name| !names.contains(name)).collect();
            if !strays.is_empty() {
                let fact = format!("{part} has labels that train has not: {}", quoted(&strays));
                let remedy = "add train rows with them, or take theirs away";
                return Err(self.fault(&fact, remedy));
            }
            for class in names.iter().filter(|name| !own.contains(name)) {
                let fact =
                    format!("{part} has no row of class `{class}`, so it is not measured there");
                let remedy = "add some, if it should be";
                self.note("missing_class", Severity::Warning, &fact, remedy);
            }
        }
        Ok(names.into_iter().map(str::to_owned).collect())
    }

    /// The pictures, each once, without those that are not there.
    fn files(&mut self, rows: Rows, class_names: &[String]) -> Vec<Candidate> {
        let base = spell(self.path.parent().unwrap_or(Path::new("")));
        let Rows { rows, labels, .. } = rows;
        let place = |row: Row| {
            let label = class_names.binary_search(&labels[row.label as usize]).unwrap_or_default();
            let path = resolve(&base, &row.path);
            Candidate { path, label: label as u32, part: row.part }
        };
        let mut files: Vec<Candidate> = rows.into_iter().map(place).collect();
        // A stable sort: of rows that name the same file, the first one counts.
        files.sort_by(|a, b| direct(&a.path).cmp(&direct(&b.path)));
        files.dedup_by(|later, first| {
            direct(&later.path) == direct(&first.path) && self.repeats(first, later)
        });
        files.retain(|file| self.is_there(file));
        files
    }

    /// Notes a file that the table names again; always true.
    fn repeats(&mut self, first: &Candidate, later: &Candidate) -> bool {
        let oddity = match later {
            _ if first.label != later.label => TWO_LABELS,
            _ if first.part != later.part => TWO_SPLITS,
            _ => REPEATED_ROW,
        };
        self.ignored[later.part as usize] += 1;
        self.findings.add(later.path.clone(), oddity);
        true
    }

    /// Whether there is a file; what cannot be told is left to reading it.
    fn is_there(&mut self, file: &Candidate) -> bool {
        let oddity = match fs::metadata(&file.path) {
            Ok(found) if found.is_file() => return true,
            Ok(_) => NOT_A_FILE,
            Err(error)
                if matches!(error.kind(), ErrorKind::NotFound | ErrorKind::NotADirectory) =>
            {
                if file.path.contains('\\') { BACKSLASHES } else { MISSING_FILE }
            }
            Err(_) => return true,
        };
        self.ignored[file.part as usize] += 1;
        self.findings.add(file.path.clone(), oddity);
        false
    }

    fn finish(self, class_names: Vec<String>, parts: &[Part], files: Vec<Candidate>) -> Scan {
        let source = spell(self.path);
        let count = |part: Part| files.iter().filter(|file| file.part == part).count() as u64;
        let scanned = |part: &Part| ScannedPart {
            part: *part,
            source: source.clone(),
            found: count(*part),
            ignored: self.ignored[*part as usize],
        };
        Scan {
            class_names,
            parts: parts.iter().map(scanned).collect(),
            files,
            folders: Vec::new(),
            watched: vec![source.clone()],
            findings: self.findings.into_list(),
        }
    }
}

impl Rows {
    /// The labels of a part's rows, sorted by bytes.
    fn names(&self, part: Part) -> Vec<&str> {
        let mut used = vec![false; self.labels.len()];
        for row in self.rows.iter().filter(|row| row.part == part) {
            used[row.label as usize] = true;
        }
        let labels = self.labels.iter().zip(used).filter(|(_, used)| *used);
        let mut names: Vec<_> = labels.map(|(name, _)| name.as_str()).collect();
        names.sort_unstable();
        names
    }
}

/// A path of the table, as the spec would name the file; `./a//b` is `a/b`.
fn resolve(base: &str, path: &str) -> String {
    if Path::new(path).is_absolute() {
        return spell(Path::new(path));
    }
    let steps = path.split('/').filter(|step| !matches!(*step, "" | "."));
    join(base, &steps.collect::<Vec<_>>().join("/"))
}

/// The path without steps into a folder and out of it again, to compare it
/// with others: `a/../b` is `b`. It may name another file where `a` is a link.
fn direct(path: &str) -> Cow<'_, str> {
    if !path.split('/').any(|step| step == "..") {
        return path.into();
    }
    let mut steps: Vec<&str> = Vec::new();
    for step in path.split('/') {
        let enters = steps.last().is_some_and(|last| !matches!(*last, "" | ".."));
        if step == ".." && enters {
            steps.pop();
        } else {
            steps.push(step);
        }
    }
    steps.join("/").into()
}

const REPEATED_ROW: Oddity<'static> = Oddity {
    kind: "repeated_row",
    severity: Severity::Note,
    fact: "the table names this file more than once; it is used once",
    remedy: "remove the other rows",
};

const TWO_LABELS: Oddity<'static> = Oddity {
    kind: "two_labels",
    severity: Severity::Error,
    fact: "the table gives this file two labels",
    remedy: "remove the wrong row",
};

const TWO_SPLITS: Oddity<'static> = Oddity {
    kind: "two_splits",
    severity: Severity::Error,
    fact: "the table puts this file into two splits",
    remedy: "remove one of the rows",
};

const MISSING_FILE: Oddity<'static> = Oddity {
    kind: "missing_file",
    severity: Severity::Error,
    fact: "the table names this file, but it is not there",
    remedy: "paths are relative to the table's folder; correct the row, or remove it",
};

const BACKSLASHES: Oddity<'static> =
    Oddity { remedy: "write `/` between folders, or remove the row", ..MISSING_FILE };

const NOT_A_FILE: Oddity<'static> = Oddity {
    kind: "not_a_file",
    severity: Severity::Error,
    fact: "the table names this as a file, but it is none",
    remedy: "correct the row, or remove it",
};
