//! Who this process is among the processes of a job.
//!
//! Owns reading what launchers leave in the environment ([`Launch::detect`]),
//! the answer ([`Placement`]), and starting ranks on this machine without any
//! launcher ([`Ranks`], for `--nproc`). It opens no connection to other ranks,
//! which is `collective`'s, and knows neither tensors nor files.
//!
//! One module of `launchers/` reads one launcher's variables, so the next
//! launcher is a new file and one line in `detect.rs`.

mod detect;
mod error;
mod launchers;
mod local;
mod nodelist;
mod placement;
mod port;
mod starter;
mod status;
mod variables;

pub use detect::{Flags, Launch};
pub use error::LaunchError;
pub use local::Ranks;
pub use placement::{Launcher, Placement, Rendezvous, Store};
pub use status::RESUME_ME;
