//! What `prep` does, one sentence a test.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

mod caches;
mod damage;
mod entries;
mod faults;
mod folders;
mod incremental;
mod nested;
mod photographs;
mod planar;
mod program;
mod project;
mod pruning;
mod reference;
mod rows;
mod shelf;
mod split;
mod stamps;
mod table;
mod unreadable;
