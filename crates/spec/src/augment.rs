//! How training pictures are changed each time they are seen.

mod brightness;
mod contrast;
mod cutmix;
mod flip;
mod hue;
mod mixup;
mod random_erasing;
mod random_resized_crop;
mod range;
mod rotation;
mod saturation;
mod translation;
mod zoom;

pub use brightness::Brightness;
pub use contrast::Contrast;
pub use cutmix::CutMix;
pub use flip::Flip;
pub use hue::Hue;
pub use mixup::MixUp;
pub use random_erasing::RandomErasing;
pub use random_resized_crop::RandomResizedCrop;
pub use range::Range;
pub use rotation::Rotation;
pub use saturation::Saturation;
pub use translation::Translation;
pub use zoom::Zoom;

use crate::keys::Problem;
use serde::{Deserialize, Serialize};

/// One way of changing training pictures, with torchvision's meaning where it
/// has it. Colours are changed first, then places, each in the order of the
/// list; boxes are erased after that, and pictures mixed last.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Augment {
    /// A part of the picture, stretched to the picture's size.
    RandomResizedCrop(RandomResizedCrop),
    /// Mirrored.
    Flip(Flip),
    /// Turned about the centre.
    Rotation(Rotation),
    /// Made larger or smaller about the centre.
    Zoom(Zoom),
    /// Moved.
    Translation(Translation),
    /// Lighter or darker.
    Brightness(Brightness),
    /// Nearer to the picture's mean grey or further from it.
    Contrast(Contrast),
    /// Nearer to grey or further from it.
    Saturation(Saturation),
    /// Turned around the circle of colours.
    Hue(Hue),
    /// A box of nothing.
    RandomErasing(RandomErasing),
    /// A share of another picture, and of its label.
    #[serde(rename = "mixup")]
    MixUp(MixUp),
    /// A box of another picture, and as much of its label.
    #[serde(rename = "cutmix")]
    CutMix(CutMix),
}

impl Augment {
    /// The key in the spec.
    pub fn kind(&self) -> &'static str {
        match self {
            Self::RandomResizedCrop(_) => "random_resized_crop",
            Self::Flip(_) => "flip",
            Self::Rotation(_) => "rotation",
            Self::Zoom(_) => "zoom",
            Self::Translation(_) => "translation",
            Self::Brightness(_) => "brightness",
            Self::Contrast(_) => "contrast",
            Self::Saturation(_) => "saturation",
            Self::Hue(_) => "hue",
            Self::RandomErasing(_) => "random_erasing",
            Self::MixUp(_) => "mixup",
            Self::CutMix(_) => "cutmix",
        }
    }

    /// Whether it needs a second picture.
    pub fn mixes(&self) -> bool {
        matches!(self, Self::MixUp(_) | Self::CutMix(_))
    }

    /// Checks the numbers of what stands at `place` in the spec.
    fn validate(&self, place: &str) -> Result<(), Problem> {
        match self {
            Self::RandomResizedCrop(spec) => spec.validate(place),
            Self::Flip(spec) => spec.validate(place),
            Self::Rotation(spec) => spec.validate(place),
            Self::Zoom(spec) => spec.validate(place),
            Self::Translation(spec) => spec.validate(place),
            Self::Brightness(spec) => spec.validate(place),
            Self::Contrast(spec) => spec.validate(place),
            Self::Saturation(spec) => spec.validate(place),
            Self::Hue(spec) => spec.validate(place),
            Self::RandomErasing(spec) => spec.validate(place),
            Self::MixUp(spec) => spec.validate(place),
            Self::CutMix(spec) => spec.validate(place),
        }
    }
}

/// Checks the list of `train.augment`.
pub(crate) fn validate(list: &[Augment]) -> Result<(), Problem> {
    for (index, augment) in list.iter().enumerate() {
        let (kind, place) = (augment.kind(), format!("train.augment.{index}"));
        if list[..index].iter().any(|earlier| earlier.kind() == kind) {
            let message = format!("{kind} is in the list already; give it once");
            return Err(Problem::new(&place, message));
        }
        augment.validate(&format!("{place}.{kind}"))?;
    }
    Ok(())
}
