"""Numbers and files. The place of a fault is known because it was put there; values of numbers are stated, or Python's own."""
import copy
import json
from fractions import Fraction

# A number's text and its value, or the rule it breaks (FORMAT-2).
NUMBERS = [
    ("0", "0"), ("-0", "0"), ("7", "7"), ("-7", "-7"), ("0.40", "2/5"), ("-2e-3", "-1/500"), ("1.50", "3/2"), ("1E3", "1000"), ("1e+3", "1000"),
    ("1e0", "1"), ("0e300", "0"), ("0.1", "1/10"), ("0.000", "0"), ("12.5e1", "125"), ("12.5e-1", "5/4"), ("1/3", "1/3"), ("6/2", "3"), ("-6/4", "-3/2"),
    ("0/5", "0"), ("1/007", "1/7"), ("1e0000000000000000000000003", "1000"), ("1e-0000000000000000000000003", "1/1000"),
    ("9007199254740993", "9007199254740993"), ("0.1000000000000000055511151231257827", str(Fraction("0.1000000000000000055511151231257827"))),
    ("340282366920938463463374607431768211457", "340282366920938463463374607431768211457"),
    ("1e300", "1" + "0" * 300), ("1e-300", "1/1" + "0" * 300), ("9" * 1000, "9" * 1000), ("0." + "0" * 998 + "1", "1/1" + "0" * 999),
    ("7" * 500 + "/" + "2" * 500, "7/2"),
    *((text, None, "grammar") for text in ("", "-", "+1", " 1", "1 ", ".5", "5.", "01", "-01", "1e", "1e+", "1.e3", "0x10", "1,5", "1_000", "1/-2",
                                           "1/2/3", "1.5/2", "1/2e3", "--1", "1e1.5", "\u0661", "1\u0000")),
    *((text, None, "finite") for text in ("NaN", "Infinity", "-Infinity")),
    ("1/0", None, "denominator"), ("0/0", None, "denominator"), ("1e301", None, "exponent"), ("1e-301", None, "exponent"), ("1e99999999999999999999", None, "exponent"),
    ("9" * 1001, None, "digits"), ("9" * 500 + "/" + "7" * 501, None, "digits"), ("0." + "0" * 999 + "1", None, "digits"),
]


def short(text):
    return text if len(text) <= 40 else f"{text[:12]}... of {len(text)} characters"


def number_cases():
    for text, value, *rule in NUMBERS:
        if value is not None and ("/" in text or len(text) < 300):
            assert Fraction(text.replace("/007", "/7")) == Fraction(value), text
        yield {"name": json.dumps(short(text)), "clauses": ["FORMAT-2"], "text": text, "expect": {"error": rule[0]} if rule else {"value": value}}


GOOD = {"format": "p2pllm-network/1", "model": {"name": "m", "layers": 2, "blocks": [[0, 2]]}, "alpha": "1/2",
        "units": {"cost": "ms", "latency": "ms"}, "scales": {"price": 1, "cost": "2"}, "temperature": "3/2",
        "nodes": [{"id": "ann", "layers": [0, 1], "cost": 1, "price": 0}, {"id": "bob", "layers": [1, 2], "cost": "1/3", "price": 2}],
        "latency": {"kind": "matrix", "values": [[0, 1], [2, 0]]},
        "clients": [{"id": "east", "to": [1, 2], "from": [0, 0]}, {"id": "west"}]}
PRICES = {"format": "p2pllm-prices/1", "prices": {"ann": "1/2", "bob": 2}}
ABSENT = object()


def changed(document, path, value):
    """The document's text with the value put in at the path."""
    document = copy.deepcopy(document)
    *parents, last = path
    at = document
    for key in parents:
        at = at[key]
    if value is ABSENT:
        del at[last]
    else:
        at[last] = value
    return json.dumps(document)


def pointer(path):
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in path) or "/"


# (where, value, rule, clause): the fault stands where the value does.
NETWORK_FAULTS = [
    (("format",), "p2pllm-network/2", "format", "FORMAT-3"), (("format",), 1, "string", "FORMAT-3"),
    (("model",), [], "object", "FORMAT-3"), (("model", "name"), 5, "string", "FORMAT-3"), (("model", "layers"), 0, "layers", "FORMAT-3"),
    (("model", "layers"), 1000001, "layers", "FORMAT-3"), (("model", "layers"), "5/2", "layers", "FORMAT-3"), (("model", "blocks", 0), [1, 1], "range", "FORMAT-3"),
    (("model", "blocks", 0, 1), 3, "boundary", "FORMAT-3"), (("nodes",), {}, "array", "FORMAT-3"), (("nodes", 1), "bob", "object", "FORMAT-3"),
    (("nodes", 0, "id"), "", "empty id", "FORMAT-3"), (("nodes", 1, "id"), "ann", "unique id", "FORMAT-3"), (("nodes", 0, "layers"), [1, 0], "range", "FORMAT-3"),
    (("nodes", 0, "layers"), [0], "two numbers", "FORMAT-3"), (("nodes", 0, "layers", 0), "1/2", "boundary", "FORMAT-3"), (("nodes", 1, "layers", 1), 3, "boundary", "FORMAT-3"),
    (("nodes", 0, "layers", 0), -1, "boundary", "FORMAT-3"), (("nodes", 0, "cost"), 0, "positive", "FORMAT-3"), (("nodes", 0, "cost"), "-1/3", "positive", "FORMAT-3"),
    (("nodes", 1, "price"), "-1e-300", "not negative", "FORMAT-3"), (("nodes", 1, "price"), None, "number", "FORMAT-2"), (("nodes", 1, "price"), True, "number", "FORMAT-2"),
    (("nodes", 1, "price"), "two", "grammar", "FORMAT-2"), (("nodes", 1, "price"), "1/0", "denominator", "FORMAT-2"), (("nodes", 1, "price"), "1e301", "exponent", "FORMAT-2"),
    (("nodes", 1, "price"), "NaN", "finite", "FORMAT-2"), (("nodes", 1, "price"), "9" * 1001, "digits", "FORMAT-2"), (("nodes", 1, "speed"), 1, "unknown key", "FORMAT-1"),
    (("a/b~c",), 1, "unknown key", "FORMAT-1"), (("alpha",), "10000001/10000000", "alpha", "FORMAT-3"), (("alpha",), "-1e-9", "alpha", "FORMAT-3"),
    (("units", "latency"), "s", "one unit", "FORMAT-3"), (("scales", "price"), 0, "positive", "FORMAT-3"), (("scales", "cost"), -1, "positive", "FORMAT-3"),
    (("scales", "time"), 1, "unknown key", "FORMAT-1"), (("temperature",), "0.0", "positive", "FORMAT-3"), (("latency", "kind"), "ring", "matrix", "FORMAT-3"),
    (("latency", "values"), [[0, 1]], "one a node", "FORMAT-3"), (("latency", "values", 1), [0, 1, 2], "one a node", "FORMAT-3"),
    (("latency", "values", 1, 0), -1, "not negative", "FORMAT-3"), (("latency", "values", 1, 1), -1, "not negative", "FORMAT-3"),
    (("clients", 0, "to"), [1], "one a node", "FORMAT-3"), (("clients", 0, "from", 1), "-1/2", "not negative", "FORMAT-3"), (("clients", 1, "id"), "east", "unique id", "FORMAT-3"),
]
# (the key that is missing, where): the fault stands at the object.
NETWORK_MISSING = [("format", ()), ("model", ()), ("nodes", ()), ("layers", ("model",)), ("name", ("model",)), ("price", ("nodes", 1)), ("kind", ("latency",)), ("id", ("clients", 1))]
PRICES_FAULTS = [
    (("format",), "p2pllm-network/1", "format", "FORMAT-4"), (("prices",), [1, 2], "object", "FORMAT-4"), (("prices", "cyd"), 1, "no such node", "FORMAT-4"),
    (("prices", "bob"), -1, "not negative", "FORMAT-4"), (("prices", "ann"), "1.5/2", "grammar", "FORMAT-2"), (("note",), "", "unknown key", "FORMAT-1"),
]


def refused(place, rule):
    return {"exit": 2, "place": place, "error": rule}


def file_case(name, clause, text, expect, prices=False):
    """text: or the bytes, where they are no UTF-8."""
    content = {"text": text} if isinstance(text, str) else {"hex": text.hex()}
    more = {"kind": "prices", "network": GOOD} if prices else {"kind": "network"}
    return {"name": name, "clauses": [clause, "FORMAT-6"], **more, **content, "expect": expect}


def malformed(text, column, line=1):
    return text, refused(f"line {line}, column {column}", "malformed JSON")


def file_cases():
    for path, value, rule, clause in NETWORK_FAULTS:
        yield file_case(f"network {pointer(path)}: {short(json.dumps(value))}", clause, changed(GOOD, path, value), refused(pointer(path), rule))
    for key, path in NETWORK_MISSING:
        yield file_case(f"network {pointer(path)} without {key}", "FORMAT-3", changed(GOOD, (*path, key), ABSENT), refused(pointer(path), "missing key"))
    text = json.dumps(GOOD)
    for name, clause, edited, place, rule in (
            ("a key twice in a node", "FORMAT-1", text.replace('"cost": 1,', '"cost": 1, "cost": 1,'), "/nodes/0/cost", "distinct keys"),
            ("the format twice", "FORMAT-1", '{"format": "p2pllm-network/1", ' + text[1:], "/format", "distinct keys"),
            ("client and clients", "FORMAT-3", changed(GOOD, ("client",), {}), "/clients", "one of two"),
            ("an array", "FORMAT-3", "[]", "/", "object"), ("a number that is no text: 1e301", "FORMAT-2", text.replace('"1/3"', "1e301"), "/nodes/1/cost", "exponent"),
            ("nested 17 deep", "FORMAT-1", text.replace('"price": 2', '"price": ' + "[" * 14 + "]" * 14), "/nodes/1/price" + "/0" * 13, "nesting")):
        yield file_case(name, clause, edited, refused(place, rule))
    for path, value, rule, clause in PRICES_FAULTS:
        yield file_case(f"prices {pointer(path)}: {short(json.dumps(value))}", clause, changed(PRICES, path, value), refused(pointer(path), rule), prices=True)
    yield file_case("prices without one node's", "FORMAT-4", changed(PRICES, ("prices", "bob"), ABSENT), refused("/prices", "every node"), prices=True)
    yield file_case("prices without prices", "FORMAT-4", changed(PRICES, ("prices",), ABSENT), refused("/", "missing key"), prices=True)
    yield file_case("a price twice", "FORMAT-1", json.dumps(PRICES).replace('"bob"', '"ann"'), refused("/prices/ann", "distinct keys"), prices=True)
    for name, (content, expect) in (
            ("no bytes", malformed("", 1)), ("a word", malformed("[x]", 2)), ("a comma too many", malformed("[1,]", 4)),
            ("a key without quotes", malformed("{a: 1}", 2)), ("a leading +", malformed("[+1]", 2)), ("cut short", malformed(text[:-1], len(text))),
            ("something after the document", malformed(text + "x", len(text) + 1)), ("on the third line", malformed('{\n"format":\n :1}', 2, 3)),
            ("a byte that is no UTF-8", malformed(b'{"a": "\xff"}', 8)), ("a NUL after the document", malformed(text + "\u0000", len(text) + 1))):
        yield file_case(f"malformed: {name}", "FORMAT-1", content, expect)
    good = {"exit": 0}
    for name, clause, content in (
            ("everything a network may have", "FORMAT-3", text), ("the same, spread over lines", "FORMAT-1", json.dumps(GOOD, indent="\t") + "\r\n "),
            ("a byte order mark", "FORMAT-1", b"\xef\xbb\xbf" + text.encode()),
            ("no nodes", "FORMAT-3", '{"format": "p2pllm-network/1", "model": {"name": "", "layers": 1e6}, "nodes": []}'),
            ("integers in any numeral", "FORMAT-2", text.replace('"layers": [1, 2]', '"layers": ["3/3", 20e-1]').replace('"layers": 2', '"layers": "2.0"')),
            ("a unit of cost alone is the latency's too", "FORMAT-3", changed(GOOD, ("units",), {"cost": "s"})), ("alpha 0", "FORMAT-3", changed(GOOD, ("alpha",), 0)),
            ("alpha 1", "FORMAT-3", changed(GOOD, ("alpha",), "2/2")), ("a price of -0", "FORMAT-3", changed(GOOD, ("nodes", 0, "price"), "-0")),
            ("a client without legs", "FORMAT-3", changed(json.loads(changed(GOOD, ("clients",), ABSENT)), ("client",), {})),
            ("ids of any text", "FORMAT-3", changed(GOOD, ("nodes", 0, "id"), "a/b\u2192\n"))):
        yield file_case(f"accepted: {name}", clause, content, good)
    yield file_case("accepted: prices", "FORMAT-4", json.dumps(PRICES), good, prices=True)


TOPICS = {"number": number_cases, "file": file_cases}
