//! What libtorch lacks, behind a safe face.
//!
//! Owns the allocator's settings ([`allocator`]), opening the CUDA libraries
//! where they are installed ([`cuda`]), optimizer support that tch does not
//! wrap ([`adam_step`], [`clip_gradients`], [`clear_gradients`]), batches gathered in one copy
//! ([`stack_rows`]), pictures that are moved, recoloured and mixed in one pass
//! ([`retouch()`], [`mix()`]), and layers made for the CPU ([`conv_block()`],
//! [`dropout()`], [`linear()`]). The C++ is in `cpp/`; this crate is
//! one of the three places that may hold unsafe code. It knows neither specs,
//! nor pictures, nor caches.
//!
//! Fused layers are autograd functions over `cpp/loops.h`, whose loops are
//! written once in vectors of any width and compiled for each; the widest that
//! the processor has is chosen when the program starts ([`Vectors`]).

pub mod allocator;
mod conv_block;
pub mod cuda;
mod dropout;
mod error;
mod linear;
mod optimizer;
mod precision;
mod retouch;
mod rows;
mod vectors;

pub use conv_block::{ConvBlock, Pool, conv_block, conv_block_in_steps};
pub use dropout::dropout;
pub use error::KernelError;
pub use linear::{linear, linear_pays};
pub use optimizer::{AdamRates, adam_step, clear_gradients, clip_gradients, libtorch_version};
pub use precision::{Autocast, allow_tf32};
pub use retouch::{Mix, Retouch, mix, mix_in_steps, retouch, retouch_in_steps};
pub use rows::stack_rows;
pub use vectors::Vectors;
