"""The commands in docs/ print the output shown there, and the programs shown there work."""
import os
import re
import shlex
import shutil
import subprocess
import unittest

from harness import BAD_INPUT, HOLDS, PROGRAM, REFUTED, SECONDS_MAX, SOURCE, CommandLine, example, main

BLOCK = re.compile(r"^( *)```console\n(.*?)^ *```$", re.M | re.S)


def commands(text):
    """(arguments, exit code, lines printed) of each line `$ p2pllm ..  # exit CODE` of the console blocks."""
    for indent, block in BLOCK.findall(text):
        lines = [line.removeprefix(indent) for line in block.splitlines()]
        starts = [number for number, line in enumerate(lines) if line.startswith("$ ")]
        for start, end in zip(starts, [*starts[1:], len(lines)]):
            code = re.search(r"# exit ([0-9]+)$", lines[start])
            yield shlex.split(lines[start], comments=True)[2:], int(code.group(1)) if code else 0, lines[start + 1:end]


def pattern(lines):
    """A pattern for output of which these lines are shown; a line `..` matches any number of lines."""
    return "".join(r"(?:.*\n)*?" if line == ".." else re.escape(line) + "\n" for line in lines)


class Documentation(CommandLine):
    def test_every_command_of_the_first_page(self):
        shutil.copytree(SOURCE / "examples", self.folder / "examples")
        found = list(commands((SOURCE / "docs/start.md").read_text()))
        self.assertEqual(15, len(found))
        for arguments, code, lines in found:
            with self.subTest(" ".join(arguments)):
                answer = self.expect(code, *arguments)
                self.assertRegex(answer.out + answer.err, f"^{pattern(lines)}\\Z")

    def test_every_command_of_the_page_on_diff(self):
        shutil.copytree(SOURCE / "examples", self.folder / "examples")
        found = list(commands((SOURCE / "docs/diff.md").read_text()))
        self.assertEqual(3, len(found))
        search = os.environ["PATH"]
        self.addCleanup(os.environ.__setitem__, "PATH", search)
        os.environ["PATH"] = f"{os.path.dirname(PROGRAM)}:{search}"  # the candidate is this program
        for arguments, code, lines in found:
            with self.subTest(" ".join(arguments)):
                answer = self.expect(code, *arguments)
                self.assertRegex(answer.out + answer.err, f"^{pattern(lines)}\\Z")

    def test_every_command_of_the_page_on_ledgers(self):
        shutil.copytree(SOURCE / "examples", self.folder / "examples")
        found = list(commands((SOURCE / "docs/ledger.md").read_text()))
        self.assertEqual(9, len(found))
        for arguments, code, lines in found:
            with self.subTest(" ".join(arguments)):
                answer = self.expect(code, *arguments)
                self.assertRegex(answer.out + answer.err, f"^{pattern(lines)}\\Z")

    def test_a_page_that_shows_another_output_is_found(self):
        (arguments, code, lines), = commands("```console\n$ p2pllm check a.json 'b c'  # exit 1\nfirst\n..\nlast\n```\n")
        self.assertEqual((["check", "a.json", "b c"], 1), (arguments, code))
        self.assertRegex("first\nmore\nlast\n", f"^{pattern(lines)}\\Z")
        self.assertRegex("first\nlast\n", f"^{pattern(lines)}\\Z")
        for other in ("first\nlast\nmore\n", "more\nfirst\nlast\n", "first\nlest\n"):
            self.assertNotRegex(other, f"^{pattern(lines)}\\Z")


class Library(CommandLine):
    """The programs of docs/library.md, compared with the verbs of the same names."""

    def program(self, name, *arguments):
        path = next(path for path in os.environ["LIBRARY_PROGRAMS"].split(":") if path.endswith(f"library_{name}"))
        done = subprocess.run([path, *arguments], capture_output=True, text=True, cwd=self.folder, timeout=SECONDS_MAX)
        return done.returncode, done.stdout, done.stderr

    def test_verify(self):
        self.assertEqual((HOLDS, "equilibrium\n", ""), self.program("verify", example("seven_equal")))
        code, out, _ = self.program("verify", example("toy"))
        self.assertEqual(REFUTED, code)
        witness = self.expect(REFUTED, "verify", example("toy"), "--json", "--engine", "reference").json["witness"]
        self.assertEqual(f"refuted\n{witness['node']} gains at least {witness['gain']} by charging {witness['price']}\n", out)
        self.assertEqual((BAD_INPUT, ""), self.program("verify", self.write("bad.json", "{}"))[:2])

    def test_check(self):
        self.expect(HOLDS, "route", example("toy"), "--certificate", "c.json")
        self.assertEqual((HOLDS, "accepted\n", ""), self.program("check", "c.json", example("toy")))
        text = (self.folder / "c.json").read_text()
        rejected = self.program("check", self.write("d.json", text.replace('"bob"', '"ann"')), example("toy"))
        self.assertEqual(REFUTED, rejected[0], rejected)
        self.assertRegex(rejected[1], "^rejected: CERT-2")
        self.assertEqual(BAD_INPUT, self.program("check", "c.json", example("three"))[0])

    def test_replay(self):
        trace = SOURCE / "examples/contracts/job_disputed.jsonl"
        self.assertEqual((HOLDS, "everything is as recorded, 17 transactions applied\n", ""), self.program("replay", trace))
        other = self.write("other.jsonl", trace.read_text().replace('"outcome":"none"', '"outcome":"too_late"', 1))
        self.assertEqual((REFUTED, "line 2 differs\n", ""), self.program("replay", other))


class Manual(CommandLine):
    """The manual pages that scripts/man makes from --help."""

    def test_a_page_for_each_verb_with_all_its_options(self):
        subprocess.run([SOURCE / "scripts/man", PROGRAM, self.folder / "man"], check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        pages = {path.stem: path.read_text() for path in (self.folder / "man").iterdir()}
        self.assertLessEqual({"p2pllm", "p2pllm-route", "p2pllm-verify", "p2pllm-contract", "p2pllm-contract-replay"}, set(pages))
        for name, page in pages.items():
            with self.subTest(name):
                shown = self.expect(HOLDS, *name.split("-")[1:], "--help").out
                options = re.findall(r"^  (?:-h,)?(--[\w-]+)", shown, re.M)
                self.assertEqual(options, [found.replace("\\-", "-") for found in re.findall(r"^  (?:\\-h,)?(\\-\\-[\w\\-]+)", page, re.M)])
                self.assertIn(f".SH NAME\n{name} \\- ", page)

    @unittest.skipUnless(shutil.which("groff"), "groff is not installed")
    def test_troff_finds_nothing_to_say(self):
        subprocess.run([SOURCE / "scripts/man", PROGRAM, self.folder], check=True, env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"})
        for path in self.folder.glob("*.1"):
            done = subprocess.run(["groff", "-man", "-Tutf8", "-ww", path], capture_output=True, text=True)
            self.assertEqual((0, ""), (done.returncode, done.stderr), path.name)


if __name__ == "__main__":
    main()
