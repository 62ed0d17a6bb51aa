//! What `prep` does, one sentence a test.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

mod caches;
mod folders;
mod formats;
mod photographs;
mod program;
mod project;
mod reference;
mod rows;
mod unreadable;
