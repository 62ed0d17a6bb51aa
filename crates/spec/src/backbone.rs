//! Networks that are known by name: which there are, and what a spec may ask
//! of one. What each is made of is a table of its family, in a file of its own.

mod block;
mod efficientnet_lite;
mod mobilenet_v2;
mod resnet;
mod train_from;

pub use block::{Block, ConvNorm, Edges, Family, Shortcut};
pub use train_from::TrainFrom;

use crate::{keys::Problem, suggest::nearest};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::{fmt, path::PathBuf};

/// What stands before the head: a network up to its last feature map.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Backbone {
    /// EfficientNet-Lite0 (Tan and Le, arXiv:1905.11946; Lite drops
    /// squeeze-and-excitation and takes ReLU6).
    EfficientnetLite0(Tuning),
    /// EfficientNet-Lite2: 1.1 times the width, 1.2 times the depth.
    EfficientnetLite2(Tuning),
    /// ResNet-18 (He et al., arXiv:1512.03385).
    Resnet18(Tuning),
    /// ResNet-34.
    Resnet34(Tuning),
    /// ResNet-50, whose stride is in the 3×3 convolution, as in torchvision.
    Resnet50(Tuning),
    /// MobileNetV2 (Sandler et al., arXiv:1801.04381).
    MobilenetV2(Tuning),
}

/// Where a backbone's weights come from, and which of them are trained.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tuning {
    /// The first weights.
    pub weights: Weights,
    /// The first layer that is trained; all before it stay as they are. By
    /// default, weights from a file all stay, and random ones are all trained.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub train_from: Option<TrainFrom>,
    /// What the batch norms of trained layers go by while training: by
    /// default the frozen statistics of a file, else those of the batch.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub statistics: Option<Statistics>,
}

/// What batch norms go by while training.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statistics {
    /// The mean and variance that they have, which stay.
    Frozen,
    /// The batch's, which the moving ones follow.
    Moving,
}

/// The first weights of a backbone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Weights {
    /// `weights/<backbone>.safetensors` in the artifacts folder: trained on ImageNet.
    Imagenet,
    /// Drawn from the seed.
    Random,
    /// A safetensors file with the published tensor names.
    File(PathBuf),
}

impl Backbone {
    /// Its key in the spec, which is also its file's name.
    pub fn name(&self) -> &'static str {
        match self {
            Self::EfficientnetLite0(_) => "efficientnet_lite0",
            Self::EfficientnetLite2(_) => "efficientnet_lite2",
            Self::Resnet18(_) => "resnet18",
            Self::Resnet34(_) => "resnet34",
            Self::Resnet50(_) => "resnet50",
            Self::MobilenetV2(_) => "mobilenet_v2",
        }
    }

    /// Its weights, and which of them are trained.
    pub fn tuning(&self) -> &Tuning {
        match self {
            Self::EfficientnetLite0(tuning)
            | Self::EfficientnetLite2(tuning)
            | Self::Resnet18(tuning)
            | Self::Resnet34(tuning)
            | Self::Resnet50(tuning)
            | Self::MobilenetV2(tuning) => tuning,
        }
    }

    /// What its blocks have in common.
    pub fn family(&self) -> &'static Family {
        match self {
            Self::EfficientnetLite0(_) | Self::EfficientnetLite2(_) => &efficientnet_lite::FAMILY,
            Self::Resnet18(_) | Self::Resnet34(_) | Self::Resnet50(_) => &resnet::FAMILY,
            Self::MobilenetV2(_) => &mobilenet_v2::FAMILY,
        }
    }

    /// Its blocks in order, with the layers marked that are trained.
    ///
    /// # Errors
    /// A `train_from` that it does not have.
    pub fn blocks(&self) -> Result<Vec<Block>, Problem> {
        let mut blocks = match self {
            Self::EfficientnetLite0(_) => efficientnet_lite::blocks(1.0, 1.0),
            Self::EfficientnetLite2(_) => efficientnet_lite::blocks(1.1, 1.2),
            Self::Resnet18(_) => resnet::basic_blocks([2, 2, 2, 2]),
            Self::Resnet34(_) => resnet::basic_blocks([3, 4, 6, 3]),
            Self::Resnet50(_) => resnet::bottleneck_blocks([3, 4, 6, 3]),
            Self::MobilenetV2(_) => mobilenet_v2::blocks(),
        };
        let tuning = self.tuning();
        let first = tuning.first_trained(&blocks).map_err(|message| {
            Problem::new(&format!("model.backbone.{}.train_from", self.name()), message)
        })?;
        let moving = tuning.statistics() == Statistics::Moving;
        let mut number = 0;
        for block in &mut blocks {
            block.first_layer = number;
            for unit in block.conv_norms_mut() {
                (unit.trains_conv, unit.trains_norm) = (number >= first, number + 1 >= first);
                unit.moves_statistics = moving && unit.trains_norm;
                number += 2;
            }
        }
        Ok(blocks)
    }
}

impl Tuning {
    /// What trained batch norms go by, with the default resolved.
    pub fn statistics(&self) -> Statistics {
        self.statistics.unwrap_or(match self.weights {
            Weights::Random => Statistics::Moving,
            Weights::Imagenet | Weights::File(_) => Statistics::Frozen,
        })
    }

    /// The number of the first layer of `blocks` that is trained.
    fn first_trained(&self, blocks: &[Block]) -> Result<usize, String> {
        match (&self.train_from, &self.weights) {
            (Some(train_from), _) => train_from.resolve(blocks),
            (None, Weights::Random) => Ok(0),
            (None, Weights::Imagenet | Weights::File(_)) => TrainFrom::head().resolve(blocks),
        }
    }
}

impl Serialize for Weights {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Imagenet => serializer.serialize_str("imagenet"),
            Self::Random => serializer.serialize_str("random"),
            Self::File(path) => path.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Weights {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = Weights;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str(WEIGHTS)
            }

            fn visit_str<E: de::Error>(self, word: &str) -> Result<Weights, E> {
                match word {
                    "imagenet" => Ok(Weights::Imagenet),
                    "random" => Ok(Weights::Random),
                    path if path.ends_with(".safetensors") => Ok(Weights::File(path.into())),
                    typo => {
                        Err(E::custom(match nearest(typo, ["imagenet", "random"].into_iter()) {
                            Some(name) => {
                                format!("`{typo}` is not {WEIGHTS}; did you mean `{name}`?")
                            }
                            None => format!("`{typo}` is not {WEIGHTS}"),
                        }))
                    }
                }
            }
        }
        deserializer.deserialize_str(Visitor)
    }
}

const WEIGHTS: &str = "`imagenet`, `random` or a path that ends in .safetensors";

#[cfg(test)]
mod tests {
    use super::*;

    fn blocks(backbone: &str, train_from: &str) -> Result<Vec<Block>, Problem> {
        let yaml = format!("{{\"{backbone}\": {{\"weights\": \"imagenet\"{train_from}}}}}");
        serde_json::from_str::<Backbone>(&yaml).unwrap().blocks()
    }

    /// The numbers of the layers that are trained, and of all.
    fn trained(backbone: &str, train_from: &str) -> (Vec<usize>, usize) {
        let blocks = blocks(backbone, train_from).unwrap();
        let units = blocks.iter().flat_map(Block::conv_norms);
        let flags: Vec<bool> =
            units.flat_map(|unit| [unit.trains_conv, unit.trains_norm]).collect();
        ((0..flags.len()).filter(|&number| flags[number]).collect(), flags.len())
    }

    #[test]
    fn training_starts_at_a_number_a_name_or_the_head() {
        let lite0 = "efficientnet_lite0";
        assert_eq!(trained(lite0, ", \"train_from\": 80"), ((80..98).collect(), 98));
        assert_eq!(trained(lite0, ", \"train_from\": \"_blocks.15\""), ((90..98).collect(), 98));
        assert_eq!(trained(lite0, ", \"train_from\": \"_blocks\""), ((2..98).collect(), 98));
        assert_eq!(trained(lite0, ", \"train_from\": \"head\""), (vec![], 98));
        assert_eq!(trained(lite0, ""), (vec![], 98));
        // The second block of layer4 has two convolutions, the first a third in its shortcut.
        assert_eq!(trained("resnet18", ", \"train_from\": \"layer4\""), ((30..40).collect(), 40));
        assert!(blocks(lite0, ", \"train_from\": \"_blocks.1\"").unwrap()[2].first_layer == 6);
    }

    #[test]
    fn only_trained_norms_move_and_only_where_asked_or_random() {
        let moving = |spec: &str| {
            let backbone: Backbone = serde_json::from_str(spec).unwrap();
            let blocks = backbone.blocks().unwrap();
            blocks.iter().flat_map(Block::conv_norms).filter(|unit| unit.moves_statistics).count()
        };
        assert_eq!(moving(r#"{"resnet18": {"weights": "random"}}"#), 20);
        assert_eq!(moving(r#"{"resnet18": {"weights": "random", "train_from": "layer4"}}"#), 5);
        assert_eq!(moving(r#"{"resnet18": {"weights": "imagenet", "train_from": 0}}"#), 0);
        let asked = r#"{"resnet18": {"weights": "a.safetensors", "train_from": "layer4", "statistics": "moving"}}"#;
        assert_eq!(moving(asked), 5);
    }

    #[test]
    fn a_backbone_survives_a_trip_through_json() {
        let text = r#"{"resnet50":{"weights":"a/b.safetensors","train_from":"layer4"}}"#;
        let backbone: Backbone = serde_json::from_str(text).unwrap();
        assert_eq!(backbone.tuning().weights, Weights::File("a/b.safetensors".into()));
        assert_eq!(serde_json::to_string(&backbone).unwrap(), text);
        let text = r#"{"mobilenet_v2":{"weights":"random","train_from":7,"statistics":"frozen"}}"#;
        let backbone: Backbone = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&backbone).unwrap(), text);
    }
}
