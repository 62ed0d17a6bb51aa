//! Chance that follows from where training stands: no generator's state has to
//! be kept for a training to go on as if it had never been interrupted.

use rand::{RngCore, SeedableRng};
use rand_chacha::ChaCha8Rng;

/// What a batch is trained on for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Phase {
    /// The head alone, before the first epoch of all that is trained.
    Head,
    /// All that is trained.
    All,
}

/// Seeds libtorch's generators, from which dropout draws, for a `batch` (from
/// 0) of an `epoch` (from 1).
pub(crate) fn seed_batch(seed: u64, phase: Phase, epoch: u32, batch: usize) {
    tch::manual_seed(batch_seed(seed, phase, epoch, batch).cast_signed());
}

/// The streams of an epoch's batches begin where those of the epochs' orders
/// ([`crate::epoch_order`]) end.
fn batch_seed(seed: u64, phase: Phase, epoch: u32, batch: usize) -> u64 {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(u64::from(epoch) << 32 | batch as u64);
    let head = random.next_u64();
    if phase == Phase::Head { head } else { random.next_u64() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn every_batch_of_every_epoch_has_a_seed_of_its_own_that_stays() {
        let mut seeds = BTreeSet::new();
        for (seed, phase) in [(0, Phase::Head), (0, Phase::All), (1, Phase::All)] {
            for (epoch, batch) in (1..20).flat_map(|epoch| (0..50).map(move |batch| (epoch, batch)))
            {
                let drawn = batch_seed(seed, phase, epoch, batch);
                assert_eq!(drawn, batch_seed(seed, phase, epoch, batch));
                // libtorch's generator on the CPU takes the lower half.
                seeds.insert(drawn as u32);
            }
        }
        assert_eq!(seeds.len(), 3 * 19 * 50);
    }
}
