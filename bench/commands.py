#!/usr/bin/env python3
"""Compares whole commands: `p2pllm route` by both engines, simdjson's document parse, and NetworkX.

    python3 bench/commands.py BUILD

BUILD is the folder of a build with the benchmarks. All are processes that take turns over the same file in the page
cache; the times are wall-clock, of the command from its start to its end. NetworkX runs in this interpreter, so its
start does not count.
"""
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

NODES, NODES_OF_GRAPH, ROUNDS, ROUNDS_OF_SLOW = 1_000_000, 100_000, 9, 3


def seconds(command):
    began = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - began


def figure(work, against, value, kind, bound):
    """Prints a ratio, and adds it to the file P2PLLM_FIGURES, as bench/figure.cpp does."""
    met = value >= bound if kind == "at least" else value <= bound
    sign = ">=" if kind == "at least" else "<="
    print(f"  {work + ' against ' + against:<64} {value:>12.2f} x  asked {sign} {bound:g}: {'met' if met else 'MISSED'}")
    if path := os.environ.get("P2PLLM_FIGURES"):
        row = {"work": work, "against": against, "value": float(f"{value:.6g}"), "bound": bound, "kind": kind, "met": met}
        with open(path, "a") as out:
            out.write(json.dumps(row) + "\n")


def in_turn(rounds, **works):
    """The median seconds of each work. A work that takes long runs in the first rounds alone."""
    times = {name: [] for name in works}
    for turn in range(rounds):
        for name, work in works.items():
            if turn < ROUNDS_OF_SLOW or median(times[name]) < 1:
                times[name].append(work())
    for name, values in times.items():
        print(f"  {name:<30} {median(values):>10.4f} s  ({min(values):.4f} .. {max(values):.4f})")
    return {name: median(values) for name, values in times.items()}


def compare_commands(build, folder):
    path = folder / "network.json"
    reader, p2pllm = build / "bench/p2pllm_bench_reader", build / "p2pllm"
    subprocess.run([reader, "--write", path, str(NODES)], check=True)
    print(f"p2pllm route of {NODES} nodes, {path.stat().st_size / 1e6:.1f} MB")
    times = in_turn(
        ROUNDS,
        fast=lambda: seconds([p2pllm, "route", path]),
        reference=lambda: seconds([p2pllm, "route", path, "--engine", "reference"]),
        dom=lambda: seconds([reader, "--dom", path]),
    )
    work = "p2pllm route, whole command, 10^6 nodes"
    figure(work, "the same by the reference", times["reference"] / times["fast"], "at least", 7)
    figure(work, "simdjson's DOM parse, whole process", times["fast"] / times["dom"], "at most", 2)


def compare_networkx(build, folder):
    try:
        import networkx
    except ImportError:
        print("NetworkX is not installed (python3-networkx): skipped")
        return
    path = folder / "small.json"
    subprocess.run([build / "bench/p2pllm_bench_reader", "--write", path, str(NODES_OF_GRAPH)], check=True)
    print(f"NetworkX {networkx.__version__}, boundary multigraph of {NODES_OF_GRAPH} nodes")

    def graph_of_file():
        network = json.loads(path.read_text())
        graph = networkx.MultiDiGraph()
        for node in network["nodes"]:
            graph.add_edge(*node["layers"], weight=(node["price"] + node["cost"]) / 2)
        return graph, network["model"]["layers"]

    def timed(work):
        began = time.perf_counter()
        work()
        return time.perf_counter() - began

    def route(graph, layers):
        return networkx.dijkstra_path_length(graph, 0, layers)

    given = graph_of_file()
    times = in_turn(
        ROUNDS,
        networkx=lambda: timed(lambda: route(*graph_of_file())),
        graph_given=lambda: timed(lambda: route(*given)),
        fast=lambda: seconds([build / "p2pllm", "route", path]),
    )
    work = f"p2pllm route, whole command, {NODES_OF_GRAPH} nodes"
    figure(work, "NetworkX from the same file", times["networkx"] / times["fast"], "at least", 4)


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    build = Path(sys.argv[1])
    with tempfile.TemporaryDirectory() as folder:
        compare_commands(build, Path(folder))
        compare_networkx(build, Path(folder))


if __name__ == "__main__":
    main()
