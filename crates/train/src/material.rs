//! What one training learns from, and what it is measured on.

use crate::{TrainError, view::View};
use shoebox_artifact::{
    ArtifactError,
    records::{Manifest, Sample, samples},
};
use shoebox_cache::{Split, TensorCache};

/// The pictures of one training.
#[derive(Debug)]
pub(crate) struct Material<'a> {
    /// To learn from.
    pub train: View<'a>,
    /// Mean of each channel over the pictures to learn from, 0–1.
    pub mean: [f64; 3],
    /// Population deviation of each channel over them, 0–1.
    pub std: [f64; 3],
    /// Measured after each epoch.
    pub val: Exam<'a>,
    /// Measured once, with the best weights.
    pub test: Option<Exam<'a>>,
}

/// Pictures that weights are measured on.
#[derive(Debug)]
pub(crate) struct Exam<'a> {
    /// What predictions and figures go by: `val`, `test` or `train`.
    pub name: String,
    pub view: View<'a>,
    /// The file of each picture.
    pub paths: Vec<String>,
}

impl<'a> Material<'a> {
    /// The splits as the cache has them.
    pub fn of(cache: &'a TensorCache) -> Result<Self, TrainError> {
        let Manifest { mean, std, .. } = *cache.manifest();
        let has_test = cache.split("test").is_some_and(|split| !split.is_empty());
        Ok(Self {
            train: View::of(find_split(cache, "train")?)?,
            mean,
            std,
            val: Exam::of(cache, "val")?,
            test: has_test.then(|| Exam::of(cache, "test")).transpose()?,
        })
    }
}

impl<'a> Exam<'a> {
    /// The pictures of the split `name`, which must have some.
    pub fn of(cache: &'a TensorCache, name: &str) -> Result<Self, TrainError> {
        let view = View::of(find_split(cache, name)?)?;
        let samples = list(cache, name, view.len())?;
        let paths = samples.into_iter().map(|sample| sample.path).collect();
        Ok(Self { name: name.to_owned(), view, paths })
    }
}

/// What the cache's table says of the split `name`, which has so many rows.
pub(crate) fn list(
    cache: &TensorCache,
    name: &str,
    rows: usize,
) -> Result<Vec<Sample>, TrainError> {
    let path = cache.folder().join(Manifest::SAMPLES_FILE);
    let of_split = |sample: &Result<Sample, _>| match sample {
        Ok(sample) => sample.split == name,
        Err(_) => true,
    };
    let found: Vec<Sample> = samples(&path)?.filter(of_split).collect::<Result<_, _>>()?;
    if found.len() != rows {
        let fact = format!("it lists {} samples of {name}, but the cache has {rows}", found.len());
        return Err(ArtifactError::Malformed { path, fact, remedy: "run `prep` again" }.into());
    }
    Ok(found)
}

/// The split `name`, which must have a picture.
pub(crate) fn find_split<'cache>(
    cache: &'cache TensorCache,
    name: &str,
) -> Result<&'cache Split, TrainError> {
    let (path, split) = (cache.folder().to_owned(), name.to_owned());
    match cache.split(name) {
        Some(found) if found.is_empty() => Err(TrainError::EmptySplit { path, split }),
        Some(found) => Ok(found),
        None => {
            let have = cache.manifest().splits.keys().cloned().collect::<Vec<_>>().join(", ");
            Err(TrainError::NoSplit { path, split, have })
        }
    }
}
