use std::fmt;

/// Which process speaks, and when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Speaker {
    /// From 0.
    pub rank: u32,
    /// How many ranks there are.
    pub world_size: u32,
    /// The training step, once [`ProcessGroup::at_step`](crate::ProcessGroup::at_step)
    /// has told it.
    pub step: Option<u64>,
}

impl fmt::Display for Speaker {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "rank {} of {}", self.rank, self.world_size)?;
        self.step.map_or(Ok(()), |step| write!(f, ", step {step}"))
    }
}

/// Why ranks could not work together.
#[derive(Debug, thiserror::Error)]
pub enum CollectiveError {
    /// Rank 0 cannot listen.
    #[error(
        "{who}: cannot serve the rendezvous at port {port}: {reason}; \
         choose another port (MASTER_PORT or --master-port) or end what listens there"
    )]
    CannotServe {
        /// Rank 0.
        who: Speaker,
        /// The TCP port.
        port: u16,
        /// The engine's words.
        reason: String,
    },
    /// Nobody answers at the rendezvous.
    #[error("{who}: rank 0 does not answer at {host}:{port}: {reason}")]
    NoAnswer {
        /// Who has tried.
        who: Speaker,
        /// The rendezvous' host.
        host: String,
        /// Its port.
        port: u16,
        /// The engine's words.
        reason: String,
    },
    /// Some ranks did not come in time.
    #[error("{who}: waited {seconds} s for the other ranks; missing: {}", ranks(.missing))]
    Missing {
        /// Who has waited.
        who: Speaker,
        /// For how long.
        seconds: u64,
        /// Those that did not come.
        missing: Vec<u32>,
    },
    /// An operation could not be done together.
    #[error("{who}: {operation} failed: {reason}{}", by_rank(.peer))]
    Failed {
        /// Who says so.
        who: Speaker,
        /// Such as `all-reduce`.
        operation: &'static str,
        /// The rank that the engine complains of, where it names one.
        peer: Option<u32>,
        /// The engine's words.
        reason: String,
    },
}

fn ranks(ranks: &[u32]) -> String {
    ranks.iter().map(|rank| format!("rank {rank}")).collect::<Vec<_>>().join(", ")
}

fn by_rank(peer: &Option<u32>) -> String {
    peer.map_or_else(String::new, |rank| format!(", which is rank {rank}"))
}
