"""One other tool preparing pictures: read, decode, resize to 224×224, store u8 rows.

A process of this program is one sample of `prep.py`. Pillow, OpenCV and torchvision work
in a pool of processes that each write their rows into one memory-mapped `.npy` file;
tf.data (`prep_tf.py`) has its own threads. Two times go into the record: `whole_seconds`
since the process was started, and `warm_seconds`, for which every worker has imported its
library and prepared a picture before the clock starts. Neither waits for the disk.
`warm_cpu_seconds` is the processor time of that, over all workers, which other work on the
machine disturbs less.

`--stages` says instead where one worker's time goes.
"""

import argparse
import json
import multiprocessing
import statistics
import time
from pathlib import Path

import numpy as np
from measure import process_age_seconds

SIDE_PX = 224
START_LIMIT_SECONDS = 300  # for the libraries of all workers, so that a broken one is no hang
POOL_TOOLS = {}


def list_photos(folder):
    """The pictures of a set in the order of their rows: train, then val, by class and name."""
    return [path for split in ("train", "val") for path in sorted((folder / split).glob("*/*.jpg"))]


def open_rows(path, count):
    """A new `.npy` file of `count` rows, u8 [count, 224, 224, 3], mapped into memory."""
    shape = (count, SIDE_PX, SIDE_PX, 3)
    return np.lib.format.open_memmap(path, mode="w+", dtype=np.uint8, shape=shape)


def jpeg_size(data):
    """Width and height from a JPEG's frame header, without decoding."""
    position = 2
    while data[position + 1] not in (0xC0, 0xC1, 0xC2):
        position += 2 + int.from_bytes(data[position + 2 : position + 4], "big")
    height, width = (
        int.from_bytes(data[position + at : position + at + 2], "big") for at in (5, 7)
    )
    return width, height


def largest_reduction(width, height):
    """By how much a JPEG decoder may shrink a picture that stays 224 pixels or more: 1 to 8."""
    return max(n for n in (1, 2, 4, 8) if n == 1 or min(width, height) // n >= SIDE_PX)


def pool_tool(name):
    """Registers a class that decodes and resizes under the name that the tables show."""

    def register(tool):
        POOL_TOOLS[name] = tool
        return tool

    return register


@pool_tool("Pillow, `draft`")
class Pillow:
    """Pillow: libjpeg-turbo shrinks while decoding, the rest is antialiased bilinear."""

    def __init__(self):
        import io

        from PIL import Image

        self.image, self.stream = Image, io.BytesIO

    def read(self, path):
        return path.read_bytes()

    def decode(self, data):
        picture = self.image.open(self.stream(data))
        picture.draft("RGB", (SIDE_PX, SIDE_PX))
        return picture.convert("RGB")

    def resize(self, picture):
        return np.asarray(picture.resize((SIDE_PX, SIDE_PX), self.image.Resampling.BILINEAR))


@pool_tool("OpenCV")
class OpenCv:
    """OpenCV decoding every pixel, then the mean over areas, its antialiasing."""

    def __init__(self):
        import cv2

        cv2.setNumThreads(1)
        self.cv2 = cv2

    def read(self, path):
        return np.frombuffer(path.read_bytes(), np.uint8)

    def decode(self, data):
        return self.cv2.imdecode(data, self.cv2.IMREAD_COLOR)

    def resize(self, pixels):
        small = self.cv2.resize(pixels, (SIDE_PX, SIDE_PX), interpolation=self.cv2.INTER_AREA)
        return self.cv2.cvtColor(small, self.cv2.COLOR_BGR2RGB)


@pool_tool("OpenCV, reduced")
class OpenCvReduced(OpenCv):
    """OpenCV shrinking while decoding, as far as the picture stays 224 pixels or more."""

    def decode(self, data):
        reduction = largest_reduction(*jpeg_size(data.data))
        name = "IMREAD_COLOR" if reduction == 1 else f"IMREAD_REDUCED_COLOR_{reduction}"
        return self.cv2.imdecode(data, getattr(self.cv2, name))


@pool_tool("torchvision")
class TorchVision:
    """torchvision on bytes: its own JPEG decoder and antialiased resize."""

    def __init__(self):
        import torch
        from torchvision import io
        from torchvision.transforms.v2 import functional

        torch.set_num_threads(1)
        self.io, self.functional = io, functional

    def read(self, path):
        return self.io.read_file(str(path))

    def decode(self, data):
        return self.io.decode_jpeg(data, self.io.ImageReadMode.RGB)

    def resize(self, pixels):
        small = self.functional.resize(pixels, [SIDE_PX, SIDE_PX], antialias=True)
        return small.permute(1, 2, 0).numpy()


TF_TOOLS = {"tf.data": False, "tf.data, `ratio`": True}  # whether it shrinks while decoding
TOOLS = [*POOL_TOOLS, *TF_TOOLS]


def make_tool(name):
    """The tool as an object with `read`, `decode` and `resize`."""
    if name in POOL_TOOLS:
        return POOL_TOOLS[name]()
    import prep_tf

    return prep_tf.Eager(TF_TOOLS[name])


def prepare(tool, path):
    """One row, u8 [224, 224, 3]."""
    return tool.resize(tool.decode(tool.read(path)))


class Worker:
    """What a process of the pool keeps: the tool, the mapped rows and the list of files."""

    current = None

    def __init__(self, name, photos, rows_path):
        self.tool, self.photos = make_tool(name), photos
        self.rows = np.load(rows_path, mmap_mode="r+")
        prepare(self.tool, photos[0])

    @classmethod
    def start(cls, barrier, *what):
        """Makes the worker of this process and waits for the others."""
        cls.current = cls(*what)
        barrier.wait()

    @classmethod
    def fill_row(cls, row):
        """Prepares one picture; returns the processor seconds that it took."""
        worker, started = cls.current, time.process_time()
        worker.rows[row] = prepare(worker.tool, worker.photos[row])
        return time.process_time() - started


def run_pool(name, photos, rows_path, workers):
    """Fills the rows with a pool of processes; returns the warm seconds and processor seconds."""
    open_rows(rows_path, len(photos))
    context = multiprocessing.get_context("spawn")
    barrier = context.Barrier(workers + 1, timeout=START_LIMIT_SECONDS)
    chunk = max(1, min(16, len(photos) // (workers * 8)))
    with context.Pool(workers, Worker.start, (barrier, name, photos, rows_path)) as pool:
        barrier.wait()
        started = time.perf_counter()
        cpu_seconds = sum(pool.imap_unordered(Worker.fill_row, range(len(photos)), chunk))
        return time.perf_counter() - started, cpu_seconds


def run(args):
    """Fills the rows and writes the record."""
    photos = list_photos(args.photos)
    if args.tool in POOL_TOOLS:
        seconds, cpu_seconds = run_pool(args.tool, photos, args.rows, args.workers)
    else:
        import prep_tf

        rows = open_rows(args.rows, len(photos))
        reduced = TF_TOOLS[args.tool]
        seconds, cpu_seconds = prep_tf.fill_rows(photos, rows, args.workers, reduced)
    record = {
        "warm_seconds": seconds,
        "warm_cpu_seconds": cpu_seconds,
        "whole_seconds": process_age_seconds(),
    }
    args.out.write_text(json.dumps(record) + "\n")


def time_stages(tool, photos, rows):
    """Processor milliseconds of each stage: medians over the pictures."""
    stages = {"read": [], "decode": [], "resize": [], "store": []}
    prepare(tool, photos[0])
    for row, path in enumerate(photos):
        marks = [time.process_time()]
        data = tool.read(path)
        marks.append(time.process_time())
        pixels = tool.decode(data)
        marks.append(time.process_time())
        small = tool.resize(pixels)
        marks.append(time.process_time())
        rows[row] = small
        marks.append(time.process_time())
        for stage, start, end in zip(stages, marks, marks[1:], strict=False):
            stages[stage].append((end - start) * 1e3)
    return {stage: statistics.median(times) for stage, times in stages.items()}


def print_stages(args):
    """One line about one worker that does one thing after the other."""
    photos = list_photos(args.photos)[: args.limit]
    times = time_stages(make_tool(args.tool), photos, open_rows(args.rows, len(photos)))
    parts = [f"{stage} {ms:.3f} ms" for stage, ms in times.items()]
    print(f"{args.tool}: {', '.join(parts)}, together {sum(times.values()):.3f} ms")


def main():
    """Runs one tool over one set."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("tool", choices=TOOLS)
    parser.add_argument("--photos", type=Path, required=True, help="a set of make_photos.py")
    parser.add_argument("--rows", type=Path, required=True, help="the .npy file to write")
    parser.add_argument("--workers", type=int, default=2)
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--out", type=Path, help="the JSON record to write")
    what.add_argument("--stages", action="store_true", help="print where the time goes")
    parser.add_argument("--limit", type=int, default=200, help="pictures for --stages")
    args = parser.parse_args()
    print_stages(args) if args.stages else run(args)


if __name__ == "__main__":
    main()
