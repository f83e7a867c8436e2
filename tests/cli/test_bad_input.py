"""Bad input: each rule of numbers and formats has its line; hostile input neither crashes nor exhausts memory."""
import json
import time
from pathlib import Path

from harness import BAD_INPUT, HOLDS, UNDECIDED, CommandLine, example, line, main, network, node, pair

NO_NUMBER = "a number must be a decimal such as 0.40 or a ratio of integers such as 1/3"
EXPONENT = "a decimal exponent must lie in -300 .. 300"
DIGITS = "a number may have at most 1000 digits"
BOUNDARY = "a layer boundary must be an integer in 0 .. layers of the model"
ROOT_KEYS = "format, model, units, alpha, scales, temperature, nodes, latency, client, clients"
VERBS = ("verify", "solve", "route", "pareto", "show")


def one(**changes):
    """A network of one node with these fields changed; a field that is None is left out."""
    fields = {**node("ann", [0, 1], 1, 1), **changes}
    return network([{key: value for key, value in fields.items() if value is not None}])


def without(document, *keys):
    return {key: value for key, value in document.items() if key not in keys}


class Numbers(CommandLine):
    """FORMAT-2, with the lines of FORMAT-6."""

    def test_each_rule_of_a_number(self):
        template = json.dumps(one(cost="@"))
        nines = "9" * 40 + "..."
        for text, value, rule in (
                ('"x"', '"x"', NO_NUMBER), ('""', '""', NO_NUMBER), ('" 1"', '" 1"', NO_NUMBER), ('"+1"', '"+1"', NO_NUMBER),
                ('".5"', '".5"', NO_NUMBER), ('"5."', '"5."', NO_NUMBER), ('"01"', '"01"', NO_NUMBER), ('"0x10"', '"0x10"', NO_NUMBER),
                ('"1/2/3"', '"1/2/3"', NO_NUMBER), ('"1.5/2"', '"1.5/2"', NO_NUMBER), ('"1/-2"', '"1/-2"', NO_NUMBER),
                ('"1,5"', '"1,5"', NO_NUMBER), ('"1\\u0000"', '"1\\u0000"', NO_NUMBER), ('"\\u0661"', '"\N{ARABIC-INDIC DIGIT ONE}"', NO_NUMBER),
                ('"NaN"', '"NaN"', "a number must be finite"), ('"Infinity"', '"Infinity"', "a number must be finite"),
                ('"-Infinity"', '"-Infinity"', "a number must be finite"), ('"1/0"', '"1/0"', "a denominator must not be 0"),
                ("1e301", "1e301", EXPONENT), ("1e-301", "1e-301", EXPONENT), ('"1e301"', '"1e301"', EXPONENT), ("1e5000", "1e5000", EXPONENT),
                ("1e-5000", "1e-5000", EXPONENT), ("1E+99999999999999999999", "1E+99999999999999999999", EXPONENT),
                ("9" * 1001, nines, DIGITS), ('"' + "9" * 1001 + '"', '"' + "9" * 39 + "...", DIGITS),
                ('"' + "9" * 500 + "/" + "9" * 501 + '"', '"' + "9" * 39 + "...", DIGITS), ("0." + "0" * 999 + "1", "0." + "0" * 38 + "...", DIGITS),
                ("null", "null", "a number is expected here"), ("true", "true", "a number is expected here"),
                ("[1]", "array of 1", "a number is expected here"), ("{}", "object", "a number is expected here"),
                ("0", "0", "a cost must be greater than 0"), ("-0", "0", "a cost must be greater than 0"), ("-1", "-1", "a cost must be greater than 0"),
                ('"0/5"', '"0/5"', "a cost must be greater than 0")):
            with self.subTest(text[:60]):
                self.write("n.json", template.replace('"@"', text))
                self.expect_bad(f"n.json: /nodes/0/cost: {value}: {rule}", "show", "n.json")

    def test_numbers_at_the_limits_are_read(self):
        template = json.dumps(one(cost="@"))
        for text in ("1e300", "1e-300", "9" * 1000, '"' + "9" * 500 + "/" + "7" * 500 + '"', "0." + "0" * 998 + "1", "9" * 400, "1e+0000300"):
            with self.subTest(text[:60]):
                self.write("n.json", template.replace('"@"', text))
                for verb in ("show", "route", "pareto"):
                    self.expect(HOLDS, verb, "n.json")

    def test_no_double_touches_a_number(self):
        for cost in ("0.1", "0.40", "1e-300", "0.1000000000000000055511151231257827"):
            self.write("n.json", json.dumps(one(cost="@")).replace('"@"', cost))
            exact = self.expect(HOLDS, "route", "n.json", "--json").json["time"]
            numerator, denominator = exact.split("/")
            mantissa, _, exponent = cost.partition("e")
            whole, _, fraction = mantissa.partition(".")
            scale = len(fraction) - int(exponent or 0)
            self.assertEqual(int(numerator) * 10**scale, int(whole + fraction) * int(denominator))

    def test_a_number_in_every_place_keeps_its_range(self):
        rules = (("alpha", -1, "/alpha", "alpha must lie in [0, 1]"), ("alpha", 2, "/alpha", "alpha must lie in [0, 1]"),
                 ("temperature", 0, "/temperature", "the temperature must be greater than 0"),
                 ("scales", {"price": 0}, "/scales/price", "a scale must be greater than 0"),
                 ("scales", {"cost": 0}, "/scales/cost", "a scale must be greater than 0"),
                 ("latency", {"kind": "matrix", "values": [[-1]]}, "/latency/values/0/0", "a latency must be at least 0"),
                 ("client", {"to": [-1]}, "/client/to/0", "a latency must be at least 0"),
                 ("client", {"from": [-1]}, "/client/from/0", "a latency must be at least 0"),
                 ("clients", [{"id": "c", "to": [-1]}], "/clients/0/to/0", "a latency must be at least 0"))
        for key, value, place, rule in rules:
            with self.subTest(place):
                self.write("n.json", {**one(), key: value})
                shown = value
                while isinstance(shown, (dict, list)):
                    shown = list(shown.values())[-1] if isinstance(shown, dict) else shown[-1]
                self.expect_bad(f"n.json: {place}: {shown}: {rule}", "show", "n.json")
        self.write("n.json", one(price="-1/1000000"))
        self.expect_bad('n.json: /nodes/0/price: "-1/1000000": a price must be at least 0', "show", "n.json")


class Networks(CommandLine):
    """FORMAT-3, with the lines of FORMAT-6."""

    def check_all(self, cases):
        for document, message in cases:
            with self.subTest(message[:100]):
                self.write("n.json", document)
                self.expect_bad(f"n.json: {message}", "show", "n.json")

    def test_the_root_and_the_model(self):
        good = one()
        self.check_all((
            ([], "/: array of 0: an object is expected here"),
            ({}, '/: object: the key "format" is required here'),
            ({**good, "format": "p2pllm-network/9"}, '/format: "p2pllm-network/9": the format must be "p2pllm-network/1"'),
            (without(good, "model"), '/: object: the key "model" is required here'),
            (without(good, "nodes"), '/: object: the key "nodes" is required here'),
            ({**good, "aplha": 1}, f"/aplha: 1: unknown key; known here: {ROOT_KEYS}"),
            ({**good, "model": {"name": "m", "layers": 0}}, "/model/layers: 0: the number of layers must be an integer in 1 .. 1000000"),
            ({**good, "model": {"name": "m", "layers": 1e6 + 1}}, "/model/layers: 1000001.0: the number of layers must be an integer in 1 .. 1000000"),
            ({**good, "model": {"layers": 1}}, '/model: object: the key "name" is required here'),
            ({**good, "model": {"name": "m", "layers": 1, "blocks": [[0, 0]]}},
             "/model/blocks/0: array of 2: a layer range must not be empty or inverted: first < last, got [0,0)"),
            ({**good, "units": {"cost": "ms", "latency": "s"}}, '/units/latency: "s": latency and cost are added and must have one unit'),
            ('{"format":"p2pllm-network/1","format":"p2pllm-network/1"}', '/format: "format": an object\'s keys must be distinct')))

    def test_nodes(self):
        self.check_all((
            (one(id=None), '/nodes/0: object: the key "id" is required here'),
            (one(layers=None), '/nodes/0: object: the key "layers" is required here'),
            (one(cost=None), '/nodes/0: object: the key "cost" is required here'),
            (one(price=None), '/nodes/0: object: the key "price" is required here'),
            (one(id=""), '/nodes/0/id: "": a node\'s id must not be empty'),
            (one(id=5), "/nodes/0/id: 5: a string is expected here"),
            (one(speed=5), "/nodes/0/speed: 5: unknown key; known here: id, layers, cost, price"),
            (network([node("ann", [0, 1], 1, 1), node("ann", [0, 1], 1, 1)]), '/nodes/1/id: "ann": a node\'s id must be unique; node 0 has it already'),
            (one(layers=[0, 0]), "/nodes/0/layers: array of 2: a layer range must not be empty or inverted: first < last, got [0,0)"),
            (one(layers=[1, 0]), "/nodes/0/layers: array of 2: a layer range must not be empty or inverted: first < last, got [1,0)"),
            (one(layers=[0, 2]), f"/nodes/0/layers/1: 2: {BOUNDARY}"),
            (one(layers=[-1, 1]), f"/nodes/0/layers/0: -1: {BOUNDARY}"),
            (one(layers=["1/2", 1]), f'/nodes/0/layers/0: "1/2": {BOUNDARY}'),
            (one(layers=[0]), "/nodes/0/layers: array of 1: a layer range is [first, last), two numbers"),
            ('{"format":"p2pllm-network/1","model":{"name":"m","layers":1},"nodes":[{"id":"a","id":"b"}]}',
             '/nodes/0/id: "id": an object\'s keys must be distinct')))

    def test_latency_and_clients(self):
        def latency(*rows):
            return {**pair(), "latency": {"kind": "matrix", "values": list(rows)}}
        self.check_all((
            (latency([0, 1]), "/latency/values: array of 1: one row a node is expected, 2 in all, got 1"),
            (latency([0, 1], [1]), "/latency/values/1: array of 1: one entry a node is expected, 2 in all, got 1"),
            (latency([0, 1], [1, 0, 0]), "/latency/values/1: array of 3: one entry a node is expected, 2 in all, got 3"),
            (latency([0, -1], [1, 0]), "/latency/values/0/1: -1: a latency must be at least 0"),
            ({**pair(), "latency": {"kind": "ring", "values": []}}, '/latency/kind: "ring": the kind of latency must be "matrix"'),
            ({**pair(), "client": {"to": [0]}}, "/client/to: array of 1: one entry a node is expected, 2 in all, got 1"),
            ({**pair(), "client": {}, "clients": []}, '/clients: array of 0: a network gives "client" or "clients", not both'),
            ({**pair(), "clients": [{"to": [0, 0]}]}, '/clients/0: object: the key "id" is required here'),
            ({**pair(), "clients": [{"id": "c"}, {"id": "c"}]}, '/clients/1/id: "c": a client\'s id must be unique')))

    def test_every_verb_says_the_same(self):
        self.write("n.json", one(cost=0))
        for verb in VERBS:
            self.expect_bad("n.json: /nodes/0/cost: 0: a cost must be greater than 0", verb, "n.json")
        self.write("c.json", "{}")
        self.expect_bad("n.json: /nodes/0/cost: 0: a cost must be greater than 0", "check", "c.json", "n.json")

    def test_hostile_names_cannot_write_to_the_terminal(self):
        self.write("n.json", network([node("\x1b[2J\u202eann\n", [0, 1], 0, 1)]))
        self.expect_bad("n.json: /nodes/0/cost: 0: a cost must be greater than 0", "show", "n.json")
        self.write("n.json", network([node("\x1b[2J\n\u202eann", [0, 1], 1, 1)], units={"price": "\x1b[31m", "cost": "\x1b[1m"}))
        for verb in VERBS:
            answer = self.run_program(verb, "n.json")
            self.assertNotIn("\x1b", answer.out + answer.err, verb)
        self.write("n.json", '{"\x7f\\u001b[2J\\n": 1}')
        answer = self.run_program("show", "n.json")
        self.assertTrue(answer.err.isascii() and answer.err[:-1].isprintable(), answer.err)


class PricesFiles(CommandLine):
    """FORMAT-4, with the lines of FORMAT-6."""

    def test_each_rule_of_a_prices_file(self):
        self.write("n.json", pair())

        def prices(members):
            return {"format": "p2pllm-prices/1", "prices": members}
        for document, message in (
                ([], "/: array of 0: an object is expected here"),
                ({"format": "p2pllm-prices/1"}, '/: object: the key "prices" is required here'),
                ({"format": "prices", "prices": {}}, '/format: "prices": the format must be "p2pllm-prices/1"'),
                ({**prices({}), "note": ""}, '/note: "": unknown key; known here: format, prices'),
                (prices([4, 4]), "/prices: array of 2: an object of prices by node id is expected here"),
                (prices({"ann": 1}), '/prices: object: a price is required for every node; none for "bob"'),
                (prices({"ann": 1, "bob": 1, "cyd": 1}), "/prices/cyd: 1: no node of the network has this id"),
                (prices({"ann": 1, "bob": -1}), "/prices/bob: -1: a price must be at least 0"),
                (prices({"ann": 1, "bob": "x"}), f'/prices/bob: "x": {NO_NUMBER}'),
                ('{"format":"p2pllm-prices/1","prices":{"ann":1,"ann":1}}', '/prices/ann: "ann": an object\'s keys must be distinct')):
            with self.subTest(message):
                self.write("p.json", document)
                self.expect_bad(f"p.json: {message}", "verify", "n.json", "--prices", "p.json")


class CertificateFiles(CommandLine):
    """The reported place of an error deep in a certificate (FORMAT-5, FORMAT-6); unit tests cover the other rules."""

    def refused(self, arguments, code_ok, edit, message):
        self.expect(code_ok, *arguments, "--certificate", "c.json")
        document = json.loads((self.folder / "c.json").read_text())
        edit(document)
        self.write("d.json", document)
        with self.subTest(message):
            self.expect_bad(f"d.json: {message}", "check", "d.json", arguments[1])

    def test_places(self):
        toy, gap, seven = example("toy"), example("gap"), example("seven_equal_2.33")

        def put(*path):
            *parents, last, value = path

            def edit(document):
                for key in parents:
                    document = document[key]
                document[last] = value
            return edit
        self.refused(("route", toy), HOLDS, put("format", "x"), '/format: "x": the format must be "p2pllm-certificate/1"')
        self.refused(("route", toy), HOLDS, put("kind", "x"), '/kind: "x": the kind must be "route", "unreachable", "pareto", "equilibrium" or "balance"')
        self.refused(("route", toy), HOLDS, put("why", 1), "/why: 1: unknown key in a certificate of this kind")
        self.refused(("route", toy), HOLDS, put("path", 1, "zoe"), '/path/1: "zoe": no node of the network has this id')
        self.refused(("route", toy), HOLDS, put("labels", 2, [1]), "/labels/2: array of 1: a label is [price, time]")
        self.refused(("route", toy), HOLDS, put("labels", 2, 0, "x"), f'/labels/2/0: "x": {NO_NUMBER}')
        self.refused(("pareto", toy), HOLDS, put("points", 1, "price", "x"), f'/points/1/price: "x": {NO_NUMBER}')
        self.refused(("pareto", toy), HOLDS, put("points", 1, "class", "x"), '/points/1/class: "x": the class must be "extreme", "tie" or "unsupported"')
        self.refused(("pareto", toy), HOLDS, put("labels", 1, 0, [1]), "/labels/1/0: array of 1: a label is [price, time]")
        self.refused(("verify", seven), HOLDS, put("groups", 0, "trials", 3, "x"), f'/groups/0/trials/3: "x": {NO_NUMBER}')
        self.refused(("verify", seven), HOLDS, put("groups", 0, "verdict", "x"), '/groups/0/verdict: "x": not the name of a verdict')
        self.refused(("verify", seven), HOLDS, put("bits", 8), "/bits: 8: bits must be an integer in 32 .. 16384")
        self.refused(("route", gap), 1, put("reachable", 1, 9), "/reachable/1: 9: a boundary must be an integer in 0 .. layers of the model")


class Hostile(CommandLine):
    """Any bytes whatever (FORMAT-1) give one line and exit code 2 (3 at a limit), in seconds and within 4 GiB."""

    def refused(self, content, *beginnings):
        self.write("h.json", content)
        for verb in VERBS[-1:]:
            answer = self.expect(BAD_INPUT, verb, "h.json")
            self.assertEqual(1, answer.err.count("\n"), answer.err[:500])
            self.assertLess(len(answer.err), 1000)
            self.assertTrue(answer.err[:-1].isascii() and answer.err[:-1].isprintable(), answer.err)
            for beginning in beginnings:
                self.assertTrue(answer.err.startswith(f"p2pllm: h.json: {beginning}"), answer.err)

    def test_empty_and_junk(self):
        malformed = "line 1, column 1: malformed JSON: "
        self.refused(b"", malformed)
        self.refused(b"\x7fELF\x02\x01\x01" + bytes(range(256)) * 50, malformed)
        self.refused(b"\x1f\x8b\x08\x00", malformed)
        self.refused(b"\x00" * 5000)
        self.refused(b"\xff\xfe{\x00}\x00", malformed)
        self.refused(b"\xef\xbb\xbf", "line 1, column ")
        self.refused(b"<!DOCTYPE html>", malformed)
        self.refused(b'"' + b"\\u0000" * 100000 + b'"', "/: ")
        self.refused(b'{"a": "\xff"}', "line 1, column 8: malformed JSON: ")
        self.refused(b'{"a": "\\ud800"}', "line 1, column 14: malformed JSON: ")

    def test_nothing_follows_the_document(self):
        good = json.dumps(one()).encode()
        for tail in (b"x", b"{}", b"\x00", b"\x00{}", b"\x00\x00\x00", b",", b"\xff"):
            with self.subTest(tail):
                self.refused(good + tail, f"line 1, column {len(good) + 1}: malformed JSON: ")

    def test_truncated(self):
        good = Path(example("toy")).read_bytes()
        for size in range(0, len(good.rstrip()), 23):
            self.refused(good[:size], "line ")

    def test_deep(self):
        deep = "nesting may be at most 16 levels deep"
        self.refused("[" * 100000, "/" + "/".join("0" * 16) + f": [: {deep}")
        self.refused("[" * 100000 + "]" * 100000, "/" + "/".join("0" * 16) + f": [: {deep}")
        self.refused('{"a":' * 100000, "/" + "/".join("a" * 16) + ": {: " + deep)
        self.refused('[{"' + "k" * 1000 + '":' * 1 + "[" * 20, "/0/" + "k" * 40 + "...")

    def test_long_numbers_and_strings(self):
        for cost in ("1e" + "9" * 1000000, "9" * 5000000, '"' + "9" * 5000000 + '"', '"1/' + "9" * 5000000 + '"', "0." + "3" * 5000000,
                     '"' + "x" * 5000000 + '"'):
            self.refused(json.dumps(one(cost="@")).replace('"@"', cost), "/nodes/0/cost: ")

    def test_a_file_one_byte_too_long(self):
        with open(self.folder / "h.json", "wb") as file:
            file.truncate((1 << 32) - (1 << 16) + 1)  # sparse: its bytes must not be read
        for verb in VERBS:
            self.expect_bad("h.json: /: 4294901761 bytes: at most 4294901760 are allowed", verb, "h.json")
        self.write("n.json", pair())
        with open(self.folder / "p.json", "wb") as file:
            file.truncate((64 << 20) + 1)
        self.expect_bad("p.json: /: 67108865 bytes: at most 67108864 are allowed", "verify", "n.json", "--prices", "p.json")
        with open(self.folder / "h.json", "wb") as file:
            file.truncate(1 << 40)
        self.expect_bad("h.json: /: 1099511627776 bytes: at most 4294901760 are allowed", "show", "h.json")

    def test_huge_arrays(self):
        many = r": more than 16000000 values: a document may not have more\n$"
        self.write("n.json", pair())
        for text, place in (("[" + "0," * 15999999 + "0]", r"/15999999"), ('{"prices":[' + "[]," * (17 << 20) + "0]}", r"/prices/\d+")):
            self.write("h.json", text)
            self.assertRegex(self.expect(BAD_INPUT, "verify", "n.json", "--prices", "h.json").err, rf"^p2pllm: h\.json: {place}{many}")
        self.write("h.json", "[" + "0," * 15999998 + "0]")  # with the array itself as many as there may be
        self.expect_bad("h.json: /: array of 15999999: an object is expected here", "verify", "n.json", "--prices", "h.json")
        self.write("h.json", "[" + "0," * 20000000 + "0]")  # a network may have any number
        self.expect_bad("h.json: /: array of 20000001: an object is expected here", "show", "h.json")
        self.refused("{" + ",".join(f'"{k}":0' for k in range(1000000)) + "}", "/0: 0: unknown key")

    def test_many_clients(self):
        clients = [{"id": str(k)} for k in range(100000)]  # work quadratic in their number would take minutes
        self.write("h.json", network([], clients=clients))
        started = time.monotonic()
        answer = self.expect(BAD_INPUT, "route", "h.json")
        self.assertLess(time.monotonic() - started, 10)
        self.assertLess(len(answer.err), 10000)  # lists some of the ids, not all
        self.assertEqual(1, self.expect(HOLDS, "show", "h.json").out.count("clients: 100000"))

    def test_chains_beyond_count(self):
        layers = 300000  # 2^300000 chains: a count for each boundary would take gigabytes
        self.write("h.json", network([node(str(k), [k // 2, k // 2 + 1], 1, 1) for k in range(2 * layers)], layers))
        answer = self.run_program("show", "h.json", "--json", timeout=120)
        self.assertIn(answer.code, (HOLDS, UNDECIDED))

    def test_a_long_line_of_layers(self):
        layers = 50000
        self.write("h.json", network([node(str(k), [k, k + 1], 1, 1) for k in range(layers)], layers))
        for verb in ("route", "pareto", "show"):
            self.assertEqual(HOLDS, self.run_program(verb, "h.json", "--json").code)

    def test_every_byte_of_a_network_flipped(self):
        good = json.dumps(line(), separators=(",", ":")).encode()
        for place in range(0, len(good), 11):
            for bit in (0x01, 0x80):
                self.write("h.json", good[:place] + bytes([good[place] ^ bit]) + good[place + 1:])
                self.run_program("verify", "h.json", "--json")


if __name__ == "__main__":
    main()
