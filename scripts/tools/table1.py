"""Writes spec/generated/table1.md: the paper's Table 1 beside runs of examples/table1.

    scripts/table1 [--check]

--check writes nothing and fails (exit 1) if the page is not what the runs say. The program is the one that the
environment variable P2PLLM names, or build/release/p2pllm.
"""

import csv
import io
import subprocess
import tempfile
from fractions import Fraction
from math import ceil
from pathlib import Path

from . import pages
from .faults import ROOT
from .pages import program, table

PAGE = "spec/generated/table1.md"
PRINTED = {  # the paper's rows: nodes, average prices
    0: ([10, 4, 10, 4], ["1", "1", "1", "1"]),
    100: ([7, 6, 10, 5], ["1.92", "2.20", "1.80", "2.31"]),
    500: ([7, 6, 8, 7], ["2.33", "2.40", "2.29", "2.33"]),
    1000: ([7, 7, 7, 7], ["2.33", "2.34", "2.33", "2.33"]),
}
ROWS = (100, 500, 1000)
LAYERS = range(4)


def runs_of(name, *more):
    """Runs of a preset: a dictionary for each seed, from (step, layer) to (nodes, mean price)."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "runs.csv"
        command = [program(), "simulate", ROOT / "examples/table1" / f"{name}.json", "--csv", out, "--json", *more]
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
        runs = {}
        for row in csv.DictReader(io.StringIO(out.read_text())):
            cell = (int(row["step"]), int(row["first_layer"]))
            price = float(row["mean_price"]) if row["mean_price"] else None
            runs.setdefault(int(row["seed"]), {})[cell] = (int(row["nodes"]), price)
    return list(runs.values())


def quantile(values, part):
    ordered = sorted(values)
    return ordered[max(1, ceil(part * len(ordered))) - 1]


def prints(run, row, with_prices):
    """Whether a run has the paper's row, to the digits printed."""
    nodes, prices = PRINTED[row]
    cells = [run[row, layer] for layer in LAYERS]
    same_nodes = [cell[0] for cell in cells] == nodes
    return same_nodes and (not with_prices or all(f"{cell[1]:.2f}" == price for cell, price in zip(cells, prices)))


def percent(count, total):
    return f"{100 * count / total:.1f} %"


def cell_rows(runs):
    for row in ROWS:
        for layer in LAYERS:
            cells = [run[row, layer] for run in runs]
            prices = [cell[1] for cell in cells]
            nodes, price = PRINTED[row][0][layer], PRINTED[row][1][layer]
            spread = [quantile([cell[0] for cell in cells], part) for part in (0.05, 0.5, 0.95)]
            yield (row, layer + 1, nodes, " / ".join(map(str, spread)), percent(sum(cell[0] == nodes for cell in cells), len(runs)), price,
                   " / ".join(f"{quantile(prices, part):.2f}" for part in (0.05, 0.5, 0.95)),
                   percent(sum(f"{one:.2f}" == price for one in prices), len(runs)))


def reading(name):
    """The share of runs of a preset that print each row, and that have a range with one node."""
    runs = runs_of(name)
    shares = [percent(sum(prints(run, row, prices) for run in runs), len(runs)) for prices in (False, True) for row in ROWS]
    sole = sum(any(run[1000, layer][0] == 1 for layer in LAYERS) for run in runs)
    return runs, [f"`{name}`", *shares, percent(sole, len(runs))]


def ten_equal(rate, steps):
    """The price of ten equal nodes after some steps from price 1, at alpha 1/2: exact."""
    return Fraction(20, 9) - Fraction(11, 9) * (1 - Fraction(9, 200) * rate) ** steps


def rate_between(low, high, steps):
    """The rates at which ten equal nodes have a price in [low, high] after some steps, to four digits, rounded inwards."""

    def least(price):
        below, above = 0, 40000
        while above - below > 1:
            middle = (below + above) // 2
            below, above = (middle, above) if ten_equal(Fraction(middle, 10000), steps) < price else (below, middle)
        return above

    return least(low), least(high) - 1


def first_rate(start, end, steps):
    """The least rate, to three digits, at which eight equal nodes at `start` have at least the price `end` after some steps."""
    rest = Fraction(16, 7)
    return next(k for k in range(1, 4000) if rest - (rest - start) * (1 - Fraction(7, 128) * Fraction(k, 1000)) ** steps >= end)


def page():
    literal, literal_row = reading("literal")
    rows = [literal_row, reading("scaled")[1], reading("equal")[1]]
    fitted = runs_of("row100", "--seeds", "1..1")[0]
    least, most = rate_between(Fraction("1.795"), Fraction("1.805"), 100)
    counts = [steps for steps in range(1, 200) if Fraction("1.795") <= ten_equal(1, steps) < Fraction("1.805")]
    residuals = [abs(fitted[100, layer][1] - float(PRINTED[100][1][layer])) for layer in LAYERS]
    return f"""# Table 1 of the paper

Made by `scripts/table1` from runs of [examples/table1](../../examples/table1), and compared by a test. *Printed* is what
the paper prints in its Table 1: for 28 nodes on four layers, the number of nodes and the average price of each layer
after 100, 500 and 1000 iterations. A run prints a cell if it has the same number, or the same price to two decimals.

## As the paper states it

The parameters of the paper's section 6, read literally (`literal.json`): {len(literal)} seeds. Each triple is the 5 %
quantile, the median and the 95 % quantile.

{table(("step", "layer", "nodes printed", "nodes", "runs that print it", "price printed", "average price", "runs that print it"), cell_rows(literal))}

## Whole rows

The share of {len(literal)} runs that print a whole row, and of those that end with a layer served by one node. `scaled` lets
costs count for a fiftieth in the demand; `equal` has equal costs and asks one random node every 50 steps, which draws among equal
targets.

{table(("reading", *(f"nodes of row {row}" for row in ROWS), *(f"nodes and prices of row {row}" for row in ROWS), "a sole server"), rows)}

A sole server's price rises by the learning rate in every step, so that the average price of such a run means little.

## What rows 500 and 1000 say

They are equilibria of equal nodes. n nodes of equal cost rest at n / (a (n − 1)) with a = 1/2: {", ".join(f"{n} nodes at {2 * n / (n - 1):.3f}" for n in (6, 7, 8))}.

## What row 100 says

Layer 3 keeps its ten nodes from the start to row 100. Ten equal nodes have after t steps of the rate η exactly the price
20/9 − 11/9 (1 − 9η/200)^t. It rounds to the printed 1.80 after 100 steps iff η lies between {least / 10000:.4f} and {most / 10000:.4f}, and at the
stated η = 1 iff the number of steps is {" or ".join(map(str, counts))}. After 100 steps of η = 1 it is {float(ten_equal(1, 100)):.2f}.

The file `row100.json` has equal costs, η = 47/200, and moves at the steps 25, 50 and 75. The rate and the moves were
sought after the table had been seen; they are no parameters of the paper. Its prices are {", ".join(f"{fitted[100, layer][1]:.4f}" for layer in LAYERS)};
none is farther than {max(residuals):.4f} from the printed ones.

No constant rate prints both row 100 and row 500, if nodes leave layer 3 and none joins it: from at most 1.805 at step 100,
eight equal nodes reach the printed 2.29 (at least 2.285) by step 500 only at rates from {first_rate(Fraction("1.805"), Fraction("2.285"), 400) / 1000:.3f} on, which row 100 excludes.
"""


def main(arguments=None):
    return pages.main("table1", __doc__, PAGE, page, arguments)
