"""The programs of examples/candidates: what is right is found right, and what is wrong is found, on few nodes (FORMAT-9)."""
import difflib
import os
import re
import shutil
import sys
from unittest import mock

from harness import EXAMPLES, HOLDS, REFUTED, CommandLine, main, network, node
from test_docs import commands, pattern

FOLDER = EXAMPLES / "candidates"
PAGE = FOLDER / "README.md"
SECONDS_MAX = 280  # a processor that others use as well
SHAPES = ("mixed", "near-tie", "ulp", "ratio", "groups")


class Candidates(CommandLine):
    def compare(self, code, candidate, *options):
        return self.expect(code, "diff", *options, "--candidate", f"{sys.executable} {FOLDER}/{candidate}", "--timeout", "60", "--json", timeout=SECONDS_MAX).json

    def errs(self, candidate, nodes, sentence, *options):
        """The candidate is caught, and by so few nodes."""
        witness = self.compare(REFUTED, candidate, *options)["witness"]
        self.assertEqual(nodes, len(witness["network"]["nodes"]), witness)
        self.assertRegex(witness["sentence"], sentence)


class RightCandidates(Candidates):
    def test_router_on_every_shape(self):
        for shape in SHAPES:
            with self.subTest(shape):
                answer = self.compare(HOLDS, "router.py", "--random", "30", "--shape", shape, "--seed", "3")
                self.assertGreater(answer["decisions"], 30 * 3)

    def test_router_on_files(self):
        for path in sorted(EXAMPLES.glob("*.json")):
            with self.subTest(path.name):
                self.compare(HOLDS, "router.py", path, "--alpha", "1/3")

    def test_router_breaks_ties_as_the_reference(self):
        """ROUTE-3: the example in which labels from the front find another chain."""
        nodes = [node(f"n{k}", [layer, layer + 1], "1", "1") for k, layer in enumerate((0, 0, 1, 1, 2))]
        ones = {(0, 2), (1, 3)}
        latency = {"kind": "matrix", "values": [[int((i, j) in ones) for j in range(5)] for i in range(5)]}
        self.write("n.json", network(nodes, 3, latency=latency))
        self.compare(HOLDS, "router.py", "n.json")

    def test_least_time_in_exact_numbers(self):
        for candidate in ("petals_min_latency.py --whole-ranges --exact", "parallax_dp.py --exact"):
            for shape in ("mixed", "ulp"):
                with self.subTest(candidate=candidate, shape=shape):
                    self.compare(HOLDS, candidate, "--random", "12", "--shape", shape, "--seed", "3", "--alpha", "0")

    def test_pricing_bot_that_claims_what_it_has(self):
        self.compare(HOLDS, "pricing_bot.py 40", "--random", "10", "--verb", "solve")


class WrongCandidates(Candidates):
    def test_router_in_doubles(self):
        """It is the exact one but for its numbers, and leaves out the sums that are no longer exact."""
        exact, rounded = ((FOLDER / name).read_text().splitlines() for name in ("router.py", "router_float.py"))
        lines = difflib.ndiff(exact[exact.index("import json"):], rounded[rounded.index("import json"):])
        self.assertEqual(4, len([line for line in lines if line[0] == "+" and line[2:]]))
        self.errs("router_float.py", 2, "/path/0", "--random", "4", "--shape", "near-tie", "--seed", "2")

    def test_ties_that_go_to_the_later_node(self):
        last = """
def last_of_least(chains):
    best = next(chains)
    for chain in chains:
        if chain[:3] <= best[:3]:
            best = chain
    return best


def hop("""
        source = (FOLDER / "router.py").read_text().replace("\ndef hop(", last)
        self.assertEqual(2, source.count("min(chain("))
        self.write("late.py", source.replace("min(", "last_of_least("))
        self.write("n.json", network([node(name, [0, 1], "2", "3") for name in ("ann", "bob", "cyd")]))
        witness = self.expect(REFUTED, "diff", "n.json", "--candidate", f"{sys.executable} late.py", "--json").json["witness"]
        self.assertEqual(2, len(witness["network"]["nodes"]), witness)

    def test_a_rule_that_draws(self):
        self.errs("petals_max_throughput.py", 2, "/time is", "--random", "4", "--alpha", "0")

    def test_least_time_in_doubles(self):
        """Three costs of which two sums differ by less than doubles tell."""
        cost = {"n0": f"{2**51 + 1}/{2**51}", "n1": f"{2**51 + 1}/{2**51}", "n4": f"{2**52 + 1}/{2**52}"}
        nodes = [node("n0", [0, 1], cost["n0"], "0"), node("n1", [1, 2], cost["n1"], "0"), node("n4", [1, 2], cost["n4"], "0")]
        self.write("n.json", network(nodes, 2, alpha="0"))
        for candidate in ("petals_min_latency.py --whole-ranges", "parallax_dp.py"):
            self.errs(candidate, 3, "/time is", "n.json")
            self.compare(HOLDS, f"{candidate} --exact", "n.json")

    def test_hops_of_more_than_five_seconds_look_alike(self):
        legs = {"to": ["7000", "6000"]}
        self.write("n.json", network([node("ann", [0, 1], "1", "0"), node("bob", [0, 1], "1", "0")], alpha="0", client=legs))
        self.errs("petals_min_latency.py --whole-ranges --exact", 2, "/time is", "n.json")


class CandidatePage(Candidates):
    def test_every_command(self):
        """As a reader types them; python3 is the one that runs this test."""
        shutil.copytree(EXAMPLES, self.folder / "examples")
        (self.folder / "bin").mkdir()
        (self.folder / "bin/python3").symlink_to(sys.executable)
        found = list(commands(PAGE.read_text()))
        self.assertEqual(COMMANDS, len(found))
        path = f"{self.folder / 'bin'}:{os.environ['PATH']}"
        for arguments, code, lines in found:
            with self.subTest(" ".join(arguments)), mock.patch.dict(os.environ, PATH=path):
                answer = self.expect(code, *arguments, timeout=SECONDS_MAX)
                self.assertRegex(answer.out + answer.err, f"^{pattern(lines)}\\Z")

    def test_the_table_counts_lines(self):
        rows = dict(re.findall(r"^\| `(\w+\.py)[^|]*\| ([0-9]+) \|", PAGE.read_text(), re.M))
        self.assertEqual({path.name: str(len(path.read_text().splitlines())) for path in FOLDER.glob("*.py")}, rows)

    def test_the_first_router_is_shown_as_it_is(self):
        self.assertIn(f"```python\n{(FOLDER / 'first_router.py').read_text()}```", PAGE.read_text())


COMMANDS = 14

if __name__ == "__main__":
    main()
