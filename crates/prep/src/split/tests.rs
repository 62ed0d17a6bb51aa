use super::{assign, quota::exact, quotas, small_data_findings, split_findings};
use crate::picture::{Digest, Part};
use proptest::prelude::*;
use shoebox_artifact::records::Severity;
use shoebox_spec::SplitSpec;
use std::collections::BTreeMap;

const SPLIT: SplitSpec = SplitSpec { val: 0.2, test: 0.1, seed: 7 };

fn key(number: u32) -> Digest {
    Digest(*blake3::hash(&number.to_le_bytes()).as_bytes())
}

fn keys(count: usize) -> Vec<Digest> {
    (0..count as u32).map(key).collect()
}

/// Pictures that have no like.
fn single(count: usize) -> Vec<u32> {
    (0..count as u32).collect()
}

fn counts(labels: &[u32], parts: &[Part], class: u32) -> [u64; 3] {
    let mut counts = [0; 3];
    for (_, part) in labels.iter().zip(parts).filter(|(label, _)| **label == class) {
        counts[*part as usize] += 1;
    }
    counts
}

fn shares() -> impl Strategy<Value = SplitSpec> {
    (0.01..0.6_f64, prop_oneof![Just(0.0), 0.01..0.39_f64], any::<u64>())
        .prop_map(|(val, test, seed)| SplitSpec { val, test, seed })
}

fn labels() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(0..4_u32, 0..120)
}

/// Labels, and groups of which a fifth have more than one picture.
fn grouped() -> impl Strategy<Value = (Vec<u32>, Vec<u32>)> {
    prop::collection::vec((0..4_u32, 0..100_u32), 0..120)
        .prop_map(|pictures| pictures.into_iter().unzip())
}

proptest! {
    #[test]
    fn every_class_is_divided_exactly(labels in labels(), split in shares()) {
        let count = labels.len();
        let parts = assign(&labels, &single(count), &keys(count), 4, split);
        prop_assert_eq!(parts.len(), count);
        for class in 0..4 {
            let counts = counts(&labels, &parts, class);
            let total = counts.iter().sum::<u64>();
            let exact = exact(total, split);
            // A share of less than one picture becomes one, at another's cost.
            let tiny = exact.iter().any(|share| *share > 0.0 && *share < 1.0);
            for (whole, exact) in counts.into_iter().zip(exact) {
                prop_assert!(tiny || (whole as f64 - exact).abs() < 1.0, "{:?} of {}", counts, total);
            }
            prop_assert!(total < 2 || (counts[0] > 0 && counts[1] > 0));
            prop_assert_eq!(total >= 3 && split.test > 0.0, counts[2] > 0);
        }
    }

    #[test]
    fn a_group_is_never_divided((labels, groups) in grouped(), split in shares()) {
        let parts = assign(&labels, &groups, &keys(labels.len()), 4, split);
        let mut of: BTreeMap<u32, Part> = BTreeMap::new();
        for (group, part) in groups.iter().zip(&parts) {
            prop_assert_eq!(of.entry(*group).or_insert(*part), part);
        }
    }

    #[test]
    fn the_order_of_the_pictures_means_nothing(
        (labels, groups) in grouped(), split in shares(), shift in 0..120_usize,
    ) {
        let count = labels.len();
        let parts = assign(&labels, &groups, &keys(count), 4, split);
        let turn = |position: usize| (position + shift) % count.max(1);
        let turned: Vec<usize> = (0..count).rev().map(turn).collect();
        let labels: Vec<_> = turned.iter().map(|at| labels[*at]).collect();
        // Other numbers for the same groups.
        let groups: Vec<_> = turned.iter().map(|at| 1000 - groups[*at]).collect();
        let keys: Vec<_> = turned.iter().map(|at| key(*at as u32)).collect();
        let again = assign(&labels, &groups, &keys, 4, split);
        let expected: Vec<_> = turned.iter().map(|at| parts[*at]).collect();
        prop_assert_eq!(again, expected);
    }

    #[test]
    fn one_picture_more_moves_at_most_four(mut labels in labels(), class in 0..4_u32, split in shares()) {
        let count = labels.len();
        let before = assign(&labels, &single(count), &keys(count), 4, split);
        labels.push(class);
        let after = assign(&labels, &single(count + 1), &keys(count + 1), 4, split);
        let moved: Vec<_> = (0..count).filter(|at| before[*at] != after[*at]).collect();
        prop_assert!(moved.len() <= 4, "{} moved", moved.len());
        prop_assert!(moved.iter().all(|at| labels[*at] == class));
    }

    #[test]
    fn pairs_come_as_near_as_pairs_can(pairs in 1..60_u32, split in shares()) {
        let groups: Vec<u32> = (0..2 * pairs).map(|at| at / 2).collect();
        let labels = vec![0; groups.len()];
        let parts = assign(&labels, &groups, &keys(labels.len()), 1, split);
        let counts = counts(&labels, &parts, 0);
        let quota = quotas(&labels, 1, split)[0];
        for part in 0..3 {
            let others = [(part + 1) % 3, (part + 2) % 3];
            // A part that should have one picture and must not be empty has a
            // pair. Val and test may both be one off in the same direction, at
            // train's cost.
            let forced = others.iter().all(|other| quota[*other] == 1);
            let most = if part == 0 || forced { 2 } else { 1 };
            prop_assert!(pairs < 3 || quota[part].abs_diff(counts[part]) <= most, "{counts:?}");
        }
    }
}

#[test]
fn another_seed_divides_otherwise() {
    let labels = vec![0; 200];
    let divide = |seed| assign(&labels, &single(200), &keys(200), 1, SplitSpec { seed, ..SPLIT });
    assert_eq!(divide(7), divide(7));
    assert_ne!(divide(7), divide(8));
}

#[test]
fn groups_are_exchanged_until_they_fit() {
    // 24 pictures: val should have 6, which the first that fit need not make.
    let sizes = [5, 3, 3, 3, 4, 6];
    let groups: Vec<u32> =
        sizes.iter().enumerate().flat_map(|(group, size)| vec![group as u32; *size]).collect();
    let labels = vec![0; groups.len()];
    for seed in 0..20 {
        let split = SplitSpec { val: 0.25, test: 0.0, seed };
        let parts = assign(&labels, &groups, &keys(labels.len()), 1, split);
        assert_eq!(counts(&labels, &parts, 0), [18, 6, 0], "seed {seed}");
    }
}

#[test]
fn a_group_of_two_labels_stays_whole_and_both_classes_stay_exact() {
    let labels: Vec<u32> = (0..40).map(|at| at % 2).collect();
    let mut groups = single(40);
    groups[1] = 0;
    groups[21] = 20;
    for seed in 0..20 {
        let parts = assign(&labels, &groups, &keys(40), 2, SplitSpec { seed, ..SPLIT });
        assert_eq!((parts[0], parts[20]), (parts[1], parts[21]));
        assert_eq!(counts(&labels, &parts, 0), [14, 4, 2]);
        assert_eq!(counts(&labels, &parts, 1), [14, 4, 2]);
    }
}

#[test]
fn nothing_can_be_divided() {
    assert_eq!(assign(&[], &[], &[], 2, SPLIT), []);
    let names = ["a".to_owned(), "b".to_owned()];
    assert_eq!(split_findings("data", &names, &[], &[], SPLIT), []);
}

#[test]
fn says_which_classes_are_too_small() {
    let labels = [vec![0; 20], vec![1], vec![2; 2]].concat();
    let parts = assign(&labels, &single(23), &keys(23), 3, SPLIT);
    let names = ["adidas".to_owned(), "nike".to_owned(), "puma".to_owned()];
    let findings = split_findings("data", &names, &labels, &parts, SPLIT);
    let facts: Vec<_> = findings.iter().map(|finding| finding.fact.as_str()).collect();
    assert_eq!(
        facts,
        [
            "val measures nothing of `nike` (1 in all)",
            "test measures nothing of `nike` (1 in all), `puma` (2 in all)"
        ]
    );
}

#[test]
fn says_where_groups_make_a_division_inexact() {
    let groups = [vec![0; 10], vec![1; 6]].concat();
    let labels = vec![0; 16];
    let split = SplitSpec { test: 0.0, ..SPLIT };
    let parts = assign(&labels, &groups, &keys(16), 1, split);
    let findings = split_findings("data", &["nike".to_owned()], &labels, &parts, split);
    assert_eq!(findings.len(), 1);
    assert_eq!(
        findings[0].fact,
        "pictures that look alike stay together, so train/val/test are not exact: `nike` 10/6/0 instead of 13/3/0"
    );
}

#[test]
fn a_class_that_is_one_group_is_said_to_be_missing_elsewhere() {
    let (labels, groups) = ([0, 0, 0, 1, 1, 1], [5, 5, 5, 0, 1, 2]);
    let parts = assign(&labels, &groups, &keys(6), 2, SPLIT);
    assert_eq!(parts[..3], [Part::Train; 3]);
    let names = ["nike".to_owned(), "puma".to_owned()];
    let findings = split_findings("data", &names, &labels, &parts, SPLIT);
    assert!(findings.iter().any(|finding| finding.kind == "class_too_small"));
}

#[test]
fn a_part_without_any_picture_is_a_fault() {
    let faults = |labels: &[u32], split: SplitSpec| -> Vec<String> {
        let parts = assign(labels, &single(labels.len()), &keys(labels.len()), 2, split);
        let names = ["adidas".to_owned(), "nike".to_owned()];
        let findings = split_findings("data", &names, labels, &parts, split).into_iter();
        let faults = findings.filter(|finding| finding.severity == Severity::Error);
        faults.map(|fault| fault.fact).collect()
    };
    let fact =
        |part| format!("no class has a picture for {part}: each is too small, or looks all alike");
    assert_eq!(faults(&[0, 1], SPLIT), [fact("val"), fact("test")]);
    assert_eq!(faults(&[0, 0, 1], SPLIT), [fact("test")]);
    assert_eq!(faults(&[0, 0, 1], SplitSpec { test: 0.0, ..SPLIT }), [""; 0]);
}

#[test]
fn small_data_gets_advice() {
    let parts = [vec![Part::Train; 15], vec![Part::Val; 4]].concat();
    let findings = small_data_findings("data", &parts);
    assert!(findings[0].fact.contains("only 19 pictures, 4 of them in val"), "{findings:?}");
    assert!(findings[0].fact.ends_with("by 25 points"), "{findings:?}");
    let findings = small_data_findings("data", &[Part::Train; 2]);
    assert_eq!(findings[0].fact, "there are only 2 pictures");
    assert_eq!(small_data_findings("data", &[Part::Train; 50]), []);
}
