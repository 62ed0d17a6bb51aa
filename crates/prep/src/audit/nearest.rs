//! Finding hashes of which few bits differ without comparing all pairs.
//!
//! Multi-index hashing (Norouzi, Punjani, Fleet: “Fast Search in Hamming Space
//! with Multi-Index Hashing”, CVPR 2012): a hash is cut into four bands of 16
//! bits. When two hashes differ in at most `t` bits, then some band `b` differs
//! in at most `r[b]` bits, for any `r` with `Σ(r[b] + 1) = t + 1`: otherwise
//! the bands together differed in more. So only the hashes that share nearly a
//! band are compared.

const BANDS: usize = 4;
const BAND_BITS: u32 = 16;

/// Hashes, sorted by each of their bands: 20 bytes a hash.
#[derive(Debug)]
pub struct HashIndex<'a> {
    hashes: &'a [u64],
    distance: u32,
    bands: Vec<Band>,
}

#[derive(Debug)]
struct Band {
    /// How many bits of the band may differ.
    masks: Vec<u16>,
    /// Where the positions of each value start; one more than there are values.
    starts: Vec<u32>,
    /// Positions of hashes, in the order of their values of this band.
    positions: Vec<u32>,
}

impl<'a> HashIndex<'a> {
    /// An index of `hashes` for searches within `distance` bits.
    pub fn new(hashes: &'a [u64], distance: u32) -> Self {
        let slots = |band: usize| (distance as usize + BANDS - band) / BANDS;
        let bands = (0..BANDS)
            // A band without a slot is never needed.
            .map_while(|band| Some((band, slots(band).checked_sub(1)?)))
            .map(|(band, radius)| Band::new(hashes, band, radius as u32))
            .collect();
        Self { hashes, distance, bands }
    }

    /// Puts every position whose hash is within the distance of `hash` into
    /// `found`, each once with its distance, the nearest first.
    pub fn search(&self, hash: u64, found: &mut Vec<(u32, u32)>) {
        found.clear();
        for (number, band) in self.bands.iter().enumerate() {
            let value = value(hash, number);
            for &mask in &band.masks {
                let (start, end) = band.range(value ^ mask);
                for &position in &band.positions[start..end] {
                    let distance = (self.hashes[position as usize] ^ hash).count_ones();
                    if distance <= self.distance {
                        found.push((distance, position));
                    }
                }
            }
        }
        found.sort_unstable();
        found.dedup();
    }
}

impl Band {
    fn new(hashes: &[u64], band: usize, radius: u32) -> Self {
        let values = hashes.iter().map(|&hash| value(hash, band));
        let mut starts = vec![0u32; (1 << BAND_BITS) + 1];
        values.clone().for_each(|value| starts[usize::from(value) + 1] += 1);
        for next in 1..starts.len() {
            starts[next] += starts[next - 1];
        }
        let mut ends = starts.clone();
        let mut positions = vec![0; hashes.len()];
        for (position, value) in (0..).zip(values) {
            let end = &mut ends[usize::from(value)];
            positions[*end as usize] = position;
            *end += 1;
        }
        let masks = (0..=u16::MAX).filter(|mask| mask.count_ones() <= radius).collect();
        Self { masks, starts, positions }
    }

    fn range(&self, value: u16) -> (usize, usize) {
        let value = usize::from(value);
        (self.starts[value] as usize, self.starts[value + 1] as usize)
    }
}

fn value(hash: u64, band: usize) -> u16 {
    // The band's own 16 bits are all that is to stay.
    (hash >> (band as u32 * BAND_BITS)) as u16
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// SplitMix64 (Steele, Lea, Flood, 2014): even bits from a counter.
    fn random(number: u64) -> u64 {
        let mut z = number.wrapping_mul(0x9E37_79B9_7F4A_7C15);
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }

    proptest! {
        /// Hashes that differ from few centres in few bits, so that there is
        /// something to find at every distance.
        #[test]
        fn a_search_finds_what_comparing_all_pairs_finds(
            flips in prop::collection::vec((0u64..3, prop::collection::vec(0u32..64, 0..9)), 1..60),
            distance in 0u32..=12,
        ) {
            let hash = |(centre, bits): &(u64, Vec<u32>)| {
                bits.iter().fold(random(*centre), |hash, bit| hash ^ (1 << bit))
            };
            let hashes: Vec<u64> = flips.iter().map(hash).collect();
            let index = HashIndex::new(&hashes, distance);
            let mut found = Vec::new();
            for &hash in &hashes {
                let all = (0..).zip(&hashes).map(|(at, other)| ((hash ^ other).count_ones(), at));
                let mut wanted: Vec<(u32, u32)> =
                    all.filter(|(other, _)| *other <= distance).collect();
                wanted.sort_unstable();
                index.search(hash, &mut found);
                prop_assert_eq!(&found, &wanted);
            }
        }
    }

    #[test]
    fn planted_neighbours_are_found_among_a_hundred_thousand() {
        let mut hashes: Vec<u64> = (0..100_000).map(random).collect();
        let planted: Vec<(usize, u64)> = (0..500)
            .map(|number| {
                let place = number * 199;
                let bits = (0..number as u64 % 9).map(|bit| (bit * 7 + number as u64) % 64);
                (place, bits.fold(hashes[place], |hash, bit| hash ^ (1 << bit)))
            })
            .collect();
        hashes.extend(planted.iter().map(|(_, hash)| hash));
        let index = HashIndex::new(&hashes, 8);
        let mut found = Vec::new();
        for (number, &(place, hash)) in planted.iter().enumerate() {
            index.search(hash, &mut found);
            // Random hashes differ in 32 bits; none is within 8 by chance.
            let mut positions: Vec<_> = found.iter().map(|&(_, at)| at as usize).collect();
            positions.sort_unstable();
            assert_eq!(positions, [place, 100_000 + number]);
        }
    }
}
