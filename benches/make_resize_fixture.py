"""Makes tf_resize.safetensors: small pictures resized by TensorFlow and by Pillow.

TensorFlow's bilinear without antialiasing is what `image_dataset_from_directory` does;
plain numpy is its second witness here. Pillow widens its filter when it shrinks
(antialiasing) and rounds to a byte after each of its two passes.
"""

import argparse
import os
from pathlib import Path

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")

import numpy as np
import tensorflow as tf
from fixture_file import FIXTURES, provenance, write
from PIL import Image

SOURCES = {"smooth": (37, 53), "noisy": (64, 48), "square": (20, 20), "wide": (9, 31)}
TARGETS = [(24, 24), (16, 40)]
PILLOW_FILTERS = {"bilinear": Image.Resampling.BILINEAR, "lanczos": Image.Resampling.LANCZOS}


def draw_source(name, size, rng):
    """Draws u8 [height, width, 3]: waves of another period per channel, grain unless smooth."""
    y, x = np.mgrid[: size[0], : size[1]]
    waves = [127 + 110 * np.sin(0.11 * (k + 1) * x + 0.17 * y * (2 - k) + k) for k in range(3)]
    grain = 0 if name == "smooth" else rng.normal(0, 60, (*size, 3))
    return np.clip(np.stack(waves, axis=-1) + grain, 0, 255).astype(np.uint8)


def numpy_bilinear(source, size):
    """Resizes [h, w, c] with half-pixel centres and the edge repeated, in float64."""
    resized = source.astype(np.float64)
    for axis, length in enumerate(size):
        old = source.shape[axis]
        at = np.clip((np.arange(length) + 0.5) * old / length - 0.5, 0, old - 1)
        low = np.floor(at).astype(int)
        shape = [-1 if axis == a else 1 for a in range(3)]
        share = (at - low).reshape(shape)
        high = np.minimum(low + 1, old - 1)
        resized = resized.take(low, axis) * (1 - share) + resized.take(high, axis) * share
    return resized


def tensorflow_bilinear(source, size):
    """Returns TensorFlow's f32 [h, w, 3] result, checked against numpy."""
    result = tf.image.resize(source, size, method="bilinear", antialias=False).numpy()
    worst = np.max(np.abs(result - numpy_bilinear(source, size)))
    assert worst < 1e-3, f"numpy and TensorFlow differ by {worst:.2e} grey levels"
    print(f"  {source.shape[:2]} to {size}: TensorFlow and numpy agree to {worst:.1e} levels")
    return result


def resize_all(source, size):
    """All the results for one picture and size [height, width], by short name."""
    exact = tensorflow_bilinear(source, size)
    results = {"tf_bilinear_f32": exact, "tf_bilinear": np.floor(exact + 0.5).astype(np.uint8)}
    for name, kernel in PILLOW_FILTERS.items():
        picture = Image.fromarray(source).resize((size[1], size[0]), kernel)
        results[f"pillow_{name}"] = np.asarray(picture)
    return results


def main():
    """Writes the file."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=FIXTURES, help="folder of the fixtures")
    parser.add_argument("--seed", type=int, default=42)
    args = parser.parse_args()
    rng = np.random.default_rng(args.seed)
    tensors = {}
    for name, size in SOURCES.items():
        source = draw_source(name, size, rng)
        tensors[f"{name}.source"] = source
        for target in TARGETS:
            prefix = f"{name}.to_{target[0]}x{target[1]}"
            tensors |= {f"{prefix}.{k}": v for k, v in resize_all(source, target).items()}
    origin = provenance(__file__, "tensorflow-cpu", "pillow", "numpy")
    sizes = {"sources": SOURCES, "targets": TARGETS}
    write(args.out / "tf_resize.safetensors", tensors, origin | sizes, 150_000)


if __name__ == "__main__":
    main()
