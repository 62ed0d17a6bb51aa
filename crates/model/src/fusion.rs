//! Which neighbouring layers are computed as one operation.

use shoebox_kernels::{self as kernels, Pool};
use shoebox_spec::{Activation, Conv2d, Kernels, Layer, LayerPlan, Padding, Pair, Pool2d, Shape};
use std::ops::Range;
use tch::Device;

/// Layers that are computed together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Group {
    /// Positions in the plan.
    pub layers: Range<usize>,
    /// Whether that is one operation of ours; else it is one layer of libtorch's.
    pub fused: bool,
    /// Whether it is a dense layer that oneDNN computes.
    pub by_onednn: bool,
}

/// How the layers of `plan` are computed on `device`, in order.
pub fn groups(plan: &[LayerPlan], kernels: Kernels, device: Device) -> Vec<Group> {
    let mut groups = Vec::new();
    let mut start = 0;
    while start < plan.len() {
        let ours = kernels == Kernels::Auto && device == Device::Cpu;
        let block = if ours { find_block(&plan[start..], start == 0) } else { None };
        let length = block.as_ref().map_or(1, FusedBlock::len);
        let is_dense = matches!(plan[start].layer, Layer::Dense(_));
        groups.push(Group {
            layers: start..start + length,
            fused: block.is_some(),
            by_onednn: ours && is_dense && kernels::linear_pays(),
        });
        start += length;
    }
    groups
}

/// Layers that make one [`kernels::ConvBlock`]: pixels, convolution, pool, dropout.
#[derive(Debug)]
pub(crate) struct FusedBlock<'a> {
    /// `rescale` or `normalize` of the picture's bytes.
    pub pixels: Option<&'a Layer>,
    /// The convolution, and its input.
    pub conv: (&'a Conv2d, Shape),
    /// A 2×2 pool after its relu.
    pub pool: Option<Pool>,
    /// The rate of a dropout after that.
    pub dropout: Option<f64>,
}

impl FusedBlock<'_> {
    fn len(&self) -> usize {
        1 + [self.pixels.is_some(), self.pool.is_some(), self.dropout.is_some()]
            .iter()
            .filter(|&&is_there| is_there)
            .count()
    }
}

/// The block that `plan` starts with, if any. `of_pixels` says that its input
/// is the picture's bytes.
pub(crate) fn find_block(plan: &[LayerPlan], of_pixels: bool) -> Option<FusedBlock<'_>> {
    let mut rest = plan.iter();
    let mut next = rest.next()?;
    let mut pixels = None;
    if of_pixels && matches!(next.layer, Layer::Rescale(_) | Layer::Normalize(_)) {
        pixels = Some(&next.layer);
        next = rest.next()?;
    }
    let Layer::Conv2d(conv) = &next.layer else { return None };
    if !pays(conv, next, of_pixels) {
        return None;
    }
    let mut block = FusedBlock { pixels, conv: (conv, next.input), pool: None, dropout: None };
    // Another activation is applied after the convolution, as a pass of its own.
    if conv.activation != Activation::Relu {
        return Some(block);
    }
    let mut following = rest.next();
    if let Some(pool) = following.and_then(|layer| pool_of(&layer.layer)) {
        block.pool = Some(pool);
        following = rest.next();
    }
    if let Some(Layer::Dropout(dropout)) = following.map(|layer| &layer.layer) {
        block.dropout = Some(dropout.rate);
    }
    Some(block)
}

fn pays(conv: &Conv2d, plan: &LayerPlan, of_pixels: bool) -> bool {
    let (Shape::Image { channels, .. }, Shape::Image { width, .. }) = (plan.input, plan.output)
    else {
        return false;
    };
    let weight = [conv.filters, channels, conv.kernel.height(), conv.kernel.width()];
    conv.strides == Pair::square(1)
        && kernels::ConvBlock::pays(weight.map(i64::from), width.into(), of_pixels)
}

fn pool_of(layer: &Layer) -> Option<Pool> {
    let (pool, kind): (&Pool2d, Pool) = match layer {
        Layer::AveragePool2d(pool) => (pool, Pool::Average),
        Layer::MaxPool2d(pool) => (pool, Pool::Max),
        _ => return None,
    };
    let is_two_by_two = pool.size == Pair::square(2) && pool.steps() == Pair::square(2);
    (is_two_by_two && pool.padding == Padding::Valid).then_some(kind)
}
