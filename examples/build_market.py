#!/usr/bin/env python3
"""Builds real_market.json and paper.json, the two examples that are computed rather than typed.

    build_market.py                  write both files beside this script
    build_market.py --check          write nothing; exit 1 if a committed file differs from what would be written
    build_market.py excerpt SOURCE   cut data/planetlab_91.txt again from the published PlanetLabData_1

Every number stays a decimal or a fraction from the text it was read as to the text that is written; no binary floating
point is involved, so the output is the same on every machine. Needs Python 3.11 and nothing else.
"""

import argparse
import csv
import hashlib
import json
import sys
from collections import Counter
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
DATA = HERE / "data"
EXCERPT = DATA / "planetlab_91.txt"

# The model: Llama-3-70B, 80 layers of 855.6 million parameters, two bytes each.
LAYERS = 80
LAYER_GB = Fraction("1.71")
BLOCK_LENGTHS = (10, 20, 40)
MIB = 2**20
GB = 10**9

# The latency excerpt: every fifth host of the source, 90 for the peers and the last one for the client.
SOURCE_SHA256 = "dd7fd6bb6917c55590e547d7c00a41f93175d4bda68ef0c81c8f372086165afc"
SOURCE_HOSTS = 490
EXCERPT_ROWS = range(0, 451, 5)

# The paper's simulation: nodes in each of the four layers, and the text from which its costs are drawn.
PAPER_GROUPS = (10, 4, 10, 4)
PAPER_SEED = "p2pllm/paper/1"


class BadData(Exception):
    pass


# ---------------------------------------------------------------------------------------------------------- reading


def read_csv(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def read_round_trips():
    """Host names and the full symmetric matrix of round-trip times in ms, from the lower triangle in the excerpt."""
    lines = [line for line in EXCERPT.read_text(encoding="utf-8").splitlines() if not line.startswith("#")]
    names, triangle = [], []
    for row, line in enumerate(lines):
        name, *values = line.split()
        if len(values) != row:
            raise BadData(f"{EXCERPT.name}: host {name} has {len(values)} values, not {row}")
        names.append(name)
        triangle.append([Decimal(value) for value in values])
    size = range(len(names))
    at = lambda i, j: Decimal(0) if i == j else triangle[max(i, j)][min(i, j)]
    return names, [[at(i, j) for j in size] for i in size]


# ------------------------------------------------------------------------------------------------------ real market


def rounded(value, places):
    """A fraction as decimal text with that many places, ties to even."""
    return str(Decimal(round(Fraction(value) * 10**places)).scaleb(-places))


def plain(value):
    """A decimal as the shortest plain text: 12.50 -> 12.5, 1E+1 -> 10."""
    text = format(value, "f")
    return (text.rstrip("0").rstrip(".") if "." in text else text) or "0"


def largest_block(offer):
    """The most layers out of 10, 20 and 40 whose weights the memory of the whole offer (all its GPUs) can hold."""
    memory = int(offer["gpu_memory_mib"]) * MIB
    fitting = [length for length in BLOCK_LENGTHS if length * LAYER_GB * GB <= memory]
    if not fitting:
        raise BadData(f"{offer['instance']}: {offer['gpu_memory_mib']} MiB hold no block")
    return max(fitting)


def market_nodes():
    bandwidth = {row["gpu"]: Fraction(row["memory_bandwidth_gb_per_s"]) for row in read_csv("gpu_memory_bandwidth.csv")}
    dealt = Counter()
    nodes = []
    for number, offer in enumerate(read_csv("vast_offers.csv"), start=1):
        length = largest_block(offer)
        first = length * (dealt[length] % (LAYERS // length))
        dealt[length] += 1
        # A token is decoded by reading every weight once. An offer's GPUs hold consecutive layers and work one after
        # another, so the bandwidth of one GPU counts.
        milliseconds = length * LAYER_GB / bandwidth[offer["gpu"]] * 1000
        nodes.append({
            "id": f"{number:02}-{offer['instance']}-{offer['region']}",
            "layers": [first, first + length],
            "cost": rounded(milliseconds, 2),
            "price": offer["usd_per_hour"],
        })
    return nodes


def real_market():
    nodes = market_nodes()
    names, round_trips = read_round_trips()
    if len(names) != len(nodes) + 1:
        raise BadData(f"{len(nodes)} offers need {len(nodes) + 1} hosts, {EXCERPT.name} has {len(names)}")
    one_way = [[plain(value / 2) for value in row] for row in round_trips]
    client = len(nodes)
    blocks = [[first, first + length] for length in BLOCK_LENGTHS for first in range(0, LAYERS, length)]
    return "\n".join([
        "{",
        '"format": "p2pllm-network/1",',
        f'"model": {{"name": "Llama-3-70B, 16-bit weights", "layers": {LAYERS},',
        f'  "blocks": {json.dumps(blocks)}}},',
        '"units": {"cost": "ms", "latency": "ms", "price": "USD/h"},',
        '"alpha": "1/2",',
        '"scales": {"price": "1/5", "cost": "10"},',
        '"nodes": [',
        ",\n".join(json.dumps(node) for node in nodes),
        "],",
        '"latency": {"kind": "matrix", "values": [',
        ",\n".join("[" + ",".join(row[:client]) + "]" for row in one_way[:client]),
        "]},",
        '"client": {',
        '"to": [' + ",".join(one_way[client][:client]) + "],",
        '"from": [' + ",".join(row[client] for row in one_way[:client]) + "]}",
        "}",
        "",
    ])


# ------------------------------------------------------------------------------------------------------------ paper


def paper_cost(node_id):
    """One of 1.01, 1.02, ..., 49.99, drawn by hashing the seed and the node's name: the same in every language."""
    digest = hashlib.sha256(f"{PAPER_SEED}/{node_id}".encode()).digest()
    return rounded(Fraction(101 + int.from_bytes(digest[:8], "big") % 4899, 100), 2)


def paper():
    nodes = []
    for layer, size in enumerate(PAPER_GROUPS):
        for number in range(1, size + 1):
            node_id = f"layer{layer + 1}-{number:02}"
            nodes.append({"id": node_id, "layers": [layer, layer + 1], "cost": paper_cost(node_id), "price": "1"})
    return "\n".join([
        "{",
        '"format": "p2pllm-network/1",',
        f'"model": {{"name": "the simulation of the paper", "layers": {len(PAPER_GROUPS)}}},',
        '"units": {"cost": "ms", "latency": "ms", "price": "credit"},',
        '"alpha": "1/2",',
        '"nodes": [',
        ",\n".join(json.dumps(node) for node in nodes),
        "]",
        "}",
        "",
    ])


# --------------------------------------------------------------------------------------------------------- commands


def cut_excerpt(source):
    text = Path(source).read_bytes()
    if hashlib.sha256(text).hexdigest() != SOURCE_SHA256:
        raise BadData(f"{source}: not the PlanetLabData_1 that the excerpt was cut from (SHA-256 differs)")
    matrix = [line.split() for line in text.decode().splitlines() if line.strip()]
    if {len(matrix)} | {len(row) for row in matrix} != {SOURCE_HOSTS}:
        raise BadData(f"{source}: not a {SOURCE_HOSTS} x {SOURCE_HOSTS} matrix")
    lines = [
        "# Round-trip times in ms between 91 PlanetLab hosts: every fifth host of PlanetLabData_1, rows 0, 5, ..., 450.",
        "# Zhu, Liu, Niu, Li, Zhao 2017; MIT licence, see LICENSE-planetlab. The matrix is symmetric and zero on the",
        "# diagonal, so only what lies below the diagonal is kept: a line is a host's name, then its times to the hosts",
        "# above it. A host is named by its row in the source, counted from 0; the source gives no other names.",
    ]
    for row in EXCERPT_ROWS:
        below = [column for column in EXCERPT_ROWS if column < row]
        for column in below:
            if Decimal(matrix[row][column]) != Decimal(matrix[column][row]) or Decimal(matrix[row][column]) <= 0:
                raise BadData(f"{source}: hosts {row} and {column} are not symmetric and positive")
        lines.append(" ".join([f"h{row:03}"] + [matrix[row][column] for column in below]))
    EXCERPT.write_text("\n".join(lines) + "\n", encoding="utf-8", newline="\n")


def main():
    parser = argparse.ArgumentParser(description="Builds real_market.json and paper.json from examples/data.")
    parser.add_argument("--check", action="store_true", help="compare with the committed files; exit 1 if one differs")
    commands = parser.add_subparsers(dest="command")
    excerpt = commands.add_parser("excerpt", help="cut data/planetlab_91.txt again from the published file")
    excerpt.add_argument("source", help="PlanetLabData_1 as published")
    arguments = parser.parse_args()

    if arguments.command == "excerpt":
        cut_excerpt(arguments.source)
        return 0
    different = []
    for name, text in (("real_market.json", real_market()), ("paper.json", paper())):
        path = HERE / name
        if not arguments.check:
            path.write_text(text, encoding="utf-8", newline="\n")
        elif not path.exists() or path.read_bytes() != text.encode():
            different.append(name)
    for name in different:
        print(f"{name} is not what build_market.py builds from examples/data", file=sys.stderr)
    return 1 if different else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (BadData, OSError) as error:
        print(f"build_market.py: {error}", file=sys.stderr)
        sys.exit(2)
