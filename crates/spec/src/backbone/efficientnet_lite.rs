//! EfficientNet-Lite with the tensor names of `efficientnet_lite_pytorch`.

use super::block::{Block, ConvNorm, Edges, Family, inverted_residual};
use crate::layer::{Activation, BatchNorm};

pub(super) const FAMILY: Family = Family {
    edges: Edges::Tensorflow,
    norm: BatchNorm { momentum: 0.99, epsilon: 1e-3 },
    pixel_mean: [127.0; 3],
    pixel_std: [128.0; 3],
    classifier: "_fc",
};

/// Kernel, stride of the first block, expansion, channels, blocks.
const STAGES: [[u32; 5]; 7] = [
    [3, 1, 1, 16, 1],
    [3, 2, 6, 24, 2],
    [5, 2, 6, 40, 2],
    [3, 2, 6, 80, 3],
    [5, 1, 6, 112, 3],
    [5, 2, 6, 192, 4],
    [3, 1, 6, 320, 1],
];

/// Channels after the first convolution and after the last; Lite scales neither.
const STEM: u32 = 32;
const FEATURES: u32 = 1280;

/// The blocks of the network whose channels are scaled by `width` and whose
/// stages but the first and the last by `depth`.
pub(super) fn blocks(width: f64, depth: f64) -> Vec<Block> {
    let names = |conv: &str, norm: &str| [conv.to_owned(), norm.to_owned()];
    let stem = ConvNorm::new(names("_conv_stem", "_bn0"), [3, STEM], 3, Activation::Relu6);
    let stem = Block::new("_conv_stem".to_owned(), vec![stem.stride(2)], &FAMILY);
    let mut blocks = vec![Block { of_pixels: true, ..stem }];
    let mut inputs = STEM;
    for (stage, [kernel, stride, expand, channels, repeats]) in STAGES.into_iter().enumerate() {
        let is_scaled = stage != 0 && stage + 1 != STAGES.len();
        let repeats = if is_scaled { (f64::from(repeats) * depth).ceil() as u32 } else { repeats };
        let filters = scale_channels(channels, width);
        for repeat in 0..repeats {
            let stride = if repeat == 0 { stride } else { 1 };
            let number = blocks.len() - 1;
            blocks.push(block(number, [inputs, filters], expand, kernel, stride));
            inputs = filters;
        }
    }
    let last = ConvNorm::new(names("_conv_head", "_bn1"), [inputs, FEATURES], 1, Activation::Relu6);
    blocks.push(Block::new("_conv_head".to_owned(), vec![last], &FAMILY));
    blocks
}

fn block(number: usize, channels: [u32; 2], expand: u32, kernel: u32, stride: u32) -> Block {
    let name = format!("_blocks.{number}");
    let names = |parts: [&str; 2]| parts.map(|part| format!("{name}.{part}"));
    let expansion = (expand > 1).then(|| names(["_expand_conv", "_bn0"]));
    let others = [["_depthwise_conv", "_bn1"], ["_project_conv", "_bn2"]].map(names);
    let units = inverted_residual(expansion, others, channels, expand, kernel, stride);
    Block::new(name, units, &FAMILY).with_identity()
}

/// `channels · width`, rounded to a multiple of 8 that is no more than a tenth lower.
fn scale_channels(channels: u32, width: f64) -> u32 {
    let wanted = f64::from(channels) * width;
    let rounded = ((wanted + 4.0) / 8.0) as u32 * 8;
    if f64::from(rounded) < 0.9 * wanted { rounded + 8 } else { rounded.max(8) }
}
