//! The `data:` section: where the pictures are and how they become tensors.

use crate::{keys::Problem, scalar::Pair};
use serde::{Deserialize, Serialize};
use std::path::{Path, PathBuf};

/// Where the pictures are (a folder per class) and how each becomes an
/// `[height, width, 3]` u8 array. Paths are relative to the working directory.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DataSpec {
    /// The training pictures. Its folders name the classes.
    pub train: PathBuf,
    /// The pictures that early stopping and the best checkpoint are chosen on.
    pub val: PathBuf,
    /// Pictures that are only looked at once, after training.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub test: Option<PathBuf>,
    /// Height and width of every prepared picture, in pixels.
    #[serde(default = "default_image_size")]
    pub image_size: Pair,
    /// How a picture is brought to `image_size`.
    #[serde(default)]
    pub resize: Resize,
    /// What to do about a file that cannot be decoded.
    #[serde(default)]
    pub unreadable: Unreadable,
}

fn default_image_size() -> Pair {
    Pair::square(224)
}

/// The largest side of a prepared picture, in pixels.
const MAX_SIDE: u32 = 4096;

impl DataSpec {
    /// The splits that the spec names, in the order train, val, test.
    pub fn splits(&self) -> impl Iterator<Item = (&'static str, &Path)> {
        [("train", Some(&self.train)), ("val", Some(&self.val)), ("test", self.test.as_ref())]
            .into_iter()
            .filter_map(|(name, path)| Some((name, path?.as_path())))
    }

    pub(crate) fn validate(&self) -> Result<(), Problem> {
        let sides = self.image_size.0;
        if sides.iter().any(|side| !(1..=MAX_SIDE).contains(side)) {
            let [height, width] = sides;
            return Err(Problem::new(
                "data.image_size",
                format!(
                    "[{height}, {width}] is impossible; each side must be 1 to {MAX_SIDE} pixels"
                ),
            ));
        }
        Ok(())
    }
}

/// How a picture of any shape becomes `image_size`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Resize {
    /// Both sides are scaled on their own; the aspect ratio is lost. What Keras does.
    Stretch(Filter),
    /// Scaled until the picture covers `image_size`; what hangs over is cut off evenly.
    CenterCrop(Filter),
    /// Scaled until the picture fits into `image_size`; the rest is black.
    Letterbox(Filter),
}

impl Default for Resize {
    fn default() -> Self {
        Self::Stretch(Filter::Bilinear)
    }
}

/// How pixels between pixels are computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filter {
    /// Two by two neighbours, whatever the scale: TensorFlow's `tf.image.resize`.
    /// Shrinking by more than 2 skips pixels.
    Bilinear,
    /// Bilinear over every pixel that an output pixel covers: Pillow's `BILINEAR`.
    BilinearAntialias,
    /// Windowed sinc of three lobes over every covered pixel: Pillow's `LANCZOS`.
    Lanczos3,
}

/// What `prep` does about a file that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Unreadable {
    /// Finish the scan, list every such file with its reason, and fail.
    #[default]
    Fail,
    /// Leave them out, and record them.
    Skip,
}
