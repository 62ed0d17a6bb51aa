"""What every benchmarked program writes about itself: one JSON file of one form.

`epochs` is a list of {"epoch", "train_loss", "train_accuracy", "train_seconds",
"val_loss", "val_accuracy"}, epochs from 1. `train_seconds` is the time between the
epoch's start and the start of its validation.
"""

import json
import os
import resource
import statistics
import time
from importlib.metadata import version
from pathlib import Path

TUTORIAL_PARAMETERS_2_CLASSES = 22_175_138


def process_age_seconds():
    """Seconds since this process was started, the interpreter's own start included."""
    fields = Path("/proc/self/stat").read_text().rpartition(")")[2].split()
    started = int(fields[19]) / os.sysconf("SC_CLK_TCK")  # field 22, seconds after boot
    return time.clock_gettime(time.CLOCK_BOOTTIME) - started


def peak_rss_bytes():
    """The most memory that this process ever held in RAM."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def check_parameters(parameters, classes):
    """Asserts the tutorial's 22,175,138 parameters; each class beyond two adds 129."""
    expected = TUTORIAL_PARAMETERS_2_CLASSES + 129 * (classes - 2)
    assert parameters == expected, f"{parameters:,} parameters, the tutorial has {expected:,}"


def ms_per_step(epochs, steps):
    """Median milliseconds per step over all epochs but the first, which also warms up."""
    warm = epochs[1:] or epochs
    return statistics.median(epoch["train_seconds"] for epoch in warm) / steps * 1e3


def write_record(path, tool, packages, *, epochs, steps, **facts):
    """Adds accuracy, time and memory to `facts` and writes the JSON file."""
    accuracies = [epoch["val_accuracy"] for epoch in epochs]
    record = {
        "tool": tool,
        "versions": {package: version(package) for package in packages},
        **facts,
        "epochs_run": len(epochs),
        "steps_per_epoch": steps,
        "best_val_accuracy": max(accuracies),
        "best_epoch": 1 + accuracies.index(max(accuracies)),
        "last_val_accuracy": accuracies[-1],
        "ms_per_step": ms_per_step(epochs, steps),
        "whole_seconds": process_age_seconds(),
        "peak_rss_bytes": peak_rss_bytes(),
        "epochs": epochs,
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(record, indent=1) + "\n")
