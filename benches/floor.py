"""What the machine's arithmetic and memory allow a training step, with PyTorch's own
matrix product and addition on all cores: medians of 15, the first 3 dropped."""

import statistics
import time

import torch

GFLOP = 27.05  # of the tutorial's network, batch 32, forward and backward
ADAM_MB = 621  # its parameters, gradients and two moments, read and written


def seconds(work):
    """The median time of `work`."""
    times = []
    for _ in range(15):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return statistics.median(times[3:])


def main():
    """Prints both rates and the floor that follows."""
    side = 2048
    a, b = torch.randn(side, side), torch.randn(side, side)
    product = torch.empty(side, side)
    gflops = 2 * side**3 / seconds(lambda: torch.mm(a, b, out=product)) / 1e9
    x, y = torch.randn(22_000_000), torch.randn(22_000_000)
    total = torch.empty_like(x)
    gigabytes = 3 * x.nbytes / seconds(lambda: torch.add(x, y, out=total)) / 1e9
    floor = GFLOP / gflops * 1e3 + ADAM_MB / gigabytes
    print(f"{torch.get_num_threads()} threads: {gflops:.0f} GF/s, {gigabytes:.1f} GB/s")
    print(f"floor of a step: {GFLOP / gflops * 1e3:.0f} + {ADAM_MB / gigabytes:.0f} = {floor:.0f} ms")


if __name__ == "__main__":
    main()
