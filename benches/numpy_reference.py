"""The layers in plain numpy and float64: a second witness beside Keras.

Written from the definitions, with Shoebox's weight layouts, and sharing no code with
Keras: every window is cut out and reduced on its own, which is slow and obvious.
"""

from collections import Counter
from math import erf

import numpy as np

ACTIVATIONS = {
    None: lambda x: x,
    "relu": lambda x: np.maximum(x, 0.0),
    "relu6": lambda x: np.clip(x, 0.0, 6.0),
    "gelu": lambda x: 0.5 * x * (1.0 + np.vectorize(erf)(x / np.sqrt(2.0))),
    "silu": lambda x: x / (1.0 + np.exp(-x)),
    "elu": lambda x: np.where(x > 0.0, x, np.expm1(np.minimum(x, 0.0))),
    "leaky_relu": lambda x: np.where(x > 0.0, x, 0.2 * x),
    "tanh": np.tanh,
    "sigmoid": lambda x: 1.0 / (1.0 + np.exp(-x)),
    "selu": lambda x: (
        1.0507009873554805 * np.where(x > 0.0, x, 1.6732632423543772 * np.expm1(np.minimum(x, 0.0)))
    ),
    "softplus": lambda x: np.log1p(np.exp(x)),
}


def _pair(value):
    """An int or a [height, width] list as a (height, width) tuple."""
    return (value, value) if isinstance(value, int) else tuple(value)


def _axis_windows(length, size, stride, padding):
    """Lists (start, stop) of each window on one axis, clipped to the picture.

    `same` makes ceil(length / stride) windows and puts the odd pixel of padding last.
    """
    if padding == "valid":
        return [(at, at + size) for at in range(0, length - size + 1, stride)]
    count = -(-length // stride)
    before = max((count - 1) * stride + size - length, 0) // 2
    return [(i * stride - before, i * stride - before + size) for i in range(count)]


def _windows(images, size, strides, padding):
    """Yields (row, column, top, left, pixels [n, h, w, c]); pixels outside are left out."""
    height, width = images.shape[1:3]
    rows = _axis_windows(height, size[0], strides[0], padding)
    columns = _axis_windows(width, size[1], strides[1], padding)
    for row, (top, bottom) in enumerate(rows):
        for column, (left, right) in enumerate(columns):
            y, x = max(top, 0), max(left, 0)
            pixels = images[:, y : min(bottom, height), x : min(right, width), :]
            yield row, column, y - top, x - left, pixels


def conv2d(images, args, weight, bias):
    """Cross-correlates [n, h, w, in] with [out, in, kh, kw]; pixels outside count as zero."""
    kernel, strides = _pair(args["kernel"]), _pair(args.get("strides", 1))
    results = {}
    for row, column, dy, dx, pixels in _windows(
        images, kernel, strides, args.get("padding", "valid")
    ):
        part = weight[:, :, dy : dy + pixels.shape[1], dx : dx + pixels.shape[2]]
        results[row, column] = np.einsum("nhwi,oihw->no", pixels, part) + bias
    return ACTIVATIONS[args.get("activation")](_assemble(results))


def pool2d(images, args, reduce):
    """Reduces each window over the pixels that lie inside the picture."""
    size = _pair(args["size"])
    strides = _pair(args.get("strides", args["size"]))
    windows = _windows(images, size, strides, args.get("padding", "valid"))
    return _assemble({(r, c): reduce(p, axis=(1, 2)) for r, c, _, _, p in windows})


def _assemble(results):
    """Puts {(row, column): [n, c]} together to [n, rows, columns, c]."""
    rows, columns = (1 + max(key[axis] for key in results) for axis in (0, 1))
    return np.stack(
        [np.stack([results[r, c] for c in range(columns)], axis=1) for r in range(rows)], axis=1
    )


def batch_norm(images, args, weight, bias, mean, variance):
    """Normalises per channel with the statistics given."""
    return (images - mean) / np.sqrt(variance + args["epsilon"]) * weight + bias


def _layer(kind, args, x, parts):
    """Applies one layer at inference; `parts` are its tensors by part name, in float64."""
    match kind:
        case "rescale":
            return x * args["scale"]
        case "conv2d":
            return conv2d(x, args, parts["weight"], parts["bias"])
        case "average_pool2d":
            return pool2d(x, args, np.mean)
        case "max_pool2d":
            return pool2d(x, args, np.max)
        case "global_average_pool2d":
            return x.mean(axis=(1, 2))
        case "dropout":
            return x
        case "flatten":
            return x.reshape(len(x), -1)
        case "dense":
            return ACTIVATIONS[args.get("activation")](x @ parts["weight"].T + parts["bias"])
        case "batch_norm":
            return batch_norm(
                x, args, parts["weight"], parts["bias"], parts["running_mean"], parts["running_var"]
            )
    raise ValueError(f"numpy reference has no layer `{kind}`")


def forward(layers, tensors, images):
    """Runs the whole list at inference: [n, h, w, c] of any dtype -> float64 output."""
    x, seen = images.astype(np.float64), Counter()
    for entry in layers:
        ((kind, args),) = entry.items()
        prefix = f"model.{kind}_{seen[kind]}." if seen[kind] else f"model.{kind}."
        seen[kind] += 1
        parts = {
            name.removeprefix(prefix): tensor.astype(np.float64)
            for name, tensor in tensors.items()
            if name.startswith(prefix)
        }
        x = _layer(kind, args, x, parts)
    return x
