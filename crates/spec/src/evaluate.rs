//! The `evaluate:` section: how the trained network is measured and used.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How the best weights are measured after training, and how `predict` uses
/// them: all of it goes into their checkpoint.
#[derive(Debug, Clone, PartialEq, Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluateSpec {
    /// The views of a picture that are classified.
    pub tta: Tta,
}

/// Test-time augmentation: the views of a picture whose class probabilities
/// are averaged. The views follow from the picture alone, without chance.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Tta {
    /// The picture as it is.
    #[default]
    None,
    /// The picture and its mirror image.
    Flip,
    /// Its four corners and its centre, each 7/8 of both sides and enlarged to
    /// the picture's size, and their mirror images (Krizhevsky et al.,
    /// "ImageNet classification with deep convolutional neural networks", 2012).
    TenCrop,
}

impl Tta {
    /// Every choice, with the word for it.
    const WORDS: [(&str, Self); 3] =
        [("none", Self::None), ("flip", Self::Flip), ("ten_crop", Self::TenCrop)];

    /// Whether pictures are taken as they are.
    pub fn is_none(&self) -> bool {
        *self == Self::None
    }
}

impl fmt::Display for Tta {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = Self::WORDS.iter().find(|(_, tta)| tta == self).map_or("", |(word, _)| word);
        out.write_str(word)
    }
}

impl FromStr for Tta {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let found = Self::WORDS.iter().find(|(word, _)| *word == text);
        found
            .map(|(_, tta)| *tta)
            .ok_or_else(|| format!("`{text}` is no choice, expected `none`, `flip` or `ten_crop`"))
    }
}
