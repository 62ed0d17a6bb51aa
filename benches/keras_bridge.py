"""A Shoebox layer list as a Keras 3 network, and its weights in Shoebox's names and layouts.

Shoebox names a tensor `model.<layer>.<part>`; layers are numbered per kind as Keras
numbers them (`conv2d`, `conv2d_1`). Convolutions are [out, in, height, width] and
dense weights [out, in], as in PyTorch; Keras keeps both the other way round.
"""

import os
from collections import Counter

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import keras
import numpy as np

CONV_TO_SHOEBOX = (3, 2, 0, 1)  # [h, w, in, out] -> [out, in, h, w]
CONV_TO_KERAS = (2, 3, 1, 0)
DENSE_SWAP = (1, 0)
SAME_AXES = (0,)

# Shoebox kind -> [(Shoebox part, axes to Shoebox's layout, axes to Keras's)],
# in the order of Keras's `layer.weights`.
PARTS = {
    "conv2d": [("weight", CONV_TO_SHOEBOX, CONV_TO_KERAS), ("bias", SAME_AXES, SAME_AXES)],
    "dense": [("weight", DENSE_SWAP, DENSE_SWAP), ("bias", SAME_AXES, SAME_AXES)],
    "batch_norm": [
        (part, SAME_AXES, SAME_AXES) for part in ("weight", "bias", "running_mean", "running_var")
    ],
}


def _window(args):
    """Keras's `strides` and `padding` arguments of a convolution or a pooling layer."""
    return {"strides": args.get("strides"), "padding": args.get("padding", "valid")}


def _conv2d(args):
    window = _window(args)
    window["strides"] = window["strides"] or 1
    return keras.layers.Conv2D(
        args["filters"], args["kernel"], activation=args.get("activation"), **window
    )


KERAS_LAYERS = {
    "rescale": lambda args: keras.layers.Rescaling(args["scale"]),
    "conv2d": _conv2d,
    "average_pool2d": lambda args: keras.layers.AveragePooling2D(args["size"], **_window(args)),
    "max_pool2d": lambda args: keras.layers.MaxPooling2D(args["size"], **_window(args)),
    "global_average_pool2d": lambda args: keras.layers.GlobalAveragePooling2D(),
    "batch_norm": lambda args: keras.layers.BatchNormalization(
        momentum=args["momentum"], epsilon=args["epsilon"]
    ),
    "dropout": lambda args: keras.layers.Dropout(args["rate"]),
    "flatten": lambda args: keras.layers.Flatten(),
    "dense": lambda args: keras.layers.Dense(args["units"], activation=args.get("activation")),
}


def kind_and_arguments(entry):
    """Splits a one-key map such as `{"dense": {"units": 2}}`."""
    ((kind, arguments),) = entry.items()
    return kind, arguments


def build(layers, input_shape):
    """Builds the network for inputs of `input_shape` = (height, width, channels)."""
    built = [KERAS_LAYERS[kind](args) for kind, args in map(kind_and_arguments, layers)]
    return keras.Sequential([keras.Input(input_shape), *built])


def _slots(layers, model):
    """Yields (tensor name, Keras variable, axes to Shoebox, axes to Keras) for each weight."""
    seen = Counter()
    for (kind, _), layer in zip(map(kind_and_arguments, layers), model.layers, strict=True):
        number = seen[kind]
        seen[kind] += 1
        name = f"{kind}_{number}" if number else kind
        parts = zip(PARTS.get(kind, []), layer.weights, strict=True)
        for (part, to_shoebox, to_keras), variable in parts:
            yield f"model.{name}.{part}", variable, to_shoebox, to_keras


def weights(layers, model):
    """Copies the network's weights out: Shoebox tensor name -> f32 array in Shoebox's layout."""
    return {
        name: np.ascontiguousarray(np.transpose(variable.numpy(), to_shoebox), dtype=np.float32)
        for name, variable, to_shoebox, _ in _slots(layers, model)
    }


def set_weights(layers, model, tensors):
    """Puts Shoebox's tensors into the Keras network."""
    for name, variable, _, to_keras in _slots(layers, model):
        variable.assign(np.transpose(tensors[name], to_keras))


def random_weights(layers, model, rng):
    """Draws He-scaled weights and non-zero biases; batch norm gets plausible statistics."""
    drawn = {}
    for name, variable, to_shoebox, _ in _slots(layers, model):
        shape = np.transpose(variable.numpy(), to_shoebox).shape
        drawn[name] = _draw(name, shape, rng).astype(np.float32)
    return drawn


def _draw(name, shape, rng):
    """Draws one tensor; only variances and batch norm's gains must be positive."""
    if name.endswith("running_var"):
        return rng.uniform(0.3, 2.5, shape)
    if name.endswith("weight") and len(shape) == 1:
        return rng.uniform(0.5, 1.5, shape)
    if name.endswith("weight"):
        return rng.normal(0.0, np.sqrt(2.0 / np.prod(shape[1:])), shape)
    return rng.uniform(-0.3, 0.3, shape)
