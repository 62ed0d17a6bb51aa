"""Does training stay as fast when the cache is larger than memory?

A cache of 3 GB of rows is trained on with all of the machine's memory and in a control
group that may have less, its file pages counted; with a full shuffle and with blocks. The
pages of the cache are dropped before each process. Needs root, for the group, and 3.2 GB.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from make_photos import BENCH_FOLDER, default_source
from prep_run import memory_of
from prep_scale import make_variations
from step import BIN, ROOT, spread

GROUPS = Path("/sys/fs/cgroup")
SHUFFLES = ["full", "{blocks: 64}"]


class Group:
    """A control group with a limit of memory, of either version."""

    def __init__(self, limit):
        old = GROUPS / "memory"
        self.folder = (old if old.is_dir() else GROUPS) / f"shoebox-bench-{os.getpid()}"
        self.folder.mkdir()
        name = "memory.limit_in_bytes" if old.is_dir() else "memory.max"
        (self.folder / name).write_text(str(limit))

    def join(self):
        """Has the calling process join."""
        (self.folder / "cgroup.procs").write_text(str(os.getpid()))

    def remove(self):
        """Its processes must have ended."""
        self.folder.rmdir()


@dataclass
class Run:
    """One training's second epoch, and its process's memory without file pages, in bytes."""

    images_per_second: float
    data_wait: float
    anonymous: int


def drop_pages(artifacts):
    """Has the system forget the rows, so that they come from the disk again."""
    for path in artifacts.glob("cache/*/*.safetensors"):
        with path.open("rb") as file:
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def train(words, artifacts, shuffle, group):
    """One process."""
    drop_pages(artifacts)
    command = [BIN / "train", *words, "--set", f"train.shuffle={shuffle}"]
    print("  " + " ".join(map(str, command)), file=sys.stderr)
    join = group.join if group else None
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    process = subprocess.Popen(command, cwd=ROOT, preexec_fn=join, **pipes)
    most = 0
    while process.poll() is None:
        most = max(most, memory_of(process.pid)[1])
        time.sleep(0.05)
    out, said = process.communicate()
    if process.returncode:
        sys.exit(f"exit status {process.returncode}: {command}\n{said[-2000:]}")
    lines = map(json.loads, (Path(out.strip()) / "metrics.jsonl").read_text().splitlines())
    last = [line for line in lines if line["split"] == "train"][-1]
    return Run(last["images_per_second"], last["data_wait"], most)


def row(name, shuffle, runs):
    """A line of the table."""
    figures = [
        spread([run.images_per_second for run in runs], "{:.0f}"),
        spread([100 * run.data_wait for run in runs], "{:.1f}"),
        spread([run.anonymous / 1e6 for run in runs], "{:.0f}"),
    ]
    return f"| {name} | `{shuffle}` | " + " | ".join(figures) + " |"


def measure(args, artifacts, words, group):
    """The runs of each case, in turns."""
    cases = [(limited, shuffle) for limited in (None, group) for shuffle in SHUFFLES]
    runs = {index: [] for index in range(len(cases))}
    for _ in range(args.rounds):
        for index, (limited, shuffle) in enumerate(cases):
            runs[index].append(train(words, artifacts, shuffle, limited))
    names = {True: "all of it", False: f"{args.limit_mb:,} MB"}
    print("| memory | shuffle | images/s | data wait, % | without file pages, MB |")
    print("|---|---|---:|---:|---:|")
    for index, (limited, shuffle) in enumerate(cases):
        print(row(names[limited is None], shuffle, runs[index]))
    speed = [statistics.median(run.images_per_second for run in runs[index]) for index in runs]
    for index, shuffle in enumerate(SHUFFLES):
        print(f"\n`{shuffle}`: {speed[index + len(SHUFFLES)] / speed[index]:.2f} of the speed with all.")


def main():
    """Prepares the cache, runs the rounds, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rows", type=int, default=20_000)
    parser.add_argument("--limit-mb", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--pipeline", type=Path, default=ROOT / "benches" / "larger.yaml")
    parser.add_argument("--source", type=Path, default=default_source(), help="photographs to vary")
    args = parser.parse_args()
    photos = BENCH_FOLDER / f"larger-{args.rows}"
    make_variations(photos, args.rows, args.source)
    group = Group(args.limit_mb * 1_000_000)
    try:
        with tempfile.TemporaryDirectory(dir=BENCH_FOLDER) as name:
            words = [args.pipeline.resolve(), "--artifacts", name, "--set", "data.audit=off"]
            words += ["--set", f"data.train={photos}/train", "--set", f"data.val={photos}/val"]
            words += ["--set", "train.epochs=2", "--set", "train.early_stopping=null"]
            subprocess.run([BIN / "prep", *words], cwd=ROOT, check=True, stderr=subprocess.DEVNULL)
            measure(args, Path(name), words, group)
    finally:
        group.remove()


if __name__ == "__main__":
    main()
