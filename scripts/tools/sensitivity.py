"""Writes spec/generated/sensitivity.md: the analysis that section 5.1 of the paper announces, one parameter at a time.

    scripts/sensitivity [--check]

--check writes nothing and fails (exit 1) if the page is not what the runs say. The program is the one that the
environment variable P2PLLM names, or build/release/p2pllm.
"""

import json
import subprocess

from . import pages
from .faults import ROOT
from .pages import program, table

PAGE = "spec/generated/sensitivity.md"
SCENARIO, SEEDS = "examples/table1/scaled.json", "1..200"
COST, GENERATED = '"cost": {"uniform": [1, 50]}, "price": 1', "/network/generate"


def network(counts):
    return f'{{"layers": {len(counts)}, "counts": {counts}, {COST}}}'


SWEEPS = (  # title, pointer, values, as shown
    ("Number of nodes", GENERATED, {str(7 * n): network([10 * n // 4, n, 10 * n // 4, n]) for n in (2, 4, 8, 16)}),
    ("Number of layers, seven nodes for each", GENERATED, {str(m): network([10, 4] * (m // 2)) for m in (2, 4, 8, 16)}),
    ("Weight of price against time, α", "/alpha", {value: value for value in ("1/4", "1/2", "3/4", "9/10")}),
    ("Learning rate, η", "/prices/eta", {value: value for value in ("1/4", "1/2", "1", "2", "4")}),
    ("Range of costs", f"{GENERATED}/cost/uniform", {f"1 .. {most}": f"[1, {most}]" for most in (2, 10, 50, 200)}),
    ("Steps between two sweeps of migration", "/migration/period", {value: value for value in ("1", "10", "50", "100")}),
)


def quantiles(of):
    return " / ".join(f"{of[which]:.4g}" for which in ("p5", "median", "p95"))


def rows_of(pointer, values):
    command = [program(), "simulate", ROOT / SCENARIO, "--seeds", SEEDS, "--json", "--set", "/tolerance=1e-6", "--sweep", f"{pointer}={','.join(values.values())}"]
    variants = json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)["variants"]
    for shown, variant in zip(values, variants, strict=True):
        of = variant["quantities"]
        yield (shown, quantiles(of["last_move"]), quantiles(of["moves"]), quantiles(of["median_price"]), quantiles(of["least_load"]),
               quantiles(of["throughput"]), f"{100 * variant['sole_share']:.1f} %")


def page():
    text = f"""# Sensitivity of the paper's experiment

Made by `scripts/sensitivity` from [examples/table1/scaled.json](../../examples/table1/scaled.json), and compared by a test. Section 5.1
of the paper announces this analysis and does not print it. One parameter changes at a time; each row has {SEEDS.partition("..")[2]}
seeds of 1000 steps. A cell has the 5 % quantile, the median and the 95 % quantile over the seeds, at step 1000.

*At rest from* is the step of the last move. *Median price* is the median over the layers of their median prices. *Least
load* is the least S_r, the capacity of the layer that has least. *Throughput* is min (1/c_i)/P_i, the rate of requests
at which the first node has no time left (SIM-16).
"""
    header = ("at rest from", "moves", "median price", "least load", "throughput", "a sole server")
    for title, pointer, values in SWEEPS:
        text += f"\n## {title}\n\n{table((title.partition(',')[0].lower(), *header), rows_of(pointer, values))}\n"
    return text


def main(arguments=None):
    return pages.main("sensitivity", __doc__, PAGE, page, arguments)
