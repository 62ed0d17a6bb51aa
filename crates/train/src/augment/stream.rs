//! Where chance comes from.

use crate::order::Visit;
use rand::SeedableRng;
use rand_chacha::ChaCha8Rng;

/// The stream of numbers that a picture's changes are drawn from.
pub(super) fn of_picture(seed: u64, epoch: u32, visit: Visit) -> ChaCha8Rng {
    stream(seed, epoch, visit, b"picture ")
}

/// The stream of numbers that a sample's second picture is drawn from.
pub(super) fn of_partner(seed: u64, epoch: u32, visit: Visit) -> ChaCha8Rng {
    stream(seed, epoch, visit, b"partner ")
}

/// The stream of numbers that its share is drawn from.
pub(super) fn of_mixing(seed: u64, epoch: u32, visit: Visit) -> ChaCha8Rng {
    stream(seed, epoch, visit, b"mixing  ")
}

/// The whole key of the cipher is what the numbers follow from, so no two
/// streams have anything in common.
fn stream(seed: u64, epoch: u32, visit: Visit, purpose: &[u8; 8]) -> ChaCha8Rng {
    let mut key = [0; 32];
    key[..8].copy_from_slice(&seed.to_le_bytes());
    key[8..12].copy_from_slice(&epoch.to_le_bytes());
    key[12..16].copy_from_slice(&visit.time.to_le_bytes());
    key[16..24].copy_from_slice(&(visit.row as u64).to_le_bytes());
    key[24..].copy_from_slice(purpose);
    ChaCha8Rng::from_seed(key)
}
