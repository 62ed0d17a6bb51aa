"""Does `prep` stay as fast and as small when there are a hundred times as many pictures?

1,000 and 100,000 JPEG files of 96×96 pixels, each of another content, are brought to
64×64. A round prepares the few three times and the many once, each from nothing. Time
should grow a hundredfold and memory not at all.
"""

import argparse
import functools
import math
import multiprocessing
import random
import shutil
import statistics
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from make_photos import BENCH_FOLDER, default_source, empty_folders, load_tiles, photo_path
from prep_peers import list_photos
from prep_run import (
    ANTIALIASED,
    Measured,
    add_common_arguments,
    keep_two_cores,
    machine_line,
    run_prep,
    warm_page_cache,
)
from step import spread

SIDE_PX = 96
PATCH_PX = 40
PREPARED = ["data.image_size=64", *ANTIALIASED]
FEW_RUNS = 3


@functools.cache
def small_tiles(source):
    """The photographs at 96×96."""
    return [tile.resize((SIDE_PX, SIDE_PX)) for tile in load_tiles(source)]


def save_variation(number, folder, source):
    """Writes one photograph with a patch of another one in it."""
    rng = random.Random(f"scale {number}")
    tiles = small_tiles(source)
    picture = rng.choice(tiles).copy()
    x, y = (rng.randrange(SIDE_PX - PATCH_PX) for _ in range(2))
    patch = rng.choice(tiles).crop((x, y, x + PATCH_PX, y + PATCH_PX))
    picture.paste(patch, tuple(rng.randrange(SIDE_PX - PATCH_PX) for _ in range(2)))
    picture.save(photo_path(folder, number), quality=75)


def make_variations(folder, count, source):
    """Fills `folder` with `count` files unless it holds them."""
    stamp = folder / "count.txt"
    if stamp.exists() and stamp.read_text() == str(count):
        return
    print(f"drawing {count:,} pictures in {folder}", file=sys.stderr)
    empty_folders(folder)
    save = functools.partial(save_variation, folder=folder, source=source)
    with multiprocessing.Pool(2) as pool:
        pool.map(save, range(count), chunksize=math.ceil(count / 64))
    stamp.write_text(str(count))


@dataclass
class Round:
    """The few pictures, several times, and the many."""

    few: list[Measured]
    many: Measured

    def few_seconds(self):
        """The median of the few."""
        return statistics.median(one.seconds for one in self.few)


def measure(args, folder):
    """One `prep` from nothing."""
    with tempfile.TemporaryDirectory(dir=args.out) as artifacts:
        return run_prep(args, folder, artifacts, [*PREPARED, *args.set])


def table(rounds, args):
    """Time and memory of both, and how they compare."""
    few_seconds = [one.few_seconds() for one in rounds]
    many_seconds = [one.many.seconds for one in rounds]
    few_peaks = [max(run.peak for run in one.few) for one in rounds]
    many_peaks = [one.many.peak for one in rounds]
    times = args.many / args.few
    ratios = [m / (times * f) for f, m in zip(few_seconds, many_seconds, strict=True)]
    gaps = [(m - f) / 1e6 for f, m in zip(few_peaks, many_peaks, strict=True)]
    lines = ["| pictures | seconds | images/s | peak memory, MB |", "|---:|---:|---:|---:|"]
    for count, seconds, peaks in (
        (args.few, few_seconds, few_peaks),
        (args.many, many_seconds, many_peaks),
    ):
        lines.append(
            f"| {count:,} | {spread(seconds, '{:.2f}')} "
            f"| {spread([count / one for one in seconds], '{:.0f}')} "
            f"| {spread([peak / 1e6 for peak in peaks], '{:.1f}')} |"
        )
    lines += [
        "",
        f"Time of {args.many:,} to {times:.0f} times that of {args.few:,}: "
        f"{spread(ratios, '{:.2f}')}. Peak memory grows by {spread(gaps, '{:.1f}')} MB.",
    ]
    return "\n".join(lines)


def parse_args():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--few", type=int, default=1000)
    parser.add_argument("--many", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=BENCH_FOLDER, help="where the pictures lie")
    parser.add_argument("--clean", action="store_true", help="remove the pictures afterwards")
    add_common_arguments(parser)
    args = parser.parse_args()
    args.out, args.prep = args.out.resolve(), args.prep.resolve()
    return args


def main():
    """Draws the pictures, runs the rounds and prints the table."""
    args = parse_args()
    keep_two_cores()
    folders = [args.out / f"scale-{count}" for count in (args.few, args.many)]
    for folder, count in zip(folders, (args.few, args.many), strict=True):
        make_variations(folder, count, args.source or default_source())
        warm_page_cache(list_photos(folder))
    few, many = folders
    rounds = [
        Round([measure(args, few) for _ in range(FEW_RUNS)], measure(args, many))
        for _ in range(args.rounds)
    ]
    print(f"{table(rounds, args)}\n\n{machine_line()}; rounds: {args.rounds}.")
    if args.clean:
        for folder in folders:
            shutil.rmtree(folder)


if __name__ == "__main__":
    main()
