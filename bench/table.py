"""Turns the benchmark program's JSON into bench/README.md: medians, spread and the figures they must meet."""
import json
import subprocess
import sys

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

with open(sys.argv[1], encoding="utf-8") as file:
    report = json.load(file)

times = {}
for run in report["benchmarks"]:
    if run["run_type"] == "iteration":
        times.setdefault(run["run_name"], []).append(run["real_time"])
median = {name: sorted(values)[len(values) // 2] for name, values in times.items()}
commit = subprocess.run(["git", "rev-parse", "--short", "HEAD"], capture_output=True, text=True).stdout.strip()

print("# Benchmarks\n")
print("Made by `scripts/bench`; do not edit. Medians of 5 repetitions, wall time in ms; the range in brackets.")
print(f"{report['context']['date'][:10]}, commit {commit}, {report['context']['num_cpus']} cores, one used.\n")
print("| what | median ms | range | must be under |")
print("|---|---:|---:|---:|")
for name, values in times.items():
    budget = BUDGETS_MS.get(name, "")
    print(f"| {name.replace('_', ' ')} | {median[name]:.1f} | {min(values):.1f} .. {max(values):.1f} | {budget} |")
check, verify = "check_10000_nodes_at_equilibrium", "verify_10000_nodes_at_equilibrium"
if check in median and verify in median:
    print(f"\nThe checker takes {median[check] / median[verify]:.2f} of the time that `verify` took to find what it checks"
          " (must be at most 3).")
exact, filtered = "migrate_2000_nodes_32_groups_fractions", "migrate_2000_nodes_32_groups_share"
if exact in median and filtered in median:
    print(f"\nThe same sweeps on plain fractions, without the interval filter, take {median[exact] / median[filtered]:.1f} times as long.")
print("\nNo row but the last includes the reading of a file; that one is of about 7 MB.")
