"""Draws the photographs of `prep.py` and `prep_again.py`: sets that differ only in size.

`small` has pictures of about 0.15 MP, as the web has them, `large` has pictures of 12 and
16 MP, as phones take them. Each is a collage of real photographs with a little grain,
so that its detail, and with it the work of a JPEG decoder, is that of a photograph: 4:2:0,
quality 90, 0.25 to 0.45 bytes per pixel. The same options give the same files again with
the same Pillow. A folder whose `photos.json` says that it was made so is left alone.

    OUT/photos.json  OUT/train/{left,right}/00000.jpg …  OUT/val/{left,right}/00000.jpg …
"""

import argparse
import functools
import json
import math
import multiprocessing
import random
import shutil
import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageChops, ImageOps

ROOT = Path(__file__).resolve().parent.parent
BENCH_FOLDER = ROOT / "artifacts" / "bench"
SOURCES = [ROOT.parent / "shared/data/sneakers3", ROOT / "data/sneakers"]
CLASSES = ("left", "right")
VAL_EVERY = 20  # every twentieth picture is a validation picture
QUALITY = 90
GRAIN_SIDE_PX = 1024
TILE_SIDE_PX = 240

# Width and height in pixels; how far a 240-pixel photograph is enlarged; the grain's
# standard deviation in grey levels. The last two bring the bytes per pixel near a camera's.
KINDS = {
    "small": {
        "sizes": [(448, 336), (336, 448), (480, 320), (388, 388)],
        "enlarged": (0.6, 1.0),
        "grain": 2.5,
        "count": 2000,
    },
    "large": {
        "sizes": [(4032, 3024), (4608, 3456), (3024, 4032)],
        "enlarged": (1.0, 2.0),
        "grain": 4.5,
        "count": 60,
    },
}


def default_source():
    """The first folder of photographs that is there; exits when none is."""
    for folder in SOURCES:
        if any(folder.rglob("*.jpg")):
            return folder
    sys.exit("no photographs to start from: run target/release/demo, or give --source")


@functools.cache
def load_tiles(source):
    """Every photograph below a folder, cut to a square; at most 400, in order of path."""
    tiles = []
    for path in sorted(source.rglob("*.jpg"))[:400]:
        with Image.open(path) as picture:
            tiles.append(ImageOps.fit(picture.convert("RGB"), (TILE_SIDE_PX, TILE_SIDE_PX)))
    return tiles


@functools.cache
def grain_tile(deviation):
    """A square of grey noise around 128, alike in the three channels."""
    noise = np.random.default_rng(7).normal(128, deviation, (GRAIN_SIDE_PX, GRAIN_SIDE_PX))
    grey = Image.fromarray(np.clip(np.rint(noise), 0, 255).astype(np.uint8))
    return Image.merge("RGB", (grey, grey, grey))


def add_grain(picture, deviation, rng):
    """Adds the noise, shifted by a random amount."""
    grain = Image.new("RGB", picture.size)
    shift_x, shift_y = (rng.randrange(GRAIN_SIDE_PX) for _ in range(2))
    for y in range(-shift_y, picture.height, GRAIN_SIDE_PX):
        for x in range(-shift_x, picture.width, GRAIN_SIDE_PX):
            grain.paste(grain_tile(deviation), (x, y))
    return ImageChops.add(picture, grain, 1, -128)


def draw(kind, source, seed, number):
    """Picture `number` of a set, RGB."""
    rng = random.Random(f"{kind} {seed} {number}")
    facts = KINDS[kind]
    picture = Image.new("RGB", rng.choice(facts["sizes"]))
    side = round(TILE_SIDE_PX * rng.uniform(*facts["enlarged"]))
    shift_x, shift_y = rng.randrange(side), rng.randrange(side)
    for y in range(-shift_y, picture.height, side):
        for x in range(-shift_x, picture.width, side):
            tile = rng.choice(load_tiles(source))
            if rng.random() < 0.5:
                tile = ImageOps.mirror(tile)
            picture.paste(tile.resize((side, side), Image.Resampling.BICUBIC), (x, y))
    return add_grain(picture, facts["grain"], rng)


def photo_path(folder, number):
    """Where picture `number` lies: both classes alternate, each twentieth is for val."""
    split = "val" if number // len(CLASSES) % VAL_EVERY == 0 else "train"
    return folder / split / CLASSES[number % len(CLASSES)] / f"{number:05}.jpg"


def save_photo(number, folder, kind, source, seed):
    """Draws and writes one picture; returns (pixels, bytes)."""
    path = photo_path(folder, number)
    picture = draw(kind, source, seed, number)
    picture.save(path, quality=QUALITY, subsampling="4:2:0")
    return picture.width * picture.height, path.stat().st_size


def empty_folders(folder):
    """Makes the class folders of a set anew."""
    shutil.rmtree(folder, ignore_errors=True)
    for split in ("train", "val"):
        for name in CLASSES:
            (folder / split / name).mkdir(parents=True)


def make_photos(folder, kind, count, source=None, seed=1, processes=2):
    """Fills `folder` with `count` pictures unless it holds them; returns `photos.json`."""
    source = source or default_source()
    wanted = {
        "kind": kind, "count": count, "seed": seed, "source": source.name,
        "quality": QUALITY, **{key: KINDS[kind][key] for key in ("enlarged", "grain")},
    }  # fmt: skip
    wanted = json.loads(json.dumps(wanted))
    stamp = folder / "photos.json"
    if stamp.exists():
        found = json.loads(stamp.read_text())
        if wanted.items() <= found.items():
            return found
    print(f"drawing {count} {kind} pictures in {folder}", file=sys.stderr)
    empty_folders(folder)
    save = functools.partial(save_photo, folder=folder, kind=kind, source=source, seed=seed)
    with multiprocessing.Pool(processes) as pool:
        made = pool.map(save, range(count), chunksize=math.ceil(count / 64))
    pixels, written = (sum(column) for column in zip(*made, strict=True))
    wanted |= {"megapixels": pixels / 1e6, "bytes": written, "bytes_per_pixel": written / pixels}
    stamp.write_text(json.dumps(wanted, indent=1) + "\n")
    return wanted


def main():
    """Draws one set, or both."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kinds", choices=KINDS, nargs="+", default=list(KINDS))
    parser.add_argument("--out", type=Path, default=BENCH_FOLDER, help="gets a folder per kind")
    parser.add_argument("--source", type=Path, help="a folder of photographs")
    parser.add_argument("--small", type=int, default=KINDS["small"]["count"], help="how many")
    parser.add_argument("--large", type=int, default=KINDS["large"]["count"], help="how many")
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    for kind in args.kinds:
        count = getattr(args, kind)
        made = make_photos(args.out / kind, kind, count, args.source, args.seed)
        print(
            f"{kind}: {count} files, {made['megapixels'] / count:.2f} MP each, "
            f"{made['bytes_per_pixel']:.2f} bytes per pixel, {made['bytes'] / 1e6:.0f} MB"
        )


if __name__ == "__main__":
    main()
