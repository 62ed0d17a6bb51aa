//! Pictures that are the same or alike: within a part, across parts, under two
//! labels.

use super::{Subject, about, words};
use crate::{
    audit::{
        groups::Groups,
        leaks::{part_of, parts},
    },
    picture::{Digest, Part},
};
use shoebox_artifact::records::{Finding, Severity};
use shoebox_spec::Leakage;

pub const LEAKAGE: &str = "leakage";

pub fn all(subject: &Subject, groups: &Groups) -> Vec<Finding> {
    let mut found = Vec::new();
    for group in groups.iter() {
        let mut group = group.to_vec();
        group.sort_by_key(|&member| part_of(subject.pictures, member));
        let group = Group { subject, members: group };
        found.extend(group.exact_duplicates());
        found.extend(group.near_duplicates());
        found.extend(group.leakage());
        found.extend(group.two_labels());
    }
    found
}

/// A group's pictures, by part and path.
struct Group<'a> {
    subject: &'a Subject<'a>,
    members: Vec<u32>,
}

impl Group<'_> {
    fn digest(&self, member: u32) -> Digest {
        self.subject.pictures[member as usize].digest
    }

    fn has_one_content(&self, members: &[u32]) -> bool {
        members.iter().all(|&member| self.digest(member) == self.digest(members[0]))
    }

    /// What the pictures have in common.
    fn likeness(&self, members: &[u32]) -> &'static str {
        match self.has_one_content(members) {
            true => "one and the same picture",
            false => "nearly the same picture",
        }
    }

    fn about(
        &self,
        kind: &str,
        severity: Severity,
        members: &[u32],
        (fact, remedy): (String, &str),
    ) -> Finding {
        about(kind, severity, self.subject.pictures, members, (fact, remedy))
    }

    /// Members of one part, for each part that has several.
    fn within_parts(&self) -> impl Iterator<Item = (Part, &[u32])> {
        let part = |&member: &u32| part_of(self.subject.pictures, member);
        let parts = self.members.chunk_by(move |a, b| part(a) == part(b));
        parts.filter(|members| members.len() > 1).map(move |members| (part(&members[0]), members))
    }

    /// Files of the same content in one part.
    fn exact_duplicates(&self) -> Vec<Finding> {
        let mut found = Vec::new();
        for (part, members) in self.within_parts() {
            let mut members = members.to_vec();
            // A stable sort: equal contents stay in the order of their paths.
            members.sort_by_key(|&member| self.digest(member));
            let same = members.chunk_by(|&a, &b| self.digest(a) == self.digest(b));
            for members in same.filter(|members| members.len() > 1) {
                let fact =
                    format!("one and the same picture, {} in {part}", words::times(members.len()));
                let remedy = "keep one of them; it counts as often as it is there";
                found.push(self.about(
                    "exact_duplicate",
                    Severity::Warning,
                    members,
                    (fact, remedy),
                ));
            }
        }
        found
    }

    /// Like pictures in one part, whose contents differ.
    fn near_duplicates(&self) -> Vec<Finding> {
        let differ = self.within_parts().filter(|(_, members)| !self.has_one_content(members));
        let found = differ.map(|(part, members)| {
            let fact =
                format!("nearly the same picture, {} in {part}", words::times(members.len()));
            let remedy = "keep one of them, unless they differ in what matters";
            self.about("near_duplicate", Severity::Note, members, (fact, remedy))
        });
        found.collect()
    }

    /// Like pictures in more than one part.
    fn leakage(&self) -> Option<Finding> {
        let parts = parts(self.subject.pictures, &self.members);
        let (last, others) = parts.split_last().filter(|(_, others)| !others.is_empty())?;
        let names = |parts: &[Part]| {
            words::listed(&parts.iter().map(ToString::to_string).collect::<Vec<_>>())
        };
        let mut fact = format!("{} in {}", self.likeness(&self.members), names(&parts));
        let remedy = "move all of them into one split, or leave the copies out with `data.audit: {leakage: drop}`; what was learned by heart is measured as if it were understood";
        let (kind, severity, remedy) = match self.subject.rules.leakage {
            Leakage::Warn => (LEAKAGE, Severity::Warning, remedy),
            Leakage::Error => (LEAKAGE, Severity::Error, remedy),
            Leakage::Drop => {
                fact = format!("{fact}; left out of {}, kept in {last}", names(others));
                ("leakage_dropped", Severity::Note, "nothing needs to be done")
            }
        };
        Some(self.about(kind, severity, &self.members, (fact, remedy)))
    }

    /// Like pictures with different labels: an error where the content is the
    /// same, since then one label must be wrong.
    fn two_labels(&self) -> Option<Finding> {
        let label = |&member: &u32| self.subject.pictures[member as usize].candidate.label;
        let mut labels: Vec<u32> = self.members.iter().map(label).collect();
        labels.sort_unstable();
        labels.dedup();
        if labels.len() < 2 {
            return None;
        }
        let class = |label: &u32| self.subject.class_names.get(*label as usize);
        let names: Vec<_> =
            labels.iter().filter_map(class).map(|name| words::quoted(name)).collect();
        let mut members = self.members.clone();
        members.sort_by_key(|&member| (self.digest(member), label(&member)));
        let is_contradiction = |pair: &[u32]| {
            self.digest(pair[0]) == self.digest(pair[1]) && label(&pair[0]) != label(&pair[1])
        };
        let (severity, likeness) = match members.windows(2).any(is_contradiction) {
            true => (Severity::Error, "one and the same picture"),
            false => (Severity::Warning, "nearly the same picture"),
        };
        let fact = format!("{likeness}, labelled as {}", words::listed(&names));
        let remedy = "keep it under the label that is true, and remove it from the others";
        Some(self.about("two_labels", severity, &self.members, (fact, remedy)))
    }
}
