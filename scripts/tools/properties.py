"""Runs the property suites for a pipeline: random cases from a seed that is printed, and the one command that repeats
a failure.

    scripts/properties [--seed S] [--cases N] [--minutes M] [--filter CLAUSE] [--junit FILE]

Without --seed the seed is a new one. Each property tries its own number of cases, or N. With --minutes the suites are
run again and again, with S, S + 1, .., until the time is over. --filter takes a clause, e.g. PRICE-9. --junit writes
a report in JUnit's XML. A failing case is shown as drawn, since a smaller one may take hours to find: the printed
command without noshrink=1 searches for it. Exit codes: 0 all hold, 1 one does not, 2 bad usage, a failed build, or a
property that could not end within the minutes. The program is built first; the environment variable P2PLLM_PROPERTIES
names another one.
"""

import os
import random
import re
import shlex
import subprocess
import sys
import threading
import time
import xml.etree.ElementTree as xml
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from .arguments import Parser
from .faults import ROOT
from .trial import JOBS

PROGRAM = "build/dev/properties/p2pllm_properties"
SEED_END = 1 << 64
NOT_IN_XML = re.compile(r"[^\t\n\x20-\ud7ff\ue000-\ufffd]")


def stop(message):
    print(f"properties: {message}", file=sys.stderr)
    sys.exit(2)


def options_from(arguments):
    parser = Parser("properties", __doc__)
    for name, *form in (
        ("--seed", int, lambda seed: 0 <= seed < SEED_END, "an integer from 0 to 2^64 - 1"),
        ("--cases", int, lambda cases: 0 < cases < 1 << 31, "an integer above 0"),
        ("--minutes", float, lambda minutes: 0 < minutes < 1e6, "a number above 0"),
        ("--filter", str, lambda clause: re.fullmatch(r"[\w-]+", clause), "a clause, e.g. PRICE-9"),
        ("--junit", Path, lambda path: path.resolve().parent.is_dir(), "a file in a folder that exists"),
    ):
        parser.add_argument(name, type=parser.value(name, *form), metavar=name[2:].upper())
    return parser.parse_args(arguments)


def built():
    """The path of the program."""
    if os.environ.get("P2PLLM_PROPERTIES"):
        return os.environ["P2PLLM_PROPERTIES"]
    for command in (
        ["cmake", "--preset", "dev", "-Wno-dev"],
        ["cmake", "--build", "--preset", "dev", "-j", str(JOBS), "--target", "p2pllm_properties"],
    ):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode != 0:
            print(done.stdout, file=sys.stderr)
            stop(f"{' '.join(command)} fails")
    return PROGRAM


def names(program, clause):
    """The properties of a clause, or all; canaries, which must fail, are listed by their own tag alone."""
    tags = "[canary]" if clause == "canary" else (f"[{clause}]" if clause else "") + "~[canary]"
    listed = subprocess.run(
        [program, "--list-test-names-only", tags], cwd=ROOT, stdout=subprocess.PIPE, text=True
    ).stdout
    return [name for name in listed.splitlines() if name]


class Run:
    """One property with one seed."""

    def __init__(self, program, name, seed, cases):
        self.name, self.seed = name, seed
        self.parameters = f"seed={seed} noshrink=1" + (f" max_success={cases}" if cases else "")
        self.command = [program, re.sub(r"([\\,\[\]*~\"])", r"\\\1", name)]
        self.seconds, self.report, self.has_ended = 0.0, "", False

    def __call__(self, deadline, running):
        began = time.monotonic()
        if began >= deadline:
            return self
        with subprocess.Popen(
            self.command,
            cwd=ROOT,
            env={**os.environ, "RC_PARAMS": self.parameters},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            text=True,
            errors="replace",
        ) as process:
            running.add(process)
            try:
                output, _ = process.communicate(timeout=None if deadline == float("inf") else deadline - began)
                self.has_ended = True
                self.report = "" if process.returncode == 0 else output.strip() or f"ends with {process.returncode}"
            except subprocess.TimeoutExpired:
                process.kill()
            finally:
                running.discard(process)
        self.seconds = time.monotonic() - began
        return self

    def repeat(self):
        return f"RC_PARAMS={shlex.quote(self.parameters)} {shlex.join(self.command)}"


def progress(done, total, run):
    text = f"{done} of {total}: {run.name}: {'FAILS' if run.report else 'holds' if run.has_ended else 'stopped'} ({run.seconds:.1f} s)"
    print(f"\r\x1b[K{text[:110]}" if sys.stdout.isatty() else text, end="" if sys.stdout.isatty() else "\n", flush=True)


def run_all(runs, deadline):
    """Runs all of them, as many at a time as there are cores."""
    running, done, lock = set(), [], threading.Lock()

    def work(run):
        run(deadline, running)
        with lock:
            done.append(run)
            progress(len(done), len(runs), run)

    with ThreadPoolExecutor(JOBS) as pool:
        try:
            list(pool.map(work, runs))
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                process.kill()
            raise
    if sys.stdout.isatty():
        print("\r\x1b[K", end="")
    return done


def write_junit(path, runs):
    failures = [run for run in runs if run.report]
    suite = xml.Element(
        "testsuite",
        name="p2pllm properties",
        tests=str(len(runs)),
        failures=str(len(failures)),
        errors="0",
        skipped=str(sum(not run.has_ended for run in runs)),
        time=f"{sum(run.seconds for run in runs):.1f}",
    )
    for run in runs:
        case = xml.SubElement(
            suite,
            "testcase",
            classname="p2pllm.properties",
            name=NOT_IN_XML.sub("?", f"{run.name} (seed {run.seed})"),
            time=f"{run.seconds:.3f}",
        )
        if run.report:
            xml.SubElement(case, "failure", message=NOT_IN_XML.sub("?", run.repeat())).text = NOT_IN_XML.sub(
                "?", run.report
            )
        elif not run.has_ended:
            xml.SubElement(case, "skipped", message="the minutes were over")
    xml.ElementTree(suite).write(path, encoding="utf-8", xml_declaration=True)


def main(arguments=None):
    options = options_from(arguments)
    if options.junit:
        try:
            options.junit.open("w").close()
        except OSError as error:
            stop(f"--junit: {options.junit}: {error.strerror}")
    program = built()
    chosen = names(program, options.filter)
    if not chosen:
        stop(f"--filter: {options.filter}: no property cites it")
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(SEED_END)
    print(f"{len(chosen)} properties, seed {seed}", flush=True)
    deadline = time.monotonic() + 60 * options.minutes if options.minutes else float("inf")
    done = []
    while not done or (time.monotonic() < deadline < float("inf")):
        done += run_all([Run(program, name, seed, options.cases) for name in chosen], deadline)
        seed = (seed + 1) % SEED_END
    if options.junit:
        write_junit(options.junit, done)
    failures = [run for run in done if run.report]
    for run in failures:
        print(f"\n{run.report}\nrepeat: {run.repeat()}")
    never = set(chosen) - {run.name for run in done if run.has_ended}
    print(f"{sum(run.has_ended and not run.report for run in done)} runs hold, {len(failures)} fail")
    if never and not failures:
        stop(
            f"--minutes: {options.minutes:g}: {len(never)} of {len(chosen)} properties did not end in this time, e.g. {sorted(never)[0]}"
        )
    return 1 if failures else 0
