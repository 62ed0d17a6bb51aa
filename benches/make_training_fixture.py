"""Makes keras_training.safetensors and keras_training_more.safetensors.

Keras trains a small network of the tutorial's layers (dropout rate 0) on fixed batches
and its loss at each step is kept: the loss of that batch before the update, through
`train_on_batch`, which is the code that `fit` runs. The second witness is the same
training in float64: where the two part by less than rounding explains, the sequence is
stable enough for another implementation to be held to it.
"""

import argparse
import json
from pathlib import Path

import keras_bridge as bridge  # before keras: it quietens TensorFlow
import keras
import numpy as np
from fixture_file import FIXTURES, provenance, write

BATCHES, BATCH_SIZE, SIDE_PX = 4, 8, 22
DRIFT_LIMIT = 2e-5  # relative, float32 against float64, over all steps

ADAM = {"adam": {"epsilon": 1e-7}}
ADAMW = {"adamw": {**ADAM["adam"], "weight_decay": 0.5}}
STAIRCASE = {
    "exponential_decay": {
        "initial": 5e-3, "decay_steps": 10, "decay_rate": 0.5, "staircase": True,
    }
}  # fmt: skip
STEEP = {
    "exponential_decay": {
        "initial": 0.05, "decay_steps": 3, "decay_rate": 0.3, "staircase": True,
    }
}  # fmt: skip
SMOOTH = {"exponential_decay": {**STAIRCASE["exponential_decay"], "staircase": False}}


def sgd(momentum, nesterov=False, **more):
    """An sgd entry of the spec."""
    return {"sgd": {"momentum": momentum, "nesterov": nesterov, **more}}


def rmsprop(momentum=0.0, centered=False):
    """An rmsprop entry of the spec."""
    return {"rmsprop": {"rho": 0.9, "momentum": momentum, "epsilon": 1e-7, "centered": centered}}


def network(batch_norm=False):
    """The tutorial's layers for 22-pixel pictures; batch norm after the first convolution."""
    normal = [{"batch_norm": {"momentum": 0.99, "epsilon": 0.001}}] if batch_norm else []
    return [
        {"rescale": {"scale": 1 / 255}},
        {"conv2d": {"filters": 6, "kernel": 3, "activation": "relu"}},
        *normal,
        {"average_pool2d": {"size": 2}},
        {"conv2d": {"filters": 8, "kernel": 3, "activation": "relu"}},
        {"max_pool2d": {"size": 2}},
        {"dropout": {"rate": 0.0}},
        {"conv2d": {"filters": 8, "kernel": 3, "activation": "relu"}},
        {"dropout": {"rate": 0.0}},
        {"flatten": {}},
        {"dense": {"units": 16, "activation": "relu"}},
        {"dense": {"units": 2}},
    ]


# Case -> (steps, optimizer, learning rate, layers).
MORE_CASES = {
    "sgd_momentum": (10, sgd(0.9), {"constant": 0.02}, network()),
    "sgd_nesterov": (10, sgd(0.9, nesterov=True), {"constant": 0.02}, network()),
    # Keras scales the gradient before it enters the velocity, PyTorch after: only a
    # changing rate tells the two apart.
    "sgd_momentum_staircase": (10, sgd(0.9), STEEP, network()),
    "sgd_plain": (10, sgd(0.0), {"constant": 0.05}, network()),
    "adam_smooth_decay": (10, ADAM, SMOOTH, network()),
    "adam_batch_norm": (10, ADAM, {"constant": 5e-3}, network(batch_norm=True)),
    "adamw_batch_norm": (10, ADAMW, {"constant": 5e-3}, network(batch_norm=True)),
    "sgd_decay": (10, sgd(0.9, weight_decay=0.5), {"constant": 0.02}, network()),
    "rmsprop": (10, rmsprop(), {"constant": 2e-3}, network()),
    "rmsprop_centered": (10, rmsprop(0.5, centered=True), {"constant": 1e-3}, network()),
}


def striped_batches(rng):
    """Draws images [batches, n, side, side, 3] u8 of noisy stripes and labels [batches, n] i64.

    Label 0 has horizontal stripes and a red tint, 1 vertical stripes and a blue one, so
    that a few steps learn something.
    """
    labels = rng.integers(0, 2, (BATCHES, BATCH_SIZE), dtype=np.int64)
    phase = rng.uniform(0, 2 * np.pi, (BATCHES, BATCH_SIZE, 1, 1))
    period = rng.uniform(4, 8, (BATCHES, BATCH_SIZE, 1, 1))
    y, x = np.mgrid[:SIDE_PX, :SIDE_PX]
    across = np.where(labels[..., None, None] == 1, x, y)
    stripes = 127 + 60 * np.sin(2 * np.pi * across / period + phase)
    tint = np.where(labels[..., None] == 1, (-12.0, 0.0, 12.0), (12.0, 0.0, -12.0))
    noise = rng.normal(0, 25, (*stripes.shape, 3))
    noisy = stripes[..., None] + tint[..., None, None, :] + noise
    return np.clip(noisy, 0, 255).astype(np.uint8), labels


def keras_schedule(schedule):
    """A `{"constant": lr}` or `{"exponential_decay": {...}}` map as Keras's object."""
    kind, value = bridge.kind_and_arguments(schedule)
    if kind == "constant":
        return value
    return keras.optimizers.schedules.ExponentialDecay(
        value["initial"], value["decay_steps"], value["decay_rate"], value["staircase"]
    )


def keras_optimizer(optimizer, schedule):
    """An `{"adam": {...}}` or `{"sgd": {...}}` map as Keras's object."""
    kind, arguments = bridge.kind_and_arguments(optimizer)
    classes = {
        "adam": keras.optimizers.Adam, "adamw": keras.optimizers.AdamW,
        "sgd": keras.optimizers.SGD, "rmsprop": keras.optimizers.RMSprop,
    }  # fmt: skip
    made = classes[kind](keras_schedule(schedule), **arguments)
    if arguments.get("weight_decay"):
        made.exclude_from_weight_decay(var_names=["bias", "gamma", "beta"])
    return made


def initial_weights(layers, seed):
    """Keras's own initialisation (Glorot uniform, zero biases) as Shoebox tensors."""
    keras.utils.set_random_seed(seed)
    return bridge.weights(layers, bridge.build(layers, (SIDE_PX, SIDE_PX, 3)))


def train(case, initial, images, labels, dtype):
    """Trains in `dtype` and returns (loss [steps], learning rate [steps], final weights)."""
    steps, optimizer, schedule, layers = case
    keras.config.set_floatx(dtype)
    model = bridge.build(layers, (SIDE_PX, SIDE_PX, 3))
    bridge.set_weights(layers, model, initial)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras_optimizer(optimizer, schedule), loss)
    losses, rates = [], []
    for step in range(steps):
        rates.append(float(model.optimizer.learning_rate))
        model.reset_metrics()  # or train_on_batch reports a running mean
        batch = step % BATCHES
        losses.append(float(model.train_on_batch(images[batch], labels[batch])))
    return np.array(losses), np.array(rates), bridge.weights(layers, model)


def run_case(name, case, images, labels, seed):
    """Trains one case in both precisions and returns its tensors, without a prefix."""
    initial = initial_weights(case[3], seed)
    exact, _, _ = train(case, initial, images, labels, "float64")
    losses, rates, final = train(case, initial, images, labels, "float32")
    drift = np.max(np.abs(losses - exact) / exact)
    print(f"  {name}: float32 within {drift:.1e} of float64")
    print("   ", np.array2string(losses, precision=4, max_line_width=110).replace("\n", "\n    "))
    assert drift < DRIFT_LIMIT, f"{name}: the sequence is not stable"
    before = {f"initial.{k}": v for k, v in initial.items()}
    after = {f"final.{k}": v for k, v in final.items()}
    record = {"loss": losses.astype(np.float32), "learning_rate": rates.astype(np.float32)}
    return before | after | record


def metadata(case, prefix=""):
    """The layers, optimizer and schedule of a case, in Shoebox's spec form."""
    _, optimizer, schedule, layers = case
    described = {"layers": layers, "optimizer": optimizer, "learning_rate": schedule}
    return {f"{prefix}{k}": json.dumps(v) for k, v in described.items()}


def main():
    """Writes both files."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES, help="folder of the fixtures")
    parser.add_argument("--seed", type=int, default=31)
    args = parser.parse_args()
    origin = provenance(__file__, "keras", "tensorflow-cpu", "numpy")
    images, labels = striped_batches(np.random.default_rng(args.seed))
    data = {"images": images, "labels": labels}

    main_case = (30, ADAM, STAIRCASE, network())
    tensors = data | run_case("adam_staircase", main_case, images, labels, args.seed)
    write(args.out / "keras_training.safetensors", tensors, origin | metadata(main_case), 120_000)

    more, described = dict(data), dict(origin)
    for name, case in MORE_CASES.items():
        parts = run_case(name, case, images, labels, args.seed)
        more |= {f"{name}.{k}": v for k, v in parts.items()}
        described |= metadata(case, f"{name}.")
    write(args.out / "keras_training_more.safetensors", more, described, 250_000)


if __name__ == "__main__":
    main()
