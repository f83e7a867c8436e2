"""Canonical encodings (COMMIT-1), from RFC 8949, 3: what a value's bytes are, and which bytes are no value's.

A value is an int, bytes, str, bool, None or a list. The place of a fault is known because it was put there.
"""
import json
from common import Dice


def head(major, argument):
    if argument < 24:
        return bytes([32 * major + argument])
    length, code = next((length, code) for length, code in ((1, 24), (2, 25), (4, 26), (8, 27)) if argument < 256 ** length)
    return bytes([32 * major + code]) + argument.to_bytes(length, "big")


def encode(value):
    if value is None or isinstance(value, bool):
        return {False: b"\xf4", True: b"\xf5", None: b"\xf6"}[value]
    if isinstance(value, int):
        return head(0, value)
    if isinstance(value, bytes):
        return head(2, len(value)) + value
    if isinstance(value, str):
        return head(3, len(value.encode())) + value.encode()
    return head(4, len(value)) + b"".join(map(encode, value))


def shown(value):
    """Diagnostic notation (RFC 8949, 8); texts as JSON writes them, beyond ASCII as they are."""
    if isinstance(value, bytes):
        return f"h'{value.hex()}'"
    if isinstance(value, list):
        return f"[{', '.join(map(shown, value))}]"
    return json.dumps(value, ensure_ascii=False)


def nested(depth, inner):
    return nested(depth - 1, [inner]) if depth else inner


def drawn(dice, depth=0):
    kind = dice.below(6 if depth < 4 else 5)
    if kind == 0:
        return dice.below(1 << dice.pick((4, 5, 8, 9, 16, 17, 32, 33, 53)))
    if kind == 1:
        return bytes(dice.below(256) for _ in range(dice.below(30)))
    if kind == 2:
        return "".join(dice.pick("aZ0 \"\\\n\u00e9\u20ac\ud7ff\ue000\U0001f600\U0010ffff") for _ in range(dice.below(12)))
    if kind < 5:
        return dice.pick((False, True, None))
    return [drawn(dice, depth + 1) for _ in range(dice.below(6))]


EDGES = [edge + more for edge in (0, 24, 1 << 8, 1 << 16, 1 << 32, 1 << 53, 1 << 63, 1 << 64) for more in (-1, 0) if 0 <= edge + more < 1 << 64]
VALUES = [*EDGES, b"", b"\x00", bytes(range(23)), bytes(range(24)), bytes(255), bytes(256), "", "a", "\u00fc", "\u6c34", "\U00010151", "\x00", "x" * 23, "x" * 24, "\u00e9" * 12,
          True, False, None, [], [[]], [[], []], [1, [2, 3], [4, 5]], list(range(1, 26)), [None] * 256, ["a", [b"a", 97]], nested(16, 0)[0:1], nested(15, [])]

# (what, bytes, rule, offset)
FAULTS = [
    ("no bytes", "", "truncated", 0),
    *((f"argument cut short: {text}", text, "truncated", 0) for text in ("18", "19", "1900", "1a000000", "1b00000000000000", "58", "7900", "9a0000")),
    ("an array without its items", "8201", "too_long", 0), ("the last item of an array is missing", "821818", "truncated", 3), ("an array within an array cut short", "828201", "too_long", 1),
    ("a number not of the fewest bytes: 0", "1800", "not_shortest", 0), ("23 in two bytes", "1817", "not_shortest", 0), ("255 in three", "1900ff", "not_shortest", 0),
    ("65535 in five", "1a0000ffff", "not_shortest", 0), ("2^32 - 1 in nine", "1b00000000ffffffff", "not_shortest", 0), ("a length not of the fewest bytes", "580161", "not_shortest", 0),
    ("an array's length not of the fewest bytes", "980101", "not_shortest", 0), ("a text's", "8201780161", "not_shortest", 2),
    ("bytes longer than the rest", "4261", "too_long", 0), ("text longer than the rest", "826161636161", "too_long", 3), ("an array of 2^64 - 1", "9bffffffffffffffff", "too_long", 0),
    ("bytes of 2^64 - 1", "825bffffffffffffffff00", "too_long", 1), ("bytes that would reach beyond by one", "5818" + "00" * 23, "too_long", 0),
    *((f"not of the subset: {what}", text, "not_in_subset", 0) for what, text in (
        ("-1", "20"), ("-2^64", "3bffffffffffffffff"), ("an empty map", "a0"), ("a map", "a16161f5"), ("a tag", "c074323031332d30332d32315432303a30343a30305a"), ("a bignum", "c249010000000000000000"),
        ("undefined", "f7"), ("simple 16", "f0"), ("simple 255", "f8ff"), ("false in two bytes", "f814"), ("1.0 of 16 bits", "f93c00"), ("of 32", "fa47c35000"), ("of 64", "fb3ff199999999999a"),
        ("NaN", "f97e00"), ("bytes of indefinite length", "5f42010243030405ff"), ("text of indefinite length", "7f657374726561646d696e67ff"), ("an array of indefinite length", "9f01ff"),
        ("a break", "ff"), ("reserved 28", "1c"), ("reserved 30 of bytes", "5e"), ("reserved 29 of an array", "9d"), ("a number of indefinite length", "1f"))),
    ("a map within an array", "8301a002", "not_in_subset", 2), ("17 deep", "81" * 17 + "00", "too_deep", 16), ("17 deep, the last empty", "81" * 16 + "80", "too_deep", 16),
    *((f"no UTF-8: {what}", f"{0x60 + len(text) // 2:02x}{text}", "not_utf8", 0) for what, text in (
        ("a byte of no character", "ff"), ("a lone continuation", "80"), ("cut short", "c3"), ("2 of 3 bytes", "e282"), ("2 of 4", "f09f98"[:4]), ("NUL in two bytes", "c080"), ("slash in two", "c1bf"), ("in three", "e09fbf"), ("in four", "f08fbfbf"),
        ("a surrogate", "eda080"), ("the last surrogate", "edbfbf"), ("above U+10FFFF", "f4908080"), ("five bytes", "f888808080"), ("a continuation too few", "e28261"), ("the second after a good one", "c3a9c3"))),
    ("a second value", "0000", "trailing", 1), ("a byte after an array", "820102f6", "trailing", 3), ("a byte after an empty array", "80ff", "trailing", 1),
    ("the first fault counts", "821800ff", "not_shortest", 1),
]


def encoding_cases():
    dice = Dice(20)
    for number, value in enumerate([*VALUES, *([drawn(dice) for _ in range(6)] for _ in range(12))]):
        text = shown(value)
        name = text if len(text) <= 40 else f"{text[:30]}... of {len(text)} characters, {number}"
        yield {"name": name, "clauses": ["COMMIT-1"], "hex": encode(value).hex(), "expect": {"value": text}}
    for name, text, rule, offset in FAULTS:
        yield {"name": name, "clauses": ["COMMIT-1"], "hex": text, "expect": {"error": rule, "offset": offset}}


TOPICS = {"encoding": encoding_cases}
