//! The `evaluate:` section: how the trained network is measured and used.

use crate::keys::Problem;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How the best weights are measured after training, and how `predict` uses
/// them: all of it goes into their checkpoint.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EvaluateSpec {
    /// The views of a picture that are classified.
    pub tta: Tta,
    /// Whether a temperature is fitted on val: one number that makes the
    /// probabilities as sure as they deserve, and changes no answer.
    pub temperature: bool,
    /// When a picture is unknown; never when not given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reject: Option<Reject>,
}

impl Default for EvaluateSpec {
    fn default() -> Self {
        Self { tta: Tta::None, temperature: true, reject: None }
    }
}

impl EvaluateSpec {
    /// Checks what types alone cannot say.
    ///
    /// # Errors
    /// The first [`Problem`], with its place.
    pub fn validate(&self) -> Result<(), Problem> {
        let precision = self.reject.map_or(0.5, |reject| reject.precision);
        if precision > 0.0 && precision < 1.0 {
            return Ok(());
        }
        let message = format!(
            "{precision} is impossible; give a share of right answers between 0 and 1, without either"
        );
        Err(Problem::new("evaluate.reject.precision", message))
    }
}

/// Pictures that are unknown: those whose likeliest class is less probable than
/// a threshold, which is the lowest with the precision on val.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Reject {
    /// The share of right answers among those that are given, between 0 and 1.
    pub precision: f64,
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
