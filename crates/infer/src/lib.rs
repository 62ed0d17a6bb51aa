//! One predictor for every program that classifies pictures.
//!
//! Owns [`Predictor`]: a checkpoint, and nothing else, turns picture files
//! into class probabilities. A picture goes through the very function that
//! filled the cache ([`shoebox_prep::prepare()`]), with the recipe that the
//! checkpoint carries, so that training and serving cannot drift. Refuses a
//! checkpoint of another network, and files that are no pictures. Knows
//! nothing of training.

mod error;
mod listing;
mod predictor;

pub use error::InferError;
pub use listing::list_pictures;
pub use predictor::{PictureError, Prediction, Predictor};
