"""Runs one process on two cores, with its time and memory; and Shoebox's `prep`."""

import os
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PREP = ROOT / "target" / "release" / "prep"
PIPELINE = ROOT / "pipelines" / "sneakers.yaml"
# What all benchmarks of `prep` set unless they measure the audit itself.
WITHOUT_AUDIT = ["data.audit=off"]
ANTIALIASED = ["data.resize={stretch: bilinear_antialias}"]
SAMPLED_EVERY_SECONDS = 0.02


@dataclass
class Measured:
    """A process and its children. Memory is in bytes."""

    seconds: float
    cpu_seconds: float
    peak: int  # sum over the processes of the most each had in RAM, mapped files included
    anonymous: int  # the most that was not a file's content


def keep_two_cores():
    """Leaves this process, and all that it starts, two of its cores."""
    os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[:2])


def tree(pid):
    """The process and its descendants that are alive, as far as they can be read."""
    found, waiting = [], [pid]
    while waiting:
        pid = waiting.pop()
        found.append(pid)
        try:
            children = Path(f"/proc/{pid}/task/{pid}/children").read_text()
        except OSError:
            continue  # It ended meanwhile.
        waiting += map(int, children.split())
    return found


def memory_of(pid):
    """(peak, anonymous) of one process in bytes, zeros when it has ended."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0, 0
    lines = dict(line.split(":", 1) for line in status.splitlines())
    return tuple(
        int(lines[key].split()[0]) * 1024 if key in lines else 0 for key in ("VmHWM", "RssAnon")
    )


class MemoryWatch(threading.Thread):
    """Looks at the memory of a process tree until told to stop."""

    def __init__(self, pid):
        super().__init__(daemon=True)
        self.pid, self.peak, self.anonymous = pid, 0, 0
        self.ended = threading.Event()

    def run(self):
        while not self.ended.wait(SAMPLED_EVERY_SECONDS):
            sizes = [memory_of(pid) for pid in tree(self.pid)]
            self.peak = max(self.peak, sum(peak for peak, _ in sizes))
            self.anonymous = max(self.anonymous, sum(own for _, own in sizes))


def run(command):
    """Runs a command from the project's root to its end; exits with its output if it fails."""
    print("  " + " ".join(map(str, command)), file=sys.stderr)
    with tempfile.TemporaryFile("w+") as log:
        started = time.perf_counter()
        process = subprocess.Popen(command, cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        watch = MemoryWatch(process.pid)
        watch.start()
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.perf_counter() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        watch.ended.set()
        watch.join()
        if process.returncode:
            log.seek(0)
            sys.exit(f"exit status {process.returncode}: {command}\n{log.read()[-2000:]}")
    cpu_seconds = usage.ru_utime + usage.ru_stime
    return Measured(seconds, cpu_seconds, watch.peak, watch.anonymous)


def run_prep(args, photos, artifacts, settings):
    """Runs `prep` over the pictures of a folder with train/ and val/."""
    settings = [f"data.train={photos}/train", f"data.val={photos}/val", *settings]
    words = [word for setting in settings for word in ("--set", setting)]
    return run([args.prep, PIPELINE, "--artifacts", artifacts, *words])


def only_cache(artifacts):
    """The folder of the one cache below `artifacts`."""
    (manifest,) = (artifacts / "cache").glob("*/manifest.json")
    return manifest.parent


def photo_key(path):
    """What names a picture in every copy of a set: split/class/file."""
    return "/".join(Path(path).parts[-3:])


def warm_page_cache(photos):
    """Reads every file once, so that no tool waits for the disk."""
    for path in photos:
        path.read_bytes()


def machine_line():
    """The processor and what every tool may use of it."""
    info = Path("/proc/cpuinfo").read_text()
    model = next(line.partition(": ")[2] for line in info.splitlines() if "model name" in line)
    return f"{model}, two cores for every tool, pictures in the page cache"


def add_common_arguments(parser):
    """The options that all benchmarks of `prep` share."""
    parser.add_argument("--prep", type=Path, default=PREP, help="the program to measure")
    parser.add_argument(
        "--set", nargs="*", default=WITHOUT_AUDIT, help="what `prep` is told besides"
    )
    parser.add_argument("--source", type=Path, help="a folder of photographs to draw from")
