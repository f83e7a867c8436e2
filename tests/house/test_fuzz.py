"""scripts/fuzz without a compiler for fuzzing: what it reads from its programs, its table, and its bad usage."""

import os
import re
import stat
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
from tools import fuzz

OUTPUT = """#433 INITED cov: 6914 ft: 21949 corp: 216/56Kb exec/s: 144 rss: 74Mb
#1500 DONE cov: 7725 ft: 28026 corp: 475/125Kb
stat::number_of_executed_units: 1500
reached: applied transfer 3; deepest chain of transitions 14; stayed 1;
"""
CRASH = """law broken: LEDGER-3: a failure takes nonce and fee: 
==1== ERROR: libFuzzer: deadly signal
stat::number_of_executed_units: 7
artifact_prefix='{0}'; Test unit written to {0}crash-1
"""


def run(*options, **environment):
    done = subprocess.run(
        [ROOT / "scripts/fuzz", *options], capture_output=True, text=True, env={**os.environ, **environment}
    )
    return done.returncode, done.stdout, done.stderr


class Reading(unittest.TestCase):
    def test_what_a_campaign_printed(self):
        campaign = fuzz.Campaign(fuzz.TARGETS["contracts_diff"], seconds=3.0)
        campaign.read(OUTPUT)
        campaign.read(CRASH.format("out/"))
        self.assertEqual((1507, 28026, 14), (campaign.executions, campaign.features, campaign.deepest))
        self.assertEqual(["contracts_diff", "words", "1507", "502", "28026", "14", "none"], campaign.row("words"))

    def test_the_law_of_a_finding(self):
        self.assertEqual("LEDGER-3: a failure takes nonce and fee", fuzz.law_of(CRASH))
        summary = "SUMMARY: AddressSanitizer: heap-use-after-free ../a/b.cpp:7:3 in f"
        self.assertIn("AddressSanitizer: heap-use-after-free", fuzz.law_of(summary))
        self.assertEqual("timeout after 25 seconds", fuzz.law_of("==3== ERROR: libFuzzer: timeout after 25 seconds"))
        self.assertEqual("ends without a word", fuzz.law_of(""))

    def test_the_page_of_afl(self):
        campaign = fuzz.Campaign(fuzz.TARGETS["sla_dispute"])
        fuzz.read_afl(campaign, "run_time          : 60\nexecs_done        : 900\nedges_found       : 77\n")
        self.assertEqual((900, 60.0, 77), (campaign.executions, campaign.seconds, campaign.features))

    def test_a_table_lines_up(self):
        lines = fuzz.table([["a", "a law", "7", "1", "2", "-", "none"], ["bb", "b", "70", "10", "2", "3", "1"]]).splitlines()
        self.assertEqual(1, len({line.rindex("  ") for line in lines}), lines)

    def test_the_targets_are_those_of_the_page_and_of_the_build(self):
        laws = fuzz.laws((ROOT / "fuzz/README.md").read_text())
        self.assertEqual(set(fuzz.TARGETS), set(laws))
        built = re.findall(r"^add_fuzz_target\((\w+)", (ROOT / "fuzz/CMakeLists.txt").read_text(), re.M)
        self.assertEqual(set(fuzz.TARGETS), set(built))
        presets = (ROOT / "CMakePresets.json").read_text()
        for target in fuzz.TARGETS.values():
            self.assertTrue((ROOT / "fuzz/corpus" / target.corpus).is_dir(), target)
            self.assertEqual(2, presets.count(f'"fuzz_{target.name}"'), target)


class Script(unittest.TestCase):
    """With programs that only print."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def program(self, name, source):
        path = self.folder / f"fuzz_{name}"
        path.write_text(f"#!{sys.executable}\nimport sys, time\n{source}")
        path.chmod(path.stat().st_mode | stat.S_IXUSR)

    def fuzz(self, *options):
        return run(
            *("--minutes", "0.02", "--seed", "5", "--output", str(self.folder / "out"), *options), P2PLLM_FUZZ=str(self.folder)
        )

    def test_nothing_found(self):
        self.program("sla_dispute", f"time.sleep(1)\nprint('''{OUTPUT}''')\n")
        code, out, err = self.fuzz("--target", "sla_dispute")
        self.assertEqual((0, ""), (code, err), out)
        self.assertRegex(out, r"^1 targets, 0.02 minutes each, seed 5\ntarget .*\nsla_dispute +An honest party .* 28026 +14 +none\n\Z")

    def test_a_finding_is_told_with_its_law_and_the_command_that_keeps_it(self):
        crash = (
            "prefix = [a for a in sys.argv if a.startswith('-artifact_prefix=')]\n"
            "if not prefix: sys.exit(1)\nfolder = prefix[0].partition('=')[2]\n"
            "open(folder + 'crash-1', 'w').write('x')\ntime.sleep(0.3)\n"
            f"print('''{CRASH}'''.format(folder))\nsys.exit(77)\n"
        )
        self.program("contracts_diff", crash)
        code, out, err = self.fuzz("--target", "contracts_diff")
        self.assertEqual((1, ""), (code, err), out)
        self.assertIn("contracts_diff: LEDGER-3: a failure takes nonce and fee\n", out)
        self.assertRegex(out, r"as a trace: +p2pllm contract fuzz-case \S+finding-[0-9a-f]{12} --target contracts_diff\n")
        self.assertRegex(out, r"keep as a test: cp \S+ fuzz/corpus/contracts/ && ctest --preset dev -R 'fuzz: contracts_diff'\n")
        self.assertEqual(1, out.count("contracts_diff: LEDGER-3"))

    def test_afl_is_skipped_where_it_is_not_installed(self):
        code, out, _ = run("--engine", "afl", "--target", "sla_dispute", PATH=f"{Path(sys.executable).parent}:/nowhere")
        if "skipped" not in out:
            self.skipTest("it is installed beside python")
        self.assertEqual(0, code)
        self.assertIn("skipped: afl++ is not installed", out)

    def test_bad_usage_is_one_line(self):
        for options, line in (
            (["--minutes", "0"], "--minutes: 0: must be a number above 0"),
            (["--minutes="], "--minutes: empty: "),
            (["--jobs", "0"], "--jobs: 0: must be an integer from 1 to 1024"),
            (["--seed", "0"], "--seed: 0: must be "),
            (["--target", "all"], "--target: all: must be one of certificate_check, "),
            (["--engine", "hope"], "--engine: hope: must be libfuzzer or afl"),
            (["--output", __file__], "--output: "),
            (["now"], "unrecognized arguments: now"),
        ):
            with self.subTest(options):
                code, out, err = run(*options)
                self.assertEqual((2, "", 1), (code, out, err.count("\n")), err)
                self.assertTrue(err.startswith(f"fuzz: {line}"), err)


if __name__ == "__main__":
    unittest.main()
