#!/usr/bin/env python3
"""Compares the fast simulator with NumPy, and a sweep over seeds with what is asked of it.

    python3 bench/simulation.py BUILD

BUILD is the folder of a build with the benchmarks. NumPy runs in this interpreter; our program runs as a process that
takes the time itself, so neither start counts. They take turns. NumPy computes prices alone, without radii.
"""
import random
import shutil
import subprocess
import sys
import time
from pathlib import Path
from statistics import median

from commands import figure, seconds

ROUNDS = 7
ETA, A = 1.0, 0.5


def step_by_groups(numpy, prices, weights, groups):
    """One step, a group after the other, as one writes it first."""
    for group in groups:
        terms = numpy.exp(-(A * prices[group] + weights[group]))
        shares = terms / terms.sum()
        prices[group] += ETA * shares * (1 + A * prices[group] * (shares - 1))


def step_at_once(numpy, prices, weights, starts, sizes):
    """One step of all groups in whole arrays; groups are contiguous."""
    terms = numpy.exp(-(A * prices + weights))
    shares = terms / numpy.repeat(numpy.add.reduceat(terms, starts), sizes)
    prices += ETA * shares * (1 + A * prices * (shares - 1))


def layout(numpy, counts):
    starts = numpy.concatenate(([0], numpy.cumsum(counts)[:-1]))
    weights = numpy.random.default_rng(1).uniform(0, 0.5, sum(counts))
    return numpy.ones(sum(counts)), weights, starts, numpy.array(counts)


def timed(work):
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def compare(build, numpy):
    program = build / "bench/p2pllm_bench_simulation"
    ours = lambda work: float(subprocess.run([program, "--time", work], check=True, stdout=subprocess.PIPE, text=True).stdout)
    small, large = layout(numpy, [10, 4, 10, 4]), layout(numpy, [12_500] * 80)
    groups = [slice(start, start + size) for start, size in zip(small[2], small[3])]

    def loop():
        for _ in range(1000):
            step_by_groups(numpy, small[0], small[1], groups)

    def arrays():
        for _ in range(1000):
            step_at_once(numpy, *small)

    times = {"one": [], "many": [], "loop": [], "arrays": [], "large": []}
    for _ in range(ROUNDS):
        times["one"].append(ours("one"))
        times["loop"].append(timed(loop))
        times["arrays"].append(timed(arrays))
        times["many"].append(ours("many"))
        times["large"].append(median(timed(lambda: step_at_once(numpy, *large)) for _ in range(5)))
    at = {name: median(values) for name, values in times.items()}
    print(f"  28 peers, 1000 steps: ours {at['one'] * 1e3:.3f} ms, NumPy by groups {at['loop'] * 1e3:.1f} ms, at once {at['arrays'] * 1e3:.1f} ms")
    print(f"  10^6 peers, a step: ours {at['many'] * 1e3:.2f} ms, NumPy {at['large'] * 1e3:.2f} ms")
    figure("28 peers, 1000 steps, one core", f"NumPy {numpy.__version__}", min(at["loop"], at["arrays"]) / at["one"], "at least", 80)
    figure("10^6 peers, 80 layers, a step, one core", f"NumPy {numpy.__version__}", at["large"] / at["many"], "at least", 8)


def compare_with_simpy(build, simpy):
    """M/M/1 at a load of 0.8, as SimPy's tutorial models a queue: a resource, and a process for each customer."""
    customers = 20_000

    def run():
        environment, dice = simpy.Environment(), random.Random(1)
        server, served = simpy.Resource(environment, 1), [0]

        def customer():
            with server.request() as turn:
                yield turn
                yield environment.timeout(dice.expovariate(1 / 0.8))
            served[0] += 1

        def arrivals():
            for _ in range(customers):
                yield environment.timeout(dice.expovariate(1))
                environment.process(customer())

        environment.process(arrivals())
        environment.run()
        assert served[0] == customers

    ours, theirs = [], []
    for _ in range(ROUNDS):
        ours.append(float(subprocess.run([build / "bench/p2pllm_bench_simulation", "--time", "customer"], check=True, stdout=subprocess.PIPE, text=True).stdout))
        theirs.append(timed(run) / customers)
    print(f"  M/M/1: ours {1 / median(ours):.0f} customers a second, SimPy {1 / median(theirs):.0f}")
    figure("customers of M/M/1, one core", f"SimPy {simpy.__version__}", median(theirs) / median(ours), "at least", 20)


def compare_processes(build):
    """Two processes of one thread against one, on a sweep."""
    sweep = ["simulate", Path(__file__).resolve().parents[1] / "examples/table1/literal.json", "--seeds", "1..1500", "--sweep", "/prices/eta=1,1/2", "--threads", "1"]
    command = lambda processes: ["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(processes), build / "p2pllm-mpi", *sweep]
    times = {1: [], 2: []}
    for _ in range(ROUNDS):
        for processes, found in times.items():
            found.append(seconds(command(processes)))
    print(f"  3000 runs of a sweep: one process {median(times[1]):.2f} s, two {median(times[2]):.2f} s")
    figure("a sweep on two processes of mpirun", "one process", median(times[1]) / median(times[2]), "at least", 1.7)


def main():
    build = Path(sys.argv[1]).resolve()
    command = [build / "p2pllm", "simulate", Path(__file__).resolve().parents[1] / "examples/table1/literal.json"]
    thousand = median(seconds(command) for _ in range(ROUNDS))
    print(f"  1000 seeds of table1/literal, whole command: {thousand:.3f} s")
    figure("1000 seeds of 28 peers, 1000 steps, migration and records, all cores", "1.5 seconds", thousand / 1.5, "at most", 1)
    subprocess.run(["cmake", "--build", build, "--target", "p2pllm-mpi"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)  # if it can be
    if shutil.which("mpirun") and (build / "p2pllm-mpi").exists():
        compare_processes(build)
    else:
        print("Open MPI or Boost.MPI is not installed: skipped")
    try:
        import numpy
    except ImportError:
        print("NumPy is not installed (python3-numpy): skipped")
        return
    compare(build, numpy)
    try:
        import simpy
    except ImportError:
        print("SimPy is not installed (python3-simpy, or PyPI): skipped")
        return
    compare_with_simpy(build, simpy)


if __name__ == "__main__":
    main()
