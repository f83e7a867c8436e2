"""Measures the benchmarks and keeps their results in bench/results/*.json, one file a program; bench/README.md is
made from them.

    scripts/bench            measures, writes the results and the page
    scripts/bench --check    measures, and fails if a ratio has lost a fifth against the committed one
    scripts/bench --page     measures nothing: writes the page anew

Times depend on the machine; ratios hardly do. A ratio is the time of a baseline divided by the time of a benchmark of
the same run of the same program, whose label names the baseline: greater is better. Processor times, medians of
several repetitions in a random order, so that other work on the machine hardly counts.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
from datetime import date
from pathlib import Path
from statistics import median

from .faults import ROOT
from .trial import JOBS

PROGRAMS = {"reference": "p2pllm_bench"}  # results file: program of Google Benchmark
FIGURES = {  # results file: programs that compare contenders in turn and say what is asked of each ratio
    "market": ("p2pllm_bench_kernels", "p2pllm_bench_reader", "p2pllm_bench_routing", "p2pllm_bench_prices"),
    "ledger": ("p2pllm_bench_ledger", "p2pllm_bench_durable"),
    "layers": ("p2pllm_bench_layers", "p2pllm_bench_judges"),
    "simulation": ("p2pllm_bench_simulation",),
    "fuzzing": (),
    "generate": (),
}
SCRIPTS = {  # likewise scripts in bench/, of whole processes
    "market": ("commands.py",),
    "simulation": ("simulation.py",),
    "fuzzing": ("fuzzing.py",),
    "generate": ("generate.py",),
}
REPETITIONS = 9
LOSS_MAX = 0.2
LABEL = "against "
BUDGETS_MS = {
    "solve_1000_nodes_256_bits": 600,
    "verify_10000_nodes": 5000,
    "verify_10000_nodes_one_group": 5000,
    "verify_10000_nodes_at_equilibrium": 5000,
    "verify_real_market": 300,
    "pareto_real_market": 100,
    "pareto_1000_nodes_20_layers_latency": 10000,
    "migrate_2000_nodes_32_groups_share": 2000,
    "migrate_2000_nodes_32_groups_revenue": 2000,
    "read_100000_nodes": 2000,
    "ledger_5000_operations": 250,
}


def run(*command):
    return subprocess.run(
        [str(word) for word in command], cwd=ROOT, check=True, text=True, stdout=subprocess.PIPE
    ).stdout


def measured(program):
    """Google Benchmark's report of one run of a program."""
    with tempfile.NamedTemporaryFile(suffix=".json") as out:
        subprocess.run(
            [
                ROOT / "build/release/bench" / program,
                f"--benchmark_repetitions={REPETITIONS}",
                "--benchmark_min_time=0.05",
                "--benchmark_enable_random_interleaving=true",
                f"--benchmark_out={out.name}",
                "--benchmark_out_format=json",
            ],
            check=True,
        )
        return json.load(out)


def figures_of(name):
    """The figures of a results file: program, work, against, value, bound, kind (at least, at most), met."""
    figures, build = [], ROOT / "build/release"
    commands = {program: [build / "bench" / program] for program in FIGURES[name]}
    commands |= {script: ["/usr/bin/python3", ROOT / "bench" / script, build] for script in SCRIPTS.get(name, ())}
    for program, command in commands.items():
        with tempfile.NamedTemporaryFile(suffix=".jsonl") as out:
            print(f"bench: {program}", file=sys.stderr, flush=True)
            environment = {**os.environ, "P2PLLM_FIGURES": out.name}
            subprocess.run(command, check=True, env=environment)
            figures += [{"program": program, **json.loads(line)} for line in Path(out.name).read_text().splitlines()]
    return figures


def processor():
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(": ")[2]
    return "unknown"


def result_of(report, commit):
    """The results file of a report: processor times in ms, and for each benchmark with a baseline its ratio to it."""
    times, baselines = {}, {}
    for row in report["benchmarks"]:
        if row["run_type"] == "iteration":
            if row.get("error_occurred"):
                raise SystemExit(f"bench: {row['run_name']}: {row['error_message']}")
            times.setdefault(row["run_name"], []).append(row["cpu_time"])
            if row.get("label", "").startswith(LABEL):
                baselines[row["run_name"]] = row["label"].removeprefix(LABEL)
    return {
        **about(commit),
        "repetitions": REPETITIONS,
        "times_ms": {
            name: {
                "median": round(median(values), 3),
                "least": round(min(values), 3),
                "greatest": round(max(values), 3),
            }
            for name, values in sorted(times.items())
        },
        "ratios": {
            name: {"baseline": baseline, "value": float(f"{median(times[baseline]) / median(times[name]):.4g}")}
            for name, baseline in sorted(baselines.items())
        },
    }


def about(commit):
    return {"date": str(date.today()), "processor": processor(), "cores": JOBS, "commit": commit}


def lost_figures(committed, found):
    """A line for each figure that is lost, missing or new."""
    old, new = ({(f["work"], f["against"]): f for f in result["figures"]} for result in (committed, found))
    for key in sorted(old.keys() | new.keys()):
        name = " against ".join(key)
        if key not in old or key not in new:
            yield f"{name}: has no {'committed' if key in new else 'measured'} figure; scripts/bench writes them anew"
            continue
        before, now = old[key]["value"], new[key]["value"]
        if now < (1 - LOSS_MAX) * before if new[key]["kind"] == "at least" else (1 - LOSS_MAX) * now > before:
            yield f"{name}: {now:g}, {before:g} at commit {committed['commit']} ({committed['date']}): a loss of more than {LOSS_MAX:.0%}"


def losses(committed, found):
    """A line for each ratio that is lost, missing or new."""
    for name in sorted(committed["ratios"].keys() | found["ratios"].keys()):
        old, new = (result["ratios"].get(name) for result in (committed, found))
        if not old or not new or old["baseline"] != new["baseline"]:
            missing = "committed" if new else "measured"
            to_it = " to this baseline" if old and new else ""
            yield f"{name}: has no {missing} ratio{to_it}; scripts/bench writes them anew"
        elif new["value"] < (1 - LOSS_MAX) * old["value"]:
            yield (
                f"{name}: {new['value']:g} times as fast as {new['baseline']}, {old['value']:g} at commit {committed['commit']} "
                f"({committed['date']}, {committed['processor']}): a loss of more than {LOSS_MAX:.0%}"
            )


def figures_page(name, result):
    yield from ("", f"## {name}", "")
    yield f"{result['date']}, commit {result['commit']}, {result['processor']}, {result['cores']} cores. Each ratio is that"
    yield "of the medians of runs that took turns in one process, or in one script where a command is measured."
    yield from [result["note"]] if "note" in result else []
    yield from ("", "| work | against | ratio | asked | |", "|---|---|---:|---:|---|")
    for figure in result["figures"]:
        asked = f"{figure['kind']} {figure['bound']:g}"
        yield f"| {figure['work']} | {figure['against']} | {figure['value']:.3g} | {asked} | {'met' if figure['met'] else '**missed**'} |"


def page(results):
    lines = [
        "# Benchmarks",
        "",
        "Made by `scripts/bench` from `results/`; do not edit. Processor times in ms of one core: the median of the",
        "repetitions, the least and the greatest. A ratio is the time of the baseline divided by the time of the benchmark,",
        "both measured in the same process.",
        "`scripts/bench --check` fails when a ratio loses a fifth.",
    ]
    for name, result in sorted(results.items()):
        if "figures" in result:
            lines += figures_page(name, result)
            continue
        lines += [
            "",
            f"## {name}",
            "",
            f"{result['date']}, commit {result['commit']}, {result['processor']}, {result['cores']} cores, "
            f"{result['repetitions']} repetitions.",
        ]
        lines += [result["note"]] if "note" in result else []
        lines += [
            "",
            "| benchmark | median ms | range | must be under | baseline | ratio |",
            "|---|---:|---:|---:|---|---:|",
        ]
        for benchmark, time in result["times_ms"].items():
            ratio = result["ratios"].get(benchmark, {"baseline": "", "value": ""})
            cells = (
                benchmark,
                f"{time['median']:.1f}",
                f"{time['least']:.1f} .. {time['greatest']:.1f}",
                BUDGETS_MS.get(benchmark, ""),
                ratio["baseline"],
                f"{ratio['value']:.3g}" if ratio["baseline"] else "",
            )
            lines.append("| " + " | ".join(str(cell).replace("_", " ") for cell in cells) + " |")
    return "\n".join(lines) + "\n"


def load(root=ROOT):
    return {path.stem: json.loads(path.read_text()) for path in (Path(root) / "bench/results").glob("*.json") if path.stem != "gpu"}  # scripts/gpu writes that one


def write_page(root=ROOT):
    (Path(root) / "bench/README.md").write_text(page(load(root)))


def main(options=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    which = parser.add_mutually_exclusive_group()
    which.add_argument("--check", action="store_true")
    which.add_argument("--page", action="store_true")
    parser.add_argument("--note", help="a sentence on the conditions, for the results and the page")
    parser.add_argument("--only", action="append", choices=[*PROGRAMS, *FIGURES], help="this results file alone")
    arguments = parser.parse_args(options)
    if arguments.page:
        write_page()
        return 0
    run("cmake", "--preset", "release", "-Wno-dev", "-DP2PLLM_BENCH=ON")
    programs = ["p2pllm", *PROGRAMS.values(), *(program for group in FIGURES.values() for program in group)]
    run("cmake", "--build", "build/release", "-j", JOBS, "--target", *programs)
    commit, lost = run("git", "rev-parse", "--short", "HEAD").strip(), []
    measure = {name: lambda p=program: result_of(measured(p), commit) for name, program in PROGRAMS.items()}
    measure |= {name: lambda n=name: about(commit) | {"figures": figures_of(n)} for name in FIGURES}
    for name in arguments.only or measure:
        found = measure[name]()
        path = ROOT / "bench/results" / f"{name}.json"
        if arguments.check:
            committed = json.loads(path.read_text())
            lost += (lost_figures if "figures" in found else losses)(committed, found)
        else:
            path.parent.mkdir(exist_ok=True)
            path.write_text(json.dumps(found | ({"note": arguments.note} if arguments.note else {}), indent=1) + "\n")
    if arguments.check:
        print("\n".join(lost or ["bench: no ratio lost a fifth"]), file=sys.stderr if lost else sys.stdout)
        return 1 if lost else 0
    write_page()
    return 0
