//! Reading a spec. This is the only file that knows the YAML library.

use crate::{
    error::SpecError,
    keys::{KeyPath, Problem, Segment},
    pipeline::PipelineSpec,
    suggest::with_nearest,
};
use serde::de::{
    DeserializeSeed, Deserializer, Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor,
};
use serde_yaml::{Value, with::singleton_map_recursive};
use std::{fmt, fs, path::Path};

/// Reads the pipeline at `path`, applies the `key.path=value` assignments of
/// `--set` in order, and validates the result.
///
/// # Errors
/// A [`SpecError`] that names the file, the line and the remedy.
pub fn load(path: &Path, assignments: &[String]) -> Result<PipelineSpec, SpecError> {
    let text = fs::read_to_string(path)
        .map_err(|source| SpecError::Read { path: path.to_owned(), source })?;
    parse(&text, &path.display().to_string(), assignments)
}

/// Like [`load()`] for a text in memory; `origin` stands for its path in messages.
///
/// # Errors
/// A [`SpecError`] that names `origin`, the line and the remedy.
pub fn parse(text: &str, origin: &str, assignments: &[String]) -> Result<PipelineSpec, SpecError> {
    let mut spec: PipelineSpec =
        singleton_map_recursive::deserialize(serde_yaml::Deserializer::from_str(text))
            .map_err(|error| parse_error(origin, &error))?;
    if !assignments.is_empty() {
        let tree = serde_yaml::from_str(text).map_err(|error| parse_error(origin, &error))?;
        spec = override_with(spec, tree, assignments)?;
    }
    spec.validate().map_err(|problem| match to_blame(assignments, &problem.key) {
        Some(assignment) => {
            SpecError::Set { assignment: assignment.clone(), message: problem.message }
        }
        None => place_problem(text, origin, problem),
    })?;
    Ok(spec)
}

/// `spec`, which `tree` says, with every assignment made. Only the last state
/// needs to be a spec; when it is none, the first assignment that broke it is named.
fn override_with(
    spec: PipelineSpec,
    mut tree: Value,
    assignments: &[String],
) -> Result<PipelineSpec, SpecError> {
    let mut state = Ok(spec);
    for assignment in assignments {
        assign(&mut tree, assignment)?;
        state = match (singleton_map_recursive::deserialize(tree.clone()), state) {
            (Ok(spec), _) => Ok(spec),
            (Err(_), Err(first)) => Err(first),
            (Err(error), Ok(_)) => Err(set_error(assignment, &error)),
        };
    }
    state
}

/// The last assignment at, above or below `key`.
fn to_blame<'a>(assignments: &'a [String], key: &KeyPath) -> Option<&'a String> {
    assignments.iter().rev().find(|assignment| {
        let assigned = KeyPath::new(assignment.split('=').next().unwrap_or_default());
        assigned.segments.iter().zip(&key.segments).all(|(a, b)| a == b)
    })
}

impl PipelineSpec {
    /// A [`Problem`] that showed up after loading (the data's classes don't
    /// fit the network, say) as an error that names the file and the line.
    pub fn locate(&self, path: &Path, problem: Problem) -> SpecError {
        let text = fs::read_to_string(path).unwrap_or_default();
        place_problem(&text, &path.display().to_string(), problem)
    }
}

fn parse_error(origin: &str, error: &serde_yaml::Error) -> SpecError {
    let place = match error.location() {
        Some(location) => format!("{origin}:{}:{}", location.line(), location.column()),
        None => origin.to_owned(),
    };
    SpecError::Parse { place, message: with_nearest(&bare_message(error)) }
}

fn set_error(assignment: &str, error: &serde_yaml::Error) -> SpecError {
    SpecError::Set {
        assignment: assignment.to_owned(),
        message: with_nearest(&bare_message(error)),
    }
}

/// The library's message without the ` at line 3 column 5` it ends with, and
/// without Rust's words for things.
fn bare_message(error: &serde_yaml::Error) -> String {
    let mut text = error.to_string();
    if let Some(end) = text.rfind(" at line ") {
        text.truncate(end);
    }
    PLAIN_WORDS.iter().fold(text, |text, (rust, plain)| text.replace(rust, plain))
}

const PLAIN_WORDS: [(&str, &str); 9] = [
    ("expected u32", "expected a whole number, 0 or more"),
    ("expected u64", "expected a whole number, 0 or more"),
    ("expected f64", "expected a number"),
    ("expected a sequence", "expected a list, as in `[a, b]` or with a dash before each"),
    ("expected an array of length 2", "expected two numbers such as [0.5, 1]"),
    ("expected struct SplitSpec", "expected a map such as {val: 0.2, test: 0.1, seed: 7}"),
    ("expected struct Limits", "expected a map such as {pixels: 100000000}"),
    (
        "invalid value: map, expected map with a single key",
        "expected exactly one choice, as in `{stretch: bilinear}`",
    ),
    (
        "invalid type: unit variant, expected newtype variant",
        "a choice without its value, expected something like `{stretch: bilinear}`",
    ),
];

fn place_problem(text: &str, origin: &str, problem: Problem) -> SpecError {
    let place = match locate(text, &problem.key) {
        Some((line, column)) => format!("{origin}:{line}:{column}"),
        None => origin.to_owned(),
    };
    SpecError::Invalid { place, key: problem.key.to_string(), message: problem.message }
}

/// Sets one value of the tree, as `key.path=value` says.
fn assign(tree: &mut Value, assignment: &str) -> Result<(), SpecError> {
    let fail = |message: String| SpecError::Set { assignment: assignment.to_owned(), message };
    let (key, value) = assignment
        .split_once('=')
        .ok_or_else(|| fail("there is no `=`; write it as train.epochs=5".to_owned()))?;
    let value = serde_yaml::from_str(value).map_err(|error| fail(bare_message(&error)))?;
    let mut place = tree;
    for segment in KeyPath::new(key).segments {
        place = step_into(place, &segment).map_err(&fail)?;
    }
    *place = value;
    Ok(())
}

/// The value at `segment`; a key that is not there yet is made, so that
/// defaults can be overridden (a misspelt one is refused when the tree is read).
fn step_into<'tree>(tree: &'tree mut Value, segment: &Segment) -> Result<&'tree mut Value, String> {
    if tree.is_null() {
        *tree = Value::Mapping(serde_yaml::Mapping::new());
    }
    match (tree, segment) {
        (Value::Mapping(map), Segment::Key(key)) => {
            Ok(map.entry(Value::String(key.clone())).or_insert(Value::Null))
        }
        (Value::Sequence(list), Segment::Index(index)) => {
            let length = list.len();
            list.get_mut(*index).ok_or_else(|| {
                format!(
                    "position {index} is beyond the list's {length} entries, which count from 0"
                )
            })
        }
        (Value::Sequence(_), Segment::Key(key)) => {
            Err(format!("`{key}` is not a position in the list; give a number from 0"))
        }
        (_, Segment::Key(key)) => Err(format!(
            "`{key}` stands below a value that is not a map; set the whole value, as in train.optimizer='{{sgd: {{momentum: 0.9}}}}'"
        )),
        (_, Segment::Index(index)) => {
            Err(format!("position {index} stands below a value that is not a list"))
        }
    }
}

/// The line and column (from 1) of the value at `key`; of the nearest value
/// around it where the text leaves `key` to its default.
fn locate(text: &str, key: &KeyPath) -> Option<(usize, usize)> {
    (0..=key.segments.len()).rev().find_map(|length| {
        let probe = Probe(&key.segments[..length]);
        let error = probe.deserialize(serde_yaml::Deserializer::from_str(text)).err()?;
        let reached = error.to_string().contains(REACHED);
        error.location().filter(|_| reached).map(|place| (place.line(), place.column()))
    })
}

/// The library tells the line of an error and of nothing else: this walks to
/// a value and fails there on purpose.
struct Probe<'a>(&'a [Segment]);

const REACHED: &str = "the probe has arrived";

impl<'de> DeserializeSeed<'de> for Probe<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Probe<'_> {
    type Value = ();

    /// Every `visit_` that is not below fails with this text.
    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(if self.0.is_empty() { REACHED } else { "a map or a list" })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else {
            return Err(A::Error::custom(REACHED));
        };
        while let Some(key) = map.next_key::<String>()? {
            match first {
                Segment::Key(wanted) if *wanted == key => map.next_value_seed(Probe(rest))?,
                _ => drop(map.next_value::<IgnoredAny>()?),
            }
        }
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let Some((first, rest)) = self.0.split_first() else {
            return Err(A::Error::custom(REACHED));
        };
        for position in 0.. {
            let found = match first {
                Segment::Index(wanted) if *wanted == position => {
                    list.next_element_seed(Probe(rest))?
                }
                _ => list.next_element::<IgnoredAny>()?.map(drop),
            };
            if found.is_none() {
                break;
            }
        }
        Ok(())
    }
}
