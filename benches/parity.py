"""Accuracy of Shoebox and Keras on one set of pictures, over seeds, as a Markdown table.

    benches/.venv/bin/python benches/parity.py \\
        --keras keras-seed1.json keras-seed2.json --shoebox artifacts/runs/sneakers-*

Best and last are of validation accuracy; spread is the standard deviation over the seeds
(n - 1). A second table has every run.
"""

import argparse
import json
import statistics
from pathlib import Path

import shoebox_run


def recorded_run(path):
    """(seed, epochs, whole seconds) from a record of keras_tutorial.py or torch_tutorial.py."""
    record = json.loads(path.read_text())
    return record["seed"], record["epochs"], record["whole_seconds"]


def shoebox_run_folder(folder):
    """(seed, epochs, whole seconds) from a run's folder."""
    record = shoebox_run.run_record(folder)
    return record["seed"], shoebox_run.epochs(folder), record["seconds"]


def summarise(run):
    """What the tables show of one run; accuracies from 0 to 1, epochs from 1."""
    seed, epochs, seconds = run
    accuracies = [epoch["val_accuracy"] for epoch in epochs]
    best = max(accuracies)
    return {
        "seed": seed,
        "best": best,
        "best_epoch": 1 + accuracies.index(best),
        "last": accuracies[-1],
        "train": epochs[-1]["train_accuracy"],
        "epochs": len(epochs),
        "seconds": seconds,
    }


def mean_and_spread(values):
    """`mean ± standard deviation [min–max]`; a single value stands alone."""
    if len(values) == 1:
        return f"{values[0]:.3f}"
    spread = f"{statistics.mean(values):.3f} ± {statistics.stdev(values):.3f}"
    return f"{spread} [{min(values):.3f}–{max(values):.3f}]"


def summary_table(tools):
    """One row per tool."""
    lines = [
        "| tool | seeds | best accuracy | last accuracy | last train accuracy | epochs |",
        "|---|---|---:|---:|---:|---:|",
    ]
    for tool, runs in tools.items():
        seeds = ", ".join(str(run["seed"]) for run in runs)
        columns = [mean_and_spread([run[key] for run in runs]) for key in ("best", "last", "train")]
        epochs = ", ".join(str(run["epochs"]) for run in runs)
        lines.append(f"| {tool} | {seeds} | {' | '.join(columns)} | {epochs} |")
    return "\n".join(lines)


def run_table(tools):
    """One row per run."""
    lines = [
        "| tool | seed | best accuracy (epoch) | last accuracy | epochs | seconds |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for tool, runs in tools.items():
        for run in runs:
            best = f"{run['best']:.3f} ({run['best_epoch']})"
            numbers = f"{run['last']:.3f} | {run['epochs']} | {run['seconds']:.0f}"
            lines.append(f"| {tool} | {run['seed']} | {best} | {numbers} |")
    return "\n".join(lines)


def main():
    """Reads the runs that were named and prints both tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shoebox", type=Path, nargs="+", default=[], help="run folders")
    parser.add_argument("--keras", type=Path, nargs="+", default=[], help="JSON records")
    parser.add_argument("--torch", type=Path, nargs="+", default=[], help="JSON records")
    args = parser.parse_args()
    read = {
        "Shoebox": map(shoebox_run_folder, args.shoebox),
        "Keras": map(recorded_run, args.keras),
        "PyTorch": map(recorded_run, args.torch),
    }
    tools = {
        tool: sorted(map(summarise, runs), key=lambda run: run["seed"])
        for tool, runs in read.items()
    }
    tools = {tool: runs for tool, runs in tools.items() if runs}
    if not tools:
        parser.error("name at least one run")
    print(summary_table(tools), run_table(tools), sep="\n\n")


if __name__ == "__main__":
    main()
