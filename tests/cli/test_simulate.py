"""Simulations on the command line: one run, several seeds, overrides, both engines, and bad input."""
import csv
import json
import os
import sqlite3
import subprocess
import time
from fractions import Fraction

from harness import BAD_INPUT, EXAMPLES, HOLDS, PROGRAM, UNDECIDED, CommandLine, example, main

SMALL = {"format": "p2pllm-scenario/1", "name": "small", "network": {"generate": {"layers": 2, "counts": [4, 2], "cost": {"uniform": [1, 9]}, "price": 1}},
         "alpha": "1/2", "steps": 20, "prices": {"eta": 1}, "monopoly": "hold", "migration": {"period": 5, "schedule": "sweep"}, "record": [0, 20], "tolerance": "1e-9"}


def preset(name):
    return str(EXAMPLES / "table1" / f"{name}.json")


class Runs(CommandLine):
    def rows(self, name):
        return list(csv.DictReader((self.folder / name).read_text().splitlines()))


class Simulate(Runs):
    """[SIM-1][SIM-14][SIM-16][FORMAT-6][FORMAT-7]"""

    def runs(self, *arguments):
        return self.expect(HOLDS, "simulate", *arguments, "--json").json

    def test_both_engines_and_two_runs_have_one_digest(self):
        for name in ("literal", "scaled", "equal", "row100"):
            with self.subTest(name=name):
                fast, again, exact = (self.runs(preset(name), "--seed", "3", "--engine", engine) for engine in ("fast", "fast", "reference"))
                self.assertEqual(fast, again)
                self.assertEqual((fast["digest"], fast["moves"]), (exact["digest"], exact["moves"]))
                self.assertEqual(("fast", "reference"), (fast["engine"], exact["engine"]))
                for mine, its in zip(fast["records"], exact["records"]):
                    for ours, theirs in zip(mine["ranges"], its["ranges"]):
                        for which in ours["prices"]:
                            (a, b), (c, d) = (tuple(Fraction(one["prices"][which][end]) for end in ("lower", "upper")) for one in (ours, theirs))
                            self.assertTrue(a <= c and d <= b)

    def test_the_table_says_what_came_of_it(self):
        text = self.expect(HOLDS, "simulate", preset("row100"), "--seed", "1").out
        self.assertTrue(text.startswith("table1-row100: seed 1, 1000 steps\n"))
        self.assertRegex(text, r"\n  100 +\[0,1\) +7 +1\.91921 +1\.91921 +0\.28 ")
        self.assertRegex(text, r"\nAt step 100: 3 moves so far; the least load is 0\.2, of which Eq\. 3's demand can use 0\.189584\.\n")
        self.assertRegex(text, r"\nDigest [0-9a-f]{64}\.\n$")

    def test_a_run_says_whether_its_prices_are_certain_to_rise(self):
        """[SIM-12]"""
        sentence = "\nUntil a node moves, no price falls, and where nodes compete, none exceeds its equilibrium (SIM-12).\n"
        name = self.write("s.json", {**SMALL, "migration": None, "record": list(range(21))})
        for eta, rises in (("1", True), ("2", True), ("6", False)):
            answer = self.runs(name, "--set", f"/prices/eta={eta}")
            self.assertEqual(rises, answer["rising_start"])
            self.assertEqual(rises, sentence in self.expect(HOLDS, "simulate", name, "--set", f"/prices/eta={eta}").out)
            for before, after in zip(answer["records"], answer["records"][1:]):
                for one, other in zip(before["ranges"], after["ranges"]) if rises else ():
                    for which in ("least", "median", "mean", "greatest"):
                        self.assertLessEqual(Fraction(one["prices"][which]["lower"]), Fraction(other["prices"][which]["upper"]))

    def test_seeds_have_one_digest_on_any_number_of_threads(self):
        digests = {self.runs(preset("literal"), "--seeds", "1..40", "--threads", threads)["digest"] for threads in ("1", "2", "7")}
        self.assertEqual(1, len(digests))

    def test_a_seed_of_several_is_the_run_of_that_seed(self):
        name = self.write("s.json", SMALL)
        self.expect(HOLDS, "simulate", name, "--seeds", "4..6", "--csv", "r.csv")
        rows = [row for row in self.rows("r.csv") if row["seed"] == "5"]
        one = self.runs(name, "--seed", "5")
        listed = [(str(record["step"]), str(entry["nodes"])) for record in one["records"] for entry in record["ranges"]]
        self.assertEqual(listed, [(row["step"], row["nodes"]) for row in rows])
        for row, entry in zip(rows, (entry for record in one["records"] for entry in record["ranges"])):
            self.assertAlmostEqual(float(row["mean_price"]), float(entry["prices"]["mean"]["lower"]), places=12)

    def test_an_override_is_the_same_as_another_file(self):
        other = json.loads(json.dumps(SMALL))
        other["prices"]["eta"] = "1/4"
        self.assertEqual(self.runs(self.write("o.json", other)), self.runs(self.write("s.json", SMALL), "--set", "/prices/eta=1/4"))

    def test_a_network_file_is_found_beside_the_scenario(self):
        os.mkdir(self.folder / "sub")
        (self.folder / "sub" / "n.json").write_text((EXAMPLES / "paper.json").read_text())
        scenario = {key: value for key, value in SMALL.items() if key not in ("alpha",)}
        name = self.write("sub/s.json", {**scenario, "network": {"file": "n.json"}})
        answer = self.runs(name)
        self.assertEqual([10, 4, 10, 4], [entry["nodes"] for entry in answer["records"][0]["ranges"]])
        self.assertTrue(answer["moves"])


class Seeds(Runs):
    """[SIM-18] Statistics of several seeds, by closed forms."""

    def summaries(self, count):
        self.write("s.json", SMALL)
        answer = self.expect(HOLDS, "simulate", "s.json", "--seeds", f"1..{count}", "--json", "--csv", "r.csv").json
        values = [float(row["mean_price"]) for row in self.rows("r.csv") if (row["step"], row["first_layer"]) == ("20", "0")]
        self.assertEqual(count, len(values))
        return answer, sorted(values), answer["cells"][2]["mean_price"]

    def test_mean_and_students_interval(self):
        _, values, summary = self.summaries(3)
        mean = sum(values) / 3
        half = 4.302652729911275 * (sum((value - mean) ** 2 for value in values) / 2 / 3) ** 0.5  # t of 2 degrees of freedom
        for said, value in zip((summary["mean"], *summary["mean_interval"]), (mean, mean - half, mean + half)):
            self.assertAlmostEqual(said, value, places=9)
        self.assertEqual([values[0], values[1], values[2]], [summary["p5"], summary["median"], summary["p95"]])

    def test_ranks_of_the_medians_interval(self):
        for count, rank in ((5, None), (6, 1), (8, 1), (9, 2), (20, 6)):  # from a table of the binomial distribution
            with self.subTest(count=count):
                _, values, summary = self.summaries(count)
                expected = [None, None] if rank is None else [values[rank - 1], values[count - rank]]
                self.assertEqual(expected, summary["median_interval"])
        self.assertEqual((values[0], values[18]), (summary["p5"], summary["p95"]))
        self.assertAlmostEqual((values[9] + values[10]) / 2, summary["median"], places=12)

    def test_clopper_and_pearson(self):
        for counts, hits in (("[2, 2]", 0), ("[1, 2]", 4)):
            self.write("s.json", SMALL)
            steps = self.expect(HOLDS, "simulate", "s.json", "--seeds", "1..4", "--json", "--set", f"/network/generate/counts={counts}", "--set", "/migration=null").json["steps"]
            self.assertEqual(hits, steps[-1]["with_sole_server"])
            bound = 0.025 ** (1 / 4)
            for said, value in zip(steps[-1]["with_sole_server_interval"], (0, 1 - bound) if hits == 0 else (bound, 1)):
                self.assertAlmostEqual(said, value, places=12)


class Results(Runs):
    """[SIM-17] A file of results: each run once, whatever stops the program, and the same table."""

    ARGUMENTS = ("simulate", "s.json", "--seeds", "1..400", "--sqlite", "r.sqlite")

    def setUp(self):
        super().setUp()
        self.write("s.json", {**SMALL, "steps": 400, "record": [0, 400]})

    def table(self, *more):
        return self.expect(HOLDS, *self.ARGUMENTS, *more).out

    def test_stopped_at_any_moment_it_goes_on_to_the_same_table(self):
        whole = self.expect(HOLDS, *self.ARGUMENTS[:4]).out
        for engine in ("reference", "fast"):  # of the first part: what runs it does not matter
            with self.subTest(engine=engine):
                for pause in ((1.5,) if engine == "reference" else (0.004, 0.008, 0.012, 0.016, 0.03)):
                    program = subprocess.Popen([PROGRAM, *self.ARGUMENTS, "--engine", engine], cwd=self.folder, stdout=subprocess.DEVNULL)
                    time.sleep(pause)
                    program.kill()
                    program.wait()
                    self.assertEqual(whole, self.table())
                    rows = sqlite3.connect(self.folder / "r.sqlite").execute("SELECT count(*), count(DISTINCT seed) FROM run").fetchone()
                    self.assertEqual((400, 400), rows)
                    (self.folder / "r.sqlite").unlink()

    def test_runs_are_read_and_not_made_again(self):
        first = self.table("--csv", "a.csv")
        connection = sqlite3.connect(self.folder / "r.sqlite")
        connection.execute("UPDATE cell SET revenue = 7 WHERE seed = 3")
        connection.commit()
        connection.close()
        self.table("--csv", "b.csv")
        changed = [row["seed"] for row, other in zip(self.rows("a.csv"), self.rows("b.csv")) if row != other]
        self.assertEqual({"3"}, set(changed))
        self.assertEqual(first, self.table("--engine", "reference"))
        other = self.expect(HOLDS, *self.ARGUMENTS, "--set", "/prices/eta=1/4").out
        self.assertEqual(other, self.expect(HOLDS, *self.ARGUMENTS[:4], "--set", "/prices/eta=1/4").out)

    def test_a_run_is_named_by_the_network_file_too(self):
        first = (EXAMPLES / "paper.json").read_text()
        scenario = {key: value for key, value in SMALL.items() if key != "alpha"}
        self.write("f.json", {**scenario, "network": {"file": "n.json"}})
        tables = []
        for text in (first, first.replace("16.92", "46.92")):
            self.write("n.json", text)
            tables.append(self.expect(HOLDS, "simulate", "f.json", "--sqlite", "r.sqlite").out)
            self.assertEqual(tables[-1], self.expect(HOLDS, "simulate", "f.json", "--csv", "r.csv").out)
        self.assertNotEqual(*tables)

    def test_a_sweep_keeps_its_runs_too(self):
        sweep = ("simulate", "s.json", "--seeds", "1..20", "--sweep", "/prices/eta=1/4,1", "--sweep", '/network/generate/counts=[4, 2],[3, 3]')
        text = self.expect(HOLDS, *sweep, "--sqlite", "r.sqlite").out
        self.assertEqual(text, self.expect(HOLDS, *sweep).out)
        self.assertRegex(text, r"^small: 4 variants at the last recorded step; .*\n\n  eta +counts +sole server")
        self.assertEqual([(20,)] * 4, sqlite3.connect(self.folder / "r.sqlite").execute("SELECT count(*) FROM run GROUP BY scenario").fetchall())
        variants = self.expect(HOLDS, *sweep, "--json").json["variants"]
        self.assertEqual([("1/4", "[4, 2]"), ("1/4", "[3, 3]"), ("1", "[4, 2]"), ("1", "[3, 3]")], [tuple(one["values"].values()) for one in variants])
        alone = self.expect(HOLDS, "simulate", "s.json", "--seeds", "1..20", "--set", "/prices/eta=1/4", "--json").json
        self.assertEqual(alone["digest"], variants[0]["digest"])

    def state(self, *columns):
        connection = sqlite3.connect(self.folder / "r.sqlite")
        rows = connection.execute(f"SELECT {', '.join(columns)} FROM state ORDER BY seed").fetchall()
        connection.close()
        return rows

    def test_runs_that_are_stopped_after_some_steps_go_on(self):
        requests = {"requests": {"mode": "boltzmann", "poisson_per_step": 3, "cost_ticks": 200000}, "churn": {"joins_per_step": 1, "mean_lifetime": 9}}
        for more in ({}, {**requests, "ledger": {"unit": 7, "deposit": 100}}):
            self.write("s.json", {**SMALL, "steps": 40, "record": [0, 25, 40], **more})
            seeds = ("--seeds", "1..3", "--set", "/network/generate/price=103/100")  # no money price is near a whole number
            whole = self.expect(HOLDS, *self.ARGUMENTS[:2], *seeds, "--json").json
            self.assertEqual(0, whole["runs_by_reference"])
            for engine in ("fast", "reference"):
                command = (*self.ARGUMENTS[:2], *seeds, "--sqlite", "r.sqlite", "--engine", engine, "--json", "--steps-max", "16")
                for step in (16, 32):
                    answer = self.expect(UNDECIDED, *command)
                    self.assertEqual(("", "p2pllm: 3 of 3 runs stopped before the end; the same command goes on from there\n"), (answer.out, answer.err))
                    self.assertEqual([(seed, step, engine) for seed in (1, 2, 3)], self.state("seed", "step", "engine"))
                answer = self.expect(HOLDS, *command).json
                self.assertEqual(3 if engine == "reference" else 0, answer["runs_by_reference"])
                self.assertEqual(whole["digest"], answer["digest"])
                if engine == "fast":
                    self.assertEqual(whole, answer)
                self.assertEqual([], self.state("seed"))
                (self.folder / "r.sqlite").unlink()

    def test_all_variants_of_a_sweep_are_stopped_and_go_on(self):
        self.write("s.json", {**SMALL, "steps": 40, "record": [0, 40]})
        sweep = (*self.ARGUMENTS[:2], "--seeds", "1..2", "--sweep", "/alpha=1/4,1/2,3/4", "--json")
        command = (*sweep, "--sqlite", "r.sqlite", "--steps-max", "16")
        for step in (16, 32):
            answer = self.expect(UNDECIDED, *command)
            self.assertEqual(("", "p2pllm: 6 of 6 runs stopped before the end; the same command goes on from there\n"), (answer.out, answer.err))
            self.assertEqual([step] * 6, [row[0] for row in self.state("step")])
        self.assertEqual(self.expect(HOLDS, *sweep).json, self.expect(HOLDS, *command).json)

    def test_the_other_engine_begins_anew_or_goes_on(self):
        command = (*self.ARGUMENTS[:2], "--seeds", "7..7", "--sqlite", "r.sqlite", "--steps-max", "150")
        self.expect(UNDECIDED, *command, "--engine", "fast")
        self.expect(UNDECIDED, *command, "--engine", "reference")
        self.assertEqual([(150, "reference")], self.state("step", "engine"))
        self.expect(UNDECIDED, *command, "--engine", "fast")
        self.assertEqual([(300, "reference")], self.state("step", "engine"))
        answer = self.expect(HOLDS, *command, "--engine", "fast", "--json").json
        self.assertEqual(1, answer["runs_by_reference"])
        self.assertEqual(answer["digest"], self.expect(HOLDS, *self.ARGUMENTS[:2], "--seeds", "7..7", "--csv", "r.csv", "--json").json["digest"])

    def test_a_long_run_that_is_killed_goes_on(self):
        command = (*self.ARGUMENTS[:2], "--seeds", "3..3", "--json", "--set", "/steps=10000000", "--set", "/record=[10000000]", "--set", "/network/generate/counts=[59, 58]", "--set", "/migration=null")
        whole = self.expect(HOLDS, *command, "--csv", "r.csv").out
        command = (*command, "--sqlite", "r.sqlite")
        program = subprocess.Popen([PROGRAM, *command], cwd=self.folder, stdout=subprocess.DEVNULL)
        time.sleep(1.7)  # the first state is kept after a second
        program.kill()
        program.wait()
        [(step,)] = self.state("step")
        self.assertTrue(0 < step < 10**7)
        self.assertEqual(whole, self.expect(HOLDS, *command).out)

    def test_a_state_that_is_damaged(self):
        command = (*self.ARGUMENTS[:2], "--seeds", "7..7", "--sqlite", "r.sqlite", "--steps-max", "150")
        self.expect(UNDECIDED, *command)
        connection = sqlite3.connect(self.folder / "r.sqlite")
        connection.execute("UPDATE state SET bytes = substr(bytes, 1, 99) || x'5a5a' || substr(bytes, 102)")
        connection.commit()
        connection.close()
        self.assertEqual("p2pllm: seed 7: r.sqlite: the state of a run in it is damaged\n", self.expect(BAD_INPUT, *command).err)

    def test_a_file_of_the_format_before(self):
        first = self.table()
        connection = sqlite3.connect(self.folder / "r.sqlite")
        connection.executescript("DROP TABLE state; PRAGMA user_version = 2")
        connection.close()
        self.assertEqual(first, self.table())
        self.assertEqual([], self.state("seed"))

    def test_a_file_that_holds_no_results(self):
        self.write("r.sqlite", b"no database, but long enough to be one" * 9)
        self.assertEqual("p2pllm: r.sqlite: it is no file of results\n", self.expect(BAD_INPUT, *self.ARGUMENTS).err)
        self.expect(HOLDS, "ledger", "init", "l.ledger", str(EXAMPLES / "contracts" / "job_paid.jsonl"))
        self.assertIn("it is no file of results", self.expect(BAD_INPUT, *self.ARGUMENTS[:5], "l.ledger").err)

    def test_two_programs_on_one_file(self):
        self.table()
        holder = sqlite3.connect(self.folder / "r.sqlite", isolation_level=None)
        holder.execute("BEGIN EXCLUSIVE")
        self.assertEqual("p2pllm: r.sqlite: another process has it open\n", self.expect(BAD_INPUT, *self.ARGUMENTS).err)


class BadInput(CommandLine):
    """[SIM-1][SIM-7][FORMAT-6] One line by option or file, place, value and rule."""

    def line(self, *arguments):
        answer = self.expect(BAD_INPUT, "simulate", *arguments)
        self.assertEqual("", answer.out)
        return answer.err

    def test_options(self):
        name = self.write("s.json", SMALL)
        for arguments, line in ((("--seed", "-1"), "--seed: -1: a seed must be an integer in 0 .. 2^63 - 1"),
                                (("--seed", "x"), "--seed: x: a seed must be an integer in 0 .. 2^63 - 1"),
                                (("--seeds", "5"), "--seeds: 5: seeds are A..B, such as 1..100"),
                                (("--seeds", "5..4"), "--seeds: 5..4: the last seed must not precede the first"),
                                (("--set", "eta=1"), "--set: eta=1: an override is POINTER=VALUE, such as /prices/eta=1/4"),
                                (("--set", "/steps=5", "--set", "/steps=6"), "--set /steps: a pointer is replaced at most once"),
                                (("--set", "/x/y=1"), "s.json: /x: object: unknown key; known here: format, name"),
                                (("--set", "/record/7=1"), "--set /record/7: the scenario has no such place"),
                                (("--sweep", "eta=1"), "--sweep: eta=1: a sweep is POINTER=V1,V2,.., such as /prices/eta=1/4,1/2,1"),
                                (("--sweep", "/prices/eta=1,,2"), "--sweep: /prices/eta=1,,2: a value of a sweep must not be empty"),
                                (("--sweep", "/prices/eta=1,2", "--set", "/prices/eta=1"), "--set /prices/eta: a pointer is replaced at most once"),
                                (("--sweep", "/prices/eta=1,9"), "s.json: /prices/eta: 9: eta times the price sensitivity is 9/2; above 4 a price may become negative"),
                                (("--set", "/steps=-5"), "s.json: /steps: -5: steps must be an integer in 0 .. 10000000"),
                                (("--steps-max", "5"), "--steps-max: 5: without --sqlite nothing would keep the state of a run that is stopped"),
                                (("--csv", "s.json"), "s.json: cannot be written: it is an input of this command"),
                                (("--seed", "1", "--plot", "s.json"), "s.json: cannot be written: it is an input of this command"),
                                (("--seed", "1", "--report", "f", "--plot", "f"), "f: cannot be written: it is named for two outputs"),
                                (("--report", "none/f"), "none/f: cannot be written: No such file or directory"),
                                (("--sweep", "/prices/eta=1,2", "--report", "f"), "--sweep excludes --report")):
            with self.subTest(arguments=arguments):
                self.assertIn(line, self.line(name, *arguments))

    def test_files(self):
        self.assertIn("no such file", self.line("none.json").lower())
        self.assertIn("n.json", self.line(self.write("s.json", {**SMALL, "network": {"file": "n.json"}})))
        self.assertIn("s.json: /format: \"p2pllm-network/1\": the format must be \"p2pllm-scenario/1\"", self.line(self.write("s.json", {"format": "p2pllm-network/1"})))
        self.assertIn("s.json: line 1, column 2: malformed JSON", self.line(self.write("s.json", "{")))

    def test_a_tolerance_beyond_all_precision_is_undecided(self):
        name, tiny = self.write("s.json", SMALL), "1/1" + 990 * "0"
        more = ("--set", f"/tolerance={tiny}", "--set", "/network/generate/price=1e300", "--set", "/steps=2", "--set", "/record=[2]")
        answer = self.expect(UNDECIDED, "simulate", name, *more)
        self.assertEqual(("", "p2pllm: undecided at 4096 bits: the prices are not known to the scenario's tolerance\n"), (answer.out, answer.err))
        several = self.expect(UNDECIDED, "simulate", name, "--seeds", "3..5", *more)
        self.assertEqual("p2pllm: seed 3: undecided at 4096 bits: the prices are not known to the scenario's tolerance\n", several.err)


if __name__ == "__main__":
    main()
