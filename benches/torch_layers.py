"""The network of a Shoebox run in PyTorch, as fast as PyTorch's users have it: channels-last
memory and the fused Adam. Trains on the rows of the run's cache; prints milliseconds per step.
"""

import argparse
import json
from pathlib import Path

import torch
import torchvision
from backbone_reference import IMAGENET_MEAN, IMAGENET_STD
from measure import ms_per_step
from safetensors.torch import load_file
from torch import nn
from torch_tutorial import train_epoch

ACTIVATIONS = {"linear": nn.Identity, "relu": nn.ReLU, "silu": nn.SiLU, "gelu": nn.GELU}


def pair(value):
    """A number or a pair of them, as a pair."""
    return tuple(value) if isinstance(value, list) else (value, value)


def conv(layer):
    """A convolution; `same` means the same in both for odd kernels and steps of 1."""
    kernel, strides = pair(layer["kernel"]), pair(layer["strides"])
    same = layer["padding"] == "same"
    assert not same or (strides == (1, 1) and all(side % 2 for side in kernel)), layer
    padding = "same" if same else 0
    return nn.LazyConv2d(layer["filters"], kernel, strides, padding, bias=layer["use_bias"])


def pool(kind, layer):
    """A pool without padding."""
    assert layer["padding"] == "valid", layer
    size = pair(layer["size"])
    return kind(size, pair(layer.get("strides") or layer["size"]))


def modules(name, layer, classes):
    """The modules of one layer of a spec."""
    if name == "conv2d":
        found = [conv(layer)]
    elif name == "dense":
        units = classes if layer["units"] == "classes" else layer["units"]
        found = [nn.LazyLinear(units, bias=layer["use_bias"])]
    elif name == "activation":
        return [ACTIVATIONS[layer]()]
    else:
        return {
            "rescale": lambda: [],
            "normalize": lambda: [],
            "batch_norm": lambda: [nn.LazyBatchNorm2d(layer["epsilon"], 1 - layer["momentum"])],
            "average_pool2d": lambda: [pool(nn.AvgPool2d, layer)],
            "max_pool2d": lambda: [pool(nn.MaxPool2d, layer)],
            "global_average_pool2d": lambda: [nn.AdaptiveAvgPool2d(1), nn.Flatten()],
            "flatten": lambda: [nn.Flatten()],
            "dropout": lambda: [nn.Dropout(layer["rate"])],
        }[name]()
    if layer["activation"] != "linear":
        found.append(ACTIVATIONS[layer["activation"]]())
    return found


class Normalize(nn.Module):
    """Brings pictures in 0-1 to what torchvision's networks are trained with."""

    def forward(self, images):
        mean, std = (torch.tensor(each).view(3, 1, 1) for each in (IMAGENET_MEAN, IMAGENET_STD))
        return images.sub_(mean).div_(std)


def backbone(model):
    """torchvision's network of that name up to its last feature map, if the spec has one."""
    if "backbone" not in model:
        return []
    [(name, tuning)] = model["backbone"].items()
    assert tuning["weights"] == "random", tuning
    whole = torchvision.models.get_model(name)
    before_head = {"resnet": lambda: list(whole.children())[:-2], "mobile": lambda: [whole.features]}
    return [Normalize(), *before_head[name[:6]]()]


def network(spec, classes, sample):
    """The layers of a spec, their shapes found by running a sample."""
    model = spec["model"]
    layers = [next(iter(layer.items())) for layer in model.get("layers") or model["head"]]
    own = [module for name, layer in layers for module in modules(name, layer, classes)]
    found = nn.Sequential(*backbone(model), *own)
    found(sample)
    return found.to(memory_format=torch.channels_last)


def main():
    """Trains for some epochs and prints the time of a step and the number of parameters."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("run", type=Path, help="a run's folder, in artifacts/runs")
    parser.add_argument("--epochs", type=int, default=3)
    args = parser.parse_args()
    record = json.loads((args.run / "run.json").read_text())
    cache = args.run.parent.parent / "cache" / record["cache_fingerprint"][:16]
    rows = load_file(cache / "train.safetensors")
    images = rows["images"].permute(0, 3, 1, 2)
    torch.manual_seed(record["seed"])
    model = network(record["spec"], len(record["class_names"]), images[:2].float())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4, eps=1e-7, fused=True)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)
    split = (images, rows["labels"])
    epochs = [
        {"train_seconds": train_epoch(model, optimizer, schedule, split, torch.channels_last)[2]}
        for _ in range(args.epochs)
    ]
    # As Keras counts them: running means and variances too, but not the count of batches.
    parameters = sum(tensor.numel() for tensor in model.state_dict().values() if tensor.dim())
    steps = -(-len(split[1]) // 32)
    print(json.dumps({"ms_per_step": ms_per_step(epochs, steps), "parameters": parameters}))


if __name__ == "__main__":
    main()
