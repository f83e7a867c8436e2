"""The command line as its user meets it: verbs, options, files, verdicts, exit codes."""
import json
import os
import pty
import select
import subprocess
from fractions import Fraction
from pathlib import Path

from harness import (BAD_INPUT, HOLDS, PROGRAM, REFUTED, UNDECIDED, CommandLine, example, limit_memory, line, main, network, node, pair)

VERBS = ("verify", "solve", "route", "pareto", "balance", "check", "show")
CODES = "Exit codes: 0 holds or done, 1 refuted or none exists, 2 bad input or usage, 3 undecided within the limits."
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
                (("--epsilon", ""), f'--epsilon: "": {NO_NUMBER}'),
                (("--epsilon", "1/0"), '--epsilon: "1/0": a denominator must not be 0'),
                (("--epsilon", "1e-301"), '--epsilon: "1e-301": a decimal exponent must lie in -300 .. 300'),
                (("--epsilon", "NaN"), '--epsilon: "NaN": a number must be finite'),
                (("--alpha", "2"), '--alpha: "2": alpha must lie in [0, 1]'),
                (("--alpha", "-0.1"), '--alpha: "-0.1": alpha must lie in [0, 1]'),
                (("--alpha", "half"), f'--alpha: "half": {NO_NUMBER}'),
                (("--alpha", "0." + "1" * 1000), f'--alpha: "0.{"1" * 38}...": a number may have at most 1000 digits'),
                (("--alpha", "\x1b[31m"), f'--alpha: "?[31m": {NO_NUMBER}')):
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
    """What each verb says, as text, as JSON (FORMAT-7) and by its exit code (FORMAT-6)."""

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
        """A gain is "at least": FORMAT-7, PRICE-11."""
        for name in ("toy", "three", "seven_equal_2.33", "paper"):
            for group in self.run_program("verify", example(name), "--epsilon", "0", "--json").json["groups"]:
                if "witness" in group:
                    self.assertLess(Fraction(group["witness"]["gain_decimal"]), Fraction(group["witness"]["gain"]))

    def test_the_decimals_of_an_enclosure_enclose(self):
        """Enclosures are rounded outward, FORMAT-7: seven equal nodes have the share 1/7 and the equilibrium price 7/3."""
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


class Outputs(CommandLine):
    """What is written, where, and what is left alone; bad outputs are lines of FORMAT-6."""

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

    def test_a_full_disk_under_standard_output_is_not_success(self):
        with open("/dev/full", "wb") as full:
            done = subprocess.run([PROGRAM, "show", example("toy")], stdout=full, stderr=subprocess.PIPE, timeout=60)
        self.assertNotEqual(HOLDS, done.returncode)
        self.assertNotEqual(b"", done.stderr)


class Undecided(CommandLine):
    """Limits give exit 3 (FORMAT-6) and no part of an answer (PARETO-3, PRICE-11)."""

    def test_an_epsilon_too_close_for_the_precision_is_undecided(self):
        near = example("seven_equal_2.33")
        regret = self.expect(HOLDS, "verify", near, "--bits-max", "96", "--json").json["groups"][0]["nodes"][0]["regret"]
        digits, exponent = regret["lower"].split("e")
        middle = digits[:-4] + f"{(int(digits[-4:]) + int(regret['upper'].split('e')[0][-4:])) // 2:04d}" + "e" + exponent
        answer = self.expect(UNDECIDED, "verify", near, "--bits-max", "96", "--epsilon", middle)
        self.assertIn("\nundecided: the precision limit left a group open; try --bits-max.\n", answer.out)
        self.assertEqual("undecided", self.expect(UNDECIDED, "verify", near, "--bits-max", "96", "--epsilon", middle, "--json").json["verdict"])
        answer = self.expect(UNDECIDED, "verify", near, "--bits-max", "96", "--epsilon", middle, "--certificate", "c.json")
        self.assertEqual("p2pllm: no evidence written: an undecided verdict proves nothing\n", answer.err)
        self.assertEqual([], os.listdir(self.folder))
        self.assertNotEqual(UNDECIDED, self.run_program("verify", near, "--epsilon", middle).code)

    def test_too_many_labels_is_undecided_and_no_part_of_the_frontier_is_printed(self):
        answer = self.expect(UNDECIDED, "pareto", example("toy"), "--labels-max", "1")
        self.assertEqual("p2pllm: the frontier needs more than the limit of 1 labels; --labels-max raises it\n", answer.err)
        self.assertEqual("", answer.out)
        self.expect(HOLDS, "pareto", example("toy"), "--labels-max", "8")

    def test_a_graph_beyond_the_limit_is_undecided(self):
        self.write("n.json", network([node(f"n{k}", [k % 2, k % 2 + 1], 1, 1) for k in range(11000)], 2))
        answer = self.expect(UNDECIDED, "route", "n.json")
        self.assertEqual("p2pllm: the explicit graph has 30272000 edges, more than the limit of 30000000\n", answer.err)


class Progress(CommandLine):
    NODES = 6000

    def start(self, stderr):
        self.write("n.json", network([node(f"n{k}", [0, 1], f"{10 + k % 97}.{k}", "2.5") for k in range(self.NODES)]))
        return subprocess.Popen([PROGRAM, "verify", "n.json", "--json"], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=stderr,
                                stdin=subprocess.DEVNULL, preexec_fn=limit_memory)

    def test_a_terminal_shows_a_line_that_is_cleared_at_the_end(self):
        terminal, child_side = pty.openpty()
        self.addCleanup(os.close, terminal)
        program = self.start(child_side)
        os.close(child_side)
        seen = b""
        try:
            while select.select([terminal], [], [], 60)[0]:
                chunk = os.read(terminal, 65536)
                if not chunk:
                    break
                seen += chunk
        except OSError:  # the other side is closed
            pass
        self.assertEqual(REFUTED, program.wait(60))
        self.assertRegex(seen, rb"\r\x1b\[Kverifying nodes: \d+ of %d" % self.NODES)
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-80:])
        self.assertNotIn(b"\n", seen)

    def test_a_file_or_pipe_shows_none(self):
        program = self.start(subprocess.PIPE)
        _, err = program.communicate(timeout=60)
        self.assertEqual(b"", err)

    def test_short_work_shows_none_even_on_a_terminal(self):
        terminal, child_side = pty.openpty()
        self.addCleanup(os.close, terminal)
        program = subprocess.Popen([PROGRAM, "verify", example("toy")], stdout=subprocess.DEVNULL, stderr=child_side)
        os.close(child_side)
        self.assertEqual(REFUTED, program.wait(60))
        try:
            seen = os.read(terminal, 65536)
        except OSError:
            seen = b""
        self.assertEqual(b"", seen)


class Certificates(CommandLine):
    """Certificates that the verbs write are files of FORMAT-5, accepted as they are (CERT-1) and about nothing else."""

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
                 (7, '"node": "node1"', '"node": "node2"', None),  # by symmetry still a witness
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
    """The borders of the input's ranges (FORMAT-2, FORMAT-3) have answers, not accidents."""

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
        self.assertEqual(["bob"], found["route"]["path"])  # equal weight and price: the faster

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


class Canary(CommandLine):
    def test_a_refuted_market_is_said_to_hold(self):
        self.assertEqual(HOLDS, self.run_program("verify", example("seven_equal_2.33"), "--epsilon", "5e-7").code)


if __name__ == "__main__":
    main(canaries=("Canary",))
