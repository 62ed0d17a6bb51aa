//! The programs `train` and `evaluate`: manners, bad input, Ctrl-C.
#![expect(clippy::unwrap_used, reason = "a test ends with its first failure")]

mod bad_cache;
mod bad_pipeline;
mod bad_resume;
mod bad_run;
mod bad_training;
mod campaign;
mod devices;
mod find_lr;
mod interrupt;
mod killed;
mod learning;
mod manners;
mod programs;
mod resume;
