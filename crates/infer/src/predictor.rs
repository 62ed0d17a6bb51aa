//! Pictures in, class probabilities out.

use crate::InferError;
use rayon::prelude::*;
use shoebox_artifact::{Artifacts, records::Calibration};
use shoebox_metrics::{argmax, temper};
use shoebox_model::{Checkpoint, ModelCard, Network, choose_device};
use shoebox_prep::{DecodeError, Recipe, Workspace, prepare};
use shoebox_spec::{Device, Tta};
use std::{
    fs, io,
    path::{Path, PathBuf},
};
use tch::{Kind, Tensor};

/// A network with all it needs to classify picture files.
#[derive(Debug)]
pub struct Predictor {
    network: Network,
    card: ModelCard,
}

/// What the network says of one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Prediction {
    /// Position in the class names.
    pub class: usize,
    /// One per class, in the order of the class names; they sum to 1.
    pub probabilities: Vec<f32>,
    /// Whether the likeliest class is less probable than the checkpoint's
    /// threshold: an answer that should not be given.
    pub is_unknown: bool,
}

/// Why one picture could not be classified.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file cannot be read.
    #[error("{path}: cannot read it: {source}; check the path and its permissions")]
    Read {
        /// The picture.
        path: PathBuf,
        /// What the operating system said.
        source: io::Error,
    },
    /// The file is no picture.
    #[error("{path}: {source}; pass a whole JPEG, PNG, WebP, GIF, BMP or TIFF file")]
    Decode {
        /// The picture.
        path: PathBuf,
        /// What the decoder said.
        source: DecodeError,
    },
}

/// Pictures that are classified together.
const BATCH_SIZE: usize = 32;

impl Predictor {
    /// Opens a checkpoint file, or the best checkpoint of a run (its folder,
    /// or its name below `artifacts`). The checkpoint is all that is needed.
    ///
    /// # Errors
    /// No such run or file, a file that is no checkpoint, an unusable device.
    pub fn open(
        run_or_checkpoint: &Path,
        artifacts: &Artifacts,
        device: Device,
    ) -> Result<Self, InferError> {
        let path = if run_or_checkpoint.is_file() {
            run_or_checkpoint.to_owned()
        } else {
            artifacts.find_run(run_or_checkpoint)?.find_best_checkpoint()?
        };
        let checkpoint = Checkpoint::read(&path)?;
        let network = checkpoint.network(choose_device(device)?)?;
        Ok(Self { network, card: checkpoint.card })
    }

    /// With the views of `tta` in the place of the checkpoint's.
    pub fn with_tta(mut self, tta: Tta) -> Self {
        self.card.tta = tta;
        self
    }

    /// Whether temperature and threshold were fitted to other views than `tta`.
    pub fn is_calibrated_otherwise(&self, tta: Tta) -> bool {
        self.card.calibration.is_some() && self.card.tta != tta
    }

    /// With every answer given, however unsure.
    pub fn without_threshold(mut self) -> Self {
        if let Some(calibration) = &mut self.card.calibration {
            calibration.reject = None;
        }
        self
    }

    /// The classes, in the order of the probabilities.
    pub fn class_names(&self) -> &[String] {
        &self.card.class_names
    }

    /// Classifies `pictures`, calling `tell` with each one's result in order.
    /// Memory does not grow with their number.
    ///
    /// # Errors
    /// What libtorch refuses; a picture that cannot be read is told, and the
    /// next ones go on.
    pub fn predict(
        &self,
        pictures: &[PathBuf],
        mut tell: impl FnMut(&Path, Result<Prediction, PictureError>),
    ) -> Result<(), InferError> {
        for chunk in pictures.chunks(BATCH_SIZE) {
            let recipe = Recipe::with_defaults(self.card.image_size, self.card.resize);
            let prepared: Vec<_> = chunk
                .par_iter()
                .map_init(Workspace::default, |kept, path| read_and_prepare(path, &recipe, kept))
                .collect();
            let readable = prepared.iter().filter_map(|picture| picture.as_ref().ok());
            let mut predictions = self.classify(readable)?.into_iter();
            for (path, picture) in chunk.iter().zip(prepared) {
                match picture {
                    Err(error) => tell(path, Err(error)),
                    // One prediction came for each readable picture, in order.
                    Ok(_) => predictions
                        .by_ref()
                        .take(1)
                        .for_each(|prediction| tell(path, Ok(prediction))),
                }
            }
        }
        Ok(())
    }

    /// One prediction per prepared picture, in order.
    fn classify<'a>(
        &self,
        rows: impl Iterator<Item = &'a Vec<u8>>,
    ) -> Result<Vec<Prediction>, InferError> {
        let (mut pixels, mut count) = (Vec::new(), 0);
        for row in rows {
            pixels.extend_from_slice(row);
            count += 1;
        }
        if count == 0 {
            return Ok(Vec::new());
        }
        let [height, width] = self.card.image_size.map(i64::from);
        let images = Tensor::f_from_data_size(&pixels, &[count, height, width, 3], Kind::Uint8)?;
        let logs = self.network.log_probabilities(&images, self.card.tta)?;
        let rows = Vec::<Vec<f32>>::try_from(logs)?;
        Ok(rows.iter().map(|row| self.judge(row)).collect())
    }

    /// What the logarithms of a picture's class probabilities come to.
    fn judge(&self, row: &[f32]) -> Prediction {
        let calibration = self.card.calibration.as_ref();
        let temperature = calibration.map_or(1.0, Calibration::temperature);
        let threshold = calibration.and_then(|fitted| fitted.reject.as_ref());
        let class = argmax(row);
        let probabilities: Vec<f64> = temper(row, temperature).iter().map(|p| p.exp()).collect();
        Prediction {
            class,
            is_unknown: threshold.is_some_and(|one| probabilities[class] < one.threshold),
            probabilities: probabilities.into_iter().map(|p| p as f32).collect(),
        }
    }
}

/// The very function that filled the cache, with the checkpoint's recipe.
fn read_and_prepare(
    path: &Path,
    recipe: &Recipe,
    kept: &mut Workspace,
) -> Result<Vec<u8>, PictureError> {
    let bytes =
        fs::read(path).map_err(|source| PictureError::Read { path: path.to_owned(), source })?;
    let mut row = vec![0; recipe.row_bytes()];
    prepare(&bytes, recipe, kept, &mut row)
        .map_err(|source| PictureError::Decode { path: path.to_owned(), source })?;
    Ok(row)
}
