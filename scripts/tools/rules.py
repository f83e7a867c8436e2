"""Mutates operators of the rule templates at random and shows which proof catches each: are the proofs about these
rules?

    scripts/mutate_rules [--seed S] [--count N] [--table]    exit 1 if fewer than 80 % are caught by proof alone

Drawn among all places of reference/market/*_rules.hpp as scripts/draw_mutants draws; a mutation that does not compile
is replaced by the next one. Each is built in a copy of the tree under build/rules/ and put to the proofs of its
clause, then to all (p2pllm-prove --solver z3 --seeds 1). It is caught if a proof has a counterexample or is left
unknown; a planted fault that is no longer refuted does not count. Those that survive are given to the test suites in
a tree of scripts/mutants. --table writes spec/generated/mutated_rules.md, in which the section "Survivors" is written
by hand and kept.
"""

import argparse
import random
import re
import subprocess
import sys
import threading
import time
from pathlib import Path

from . import draw, trial
from .faults import ROOT

WORK = ROOT / "build" / "rules"
PAGE = ROOT / "spec/generated/mutated_rules.md"
SUITES = ("p2pllm_unit", "p2pllm_vectors", "p2pllm_properties", "p2pllm_small_worlds")  # for the survivors
PROOF_SECONDS_MAX = 900  # of all proofs, which take 15
SURVIVORS = "## Survivors"
OPTIONS = (
    *(option.replace("-O1", "-O0 -fpch-preprocess") for option in trial.OPTIONS),
    "-DP2PLLM_PRECOMPILED=ON",
)  # built once, run once


class Mutant:
    """A fault of a rule and the proofs that catch it."""

    def __init__(self, path, number, operator, edited):
        line = (ROOT / path).read_text().splitlines()[number]
        self.place = f"{Path(path).name}:{number + 1}"
        self.fault = draw.fault_at(path, number, operator, edited)
        self.before, self.after = difference(line.strip().split(" "), edited.strip().split(" "))
        self.refuted, self.unknown, self.killed_by, self.compiles = [], [], None, True

    def is_caught(self):
        return bool(self.refuted or self.unknown)

    def caught_by(self):
        names = [f"`{name}`" for name in self.refuted] + [f"`{name}` (unknown)" for name in self.unknown]
        more = f" and {len(names) - 2} more" if len(names) > 2 else ""
        return (
            ", ".join(names[:2]) + more if names else "**no proof**" + (f"; {self.killed_by}" if self.killed_by else "")
        )


def difference(before, after):
    """The words that differ, with one more on either side."""
    first = next(k for k in range(len(before)) if k == len(after) or before[k] != after[k])
    last = next(k for k in range(1, len(before) + 1) if k > len(after) - first or before[-k] != after[-k])
    return tuple(
        " ".join(words[max(0, first - 1) : min(len(words), len(words) - last + 2)]) for words in (before, after)
    )


def failures(worker, *filters):
    """@returns the names of the proofs that are refuted and of those left unknown."""
    status, output = worker.limited(
        worker.tree / "build/dev/p2pllm-prove",
        *filters,
        "--solver",
        "z3",
        "--seeds",
        "1",
        seconds=PROOF_SECONDS_MAX,
        cwd=worker.tree,
        stdout=subprocess.PIPE,
    )
    if status not in (0, 1):
        return [f"does not end: {status}, {output.strip()[:80]}"], []
    found = [
        (name, answer)
        for name, what, answer in re.findall(r"^ {10}([\w-]+): (.*?)(?:: (.*), not .*)?$", output, re.M)
        if what != "the planted fault"
    ]
    decided = ("satisfiable", "unsatisfiable")
    return [name for name, answer in found if answer in decided], [
        name for name, answer in found if answer not in decided
    ]


def judge(worker, mutant):
    began = time.monotonic()
    with trial.applied(mutant.fault, worker.tree):
        mutant.compiles = worker.builds("p2pllm_prove")
        for filters in ((mutant.fault.clause,), ()) if mutant.compiles else ():
            if not mutant.refuted:
                mutant.refuted, mutant.unknown = failures(worker, *filters)
    verdict = mutant.caught_by() if mutant.compiles else "does not compile"
    print(
        f"{mutant.fault.name} ({mutant.place}): {mutant.before}  ->  {mutant.after}: {verdict} ({time.monotonic() - began:.0f} s)",
        flush=True,
    )


def prove_all(sites, count):
    """The first `count` mutations that compile, and the number of those drawn that did not."""
    drawn, lock, broken = [], threading.Lock(), []
    workers = min(trial.JOBS, trial.WORKERS_MAX, count)

    def work(number):
        worker = trial.Worker(number, workers, (), WORK, OPTIONS)
        worker.environment["CCACHE_SLOPPINESS"] = "pch_defines,time_macros"  # restored text needs no compiler
        worker.prepare()
        if not worker.builds("p2pllm_prove") or (number == 0 and failures(worker) != ([], [])):
            broken.append(number)
        while not broken:
            with lock:
                if sum(mutant.compiles for mutant in drawn) == count or len(drawn) == len(sites):
                    return
                mutant = Mutant(*sites[len(drawn)])
                drawn.append(mutant)
            judge(worker, mutant)

    WORK.mkdir(parents=True, exist_ok=True)
    trial.in_parallel(workers, work)
    if broken:
        sys.exit("without any mutation a proof fails")
    return [mutant for mutant in drawn if mutant.compiles], sum(not mutant.compiles for mutant in drawn)


def test(survivors):
    """Finds the test that each survivor fails."""
    trial.WORK.mkdir(parents=True, exist_ok=True)
    worker = trial.Worker(0, 1, SUITES)
    worker.prepare()
    for mutant in survivors:
        with trial.applied(mutant.fault, worker.tree):
            mutant.killed_by = (worker.first_failure(None) or (None, ""))[0]
        print(f"{mutant.fault.name} ({mutant.place}): {mutant.caught_by()}", flush=True)


def write_page(rows, made_by, summary):
    kept = PAGE.read_text().partition(SURVIVORS)[1:] if PAGE.exists() else ("", "")
    lines = [f"| {row.fault.name} | {row.place} | `{row.before}` | `{row.after}` | {row.caught_by()} |" for row in rows]
    PAGE.write_text(
        f"# Mutated rules\n\nMade by `{made_by}`: operator mutations of the rule templates, each alone, and the\n"
        f"proofs that fail: of its clause, or of all clauses. {summary}.\n\n"
        "| mutation | place | before | after | caught by |\n|---|---|---|---|---|\n"
        + "\n".join(lines)
        + "\n"
        + ("\n" + "".join(kept) if kept[0] else "")
    )


def main(options=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--count", type=int, default=30)
    parser.add_argument("--table", action="store_true")
    arguments = parser.parse_args(options)
    began = time.monotonic()
    files = sorted((ROOT / "reference/market").glob("*_rules.hpp"))
    sites = [site for site in draw.sites_of(files) if draw.fault_at(*site)]
    random.Random(arguments.seed).shuffle(sites)
    rows, uncompiled = prove_all(sites, arguments.count)
    survivors = [row for row in rows if not row.is_caught()]
    if survivors:
        test(survivors)
    caught = sum(row.is_caught() for row in rows)
    explained = PAGE.read_text().partition(SURVIVORS)[2] if PAGE.exists() else ""
    for row in survivors:
        if row.fault.name not in explained:
            print(f"{row.fault.name}: survives the proofs, and no note says why", file=sys.stderr)
    summary = (
        f"{caught} of {len(rows)} caught by proof alone ({sum(bool(row.refuted) for row in rows)} by a counterexample); "
        f"drawn among {len(sites)} places of {len(files)} files, {uncompiled} more did not compile"
    )
    print(f"{summary}; {(time.monotonic() - began) / 60:.0f} minutes")
    if arguments.table:
        write_page(rows, f"scripts/mutate_rules --seed {arguments.seed} --count {arguments.count} --table", summary)
    return 0 if 5 * caught >= 4 * len(rows) else 1
