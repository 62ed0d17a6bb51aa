//! Pictures that are in two parts of the data at once.

use super::groups::Groups;
use crate::picture::{Part, Picture};
use shoebox_spec::Leakage;

/// The parts that the pictures at these positions are in, each once, in order.
pub(crate) fn parts(pictures: &[Picture], members: &[u32]) -> Vec<Part> {
    let is_in = |part: &Part| members.iter().any(|&member| part_of(pictures, member) == *part);
    Part::ALL.into_iter().filter(is_in).collect()
}

pub(crate) fn part_of(pictures: &[Picture], member: u32) -> Part {
    pictures[member as usize].candidate.part
}

/// The groups with pictures in more than one part, each with its parts.
pub(crate) fn leaks<'a>(
    pictures: &'a [Picture],
    groups: &'a Groups,
) -> impl Iterator<Item = (&'a [u32], Vec<Part>)> {
    let spread = groups.iter().map(|group| (group, parts(pictures, group)));
    spread.filter(|(_, parts)| parts.len() > 1)
}

/// Whether each picture is left out: none, unless leakage is to be dropped;
/// then those whose like is in a part that is measured on later. Train gives
/// way to val and test, val to test.
pub(crate) fn dropped(pictures: &[Picture], groups: &Groups, leakage: Leakage) -> Vec<bool> {
    let mut dropped = vec![false; pictures.len()];
    if leakage == Leakage::Drop {
        for (members, parts) in leaks(pictures, groups) {
            let kept = parts[parts.len() - 1];
            for &member in members {
                dropped[member as usize] = part_of(pictures, member) != kept;
            }
        }
    }
    dropped
}
