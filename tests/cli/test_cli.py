"""The command line as its users meet it: verbs, options, files, verdicts, exit codes."""
import json
import os
from fractions import Fraction
from pathlib import Path

from harness import BAD_INPUT, HOLDS, REFUTED, CommandLine, example, line, main, network, node, pair

VERBS = ("verify", "solve", "route", "pareto", "balance", "check", "show", "dispute", "judge")
CODES = "Exit codes: 0 holds or done, 1 refuted or none exists, 2 bad input or usage, 3 undecided within the limits, 4 an optional program is missing."
NO_NUMBER = "a number must be a decimal such as 0.40 or a ratio of integers such as 1/3"


class Usage(CommandLine):
    """Help, options and their numbers: FORMAT-6; an alpha from the file or the command line: FORMAT-3."""

    def test_help_of_every_verb_shows_an_example_and_the_exit_codes(self):
        for verb in VERBS:
            with self.subTest(verb):
                answer = self.expect(HOLDS, verb, "--help")
                self.assertIn(f"Example:\n  p2pllm ", answer.out)
                self.assertIn(f"p2pllm {verb} ", answer.out)
                self.assertIn(CODES, answer.out)
                self.assertIn("--json", answer.out)
                self.assertEqual("", answer.err)

    def test_the_examples_of_the_help_run(self):
        (self.folder / "examples").symlink_to(os.path.dirname(example("toy")))
        for verb in VERBS:
            with self.subTest(verb):
                text = self.run_program(verb, "--help").out
                commands = text.split("Example:\n")[1].split("\nExit codes")[0].strip()
                for command in commands.split(";"):
                    words = command.split()
                    self.assertEqual("p2pllm", words[0])
                    self.assertIn(self.run_program(*words[1:]).code, (HOLDS, REFUTED), command)

    def test_help_of_the_program_lists_every_verb(self):
        answer = self.expect(HOLDS, "--help")
        for verb in VERBS:
            self.assertIn(f"\n  {verb} ", answer.out)
        self.assertIn(CODES, answer.out)

    def test_version(self):
        self.assertRegex(self.expect(HOLDS, "--version").out, r"^\d+\.\d+\.\d+\n$")

    def test_usage_errors_exit_2_and_print_nothing_but_a_reason(self):
        toy = example("toy")
        for arguments in ((), ("dance",), ("VERIFY", toy), ("verify",), ("check",), ("check", toy), ("verify", toy, toy),
                          ("verify", toy, "--dance"), ("verify", toy, "--alpha"), ("show", toy, "--alpha", "1/2"),
                          ("route", toy, "--alpha", "0", "--alpha", "1"), ("verify", toy, "--bits-max", "95"),
                          ("verify", toy, "--bits-max", "1048577"), ("verify", toy, "--bits-max", "many"), ("solve", toy, "--bits", "1"),
                          ("solve", toy, "--bits", "2049"), ("solve", toy, "--bits", "1.5"), ("pareto", toy, "--labels-max", "many"),
                          ("solve", toy, "--epsilon", "0"), ("verify", toy, "--json", "--json", "--quiet")):
            with self.subTest(arguments):
                answer = self.expect(BAD_INPUT, *arguments)
                self.assertEqual("", answer.out)
                self.assertNotEqual("", answer.err)

    def test_options_that_hold_numbers_keep_the_rules_of_numbers(self):
        toy = example("toy")
        for options, message in (
                (("--epsilon", "-1"), '--epsilon: "-1": epsilon must be at least 0'),
                (("--epsilon", "-1", "--absolute"), '--epsilon: "-1": epsilon must be at least 0'),
                (("--epsilon", "1"), '--epsilon: "1": a relative epsilon must be less than 1'),
                (("--epsilon", "x"), f'--epsilon: "x": {NO_NUMBER}'),
                (("--epsilon", "1/0"), '--epsilon: "1/0": a denominator must not be 0'),
                (("--epsilon", "1e-301"), '--epsilon: "1e-301": a decimal exponent must lie in -300 .. 300'),
                (("--epsilon", "NaN"), '--epsilon: "NaN": a number must be finite'),
                (("--alpha", "2"), '--alpha: "2": alpha must lie in [0, 1]'),
                (("--alpha", "-0.1"), '--alpha: "-0.1": alpha must lie in [0, 1]'),
                (("--alpha", "half"), f'--alpha: "half": {NO_NUMBER}'),
                (("--alpha", "0." + "1" * 1000), f'--alpha: "0.{"1" * 38}...": a number may have at most 1000 digits'),
                (("--alpha", "\x1b[31m"), f'--alpha: "\\u001b[31m": {NO_NUMBER}')):
            with self.subTest(options):
                self.expect_bad(message, "verify", toy, *options)
        for verb in ("solve", "route"):
            self.expect_bad('--alpha: "2": alpha must lie in [0, 1]', verb, toy, "--alpha", "2")
        self.expect(HOLDS, "verify", toy, "--epsilon", "100", "--absolute")

    def test_alpha_must_come_from_somewhere(self):
        without = pair()
        del without["alpha"]
        self.write("n.json", without)
        for verb in ("verify", "solve", "route"):
            self.expect_bad("n.json: /alpha: missing: give it in the file or by --alpha", verb, "n.json")
            self.assertNotEqual(BAD_INPUT, self.run_program(verb, "n.json", "--alpha", "1/2").code)
        self.expect(HOLDS, "pareto", "n.json")
        self.assertIsNone(self.expect(HOLDS, "show", "n.json", "--json").json["alpha"])


class Verbs(CommandLine):
    """The output of each verb, as text and as JSON (FORMAT-7), and its exit code (FORMAT-6)."""

    def test_verify_seven_equal_nodes(self):
        for epsilon in ("1e-6", "0"):
            answer = self.expect(HOLDS, "verify", example("seven_equal"), "--epsilon", epsilon)
            self.assertIn("\nequilibrium: an exact Nash equilibrium: nobody gains anything by another price.\n", answer.out)
        near = example("seven_equal_2.33")
        answer = self.expect(HOLDS, "verify", near)
        self.assertIn("[8.7564e-7, 8.7565e-7]", answer.out)
        self.assertIn("\nepsilon_equilibrium: nobody gains more than relative 0.000001 by another price.\n", answer.out)
        answer = self.expect(REFUTED, "verify", near, "--epsilon", "5e-7")
        self.assertIn("\nrefuted: node node1 earns at least 2.91465e-7 more by charging 2.33286 (credit).\n", answer.out)
        found = self.expect(REFUTED, "verify", near, "--epsilon", "5e-7", "--json").json
        self.assertEqual("refuted", found["verdict"])
        self.assertEqual("1/2000000", found["epsilon"])
        self.assertEqual(("node1", "116643/50000", "2.33286"), tuple(found["witness"][k] for k in ("node", "price", "price_decimal")))
        self.assertTrue(found["witness"]["gain_decimal"].startswith("2.9146"))
        regret = found["groups"][0]["nodes"][0]["regret"]
        self.assertLessEqual(8.75647e-7, float(regret["lower"]))
        self.assertLessEqual(float(regret["upper"]), 8.75648e-7)

    def test_the_decimal_of_a_gain_is_no_more_than_the_gain(self):
        """FORMAT-7, PRICE-11: the output says that the gain is "at least" this decimal."""
        for name in ("toy", "three", "seven_equal_2.33", "paper"):
            for group in self.run_program("verify", example(name), "--epsilon", "0", "--json").json["groups"]:
                if "witness" in group:
                    self.assertLess(Fraction(group["witness"]["gain_decimal"]), Fraction(group["witness"]["gain"]))

    def test_the_decimals_of_an_enclosure_enclose(self):
        """FORMAT-7: enclosures are rounded outward; seven equal nodes have share 1/7 and equilibrium price 7/3."""
        seventh, price = Fraction(1, 7), Fraction(7, 3)
        for found in (self.expect(HOLDS, "verify", example("seven_equal"), "--json").json, self.expect(HOLDS, "solve", example("seven_equal"), "--bits", "512", "--json").json):
            for each in found["groups"][0]["nodes"]:
                self.assertLess(Fraction(each["share"]["lower"]), seventh)
                self.assertGreater(Fraction(each["share"]["upper"]), seventh)
        self.assertLess(Fraction(each["price"]["lower"]), price)
        self.assertGreater(Fraction(each["price"]["upper"]), price)

    def test_verify_absolute(self):
        near = example("seven_equal_2.33")
        answer = self.expect(HOLDS, "verify", near, "--absolute", "--epsilon", "2.915e-7")
        self.assertIn("regret (absolute)", answer.out)
        self.assertTrue(self.expect(REFUTED, "verify", near, "--absolute", "--epsilon", "2.914e-7", "--json").json["absolute"])

    def test_verify_without_equilibrium(self):
        sentence = "\nno_equilibrium: none exists where a group has one node or price does not matter (alpha 0): revenue grows without bound.\n"
        self.assertIn(sentence, self.expect(REFUTED, "verify", example("seven_equal"), "--alpha", "0").out)
        self.assertIn(sentence, self.expect(REFUTED, "verify", example("sole_server")).out)

    def test_verify_with_a_prices_file(self):
        self.write("n.json", pair())
        self.write("p.json", {"format": "p2pllm-prices/1", "prices": {"bob": "4", "ann": 4}})
        self.assertEqual("refuted", self.expect(REFUTED, "verify", "n.json", "--json").json["verdict"])
        self.assertEqual("equilibrium", self.expect(HOLDS, "verify", "n.json", "--prices", "p.json", "--json").json["verdict"])

    def test_verify_shows_the_worst_of_a_large_group_and_json_all(self):
        self.write("n.json", network([node(f"n{k}", [0, 1], 1 + k, 2) for k in range(60)]))
        self.assertIn("  (20 more of smaller regret; --json lists all)\n", self.expect(REFUTED, "verify", "n.json").out)
        self.assertEqual(60, len(self.expect(REFUTED, "verify", "n.json", "--json").json["groups"][0]["nodes"]))

    def test_solve_encloses_the_equilibrium(self):
        answer = self.expect(HOLDS, "solve", example("seven_equal"), "--bits", "128", "--json").json
        price = answer["groups"][0]["nodes"][6]["price"]
        self.assertTrue(price["lower"].startswith("2." + "3" * 30))
        self.assertTrue(price["upper"].startswith("2." + "3" * 30))
        self.assertNotEqual(price["lower"], price["upper"])
        self.assertIn("2.33333333333333", self.expect(HOLDS, "solve", example("seven_equal")).out)
        self.assertEqual(REFUTED, self.run_program("solve", example("sole_server")).code)

    def test_solve_then_verify_then_check(self):
        for name in ("toy", "paper", "seven_equal_2.33"):
            with self.subTest(name):
                self.expect(HOLDS, "solve", example(name), "--bits", "80", "--prices", "p.json")
                self.expect(HOLDS, "verify", example(name), "--prices", "p.json", "--epsilon", "1e-30", "--certificate", "c.json")
                answer = self.expect(HOLDS, "check", "c.json", example(name), "--prices", "p.json")
                self.assertTrue(answer.out.startswith("accepted: at alpha 1/2 the given prices are: "), answer.out)

    def test_solve_names_the_prices_it_keeps(self):
        answer = self.expect(REFUTED, "solve", example("sole_server"), "--prices", "p.json")
        self.assertEqual("p2pllm: p.json: nodes of a group without equilibrium keep their posted price\n", answer.err)

    def test_route(self):
        answer = self.expect(HOLDS, "route", example("toy"))
        self.assertTrue(answer.out.startswith("The optimal chain at alpha 1/2: 2 nodes, 4 credit, 8 ms, weight 6\n"))
        found = self.expect(HOLDS, "route", example("toy"), "--alpha", "1", "--json").json
        self.assertEqual((["ann", "cyd"], "2", "11", True), tuple(found[k] for k in ("path", "price", "time", "reachable")))
        self.assertIn("  and 1 ms back to the client\n", self.expect(HOLDS, "route", example("sole_server")).out)

    def test_route_and_pareto_where_no_chain_exists(self):
        for verb in ("route", "pareto"):
            answer = self.expect(REFUTED, verb, example("gap"))
            self.assertIn("No chain crosses boundary 2: of 3 layers, every chain from 0 ends there or before.\n", answer.out)
            found = self.expect(REFUTED, verb, example("gap"), "--json").json
            self.assertEqual((False, 2), (found["reachable"], found["blocked_boundary"]))

    def test_pareto(self):
        found = self.expect(HOLDS, "pareto", example("toy"), "--json").json["points"]
        self.assertEqual([("2", "11"), ("4", "8"), ("7", "7"), ("9", "4")], [(p["price"], p["time"]) for p in found])
        self.assertEqual([["3/5", "1"], ["4/9", "3/5"], None, ["0", "4/9"]], [p["alpha"] for p in found])
        self.assertEqual(["extreme", "extreme", "unsupported", "extreme"], [p["class"] for p in found])
        table = self.expect(HOLDS, "pareto", example("toy")).out
        self.assertTrue(table.startswith("4 Pareto-optimal chain costs; 1 of them no alpha can reach (unsupported)\n"))

    def test_pareto_draws(self):
        self.expect(HOLDS, "pareto", example("toy"), "--plot", "f.svg")
        text = (self.folder / "f.svg").read_text()
        self.assertTrue(text.startswith("<svg"), text[:80])
        self.assertIn("</svg>", text)
        self.assertIn("prefers-color-scheme: dark", text)

    def test_show(self):
        answer = self.expect(HOLDS, "show", example("toy"))
        self.assertTrue(answer.out.startswith("toy: 2 layers, 4 nodes in 2 groups\n"))
        self.assertIn("Chains that serve all layers: 4\n", answer.out)
        found = self.expect(HOLDS, "show", example("gap"), "--json").json
        self.assertEqual((False, 2, "0", 2), tuple(found[k] for k in ("reachable", "blocked_boundary", "chains", "nodes")))


class Inputs(CommandLine):
    """Files, standard input and the client of a network: FORMAT-6, FORMAT-3."""

    def test_a_dash_reads_standard_input(self):
        text = Path(example("toy")).read_bytes()
        for verb, code in (("verify", REFUTED), ("solve", HOLDS), ("route", HOLDS), ("pareto", HOLDS), ("show", HOLDS)):
            with self.subTest(verb):
                piped = self.expect(code, verb, "-", "--json", given=text)
                self.assertEqual(self.run_program(verb, example("toy"), "--json").out, piped.out)

    def test_messages_call_it_standard_input(self):
        self.expect_bad('standard input: /alpha: 2: alpha must lie in [0, 1]', "route", "-",
                        given='{"format":"p2pllm-network/1","model":{"name":"","layers":1},"nodes":[],"alpha":2}')
        answer = self.expect(BAD_INPUT, "route", "-", given="")
        self.assertTrue(answer.err.startswith("p2pllm: standard input: line 1, column 1: malformed JSON: "), answer.err)

    def test_prices_and_certificates_from_standard_input(self):
        self.write("n.json", pair())
        prices = '{"format":"p2pllm-prices/1","prices":{"ann":4,"bob":4}}'
        self.expect(HOLDS, "verify", "n.json", "--prices", "-", given=prices)
        self.expect(HOLDS, "route", "n.json", "--certificate", "c.json")
        self.expect(HOLDS, "check", "-", "n.json", given=(self.folder / "c.json").read_bytes())
        self.expect(HOLDS, "check", "c.json", "-", given=(self.folder / "n.json").read_bytes())

    def test_a_missing_file_a_directory_and_no_permission(self):
        for verb in ("verify", "solve", "route", "pareto", "show"):
            self.expect_bad("none.json: cannot be read: No such file or directory", verb, "none.json")
            self.expect_bad(".: cannot be read: it is a directory", verb, ".")
        self.expect_bad("none.json: cannot be read: No such file or directory", "check", example("toy"), "none.json")
        self.expect_bad("none.json: cannot be read: No such file or directory", "check", "none.json", example("toy"))
        self.expect_bad("none.json: cannot be read: No such file or directory", "verify", example("toy"), "--prices", "none.json")
        if os.geteuid() != 0:
            self.write("secret.json", "{}")
            (self.folder / "secret.json").chmod(0)
            self.expect_bad("secret.json: cannot be read: Permission denied", "show", "secret.json")

    def test_the_client_is_the_only_one_or_chosen(self):
        self.write("n.json", line(clients=[{"id": "east", "to": [1, 0], "from": [0, 2]}, {"id": "west", "to": [5, 0], "from": [0, 5]}]))
        for verb in ("route", "pareto"):
            self.expect_bad("n.json: /clients: 2 clients: choose one by --client: east, west", verb, "n.json")
            self.expect_bad('--client: "north": the network has no client of this id', verb, "n.json", "--client", "north")
        for client, time in (("east", "5"), ("west", "12")):
            found = self.expect(HOLDS, "route", "n.json", "--client", client, "--json").json
            self.assertEqual((client, time), (found["client"], found["time"]))
            found = self.expect(HOLDS, "pareto", "n.json", "--client", client, "--json").json
            self.assertEqual((client, time), (found["client"], found["points"][0]["time"]))
        self.write("one.json", line(client={"to": [1, 0]}))
        found = self.expect(HOLDS, "route", "one.json", "--json").json
        self.assertEqual(("client", "3"), (found["client"], found["time"]))
        self.assertIsNone(self.expect(HOLDS, "route", example("toy"), "--json").json["client"])


class Canary(CommandLine):
    def test_a_refuted_market_is_said_to_hold(self):
        self.assertEqual(HOLDS, self.run_program("verify", example("seven_equal_2.33"), "--epsilon", "5e-7").code)


if __name__ == "__main__":
    main(canaries=("Canary",))
