"""Reads what one Shoebox run left in its folder."""

import json


def run_record(folder):
    """The run's `run.json`: seed, threads, versions, seconds, status."""
    return json.loads((folder / "run.json").read_text())


def epochs(folder):
    """One dictionary per whole epoch, as `measure` describes them, from `metrics.jsonl`."""
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    by_epoch = {}
    for line in lines:
        by_epoch.setdefault(line["epoch"], {}).setdefault(line["split"], line)
    return [
        {
            "epoch": number,
            "train_loss": splits["train"]["loss"],
            "train_accuracy": splits["train"]["accuracy"],
            "train_seconds": splits["train"]["seconds"],
            "val_loss": splits["val"]["loss"],
            "val_accuracy": splits["val"]["accuracy"],
        }
        for number, splits in sorted(by_epoch.items())
        if {"train", "val"} <= splits.keys()
    ]
