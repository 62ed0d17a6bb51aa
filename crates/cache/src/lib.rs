//! The tensor cache: a folder of prepared pictures that every later stage
//! reads through a memory map.
//!
//! Owns the bytes of a split's files, how a large split is cut into several
//! ([`Sharding`]), writing them ([`SplitWriter`]), reading them
//! ([`TensorCache`]) and finding the cache of a pipeline ([`find()`]).
//! Refuses files that are truncated, that disagree with their manifest, or
//! whose labels are beyond the class names. Knows neither libtorch, nor
//! picture formats, nor the spec.
//!
//! ```text
//! <split>.safetensors, or several of it; any reader of safetensors opens them
//! ┌──────────┬──────────────────────────────┬───────────────┬──────────────────────┐
//! │ u64 LE   │ header: JSON, then spaces    │ labels I64[N] │ images U8[N,H,W,3]   │
//! │ length   │ up to where the labels start │ 8·N bytes     │ row-major, RGB       │
//! └──────────┴──────────────────────────────┴───────────────┴──────────────────────┘
//! 0          8                              8-aligned       a multiple of 4,096
//! ```

mod checksum;
mod error;
mod find;
mod format;
mod moments;
mod reader;
mod shard;
mod sharding;
mod split_writer;
mod table;
mod writer;

pub use checksum::{RowSums, is_intact};
pub use error::CacheError;
pub use find::{Found, find};
pub use format::row_bytes;
pub use moments::Moments;
pub use reader::{Split, TensorCache};
pub use shard::Shard;
pub use sharding::{Sharding, shard_name};
pub use split_writer::{Finishing, Place, Row, SplitWriter};
pub use table::read_table;
pub use writer::{Purpose, ShardWriter, shard_content};
