"""scripts/fuzz without a compiler for fuzzing: what it reads from its programs, its table, and its bad usage."""

import io
import os
import pty
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
from tools.fuzz_progress import Progress

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

    def test_a_law_is_known_whatever_the_numbers_and_bytes(self):
        campaign = fuzz.Campaign(fuzz.TARGETS["encoding_roundtrip"])
        campaign.findings.append(fuzz.Finding("COMMIT-1: read as 7: 8858207a60d2", Path("a")))
        self.assertTrue(fuzz.is_known(campaign, "COMMIT-1: read as 12: 8858207a68d2ff"))
        self.assertFalse(fuzz.is_known(campaign, "COMMIT-2: read as 7: 8858207a60d2"))
        self.assertFalse(fuzz.is_known(campaign, "COMMIT-1: read as 7: decoded"))

    def test_why_afl_stops(self):
        said = "\x1b[1;92m[+] \x1b[0mgood\n\x1b[1;91m[-] PROGRAM ABORT : \x1b[0mCustom ASAN_OPTIONS set\x1b[1;91m\n         Location : \x1b[0mcheck()\n"
        self.assertEqual("Custom ASAN_OPTIONS set", fuzz.abort_of(said))
        self.assertEqual("the last line", fuzz.abort_of("one\n\nthe last line\n"))
        self.assertEqual("no word", fuzz.abort_of(""))

    def test_the_inputs_that_afl_skips_since_they_break_a_law(self):
        said = "\x1b[1;93m[!] \x1b[0mTest case 'id:000002,time:0,execs:0,orig:paper_prices' results in a crash, skipping\x1b[0m\n"
        self.assertEqual(["paper_prices"], fuzz.skipped_seeds(said))
        self.assertEqual([], fuzz.skipped_seeds(said.replace("a crash", "a timeout")))

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


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Telling(unittest.TestCase):
    """The line of progress, at times that the test chooses."""

    def setUp(self):
        self.now = 100.0
        self.campaigns = [fuzz.Campaign(fuzz.TARGETS[name]) for name in ("sla_dispute", "trace_replay")]

    def progress(self, out):
        return Progress(self.campaigns, 90, out, lambda: self.now)

    def after(self, progress, seconds):
        self.now += seconds
        progress.tick()

    def test_on_a_terminal_one_line_is_written_anew(self):
        out = Terminal()
        progress = self.progress(out)
        self.after(progress, 0.25)
        self.assertEqual("", out.getvalue())
        one, other = self.campaigns
        one.is_running = True
        one.hear("#2048\tpulse  cov: 7 ft: 9 corp: 1/1b exec/s: 1024 rss: 74Mb\n")
        one.hear("#4096\tNEW    cov: 8 ft: 10\n")
        one.hear("reached: applied transfer 9;\n")
        self.after(progress, 0.75)
        one.read("stat::number_of_executed_units: 5000\n")
        one.findings.append(fuzz.Finding("a law", Path("a")))
        one.is_running, other.is_running = False, True
        other.hear("#7\tINITED\n")
        self.after(progress, 60)
        self.assertEqual(
            "\r\x1b[K89 s left, targets running: 1, executions: 4096, findings: 0"
            "\r\x1b[K29 s left, targets running: 1, executions: 5007, findings: 1",
            out.getvalue(),
        )

    def test_elsewhere_it_is_a_line_a_minute(self):
        out = io.StringIO()
        progress = self.progress(out)
        for _ in range(119):
            self.after(progress, 1)
        self.assertEqual("fuzz: 30 s left, targets running: 0, executions: 0, findings: 0\n", out.getvalue())
        self.after(progress, 1)
        self.assertEqual("fuzz: 0 s left, targets running: 0, executions: 0, findings: 0", out.getvalue().splitlines()[1])

    def test_executions_of_afl_are_those_of_its_page(self):
        head = (
            "# relative_time, cycles_done, cur_item, corpus_count, pending_total, pending_favs, map_size, saved_crashes, "
            "saved_hangs, max_depth, execs_per_sec, total_execs, edges_found\n"
        )
        with tempfile.TemporaryDirectory() as folder:
            campaign = self.campaigns[0]
            campaign.page = Path(folder) / "plot_data"
            self.assertEqual(0, campaign.executions_so_far())
            campaign.page.write_text(head)
            self.assertEqual(0, campaign.executions_so_far())
            row = "{}, 0, 12, 216, 216, 5, 8.90%, 0, 0, 2, 101.2, {}, 77\n"
            campaign.page.write_text(head + row.format(5, 512) + row.format(10, 1024))
            self.assertEqual(1024, campaign.executions_so_far())


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

    def test_a_terminal_is_told_how_far_it_is(self):
        self.program("sla_dispute", f"print('#41\\tNEW', flush=True)\ntime.sleep(1.5)\nprint('''{OUTPUT}''')\n")
        terminal, end = pty.openpty()
        with os.fdopen(terminal, "rb", buffering=0) as screen, os.fdopen(end, "w") as err:
            options = ("--minutes", "0.02", "--output", self.folder / "out", "--target", "sla_dispute")
            environment = {**os.environ, "P2PLLM_FUZZ": str(self.folder)}
            done = subprocess.run(
                [ROOT / "scripts/fuzz", *options], stdout=subprocess.PIPE, stderr=err, text=True, env=environment
            )
            shown = screen.read(4096).decode()
        self.assertEqual(0, done.returncode, done.stdout)
        line = r"\r\x1b\[K[01] s left, targets running: 1, executions: (0|41), findings: 0"
        self.assertRegex(shown, rf"\A({line})+\r\x1b\[K\Z")
        self.assertIn("executions: 41", shown)
        self.assertNotIn("left", done.stdout)

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
