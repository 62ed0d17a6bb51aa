use super::Block;
use crate::suggest::nearest;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use std::fmt;

/// The first layer of a backbone that is trained.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum TrainFrom {
    /// A convolution or batch norm by its number: they are counted together,
    /// from 0, in the order of the published file.
    Layer(u64),
    /// The first layer of a block (`layer4.1`) or stage (`layer4`) by its
    /// published name, or `head`, which freezes the whole backbone.
    Name(String),
}

const HEAD: &str = "head";

impl TrainFrom {
    /// Nothing of the backbone is trained.
    pub(super) fn head() -> Self {
        Self::Name(HEAD.to_owned())
    }

    /// The number of the layer among those of `blocks`; one more than the
    /// last for `head`. The error is the fact and the remedy.
    pub(super) fn resolve(&self, blocks: &[Block]) -> Result<usize, String> {
        let all: usize = blocks.iter().map(Block::layers).sum();
        match self {
            Self::Name(name) if name == HEAD => Ok(all),
            Self::Name(name) => {
                let position = blocks.iter().position(|block| starts_at(block, name));
                let position = position.ok_or_else(|| unknown(name, blocks))?;
                Ok(blocks[..position].iter().map(Block::layers).sum())
            }
            Self::Layer(number) => {
                let in_range = usize::try_from(*number).ok().filter(|&number| number < all);
                in_range.ok_or_else(|| {
                    format!(
                        "there is no layer {number} among the {all} convolutions and batch norms, which count from 0; give 0 to {}, or `{HEAD}` to train the head alone",
                        all - 1
                    )
                })
            }
        }
    }
}

/// Whether the block is called `name` or is the first one of a stage called so.
fn starts_at(block: &Block, name: &str) -> bool {
    let rest = block.name.strip_prefix(name);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

fn unknown(name: &str, blocks: &[Block]) -> String {
    let names: Vec<&str> = blocks.iter().map(|block| block.name.as_str()).collect();
    // Stages are what is before the dot: `layer4` of `layer4.1`.
    let stages = names.iter().filter_map(|name| Some(name.split_once('.')?.0));
    let known = names.iter().copied().chain(stages).chain([HEAD]);
    let hint =
        nearest(name, known).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
    format!(
        "there is no block `{name}`; give one of those that `train --summary` lists ({} to {}), `{HEAD}`, or a layer's number{hint}",
        names[0],
        names[names.len() - 1]
    )
}

impl Serialize for TrainFrom {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Layer(number) => serializer.serialize_u64(*number),
            Self::Name(name) => serializer.serialize_str(name),
        }
    }
}

impl<'de> Deserialize<'de> for TrainFrom {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl de::Visitor<'_> for Visitor {
            type Value = TrainFrom;

            fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
                out.write_str("a layer's number, 0 or more, a block's name, or `head`")
            }

            fn visit_u64<E: de::Error>(self, number: u64) -> Result<TrainFrom, E> {
                Ok(TrainFrom::Layer(number))
            }

            fn visit_str<E: de::Error>(self, name: &str) -> Result<TrainFrom, E> {
                Ok(TrainFrom::Name(name.to_owned()))
            }
        }
        deserializer.deserialize_any(Visitor)
    }
}
