"""Writes a fixture: one safetensors file whose metadata says where it came from."""

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"


def provenance(script, *packages):
    """Metadata entries that name the script and the exact versions that made a fixture."""
    return {
        "made_by": f"benches/{Path(script).name}",
        "versions": json.dumps({package: version(package) for package in packages}),
    }


def write(path, tensors, metadata, limit_bytes):
    """Saves the tensors; values of `metadata` that aren't text become JSON text."""
    path.parent.mkdir(parents=True, exist_ok=True)
    text = {k: v if isinstance(v, str) else json.dumps(v) for k, v in metadata.items()}
    save_file({k: np.ascontiguousarray(v) for k, v in tensors.items()}, path, metadata=text)
    size = path.stat().st_size
    assert size < limit_bytes, f"{path}: {size} bytes, the limit is {limit_bytes}"
    print(f"{path}: {len(tensors)} tensors, {size:,} bytes")
