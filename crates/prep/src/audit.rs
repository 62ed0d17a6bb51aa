//! What is noticed about pictures that can all be read: which are the same or
//! alike, and what else may make figures mislead.
//!
//! Owns looking at a row ([`look()`]), finding groups of like pictures without
//! comparing all pairs ([`groups()`]), which of them leak from one part into
//! another ([`dropped()`]), and putting it all into words
//! ([`findings()`]). Reads no file: rows come through a closure.
//!
//! ```text
//! row ─ look ─▶ 64 bits, blank? ─ groups: close hashes, then pixels ─▶ leaks ─▶ dropped
//!                                                     └────────────────────┴──▶ findings
//! ```

mod alike;
mod findings;
mod groups;
mod leaks;
mod look;
mod nearest;
mod sets;
mod shrink;

#[cfg(test)]
mod scenes;
#[cfg(test)]
mod tests;

pub(crate) use findings::{Subject, arrange, findings, is_fatal, shown_by_decoding};
pub(crate) use groups::{Groups, groups};
pub(crate) use leaks::dropped;
pub(crate) use look::look;
