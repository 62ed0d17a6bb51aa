"""Fine-tunes EfficientNet-Lite0 with timm or fastai, from the weights that Shoebox starts from.

Each tool prepares, augments and optimises as its own documentation teaches. The figure is the
accuracy on `--val` after the last epoch: nothing is chosen by it. Needs `benches/env.sh
--finetune` and `make weights`; writes the record that `measure` describes.
"""

import argparse
import time
from pathlib import Path

import timm
import timm.data
import timm.loss
import timm.optim
import timm.scheduler
import timm.utils
import torch
from backbone_reference import formula_pictures, lite_logits, to_tensor
from measure import write_record
from safetensors.torch import load_file
from torchvision.datasets import ImageFolder

NETWORK = "tf_efficientnet_lite0"
# What timm calls the parts of a block whose published names are the keys; the first block does
# not expand.
PLAIN = {
    "_depthwise_conv": "conv_dw", "_bn1": "bn1", "_project_conv": "conv_pw", "_bn2": "bn2"
}  # fmt: skip
EXPANDING = {
    "_expand_conv": "conv_pw", "_bn0": "bn1", "_depthwise_conv": "conv_dw", "_bn1": "bn2",
    "_project_conv": "conv_pwl", "_bn2": "bn3",
}  # fmt: skip
ENDS = {
    "_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2",
    "_fc": "classifier",
}  # fmt: skip


def timm_names(network):
    """timm's name of every published layer; timm counts the blocks by stage."""
    names = dict(ENDS)
    blocks = [
        (f"blocks.{stage}.{number}", block)
        for stage, repeats in enumerate(network.blocks)
        for number, block in enumerate(repeats)
    ]
    for number, (name, block) in enumerate(blocks):
        parts = EXPANDING if hasattr(block, "conv_pwl") else PLAIN
        names |= {f"_blocks.{number}.{part}": f"{name}.{ours}" for part, ours in parts.items()}
    return names


def load(network, tensors):
    """Copies the published tensors into timm's network; each must fit, and no other be needed."""
    names = timm_names(network)
    state = {}
    for name, tensor in tensors.items():
        layer, _, part = name.rpartition(".")
        if layer != "_fc" or network.num_classes:  # fastai has a head of its own
            state[f"{names[layer]}.{part}"] = tensor
    network.load_state_dict(state)


def check_weights(tensors):
    """Asserts that timm's network with the published weights computes the published network."""
    network = timm.create_model(NETWORK, pretrained=False)
    load(network, tensors)
    pictures = formula_pictures(1, 224, 224)
    with torch.no_grad():
        logits = network.double().eval()(to_tensor(pictures, [127.0] * 3, [128.0] * 3))
        apart = (logits - lite_logits("efficientnet_lite0", tensors, pictures)).abs().max().item()
    assert apart < 1e-4, f"the logits are {apart} apart"
    print(f"logits within {apart:.1e} of the reference")


def photos(folder, drop=()):
    """A folder per class, without the files to drop."""
    dropped = {path.resolve(strict=True) for path in drop}
    found = ImageFolder(folder, is_valid_file=lambda name: Path(name).resolve() not in dropped)
    everything = sum(path.is_file() for path in Path(folder).glob("*/*"))
    assert len(found) == everything - len(dropped), f"{folder} does not hold every file to drop"
    return found


def timm_epoch(network, optimizer, schedule, loader, epoch):
    """One pass as timm's training script makes it; returns (mean loss, accuracy, seconds)."""
    network.train()
    loss_of = timm.loss.LabelSmoothingCrossEntropy(0.1)
    started, loss_sum, right, seen = time.perf_counter(), 0.0, 0, 0
    for step, (images, labels) in enumerate(loader):
        schedule.step_update(epoch * len(loader) + step)
        optimizer.zero_grad()
        logits = network(images)
        loss = loss_of(logits, labels)
        loss.backward()
        optimizer.step()
        loss_sum += loss.item() * len(labels)
        right += (logits.argmax(1) == labels).sum().item()
        seen += len(labels)
    return loss_sum / seen, right / seen, time.perf_counter() - started


@torch.no_grad()
def timm_evaluate(network, loader):
    """Returns (mean loss, accuracy)."""
    network.eval()
    logits, labels = zip(*((network(images), labels) for images, labels in loader), strict=True)
    logits, labels = torch.cat(logits), torch.cat(labels)
    right = (logits.argmax(1) == labels).float().mean().item()
    return torch.nn.functional.cross_entropy(logits, labels).item(), right


def fit_timm(train, val, tensors, args):
    """timm's building blocks: the pictures as its training script's defaults prepare them, AdamW
    and batches as in its documentation's example of fine-tuning, a cosine with an epoch of
    warm-up. Returns the epochs and the steps of one."""
    timm.utils.random_seed(args.seed)
    network = timm.create_model(NETWORK, pretrained=False, drop_rate=0.3)
    load(network, tensors)
    # `num_classes` above would start the head at ±0.71 for two classes, which trains far worse.
    network.reset_classifier(len(train.classes))
    network.to(memory_format=torch.channels_last)
    data = timm.data.resolve_model_data_config(network)
    options = {
        "input_size": data["input_size"], "mean": data["mean"], "std": data["std"],
        "batch_size": 32, "use_prefetcher": False, "num_workers": 0, "persistent_workers": False,
    }  # fmt: skip
    batches = timm.data.create_loader(
        train, is_training=True, color_jitter=0.4, interpolation="random", **options
    )
    val_batches = timm.data.create_loader(
        val, interpolation=data["interpolation"], crop_pct=data["crop_pct"], **options
    )
    optimizer = timm.optim.create_optimizer_v2(
        network, opt="adamw", lr=args.lr, weight_decay=0.01
    )
    schedule, _ = timm.scheduler.create_scheduler_v2(
        optimizer, sched="cosine", num_epochs=args.epochs, warmup_epochs=1,
        step_on_epochs=False, updates_per_epoch=len(batches),
    )  # fmt: skip
    epochs = []
    for epoch in range(args.epochs):
        trained = timm_epoch(network, optimizer, schedule, batches, epoch)
        add_epoch(epochs, *trained, *timm_evaluate(network, val_batches))
    return epochs, len(batches)


def fit_fastai(train, val, tensors, args):
    """`vision_learner` and `fine_tune` with their defaults: an epoch for the head alone, then
    `--epochs` for all layers. Returns the epochs and the steps of one."""
    from fastai.vision import all as fastai

    fastai.set_seed(args.seed)
    fastai.defaults.device = torch.device("cpu")
    stats = timm.get_pretrained_cfg(NETWORK)
    block = fastai.DataBlock(
        blocks=(fastai.ImageBlock, fastai.CategoryBlock(vocab=train.classes)),
        get_items=lambda sets: [Path(name) for split in sets for name, _ in split.samples],
        get_y=fastai.parent_label,
        splitter=fastai.IndexSplitter(range(len(train), len(train) + len(val))),
        item_tfms=fastai.Resize(256),
        batch_tfms=[
            *fastai.aug_transforms(size=224),
            fastai.Normalize.from_stats(stats.mean, stats.std),
        ],
    )
    batches = block.dataloaders((train, val), num_workers=0)
    epochs = []

    class Record(fastai.Callback):
        """Notes what fastai's own recorder has, and the time of the steps."""

        order = fastai.Recorder.order + 1

        def before_train(self):
            self.started = time.perf_counter()

        def after_train(self):
            self.seconds = time.perf_counter() - self.started

        def after_epoch(self):
            train_loss, val_loss, accuracy = self.recorder.values[-1]
            add_epoch(epochs, train_loss, None, self.seconds, val_loss, accuracy)

    # What `pretrained=True` does, with weights from a file instead of a download.
    learner = fastai.vision_learner(
        batches, NETWORK, pretrained=False, normalize=False, metrics=fastai.accuracy, cbs=Record()
    )
    load(learner.model[0].model, tensors)
    learner.freeze()
    learner.to_channelslast(use_amp=False)
    with learner.no_bar(), learner.no_logging():
        learner.fine_tune(args.epochs)
    return epochs, len(batches.train)


def add_epoch(epochs, train_loss, train_accuracy, train_seconds, val_loss, val_accuracy):
    """Appends and prints an epoch's record; fastai measures no accuracy in training."""
    epochs.append({
        "epoch": len(epochs) + 1, "train_loss": train_loss, "train_accuracy": train_accuracy,
        "train_seconds": train_seconds, "val_loss": val_loss, "val_accuracy": val_accuracy,
    })  # fmt: skip
    print(epochs[-1], flush=True)


TOOLS = {"timm": fit_timm, "fastai": fit_fastai}


def main():
    """Trains once and writes the record."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tool", choices=TOOLS, required=True)
    parser.add_argument(
        "--train", type=Path, default="data/sneakers/train", help="folder per class"
    )
    parser.add_argument("--val", type=Path, default="data/sneakers/test", help="folder per class")
    parser.add_argument(
        "--drop", type=Path, action="append", default=[], help="file of --train to leave out"
    )
    parser.add_argument(
        "--weights", type=Path, default="artifacts/weights/efficientnet_lite0.safetensors"
    )
    parser.add_argument("--epochs", type=int, default=12)
    parser.add_argument("--lr", type=float, default=1e-3, help="timm's highest learning rate")
    parser.add_argument("--seed", type=int, default=123)
    parser.add_argument("--threads", type=int, help="PyTorch's; all cores without")
    parser.add_argument("--out", type=Path, required=True, help="JSON file")
    args = parser.parse_args()

    if args.threads:
        torch.set_num_threads(args.threads)
    train, val = photos(args.train, args.drop), photos(args.val)
    assert train.classes == val.classes, (train.classes, val.classes)
    tensors = load_file(args.weights)
    check_weights(tensors)
    epochs, steps = TOOLS[args.tool](train, val, tensors, args)
    write_record(
        args.out, args.tool, sorted({args.tool, "timm", "torch", "torchvision", "pillow"}),
        epochs=epochs, steps=steps, seed=args.seed, classes=train.classes,
        threads=torch.get_num_threads(), train_photos=len(train), val_photos=len(val),
        dropped=[path.name for path in args.drop],
        last_correct=round(epochs[-1]["val_accuracy"] * len(val)),
        processor_seconds=time.process_time(),
    )  # fmt: skip


if __name__ == "__main__":
    main()
