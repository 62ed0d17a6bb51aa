"""Time per training step, peak memory and whole job of the tutorial's network, tool beside tool.

Whole processes run in rounds, every tool once a round and each round starting with
another one, so that a machine that slows down slows all of them. A process trains for a
few epochs, of which the first is dropped; its figure is the median epoch's training time
divided by the number of steps. A ratio compares two processes of the same round. Peak
memory is the kernel's count of the process (ru_maxrss from wait4). The whole job lasts
from the start of the first process to the best weights on disk, for as many epochs;
Shoebox's includes `prep`. Every tool uses all cores, as it does by default.
"""

import argparse
import json
import math
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import shoebox_run
from measure import ms_per_step

ROOT = Path(__file__).resolve().parent.parent
BIN = ROOT / "target" / "release"
BASELINE = "Shoebox"
PLAIN = "Shoebox, kernels: plain"
PLAIN_TCH = "tch as it comes"
BEST = ["--channels-last", "--fused-adam"]
PYTHON_TOOLS = {
    "Keras": ["keras_tutorial.py"],
    "PyTorch eager": ["torch_tutorial.py"],
    "PyTorch channels-last, fused Adam": ["torch_tutorial.py", *BEST],
    "the same, torch.compile": ["torch_tutorial.py", *BEST, "--compile"],
}


@dataclass
class Sample:
    """One job: milliseconds per step, peak memory in bytes, seconds from start to end."""

    ms: float
    peak_bytes: int
    seconds: float


def run(command, log):
    """Runs a command from the project's root and returns its peak memory in bytes."""
    print("  " + " ".join(map(str, command)), file=sys.stderr)
    process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        log.seek(0)
        sys.exit(f"exit status {process.returncode}: {command}\n{log.read()[-2000:]}")
    return usage.ru_maxrss * 1024


def run_python(script, args, folder, log):
    """Times one of the Python programs."""
    out = folder / "record.json"
    data = ["--train", args.train, "--val", args.val, "--seed", str(args.seed)]
    command = [sys.executable, ROOT / "benches" / script[0], *script[1:], *data]
    started = time.perf_counter()
    peak = run([*command, "--epochs", str(args.epochs), "--out", out], log)
    seconds = time.perf_counter() - started
    return Sample(json.loads(out.read_text())["ms_per_step"], peak, seconds)


def shoebox_command(program, args, folder, kernels="auto"):
    """`prep` or `train` on the same folders of pictures."""
    settings = [f"data.train={args.train}", f"data.val={args.val}", f"seed={args.seed}"]
    if program == "train":
        settings += [f"train.epochs={args.epochs}", f"train.kernels={kernels}"]
    command = [BIN / program, args.pipeline, "--artifacts", folder]
    return command + [word for setting in settings for word in ("--set", setting)]


def run_shoebox(kernels, args, folder, log):
    """Fills the cache, then times one `train`."""
    started = time.perf_counter()
    run(shoebox_command("prep", args, folder), log)
    peak = run(shoebox_command("train", args, folder, kernels), log)
    seconds = time.perf_counter() - started
    (left,) = (folder / "runs").iterdir()
    return Sample(ms_per_step(shoebox_run.epochs(left), args.steps), peak, seconds)


def run_plain_tch(args, folder, log):
    """Fills the cache, which isn't measured, then times tch alone. It writes no weights."""
    run(shoebox_command("prep", args, folder), log)
    (cache,) = (path.parent for path in folder.glob("cache/*/manifest.json"))
    log.seek(0)
    log.truncate()
    command = [BIN / "examples" / "plain_tch", cache, str(args.epochs), str(args.seed)]
    peak = run(command, log)
    log.seek(0)
    warm = json.loads(log.read())[1:]
    return Sample(statistics.median(warm) / args.steps * 1e3, peak, math.nan)


def run_tool(tool, args):
    """Runs one process of a tool in a folder of its own, which is removed afterwards."""
    with tempfile.TemporaryDirectory() as name, tempfile.TemporaryFile("w+") as log:
        folder = Path(name)
        if tool in (BASELINE, PLAIN):
            return run_shoebox("auto" if tool == BASELINE else "plain", args, folder, log)
        if tool == PLAIN_TCH:
            return run_plain_tch(args, folder, log)
        return run_python(PYTHON_TOOLS[tool], args, folder, log)


def count_steps(train, batch_size=32):
    """Steps per epoch: files of all class folders by the batch size, rounded up."""
    files = sum(1 for path in train.glob("*/*") if path.is_file())
    return -(-files // batch_size)


def spread(values, form):
    """`median [min–max]` with one number format."""
    low, middle, high = (form.format(f(values)) for f in (min, statistics.median, max))
    return f"{middle} [{low}–{high}]"


def table(rounds, tools):
    """The Markdown table; ratios are taken round by round."""
    lines = [
        "| tool | ms per step | Shoebox to it | peak memory, MB | whole job, s | Shoebox to it |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    for tool in tools:
        samples = [by_tool[tool] for by_tool in rounds]
        ratio, job_ratio, job = "–", "–", "–"
        has_job = not any(math.isnan(sample.seconds) for sample in samples)
        if has_job:
            job = spread([sample.seconds for sample in samples], "{:.1f}")
        if BASELINE in tools:
            ratio = spread([r[tool].ms / r[BASELINE].ms for r in rounds], "{:.2f}")
        if BASELINE in tools and has_job:
            job_ratio = spread([r[tool].seconds / r[BASELINE].seconds for r in rounds], "{:.2f}")
        peak = spread([sample.peak_bytes / 1e6 for sample in samples], "{:.0f}")
        step = spread([sample.ms for sample in samples], "{:.0f}")
        lines.append(f"| {tool} | {step} | {ratio} | {peak} | {job} | {job_ratio} |")
    return "\n".join(lines)


def machine_line(args, tools):
    """The processor, its cores and the versions that were compared."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(line.partition(": ")[2] for line in info.splitlines() if "model name" in line)
    packages = {"Keras": ["keras", "tensorflow-cpu"], "PyTorch eager": ["torch"]}
    wanted = [package for tool in tools for package in packages.get(tool, [])]
    versions = ", ".join(f"{package} {version(package)}" for package in wanted)
    cores = len(os.sched_getaffinity(0))
    return (
        f"{model}, {cores} cores, all of them for each tool; {platform.system()} "
        f"{platform.machine()}, Python {platform.python_version()}"
        f"{', ' + versions if versions else ''}. {args.rounds} rounds of whole processes, "
        f"{args.epochs} epochs each of {args.steps} steps, batch 32, the first epoch dropped."
    )


def parse_args():
    """Reads the command line."""
    all_tools = [BASELINE, PLAIN, PLAIN_TCH, *PYTHON_TOOLS]
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--train", type=Path, default=ROOT / "data/sneakers/train")
    parser.add_argument("--val", type=Path, default=ROOT / "data/sneakers/test")
    parser.add_argument("--pipeline", type=Path, default=ROOT / "pipelines/sneakers.yaml")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=3, help="2 or more: the first is dropped")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--tools", nargs="+", choices=all_tools, default=all_tools)
    args = parser.parse_args()
    if args.epochs < 2 or args.rounds < 1:
        parser.error("give 2 epochs or more and 1 round or more")
    args.train, args.val = args.train.resolve(), args.val.resolve()
    args.pipeline = args.pipeline.resolve()
    args.steps = count_steps(args.train)
    return args


def main():
    """Runs the rounds and prints the table."""
    args = parse_args()
    rounds = []
    for number in range(args.rounds):
        print(f"round {number + 1} of {args.rounds}", file=sys.stderr)
        start = number % len(args.tools)
        order = args.tools[start:] + args.tools[:start]
        rounds.append({tool: run_tool(tool, args) for tool in order})
    print(table(rounds, args.tools))
    print("\n" + machine_line(args, args.tools))


if __name__ == "__main__":
    main()
