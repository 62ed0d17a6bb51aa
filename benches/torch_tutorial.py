"""The tutorial's network in PyTorch, eager or compiled, with the record that `measure` describes.

Keras's choices are kept where they change the numbers: Glorot-uniform weights, zero
biases, Adam's epsilon 1e-7 and the staircase schedule. Pictures are decoded once into
memory as bytes and resized without antialiasing, as TensorFlow does.
"""

import argparse
import time
from pathlib import Path

import numpy as np
import torch
from measure import check_parameters, write_record
from PIL import Image
from torch import nn

SIDE_PX = 224
BATCH_SIZE = 32
PATIENCE_EPOCHS = 20
MIN_DELTA = 0.001


def load_picture(path):
    """Decodes one picture and stretches it to u8 [3, 224, 224]."""
    with Image.open(path) as picture:
        pixels = torch.from_numpy(np.array(picture.convert("RGB")))
    pixels = pixels.permute(2, 0, 1).unsqueeze(0).float()
    resized = nn.functional.interpolate(
        pixels, (SIDE_PX, SIDE_PX), mode="bilinear", align_corners=False, antialias=False
    )
    return resized[0].add_(0.5).floor_().to(torch.uint8)


def load_split(folder):
    """Returns images u8 [n, 3, 224, 224], labels i64 [n] and the sorted class names."""
    names = sorted(entry.name for entry in folder.iterdir() if entry.is_dir())
    files = [
        (path, label)
        for label, name in enumerate(names)
        for path in sorted((folder / name).iterdir())
    ]
    images = torch.stack([load_picture(path) for path, _ in files])
    return images, torch.tensor([label for _, label in files]), names


def tutorial_network(classes):
    """The tutorial's network with Keras's initial weights; its output is logits [n, classes]."""
    network = nn.Sequential(
        nn.Conv2d(3, 16, 3), nn.ReLU(), nn.AvgPool2d(2),
        nn.Conv2d(16, 32, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Dropout(0.3),
        nn.Conv2d(32, 64, 3), nn.ReLU(), nn.Dropout(0.3),
        nn.Flatten(), nn.Linear(64 * 52 * 52, 128), nn.ReLU(), nn.Linear(128, classes),
    )  # fmt: skip
    for parameter in network.parameters():
        if parameter.dim() > 1:
            nn.init.xavier_uniform_(parameter)
        else:
            nn.init.zeros_(parameter)
    return network


def prepare(images, memory_format):
    """Bytes [n, 3, 224, 224] as f32 in 0-1."""
    return images.to(torch.float32, memory_format=memory_format).div_(255)


def train_epoch(network, optimizer, schedule, split, memory_format):
    """One pass in a fresh order; returns (mean loss, accuracy, seconds)."""
    network.train()
    images, labels = split
    started, loss_sum, right = time.perf_counter(), 0.0, 0
    for rows in torch.randperm(len(labels)).split(BATCH_SIZE):
        optimizer.zero_grad(set_to_none=True)
        logits = network(prepare(images[rows], memory_format))
        loss = nn.functional.cross_entropy(logits, labels[rows])
        loss.backward()
        optimizer.step()
        schedule.step()
        loss_sum += loss.item() * len(rows)
        right += (logits.argmax(1) == labels[rows]).sum().item()
    return loss_sum / len(labels), right / len(labels), time.perf_counter() - started


@torch.no_grad()
def evaluate(network, split, memory_format):
    """Returns (mean loss, accuracy) over a split."""
    network.eval()
    loss_sum, right = 0.0, 0
    for images, labels in zip(*(part.split(BATCH_SIZE) for part in split), strict=True):
        logits = network(prepare(images, memory_format))
        loss_sum += nn.functional.cross_entropy(logits, labels, reduction="sum").item()
        right += (logits.argmax(1) == labels).sum().item()
    return loss_sum / len(split[1]), right / len(split[1])


def has_stalled(epochs):
    """Keras's early stopping: 20 epochs without a gain of more than 0.001 in val accuracy."""
    best, since = float("-inf"), 0
    for epoch in epochs:
        since += 1
        if epoch["val_accuracy"] - MIN_DELTA > best:
            best, since = epoch["val_accuracy"], 0
    return since >= PATIENCE_EPOCHS


def fit(network, train, val, limit, options):
    """Trains for at most `limit` epochs and returns the epochs' records."""
    memory_format = torch.channels_last if options.channels_last else torch.contiguous_format
    network.to(memory_format=memory_format)
    if options.compile:
        # One graph a shape: an epoch's last batch is smaller.
        network.compile(dynamic=False)
    optimizer = torch.optim.Adam(
        network.parameters(), lr=1e-4, eps=1e-7, fused=options.fused_adam or None
    )
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 0.98 ** (step // 50))
    epochs = []
    while len(epochs) < limit and not has_stalled(epochs):
        trained = train_epoch(network, optimizer, schedule, train, memory_format)
        values = (*trained, *evaluate(network, val, memory_format))
        keys = ("train_loss", "train_accuracy", "train_seconds", "val_loss", "val_accuracy")
        epochs.append({"epoch": len(epochs) + 1, **dict(zip(keys, values, strict=True))})
        print(epochs[-1], flush=True)
    return epochs


def main():
    """Trains once and writes the record."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument(
        "--train", type=Path, default="data/sneakers/train", help="folder per class"
    )
    parser.add_argument("--val", type=Path, default="data/sneakers/test", help="folder per class")
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--epochs", type=int, default=60)
    parser.add_argument("--channels-last", action="store_true", help="NHWC memory")
    parser.add_argument("--fused-adam", action="store_true", help="PyTorch's fused optimizer")
    parser.add_argument("--compile", action="store_true", help="torch.compile")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    args = parser.parse_args()

    torch.manual_seed(args.seed)
    *train, class_names = load_split(args.train)
    *val, _ = load_split(args.val)
    network = tutorial_network(len(class_names))
    parameters = sum(parameter.numel() for parameter in network.parameters())
    check_parameters(parameters, len(class_names))
    epochs = fit(network, train, val, args.epochs, args)
    write_record(
        args.out, "torch", ["torch", "numpy", "pillow"],
        epochs=epochs, steps=-(-len(train[1]) // BATCH_SIZE),
        seed=args.seed, classes=class_names, parameters=parameters,
        threads=torch.get_num_threads(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
