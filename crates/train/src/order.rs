//! The order in which samples are seen.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;

/// The rows `0..rows` in the order of `epoch` (from 1): a permutation that
/// depends on the seed, the epoch and the number of rows alone.
pub fn epoch_order(seed: u64, epoch: u32, rows: usize) -> Vec<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(epoch.into());
    let mut order: Vec<usize> = (0..rows).collect();
    order.shuffle(&mut random);
    order
}

#[cfg(test)]
mod tests {
    use super::epoch_order;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_is_seen_once(seed: u64, epoch in 1u32..1000, rows in 0usize..500) {
            let mut order = epoch_order(seed, epoch, rows);
            order.sort_unstable();
            prop_assert!(order.into_iter().eq(0..rows));
        }
    }

    #[test]
    fn epochs_and_seeds_differ_and_repeat() {
        let order = epoch_order(123, 1, 100);
        assert_eq!(order, epoch_order(123, 1, 100));
        assert_ne!(order, epoch_order(123, 2, 100));
        assert_ne!(order, epoch_order(124, 1, 100));
    }
}
