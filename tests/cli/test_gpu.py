"""--engine cuda on every verb that has it: what it computes, and what it says where there is no GPU or one fails.

The program P2PLLM_SIMULATED_GPU is p2pllm with the simulated machine in the place of a GPU.
"""
import json
import os
import subprocess

import harness
from harness import BAD_INPUT, EXAMPLES, HOLDS, UNDECIDED, CommandLine, example, main

MISSING = 4
VERBS = {
    "verify": ("verify", example("toy")),
    "verify --placement": ("verify", example("paper"), "--placement", "--rule", "revenue"),
    "solve": ("solve", example("real_market")),
    "route": ("route", example("real_market")),
    "route with evidence": ("route", example("real_market"), "--check"),
    "balance": ("balance", example("paper"), "--check"),
}


class Gpu(CommandLine):
    """[FORMAT-6][FORMAT-7]"""

    def run_simulated(self, *arguments, calls=None):
        environment = {**os.environ, **({} if calls is None else {"P2PLLM_SIMULATED_CALLS": str(calls)})}
        program = os.environ["P2PLLM_SIMULATED_GPU"]
        done = subprocess.run([program, *map(str, arguments)], cwd=self.folder, env=environment, capture_output=True, text=True, timeout=harness.SECONDS_MAX, check=False)
        return harness.Answer(done.returncode, done.stdout, done.stderr)

    def test_the_market_verbs_answer_as_the_fast_engine_does(self):
        for name, verb in VERBS.items():
            with self.subTest(name):
                expected = self.run_program(*verb, "--json").json
                self.assertEqual("fast", expected.pop("engine"))
                found = self.run_simulated(*verb, "--json", "--engine", "cuda")
                answer = found.json
                self.assertEqual(("cuda", ""), (answer.pop("engine"), found.err))
                self.assertEqual(expected, answer)

    def test_a_frontier_is_the_processors_work(self):
        answer = self.run_simulated("pareto", example("toy"), "--json", "--engine", "cuda").json
        self.assertEqual("fast", answer["engine"])

    def test_diff_compares_it_with_the_reference(self):
        answer = self.run_simulated("diff", "--random", "15", "--engine", "cuda", "--json")
        self.assertEqual((HOLDS, 0), (answer.code, answer.json["disagreements"]))
        self.assertRegex(self.run_simulated("diff", "--random", "2", "--engine", "cuda").out, r"reference +cuda +ratio")
        both = self.run_program("diff", "--random", "2", "--engine", "cuda", "--candidate", "true")
        self.assertEqual(BAD_INPUT, both.code)
        self.assertIn("--engine", both.err)

    def test_text_is_generated(self):
        prompt = ("generate", "--prompt", "In the", "--tokens", "4")
        self.assertEqual(self.run_program(*prompt).out, self.run_simulated(*prompt, "--engine", "cuda").out)

    def test_a_simulation_has_the_digest_of_the_fast_engine(self):
        for name in ("literal", "scaled"):
            run = ("simulate", EXAMPLES / "table1" / f"{name}.json", "--seed", "2", "--json", "--set", "/steps=30", "--set", "/record=[0,30]")
            with self.subTest(name):
                expected = self.run_program(*run).json
                for calls, engine in ((None, "cuda"), (20, "cuda-or-fast")):
                    found = self.run_simulated(*run, "--engine", engine, calls=calls)
                    answer = found.json
                    self.assertEqual("cuda" if calls is None else "fast", answer.pop("engine"))
                    self.assertEqual({key: value for key, value in expected.items() if key != "engine"}, answer)
                self.assertEqual(UNDECIDED, self.run_simulated(*run, "--engine", "cuda", calls=20).code)
        seeds = ("simulate", EXAMPLES / "table1" / "literal.json", "--seeds", "1..4", "--set", "/steps=10", "--set", "/record=[10]")
        self.assertEqual(self.run_program(*seeds).out, self.run_simulated(*seeds, "--engine", "cuda").out)

    def test_no_gpu_is_one_line_and_exit_4(self):
        for name, verb in VERBS.items():
            with self.subTest(name):
                done = self.run_simulated(*verb, "--engine", "cuda", calls=0)
                self.assertEqual((MISSING, ""), (done.code, done.out))
                self.assertEqual("p2pllm: --engine cuda: no GPU can be used (no device); --engine fast computes the same on the processor\n", done.err)

    def test_the_processor_takes_over_where_asked(self):
        for calls, reason in ((0, "no GPU can be used (no device)"), (3, "the device failed (the device is lost)")):
            for name, verb in VERBS.items():
                with self.subTest(f"{name}, {calls} calls"):
                    done = self.run_simulated(*verb, "--json", "--engine", "cuda-or-fast", calls=calls)
                    self.assertEqual(f"p2pllm: {reason}; the processor computes the same\n", done.err)
                    self.assertEqual(self.run_program(*verb, "--json").json, done.json)

    def test_a_device_that_is_lost_ends_the_run_or_the_processor_goes_on_with_the_text(self):
        prompt = ("generate", "--prompt", "In the", "--tokens", "4")
        whole = self.run_program(*prompt).out
        for calls in (1, 200, 500):
            with self.subTest(calls):
                done = self.run_simulated(*prompt, "--engine", "cuda", calls=calls)
                self.assertEqual(UNDECIDED, done.code)
                self.assertEqual("p2pllm: --engine cuda: the device failed (the device is lost); --engine fast computes the same on the processor\n", done.err)
                self.assertTrue(whole.startswith(done.out))
                done = self.run_simulated(*prompt, "--engine", "cuda-or-fast", calls=calls)
                self.assertEqual((HOLDS, whole), (done.code, done.out))
                self.assertEqual("p2pllm: the device failed (the device is lost); the processor computes the same\n", done.err)


if __name__ == "__main__":
    main()
