"""What augmentation costs a training step of the tutorial's network.

Whole processes on one cache, every list once a round and each round starting with another
one; the first epoch of a process is dropped. A cost compares two processes of one round.
"""

import argparse
import statistics
import sys
import tempfile
from pathlib import Path

import shoebox_run
from measure import ms_per_step
from step import BIN, ROOT, count_steps, run, spread

PIPELINE = ROOT / "pipelines" / "sneakers.yaml"
CROP = "{random_resized_crop: {}}"
COLOURS = "{brightness: {amount: 0.2}}, {contrast: {amount: 0.2}}, {saturation: {amount: 0.2}}"
USUAL = f"{CROP}, {{flip: {{}}}}, {{rotation: {{degrees: 10}}}}, {COLOURS}, {{hue: {{amount: 0.05}}}}"
LISTS = {
    "none": "[]",
    "flip": "[{flip: {}}]",
    "crop, flip, rotation, colours": f"[{USUAL}]",
    "the same, mixup and cutmix": f"[{USUAL}, {{mixup: {{}}}}, {{cutmix: {{}}}}]",
}


def train(augment, args, artifacts, log):
    """Milliseconds per step of one process."""
    before = set((artifacts / "runs").glob("*"))
    settings = [f"train.augment={augment}", f"train.epochs={args.epochs}"]
    words = [word for setting in settings for word in ("--set", setting)]
    run([BIN / "train", PIPELINE, "--artifacts", artifacts, *words], log)
    (left,) = set((artifacts / "runs").glob("*")) - before
    (left / "checkpoints" / "last.safetensors").unlink()  # 266 MB
    return ms_per_step(shoebox_run.epochs(left), count_steps(ROOT / "data/sneakers/train"))


def main():
    """Prepares the cache, runs the rounds, prints the table."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3, help="2 or more: the first is dropped")
    args = parser.parse_args()
    names, rounds = list(LISTS), []
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile("w+") as log:
        run([BIN / "prep", PIPELINE, "--artifacts", name], log)
        for number in range(args.rounds):
            start = number % len(names)
            order = names[start:] + names[:start]
            rounds.append({key: train(LISTS[key], args, Path(name), log) for key in order})
    print("| augmentation | ms per step | more than none, ms | of a step, % |")
    print("|---|---:|---:|---:|")
    for key in names:
        more = [by_name[key] - by_name["none"] for by_name in rounds]
        share = [100 * (by_name[key] / by_name["none"] - 1) for by_name in rounds]
        step = spread([by_name[key] for by_name in rounds], "{:.1f}")
        print(f"| {key} | {step} | {spread(more, '{:.1f}')} | {spread(share, '{:.1f}')} |")
    median = statistics.median(by_name["none"] for by_name in rounds)
    print(f"{args.rounds} rounds, median step {median:.1f} ms without", file=sys.stderr)


if __name__ == "__main__":
    main()
