"""Migration on the command line: balance, its certificate, and verify --placement."""
import json

from harness import HOLDS, REFUTED, CommandLine, example, main, network, node


def crowd(costs=("1", "2", "1"), blocks=((0, 1), (1, 2)), **more):
    """A network whose nodes a, b, c, .. all serve layer 0 of two layers."""
    nodes = [node(chr(ord("a") + k), [0, 1], cost, str(k)) for k, cost in enumerate(costs)]
    document = network(nodes, 2, **more)
    document["model"]["blocks"] = [list(block) for block in blocks]
    return document


class Balance(CommandLine):
    """[FORMAT-6][FORMAT-7][MIG-3][MIG-5][MIG-7][CERT-8]"""

    def test_nodes_move_until_nobody_gains(self):
        # Loads are 5/2 and 0: a moves (1 < 5/2); b would have 3/2 in both places, so it stays, and so does c.
        answer = self.expect(HOLDS, "balance", self.write("n.json", crowd()), "--json").json
        self.assertEqual([{"node": "a", "from": [0, 1], "to": [1, 2]}], answer["moves"])
        self.assertEqual({"rule": "share", "alpha": None, "at_rest": True, "gains": []}, {key: answer[key] for key in ("rule", "alpha", "at_rest", "gains")})
        self.assertEqual([[1, 2], [0, 1], [0, 1]], answer["allocation"])
        self.assertEqual([([0, 1], 2, "3/2", "1.5"), ([1, 2], 1, "1", "1")],
                         [(load["range"], load["nodes"], load["load"], load["load_decimal"]) for load in answer["loads"]])

    def test_the_table_says_who_moved_and_where_the_loads_end(self):
        text = self.expect(HOLDS, "balance", self.write("n.json", crowd())).out
        self.assertIn("3 nodes, share rule, 1 move\n", text)
        self.assertRegex(text, r"a +\[0,1\) +\[1,2\)\n")
        self.assertRegex(text, r"\[0,1\) +2 +1.5 +3 +2.5\n")
        self.assertTrue(text.endswith("\nat rest: no node gains by moving (share rule).\n"))

    def test_check_moves_nobody(self):
        name = self.write("n.json", crowd())
        answer = self.expect(REFUTED, "balance", name, "--check", "--json").json
        self.assertEqual(([], False, [[0, 1]] * 3), (answer["moves"], answer["at_rest"], answer["allocation"]))
        self.assertEqual(["a", "b", "c"], [gain["node"] for gain in answer["gains"]])
        self.assertIn("not at rest (share rule): 3 nodes gain, the first is a, by moving from [0,1) to [1,2).\n", self.expect(REFUTED, "balance", name, "--check").out)
        self.expect(HOLDS, "balance", example("seven_equal"), "--check")

    def test_by_revenue_a_node_at_price_0_stays(self):
        answer = self.expect(HOLDS, "balance", self.write("n.json", crowd()), "--rule", "revenue", "--alpha", "1", "--json").json
        # Here w = p. Node a, at price 0, stays. b's rivals: 1 + e^-2 here, 0 there. c's rivals: 1 here, e^-1 there.
        self.assertEqual(["b", "c"], [move["node"] for move in answer["moves"]])
        self.assertEqual("1", answer["alpha"])
        lower, upper = (answer["loads"][1]["load"][end] for end in ("lower", "upper"))
        self.assertTrue(lower.startswith("0.503214724408055") and upper.startswith("0.503214724408055"))  # e^-1 + e^-2

    def test_other_prices_move_other_nodes(self):
        name = self.write("n.json", crowd())
        self.write("p.json", {"format": "p2pllm-prices/1", "prices": {"a": 5, "b": 0, "c": 0}})
        moves = self.expect(HOLDS, "balance", name, "--rule", "revenue", "--prices", "p.json", "--json").json["moves"]
        self.assertEqual(["a"], [move["node"] for move in moves])

    def test_the_checker_accepts_what_is_certified_and_no_edit_of_it(self):
        name = self.write("n.json", crowd())
        self.write("p.json", {"format": "p2pllm-prices/1", "prices": {"a": 5, "b": 1, "c": 2}})
        for options, prices in (((), ()), (("--rule", "revenue"), ()), (("--rule", "revenue", "--prices", "p.json"), ("--prices", "p.json"))):
            with self.subTest(options):
                self.expect(HOLDS, "balance", name, *options, "--certificate", "c.json")
                self.assertIn("no node gains by moving", self.expect(HOLDS, "check", "c.json", name, *prices).out)
                document = json.loads((self.folder / "c.json").read_text())
                document["allocation"] = [[0, 1]] * 3
                self.write("c.json", document)
                self.assertIn("rejected: CERT-8", self.expect(REFUTED, "check", "c.json", name, *prices).out)

    def test_no_certificate_where_it_is_not_at_rest(self):
        answer = self.expect(REFUTED, "balance", self.write("n.json", crowd()), "--check", "--certificate", "c.json")
        self.assertEqual("p2pllm: no certificate written: the allocation is not at rest\n", answer.err)
        self.assertFalse((self.folder / "c.json").exists())

    def test_a_margin_nobody_can_bound_is_certified_as_0(self):
        """[MIG-9] One load is e^-(1e300), another e^-1: no quotient by the former has an enclosure."""
        document = network([node(name, layers, "1", price) for name, layers, price in (("a", [0, 1], "1e300"), ("b", [0, 1], "1e300"), ("c", [1, 2], "1"))], 2)
        document["alpha"] = "1"
        name = self.write("n.json", document)
        self.expect(HOLDS, "balance", name, "--rule", "revenue", "--check", "--certificate", "c.json")
        margins = [comparison["margin"] for comparison in json.loads((self.folder / "c.json").read_text())["comparisons"]]
        self.assertEqual(["0", "0"], margins)
        self.expect(HOLDS, "check", "c.json", name)

    def test_usage(self):
        name = self.write("n.json", crowd())
        self.expect_bad("--rule: share: prices and alpha count under the revenue rule alone", "balance", name, "--alpha", "1/2")
        self.expect_bad("--rule: share: prices and alpha count under the revenue rule alone", "balance", name, "--prices", name)
        for arguments in (("balance", name, "--rule", "greed"), ("verify", name, "--rule", "share")):
            self.assertEqual("", self.expect(2, *arguments).out)

    def test_an_empty_network_is_at_rest(self):
        name = self.write("n.json", network([], 3))
        for options in ((), ("--check",), ("--rule", "revenue")):
            self.expect(HOLDS, "balance", name, *options, "--certificate", "c.json")
            self.expect(HOLDS, "check", "c.json", name)


class Placement(CommandLine):
    """[MIG-3][FORMAT-7]: verify --placement"""

    def test_an_equilibrium_badly_placed_is_refuted(self):
        prices = [node(name, [0, 1], 1, 4) for name in ("ann", "bob")]  # n/(a(n-1)) = 4: exact
        document = network(prices, 2)
        name = self.write("n.json", document)
        answer = self.expect(HOLDS, "verify", name, "--placement", "--json").json
        self.assertEqual(("equilibrium", {"rule": "share", "at_rest": True, "gains": []}), (answer["verdict"], answer["placement"]))
        document["model"]["blocks"] = [[1, 2]]
        name = self.write("n.json", document)
        self.assertIsNone(self.expect(HOLDS, "verify", name, "--json").json["placement"])
        for rule in ("share", "revenue"):
            answer = self.expect(REFUTED, "verify", name, "--placement", "--rule", rule, "--json").json
            self.assertEqual("equilibrium", answer["verdict"])
            self.assertEqual({"rule": rule, "at_rest": False, "gains": [{"node": n, "from": [0, 1], "to": [1, 2]} for n in ("ann", "bob")]}, answer["placement"])
        text = self.expect(REFUTED, "verify", name, "--placement").out
        self.assertTrue(text.endswith("placement: not at rest (share rule): 2 nodes gain, the first is ann, by moving from [0,1) to [1,2).\n"))


if __name__ == "__main__":
    main()
