use std::time::Duration;

/// What reducing the gradients of one backward pass took, by c10d's own clocks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct CommunicationStats {
    /// How many bytes of gradients this rank has given to be reduced. What goes
    /// over the network is about `2 · (world_size − 1) / world_size` of that, in
    /// and out.
    pub bytes: u64,
    /// In how many parts.
    pub buckets: usize,
    /// From `prepare` to the last gradient.
    pub backward: Duration,
    /// From the start of the first bucket's reduction to the end of the last
    /// one's. The network may be idle in between, so this is an upper bound of
    /// the time that reducing takes.
    pub reduction: Duration,
    /// The end of that, after the last gradient: what the step is longer for it.
    pub exposed: Duration,
}

impl CommunicationStats {
    /// The share of `reduction` that backward hid, 0–1; 1 if there was none.
    pub fn hidden_share(&self) -> f64 {
        if self.reduction.is_zero() {
            return 1.0;
        }
        1.0 - self.exposed.as_secs_f64() / self.reduction.as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::CommunicationStats;
    use std::time::Duration;

    #[test]
    fn what_is_not_exposed_is_hidden() {
        let (reduction, exposed) = (Duration::from_millis(80), Duration::from_millis(20));
        let stats = CommunicationStats { reduction, exposed, ..CommunicationStats::default() };
        assert!((stats.hidden_share() - 0.75).abs() < 1e-12);
        assert_eq!(CommunicationStats::default().hidden_share(), 1.0);
    }
}
