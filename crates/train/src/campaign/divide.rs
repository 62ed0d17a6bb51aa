//! Dividing pictures into folds.
//!
//! Pictures of one group stay together, and each class is spread evenly:
//! groups are taken one after the other, the largest first, and each goes to
//! the fold that has the least of its classes. Groups of one size stand in the
//! order of a digest of the seed and their contents, so a picture's fold
//! depends on no name, and the single pictures at the end fill what larger
//! groups have left uneven. This is the greedy rule of scikit-learn's
//! `StratifiedGroupKFold`, with another order.

use shoebox_artifact::fingerprint::digest_bytes;
use std::collections::BTreeMap;

/// A picture that is to be divided.
#[derive(Debug, Clone, Copy)]
pub(super) struct Picture {
    /// Position in the class names.
    pub label: usize,
    /// Pictures with the same number stay together.
    pub group: usize,
    /// Of its file's content.
    pub digest: [u8; 32],
}

/// The fold of each picture, below `folds`.
pub(super) fn divide(pictures: &[Picture], classes: usize, folds: usize, seed: u64) -> Vec<usize> {
    let mut all = vec![0u64; classes];
    pictures.iter().for_each(|picture| all[picture.label] += 1);
    let mut filled = vec![vec![0u64; classes]; folds];
    let mut fold_of = vec![0; pictures.len()];
    for members in ordered(pictures, seed) {
        let mut counts = BTreeMap::new();
        members.iter().for_each(|&member| *counts.entry(pictures[member].label).or_default() += 1);
        let fold = emptiest(&filled, &counts, &all);
        counts.iter().for_each(|(&label, count)| filled[fold][label] += count);
        members.iter().for_each(|&member| fold_of[member] = fold);
    }
    fold_of
}

/// The groups in the order in which they are placed.
fn ordered(pictures: &[Picture], seed: u64) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (place, picture) in pictures.iter().enumerate() {
        groups.entry(picture.group).or_default().push(place);
    }
    let key = |members: &Vec<usize>| {
        let digests = members.iter().map(|&member| pictures[member].digest);
        let smallest = digests.min().unwrap_or_default();
        let drawn = digest_bytes(&[&seed.to_le_bytes()[..], &smallest].concat());
        (usize::MAX - members.len(), drawn, members[0])
    };
    let mut groups: Vec<_> = groups.into_values().collect();
    groups.sort_by_cached_key(key);
    groups
}

/// The fold that has the smallest shares of the classes in `counts`; of equal
/// ones that with the fewest pictures, then the first.
fn emptiest(filled: &[Vec<u64>], counts: &BTreeMap<usize, u64>, all: &[u64]) -> usize {
    let cost = |fold: &Vec<u64>| {
        // By how much the sum of the squared shares would grow.
        let growth = |(&label, &count): (&usize, &u64)| {
            let (has, whole) = (fold[label] as f64, all[label] as f64);
            (2.0 * has + count as f64) * count as f64 / (whole * whole)
        };
        counts.iter().map(growth).sum::<f64>()
    };
    let key = |fold: usize| (cost(&filled[fold]), filled[fold].iter().sum::<u64>());
    let nearer = |best: usize, fold: usize| {
        let ((one, few), (other, least)) = (key(fold), key(best));
        if one.total_cmp(&other).then(few.cmp(&least)).is_lt() { fold } else { best }
    };
    (1..filled.len()).fold(0, nearer)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Pictures of these labels, in groups of so many neighbours each.
    fn pictures(labels: &[usize], sizes: &[usize]) -> Vec<Picture> {
        let groups = sizes.iter().enumerate().flat_map(|(group, &size)| vec![group; size]);
        let groups = groups.chain(sizes.len()..);
        let picture = |(label, group): (&usize, usize)| (*label, group);
        let pairs: Vec<_> = labels.iter().zip(groups).map(picture).collect();
        let digest = |place: usize| digest_bytes(&place.to_le_bytes());
        let all = pairs.into_iter().enumerate();
        all.map(|(place, (label, group))| Picture { label, group, digest: digest(place) }).collect()
    }

    fn counts(pictures: &[Picture], fold_of: &[usize], folds: usize) -> Vec<[u64; 3]> {
        let mut counts = vec![[0; 3]; folds];
        pictures.iter().zip(fold_of).for_each(|(one, &fold)| counts[fold][one.label] += 1);
        counts
    }

    proptest! {
        #[test]
        fn every_picture_has_a_fold_and_groups_are_whole(
            labels in prop::collection::vec(0usize..3, 0..120),
            sizes in prop::collection::vec(1usize..6, 0..20),
            folds in 2usize..8, seed: u64,
        ) {
            let pictures = pictures(&labels, &sizes);
            let fold_of = divide(&pictures, 3, folds, seed);
            prop_assert_eq!(fold_of.len(), labels.len());
            prop_assert!(fold_of.iter().all(|&fold| fold < folds));
            for (one, fold) in pictures.iter().zip(&fold_of) {
                for (other, other_fold) in pictures.iter().zip(&fold_of) {
                    prop_assert!(one.group != other.group || fold == other_fold);
                }
            }
        }

        #[test]
        fn without_groups_each_class_is_even_to_one_picture(
            labels in prop::collection::vec(0usize..3, 0..200), folds in 2usize..8, seed: u64,
        ) {
            let pictures = pictures(&labels, &[]);
            let counts = counts(&pictures, &divide(&pictures, 3, folds, seed), folds);
            for class in 0..3 {
                let of_class = || counts.iter().map(|counts| counts[class]);
                prop_assert!(of_class().max().unwrap() - of_class().min().unwrap() <= 1);
            }
            let sizes = || counts.iter().map(|counts| counts.iter().sum::<u64>());
            prop_assert!(sizes().max().unwrap() - sizes().min().unwrap() <= 2);
        }

        #[test]
        fn groups_of_one_class_cost_no_more_than_the_largest_of_them(
            sizes in prop::collection::vec(1usize..7, 1..30), singles in 0usize..60,
            folds in 2usize..8, seed: u64,
        ) {
            let labels = vec![0; sizes.iter().sum::<usize>() + singles];
            let pictures = pictures(&labels, &sizes);
            let counts = counts(&pictures, &divide(&pictures, 3, folds, seed), folds);
            let of_class = || counts.iter().map(|counts| counts[0]);
            let largest = sizes.into_iter().max().unwrap() as u64;
            prop_assert!(of_class().max().unwrap() - of_class().min().unwrap() <= largest);
        }

        #[test]
        fn a_fold_follows_from_seed_and_content_and_not_from_the_order(
            labels in prop::collection::vec(0usize..3, 1..60), seed: u64,
        ) {
            let pictures = pictures(&labels, &[3, 2]);
            let fold_of = divide(&pictures, 3, 5, seed);
            let mut turned = pictures.clone();
            turned.reverse();
            let mut of_turned = divide(&turned, 3, 5, seed);
            of_turned.reverse();
            prop_assert_eq!(fold_of, of_turned);
        }
    }

    #[test]
    fn another_seed_divides_otherwise() {
        let pictures = pictures(&[0; 50], &[]);
        assert_ne!(divide(&pictures, 1, 5, 1), divide(&pictures, 1, 5, 2));
    }
}
