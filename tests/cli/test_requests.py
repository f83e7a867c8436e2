"""Requests and churn on the command line: the scenarios of examples/, both engines, statistics and kept results."""
import csv
import json
import math
import sqlite3
import subprocess
from fractions import Fraction
from statistics import fmean, stdev

from harness import BAD_INPUT, EXAMPLES, HOLDS, PROGRAM, REFUTED, UNDECIDED, CommandLine, main

SCENARIOS = EXAMPLES / "scenarios"
SMALL = {"format": "p2pllm-scenario/1", "name": "small", "network": {"generate": {"layers": 2, "counts": [3, 2], "cost": {"uniform": [1, 9]}, "price": 1}},
         "alpha": "1/2", "steps": 40, "prices": {"eta": 1}, "monopoly": "hold", "step_ticks": 1000,
         "requests": {"mode": "boltzmann", "poisson_per_step": 5, "cost_ticks": 20}, "record": [10, 40], "tolerance": "1e-9"}


class Requests(CommandLine):
    """[SIM-2][SIM-10][SIM-19][SIM-16][FORMAT-7]"""

    def runs(self, *arguments):
        return self.expect(HOLDS, "simulate", *arguments, "--json").json

    def test_both_engines_agree_on_the_scenarios_of_the_examples(self):
        for name, steps in (("saturation", 8), ("churn", 40), ("two-cycle", 200), ("real-market", 20)):
            with self.subTest(name=name):
                short = (str(SCENARIOS / f"{name}.json"), "--seed", "2", "--set", f"/steps={steps}", "--set", f"/record=[0, {steps}]")
                if name == "saturation":
                    short += ("--set", "/requests/warm_up=1")
                fast, exact = (self.runs(*short, "--engine", engine) for engine in ("fast", "reference"))
                self.assertEqual((fast["digest"], fast["moves"]), (exact["digest"], exact["moves"]))
                self.assertEqual(*(run["records"][-1].get("requests") for run in (fast, exact)))

    def test_every_request_is_somewhere(self):
        for mode in ("least", "gumbel", "boltzmann"):
            one = self.runs(self.write("s.json", SMALL | {"requests": SMALL["requests"] | {"mode": mode}}), "--seed", "7")
            for record in one["records"]:
                requests = record["requests"]
                self.assertEqual(requests["offered"], requests["served"] + requests["refused"] + requests["in_flight"])
                self.assertEqual(requests["served"], requests["sojourns"])
                self.assertEqual([requests["offered"]] * 2, [sum(requests["demand"][:3]), sum(requests["demand"][3:])])
                self.assertLessEqual(requests["median_sojourn"], requests["p95_sojourn"])

    def test_the_text_says_what_became_of_the_requests(self):
        text = self.expect(HOLDS, "simulate", self.write("s.json", SMALL), "--seed", "7").out
        self.assertRegex(text, r"\nRequests: \d+ offered, \d+ served, 0 refused, \d+ under way\.\nSojourn in ticks: mean [\d.]+, median \d+, 95 % at most \d+, greatest \d+ \(of \d+ requests\)\.\n")

    def test_the_market_carries_its_throughput_and_no_more(self):
        """Below min 1/(c P) all is served; above it the surplus waits, although the least load is greater."""
        saturation = str(SCENARIOS / "saturation.json")
        record = self.runs(saturation, "--seed", "1")["records"][-1]
        most, least_load = (1000 * float(record[name]["lower"]) for name in ("throughput", "least_load"))
        self.assertLess(1.5 * most, least_load)
        for offered, carried in ((0.9 * most, True), (1.2 * most, False)):
            requests = self.runs(saturation, "--seed", "1", "--set", f"/requests/poisson_per_step={offered:.3f}")["records"][-1]["requests"]
            waiting = requests["in_flight"] / requests["offered"]
            self.assertLess(waiting, 0.002) if carried else self.assertGreater(waiting, 0.02)

    def test_statistics_of_seeds_are_those_of_their_runs(self):
        name = self.write("s.json", SMALL)
        self.expect(HOLDS, "simulate", name, "--seeds", "4..6", "--csv", "r.csv")
        for row in csv.DictReader((self.folder / "r.csv").read_text().splitlines()):
            record = self.runs(name, "--seed", row["seed"])["records"][0 if row["step"] == "10" else 1]["requests"]
            self.assertEqual([str(record[key]) for key in ("offered", "served", "refused", "p95_sojourn")], [row[key] for key in ("offered", "served", "refused", "p95_sojourn")])
            self.assertAlmostEqual(float(record["mean_sojourn"]), float(row["mean_sojourn"]), places=6)
        several = self.runs(name, "--seeds", "4..6")["requests"]
        means = sorted(float(self.runs(name, "--seed", str(seed))["records"][-1]["requests"]["mean_sojourn"]) for seed in (4, 5, 6))
        self.assertAlmostEqual(means[1], several["mean_sojourn"]["median"], places=6)
        self.assertIn("\nRequests: share served ", self.expect(HOLDS, "simulate", name, "--seeds", "4..6").out)

    def test_results_that_are_kept_have_the_requests(self):
        name = self.write("s.json", SMALL)
        sweep = ("--seeds", "1..5", "--sweep", "/requests/poisson_per_step=2,5", "--sqlite", "r.sqlite")
        first, again = (self.expect(HOLDS, "simulate", name, *sweep).out for _ in range(2))
        self.assertEqual(first, again)
        self.assertIn("mean sojourn", first)
        variants = self.runs(name, *sweep)["variants"]
        self.assertLess(variants[0]["quantities"]["mean_sojourn"]["median"], variants[1]["quantities"]["mean_sojourn"]["median"])

    def test_who_comes_and_who_goes_is_counted(self):
        text = self.expect(HOLDS, "simulate", str(SCENARIOS / "churn.json"), "--seed", "1").out
        self.assertRegex(text, r"\nOf the nodes, \d+ joined and \d+ left\.\n")
        record = self.runs(str(SCENARIOS / "churn.json"), "--seed", "1")["records"][-1]
        self.assertEqual(20 + record["joins"] - record["leaves"], sum(one["nodes"] for one in record["ranges"]))

    def test_payments_pass_the_replay_and_are_what_nodes_earned(self):
        """[SIM-15]: the final balances of all channels, by node, are the sums of money prices."""
        for deposit in (1, 3000, 10**9):
            name = self.write("s.json", SMALL | {"ledger": {"unit": 1000, "deposit": deposit}})
            text = self.expect(HOLDS, "simulate", name, "--seed", "7", "--trace", "t.jsonl").out
            last = self.runs(name, "--seed", "7")["records"][-1]
            record, most = last["requests"], max(float(one["prices"]["greatest"]["upper"]) for one in last["ranges"])
            replayed = self.expect(HOLDS, "contract", "replay", "t.jsonl", "--json").json
            self.assertEqual([0, 0, 0], [replayed["transactions"][kind] for kind in ("failed", "refused", "malformed")])
            head, *lines = [json.loads(line) for line in (self.folder / "t.jsonl").read_text().splitlines()]
            transactions = [line["transaction"] for line in lines if "transaction" in line]
            opened = [one for one in transactions if one["operation"] == "channel_open"]
            closed = [one for one in transactions if one["operation"] == "channel_cooperative_close"]
            self.assertEqual(len(opened), len(closed))
            self.assertEqual(5 if deposit == 10**9 else len(opened), len(opened))
            self.assertRegex(text, rf"\n{len(opened)} channels of payment, closed with {sum(record['earned'])} money units in all: t\.jsonl\n$")
            capacity = {(one["b"], one["channel_nonce"]): one["deposit_a"] for one in opened}
            self.assertEqual(sum(capacity.values()), sum(one["balance_a"] + one["balance_b"] for one in closed))
            self.assertEqual(sum(record["earned"]), sum(one["balance_b"] for one in closed))
            if deposit == 10**9:  # one channel a node, closed in the order of nodes
                self.assertEqual(record["earned"], [one["balance_b"] for one in closed])
            prices = [Fraction(earned, max(served, 1)) for earned, served in zip(record["earned"], record["demand"])]
            self.assertTrue(all(800 < price <= 1000 * most for price in prices), prices)  # prices rise, from 1

    def test_contracts_need_a_ledger_and_fit_it(self):
        plain, rich = self.write("s.json", SMALL), self.write("r.json", SMALL | {"ledger": {"unit": 10**12, "deposit": 1}})
        self.assertEqual("p2pllm: --trace: t.jsonl: the scenario has no ledger, which its contracts would be on\n", self.expect(BAD_INPUT, "simulate", plain, "--seed", "1", "--trace", "t.jsonl").err)
        said = self.expect(BAD_INPUT, "simulate", rich, "--seeds", "1..2", "--trace", "t.jsonl").err
        self.assertEqual("p2pllm: --trace: t.jsonl: the contracts are those of one run, without --csv and --sqlite; choose --seed\n", said)
        said = self.expect(UNDECIDED, "simulate", rich, "--seed", "1", "--trace", "t.jsonl").err
        self.assertRegex(said, r"undecided at 4096 bits: step 1, request 1: node layer1-0\d's price in money units, unless it exceeds 40000000000\n$")
        self.assertFalse((self.folder / "t.jsonl").exists())
        wrong = self.write("w.json", {key: value for key, value in SMALL.items() if key != "requests"} | {"ledger": True})
        self.assertEqual("p2pllm: w.json: /ledger: true: without requests nobody pays any\n", self.expect(BAD_INPUT, "simulate", wrong).err)

    def test_a_tie_of_unlike_histories_is_undecided_by_step_request_and_nodes(self):
        twin = lambda name, layers, cost: {"id": name, "layers": layers, "cost": cost, "price": 1}
        nodes = [twin("a", [0, 1], 2), twin("b", [0, 1], 5), twin("c", [1, 3], 3), twin("d", [1, 3], 7), twin("e", [0, 2], 3), twin("f", [0, 2], 7), twin("g", [2, 3], 2), twin("h", [2, 3], 5)]
        self.write("n.json", {"format": "p2pllm-network/1", "model": {"name": "m", "layers": 3}, "nodes": nodes})
        scenario = SMALL | {"network": {"file": "n.json"}, "requests": {"mode": "least", "poisson_per_step": 5, "cost_ticks": 20}}
        said = self.expect(UNDECIDED, "simulate", self.write("s.json", scenario), "--seed", "1").err
        self.assertRegex(said, r"undecided at 4096 bits: step 2, request \d+: node e or node a\n$")

    def test_a_network_with_latencies_has_no_requests(self):
        real = json.loads((SCENARIOS / "real-market.json").read_text())
        scenario = real | {"network": {"file": str(EXAMPLES / "real_market.json")}, "requests": SMALL["requests"] | {"mode": "gumbel"}}
        said = self.expect(BAD_INPUT, "simulate", self.write("s.json", scenario)).err
        self.assertEqual("p2pllm: s.json: /requests: latencies or clients: requests are simulated in networks without latencies and clients only\n", said)


class Notes(CommandLine):
    """[SIM-10][FORMAT-6]: what a person should know before a run begins."""

    def test_a_run_of_days_says_so_before_it_starts(self):
        name = self.write("s.json", SMALL | {"steps": 10**7, "requests": None, "record": [10**7], "seeds": [1, 10**6]})
        program = subprocess.Popen([PROGRAM, "simulate", name, "--threads", "2"], cwd=self.folder, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True)
        self.assertRegex(program.stderr.readline(), r"^p2pllm: note: this takes about \d+ days; --sqlite keeps what is done, whatever stops it\n$")
        program.kill()
        program.communicate()

    def test_the_reference_takes_no_more_peers_than_it_can(self):
        crowd = SMALL | {"network": {"generate": {"layers": 2, "counts": [100000, 1], "cost": 1, "price": 1}}, "steps": 1000, "requests": None, "record": [1]}
        said = self.expect(BAD_INPUT, "simulate", self.write("s.json", crowd), "--engine", "reference").err
        self.assertRegex(said, r"^p2pllm: --engine: reference: it takes at most 100000 peers; 100001 would take about \d+ minutes\n$")

    def test_a_dark_layer_and_unequal_chains_are_noted(self):
        dark = SMALL | {"network": {"generate": {"layers": 2, "counts": [3, 0], "cost": 1, "price": 1}}}
        said = self.expect(HOLDS, "simulate", self.write("s.json", dark), "--seed", "1").err
        self.assertEqual("p2pllm: note: no chain leads beyond boundary 1 at the start: every request is refused until one does\n", said)
        node = lambda name, layers: {"id": name, "layers": layers, "cost": 1, "price": 1}
        self.write("n.json", {"format": "p2pllm-network/1", "model": {"name": "m", "layers": 2}, "nodes": [node("a", [0, 1]), node("b", [1, 2]), node("c", [0, 2])]})
        mixed = SMALL | {"network": {"file": "n.json"}, "requests": SMALL["requests"] | {"mode": "gumbel"}}
        said = self.expect(HOLDS, "simulate", self.write("m.json", mixed), "--seed", "1").err
        self.assertEqual("p2pllm: note: chains lead through different sequences of ranges, so demand under gumbel is not Eq. 3's\n", said)


class Compare(CommandLine):
    """[SIM-17][SIM-18]: two files of results."""

    def kept(self, file, *more):
        self.expect(HOLDS, "simulate", self.write("s.json", SMALL), "--seeds", "1..12", "--sqlite", file, *more)

    def test_runs_of_one_scenario_are_one(self):
        self.kept("a.sqlite")
        self.kept("b.sqlite", "--engine", "reference")
        self.assertEqual("small and small: 12 seeds in both\nThey are the same runs.\n", self.expect(HOLDS, "compare", "a.sqlite", "b.sqlite").out)
        connection = sqlite3.connect(self.folder / "b.sqlite")
        connection.execute("UPDATE run SET digest = replace(digest, substr(digest, 1, 1), 'x') WHERE seed = 5")
        connection.execute("UPDATE run SET digest = replace(digest, 'x', CASE substr(digest, 2, 1) WHEN '0' THEN '1' ELSE '0' END) WHERE seed = 5")
        connection.commit()
        connection.close()
        self.assertEqual("small and small: 12 seeds in both\nOf one scenario, 1 seed has another digest in the second file, seed 5 first.\n",
                         self.expect(REFUTED, "compare", "a.sqlite", "b.sqlite").out)
        self.assertEqual([5], self.expect(REFUTED, "compare", "a.sqlite", "b.sqlite", "--json").json["pairs"][0]["different_seeds"])

    def test_the_change_of_each_seed_has_students_interval(self):
        self.kept("a.sqlite")
        self.kept("b.sqlite", "--set", "/requests/poisson_per_step=7")
        pair = self.expect(HOLDS, "compare", "a.sqlite", "b.sqlite", "--json").json["pairs"][0]
        read = lambda file: dict(sqlite3.connect(self.folder / file).execute("SELECT seed, mean_sojourn FROM record WHERE step = 40"))
        a, b = read("a.sqlite"), read("b.sqlite")
        change = [b[seed] - a[seed] for seed in a]
        half = 2.200985 * stdev(change) / math.sqrt(12)  # Student's 97.5 % point of 11 degrees of freedom, from a table
        found = pair["quantities"]["mean_sojourn"]
        self.assertAlmostEqual(fmean(change), found["mean_change"], places=6)
        for mine, its in zip(found["mean_change_interval"], (fmean(change) - half, fmean(change) + half)):
            self.assertAlmostEqual(its, mine, delta=abs(half) * 1e-5)
        self.assertRegex(self.expect(HOLDS, "compare", "a.sqlite", "b.sqlite").out, r"\n  mean sojourn +\d.* \+\d.*  +\d.* to \d.*  +12\n")

    def test_files_that_cannot_be_compared(self):
        self.kept("a.sqlite")
        self.kept("b.sqlite", "--sweep", "/requests/poisson_per_step=2,3")
        self.assertEqual("p2pllm: b.sqlite: 2 scenarios: as many as in the first file are expected, which has 1\n", self.expect(BAD_INPUT, "compare", "a.sqlite", "b.sqlite").err)
        self.assertEqual("p2pllm: c.sqlite: cannot be read: No such file or directory\n", self.expect(BAD_INPUT, "compare", "a.sqlite", "c.sqlite").err)
        self.write("d.sqlite", "not a file of results")
        self.assertEqual("p2pllm: d.sqlite: it is no file of results\n", self.expect(BAD_INPUT, "compare", "a.sqlite", "d.sqlite").err)
        self.assertFalse((self.folder / "c.sqlite").exists())


if __name__ == "__main__":
    main()
