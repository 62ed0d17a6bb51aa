//! Networks built from a spec, the device they run on, and their checkpoints.
//!
//! Owns [`Network`] (layers with Keras's meaning on libtorch's tensors),
//! [`choose_device`], [`Checkpoint`] and published weights
//! ([`load_backbone`]). Refuses a checkpoint or weights of another network, naming each tensor that is missing, extra or misshapen. Knows
//! neither picture files nor the cache.
//!
//! # Memory layout
//! A batch comes as `[B,H,W,3]` bytes and is seen as `[B,3,H,W]` in
//! channels-last memory without a copy; every layer keeps that layout, so
//! `flatten` gives Keras's `(h, w, c)` order without a copy either.
//! Convolution weights are `[out, in, h, w]` and dense weights `[out, in]`,
//! as everywhere in libtorch.

mod checkpoint;
mod device;
mod error;
mod fusion;
mod initial;
mod layers;
mod network;
mod pretrained;
mod resize;
mod tensors;
mod views;

pub use checkpoint::{Checkpoint, ModelCard, NamedTensor};
pub use device::{choose_device, describe_devices, fits_on_device, use_precision};
pub use error::ModelError;
pub use fusion::{Group, groups};
pub use network::{Mode, Network, Parameter};
pub use pretrained::load_backbone;
pub use resize::resize_images;
