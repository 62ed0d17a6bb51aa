"""Preparing pictures, tool beside tool: read, decode, resize to 224×224, store u8 rows.

Whole processes run in rounds, every tool once a round and each round starting with
another one. Each tool has two cores and two workers. Shoebox's figure is its whole
process, with start-up, digests, checksums, manifest and waiting for the disk; the others'
is the time of a pool that is already warm, and nothing of the rest. A ratio compares two
processes of the same round. How far the rows are from Pillow's antialiased resize of the
fully decoded picture is measured on a part of the files.
"""

import argparse
import csv
import json
import statistics
import sys
import tempfile
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
from make_photos import BENCH_FOLDER, KINDS, make_photos
from PIL import Image
from prep_peers import SIDE_PX, TOOLS, list_photos
from prep_run import (
    ANTIALIASED,
    ROOT,
    add_common_arguments,
    keep_two_cores,
    machine_line,
    only_cache,
    photo_key,
    run,
    run_prep,
    warm_page_cache,
)
from safetensors import safe_open
from step import spread

BASELINE = "Shoebox"
AUDITED = "Shoebox with its audit"
# Shrinking while decoding does nothing where half the picture is below 224 pixels.
ONLY_LARGE = {"OpenCV, reduced", "tf.data, `ratio`"}
PACKAGES = ["pillow", "opencv-python-headless", "torchvision", "tensorflow-cpu"]


@dataclass
class Sample:
    """One process: images per second, processor seconds per image, and bytes of memory."""

    rate: float  # as compared: of a warm pool, or of Shoebox's whole process
    whole_rate: float
    cpu_seconds: float  # of what `rate` counts
    peak: int
    anonymous: int


@dataclass
class Difference:
    """How far rows are from the reference, in grey levels and in decibels."""

    mean_absolute: float
    psnr: float


def reference_row(path):
    """Pillow's antialiased bilinear of every pixel, u8 [224, 224, 3]."""
    with Image.open(path) as picture:
        small = picture.convert("RGB").resize((SIDE_PX, SIDE_PX), Image.Resampling.BILINEAR)
    return np.asarray(small)


def shoebox_rows(artifacts, keys):
    """The rows of some pictures from the cache, wherever its files are cut."""
    cache, rows, wanted = only_cache(artifacts), {}, set(keys)
    with open(cache / "samples.csv", newline="") as file:
        samples = [(s["split"], int(s["row"]), photo_key(s["path"])) for s in csv.DictReader(file)]
    for split in ("train", "val"):
        keys_by_row = {row: key for of, row, key in samples if of == split and key in wanted}
        first = 0
        for path in sorted(cache.glob(f"{split}*.safetensors")):
            with safe_open(path, "numpy") as tensors:
                images = tensors.get_slice("images")
                count = images.get_shape()[0]
                for row in range(first, first + count):
                    if row in keys_by_row:
                        at = row - first
                        rows[keys_by_row[row]] = images[at : at + 1][0]
                first += count
    return [rows[key] for key in keys]


def difference(rows, references):
    """The mean absolute difference, and PSNR over all pixels together."""
    gaps = np.stack(rows).astype(np.int16) - np.stack(references)
    mean_square = np.square(gaps, dtype=np.float64).mean()
    psnr = float("inf") if mean_square == 0 else 10 * np.log10(255**2 / mean_square)
    return Difference(float(np.abs(gaps).mean()), float(psnr))


class Subject:
    """One set of pictures, and the references of a part of them."""

    def __init__(self, kind, args):
        self.kind, self.folder = kind, args.out / kind
        self.facts = make_photos(self.folder, kind, getattr(args, kind), args.source)
        self.photos = list_photos(self.folder)
        warm_page_cache(self.photos)
        step = max(1, len(self.photos) // args.compared)
        self.compared = range(0, len(self.photos), step)
        self.references = [reference_row(self.photos[row]) for row in self.compared]

    def tools(self, names):
        """Those of the tools that have something to do here."""
        return [name for name in names if self.kind == "large" or name not in ONLY_LARGE]

    def title(self):
        """A sentence about the set."""
        count = len(self.photos)
        return (
            f"`{self.kind}`: {count:,} JPEG files of {self.facts['megapixels'] / count:.2f} MP, "
            f"{self.facts['bytes_per_pixel']:.2f} bytes per pixel, "
            f"{self.facts['bytes'] / 1e6:.0f} MB"
        )


def run_shoebox(args, subject, folder, settings):
    """One `prep` from nothing; returns the sample and the compared rows."""
    measured = run_prep(args, subject.folder, folder, [*ANTIALIASED, *settings])
    count = len(subject.photos)
    rate, cpu_seconds = count / measured.seconds, measured.cpu_seconds / count
    keys = [photo_key(subject.photos[row]) for row in subject.compared]
    rows = shoebox_rows(folder, keys)
    return Sample(rate, rate, cpu_seconds, measured.peak, measured.anonymous), rows


def run_peer(tool, subject, folder):
    """One process of another tool; returns the sample and the compared rows."""
    rows_path, out = folder / "rows.npy", folder / "record.json"
    program = ROOT / "benches" / "prep_peers.py"
    where = ["--photos", subject.folder, "--rows", rows_path, "--out", out]
    measured = run([sys.executable, program, tool, *where])
    record = json.loads(out.read_text())
    count = len(subject.photos)
    rates = (count / record[key] for key in ("warm_seconds", "whole_seconds"))
    cpu_seconds = record["warm_cpu_seconds"] / count
    rows = np.load(rows_path, mmap_mode="r")
    sample = Sample(*rates, cpu_seconds, measured.peak, measured.anonymous)
    return sample, [rows[row] for row in subject.compared]


def run_tool(tool, args, subject):
    """Runs one tool in a folder of its own; returns its sample and how far its rows are off."""
    with tempfile.TemporaryDirectory(dir=args.out) as name:
        folder = Path(name)
        if tool in (BASELINE, AUDITED):
            settings = args.set if tool == BASELINE else []
            sample, rows = run_shoebox(args, subject, folder, settings)
        else:
            sample, rows = run_peer(tool, subject, folder)
        return sample, difference(rows, subject.references)


def table(rounds, tools, differences):
    """The Markdown table; ratios are taken round by round."""
    lines = [
        "| tool | images/s | Shoebox to it | processor, ms | whole process, images/s | "
        "peak memory, MB | without files, MB | mean difference | PSNR, dB |",
        "|---|---:|---:|---:|---:|---:|---:|---:|---:|",
    ]
    for tool in tools:
        samples = [by_tool[tool] for by_tool in rounds]
        form = "{:.1f}" if statistics.median(s.rate for s in samples) < 100 else "{:.0f}"
        ratio = "–"
        if BASELINE in tools:
            ratio = spread([r[BASELINE].rate / r[tool].rate for r in rounds], "{:.2f}")
        lines.append(
            f"| {tool} | {spread([s.rate for s in samples], form)} | {ratio} "
            f"| {spread([s.cpu_seconds * 1e3 for s in samples], '{:.2f}')} "
            f"| {spread([s.whole_rate for s in samples], form)} "
            f"| {statistics.median(s.peak for s in samples) / 1e6:.0f} "
            f"| {statistics.median(s.anonymous for s in samples) / 1e6:.0f} "
            f"| {differences[tool].mean_absolute:.2f} | {differences[tool].psnr:.1f} |"
        )
    return "\n".join(lines)


def compare(subject, args):
    """All rounds over one set; prints its table."""
    tools = subject.tools(args.tools)
    rounds, differences = [], {}
    for number in range(args.rounds):
        print(f"{subject.kind}: round {number + 1} of {args.rounds}", file=sys.stderr)
        start = number % len(tools)
        by_tool = {}
        for tool in tools[start:] + tools[:start]:
            by_tool[tool], differences[tool] = run_tool(tool, args, subject)
        rounds.append(by_tool)
    print(f"{subject.title()}\n\n{table(rounds, tools, differences)}\n", flush=True)


def parse_args():
    """Reads the command line."""
    all_tools = [BASELINE, AUDITED, *TOOLS]
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    parser.add_argument("--small", type=int, default=KINDS["small"]["count"], help="pictures")
    parser.add_argument("--large", type=int, default=KINDS["large"]["count"], help="pictures")
    parser.add_argument("--compared", type=int, default=100, help="pictures, for the difference")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tools", nargs="+", choices=all_tools, default=all_tools)
    parser.add_argument("--out", type=Path, default=BENCH_FOLDER, help="where the pictures lie")
    add_common_arguments(parser)
    args = parser.parse_args()
    if min(args.rounds, args.small, args.large, args.compared) < 1:
        parser.error("give 1 or more of everything")
    args.out, args.prep = args.out.resolve(), args.prep.resolve()
    return args


def main():
    """Runs the rounds of both sets and prints their tables."""
    args = parse_args()
    keep_two_cores()
    for kind in args.kinds:
        compare(Subject(kind, args), args)
    versions = ", ".join(f"{package} {version(package)}" for package in PACKAGES)
    print(f"{machine_line()}; {versions}; rounds: {args.rounds}.")


if __name__ == "__main__":
    main()
