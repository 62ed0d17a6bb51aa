//! How a single picture becomes a row, and what it may cost.

use crate::keys::Problem;
use serde::{Deserialize, Serialize};

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

/// What `prep` does about a JPEG whose data ends before the picture does, or is
/// damaged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Truncated {
    /// It counts as a file that cannot be decoded.
    #[default]
    Refuse,
    /// What is there is used, what is missing is filled in by the decoder,
    /// and the audit names the picture.
    Repair,
}

/// What a single picture may cost. A small file that claims more is a
/// decompression bomb and counts as one that cannot be decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Limits {
    /// The most pixels of a picture.
    pub pixels: u64,
    /// The most bytes of a file, and the most bytes of a decoded picture.
    pub bytes: u64,
}

impl Default for Limits {
    /// 178,956,970 pixels, Pillow's limit, and the 512 MiB that they take as RGB.
    fn default() -> Self {
        Self { pixels: 178_956_970, bytes: 512 << 20 }
    }
}

impl Limits {
    pub(crate) fn validate(self) -> Result<(), Problem> {
        let problem = |key: &str| {
            Problem::new(
                &format!("data.limits.{key}"),
                "0 would refuse every picture; give 1 or more",
            )
        };
        match self {
            Self { pixels: 0, .. } => Err(problem("pixels")),
            Self { bytes: 0, .. } => Err(problem("bytes")),
            _ => Ok(()),
        }
    }
}
