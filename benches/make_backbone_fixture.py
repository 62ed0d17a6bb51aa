"""Makes backbones.safetensors and backbone_photos.safetensors: logits of every backbone with
weights from a formula, and of EfficientNet-Lite with its published weights on photographs.

    make weights && cargo build --release -p shoebox-prep
    benches/.venv/bin/python benches/make_backbone_fixture.py --photos ../shared/data/sneakers

The photographs' pixels come from a cache that `prep` makes, so that decoding and resizing are
no part of the comparison.
"""

import argparse
import csv
import subprocess
import tempfile
from pathlib import Path

import numpy as np
import torch
from backbone_reference import (
    LITE_REPEATS,
    TORCHVISION,
    formula_pictures,
    formula_tensor,
    lite_logits,
    torchvision_logits,
)
from fixture_file import FIXTURES, provenance, write
from safetensors.numpy import load_file

CLASSES, SIZE = 10, (75, 66)
PHOTO_SIZES = {"efficientnet_lite0": 224, "efficientnet_lite2": 260}
PHOTOS = ("adidas/1.jpg", "adidas/12.jpg", "nike/1.jpg", "nike/12.jpg")
PIPELINE = """\
name: photos
data: {{train: {photos}/train, val: {photos}/test, image_size: {size}, audit: off}}
model: {{layers: [{{flatten: {{}}}}, {{dense: {{units: classes}}}}]}}
"""


def formula_logits(published):
    """Logits [2, 10] of every backbone, their weights from the formula."""
    pictures = formula_pictures(2, *SIZE)
    logits = {name: torchvision_logits(name, pictures, CLASSES) for name in TORCHVISION}
    for name in LITE_REPEATS:
        shapes = {key: tensor.shape for key, tensor in published[name].items()}
        shapes |= {"_fc.weight": (CLASSES, 1280), "_fc.bias": (CLASSES,)}
        tensors = {key: formula_tensor(key, shape) for key, shape in shapes.items()}
        logits[name] = lite_logits(name, tensors, pictures)
    return {name: values.float().numpy() for name, values in logits.items()}


def photo_pixels(photos, size, prep):
    """The rows [4, size, size, 3] that `prep` makes of the photographs."""
    with tempfile.TemporaryDirectory() as folder:
        pipeline = Path(folder) / "photos.yaml"
        pipeline.write_text(PIPELINE.format(photos=photos.resolve(), size=size))
        subprocess.run([prep, pipeline, "--artifacts", folder], check=True)
        (manifest,) = Path(folder).glob("cache/*/manifest.json")
        with open(manifest.parent / "samples.csv", newline="") as file:
            samples = [row for row in csv.DictReader(file) if row["split"] == "val"]
        rows = {row["path"].split("/test/")[1]: int(row["row"]) for row in samples}
        images = load_file(manifest.parent / "val.safetensors")["images"]
        return images[[rows[name] for name in PHOTOS]]


def main():
    """Writes both files."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--photos", type=Path, required=True, help="folder with train and test")
    parser.add_argument("--prep", default="target/release/prep", help="the program")
    parser.add_argument("--weights", type=Path, default=Path("artifacts/weights"))
    parser.add_argument("--out", type=Path, default=FIXTURES, help="folder of the fixtures")
    args = parser.parse_args()
    torch.set_grad_enabled(False)
    published = {name: load_file(args.weights / f"{name}.safetensors") for name in LITE_REPEATS}
    origin = provenance(__file__, "torch", "torchvision", "numpy")
    logits = formula_logits(published)
    for name, values in logits.items():
        apart = np.abs(values[0] - values[1]).max()
        print(f"{name}: {values.min():.2f} to {values.max():.2f}, pictures {apart:.2f} apart")
    write(args.out / "backbones.safetensors", logits, origin | {"size": list(SIZE)}, 5_000)
    photos = {}
    for name, size in PHOTO_SIZES.items():
        pixels = photo_pixels(args.photos, size, args.prep)
        photos[f"{name}.sums"] = pixels.astype(np.int64).sum(axis=(1, 2))
        photos[name] = lite_logits(name, published[name], pixels).float().numpy()
        print(f"{name}: classes {photos[name].argmax(axis=1)}")
    metadata = origin | {"photos": list(PHOTOS), "sizes": PHOTO_SIZES}
    write(args.out / "backbone_photos.safetensors", photos, metadata, 40_000)


if __name__ == "__main__":
    main()
