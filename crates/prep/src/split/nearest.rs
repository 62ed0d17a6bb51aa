//! Bringing the parts nearer to their quotas where whole groups do not add up
//! to them by taking the first ones that fit.

use super::{Group, quota::Quota};
use crate::picture::Part;
use std::collections::BTreeMap;

/// What it costs to leave a part of a class empty: more than any difference
/// of counts.
const EMPTY: i64 = 1 << 50;

/// The most kinds of groups for which every exchange is tried.
const MAX_KINDS: usize = 200;

/// Groups with the same counts are interchangeable: positions by part.
type Kinds = BTreeMap<Vec<(u32, u64)>, [Vec<usize>; 3]>;

/// A group of the first kind goes from one part to another, and, for an
/// exchange, one of the second kind the other way.
struct Step {
    goes: Vec<(u32, u64)>,
    comes: Option<Vec<(u32, u64)>>,
    from: usize,
    to: usize,
}

/// Moves and exchanges groups, the best step first, until none brings the
/// counts nearer to the quotas. Every step lessens a whole number, so this ends.
pub(super) fn improve(groups: &mut [Group], quotas: &[Quota]) {
    let mut counts = vec![[0; 3]; quotas.len()];
    for group in groups.iter() {
        group
            .counts
            .iter()
            .for_each(|(class, n)| counts[*class as usize][group.part as usize] += n);
    }
    let mut balance = Balance { quotas, counts };
    let mut kinds = Kinds::new();
    let off = |group: &Group| group.counts.iter().any(|(class, _)| balance.is_off(*class));
    for (index, group) in groups.iter().enumerate().filter(|(_, group)| off(group)) {
        kinds.entry(group.counts.clone()).or_default()[group.part as usize].push(index);
    }
    while let Some(step) = best_step(&kinds, &balance) {
        balance.apply(&step);
        let moved =
            [(Some(&step.goes), step.from, step.to), (step.comes.as_ref(), step.to, step.from)];
        for (kind, from, to) in moved {
            let parts = kind.and_then(|kind| kinds.get_mut(kind));
            if let Some((parts, index)) =
                parts.and_then(|parts| parts[from].pop().map(|index| (parts, index)))
            {
                parts[to].push(index);
                groups[index].part = Part::ALL[to];
            }
        }
    }
}

fn best_step(kinds: &Kinds, balance: &Balance<'_>) -> Option<Step> {
    let mut best = (0, None);
    let mut consider = |goes: &Vec<_>, comes: Option<&Vec<_>>, from, to| {
        let gain = balance.gain(goes, comes.map_or(&[][..], Vec::as_slice), from, to);
        if gain > best.0 {
            best = (gain, Some(Step { goes: goes.clone(), comes: comes.cloned(), from, to }));
        }
    };
    for (kind, parts) in kinds {
        for (from, to) in WAYS.into_iter().filter(|(from, _)| !parts[*from].is_empty()) {
            consider(kind, None, from, to);
            let exchangeable = kinds.iter().filter(|(_, parts)| !parts[to].is_empty());
            for (other, _) in exchangeable.take(MAX_KINDS) {
                consider(kind, Some(other), from, to);
            }
        }
    }
    best.1
}

const WAYS: [(usize, usize); 6] = [(0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1)];

/// How far the counts of every class are from its quotas.
struct Balance<'a> {
    quotas: &'a [Quota],
    counts: Vec<[u64; 3]>,
}

impl Balance<'_> {
    fn is_off(&self, class: u32) -> bool {
        self.counts[class as usize] != self.quotas[class as usize]
    }

    /// By how much a step lessens the cost.
    fn gain(&self, goes: &[(u32, u64)], comes: &[(u32, u64)], from: usize, to: usize) -> i64 {
        let touched = goes.iter().chain(comes.iter().filter(|(class, _)| count(goes, *class) == 0));
        touched
            .map(|(class, _)| {
                let net = count(goes, *class) as i64 - count(comes, *class) as i64;
                let mut after = self.counts[*class as usize].map(|count| count as i64);
                let before = self.cost(*class, after);
                after[from] -= net;
                after[to] += net;
                before - self.cost(*class, after)
            })
            .sum()
    }

    fn cost(&self, class: u32, counts: [i64; 3]) -> i64 {
        let quotas = self.quotas[class as usize];
        let cost = |(count, quota): (i64, u64)| {
            let empty = if count == 0 && quota > 0 { EMPTY } else { 0 };
            (count - quota as i64).pow(2) + empty
        };
        counts.into_iter().zip(quotas).map(cost).sum()
    }

    fn apply(&mut self, step: &Step) {
        let Step { goes, comes, from, to } = step;
        for (class, count) in goes {
            self.counts[*class as usize][*from] -= count;
            self.counts[*class as usize][*to] += count;
        }
        for (class, count) in comes.iter().flatten() {
            self.counts[*class as usize][*to] -= count;
            self.counts[*class as usize][*from] += count;
        }
    }
}

/// The pictures of a class in a group with these counts.
fn count(counts: &[(u32, u64)], class: u32) -> u64 {
    counts.iter().find(|(known, _)| *known == class).map_or(0, |(_, count)| *count)
}
