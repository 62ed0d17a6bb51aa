//! From the CSV's text to rows.

use crate::{PrepError, picture::Part, scan::quoted};
use csv::{ErrorKind, Position, Reader, ReaderBuilder, StringRecord, Trim};
use std::{
    collections::HashMap,
    fs::{self, File},
    path::Path,
};

/// The table as it stands.
#[derive(Debug)]
pub(super) struct Rows {
    pub(super) rows: Vec<Row>,
    /// In the order in which they were met.
    pub(super) labels: Vec<String>,
    /// Columns that mean nothing to `prep`.
    pub(super) extra_columns: Vec<String>,
}

/// One picture of the table.
#[derive(Debug)]
pub(super) struct Row {
    /// As the table spells it, without blanks around it.
    pub(super) path: String,
    /// Position in the labels.
    pub(super) label: u32,
    /// Train where the table does not divide.
    pub(super) part: Part,
}

/// Where the columns are.
struct Columns {
    path: usize,
    label: usize,
    split: Option<usize>,
}

/// Reads the table at `path`. With `divided`, the pipeline divides the rows,
/// and the table must not.
pub(super) fn read(path: &Path, divided: bool) -> Result<Rows, PrepError> {
    let mut reader = ReaderBuilder::new()
        .trim(Trim::Headers)
        .from_path(path)
        .map_err(|error| unreadable(path, error))?;
    let header = reader.headers().map_err(|error| unreadable(path, error))?.clone();
    let columns = columns(path, &header, divided)?;
    let used = [Some(columns.path), Some(columns.label), columns.split];
    let extra = header.iter().enumerate().filter(|(index, _)| !used.contains(&Some(*index)));
    let extra_columns = extra.map(|(_, name)| name.to_owned()).collect();
    let (rows, labels) = read_rows(path, &mut reader, &columns)?;
    if rows.is_empty() {
        return Err(fault(
            path,
            None,
            "there is no row below the first line",
            "add one for each picture",
        ));
    }
    Ok(Rows { rows, labels, extra_columns })
}

fn columns(path: &Path, header: &StringRecord, divided: bool) -> Result<Columns, PrepError> {
    let split = find(path, header, "split")?;
    match (divided, split) {
        (true, Some(_)) => Err(fault(
            path,
            Some(1),
            "there is a column `split`, and data.split divides the pictures too",
            "take one of the two away",
        )),
        (false, None) => Err(missing(path, header, "split", "add it, or set data.split")),
        _ => Ok(Columns {
            path: required(path, header, "path")?,
            label: required(path, header, "label")?,
            split,
        }),
    }
}

fn required(path: &Path, header: &StringRecord, name: &str) -> Result<usize, PrepError> {
    let remedy = "the first line must name the columns, as in path,label,split";
    find(path, header, name)?.ok_or_else(|| missing(path, header, name, remedy))
}

/// The position of a column; nothing where there is none.
fn find(path: &Path, header: &StringRecord, name: &str) -> Result<Option<usize>, PrepError> {
    let mut found =
        header.iter().enumerate().filter(|(_, column)| column.eq_ignore_ascii_case(name));
    let first = found.next().map(|(index, _)| index);
    match found.next() {
        None => Ok(first),
        Some(_) => {
            let fact = format!("there are two columns `{name}`");
            Err(fault(path, Some(1), &fact, "rename one of them"))
        }
    }
}

fn missing(path: &Path, header: &StringRecord, name: &str, remedy: &str) -> PrepError {
    let columns: Vec<_> = header.iter().collect();
    if let [only] = columns[..]
        && let Some(sign) = [';', '\t'].into_iter().find(|sign| only.contains(*sign))
    {
        let fact = format!("the columns are separated by {sign:?}");
        return fault(path, Some(1), &fact, "save the table with commas");
    }
    if columns.is_empty() {
        return fault(
            path,
            None,
            "the table is empty",
            "name the columns in the first line, as in path,label,split",
        );
    }
    let fact = format!("there is no column `{name}`, only {}", quoted(&columns));
    fault(path, Some(1), &fact, remedy)
}

fn read_rows(
    path: &Path,
    reader: &mut Reader<File>,
    columns: &Columns,
) -> Result<(Vec<Row>, Vec<String>), PrepError> {
    let (mut rows, mut labels) = (Vec::new(), HashMap::new());
    let mut record = StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| unreadable(path, error))? {
        let row = read_row(&record, columns, &mut labels).map_err(|(fact, remedy)| {
            let line = record.position().and_then(|position| line(path, position));
            fault(path, line, &fact, remedy)
        })?;
        rows.push(row);
    }
    let mut named: Vec<(String, u32)> = labels.into_iter().collect();
    named.sort_unstable_by_key(|(_, label)| *label);
    Ok((rows, named.into_iter().map(|(name, _)| name).collect()))
}

/// A row, or a fact and a remedy.
fn read_row(
    record: &StringRecord,
    columns: &Columns,
    labels: &mut HashMap<String, u32>,
) -> Result<Row, (String, &'static str)> {
    let value = |column: usize, name: &str| match record.get(column).unwrap_or_default() {
        text if text.trim().is_empty() => {
            Err((format!("the {name} is empty"), "fill it in, or remove the row"))
        }
        // Blanks around a comma are there for the eye.
        text => Ok(text.trim()),
    };
    let path = value(columns.path, "path")?.to_owned();
    let name = value(columns.label, "label")?;
    let part = match columns.split {
        Some(column) => part(value(column, "split")?)?,
        None => Part::Train,
    };
    let next = labels.len() as u32;
    let label = match labels.get(name) {
        Some(known) => *known,
        None => *labels.entry(name.to_owned()).or_insert(next),
    };
    Ok(Row { path, label, part })
}

fn part(word: &str) -> Result<Part, (String, &'static str)> {
    match word.to_ascii_lowercase().as_str() {
        "train" => Ok(Part::Train),
        "val" | "valid" | "validation" => Ok(Part::Val),
        "test" => Ok(Part::Test),
        _ => Err((
            format!("`{word}` is no split"),
            "write `train`, `val` (or `valid`, `validation`) or `test`",
        )),
    }
}

/// The line, from 1, of the row that was read from `position` on. The library
/// counts lines too, but not those that are blank, nor every kind of line end.
fn line(path: &Path, position: &Position) -> Option<u64> {
    let text = fs::read(path).ok()?;
    let (before, after) = text.split_at_checked(position.byte() as usize)?;
    let is_end = |byte: &&u8| **byte == b'\n';
    let blank = after.iter().take_while(|byte| byte.is_ascii_whitespace()).filter(is_end);
    Some((before.iter().filter(is_end).count() + blank.count()) as u64 + 1)
}

/// What the CSV library says, in our words.
fn unreadable(path: &Path, error: csv::Error) -> PrepError {
    let line = error.position().and_then(|position| line(path, position));
    match error.kind() {
        ErrorKind::Io(error) => fault(
            path,
            None,
            &format!("cannot read the table: {error}"),
            "correct the pipeline, or pass --set data.csv=FILE",
        ),
        ErrorKind::Utf8 { .. } => {
            fault(path, line, "the text is not valid UTF-8", "save the table as UTF-8")
        }
        ErrorKind::UnequalLengths { expected_len, len, .. } => fault(
            path,
            line,
            &format!("there are {len} values where the first line names {expected_len} columns"),
            "put values with commas in them between double quotes",
        ),
        _ => fault(path, line, &error.to_string(), "correct the table"),
    }
}

pub(super) fn fault(path: &Path, line: Option<u64>, fact: &str, remedy: &str) -> PrepError {
    let place = match line {
        Some(line) => format!("{}:{line}", path.display()),
        None => path.display().to_string(),
    };
    PrepError::Table { place, fact: fact.to_owned(), remedy: remedy.to_owned() }
}
