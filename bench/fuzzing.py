#!/usr/bin/env python3
"""Compares the fuzz targets of the contracts with the program that they replaced, on the committed corpus.

    python3 bench/fuzzing.py BUILD

The old program, `contract_language` of commit 145858e, ran the reference alone. It is built here from the history, in
build/fuzz-old, with the same compiler and sanitizers (preset fuzz) as the targets of today. Each program executes every
input of fuzz/corpus/contracts, with the options that scripts/fuzz gives; they take turns. Times are those of the
processor.
"""
import os
import resource
import shutil
import subprocess
from pathlib import Path
from statistics import median

from commands import figure

ROOT = Path(__file__).resolve().parents[1]
OLD, OLD_COMMIT = ROOT / "build/fuzz-old", "145858e"
ROUNDS = 3
OPTIONS = ["-detect_leaks=0", "-entropic=0", "-timeout=100", "-rss_limit_mb=4096"]


def built(source, target):
    quiet = {"cwd": source, "check": True, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    subprocess.run(["cmake", "--preset", "fuzz"], **quiet)
    subprocess.run(["cmake", "--build", "build/fuzz", "--target", target], **quiet)
    return source / "build/fuzz/fuzz" / target


def seconds_an_input(program, inputs, repetitions):
    """Processor time of one execution, the start of the program included."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    environment = {**os.environ, "ASAN_OPTIONS": "malloc_context_size=1:quarantine_size_mb=16"}
    subprocess.run([program, *OPTIONS, f"-runs={repetitions}", *inputs], env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return (after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime) / (repetitions * len(inputs))


def main():
    if not shutil.which("clang++"):
        print("clang is not installed: skipped")
        return
    if subprocess.run(["git", "cat-file", "-e", OLD_COMMIT], cwd=ROOT, stderr=subprocess.DEVNULL).returncode:
        print(f"commit {OLD_COMMIT} is not in this clone: skipped")
        return
    if not OLD.exists():
        subprocess.run(["git", "worktree", "add", "--detach", OLD, OLD_COMMIT], cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    inputs = sorted((ROOT / "fuzz/corpus/contracts").iterdir())
    programs = {"old": (built(OLD, "fuzz_contract_language"), 1), "contracts_invariants": (built(ROOT, "fuzz_contracts_invariants"), 50),
                "contracts_diff": (built(ROOT, "fuzz_contracts_diff"), 10)}
    times = {name: [] for name in programs}
    for _ in range(ROUNDS):
        for name, (program, repetitions) in programs.items():
            times[name].append(seconds_an_input(program, inputs, repetitions))
    at = {name: median(found) for name, found in times.items()}
    print("  " + ", ".join(f"{name}: {1 / found:.1f} inputs a second" for name, found in at.items()) + f" ({len(inputs)} inputs, one core)")
    for name, asked in (("contracts_invariants", 100), ("contracts_diff", 10)):
        figure(f"{name}, ASan and UBSan, one core", f"contract_language of {OLD_COMMIT}", at["old"] / at[name], "at least", asked)


if __name__ == "__main__":
    main()
