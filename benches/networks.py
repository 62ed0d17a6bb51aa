"""Time per training step of other networks than the tutorial's, beside PyTorch at its best.

For each pipeline in `benches/networks` and `pipelines/compact.yaml`: `prep` once, then whole
processes in turns, Shoebox and PyTorch (`torch_layers.py`: channels-last, fused Adam) on the
same rows. The first epoch of each process is dropped; ratios are taken round by round.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import shoebox_run
from measure import ms_per_step
from step import BIN, ROOT, count_steps, spread


def run(command):
    """Runs a command from the project's root and returns what it printed."""
    print("  " + " ".join(map(str, command)), file=sys.stderr)
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"exit status {done.returncode}: {command}\n{done.stderr[-2000:]}")
    return done.stdout


def time_round(pipeline, folder, epochs):
    """Milliseconds per step of Shoebox and of PyTorch, and the number of parameters."""
    settings = ["--set", f"train.epochs={epochs}", "--set", "train.early_stopping=null"]
    left = Path(run([BIN / "train", pipeline, "--artifacts", folder, *settings]).strip())
    record = shoebox_run.run_record(left)
    data = record["spec"]["data"]
    ours = ms_per_step(shoebox_run.epochs(left), count_steps(ROOT / data["train"]))
    script = ROOT / "benches" / "torch_layers.py"
    theirs = json.loads(run([sys.executable, script, left, "--epochs", str(epochs)]))
    assert theirs["parameters"] == record["parameters"], (theirs, record["parameters"])
    return ours, theirs["ms_per_step"], record["parameters"]


def line(pipeline, args):
    """The row of one network."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        run([BIN / "prep", pipeline, "--artifacts", folder])
        rounds = [time_round(pipeline, folder, args.epochs) for _ in range(args.rounds)]
    ours, theirs, parameters = zip(*rounds, strict=True)
    ratios = [their / our for our, their in zip(ours, theirs, strict=True)]
    figures = [spread(ours, "{:.0f}"), spread(theirs, "{:.0f}"), spread(ratios, "{:.2f}")]
    return f"| {pipeline.stem} | {parameters[0]:,} | " + " | ".join(figures) + " |"


def main():
    """Prints the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3, help="2 or more: the first is dropped")
    parser.add_argument("pipelines", nargs="*", type=Path)
    args = parser.parse_args()
    every = [*sorted((ROOT / "benches/networks").glob("*.yaml")), ROOT / "pipelines/compact.yaml"]
    print("| network | parameters | Shoebox, ms | PyTorch, ms | Shoebox to it |")
    print("|---|---:|---:|---:|---:|")
    for pipeline in args.pipelines or every:
        print(line(pipeline.resolve(), args), flush=True)


if __name__ == "__main__":
    main()
