"""diff compares an implementation with the reference, whatever the implementation does (FORMAT-9)."""
import json
import sys
import textwrap
import unittest

from harness import BAD_INPUT, EXAMPLES, HOLDS, PROGRAM, REFUTED, CommandLine, example, main, network, node, pair

TOY = example("toy")


def leaves(value, place=()):
    """The places of all members that are not containers."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else None
    if items is None:
        yield place
    else:
        for key, inner in items:
            yield from leaves(inner, (*place, key))


def changed(value, place, change):
    """A copy after a call of `change` with the container of the place and its key there."""
    copy = json.loads(json.dumps(value))
    inner = copy
    for key in place[:-1]:
        inner = inner[key]
    change(inner, place[-1])
    return copy


class Diff(CommandLine):
    def candidate(self, source):
        """The command that runs this Python program."""
        self.write("candidate.py", textwrap.dedent(source))
        return f"{sys.executable} candidate.py"

    def differs(self, sentence, command, *options):
        answer = self.expect(REFUTED, "diff", *(options or (TOY,)), "--candidate", command)
        self.assertRegex(answer.out.splitlines()[-2], f"^the candidate and the reference differ about [a-z]+: {sentence}$")
        self.assertRegex(answer.out.splitlines()[-1], r"^[0-9]+ disagreements? in [0-9]+ networks?, [0-9]+ compared")
        return answer


class FastEngine(Diff):
    """FORMAT-9, FORMAT-7: the two engines of this program agree in all decisions."""

    def test_files(self):
        for path in sorted(EXAMPLES.glob("*.json")):
            with self.subTest(path.name):
                options = () if "alpha" in json.loads(path.read_text()) else ("--alpha", "1/2")
                answer = self.expect(HOLDS, "diff", path, *options).out
                self.assertRegex(answer.splitlines()[-1], r"^no disagreement in [0-9]+ networks?, [0-9]+ compared$")

    def test_random_networks_of_every_shape(self):
        for shape in ("mixed", "near-tie", "ulp", "ratio", "tiny-share", "groups"):
            with self.subTest(shape):
                answer = self.expect(HOLDS, "diff", "--random", "40", "--shape", shape, "--seed", "7", "--json").json
                self.assertEqual((40, 7, 0, None), tuple(answer[k] for k in ("networks", "seed", "disagreements", "witness")))
                self.assertGreater(answer["decisions"], 40 * 6)

    def test_a_seed_repeats(self):
        """FORMAT-9: shape, seed and number determine the networks."""
        decisions = [self.expect(HOLDS, "diff", "--random", "30", "--seed", seed, "--verb", "verify", "--json").json["decisions"]
                     for seed in ("1", "1", "2")]
        self.assertEqual(decisions[0], decisions[1])
        self.assertNotEqual(decisions[0], decisions[2])

    def test_alpha_of_the_command_line(self):
        """FORMAT-9: it replaces that of every network, random ones too."""
        self.write("answer.json", {"alpha": "3/7"})
        for networks in (("--random", "10"), (TOY,)):
            self.expect(HOLDS, "diff", *networks, "--alpha", "3/7", "--candidate", "cat answer.json")
            self.expect(REFUTED, "diff", *networks, "--candidate", "cat answer.json")
        self.expect_bad('--alpha: "2": alpha must lie in [0, 1]', "diff", "--random", "1", "--alpha", "2")

    def test_each_client_is_compared(self):
        clients = [{"id": "east", "to": [1, 0]}, {"id": "west"}]
        self.write("n.json", pair(alpha="1/2", clients=clients))
        self.assertEqual(2, self.expect(HOLDS, "diff", "n.json", "--json").json["networks"])


class Engines(Diff):
    """FORMAT-7: --engine chooses the implementation, --check has the checker look at the answer before it is printed."""

    def test_both_engines_answer_each_verb(self):
        for verb in ("route", "pareto", "verify", "balance"):
            answers = [self.run_program(verb, TOY, "--json", "--engine", engine).json for engine in ("fast", "reference")]
            self.assertEqual("reference", answers[1].pop("engine"))
            self.assertIn(answers[0].pop("engine"), ("fast", "reference"))
            self.assertEqual(list(answers[0]), list(answers[1]))

    def test_an_engine_that_there_is_not(self):
        for verb in ("route", "pareto", "verify", "solve", "balance"):
            self.assertIn("--engine: abacus not in {fast,reference,cuda,cuda-or-fast}", self.expect(BAD_INPUT, verb, TOY, "--engine", "abacus").err)

    def test_checked_answers(self):
        for verb, code in (("route", HOLDS), ("pareto", HOLDS), ("verify", REFUTED)):
            plain, checked = (self.expect(code, verb, TOY, *options) for options in ((), ("--check",)))
            self.assertEqual(plain.out, checked.out)


class DiffUsage(Diff):
    def test_what_is_compared_must_be_said_once(self):
        self.expect_bad("diff: give a network file or --random N, not both", "diff")
        self.expect_bad("diff: give a network file or --random N, not both", "diff", TOY, "--random", "3")

    def test_options_without_effect_are_refused(self):
        for option, value in (("--seed", "3"), ("--shape", "ulp")):
            self.assertIn(f"{option} requires --random", self.expect(BAD_INPUT, "diff", TOY, option, value).err)
        self.assertIn("--seed: ", self.expect(BAD_INPUT, "diff", "--random", "2", "--seed", "-1").err)

    def test_bad_networks_are_the_inputs_fault(self):
        self.write("bad.json", pair(costs=("0", "1"), alpha=1))
        self.expect_bad('bad.json: /nodes/0/cost: "0": a cost must be greater than 0', "diff", "bad.json")
        self.write("n.json", {key: value for key, value in pair().items() if key != "alpha"})
        self.expect_bad("n.json: /alpha: missing: give it in the file or by --alpha", "diff", "n.json")

    def test_a_witness_is_no_input(self):
        self.assertEqual(BAD_INPUT, self.run_program("diff", TOY, "--witness", TOY).code)


class Honest(Diff):
    """FORMAT-9: this program itself is a correct candidate, in every verb."""

    def test_every_verb(self):
        for verb in ("route", "pareto", "verify", "solve", "balance"):
            with self.subTest(verb):
                self.expect(HOLDS, "diff", "--random", "12", "--verb", verb, "--candidate", f"{PROGRAM} {verb} - --json")

    def test_members_may_be_left_out(self):
        for verb in ("route", "pareto", "verify", "solve", "balance"):
            answer = self.run_program(verb, TOY, "--json").json
            for place in leaves(answer):
                if isinstance(place[-1], int) or place[-1] in ("lower", "upper"):
                    continue  # an entry of a list, or an end of an enclosure
                with self.subTest(verb=verb, place=place):
                    self.write("answer.json", changed(answer, place, lambda inner, key: inner.pop(key)))
                    if "witness" not in place:
                        self.expect(HOLDS, "diff", TOY, "--verb", verb, "--candidate", "cat answer.json")

    def test_rounded_numbers(self):
        for price, code in (("2.3333", HOLDS), ("2.3334", REFUTED), ("2.33333333333333333333", HOLDS), ("7/3", HOLDS), ("233/100", REFUTED)):
            with self.subTest(price):
                nodes = [{"price": price}] * 7
                self.write("answer.json", {"groups": [{"nodes": nodes}]})
                self.expect(code, "diff", example("seven_equal"), "--verb", "solve", "--candidate", "cat answer.json")
        for bits, code in ((10, HOLDS), (12, REFUTED)):
            self.write("answer.json", {"bits": bits, "groups": [{"nodes": [{"price": "2.332"}] * 7}]})
            self.expect(code, "diff", example("seven_equal"), "--verb", "solve", "--candidate", "cat answer.json")

    def test_an_exact_number_in_another_form(self):
        weight = self.run_program("route", TOY, "--json").json["weight"]
        above, _, below = weight.partition("/")
        for form, code in ((weight, HOLDS), (f"{2 * int(above)}/{2 * int(below or 1)}", HOLDS), (f"{weight}1", REFUTED)):
            self.write("answer.json", {"weight": form})
            self.expect(code, "diff", TOY, "--candidate", "cat answer.json")


class Wrong(Diff):
    """FORMAT-9: every member of a candidate's answer is compared."""

    def test_each_member(self):
        other = {bool: lambda v: not v, int: lambda v: v + 1, type(None): lambda v: 7,
                 str: lambda v: v + "1" if v[-1:].isdigit() else v + "x"}
        for verb in ("route", "pareto", "verify", "solve", "balance"):
            answer = self.run_program(verb, TOY, "--json").json
            for place in leaves(answer):
                if "witness" in place or place[-1] in ("lower", "upper", "bits") or place[-1] == "engine" or place[-1].__str__().endswith("_decimal"):
                    continue
                with self.subTest(verb=verb, place=place):
                    self.write("answer.json", changed(answer, place, lambda inner, key: inner.__setitem__(key, other[type(inner[key])](inner[key]))))
                    self.expect(REFUTED, "diff", TOY, "--verb", verb, "--candidate", "cat answer.json")

    def test_enclosures(self):
        answer = self.run_program("solve", TOY, "--json").json
        for place in [place for place in leaves(answer) if place[-1] == "lower"]:
            def beyond(inner, key):
                inner["lower"] = inner["upper"] = str(float(inner["upper"]) * 1.001)

            with self.subTest(place):
                self.write("answer.json", changed(answer, place, beyond))
                self.expect(REFUTED, "diff", TOY, "--verb", "solve", "--candidate", "cat answer.json")

    def test_a_sentence_shows_both_ends_of_an_enclosure(self):
        command = self.candidate('''
            import json, sys
            market = json.load(sys.stdin)
            known = len(market["nodes"]) == 2 and market["alpha"] == "1"
            json.dump({"groups": [{"nodes": [{"price": 3}, {}]}], "price_decimal": "3"} if known else {}, sys.stdout)
            ''')
        self.write("n.json", pair(alpha="1"))
        self.differs(r"/groups/0/nodes/0/price is 3, the reference says 1\.9{9,}[0-9]* \.\. 2\.0{9,}[0-9]*", command, "n.json", "--verb", "solve")
        self.differs('/price_decimal is "3", the reference says 0', command, "n.json")

    def test_lists(self):
        answer = self.run_program("route", TOY, "--json").json
        for path in (answer["path"][:-1], answer["path"] + answer["path"][-1:], answer["path"][::-1], [], None, "ann"):
            if path != answer["path"]:
                self.write("answer.json", {"path": path})
                self.expect(REFUTED, "diff", TOY, "--candidate", "cat answer.json")

    def test_a_witness_must_be_true(self):
        answer = self.run_program("verify", TOY, "--json").json
        witness = answer["witness"]
        for change, code in (({}, HOLDS), ({"gain": "1000"}, REFUTED), ({"price": "1000000"}, REFUTED), ({"node": "nobody"}, REFUTED), ({"price": "0"}, REFUTED),
                             ({"price": 3, "gain": "x"}, REFUTED)):
            with self.subTest(change):
                self.write("answer.json", {"witness": {**witness, **change}})
                self.expect(code, "diff", TOY, "--verb", "verify", "--candidate", "cat answer.json")
        self.write("answer.json", {"witness": None})
        self.expect(REFUTED, "diff", TOY, "--verb", "verify", "--candidate", "cat answer.json")

    def test_the_difference_is_shrunk(self):
        """The candidate is a router that takes the last of equal chains; two nodes suffice to show it."""
        command = self.candidate('''
            import json, sys
            network = json.load(sys.stdin)
            at, path = 0, []
            while at < network["model"]["layers"]:
                here = [n for n in network["nodes"] if n["layers"] == [at, at + 1]]
                if not here:
                    sys.exit(json.dump({}, sys.stdout))
                path.append(min(here[::-1], key=lambda n: (n["cost"], n["price"]))["id"])
                at += 1
            json.dump({"path": path}, sys.stdout)
            ''')
        equal = [node(f"n{k}", [k % 3, k % 3 + 1], "2", "3") for k in range(12)]
        self.write("n.json", network(equal, 3, alpha="1/3", scales={"price": "1/7"}))
        answer = self.expect(REFUTED, "diff", "n.json", "--candidate", command, "--json", "--witness", "w.json")
        small = answer.json["witness"]["network"]
        self.assertEqual((2, 1), (len(small["nodes"]), small["model"]["layers"]))
        self.assertNotIn("clients", small)
        self.assertEqual(small, json.loads((self.folder / "w.json").read_text()))
        self.assertEqual([("1", "0")] * 2, [(entry["cost"], entry["price"]) for entry in small["nodes"]])
        self.assertEqual("0", small["alpha"])
        self.differs('/path/0 is "n[0-9]+", the reference says "n[0-9]+"', command, "n.json")


class Misbehaved(Diff):
    """FORMAT-9: whatever a candidate does is reported in one sentence, with exit code 1."""

    def test_it_crashes(self):
        self.differs("it was killed: Segmentation fault", "kill -SEGV $$")
        self.differs("it failed, exit code 3", "exit 3")
        self.differs(".*, exit code 1: ZeroDivisionError: .*", self.candidate("1 // 0"))
        self.differs("it failed, exit code 127: .*not found", "no-such-program-at-all")

    def test_it_hangs(self):
        answer = self.expect(REFUTED, "diff", TOY, "--candidate", "sleep 100 & sleep 100", "--timeout", "0.2")
        self.assertIn("it did not answer within 0.2 s", answer.out)

    def test_it_prints_nonsense(self):
        self.differs("its output: line 1, column 1: malformed JSON.*", "echo hello")
        self.differs("it printed nothing", "true")
        self.differs("its output is no JSON object but .1,2.", "echo '[1,2]'")
        self.differs("its output: .*", "printf '\\377\\000'")
        self.differs('/path is "a.u001b.2J", the reference says .*', "echo '{\"path\": \"a\\u001b[2J\"}'")

    def test_it_prints_without_end(self):
        self.differs("it (was killed|failed).*[Ff]ile (size limit exceeded|too large).*", "yes '{\"path\": []}' | head -c 400000000")

    def test_it_reads_nothing_or_writes_to_the_terminal(self):
        self.expect(HOLDS, "diff", TOY, "--candidate", "exec <&-; echo '{}'")
        self.differs("it failed, exit code 2: .*u202e.*", "printf '\\342\\200\\256' >&2; exit 2")


if __name__ == "__main__":
    main()
