"""Puts each deliberate fault of tests/mutants/*.toml into a copy of the tree and shows which test kills it.

    scripts/mutants [--table] [NAME ..]    tests these faults, or all; exit 1 if one survives or its text is not found
    scripts/mutants --stale [--table]      tests those without a verdict, and those whose text has changed since theirs
    scripts/mutants --rotate N             tests N faults, others at the next commit
    scripts/mutants --apply-only           tests none: is the text of every fault still there?

--table writes the verdicts to spec/generated/kills.json and the report kills.md; all other faults keep their verdict
and its commit. With --apply-only it rewrites the report from the verdicts in the file.

Each worker has a copy of the tree under build/mutants/. Answers are kept there: a run that was stopped continues
where it was, and a run after a change repeats only what the change may concern. For each fault the worker runs first
the checks that cite the fault's clause (a tag [CLAUSE] of a Catch2 test, a docstring of a command line test), then
all, each suite up to its first failure.
"""

import argparse
import hashlib
import json
import queue
import re
import sys
import threading
import time
from pathlib import Path

from . import faults, verdicts
from .faults import ROOT
from .trial import JOBS, SUITES, WORK, WORKERS_MAX, Worker, in_parallel, run, tracked


class Sources:
    """The basis of an answer: all that is tested, the headers of the tests, and the file of the test that killed."""

    def __init__(self):
        names = sorted(name for name in tracked() if not re.search(r"\.md$|^(tests|properties)/.*CMakeLists", name))
        is_test = lambda name: name.startswith(("tests/", "properties/")) and name.endswith((".cpp", ".py"))
        self.tests = {name: (ROOT / name).read_text(errors="replace") for name in names if is_test(name)}
        self.joined = {name: re.sub(r'"\s*"', "", text) for name, text in self.tests.items()}
        self.rest = hashlib.sha256()
        for name in names:
            if name not in self.tests:
                self.rest.update(name.encode() + b"\0" + (ROOT / name).read_bytes())

    def evidence(self, fault, killed_by):
        digest = self.rest.copy()
        digest.update(repr(fault).encode() if fault else b"")
        suite, _, name = (killed_by or "").replace(" (does not end)", "").partition(": ")
        killers = [
            file for file, text in self.joined.items() if name and (f'"{name}"' in text or Path(file).stem == suite)
        ]
        for file in killers or self.tests:
            digest.update(self.tests[file].encode())
        return digest.hexdigest()


def judge_all(chosen, workers_max, base, only):
    """The rows of all faults, in parallel, from the store if it has them; the tree without a fault comes first."""
    store_file, sources = WORK / "results.json", Sources()
    store = json.loads(store_file.read_text()) if store_file.exists() else {}
    waiting, lock, done, broken = queue.Queue(), threading.Lock(), {}, []
    for fault in ([None] if base else []) + chosen:
        row = store.get(fault.name if fault else "")
        if row and row["evidence"] == sources.evidence(fault, row["killed_by"]):
            done[fault] = row
        else:
            waiting.put(fault)
    total = len(done) + waiting.qsize()
    workers = min(JOBS, workers_max, waiting.qsize())

    def work(number):
        worker = Worker(number, workers, only)
        worker.prepare()
        while not broken:
            try:
                fault = waiting.get_nowait()
            except queue.Empty:
                return
            row = worker.judge(fault)
            with lock:
                row["evidence"] = sources.evidence(fault, row["killed_by"])
                done[fault] = row
                if not only or row["cites"]:
                    store[row["fault"]] = row
                if not fault and row["killed_by"]:
                    broken.append(row["killed_by"])
                    return
                store_file.write_text(json.dumps(store))
                line = f"{len(done)} of {total}: {row['fault'] or 'no fault'}: {row['killed_by'] or 'passes all'} ({row['seconds']} s)"
                print(
                    f"\r\x1b[K{line[:110]}" if sys.stdout.isatty() else line,
                    end="" if sys.stdout.isatty() else "\n",
                    flush=True,
                )

    WORK.mkdir(parents=True, exist_ok=True)
    in_parallel(workers, work)
    if broken:
        sys.exit(f"without any fault this fails: {broken[0]}")
    if sys.stdout.isatty():
        print("\r\x1b[K", end="")
    return [done[fault] for fault in chosen]


def main(options=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--apply-only", action="store_true")
    parser.add_argument("--stale", action="store_true")
    parser.add_argument("--rotate", type=int, default=0, metavar="N")
    parser.add_argument("--table", action="store_true")
    parser.add_argument("--only", action="append", choices=SUITES, help="judge by these suites alone: a first look")
    arguments = parser.parse_args(options)
    every, given = faults.load(), verdicts.load()
    unknown = sorted(set(arguments.names) - every.keys())
    if unknown:
        print(f"mutants: {unknown[0]}: no such fault", file=sys.stderr)
        return 2
    chosen = [fault for name, fault in sorted(every.items()) if not arguments.names or name in arguments.names]
    moved = list(faults.stale(chosen))
    if moved or arguments.apply_only:
        print("\n".join([*moved, f"{len(chosen) - len(moved)} of {len(chosen)} faults apply"]))
        if arguments.table and not moved:
            verdicts.write(every, given)
        return 1 if moved else 0
    if arguments.stale:
        chosen = [fault for fault in chosen if fault.name not in given or not given[fault.name].is_of(fault)]
    if arguments.rotate:
        chosen = [fault for fault in chosen if not fault.equivalent]
        turn = int(run("git", "rev-list", "--count", "HEAD").stdout or 0) * arguments.rotate
        chosen = [chosen[(turn + k) % len(chosen)] for k in range(arguments.rotate)]
    commit = run("git", "rev-parse", "--short", "HEAD").stdout.strip()  # of the tree that is tested
    began = time.monotonic()
    rows = judge_all(
        chosen,
        1 if arguments.rotate else WORKERS_MAX,
        base=not arguments.rotate and not arguments.only,
        only=arguments.only,
    )
    judged = {row["fault"]: verdicts.of(every[row["fault"]], commit, row["killed_by"], row["cites"]) for row in rows}
    for name, verdict in judged.items():
        missed = "" if verdict.cites or not verdict.killed_by else f", which does not cite {every[name].clause}"
        print(f"{name}: {verdicts.shown(every[name], verdict)}{missed}")
    print(f"{verdicts.summary(chosen, judged)}; {(time.monotonic() - began) / 60:.0f} minutes")
    if arguments.table:  # a fault that some suites leave alive has no verdict, unless a reason is given why all would
        known = {
            name: verdict
            for name, verdict in judged.items()
            if verdict.killed_by or every[name].equivalent or not arguments.only
        }
        verdicts.write(every, given | known)
    return 1 if any(verdicts.survives(every[name], verdict) for name, verdict in judged.items()) else 0
