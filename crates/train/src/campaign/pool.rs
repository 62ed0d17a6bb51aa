//! The pictures that are divided into folds.

use super::{
    alike::groups,
    divide::{Picture, divide},
};
use crate::{
    TrainError,
    material::{Exam, Material, find_split, list},
    view::View,
};
use shoebox_artifact::{
    fingerprint,
    records::{Audit, Manifest, Sample, read_json},
};
use shoebox_cache::{Moments, TensorCache};

/// Train and val of a cache, divided into folds. Its test split is no part of
/// it, and is never looked at.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    /// Sorted by class, as in a split of the cache.
    view: View<'a>,
    paths: Vec<String>,
    fold_of: Vec<usize>,
    /// Of the pixels of each fold.
    moments: Vec<Moments>,
    /// Whether pictures that look alike are known, or equal files alone.
    pub knows_alike: bool,
}

impl<'a> Pool<'a> {
    /// Divides the pictures of `cache` into `folds` by `seed`.
    ///
    /// # Errors
    /// [`TrainError::Folds`] where there are too few pictures for so many.
    pub fn new(cache: &'a TensorCache, folds: u32, seed: u64) -> Result<Self, TrainError> {
        let (train, val) =
            (View::of(find_split(cache, "train")?)?, View::of(find_split(cache, "val")?)?);
        let mut samples = list(cache, "train", train.len())?;
        samples.extend(list(cache, "val", val.len())?);
        let view = train.followed_by(val);
        let path = cache.folder().join(Manifest::AUDIT_FILE);
        let audit: Audit = read_json(&path, "run `prep` again")?;
        let groups = groups(&samples, &audit).map_err(|fact| TrainError::Folds {
            path,
            fact,
            remedy: "remove copies and run `prep` again, so that folds can keep them together",
        })?;
        let pictures = pictures(&samples, view.labels(), &groups);
        let classes = cache.manifest().class_names.len();
        let fold_of = divide(&pictures, classes, folds as usize, seed);
        let mut order: Vec<usize> = (0..view.len()).collect();
        order.sort_by_key(|&row| view.labels()[row]);
        let pool = Self {
            moments: moments(&view, &fold_of, folds as usize),
            view: view.pick(&order),
            paths: order.iter().map(|&row| samples[row].path.clone()).collect(),
            fold_of: order.iter().map(|&row| fold_of[row]).collect(),
            knows_alike: audit.complete,
        };
        pool.check(cache).map(|()| pool)
    }

    /// Pictures of all folds.
    pub fn len(&self) -> usize {
        self.view.len()
    }

    /// The positions in the pool of the pictures of `fold` (from 0).
    pub fn rows(&self, fold: usize) -> Vec<usize> {
        (0..self.len()).filter(|&row| self.fold_of[row] == fold).collect()
    }

    /// A training that measures on `fold` (from 0), and learns from the others.
    pub fn material(&self, fold: usize) -> Material<'a> {
        let rows = self.rows(fold);
        let others: Vec<_> = (0..self.len()).filter(|&row| self.fold_of[row] != fold).collect();
        let mut moments = Moments::default();
        let others_moments = self.moments.iter().enumerate().filter(|(other, _)| *other != fold);
        others_moments.for_each(|(_, other)| moments.add(other));
        let (mean, std) = moments.mean_and_std();
        let paths = rows.iter().map(|&row| self.paths[row].clone()).collect();
        let val = Exam { name: "val".to_owned(), view: self.view.pick(&rows), paths };
        Material { train: self.view.pick(&others), mean, std, val, test: None }
    }

    /// Every fold has pictures, and leaves some of each class to learn from.
    fn check(&self, cache: &TensorCache) -> Result<(), TrainError> {
        let classes = &cache.manifest().class_names;
        let all = self.view.counts(classes.len());
        for fold in 0..self.moments.len() {
            let counts = self.view.pick(&self.rows(fold)).counts(classes.len());
            let empty = counts.iter().all(|&count| count == 0);
            let whole =
                (0..classes.len()).find(|&class| all[class] > 0 && counts[class] == all[class]);
            let fact = match whole {
                _ if empty => format!(
                    "{} pictures, of which those that are alike stay together, are too few for {} folds",
                    self.len(),
                    self.moments.len()
                ),
                Some(class) => format!(
                    "all {} pictures of `{}` would be in one fold, so that its network learns nothing of them",
                    all[class], classes[class]
                ),
                None => continue,
            };
            let (path, remedy) = (cache.folder().to_owned(), "add pictures that do not look alike");
            return Err(TrainError::Folds { path, fact, remedy });
        }
        Ok(())
    }
}

fn pictures(samples: &[Sample], labels: &[i64], groups: &[usize]) -> Vec<Picture> {
    let rows = samples.iter().zip(labels).zip(groups);
    rows.map(|((sample, &label), &group)| Picture {
        label: label as usize,
        group,
        // `prep` wrote it; a text that is none would still tell files apart.
        digest: fingerprint::parse(&sample.digest)
            .unwrap_or_else(|| fingerprint::digest_bytes(sample.digest.as_bytes())),
    })
    .collect()
}

fn moments(view: &View, fold_of: &[usize], folds: usize) -> Vec<Moments> {
    let mut moments = vec![Moments::default(); folds];
    for (row, &fold) in fold_of.iter().enumerate() {
        moments[fold].add(&Moments::of(view.row(row)));
    }
    moments
}
