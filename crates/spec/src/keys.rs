//! Where in a spec something stands: `model.layers[3].conv2d`.

use std::fmt;

/// One step of a [`KeyPath`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Segment {
    /// A key of a map.
    Key(String),
    /// A position in a list, from 0.
    Index(usize),
}

/// The place of a value in a spec, written `model.layers[3].conv2d`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyPath {
    pub(crate) segments: Vec<Segment>,
}

impl KeyPath {
    /// The path that `dotted` spells; list positions are plain numbers
    /// (`model.layers.3.conv2d`).
    pub fn new(dotted: &str) -> Self {
        let segment = |part: &str| match part.parse() {
            Ok(index) => Segment::Index(index),
            Err(_) => Segment::Key(part.to_owned()),
        };
        Self { segments: dotted.split('.').map(segment).collect() }
    }
}

impl fmt::Display for KeyPath {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (position, segment) in self.segments.iter().enumerate() {
            match segment {
                Segment::Key(key) if position == 0 => write!(out, "{key}")?,
                Segment::Key(key) => write!(out, ".{key}")?,
                Segment::Index(index) => write!(out, "[{index}]")?,
            }
        }
        Ok(())
    }
}

/// A value that has the right type and still cannot be: where, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// The place in the spec.
    pub key: KeyPath,
    /// The fact and the remedy, a lowercase fragment.
    pub message: String,
}

impl Problem {
    /// A problem at the dotted `key`.
    pub fn new(key: &str, message: impl Into<String>) -> Self {
        Self { key: KeyPath::new(key), message: message.into() }
    }

    /// A problem of the `index`-th layer of the dotted `list`.
    pub(crate) fn layer(list: &str, index: usize, message: impl Into<String>) -> Self {
        Self::new(&format!("{list}.{index}"), message)
    }
}
