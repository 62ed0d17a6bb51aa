//! What belongs together, and what leaks.

use super::{
    alike::{Detail, SAME},
    dropped,
    leaks::leaks,
    scenes::{SIZE, Scene, groups_of, picture, scene},
};
use crate::picture::{Digest, Part, Picture};
use proptest::prelude::*;
use shoebox_spec::Leakage;
use std::collections::BTreeSet;

fn pictures(scenes: &[Scene]) -> Vec<Picture> {
    let named = |(number, scene): (usize, &Scene)| picture(&format!("{number:04}.jpg"), *scene);
    scenes.iter().enumerate().map(named).collect()
}

/// The groups of pictures named by their place in `scenes`.
fn grouped(scenes: &[Scene]) -> Vec<Vec<u32>> {
    groups_of(&pictures(scenes), scenes, 8).iter().map(<[u32]>::to_vec).collect()
}

#[test]
fn copies_and_shifted_and_lighter_ones_are_one_group() {
    let original = scene(3);
    let shifted = Scene { shift: 1, ..original };
    let lighter = Scene { light: 9, ..original };
    let scenes = [original, scene(5), shifted, original, scene(8), lighter];
    assert_eq!(grouped(&scenes), [[0, 2, 3, 5]]);
}

#[test]
fn blank_pictures_are_only_the_same_when_their_files_are() {
    let blank = |light| Scene { light, ..scene(0) };
    assert_eq!(grouped(&[blank(0), blank(1), blank(0), blank(2)]), [[0, 2]]);
}

#[test]
fn pictures_that_nobody_looked_at_are_compared_by_content() {
    let scenes = [scene(3), Scene { shift: 1, ..scene(3) }, scene(3)];
    let mut pictures = pictures(&scenes);
    pictures.iter_mut().for_each(|picture| picture.look = None);
    let groups = groups_of(&pictures, &scenes, 8);
    assert_eq!(groups.iter().collect::<Vec<_>>(), [[0, 2]]);
}

#[test]
fn different_shots_with_equal_hashes_stay_apart() {
    let scenes = [scene(3), scene(5), scene(8)];
    let mut pictures = pictures(&scenes);
    let phash = pictures[0].look.map(|look| look.phash).unwrap();
    pictures.iter_mut().filter_map(|picture| picture.look.as_mut()).for_each(|l| l.phash = phash);
    assert_eq!(groups_of(&pictures, &scenes, 0).iter().len(), 0);
}

/// A pan: each picture is like the next, the first and the last have nothing
/// in common.
#[test]
fn a_chain_does_not_become_one_group() {
    let scenes: Vec<Scene> = (0..24).map(|shift| Scene { shift, ..scene(3) }).collect();
    let mut pictures = pictures(&scenes);
    let phash = pictures[0].look.map(|look| look.phash).unwrap();
    pictures.iter_mut().filter_map(|picture| picture.look.as_mut()).for_each(|l| l.phash = phash);
    let groups = groups_of(&pictures, &scenes, 8);
    assert!(groups.iter().len() > 1);
    assert!(groups.iter().all(|group| group.len() < 12), "{groups:?}");
}

/// An original between its two copies, which are not alike themselves.
#[test]
fn a_link_joins_what_is_alike_to_one_third() {
    let shifts: Vec<Scene> = (0..12).map(|shift| Scene { shift, ..scene(3) }).collect();
    let details: Vec<_> = shifts.iter().map(|scene| Detail::new(&scene.row(), SIZE)).collect();
    let alike = |a: usize, b: usize| details[a].difference(&details[b]) <= SAME;
    let links = |far: &usize| !alike(0, *far) && (1..*far).any(|n| alike(0, n) && alike(n, *far));
    let far = (2..12).find(links).unwrap();
    let between = (1..far).find(|&n| alike(0, n) && alike(n, far)).unwrap();
    let scenes = [shifts[0], shifts[far], shifts[between]];
    let mut pictures = pictures(&scenes);
    pictures.iter_mut().for_each(|picture| picture.look.as_mut().unwrap().phash = 1);
    assert_eq!(groups_of(&pictures, &scenes, 0).iter().collect::<Vec<_>>(), [[0, 1, 2]]);
}

#[test]
fn ten_thousand_copies_and_blank_pictures_are_no_burden() {
    let scenes = [scene(3), scene(0)];
    let two = pictures(&scenes);
    let mut many: Vec<Picture> = (0..20_000).map(|number: usize| two[number % 2].clone()).collect();
    for (number, picture) in many.iter_mut().enumerate() {
        picture.candidate.path = format!("{number:05}.jpg");
        if number % 2 == 1 {
            // Blank in ten thousand ways.
            picture.digest = Digest(*blake3::hash(&number.to_le_bytes()).as_bytes());
        }
    }
    let groups = super::groups(&many, SIZE, 8, |_, _| Err("no row is needed")).unwrap();
    assert_eq!(groups.iter().map(<[u32]>::len).collect::<Vec<_>>(), [10_000]);
}

#[test]
fn an_error_of_the_reader_comes_through() {
    let scenes = [scene(3), Scene { shift: 1, ..scene(3) }];
    let outcome = super::groups(&pictures(&scenes), SIZE, 12, |index, _| Err(index));
    assert!(outcome.is_err());
}

/// Groups by comparing every pair, without an index or batches.
fn by_brute_force(scenes: &[Scene], pictures: &[Picture]) -> BTreeSet<BTreeSet<usize>> {
    let details: Vec<_> = scenes.iter().map(|scene| Detail::new(&scene.row(), SIZE)).collect();
    let alike = |a: usize, b: usize| {
        let looks = pictures[a].look.zip(pictures[b].look).unwrap();
        let close = (looks.0.phash ^ looks.1.phash).count_ones() <= 8;
        let seen = !looks.0.blank && !looks.1.blank;
        pictures[a].digest == pictures[b].digest
            || (seen && close && details[a].difference(&details[b]) <= SAME)
    };
    let mut groups: Vec<BTreeSet<usize>> = Vec::new();
    for picture in 0..pictures.len() {
        let (joined, mut others): (Vec<_>, Vec<_>) =
            groups.into_iter().partition(|group| group.iter().any(|&other| alike(picture, other)));
        let mut group: BTreeSet<usize> = joined.into_iter().flatten().collect();
        group.insert(picture);
        others.push(group);
        groups = others;
    }
    groups.into_iter().filter(|group| group.len() > 1).collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// Small shifts and lights, so that no chain is long enough to be cut.
    #[test]
    fn groups_are_those_of_comparing_all_pairs_in_any_order(
        choices in prop::collection::vec((0u32..5, 0i32..2, 0i32..3), 2..40),
        seed in any::<u64>(),
    ) {
        let scenes: Vec<_> = choices
            .into_iter()
            .map(|(motif, shift, light)| Scene { motif, shift, light: light * 4 })
            .collect();
        let listed = pictures(&scenes);
        let found = |order: &[usize]| -> BTreeSet<BTreeSet<usize>> {
            let pictures: Vec<_> = order.iter().map(|&place| listed[place].clone()).collect();
            let scenes: Vec<_> = order.iter().map(|&place| scenes[place]).collect();
            let groups = groups_of(&pictures, &scenes, 8);
            let place = |&member: &u32| order[member as usize];
            groups.iter().map(|group| group.iter().map(place).collect()).collect()
        };
        let mut order: Vec<usize> = (0..scenes.len()).collect();
        let sorted = found(&order);
        prop_assert_eq!(&sorted, &by_brute_force(&scenes, &listed));
        order.sort_by_key(|&place| blake3::hash(&(seed ^ place as u64).to_le_bytes()).to_hex());
        prop_assert_eq!(&sorted, &found(&order));
    }
}

fn in_parts(parts: &[Part]) -> Vec<Picture> {
    let mut pictures = pictures(&vec![scene(3); parts.len()]);
    pictures.iter_mut().zip(parts).for_each(|(picture, part)| picture.candidate.part = *part);
    pictures
}

#[test]
fn what_is_measured_on_later_is_kept_and_the_copies_are_dropped() {
    use Part::{Test, Train, Val};
    let cases: [(&[Part], &[bool]); 4] = [
        (&[Train, Val, Train], &[true, false, true]),
        (&[Val, Test], &[true, false]),
        (&[Train, Val, Test, Test], &[true, true, false, false]),
        (&[Train, Train], &[false, false]),
    ];
    for (parts, wanted) in cases {
        let pictures = in_parts(parts);
        let groups = groups_of(&pictures, &vec![scene(3); parts.len()], 8);
        assert_eq!(dropped(&pictures, &groups, Leakage::Drop), wanted);
        assert_eq!(dropped(&pictures, &groups, Leakage::Warn), vec![false; parts.len()]);
        let leaked: Vec<_> = leaks(&pictures, &groups).map(|(_, parts)| parts.len()).collect();
        assert_eq!(leaked.is_empty(), parts == [Train, Train]);
    }
}
