"""What `prep` costs when little has changed, and whether its cache is then the right one.

Over 10,000 pictures of the small kind: the first run, a run after ten were added, one
after all were touched without a change, one with nothing to do. The cache after adding
must equal, file by file and byte by byte, one that is built from nothing elsewhere, and
touching must leave everything as it was; otherwise the exit status is 1.
"""

import argparse
import filecmp
import sys
import tempfile
from pathlib import Path

from make_photos import BENCH_FOLDER, default_source, make_photos, save_photo
from prep_peers import list_photos
from prep_run import (
    ANTIALIASED,
    add_common_arguments,
    keep_two_cores,
    machine_line,
    only_cache,
    run_prep,
    warm_page_cache,
)
from step import spread

STEPS = ("first run", "added", "touched", "nothing to do")


def added_numbers(args):
    """The numbers of the pictures that are added, after those of the set."""
    return range(args.count, args.count + args.added)


def added_paths(args, folder):
    """The pictures of earlier runs that were added to the set."""
    numbers = {f"{number:05}" for number in added_numbers(args)}
    return [path for path in list_photos(folder) if path.stem in numbers]


def add_pictures(args, folder):
    """Draws some more pictures into the set."""
    source = args.source or default_source()
    for number in added_numbers(args):
        save_photo(number, folder, "small", source, seed=1)


def differences(one, other):
    """The files, relative to two folders, that only one has or whose bytes differ."""
    filecmp.clear_cache()
    names = [
        {path.relative_to(folder) for path in folder.rglob("*") if path.is_file()}
        for folder in (one, other)
    ]
    unequal = {
        name
        for name in names[0] & names[1]
        if not filecmp.cmp(one / name, other / name, shallow=False)
    }
    return sorted((names[0] ^ names[1]) | unequal)


def check(artifacts, expected, after):
    """Exits unless `artifacts` has the very cache `expected`, and the one of the first run."""
    cache = artifacts / "cache" / expected.name
    if not cache.is_dir():
        sys.exit(f"{after}: there is no cache {expected.name}, which is built from nothing")
    if unequal := differences(cache, expected):
        sys.exit(f"{after}: not the cache that is built from nothing: {unequal}")
    caches = len(list((artifacts / "cache").glob("*/manifest.json")))
    if caches != 2:
        sys.exit(f"{after}: {caches} caches instead of the old and the new one")


def measure_round(args, folder):
    """Seconds of every step, once."""
    for path in added_paths(args, folder):
        path.unlink()
    with tempfile.TemporaryDirectory(dir=args.out) as name:
        artifacts, other = Path(name) / "artifacts", Path(name) / "nothing"

        def prep(where=artifacts):
            return run_prep(args, folder, where, [*ANTIALIASED, *args.set]).seconds

        seconds = {"first run": prep()}
        add_pictures(args, folder)
        seconds["added"] = prep()
        prep(other)
        expected = only_cache(other)
        check(artifacts, expected, "added")
        for path in list_photos(folder):
            path.touch()
        seconds["touched"] = prep()
        check(artifacts, expected, "touched")
        seconds["nothing to do"] = prep()
        check(artifacts, expected, "nothing to do")
        return seconds


def table(rounds, args):
    """Seconds of the steps and their shares of the first run."""
    titles = {
        "first run": f"first run, {args.count:,} pictures",
        "added": f"{args.added} more",
        "touched": "all touched, none altered",
        "nothing to do": "nothing to do",
    }
    lines = ["| run | seconds | share of the first |", "|---|---:|---:|"]
    for step in STEPS:
        seconds = [one[step] for one in rounds]
        shares = [one[step] / one["first run"] for one in rounds]
        lines.append(
            f"| {titles[step]} | {spread(seconds, '{:.2f}')} | {spread(shares, '{:.3f}')} |"
        )
    return "\n".join(lines)


def parse_args():
    """Reads the command line."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=10_000, help="pictures of the first run")
    parser.add_argument("--added", type=int, default=10)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--out", type=Path, default=BENCH_FOLDER, help="where the pictures lie")
    add_common_arguments(parser)
    args = parser.parse_args()
    args.out, args.prep = args.out.resolve(), args.prep.resolve()
    return args


def main():
    """Draws the pictures, runs the rounds and prints the table."""
    args = parse_args()
    keep_two_cores()
    folder = args.out / f"again-{args.count}"
    make_photos(folder, "small", args.count, args.source)
    warm_page_cache(list_photos(folder))
    rounds = [measure_round(args, folder) for _ in range(args.rounds)]
    print(table(rounds, args))
    print("\nThe cache after adding equals one that is built from nothing, byte for byte.")
    print(f"{machine_line()}; rounds: {args.rounds}.")


if __name__ == "__main__":
    main()
