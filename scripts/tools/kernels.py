"""Compiles the device kernels with nvcc, lints their PTX, and writes or checks spec/generated/kernels.md.

    scripts/kernels [--write]

Prints each violation as `kernel: instruction: rule` and exits 1; exits 1 too if the table of registers, shared memory,
spills and occupancy is not that of the committed page, so that a regression shows in review. --write writes the page. Without
nvcc 12.0 or later it exits 77: CUDA comes from NVIDIA (https://developer.nvidia.com/cuda-downloads), Debian offers none.
nvcc is the one that the environment variable CUDACXX names, that of the path, or /usr/local/cuda/bin/nvcc.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from .arguments import Parser
from .faults import ROOT
from .pages import table

PAGE = "spec/generated/kernels.md"
NVCC_MIN = (12, 0)
ARCHITECTURES = ("sm_80", "sm_90")
OPTIONS = ["-std=c++20", "--expt-relaxed-constexpr", "-fmad=false", "-Werror", "all-warnings", f"-I{ROOT}"]

# What a streaming multiprocessor has (CUDA C++ Programming Guide, "Technical Specifications per Compute Capability").
LIMITS = {
    "sm_80": {"threads": 2048, "blocks": 32, "registers": 65536, "shared": 164 * 1024},
    "sm_90": {"threads": 2048, "blocks": 32, "registers": 65536, "shared": 228 * 1024},
}
RESERVED_SHARED, REGISTER_UNIT, WARP = 1024, 256, 32  # bytes a block, registers a warp

# Instructions whose bits might differ from the host's. An fma is allowed where the kernel's source asks for one.
FORBIDDEN = (
    (r"\.approx\b|\.full\b", "an approximation"),
    (r"\.ftz\b", "flushes subnormal numbers to zero"),
    (r"\.sat\b|\.satfinite\b", "saturates where the rules do not"),
    (r"^(add|sub|mul|div|sqrt|rcp|fma|mad)(\.(?!rn|rz|rm|rp)\w+)*\.f(32|64)\b", "no rounding is stated"),
    (r"^mad\.", "a product and a sum in one, rounded or not by the machine's choice", r"\.f(32|64)"),
    (r"^(sin|cos|ex2|lg2|tanh|rsqrt)\b", "an approximation"),
    (r"^\w+.*\.(f16|f16x2|bf16|bf16x2|tf32)\b", "a number of fewer bits"),
)
FUSED_ALLOWED = {  # kernels whose source calls fma: for exp, log, omega and the exact error of a product
    "ascend_small_groups", "ascend_large_groups", "sum_demand_small", "sum_demand_large", "total_demand_groups", "bracket_regrets_small", "bracket_regrets_large",
    "solve_chunks_small", "solve_chunks_large", "solve_groups_all", "score_nodes"}


def nvcc():
    """The path of a compiler that is new enough, and its version; None if there is none."""
    found = os.environ.get("CUDACXX") or shutil.which("nvcc") or "/usr/local/cuda/bin/nvcc"
    if not shutil.which(found):
        return None
    text = subprocess.run([found, "--version"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True).stdout
    version = re.search(r"release (\d+)\.(\d+)", text)
    if not version or (int(version[1]), int(version[2])) < NVCC_MIN:
        return None
    return found, f"{version[1]}.{version[2]}"


def kernel_name(mangled):
    """p2pllm::kernels::name as the compiler mangles it."""
    found = re.match(r"_ZN6p2pllm7kernels(\d+)", mangled)
    return mangled[found.end() : found.end() + int(found[1])] if found else mangled


def compiled(compiler, source, architecture, *options):
    """What the compiler printed, and its output file's bytes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        command = [compiler, *OPTIONS, f"-arch={architecture}", *options, str(source), "-o", str(out)]
        done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"{source}: nvcc failed:\n{done.stdout}")
        return done.stdout, out.read_bytes()


def instructions(ptx):
    """Pairs of a kernel's name and an instruction without its operands."""
    kernel = ""
    for line in ptx.splitlines():
        entry = re.search(r"\.(?:entry|func)\s+(?:\(.*?\)\s*)?(\w+)", line)
        if entry:
            kernel = kernel_name(entry[1])
        found = re.match(r"\s+(?:@!?%p\d+\s+)?([a-z][\w.]*)", line)
        if found and kernel:
            yield kernel, found[1]


def violations(ptx):
    """Sentences about the instructions of a PTX text that break a rule."""
    found = []
    for kernel, instruction in instructions(ptx):
        for pattern, rule, *more in FORBIDDEN:
            if re.search(pattern, instruction) and all(re.search(other, instruction) for other in more):
                found.append(f"{kernel}: {instruction}: {rule}")
        if re.match(r"fma\..*f(32|64)\b", instruction) and kernel not in FUSED_ALLOWED:
            found.append(f"{kernel}: {instruction}: the source asks for no fma")
    return sorted(set(found))


def occupancy(architecture, threads, registers, shared):
    """The share of a multiprocessor's threads that may be resident, and what bounds it."""
    limits = LIMITS[architecture]
    warps = threads // WARP
    in_warp = -(-registers * WARP // REGISTER_UNIT) * REGISTER_UNIT
    bounds = {
        "threads": limits["threads"] // threads,
        "blocks": limits["blocks"],
        "registers": limits["registers"] // in_warp // warps,
        "shared memory": limits["shared"] // (shared + RESERVED_SHARED),
    }
    bound = min(bounds, key=bounds.get)
    return bounds[bound] * threads / limits["threads"], bound


def resources(printed):
    """For each kernel what ptxas -v prints: registers, bytes of shared memory, of stack and of spills."""
    for part in re.split(r"Compiling entry function '", printed)[1:]:
        number = lambda pattern: int((re.search(pattern, part) or [0, 0])[1])
        yield kernel_name(part.split("'")[0]), number(r"Used (\d+) registers"), number(r"(\d+) bytes smem"), number(
            r"(\d+) bytes stack"
        ), number(r"(\d+) bytes spill stores")


def threads_of(ptx):
    """The threads of a block of each kernel, from its launch bounds."""
    found = re.findall(r"\.entry (\w+)\(.*?\.maxntid (\d+)", ptx, re.S)
    return {kernel_name(name): int(threads) for name, threads in found}


def page(compiler, version):
    """The page, the violations, and the seconds of each compilation."""
    rows, broken, seconds = [], [], []
    for source in sorted((ROOT / "kernels/device").glob("*.cu")):
        for architecture in ARCHITECTURES:
            start = time.monotonic()
            printed, _ = compiled(compiler, source, architecture, "-cubin", "-Xptxas", "-v")
            seconds.append((source.name, architecture, time.monotonic() - start))
            ptx = compiled(compiler, source, architecture, "-ptx")[1].decode()
            broken += violations(ptx)
            threads = threads_of(ptx)
            for name, registers, shared, stack, spilled in sorted(resources(printed)):
                share, bound = occupancy(architecture, threads[name], registers, shared)
                rows.append([f"`{name}`", architecture, threads[name], registers, shared, stack, spilled, f"{share:.0%}", bound])
    head = ["kernel", "architecture", "threads", "registers", "shared bytes", "stack bytes", "spilled bytes", "occupancy", "bound by"]
    text = f"""# What the device kernels use

Written by `scripts/kernels --write` from what nvcc {version} and its ptxas say. A test compares the page where the same
version is installed. Registers are of a thread, bytes of a block; the occupancy is the share of a multiprocessor's threads
that can be resident. It is a prediction: no figure here was measured on a device.

{table(head, rows)}
"""
    return text, sorted(set(broken)), seconds


def main():
    parser = Parser("kernels", __doc__)
    parser.add_argument("--write", action="store_true")
    arguments = parser.parse_args()
    found = nvcc()
    if not found:
        print(f"kernels: no nvcc {NVCC_MIN[0]}.{NVCC_MIN[1]} or later: skipped")
        return 77
    text, broken, seconds = page(*found)
    for name, architecture, taken in seconds:
        print(f"{name}, {architecture}: {taken:.1f} s")
    print("\n".join(broken) or "no instruction breaks a rule")
    path = ROOT / PAGE
    if arguments.write:
        path.write_text(text)
    elif f"nvcc {found[1]} " not in path.read_text():
        print(f"{PAGE} is of another version of nvcc: not compared")
    elif path.read_text() != text:
        print(f"{PAGE} is not what nvcc says: scripts/kernels --write")
        return 1
    return 1 if broken else 0
