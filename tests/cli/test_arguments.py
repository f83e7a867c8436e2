"""Options and arguments without a value or with a hostile one: all those of every verb that --help lists."""
import re

from harness import BAD_INPUT, EXAMPLES, HOLDS, CommandLine, example, main, pair
from tiny_model import safetensors, tensors

TRACE = str(EXAMPLES / "contracts" / "job_paid.jsonl")
GOOD = {"network": example("toy"), "trace": TRACE, "certificate": "c.json", "machine": "sla", "object": "burned", "key": "0", "proof": "p.json",
        "file": "l.ledger", "genesis": TRACE, "socket": "s.socket", "requests": TRACE, "of": "l.ledger", "output": "o.jsonl", "traces": TRACE,
        "scenario": str(EXAMPLES / "table1" / "row100.json"), "first": "r.sqlite", "second": "r.sqlite", "source": "w.safetensors", "model": "w.model", "folder": "parts", "text": TRACE,
        "commitment": "g.json", "dispute": "d.json"}
WRITTEN = {("init", "file"), ("import", "file"), ("run", "socket"), ("export", "output"), ("convert", "model"), ("split", "folder"), ("dispute", "dispute")}  # a path of any name can be made
INPUTS = (("network",), ("trace",), ("scenario",), ("certificate",), ("proof",), ("genesis",), ("requests",), ("traces",), ("first",), ("second",), ("source",), ("text",), ("commitment",), ("generate", "--model"), ("verify", "--prices"), ("balance", "--prices"), ("check", "--prices"))
HOSTILE = "a\nb\x1b[2J\u202e\u200b"
HOSTILE_SHOWN = "a\\u000ab\\u001b[2J\\u202e\\u200b"


def section(text, title):
    return re.findall(r"^  (\S.*)", text.partition(f"\n{title}:\n")[2].partition("\n\n")[0], re.M)


class Walk(CommandLine):
    """Lists every verb and all that it takes a value for; test_prove covers the verbs that run proofs."""

    PROOFS = ("prove", "claims")

    def setUp(self):
        super().setUp()
        self.write("n.json", pair())
        self.expect(HOLDS, "route", example("toy"), "--certificate", "c.json")
        self.expect(HOLDS, "ledger", "prove", TRACE, "burned", "0", "--proof", "p.json")
        self.expect(HOLDS, "ledger", "init", "l.ledger", TRACE)
        self.expect(HOLDS, "generate", "--prompt", "In", "--tokens", "1", "--commit", "g.json")
        self.expect(HOLDS, "dispute", "g.json", "d.json")
        self.write("w.safetensors", safetensors(tensors()))
        self.expect(HOLDS, "simulate", GOOD["scenario"], "--seeds", "1..2", "--sqlite", "r.sqlite")

    def verbs(self, *prefix):
        names = [line.split()[0] for line in section(self.expect(HOLDS, *prefix, "--help").out, "Subcommands")]
        return [verb for name in names if prefix or name not in self.PROOFS for verb in self.verbs(*prefix, name)] if names else [prefix]

    def arguments(self, verb):
        """The names of the verb's positional arguments, and whether each is required."""
        return [(line.split()[0], "REQUIRED" in line) for line in section(self.expect(HOLDS, *verb, "--help").out, "Positionals")]

    def options(self, verb):
        lines = section(self.expect(HOLDS, *verb, "--help").out, "Options")
        return [line.split()[0] for line in lines if re.match(r"--[a-z0-9-]+ [A-Z]{3,}", line)]

    def good(self, verb, **changed):
        return [*verb, *(changed.get(name, GOOD.get(name)) for name, required in self.arguments(verb)
                        if required or name == "network" or name in changed)]

    def one_line(self, *arguments):
        answer = self.expect(BAD_INPUT, *arguments)
        self.assertRegex(answer.err, r"^p2pllm: [^\n]+\n$")
        self.assertEqual("", answer.out)
        return answer.err.removeprefix("p2pllm: ")


class EmptyValues(Walk):
    """FORMAT-6: an empty value, such as an unset variable leaves, is refused and never taken for an absent option."""

    def test_every_option_of_every_verb(self):
        for verb in self.verbs():
            for option in self.options(verb):
                for given in ([option, ""], [f"{option}="]):
                    with self.subTest(verb=verb, given=given):
                        said = self.one_line(*self.good(verb), *given)
                        self.assertTrue(said.startswith(f"{option}: an empty value is given; give a value or leave it out ("), said)

    def test_every_argument_of_every_verb(self):
        for verb in self.verbs():
            for name, required in self.arguments(verb):
                with self.subTest(verb=verb, name=name):
                    said = self.one_line(*self.good(verb, **{name: ""}))
                    rule = "a value is required" if required else "give a value or leave it out"
                    self.assertTrue(said.startswith(f"{name}: an empty value is given; {rule} ("), said)

    def test_an_option_is_no_value_of_another(self):
        """If it were, --certificate $UNSET --json would write a file named --json."""
        for verb in self.verbs():
            for option in self.options(verb):
                for other in ("--json", "--help", f"{option}=x"):
                    with self.subTest(verb=verb, option=option, other=other):
                        said = self.one_line(*self.good(verb), option, other)
                        self.assertTrue(said.startswith(f"{option}: the option {other} is given in the place of a value ("), said)
        self.assertEqual(["c.json", "d.json", "g.json", "l.ledger", "n.json", "p.json", "r.sqlite", "w.safetensors"], sorted(path.name for path in self.folder.iterdir()))


class Values(Walk):
    """FORMAT-6."""

    def test_the_walk_finds_what_there_is(self):
        verbs = self.verbs()
        self.assertEqual(31, len(verbs))
        found = {(*verb, option) for verb in verbs for option in self.options(verb)}
        for one in (("verify", "--prices"), ("verify", "--certificate"), ("verify", "--smt2"), ("verify", "--bits-max"), ("route", "--client"),
                    ("solve", "--prices"), ("pareto", "--plot"), ("pareto", "--labels-max"), ("balance", "--rule"), ("check", "--smt2"),
                    ("contract", "table", "--svg"), ("diff", "--candidate"), ("ledger", "check", "--root"), ("ledger", "run", "--interval"),
                    ("generate", "--commit"), ("dispute", "--micro"), ("show", "--plot"), ("simulate", "--plot"), ("simulate", "--report")):
            self.assertIn(one, found)
        self.assertGreater(len(found), 27)
        self.assertEqual(40, sum(len(self.arguments(verb)) for verb in verbs))

    def test_a_line_names_the_help_that_tells_more(self):
        for verb in self.verbs():
            self.assertTrue(self.one_line(*self.good(verb), "--none").endswith(f" (p2pllm {' '.join(verb)} --help tells more)\n"))

    def test_what_only_looks_like_an_option_is_a_value(self):
        self.expect(HOLDS, "route", example("toy"), "--certificate", "--network")
        self.expect(HOLDS, "check", "./--network", example("toy"))
        self.expect_bad('--alpha: "-1/2": alpha must lie in [0, 1]', "route", example("toy"), "--alpha", "-1/2")


class HostileArguments(Walk):
    """FORMAT-8: an error line is one line, whatever the command line contains."""

    def test_every_option_and_argument_of_every_verb(self):
        for verb in self.verbs():
            more = {"machine": "sla"} if verb == ("contract", "table") else {}
            rule = ("--rule", "revenue") if verb == ("balance",) else ()
            cases = [(*self.good(verb, **more), *(() if option == "--rule" else rule), option, f"n.json/{HOSTILE}")
                     for option in self.options(verb) if option not in ("--candidate", "--prompt")]  # a shell command: see test_diff; any text
            cases += [(*self.good(verb, **{name: f"n.json/{HOSTILE}" if (verb[-1], name) in WRITTEN else HOSTILE}),) for name, _ in self.arguments(verb)]
            cases.append((*self.good(verb), HOSTILE))
            cases.append((*self.good(verb), f"--{HOSTILE}"))
            for arguments in cases:
                with self.subTest(arguments):
                    answer = self.run_program(*arguments)
                    self.assertRegex(answer.err, r"^p2pllm: [^\n]+\n$")
                    self.assertTrue(answer.err[:-1].isprintable(), answer.err)
                    self.assertEqual(BAD_INPUT, answer.code)
                    self.assertIn(HOSTILE_SHOWN, answer.err)


class HostileNames(Walk):
    """FORMAT-8: an error line is one line, whatever a file is called."""

    def test_names_of_files_that_cannot_be_opened(self):
        for place in INPUTS:
            for verb in self.verbs():
                if place[0] in dict(self.arguments(verb)):
                    self.assertEqual(f"{HOSTILE_SHOWN}: cannot be read: No such file or directory\n",
                                     self.one_line(*self.good(verb, **{place[0]: HOSTILE})))
                elif verb == place[:1]:
                    rule = ("--rule", "revenue") if verb == ("balance",) else ()
                    self.assertEqual(f"{HOSTILE_SHOWN}: cannot be read: No such file or directory\n",
                                     self.one_line(*self.good(verb), *rule, place[1], HOSTILE))

    def test_names_of_files_that_are_read_and_wrong(self):
        self.write(HOSTILE, "[]")
        for verb in self.verbs():
            for name, _ in self.arguments(verb):
                if name in ("network", "certificate", "trace", "proof"):
                    said = self.one_line(*self.good(verb, **{name: HOSTILE}))
                    self.assertTrue(said.startswith(f"{HOSTILE_SHOWN}: "), said)

    def test_names_of_bytes_that_are_no_text(self):
        said = self.one_line("show", b"\xff\xc3\n".decode("utf-8", "surrogateescape"))
        self.assertEqual("\\xff\\xc3\\u000a: cannot be read: No such file or directory\n", said)
        self.assertEqual("a\\\\u000a: cannot be read: No such file or directory\n", self.one_line("show", "a\\u000a"))

    def test_verbs_that_there_are_not(self):
        for arguments in ((HOSTILE,), ("contract", HOSTILE)):
            self.assertIn(f'"{HOSTILE_SHOWN}"', self.one_line(*arguments))


if __name__ == "__main__":
    main()
