//! Process groups over libtorch's c10d, behind a safe face.
//!
//! Owns joining the ranks of a job ([`ProcessGroup::join`]), their common
//! operations, and reducing gradients while backward goes on ([`Reducer`],
//! which is DDP's own engine). Tensors travel over Gloo, on CPUs. Nothing here
//! moves gradients by itself. It knows neither specs nor caches nor networks;
//! who a process is comes from `launch`.
//!
//! Every call blocks, has a timeout, and answers a [`CollectiveError`] that
//! names rank, operation and step, and the peer where the engine tells. After
//! an error a group is of no more use: drop it and end, which closes the
//! connections, so that the other ranks' operations fail at once.
//!
//! All ranks make the same calls in the same order. The C++ is in `cpp/`; this
//! crate is one of the places that may hold unsafe code.

mod device;
mod error;
mod face;
mod gather;
mod group;
mod peers;
mod reducer;
mod rendezvous;
mod statistics;
mod store;

pub use error::{CollectiveError, Speaker};
pub use group::{ProcessGroup, Timeouts};
pub use reducer::{Compression, Reducer, ReducerOptions};
pub use statistics::CommunicationStats;
