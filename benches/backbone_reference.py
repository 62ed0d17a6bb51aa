"""The backbones' forward passes without a line of Shoebox, in float64: EfficientNet-Lite
from the published tensors alone, the others by torchvision. Also weights and pictures that
follow from their names by a formula, which `tests/src/formula.rs` computes as well."""

import math

import numpy as np
import torch
import torchvision
from torch.nn import functional as F

# The stages of EfficientNet-Lite that halve the picture, and how many blocks each stage has: the
# published tensors do not show strides.
LITE_STRIDE_STAGES = (1, 2, 3, 5)
LITE_REPEATS = {
    "efficientnet_lite0": (1, 2, 2, 3, 3, 4, 1),
    "efficientnet_lite2": (1, 3, 3, 4, 4, 5, 1),
}
TORCHVISION = ("resnet18", "resnet34", "resnet50", "mobilenet_v2")
IMAGENET_MEAN, IMAGENET_STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def hashed(name, count):
    """`count` numbers in 0..1 that follow from `name`: its FNV-1a hash plus the position, mixed as
    MurmurHash3 ends, over 2^32."""
    seed = 0x811C9DC5
    for byte in name.encode():
        seed = (seed ^ byte) * 0x01000193 % 2**32
    mixed = np.arange(count, dtype=np.uint32) + np.uint32(seed)
    for shift, factor in ((16, 0x85EBCA6B), (13, 0xC2B2AE35)):
        mixed ^= mixed >> np.uint32(shift)
        mixed *= np.uint32(factor)
    mixed ^= mixed >> np.uint32(16)
    return mixed / 2.0**32


def formula_tensor(name, shape):
    """A weight by its name and shape: matrices and kernels keep the size of what passes through,
    batch norms are far from doing nothing."""
    numbers = hashed(name, math.prod(shape))
    if name.endswith("running_var"):
        values = 0.5 + numbers
    elif len(shape) > 1:
        values = (2.0 * numbers - 1.0) * math.sqrt(6.0 / math.prod(shape[1:]))
    elif name.endswith("weight"):
        values = 0.75 + 0.5 * numbers
    else:
        values = 0.4 * numbers - 0.2
    return values.astype(np.float32).reshape(shape)


def formula_pictures(count, height, width):
    """Bytes [count, height, width, 3] in squares of 8 pixels."""
    coarse = (count, -(-height // 8), -(-width // 8), 3)
    squares = np.floor(hashed("pictures", math.prod(coarse)) * 256).astype(np.uint8).reshape(coarse)
    return squares.repeat(8, axis=1).repeat(8, axis=2)[:, :height, :width]


def to_tensor(pictures, mean, std):
    """Bytes [n, h, w, 3] as float64 [n, 3, h, w], normalised."""
    pixels = torch.from_numpy(pictures.astype(np.float64)).permute(0, 3, 1, 2)
    column = lambda values: torch.tensor(values, dtype=torch.float64).view(1, 3, 1, 1)
    return (pixels - column(mean)) / column(std)


def same_conv(images, weight, stride, groups=1):
    """A convolution with TensorFlow's SAME padding."""
    pads = []
    for size, kernel in zip(reversed(images.shape[2:]), reversed(weight.shape[2:])):
        total = max((-(-size // stride) - 1) * stride + kernel - size, 0)
        pads += [total // 2, total - total // 2]
    return F.conv2d(F.pad(images, pads), weight, stride=stride, groups=groups)


def lite_logits(network, tensors, pictures):
    """EfficientNet-Lite's logits for bytes [n, h, w, 3], by its published tensors."""
    tensors = {name: torch.as_tensor(tensor).double() for name, tensor in tensors.items()}

    def norm(images, name):
        mean, var, weight, bias = (
            tensors[f"{name}.{part}"] for part in ("running_mean", "running_var", "weight", "bias")
        )
        return F.batch_norm(images, mean, var, weight, bias, eps=1e-3)

    def block(images, name, stride):
        inside = images
        if f"{name}._expand_conv.weight" in tensors:
            inside = same_conv(inside, tensors[f"{name}._expand_conv.weight"], 1)
            inside = F.relu6(norm(inside, f"{name}._bn0"))
        kernel = tensors[f"{name}._depthwise_conv.weight"]
        inside = same_conv(inside, kernel, stride, groups=kernel.shape[0])
        inside = F.relu6(norm(inside, f"{name}._bn1"))
        inside = norm(same_conv(inside, tensors[f"{name}._project_conv.weight"], 1), f"{name}._bn2")
        return inside + images if inside.shape == images.shape else inside

    images = to_tensor(pictures, [127.0] * 3, [128.0] * 3)
    images = F.relu6(norm(same_conv(images, tensors["_conv_stem.weight"], 2), "_bn0"))
    number = 0
    for stage, repeats in enumerate(LITE_REPEATS[network]):
        for repeat in range(repeats):
            stride = 2 if repeat == 0 and stage in LITE_STRIDE_STAGES else 1
            images = block(images, f"_blocks.{number}", stride)
            number += 1
    images = F.relu6(norm(same_conv(images, tensors["_conv_head.weight"], 1), "_bn1"))
    return F.linear(images.mean((2, 3)), tensors["_fc.weight"], tensors["_fc.bias"])


def torchvision_logits(network, pictures, classes):
    """torchvision's logits with the formula's weights for bytes [n, h, w, 3]."""
    model = getattr(torchvision.models, network)(weights=None, num_classes=classes)
    tensors = {
        name: torch.from_numpy(formula_tensor(name, tuple(tensor.shape)))
        for name, tensor in model.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    model.load_state_dict(tensors, strict=False)
    scaled = ([255 * value for value in values] for values in (IMAGENET_MEAN, IMAGENET_STD))
    return model.double().eval()(to_tensor(pictures, *scaled))
