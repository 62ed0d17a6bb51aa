//! ResNet with torchvision's tensor names.

use super::block::{Block, ConvNorm, Edges, Family, Shortcut};
use crate::layer::{Activation, BatchNorm};

/// ImageNet's mean and deviation, as torchvision's networks are trained with.
pub(super) const FAMILY: Family = Family {
    edges: Edges::Even,
    norm: BatchNorm { momentum: 0.9, epsilon: 1e-5 },
    pixel_mean: [0.485 * 255.0, 0.456 * 255.0, 0.406 * 255.0],
    pixel_std: [0.229 * 255.0, 0.224 * 255.0, 0.225 * 255.0],
    classifier: "fc",
};

/// Channels within the blocks of each stage.
const WIDTHS: [u32; 4] = [64, 128, 256, 512];

/// ResNet-18 and -34: two 3×3 convolutions a block.
pub(super) fn basic_blocks(repeats: [u32; 4]) -> Vec<Block> {
    blocks(repeats, 1, |names, inputs, width, stride| {
        let [first, second] = [0, 1].map(names);
        vec![
            ConvNorm::new(first, [inputs, width], 3, Activation::Relu).stride(stride),
            ConvNorm::new(second, [width, width], 3, Activation::Linear),
        ]
    })
}

/// ResNet-50: down to the width, a 3×3 convolution, and up to four times the width.
pub(super) fn bottleneck_blocks(repeats: [u32; 4]) -> Vec<Block> {
    blocks(repeats, 4, |names, inputs, width, stride| {
        let [first, second, third] = [0, 1, 2].map(names);
        vec![
            ConvNorm::new(first, [inputs, width], 1, Activation::Relu),
            ConvNorm::new(second, [width, width], 3, Activation::Relu).stride(stride),
            ConvNorm::new(third, [width, 4 * width], 1, Activation::Linear),
        ]
    })
}

/// The stem and four stages of blocks, whose convolutions `units` gives for
/// names, channels before, width and stride. A block's result has
/// `expansion` times its width.
fn blocks(
    repeats: [u32; 4],
    expansion: u32,
    units: impl Fn(&dyn Fn(usize) -> [String; 2], u32, u32, u32) -> Vec<ConvNorm>,
) -> Vec<Block> {
    let names = ["conv1", "bn1"].map(str::to_owned);
    let stem = ConvNorm::new(names, [3, 64], 7, Activation::Relu).stride(2);
    let stem = Block::new("conv1".to_owned(), vec![stem], &FAMILY);
    let mut blocks = vec![Block { of_pixels: true, pools: true, ..stem }];
    let mut inputs = 64;
    for (stage, (width, repeats)) in (1..).zip(WIDTHS.into_iter().zip(repeats)) {
        for repeat in 0..repeats {
            let stride = if stage > 1 && repeat == 0 { 2 } else { 1 };
            let filters = expansion * width;
            let name = format!("layer{stage}.{repeat}");
            let unit_names =
                |unit: usize| ["conv", "bn"].map(|kind| format!("{name}.{kind}{}", unit + 1));
            let units = units(&unit_names, inputs, width, stride);
            let block = Block::new(name, units, &FAMILY).with_identity();
            blocks.push(Block {
                activation: Activation::Relu,
                ..project(block, [inputs, filters], stride)
            });
            inputs = filters;
        }
    }
    blocks
}

/// The block with a projection as its shortcut, unless it has the identity.
fn project(block: Block, channels: [u32; 2], stride: u32) -> Block {
    if block.shortcut == Shortcut::Identity {
        return block;
    }
    let names = [0, 1].map(|part| format!("{}.downsample.{part}", block.name));
    let projection = ConvNorm::new(names, channels, 1, Activation::Linear).stride(stride);
    Block { shortcut: Shortcut::Projection(Box::new(projection)), ..block }
}
