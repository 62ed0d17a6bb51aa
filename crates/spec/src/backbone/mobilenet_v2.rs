//! MobileNetV2 with torchvision's tensor names.

use super::{
    block::{Block, ConvNorm, Family, inverted_residual},
    resnet,
};
use crate::layer::Activation;

pub(super) const FAMILY: Family = Family { classifier: "classifier.1", ..resnet::FAMILY };

/// Expansion, channels, blocks, stride of the first block.
const STAGES: [[u32; 4]; 7] = [
    [1, 16, 1, 1],
    [6, 24, 2, 2],
    [6, 32, 3, 2],
    [6, 64, 4, 2],
    [6, 96, 3, 1],
    [6, 160, 3, 2],
    [6, 320, 1, 1],
];

/// Channels after the first convolution and after the last.
const STEM: u32 = 32;
const FEATURES: u32 = 1280;

pub(super) fn blocks() -> Vec<Block> {
    let plain = |number: usize, channels, kernel| {
        let name = format!("features.{number}");
        let names = [0, 1].map(|part| format!("{name}.{part}"));
        (name, ConvNorm::new(names, channels, kernel, Activation::Relu6))
    };
    let (name, stem) = plain(0, [3, STEM], 3);
    let stem = Block::new(name, vec![stem.stride(2)], &FAMILY);
    let mut blocks = vec![Block { of_pixels: true, ..stem }];
    let mut inputs = STEM;
    for [expand, filters, repeats, stride] in STAGES {
        for repeat in 0..repeats {
            let stride = if repeat == 0 { stride } else { 1 };
            blocks.push(block(blocks.len(), [inputs, filters], expand, stride));
            inputs = filters;
        }
    }
    let (name, last) = plain(blocks.len(), [inputs, FEATURES], 1);
    blocks.push(Block::new(name, vec![last], &FAMILY));
    blocks
}

fn block(number: usize, channels: [u32; 2], expand: u32, stride: u32) -> Block {
    let name = format!("features.{number}");
    let names = |parts: [&str; 2]| parts.map(|part| format!("{name}.conv.{part}"));
    // A convolution and its norm are a pair of their own (`0.0`, `0.1`), but
    // for the last ones. Without an expansion all move up by one.
    let (expansion, others) = match expand {
        1 => (None, [["0.0", "0.1"], ["1", "2"]]),
        _ => (Some(["0.0", "0.1"]), [["1.0", "1.1"], ["2", "3"]]),
    };
    let others = others.map(names);
    let units = inverted_residual(expansion.map(names), others, channels, expand, 3, stride);
    Block::new(name, units, &FAMILY).with_identity()
}
