//! How many pictures there are of each class to learn from.

use super::{Subject, words};
use crate::picture::Part;
use shoebox_artifact::records::{Finding, Severity};

/// A largest class more than this many times the smallest is called imbalance.
const IMBALANCE: u64 = 3;

/// A class with fewer training pictures than this is called small.
const FEW: u64 = 10;

pub fn all(subject: &Subject) -> Vec<Finding> {
    let train = counts(subject);
    [imbalance(subject, &train), few_pictures(subject, &train)].into_iter().flatten().collect()
}

/// Training pictures by class, without those that are left out.
fn counts(subject: &Subject) -> Vec<u64> {
    let mut counts = vec![0; subject.class_names.len()];
    let kept = subject.pictures.iter().zip(subject.dropped).filter(|(_, dropped)| !**dropped);
    for (picture, _) in kept.filter(|(picture, _)| picture.candidate.part == Part::Train) {
        if let Some(count) = counts.get_mut(picture.candidate.label as usize) {
            *count += 1;
        }
    }
    counts
}

/// A finding about the training pictures as a whole.
fn about_train(subject: &Subject, kind: &str, fact: String, remedy: &str) -> Finding {
    let source = subject.sources.iter().find(|(part, _)| *part == Part::Train);
    let paths = source.map(|(_, source)| source.clone()).into_iter().collect();
    Finding::new(kind, Severity::Warning, paths, fact, remedy)
}

/// The classes that have any, with their numbers: one without pictures is a
/// fault, and named as such.
fn present<'a>(
    subject: &Subject<'a>,
    train: &'a [u64],
) -> impl DoubleEndedIterator<Item = (&'a u64, &'a String)> {
    train.iter().zip(subject.class_names).filter(|(count, _)| **count > 0)
}

fn imbalance(subject: &Subject, train: &[u64]) -> Option<Finding> {
    let classes = || present(subject, train);
    // The first of several, so that the order of the classes decides.
    let (least, rare) = classes().min_by_key(|(count, _)| **count)?;
    let (most, frequent) = classes().rev().max_by_key(|(count, _)| **count)?;
    (*most > IMBALANCE * least).then(|| {
        let fact = format!(
            "{} to learn {} from, but {least} for {}",
            words::counted(*most, "picture"),
            words::quoted(frequent),
            words::quoted(rare),
        );
        let remedy = "add pictures of the rare classes, and look at the scores per class: accuracy hides how those fare";
        about_train(subject, "class_imbalance", fact, remedy)
    })
}

fn few_pictures(subject: &Subject, train: &[u64]) -> Option<Finding> {
    let small = present(subject, train).filter(|(count, _)| **count < FEW);
    let small: Vec<_> =
        small.map(|(count, name)| format!("{} ({count})", words::quoted(name))).collect();
    (!small.is_empty()).then(|| {
        let fact = format!("fewer than {FEW} pictures to learn from for {}", words::listed(&small));
        let remedy = "add pictures of these classes, or leave the classes out";
        about_train(subject, "few_pictures", fact, remedy)
    })
}
