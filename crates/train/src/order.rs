//! The order in which samples are seen.

use rand::{SeedableRng, seq::SliceRandom};
use rand_chacha::ChaCha8Rng;
use shoebox_spec::{Sampling, Shuffle, TrainSpec};
use std::{
    collections::{BTreeMap, HashMap, HashSet},
    ops::Range,
};

/// A sample as an epoch sees it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Visit {
    /// Its row in the split.
    pub row: usize,
    /// How often the epoch has seen it before.
    pub time: u32,
}

/// An order of the rows of a split.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Order {
    /// The rows as batches take them.
    pub rows: Vec<usize>,
    /// How often each of `rows` has come before; empty where none comes twice.
    pub times: Vec<u32>,
    /// Every row once, as a slow disk likes to be read: long stretches of
    /// neighbours. Empty where it does not matter.
    pub reading: Vec<usize>,
    /// How many rows further than the batches the reading is.
    pub ahead: usize,
}

impl Order {
    /// The rows as they lie.
    pub fn as_stored(rows: usize) -> Self {
        Self { rows: (0..rows).collect(), ..Self::default() }
    }

    /// The sample at a place of the order.
    pub fn visit(&self, place: usize) -> Visit {
        Visit { row: self.rows[place], time: self.times.get(place).copied().unwrap_or(0) }
    }

    /// The samples at some places in a row.
    pub fn visits(&self, places: Range<usize>) -> Vec<Visit> {
        places.map(|place| self.visit(place)).collect()
    }

    /// These samples, one after the other.
    pub fn of(visits: &[Visit]) -> Self {
        let (rows, times) = visits.iter().map(|visit| (visit.row, visit.time)).unzip();
        Self { rows, times, ..Self::default() }
    }

    /// Without the first `rows`, of which batches have been made already.
    pub(crate) fn skip(mut self, rows: usize) -> Self {
        self.rows.drain(..rows.min(self.rows.len()));
        self.times.drain(..rows.min(self.times.len()));
        let left: HashSet<usize> = self.rows.iter().copied().collect();
        self.reading.retain(|row| left.contains(row));
        self
    }
}

/// The order of `epoch` (from 1) that the spec asks for, of rows with these labels.
pub(crate) fn training_order(spec: &TrainSpec, seed: u64, epoch: u32, labels: &[i64]) -> Order {
    match spec.sampling {
        Sampling::Natural => epoch_order(spec.shuffle, seed, epoch, labels.len()),
        Sampling::Balanced => balanced_order(seed, epoch, labels),
    }
}

/// The order of `epoch` (from 1): it depends on the seed, the epoch, the way
/// of shuffling and the number of rows alone.
pub fn epoch_order(shuffle: Shuffle, seed: u64, epoch: u32, rows: usize) -> Order {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(epoch.into());
    match shuffle {
        Shuffle::Full => {
            let mut order = Order::as_stored(rows);
            order.rows.shuffle(&mut random);
            order
        }
        Shuffle::Blocks(length) => blocks_order(length as usize, rows, &mut random),
    }
}

/// As many rows as `labels` in the order of `epoch`, each class as often as
/// any other, to one: classes that have fewer rows than that begin anew, in
/// another order, and of larger ones some rows are left to other epochs.
fn balanced_order(seed: u64, epoch: u32, labels: &[i64]) -> Order {
    let mut random = ChaCha8Rng::seed_from_u64(seed);
    random.set_stream(epoch.into());
    let mut classes: BTreeMap<i64, Vec<usize>> = BTreeMap::new();
    for (row, &label) in labels.iter().enumerate() {
        classes.entry(label).or_default().push(row);
    }
    let mut classes: Vec<Vec<usize>> = classes.into_values().collect();
    // Which classes have one row more than others is drawn, too.
    classes.shuffle(&mut random);
    let mut rows = Vec::with_capacity(labels.len());
    let count = classes.len();
    for (index, class) in classes.iter_mut().enumerate() {
        let wanted = rows.len() + part(labels.len(), count, index).len();
        while rows.len() < wanted {
            class.shuffle(&mut random);
            rows.extend(class.iter().take(wanted - rows.len()));
        }
    }
    rows.shuffle(&mut random);
    let times = times(&rows);
    Order { rows, times, ..Order::default() }
}

/// How often each of `rows` has come before.
fn times(rows: &[usize]) -> Vec<u32> {
    let mut seen: HashMap<usize, u32> = HashMap::new();
    let mut time = |&row| {
        let count = seen.entry(row).or_default();
        *count += 1;
        *count - 1
    };
    rows.iter().map(&mut time).collect()
}

/// As many parts of a split as this have a block in every window.
const STRATA: usize = 16;

/// Blocks of `length` neighbours, taken some at a time: such a window is read
/// block by block, and its rows are shuffled. Rows are sorted by label, so a
/// window has blocks from every sixteenth of the split: all classes are in
/// it, in about the shares that they have.
fn blocks_order(length: usize, rows: usize, random: &mut ChaCha8Rng) -> Order {
    let count = rows.div_ceil(length);
    let windows = (count / STRATA).max(1);
    let strata: Vec<Vec<usize>> = (0..STRATA)
        .map(|stratum| {
            let mut blocks: Vec<usize> = part(count, STRATA, stratum).collect();
            blocks.shuffle(random);
            blocks
        })
        .collect();
    let mut order = Order::default();
    for window in 0..windows {
        let blocks = strata.iter().flat_map(|blocks| &blocks[part(blocks.len(), windows, window)]);
        let stored: Vec<usize> =
            blocks.flat_map(|&block| block * length..rows.min((block + 1) * length)).collect();
        let mut shuffled = stored.clone();
        shuffled.shuffle(random);
        order.ahead = order.ahead.max(stored.len());
        order.reading.extend(stored);
        order.rows.extend(shuffled);
    }
    order
}

/// The `index`-th of `parts` nearly equal parts of `0..count`.
fn part(count: usize, parts: usize, index: usize) -> Range<usize> {
    count * index / parts..count * (index + 1) / parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn every_row_is_seen_once(
            seed: u64, epoch in 1u32..1000, rows in 0usize..500, length in 1u32..40,
        ) {
            let all = || 0..rows;
            for shuffle in [Shuffle::Full, Shuffle::Blocks(length)] {
                let mut order = epoch_order(shuffle, seed, epoch, rows);
                order.rows.sort_unstable();
                prop_assert!(order.rows.into_iter().eq(all()));
                order.reading.sort_unstable();
                prop_assert!(order.reading.is_empty() || order.reading.into_iter().eq(all()));
            }
        }
    }

    proptest! {
        #[test]
        fn balanced_classes_come_equally_often(
            seed: u64, epoch in 1u32..1000, counts in prop::collection::vec(1usize..40, 1..5),
        ) {
            let labels: Vec<i64> = counts.iter().enumerate()
                .flat_map(|(class, &count)| vec![class as i64; count]).collect();
            let order = balanced_order(seed, epoch, &labels);
            prop_assert_eq!(order.rows.len(), labels.len());
            let share = labels.len() / counts.len();
            for (class, &count) in counts.iter().enumerate() {
                let rows: Vec<_> =
                    order.rows.iter().filter(|&&row| labels[row] == class as i64).collect();
                prop_assert!(rows.len() == share || rows.len() == share + 1);
                let mut different = rows.clone();
                different.sort();
                different.dedup();
                prop_assert_eq!(different.len(), rows.len().min(count), "no row twice before all");
            }
            // Whoever comes again comes as another visit.
            let visits = order.visits(0..order.rows.len());
            for (place, visit) in visits.iter().enumerate() {
                let before = order.rows[..place].iter().filter(|&&row| row == visit.row).count();
                prop_assert_eq!((visit.row, visit.time as usize), (order.rows[place], before));
            }
        }
    }

    #[test]
    fn epochs_and_seeds_differ_and_repeat() {
        for shuffle in [Shuffle::Full, Shuffle::Blocks(2)] {
            let order = epoch_order(shuffle, 123, 1, 100);
            assert_eq!(order, epoch_order(shuffle, 123, 1, 100));
            assert_ne!(order, epoch_order(shuffle, 123, 2, 100));
            assert_ne!(order, epoch_order(shuffle, 124, 1, 100));
        }
    }

    #[test]
    fn blocks_are_read_as_they_lie_and_a_window_ahead() {
        let order = epoch_order(Shuffle::Blocks(10), 7, 1, 1000);
        for block in order.reading.chunks(10) {
            assert!(block.is_sorted() && block[0] % 10 == 0 && block[9] == block[0] + 9);
        }
        assert_ne!(order.reading, order.rows);
        // 100 blocks in 6 windows of 16 and a few more.
        assert!((160..=320).contains(&order.ahead), "{}", order.ahead);
        assert!(order.rows[..100].iter().all(|row| order.reading[..order.ahead].contains(row)));
    }

    #[test]
    fn every_stretch_of_a_window_has_the_classes_in_about_their_shares() {
        // Sorted by label: 30 % of one class, then 70 % of the other.
        let order = epoch_order(Shuffle::Blocks(10), 7, 1, 10_000);
        for stretch in order.rows.chunks(200) {
            let share = stretch.iter().filter(|&&row| row < 3_000).count() as f64 / 200.0;
            assert!((0.15..0.45).contains(&share), "{share}");
        }
    }
}
