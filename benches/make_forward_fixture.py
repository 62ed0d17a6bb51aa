"""Makes keras_forward.safetensors and keras_layers.safetensors.

Each output comes from Keras 3 and is checked here against plain numpy in float64, so
that a fixture has two witnesses.
"""

import argparse
from pathlib import Path

import keras_bridge as bridge
import numpy as np
import numpy_reference as reference
from fixture_file import FIXTURES, provenance, write

TOLERANCE = 1e-5
BATCH_NORM = {"batch_norm": {"momentum": 0.99, "epsilon": 0.001}}

# The tutorial's list of layers, scaled down from 224 to 22 pixels.
NETWORK = [
    {"rescale": {"scale": 1 / 255}},
    {"conv2d": {"filters": 4, "kernel": 3, "activation": "relu"}},
    {"average_pool2d": {"size": 2}},
    {"conv2d": {"filters": 5, "kernel": 3, "activation": "relu"}},
    {"max_pool2d": {"size": 2}},
    {"dropout": {"rate": 0.3}},
    {"conv2d": {"filters": 6, "kernel": 3, "activation": "relu"}},
    {"dropout": {"rate": 0.3}},
    {"flatten": {}},
    {"dense": {"units": 7, "activation": "relu"}},
    {"dense": {"units": 2}},
]


def _conv(filters, kernel, strides, padding, activation=None):
    """A conv2d entry; kernel and strides are [height, width]."""
    args = {"filters": filters, "kernel": kernel, "strides": strides, "padding": padding}
    return [{"conv2d": args | ({"activation": activation} if activation else {})}]


def _pool(kind, size, strides, padding):
    """A pooling entry; size and strides are [height, width]."""
    return [{kind: {"size": size, "strides": strides, "padding": padding}}]


# Case -> (layers, input shape [n, h, w, c]).
LAYER_CASES = {
    "conv2d_same_stride2_even": (_conv(4, [3, 3], [2, 2], "same", "relu"), (2, 8, 8, 3)),
    "conv2d_same_stride2_odd": (_conv(4, [3, 3], [2, 2], "same", "relu"), (2, 7, 9, 3)),
    "conv2d_same_kernel5": (_conv(3, [5, 5], [1, 1], "same"), (1, 7, 6, 3)),
    "conv2d_same_kernel4": (_conv(3, [4, 4], [1, 1], "same"), (1, 7, 6, 3)),
    "conv2d_valid_stride2": (_conv(3, [3, 3], [2, 2], "valid"), (1, 8, 7, 3)),
    "conv2d_same_kernel3x1": (_conv(3, [3, 1], [1, 1], "same"), (1, 6, 5, 3)),
    "conv2d_valid_kernel3x1_stride1x2": (_conv(3, [3, 1], [1, 2], "valid"), (1, 6, 5, 3)),
    "conv2d_same_kernel1_stride2": (_conv(3, [1, 1], [2, 2], "same"), (1, 6, 7, 3)),
    "average_pool2d_same_odd": (_pool("average_pool2d", [3, 3], [2, 2], "same"), (2, 7, 9, 3)),
    "average_pool2d_same_even": (_pool("average_pool2d", [3, 3], [2, 2], "same"), (1, 8, 6, 3)),
    "average_pool2d_valid_odd": (_pool("average_pool2d", [2, 2], [2, 2], "valid"), (1, 7, 5, 3)),
    "max_pool2d_same_odd": (_pool("max_pool2d", [3, 3], [2, 2], "same"), (2, 7, 9, 3)),
    "max_pool2d_same_even": (_pool("max_pool2d", [3, 3], [2, 2], "same"), (1, 8, 6, 3)),
    "max_pool2d_valid_odd": (_pool("max_pool2d", [2, 2], [2, 2], "valid"), (1, 7, 5, 3)),
    "global_average_pool2d": ([{"global_average_pool2d": {}}], (2, 5, 4, 3)),
    "batch_norm_inference": ([BATCH_NORM], (3, 4, 5, 3)),
}

ACTIVATIONS = [
    "relu", "gelu", "silu", "elu", "leaky_relu", "tanh", "sigmoid", "relu6", "selu", "softplus",
]  # fmt: skip


def check(name, ours, theirs):
    """Asserts that two arrays agree to 1e-5, absolute below 1 and relative above."""
    worst = np.max(np.abs(ours - theirs) / np.maximum(1.0, np.abs(theirs)))
    assert worst < TOLERANCE, f"{name}: numpy and Keras differ by {worst:.2e}"
    print(f"  {name}: Keras and numpy agree to {worst:.1e}")


def run_case(name, layers, images, tensors=None, rng=None):
    """Returns (weights, output) of one case, after the comparison with numpy."""
    model = bridge.build(layers, images.shape[1:])
    tensors = tensors or bridge.random_weights(layers, model, rng)
    bridge.set_weights(layers, model, tensors)
    output = np.asarray(model(images, training=False))
    check(name, reference.forward(layers, tensors, images), output)
    return tensors, output


def forward_tensors(rng):
    """The scaled-down tutorial on 3 random pictures: input, weights, logits [3, 2]."""
    blocks = rng.integers(0, 224, (3, 4, 4, 3)).repeat(6, axis=1).repeat(6, axis=2)
    grain = rng.integers(0, 32, (3, 22, 22, 3))
    images = (blocks[:, :22, :22] + grain).astype(np.uint8)
    tensors, logits = run_case("forward", NETWORK, images, rng=rng)
    return {"input": images, "output": logits} | tensors


def activation_case(activation):
    """(layers, input, weights): a 1x1 convolution by the identity, so output = f(input).

    The inputs run evenly from -7 to 7; the middle one is exactly 0.
    """
    layers = _conv(3, [1, 1], [1, 1], "valid", activation)
    images = np.linspace(-7.0, 7.0, 75, dtype=np.float32).reshape(1, 5, 5, 3)
    weight = np.eye(3, dtype=np.float32).reshape(3, 3, 1, 1)
    bias = np.zeros(3, dtype=np.float32)
    return layers, images, {"model.conv2d.weight": weight, "model.conv2d.bias": bias}


def batch_norm_training(rng):
    """One training-mode forward: output by the batch's own statistics, and the statistics after.

    The numpy witness also pins that Keras moves `running_var` by the biased variance
    (divided by n, where PyTorch divides by n - 1).
    """
    images = rng.normal(0.7, 1.5, (3, 4, 5, 3)).astype(np.float32)
    model = bridge.build([BATCH_NORM], images.shape[1:])
    before = bridge.random_weights([BATCH_NORM], model, rng)
    bridge.set_weights([BATCH_NORM], model, before)
    output = np.asarray(model(images, training=True))
    after = bridge.weights([BATCH_NORM], model)
    mean, variance = images.mean(axis=(0, 1, 2)), images.var(axis=(0, 1, 2))
    for part, batch in (("running_mean", mean), ("running_var", variance)):
        name = f"model.batch_norm.{part}"
        check(f"after {part}", 0.99 * before[name] + 0.01 * batch, after[name])
    own = before | {"model.batch_norm.running_mean": mean, "model.batch_norm.running_var": variance}
    check("batch_norm_training", reference.forward([BATCH_NORM], own, images), output)
    moved = {f"after.{k}": v for k, v in after.items() if "running" in k}
    return {"input": images, "output": output} | before | moved


def layer_cases(rng):
    """Returns ({tensor name: array}, {metadata key: layers}) of every single-layer case."""
    cases, metadata = {}, {}
    for name, (layers, shape) in LAYER_CASES.items():
        images = rng.normal(0.0, 1.0, shape).astype(np.float32)
        weights, output = run_case(name, layers, images, rng=rng)
        cases[name], metadata[name] = {"input": images, "output": output} | weights, layers
    for activation in ACTIVATIONS:
        name = f"activation_{activation}"
        layers, images, weights = activation_case(activation)
        _, output = run_case(name, layers, images, tensors=weights)
        cases[name], metadata[name] = {"input": images, "output": output} | weights, layers
    cases["batch_norm_training"] = batch_norm_training(rng)
    metadata["batch_norm_training"] = [BATCH_NORM]
    tensors = {f"{case}.{k}": v for case, parts in cases.items() for k, v in parts.items()}
    return tensors, {f"{case}.layers": layers for case, layers in metadata.items()}


def main():
    """Writes both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES, help="folder of the fixtures")
    parser.add_argument("--seed", type=int, default=20)
    args = parser.parse_args()
    origin = provenance(__file__, "keras", "tensorflow-cpu", "numpy")
    rng = np.random.default_rng(args.seed)
    forward = forward_tensors(rng)
    write(args.out / "keras_forward.safetensors", forward, origin | {"layers": NETWORK}, 20_000)
    tensors, layers = layer_cases(rng)
    write(args.out / "keras_layers.safetensors", tensors, origin | layers, 60_000)


if __name__ == "__main__":
    main()
