"""Standard streams that are closed or full (FORMAT-6)."""
import os

from harness import BAD_INPUT, EXAMPLES, HOLDS, SECONDS_MAX, CommandLine, example, main

SVG = ("contract", "table", "sla")
VERBS = (("--help",), ("--version",), ("verify", "--help"), ("contract", "table", "--help"), ("show", example("toy")), ("route", example("toy")),
         ("route", example("toy"), "--json"), ("pareto", example("real_market"), "--json"), ("verify", example("seven_equal")), ("solve", example("toy")),
         ("balance", example("paper")), ("check", "own.json", example("seven_equal")), ("contract", "table", "--markdown"), SVG,
         ("contract", "replay", str(EXAMPLES / "contracts" / "job_paid.jsonl"), "--explain"))


class StandardOutput(CommandLine):
    """FORMAT-6: a closed or full stream is reported once, by all verbs in the same words."""

    VERBS = VERBS

    def setUp(self):
        super().setUp()
        self.expect(HOLDS, "verify", example("seven_equal"), "--certificate", "own.json")

    def test_full(self):
        with open("/dev/full", "wb") as full:
            self.said(b"p2pllm: standard output: cannot be written: No space left on device\n", stdout=full)

    def test_closed(self):
        self.said(b"p2pllm: standard output: cannot be written: Bad file descriptor\n", preexec_fn=lambda: os.close(1))

    def said(self, message, **options):
        for arguments in self.VERBS:
            with self.subTest(arguments):
                program = self.start(*arguments, **options)
                self.assertEqual(message, program.communicate(timeout=SECONDS_MAX)[1])
                self.assertEqual(BAD_INPUT, program.returncode)


class ClosedStreams(CommandLine):
    """FORMAT-6."""

    def test_standard_input(self):
        program = self.start("show", "-", preexec_fn=lambda: os.close(0))
        self.assertEqual(b"p2pllm: standard input: cannot be read: Bad file descriptor\n", program.communicate()[1])
        self.assertEqual(BAD_INPUT, program.returncode)

    def test_bad_input_is_exit_2_even_where_nobody_hears(self):
        self.assertEqual(BAD_INPUT, self.start("show", "none", preexec_fn=lambda: os.close(2)).wait())
        with open("/dev/full", "wb") as full:
            self.assertEqual(BAD_INPUT, self.start("show", "none", stderr=full).wait())


if __name__ == "__main__":
    main()
