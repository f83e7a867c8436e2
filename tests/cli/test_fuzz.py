"""p2pllm contract fuzz and fuzz-case: another payment channel is compared with the reference, and inputs are shown as traces."""
import sys
import textwrap

from harness import BAD_INPUT, EXAMPLES, HOLDS, REFUTED, SOURCE, CommandLine, main

CHANNEL = f"{sys.executable} {EXAMPLES / 'candidates/payment_channel.py'}"
CORPUS = SOURCE / "fuzz/corpus/channel_two_parties"
DIVERGES = "the candidate diverges: "


class Candidate(CommandLine):
    def candidate(self, source):
        self.write("candidate.py", textwrap.dedent(source))
        return f"{sys.executable} candidate.py"

    def diverges(self, sentence, source, *options):
        answer = self.expect(REFUTED, "contract", "fuzz", "--candidate", self.candidate(source), "--inputs", "3", *options)
        self.assertRegex(answer.out.splitlines()[-2], f"^{DIVERGES}{sentence}$")
        return answer

    def test_a_right_channel(self):
        answer = self.expect(HOLDS, "contract", "fuzz", "--candidate", CHANNEL, "--corpus", CORPUS, "--json").json
        self.assertEqual((len(list(CORPUS.iterdir())), None), (answer["histories"], answer["divergence"]))
        self.assertGreater(answer["decisions"], 1000)

    def test_a_planted_bug_is_found_and_made_small(self):
        answer = self.expect(
            REFUTED, "contract", "fuzz", "--candidate", f"{CHANNEL} --early", "--corpus", CORPUS, "--witness", "w.jsonl"
        )
        self.assertRegex(
            answer.out, rf'\A{DIVERGES}line \d+ \(channel_settle\): /reason is "none", the reference says "too_early"\n'
        )
        story = self.expect(HOLDS, "contract", "replay", "w.jsonl", "--explain").out
        self.assertLess(len(story.splitlines()), 20)
        self.assertRegex(story, "settled: failed, too_early")

    def test_and_by_random_programs(self):
        answer = self.expect(REFUTED, "contract", "fuzz", "--candidate", f"{CHANNEL} --early", "--seed", "2", "--json").json
        self.assertIn("too_early", answer["divergence"]["sentence"])
        self.write("w.jsonl", answer["divergence"]["trace"])
        self.expect(HOLDS, "contract", "replay", "w.jsonl")

    def test_members_that_are_left_out_are_not_judged(self):
        source = "import sys\nsys.stdin.readline()\nfor line in sys.stdin: print('{}')\n"
        self.expect(HOLDS, "contract", "fuzz", "--candidate", self.candidate(source), "--inputs", "3")

    def test_whatever_the_candidate_does(self):
        self.diverges(r"line 2 \(channel_\w+\): it gave no answer, exit code 3: .*no", "import sys\nsys.exit('no') if 0 else sys.stderr.write('no'), sys.exit(3)")
        self.diverges(r"line 2 \(channel_\w+\): its answer: .*", "print('no JSON')")
        self.diverges("it did not answer within 0.2 s", "import time\ntime.sleep(60)", "--timeout", "0.2")
        self.diverges(r"line 2 \(channel_\w+\): it gave no answer, exit code 137.*", "import os\nos.kill(os.getpid(), 9)")
        self.diverges(r"line \d+ \(channel_\w+\): /reason is .*", "import sys\nfor line in sys.stdin: print('{\"reason\": 1}')")

    def test_bad_input(self):
        for options, line in (
            (("--corpus", "none"), "--corpus: none: "),
            (("--inputs", "0"), "--inputs: "),
            (("--witness", "/no/such/folder/w"), ""),
        ):
            with self.subTest(options):
                self.assertIn(line, self.expect(BAD_INPUT, "contract", "fuzz", "--candidate", CHANNEL, *options).err)


class Case(CommandLine):
    def test_every_input_is_a_trace(self):
        for target, corpus in (("contracts_diff", "contracts"), ("channel_two_parties", "channel_two_parties"), ("sla_dispute", "sla_dispute")):
            for path in sorted((SOURCE / "fuzz/corpus" / corpus).iterdir())[:6]:
                with self.subTest(path.name):
                    trace = self.expect(HOLDS, "contract", "fuzz-case", path, "--target", target, "--settle")
                    self.write("t.jsonl", trace.out)
                    story = self.expect(HOLDS, "contract", "replay", "t.jsonl", "--explain").out
                    self.assertIn("everything is as recorded", story)

    def test_any_bytes_are_an_input(self):
        self.write("input", "any bytes")
        answer = self.expect(HOLDS, "contract", "fuzz-case", "input", "--json").json
        self.assertEqual((True, None), (answer["holds"], answer["broken"]))

    def test_bad_input(self):
        self.write("long", "x" * 2049)
        for options in (("none",), ("long",), ("long", "--target", "none")):
            with self.subTest(options):
                self.assertEqual(1, self.expect(BAD_INPUT, "contract", "fuzz-case", *options).err.count("\n"))


if __name__ == "__main__":
    main()
