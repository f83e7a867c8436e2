"""scripts/properties as a pipeline uses it: a canary fails and is repeated by the printed command, and no mistake
passes for success."""

import re
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree as xml
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
CANARY = "canary: every point of the frontier is supported"


def run(*options):
    done = subprocess.run([ROOT / "scripts/properties", *options], capture_output=True, text=True)
    return done.returncode, done.stdout, done.stderr


class Pipeline(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.junit = Path(folder.name) / "report.xml"

    def test_properties_that_hold(self):
        code, out, err = run("--filter", "ROUTE-3", "--seed", "5", "--cases", "3", "--junit", str(self.junit))
        self.assertEqual((0, ""), (code, err), out)
        count = int(re.match(r"(\d+) properties, seed 5\n", out)[1])
        self.assertGreater(count, 0)
        self.assertIn(f"\n{count} runs hold, 0 fail\n", out)
        suite = xml.parse(self.junit).getroot()
        self.assertEqual((str(count), "0", "0"), (suite.get("tests"), suite.get("failures"), suite.get("skipped")))
        self.assertEqual(count, len(suite.findall("testcase")))

    def test_a_new_seed_each_time(self):
        first, second = (
            re.match(r"\d+ properties, seed (\d+)\n", run("--filter", "ROUTE-3", "--cases", "1")[1])[1]
            for _ in range(2)
        )
        self.assertNotEqual(first, second)

    def test_a_failure_is_repeated_by_the_printed_command(self):
        code, out, err = run("--filter", "canary", "--seed", "11", "--junit", str(self.junit))
        self.assertEqual((1, ""), (code, err), out)
        self.assertIn("\n0 runs hold, 3 fail\n", out)
        counterexample = re.search(r"FALSIFIED.*?\n\n=====", out, re.S)[0]
        repeat = next(
            line.removeprefix("repeat: ") for line in out.splitlines() if line.startswith("repeat: ") and CANARY in line
        )
        again = subprocess.run(["sh", "-c", repeat], cwd=ROOT, capture_output=True, text=True)
        self.assertNotEqual(0, again.returncode)
        self.assertIn(counterexample, again.stdout)
        failures = {case.get("name"): case.find("failure") for case in xml.parse(self.junit).iter("testcase")}
        self.assertEqual(repeat, failures[f"{CANARY} (seed 11)"].get("message"))
        self.assertIn("an unsupported point", failures[f"{CANARY} (seed 11)"].text)

    def test_minutes_run_seed_after_seed(self):
        code, out, err = run(
            "--filter", "ROUTE-3", "--cases", "1", "--seed", "5", "--minutes", "0.05", "--junit", str(self.junit)
        )
        self.assertEqual((0, ""), (code, err), out)
        seeds = {
            int(re.search(r"\(seed (\d+)\)", case.get("name"))[1]) for case in xml.parse(self.junit).iter("testcase")
        }
        self.assertEqual(set(range(5, 5 + len(seeds))), seeds)
        self.assertGreater(len(seeds), 1)

    def test_minutes_that_do_not_suffice_are_no_success(self):
        code, _, err = run("--filter", "ROUTE-3", "--minutes", "0.00001")
        self.assertEqual(2, code)
        self.assertRegex(
            err, r"^properties: --minutes: 1e-05: \d+ of \d+ properties did not end in this time, e\.g\. .*\n$"
        )

    def test_bad_usage_is_one_line(self):
        for options, line in (
            (["--seed", ""], "--seed: empty: must be an integer from 0 to 2^64 - 1"),
            (["--seed=-1"], "--seed: -1: must be "),
            (["--cases", ""], "--cases: empty: "),
            (["--cases", "0"], "--cases: 0: must be an integer above 0"),
            (["--minutes="], "--minutes: empty: "),
            (["--minutes", "nan"], "--minutes: nan: "),
            (["--filter", ""], "--filter: empty: must be a clause"),
            (["--filter", "a b"], "--filter: a b: "),
            (["--filter", "NO-1"], "--filter: NO-1: no property cites it"),
            (["--junit", ""], "--junit: empty: "),
            (["--junit", "/no/such/folder/x"], "--junit: /no/such/folder/x: "),
            (["--junit", "/"], "--junit: /: Is a directory"),
            (["--see", "3"], "unrecognized arguments: --see 3"),
            (["--seed"], "argument --seed: expected one argument"),
            (["now"], "unrecognized arguments: now"),
        ):
            with self.subTest(options):
                code, out, err = run(*options)
                self.assertEqual((2, "", 1), (code, out, err.count("\n")), err)
                self.assertTrue(err.startswith(f"properties: {line}"), err)


if __name__ == "__main__":
    unittest.main()
