"""Builds the program that checks and measures the kernels on a GPU, and runs it.

    scripts/gpu [--build] [--cases N] [--seed S]

The program, build/cuda/tests/p2pllm_gpu, needs a driver and glibc 2.36 alone, so that it can be carried to a machine that has
nothing else: --build only builds it. Here it compares every kernel with the same source on the simulated machine, bit for
bit on random inputs, under compute-sanitizer where that is installed, and then measures. bench/results/gpu.json keeps the last
figures with their date, device and commit. Without nvcc 12.0 or later, or without a GPU, it says so and exits 77.
"""

import json
import shutil
import subprocess
import sys
import time

from . import kernels
from .arguments import Parser
from .faults import ROOT

PROGRAM = ROOT / "build/cuda/tests/p2pllm_gpu"
RESULTS = ROOT / "bench/results/gpu.json"
BYTES_MAX = 60 << 20
LIBRARIES = ("linux-vdso", "libc.so", "libm.so", "libdl.so", "librt.so", "libpthread.so", "ld-linux")


def build():
    for command in (["cmake", "--preset", "cuda"], ["cmake", "--build", "--preset", "cuda"]):
        done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"gpu: {' '.join(command)} failed:\n{done.stdout}")
    needed = subprocess.run(["ldd", PROGRAM], stdout=subprocess.PIPE, text=True).stdout.split("\n")
    others = [line.strip() for line in needed if line.strip() and not any(name in line for name in LIBRARIES)]
    if others or PROGRAM.stat().st_size > BYTES_MAX:
        sys.exit(f"gpu: {PROGRAM} is not self-contained: {PROGRAM.stat().st_size} bytes, {others}")
    print(f"{PROGRAM.relative_to(ROOT)}: {PROGRAM.stat().st_size / 2**20:.1f} MiB, needs glibc alone")


def commit():
    return subprocess.run(["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, stdout=subprocess.PIPE, text=True).stdout.strip()


def main():
    parser = Parser("gpu", __doc__)
    parser.add_argument("--build", action="store_true")
    parser.add_argument("--cases", type=parser.value("--cases", int, lambda n: 1 <= n <= 10**6, "1 to 1000000"), default=50)
    parser.add_argument("--seed", type=parser.value("--seed", int, lambda n: 0 <= n < 2**63, "0 to 2^63 - 1"), default=1)
    arguments = parser.parse_args()
    if not kernels.nvcc():
        print("gpu: no nvcc 12.0 or later: skipped")
        return 77
    build()
    if arguments.build:
        return 0
    options = ["--seed", str(arguments.seed), "--cases", str(arguments.cases)]
    sanitizer = shutil.which("compute-sanitizer")
    if sanitizer:
        for tool in ("memcheck", "racecheck", "initcheck", "synccheck"):
            done = subprocess.run([sanitizer, "--tool", tool, "--error-exitcode", "1", PROGRAM, "--cases", "3"])
            if done.returncode:
                return done.returncode
    else:
        print("compute-sanitizer is not installed: skipped")
    found = ROOT / "build/cuda/gpu.json"
    status = subprocess.run([PROGRAM, *options, "--bench", found]).returncode
    if status:
        return status
    result = {"date": time.strftime("%Y-%m-%d"), "commit": commit(), "seed": arguments.seed, "cases": arguments.cases}
    RESULTS.write_text(json.dumps({**result, **json.loads(found.read_text())}, indent=1) + "\n")
    print(f"written: {RESULTS.relative_to(ROOT)}")
    return 0
