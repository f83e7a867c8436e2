"""The commands that docs/ prints do what it prints."""
import re
import shlex
import shutil

from harness import SOURCE, CommandLine, main

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
    """Matches the text that the lines show; a line `..` replaces any number of lines."""
    return "".join(r"(?:.*\n)*?" if line == ".." else re.escape(line) + "\n" for line in lines)


class Documentation(CommandLine):
    def test_every_command_of_the_first_page(self):
        shutil.copytree(SOURCE / "examples", self.folder / "examples")
        found = list(commands((SOURCE / "docs/start.md").read_text()))
        self.assertEqual(12, len(found))
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


if __name__ == "__main__":
    main()
