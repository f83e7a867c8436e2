"""The files that the verbs write or leave alone, and the limits of the input's ranges."""
import json
import os
from fractions import Fraction
from pathlib import Path

from harness import BAD_INPUT, HOLDS, REFUTED, UNDECIDED, CommandLine, example, line, main, network, node, pair


class Outputs(CommandLine):
    """Which files are written, where, and which are left alone; a bad output gives a line of FORMAT-6."""

    def test_an_unwritable_output_is_exit_2_and_named(self):
        for verb, option in (("verify", "--certificate"), ("route", "--certificate"), ("pareto", "--certificate"),
                             ("pareto", "--plot"), ("solve", "--prices")):
            with self.subTest(verb=verb, option=option):
                answer = self.expect(BAD_INPUT, verb, example("toy"), option, "none/f")
                self.assertEqual("p2pllm: none/f: cannot be written: No such file or directory\n", answer.err)

    def test_a_directory_is_no_output(self):
        (self.folder / "d").mkdir()
        answer = self.expect(BAD_INPUT, "route", example("toy"), "--certificate", "d")
        self.assertRegex(answer.err, r"^p2pllm: d: cannot be written: .+\n$")
        self.assertEqual(["d"], os.listdir(self.folder))

    def test_an_input_is_never_overwritten(self):
        text = Path(example("toy")).read_text()
        for verb, option in (("verify", "--certificate"), ("route", "--certificate"), ("pareto", "--certificate"),
                             ("pareto", "--plot"), ("solve", "--prices")):
            with self.subTest(verb=verb, option=option):
                self.write("own.json", text)
                answer = self.expect(BAD_INPUT, verb, "own.json", option, "./own.json")
                self.assertEqual("p2pllm: ./own.json: cannot be written: it is an input of this command\n", answer.err)
                self.assertEqual(text, (self.folder / "own.json").read_text())

    def test_two_outputs_are_two_files(self):
        self.expect_bad("f: cannot be written: it is named for two outputs", "pareto", example("toy"), "--plot", "f", "--certificate", "f")
        self.assertEqual([], os.listdir(self.folder))

    def test_a_file_of_another_format_is_told_so(self):
        self.expect(HOLDS, "solve", example("toy"), "--prices", "p.json")
        self.expect_bad('p.json: /format: "p2pllm-prices/1": the format must be "p2pllm-network/1"', "show", "p.json")

    def test_a_picture_of_any_scale_ends(self):
        for prices, costs in ((("1", "1.0000000000000003"), ("2", "1")), (("10000000000000000", "10000000000000004"), ("2", "1")),
                              (("1", "9" * 99 + "e300"), ("2", "1")), (("1", "2"), ("2e-300", "1e-300"))):
            self.write("n.json", pair(prices, costs))
            self.expect(HOLDS, "pareto", "n.json", "--plot", "f.svg")
            picture = (self.folder / "f.svg").read_text()
            self.assertTrue(picture.endswith("</svg>\n"))
            self.assertNotRegex(picture, r"\b(nan|inf)\b")

    def test_no_temporary_stays_behind(self):
        self.expect(HOLDS, "route", example("toy"), "--certificate", "c.json")
        self.assertEqual(["c.json"], os.listdir(self.folder))

    def test_what_is_not_a_file_is_not_replaced_by_one(self):
        os.mkfifo(self.folder / "pipe")
        reader = os.open(self.folder / "pipe", os.O_RDONLY | os.O_NONBLOCK)
        self.addCleanup(os.close, reader)
        self.expect(HOLDS, "route", example("toy"), "--certificate", "pipe")
        self.assertTrue((self.folder / "pipe").is_fifo(), "the named pipe was replaced (as root so is /dev/null)")


class Undecided(CommandLine):
    """A limit gives exit code 3 (FORMAT-6) and no part of an answer (PARETO-3, PRICE-11)."""

    def test_an_epsilon_too_close_for_the_precision_is_undecided(self):
        near = example("seven_equal_2.33")
        regret = self.expect(HOLDS, "verify", near, "--engine", "reference", "--bits-max", "96", "--json").json["groups"][0]["nodes"][0]["regret"]
        digits, exponent = regret["lower"].split("e")
        middle = digits[:-4] + f"{(int(digits[-4:]) + int(regret['upper'].split('e')[0][-4:])) // 2:04d}" + "e" + exponent
        answer = self.expect(UNDECIDED, "verify", near, "--engine", "reference", "--bits-max", "96", "--epsilon", middle)
        self.assertIn("\nundecided: the precision limit left a group open; try --bits-max.\n", answer.out)
        self.assertEqual("undecided", self.expect(UNDECIDED, "verify", near, "--engine", "reference", "--bits-max", "96", "--epsilon", middle, "--json").json["verdict"])
        answer = self.expect(UNDECIDED, "verify", near, "--engine", "reference", "--bits-max", "96", "--epsilon", middle, "--certificate", "c.json")
        self.assertEqual("p2pllm: no evidence written: an undecided verdict proves nothing\n", answer.err)
        self.assertEqual([], os.listdir(self.folder))
        self.assertNotEqual(UNDECIDED, self.run_program("verify", near, "--epsilon", middle).code)

    def test_too_many_labels_is_undecided_and_no_part_of_the_frontier_is_printed(self):
        answer = self.expect(UNDECIDED, "pareto", example("toy"), "--labels-max", "1")
        self.assertEqual("p2pllm: the frontier needs more than the limit of 1 labels; --labels-max raises it\n", answer.err)
        self.assertEqual("", answer.out)
        self.expect(HOLDS, "pareto", example("toy"), "--labels-max", "8")

    def test_a_hundred_million_pairs_of_peers_without_latency_are_routed_by_boundaries(self):
        """ROUTE-7: each layer has one cheapest node, whose number follows from how the file is made."""
        costs = {13: 1, 17: 1, 19998: 1, 19996: 2}
        self.write("n.json", network([node(f"n{k}", [k % 2, k % 2 + 1], costs.get(k, 3), 1) for k in range(20000)], 2))
        answer = self.expect(HOLDS, "route", "n.json", "--json", "--certificate", "c.json")
        self.assertEqual(["n19998", "n13"], answer.json["path"])
        self.assertEqual("2", answer.json["time"])
        self.expect(HOLDS, "check", "c.json", "n.json")


class Progress(CommandLine):
    NODES = 30000  # which take longer than the time before a line is shown, also on a fast machine

    def test_a_terminal_shows_a_line_that_is_cleared_at_the_end(self):
        self.write("n.json", network([node(f"n{k}", [0, 1], f"{10 + k % 97}.{k}", "2.5") for k in range(self.NODES)]))
        seen = self.on_terminal(REFUTED, "verify", "n.json", "--json", "--engine", "reference")
        self.assertRegex(seen, rb"\r\x1b\[Kverifying nodes: \d+ of %d" % self.NODES)
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-80:])
        self.assertNotIn(b"\n", seen)
        self.assertEqual("", self.expect(REFUTED, "verify", "n.json", "--json").err)  # none on a pipe or in a file

    def test_short_work_shows_none_even_on_a_terminal(self):
        self.assertEqual(b"", self.on_terminal(REFUTED, "verify", example("toy")))


class Certificates(CommandLine):
    """The verbs write certificates in FORMAT-5; each is accepted as it is (CERT-1), and for its own inputs alone."""

    CASES = (("route", ("route", example("toy"), "--alpha", "1/4"), HOLDS, "at alpha 1/4 the optimal chain is bob > dee, weight 21/4"),
             ("unreachable", ("route", example("gap")), REFUTED, "no chain crosses boundary 2"),
             ("unreachable", ("pareto", example("gap")), REFUTED, "no chain crosses boundary 2"),
             ("pareto", ("pareto", example("toy")), HOLDS, "the Pareto frontier is exactly the 4 points listed"),
             ("pareto", ("pareto", example("sole_server")), HOLDS, "the Pareto frontier is exactly the 2 points listed"),
             ("equilibrium", ("verify", example("seven_equal"), "--epsilon", "0"), HOLDS,
              "at alpha 1/2 the posted prices are: equilibrium (relative epsilon 0)"),
             ("equilibrium", ("verify", example("seven_equal_2.33")), HOLDS,
              "at alpha 1/2 the posted prices are: epsilon_equilibrium (relative epsilon 1/1000000)"),
             ("equilibrium", ("verify", example("seven_equal_2.33"), "--epsilon", "5e-7"), REFUTED,
              "at alpha 1/2 the posted prices are: refuted (relative epsilon 1/2000000)"),
             ("equilibrium", ("verify", example("toy"), "--absolute", "--epsilon", "0"), REFUTED,
              "at alpha 1/2 the posted prices are: refuted (absolute epsilon 0)"),
             ("equilibrium", ("verify", example("sole_server")), REFUTED,
              "at alpha 1/2 the posted prices are: no_equilibrium (relative epsilon 1/1000000)"))

    def test_a_refutation_by_little_is_certified(self):
        self.write("n.json", pair(prices=("3", "1"), costs=("1", "2")))
        regret = Fraction(json.loads(self.expect(REFUTED, "verify", "n.json", "--json").out)["groups"][0]["nodes"][1]["regret"]["lower"])
        for digits in (8, 12, 16, 20):
            epsilon = regret * (1 - Fraction(1, 10**digits))
            self.expect(REFUTED, "verify", "n.json", "--epsilon", str(epsilon), "--certificate", "c.json")
            self.expect(HOLDS, "check", "c.json", "n.json")

    def test_a_node_that_dominates_beyond_measure_is_a_witness(self):
        for cost in ("1e25", "1e27", "1e33", "1e100", "1e300"):
            self.write("n.json", pair(costs=(cost, "1")))
            answer = self.expect(REFUTED, "verify", "n.json", "--certificate", "c.json")
            self.assertRegex(answer.out, r"refuted: node bob earns at least \S+ more")
            self.expect(HOLDS, "check", "c.json", "n.json")

    def test_what_would_not_be_read_again_is_not_written(self):
        layers = 60
        nodes = [node(f"n{k}", [k, k + 1], f"1/{10**990 + 2 * k + 1}", "1") for k in range(layers)]
        self.write("n.json", network(nodes, layers))
        answer = self.expect(UNDECIDED, "route", "n.json", "--certificate", "c.json")
        self.assertTrue(answer.err.startswith("p2pllm: no certificate written: its numbers are too long: "), answer.err)
        self.assertFalse((self.folder / "c.json").exists())

    def certificate(self, arguments, code):
        self.expect(code, *arguments, "--certificate", "c.json")
        return (self.folder / "c.json").read_text()

    def test_what_a_verb_certifies_the_checker_accepts(self):
        for kind, arguments, code, sentence in self.CASES:
            with self.subTest(arguments):
                self.certificate(arguments, code)
                self.assertEqual(f"accepted: {sentence}\n", self.expect(HOLDS, "check", "c.json", arguments[1]).out)
                found = self.expect(HOLDS, "check", "c.json", arguments[1], "--json").json
                self.assertEqual({"accepted": True, "kind": kind, "claim": sentence, "reason": None}, found)

    def test_one_edit_is_rejected(self):
        edits = ((0, '"weight": "21/4"', '"weight": "5"', "CERT-2: weight: must be that of price and time"),
                 (0, '"path": ["bob", "dee"]', '"path": ["ann", "dee"]', "CERT-2: "),
                 (0, '"alpha": "1/4"', '"alpha": "3/4"', "CERT-2: "),
                 (1, '"blocked_boundary": 2', '"blocked_boundary": 1', "CERT-3: blocked_boundary: "),
                 (1, '"reachable": [0, 2]', '"reachable": [0, 1, 2]', "CERT-3: "),
                 (3, '"class": "unsupported"', '"class": "tie"', "CERT-[45]: "),
                 (3, '"price": "7"', '"price": "6"', "CERT-"),
                 (5, '"verdict": "equilibrium"', '"verdict": "epsilon_equilibrium"', "CERT-[67]: "),
                 (6, '"epsilon": "1/1000000"', '"epsilon": "1/2000000"', "CERT-[67]: "),
                 (6, '"verdict": "epsilon_equilibrium"', '"verdict": "equilibrium"', "CERT-[67]: "),
                 (7, '"gain": "', '"gain": "9', "CERT-[67]: "),
                 (7, '"node": "node1"', '"node": "node2"', None),  # still a witness, by symmetry
                 (9, '"verdict": "no_equilibrium"', '"verdict": "refuted"', "CERT-[67]: "),
                 (9, '"alpha": "1/2"', '"alpha": "3/2"', r"CERT-1: alpha: must lie in \[0, 1\]"))
        for case, old, new, reason in edits:
            _, arguments, code, _ = self.CASES[case]
            with self.subTest(arguments=arguments, new=new):
                text = self.certificate(arguments, code)
                self.assertIn(old, text)
                self.write("edited.json", text.replace(old, new))
                if reason is None:
                    self.expect(HOLDS, "check", "edited.json", arguments[1])
                    continue
                answer = self.expect(REFUTED, "check", "edited.json", arguments[1])
                self.assertRegex(answer.out, f"^rejected: {reason}")
                found = self.expect(REFUTED, "check", "edited.json", arguments[1], "--json").json
                self.assertEqual((False, None), (found["accepted"], found["claim"]))
                self.assertRegex(found["reason"], f"^{reason}")

    def test_a_certificate_is_about_one_network(self):
        self.certificate(("route", example("toy")), HOLDS)
        answer = self.expect(BAD_INPUT, "check", "c.json", example("gap"))
        self.assertRegex(answer.err, r'^p2pllm: c\.json: /network_sha256: "[0-9a-f]{39}\.\.\.: this certificate is about another network; '
                                     r"the one given has [0-9a-f]{64}\n$")

    def test_a_certificate_is_about_one_prices_file(self):
        self.write("n.json", pair())
        self.write("p.json", {"format": "p2pllm-prices/1", "prices": {"ann": 4, "bob": 4}})
        self.write("q.json", {"format": "p2pllm-prices/1", "prices": {"ann": "4", "bob": "4"}})
        self.expect(HOLDS, "verify", "n.json", "--prices", "p.json", "--certificate", "c.json")
        self.expect(HOLDS, "check", "c.json", "n.json", "--prices", "p.json")
        for arguments in (("--prices", "q.json"), ()):
            answer = self.expect(REFUTED, "check", "c.json", "n.json", *arguments)
            self.assertRegex(answer.out, r"^rejected: CERT-1: prices_sha256: .+\n$")
        self.expect(HOLDS, "route", "n.json", "--certificate", "r.json")
        self.assertRegex(self.expect(REFUTED, "check", "r.json", "n.json", "--prices", "p.json").out, r"^rejected: CERT-1: prices")

    def test_a_certificate_names_its_client(self):
        self.write("n.json", line(clients=[{"id": "east", "to": [1, 0]}, {"id": "west", "to": [5, 0]}]))
        self.expect(HOLDS, "route", "n.json", "--client", "east", "--certificate", "c.json")
        self.expect(HOLDS, "check", "c.json", "n.json")
        text = (self.folder / "c.json").read_text()
        self.write("d.json", text.replace('"client": "east"', '"client": "west"'))
        self.expect(REFUTED, "check", "d.json", "n.json")
        self.write("e.json", text.replace('"client": "east"', '"client": "north"'))
        self.assertEqual("rejected: CERT-1: client: the network has none of this id\n", self.expect(REFUTED, "check", "e.json", "n.json").out)


class DefinedAnswers(CommandLine):
    """Inputs at the limits of their ranges (FORMAT-2, FORMAT-3) have defined answers."""

    def answers(self, document, **expected):
        self.write("n.json", document)
        results = {}
        for verb, code in expected.items():
            with self.subTest(verb):
                self.expect(code, verb, "n.json")
                results[verb] = self.expect(code, verb, "n.json", "--json").json
        return results

    def test_alpha_0(self):
        found = self.answers(pair(("1", "9"), ("5", "2"), alpha=0), verify=REFUTED, solve=REFUTED, route=HOLDS)
        self.assertEqual("no_equilibrium", found["verify"]["verdict"])
        self.assertEqual("no_equilibrium", found["solve"]["groups"][0]["verdict"])
        self.assertEqual(["bob"], found["route"]["path"])

    def test_alpha_1(self):
        found = self.answers(pair(("2", "2"), ("5", "3"), alpha=1), verify=HOLDS, solve=HOLDS, route=HOLDS)
        self.assertEqual("equilibrium", found["verify"]["verdict"])  # costs do not matter: n / (a (n - 1)) = 2
        self.assertEqual(["bob"], found["route"]["path"])  # equal weight and price: the faster node

    def test_one_node(self):
        found = self.answers(network([node("ann", [0, 1], 1, 1)]), verify=REFUTED, solve=REFUTED, route=HOLDS, pareto=HOLDS, show=HOLDS)
        self.assertEqual("no_equilibrium", found["verify"]["verdict"])
        self.assertEqual([], found["solve"]["groups"][0]["nodes"])
        self.assertEqual(["0", "1"], found["pareto"]["points"][0]["alpha"])

    def test_price_0(self):
        found = self.answers(pair(("0", "4")), verify=REFUTED, solve=HOLDS, route=HOLDS, pareto=HOLDS)
        self.assertEqual("ann", found["verify"]["witness"]["node"])
        self.assertEqual({"lower": "1", "upper": "1"}, found["verify"]["groups"][0]["nodes"][0]["regret"])
        self.assertEqual("0", found["route"]["price"])
        self.answers(pair(("0", "0")), verify=REFUTED, solve=HOLDS)

    def test_zero_latency_is_no_latency(self):
        with_zeros = self.answers(line(latency=[[0, 0], [0, 0]], client={"to": [0, 0], "from": [0, 0]}), route=HOLDS, pareto=HOLDS)
        without = self.answers(line(), route=HOLDS, pareto=HOLDS)
        self.assertEqual(without["route"]["time"], with_zeros["route"]["time"])
        self.assertEqual(without["pareto"]["points"], with_zeros["pareto"]["points"])

    def test_equal_everything(self):
        nodes = [node(f"n{k}", [k % 2, k % 2 + 1], 3, 4) for k in range(4)]
        found = self.answers(network(nodes, 2), verify=HOLDS, solve=HOLDS, route=HOLDS, pareto=HOLDS, show=HOLDS)
        self.assertEqual("equilibrium", found["verify"]["verdict"])
        self.assertEqual(["n0", "n1"], found["route"]["path"])
        self.assertEqual(1, len(found["pareto"]["points"]))
        self.assertEqual("4", found["show"]["chains"])

    def test_an_empty_network(self):
        empty = network([], 3)
        found = self.answers(empty, verify=HOLDS, solve=HOLDS, route=REFUTED, pareto=REFUTED, show=HOLDS)
        self.assertEqual("equilibrium", found["verify"]["verdict"])
        self.assertEqual([], found["solve"]["groups"])
        self.assertEqual(0, found["route"]["blocked_boundary"])
        self.assertEqual(0, found["pareto"]["blocked_boundary"])
        self.assertEqual((False, "0"), (found["show"]["reachable"], found["show"]["chains"]))
        for verb, code in (("verify", HOLDS), ("route", REFUTED), ("pareto", REFUTED)):
            self.expect(code, verb, "n.json", "--certificate", "c.json")
            self.expect(HOLDS, "check", "c.json", "n.json")

    def test_figures_at_the_limits_of_the_format(self):
        for more in ({"temperature": "1e300", "scales": {"price": "1e300"}}, {"temperature": "1e-300", "scales": {"price": "1e-300"}},
                     {"alpha": "1e-300"}, {"scales": {"cost": "1e-300"}}, {"scales": {"cost": "1e300", "price": "1e-300"}}):
            for prices, costs in ((("1", "2"), ("1", "2")), (("1e300", "1e-300"), ("1e300", "1e-300")), (("0", "1e300"), ("1e-300", "1e300"))):
                self.write("n.json", pair(prices, costs, **more))
                for arguments in (("verify",), ("verify", "--epsilon", "0", "--absolute"), ("solve",), ("solve", "--bits", "2048"), ("route",),
                                  ("pareto",), ("show",)):
                    for form in ((), ("--json",)):
                        with self.subTest(more=more, prices=prices, costs=costs, arguments=arguments, form=form):
                            answer = self.run_program(arguments[0], "n.json", *arguments[1:], *form)
                            self.assertNotEqual(BAD_INPUT, answer.code)

    def test_solved_prices_at_the_limits_of_the_format_can_be_read_back(self):
        self.write("n.json", pair(("1", "2"), ("1", "2"), temperature="1e300", scales={"price": "1e300", "cost": "1e-300"}))
        self.expect(HOLDS, "solve", "n.json", "--bits", "2048", "--prices", "p.json")
        self.expect(HOLDS, "verify", "n.json", "--prices", "p.json")


if __name__ == "__main__":
    main()
