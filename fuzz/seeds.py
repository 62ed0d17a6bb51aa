"""Fills corpus/ with files to start from.

    python3 fuzz/seeds.py [FOLDER ...]

Pictures come from prep's fixtures, and from any FOLDER with more of them;
caches are built here.
"""

import json
import struct
import sys
from pathlib import Path

HERE = Path(__file__).parent
FIXTURES = HERE / "../crates/prep/tests/fixtures"
LONGEST = 70_000


def put(target, name, data):
    folder = HERE / "corpus" / target
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def pictures(folders):
    for folder in folders:
        for path in sorted(folder.iterdir()):
            if path.suffix in (".json", ".py") or not path.is_file():
                continue
            data = path.read_bytes()
            if len(data) <= LONGEST:
                put("decode", path.name, data)
                if data.startswith(b"\xff\xd8"):
                    put("jpeg_planes", path.name, b"\x01" + data)


def shard(rows, height, width, label=0):
    pixels = rows * height * width * 3
    header = json.dumps({
        "labels": {"dtype": "I64", "shape": [rows], "data_offsets": [0, 8 * rows]},
        "images": {"dtype": "U8", "shape": [rows, height, width, 3], "data_offsets": [8 * rows, 8 * rows + pixels]},
    }).encode()
    header += b" " * (-len(header) % 8)
    return struct.pack("<Q", len(header)) + header + struct.pack("<q", label) * rows + bytes(pixels)


def manifest(rows, height, width, data):
    digest = "0" * 64
    record = {"file": "train.safetensors", "rows": rows, "bytes": len(data), "checksum": digest, "content": digest, "sum": [0, 0, 0], "square_sum": [0, 0, 0]}
    split = {"source": "data/train", "counts": [rows, 0], "skipped": 0, "dropped": 0, "shards": [record]}
    whole = {"format_version": 2, "fingerprint": digest, "preparation_version": 1, "class_names": ["adidas", "nike"], "image_size": [height, width], "recipe": {}, "mean": [0, 0, 0], "std": [1, 1, 1], "splits": {"train": split}, "files": {}, "checksum": ""}
    return json.dumps(whole).encode() + b"\n"


def caches():
    for rows, height, width, label in [(0, 2, 2, 0), (1, 1, 1, 0), (3, 2, 4, 1), (5, 4, 4, 7)]:
        data = shard(rows, height, width, label)
        name = f"{rows}-{height}-{width}-{label}"
        put("cache_reader", f"shard-{name}", bytes([rows, height, width]) + data)
        put("cache_reader", f"manifest-{name}", manifest(rows, height, width, data) + data)


pictures([FIXTURES, FIXTURES / "odd", FIXTURES / "fuzz", *map(Path, sys.argv[1:])])
caches()
