//! Dividing one set of pictures into train, val and test by shares.
//!
//! Each class is divided on its own, exact to one picture, and pictures of one
//! group (those that look alike) stay together. A group's place follows from
//! the seed and the content of its pictures, not from names or positions:
//! groups stand in the order of a digest of both, val takes from the front
//! what fits into its quota, then test, and train has the rest. So a picture
//! more or less moves few others: where no picture has its like, at most four
//! of its own class.

mod advice;
mod nearest;
mod quota;
#[cfg(test)]
mod tests;

pub(crate) use advice::{small_data_findings, split_findings};

use crate::picture::{Digest, Part};
use nearest::improve;
use quota::{Quota, quota};
use shoebox_spec::SplitSpec;

/// Pictures that stay together.
#[derive(Debug)]
struct Group {
    /// Follows from the seed and the smallest digest of its pictures.
    order: [u8; 32],
    /// Pictures by class, sorted by class.
    counts: Vec<(u32, u64)>,
    /// Positions of the pictures.
    members: Vec<u32>,
    part: Part,
}

/// The part of every picture. `labels` are below `classes`; pictures with the
/// same number in `groups` stay together; `keys` are the digests of their
/// contents, and equal ones should be of one group.
///
/// A class of two pictures or more has one in val and one in train, one of
/// three or more has one in test too, if test has a share; a single picture
/// goes to train. For the rest, the counts of a class differ from its shares
/// by less than one picture. Where whole groups cannot give that, the result
/// is one that no move of a group and no exchange of two comes nearer.
pub(crate) fn assign(
    labels: &[u32],
    groups: &[u32],
    keys: &[Digest],
    classes: usize,
    split: SplitSpec,
) -> Vec<Part> {
    let quotas = quotas(labels, classes, split);
    let mut groups = gather(labels, groups, keys, split.seed);
    fill(&mut groups, &quotas);
    improve(&mut groups, &quotas);
    let mut parts = vec![Part::Train; labels.len()];
    for group in groups {
        group.members.iter().for_each(|member| parts[*member as usize] = group.part);
    }
    parts
}

fn quotas(labels: &[u32], classes: usize, split: SplitSpec) -> Vec<Quota> {
    let mut counts = vec![0; classes];
    labels.iter().for_each(|label| counts[*label as usize] += 1);
    counts.into_iter().map(|count| quota(count, split)).collect()
}

/// The groups, in their order.
fn gather(labels: &[u32], groups: &[u32], keys: &[Digest], seed: u64) -> Vec<Group> {
    let mut members: Vec<u32> = (0..labels.len() as u32).collect();
    members.sort_unstable_by_key(|member| (groups[*member as usize], *member));
    let same = |a: &u32, b: &u32| groups[*a as usize] == groups[*b as usize];
    let mut gathered: Vec<Group> = members
        .chunk_by(same)
        .map(|members| Group {
            order: order(members.iter().map(|member| keys[*member as usize]), seed),
            counts: counts(members, labels),
            members: members.to_vec(),
            part: Part::Train,
        })
        .collect();
    gathered.sort_unstable_by(|a, b| {
        (a.order, &a.counts, &a.members).cmp(&(b.order, &b.counts, &b.members))
    });
    gathered
}

fn order(keys: impl Iterator<Item = Digest>, seed: u64) -> [u8; 32] {
    let mut hasher = blake3::Hasher::new();
    hasher.update(&seed.to_le_bytes());
    if let Some(smallest) = keys.min() {
        hasher.update(&smallest.0);
    }
    *hasher.finalize().as_bytes()
}

fn counts(members: &[u32], labels: &[u32]) -> Vec<(u32, u64)> {
    let mut found: Vec<u32> = members.iter().map(|member| labels[*member as usize]).collect();
    found.sort_unstable();
    found.chunk_by(u32::eq).map(|same| (same[0], same.len() as u64)).collect()
}

/// Gives val, then test, the first groups that fit.
fn fill(groups: &mut [Group], quotas: &[Quota]) {
    for part in [Part::Val, Part::Test] {
        let mut room: Vec<u64> = quotas.iter().map(|quota| quota[part as usize]).collect();
        for group in groups.iter_mut().filter(|group| group.part == Part::Train) {
            let fits = |(class, count): &(u32, u64)| *count <= room[*class as usize];
            if group.counts.iter().all(fits) {
                group.counts.iter().for_each(|(class, count)| room[*class as usize] -= count);
                group.part = part;
            }
        }
    }
}
