//! What libtorch lacks, behind a safe face.
//!
//! Owns the allocator's settings ([`allocator`]), opening the CUDA libraries
//! where they are installed ([`cuda`]), and optimizer support that tch does
//! not wrap ([`adam_step`], [`clear_gradients`]). The C++ is in `cpp/`; this
//! crate is one of the three places that may hold unsafe code. It knows
//! neither specs, nor pictures, nor caches.

pub mod allocator;
pub mod cuda;
mod optimizer;

pub use optimizer::{AdamRates, KernelError, adam_step, clear_gradients, libtorch_version};
