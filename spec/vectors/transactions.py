"""Transactions (LEDGER-3): their encodings, ids and signatures, and bytes that encode none.

Codes and fields are read from the table of LEDGER-4, so that the table itself is what these cases test. The place of a fault is known
because it was put there: `items` lists where each item of an encoding begins.
"""
import re
from pathlib import Path
from cbor import encode, head
from commitments import some, tagged
from common import Dice
import curve

MOST = 1 << 62
ENVELOPE = (("shard", "number"), ("sender", "key"), ("nonce", "number"), ("valid_until", "number"), ("fee", "number"))
SIZES = {"key": 32, "hash": 32, "signature": 64}
EDGES = (23, 24, 255, 256, 65535, 65536, (1 << 32) - 1, 1 << 32, (1 << 53) + 1, MOST - 1)
CHAIN = some("chain")


def operations():
    """(code, name, [(field, kind)]) of each row of LEDGER-4."""
    text = (Path(__file__).resolve().parents[1] / "ledger.md").read_text()
    table = text[text.index("| code | operation | fields |"):text.index("A contract operation finds its object")]
    for codes, names, fields in re.findall(r"^\| ([\d, ]+) \| ([\w, ]+) \|(.*)\|$", table, re.M):
        listed = [(field, kind or "number") for field, kind in re.findall(r"`(\w+)`(?: (\w+))?", fields)]
        for code, name in zip(codes.split(", "), names.split(", "), strict=True):
            yield int(code), name, listed


OPERATIONS = list(operations())
assert [code for code, _, _ in OPERATIONS] == list(range(40))


def body(chain, transaction):
    """The first seven items."""
    code, _, fields = next(row for row in OPERATIONS if row[1] == transaction["operation"])
    return [chain, *(transaction[field] for field, _ in ENVELOPE), [code, *(transaction[field] for field, _ in fields)]]


def id_of(chain, transaction):
    return tagged("p2pllm/1/transaction", encode(body(chain, transaction)))


def encoded(chain, transaction):
    return encode([*body(chain, transaction), transaction["signature"]])


def signed(chain, transaction, seed):
    """By the key of the seed, which becomes the sender."""
    transaction = {**transaction, "sender": curve.public(seed)}
    return {**transaction, "signature": curve.sign(seed, id_of(chain, transaction))}


def made(row, value):
    """A transaction whose fields are value(kind, name)."""
    _, name, fields = row
    envelope = {field: value(kind, field) for field, kind in ENVELOPE}
    return {**envelope, "operation": name, **{field: value(kind, field) for field, kind in fields}, "signature": bytes(64)}


def least(kind, _):
    return {"number": 0, "bytes": b"", "truth": False, "hashes": []}.get(kind, bytes(SIZES.get(kind, 0)))


def greatest(kind, _):
    return {"number": MOST, "bytes": bytes(range(256)) * 2, "truth": True, "hashes": [b"\xff" * 32] * 24}.get(kind, b"\xff" * SIZES.get(kind, 0))


def drawn(dice, name):
    """Values of which no two are equal, so that fields in another order would be noticed."""
    numbers = set()

    def value(kind, field):
        if kind == "number":
            number = dice.pick((*EDGES, *(dice.below(1 << bits) for bits in (4, 8, 16, 32, 50))))
            while number in numbers:
                number += 1
            numbers.add(number)
            return number
        if kind == "truth":
            return True
        if kind == "bytes":
            return some(field) * 3 if dice.below(2) else some(field)[:dice.below(24)]
        if kind == "hashes":
            return [some(f"{name} {field}", k) for k in range(1 + dice.below(4))]
        return (some(f"{name} {field}") + some(f"{name} {field}", 1))[:SIZES[kind]]
    return value


def shown(transaction):
    """As in traces (LEDGER-8)."""
    def text(value):
        return value.hex() if isinstance(value, bytes) else [one.hex() for one in value] if isinstance(value, list) else value
    return {key: text(value) for key, value in transaction.items()}


def case(name, transaction, chain=CHAIN):
    own_id = id_of(chain, transaction)
    return {"name": name, "clauses": ["LEDGER-3", "LEDGER-4"], "chain": chain.hex(), "transaction": shown(transaction),
            "expect": {"hex": encoded(chain, transaction).hex(), "id": own_id.hex(), "signed": curve.valid(transaction["sender"], own_id, transaction["signature"])}}


def row_of(name):
    return next(row for row in OPERATIONS if row[1] == name)


def forged_cases():
    """Signatures under something else than the id."""
    plain = signed(CHAIN, made(row_of("transfer"), drawn(Dice(31), "forged")), some("alice"))
    unsigned = encode(body(CHAIN, plain))
    for name, message in (("what is hashed", unsigned), ("the hash without its tag", tagged("", unsigned)), ("the hash as a channel's state", tagged("p2pllm/1/channel/state", unsigned)),
                          ("the encoding with a signature of zeros", tagged("p2pllm/1/transaction", encoded(CHAIN, {**plain, "signature": bytes(64)}))), ("the seven items of eight", tagged("p2pllm/1/transaction", b"\x88" + unsigned[1:]))):
        yield case(f"signed under another message: {name}", {**plain, "signature": curve.sign(some("alice"), message)})
    yield case("signed by another", {**plain, "signature": signed(CHAIN, plain, some("bob"))["signature"]})
    yield case("signed for another chain", plain, some("another chain"))
    for field, value in (("shard", plain["shard"] + 1), ("nonce", plain["nonce"] + 1), ("valid_until", plain["valid_until"] + 1), ("fee", plain["fee"] + 1), ("amount", plain["amount"] + 1), ("to", some("thief"))):
        yield case(f"{field} changed after it was signed", {**plain, field: value})


def items(value, at=0):
    """(where it begins, its head's length, what it announces, whether an array), in the order of reading."""
    major = 4 if isinstance(value, list) else 2 if isinstance(value, bytes) else 0
    size = len(head(major, value if major == 0 else len(value)))
    yield at, size, 0 if major == 0 else len(value), major == 4
    at += size
    for one in value if major == 4 else ():
        yield from items(one, at)
        at += len(encode(one))


def cut(value, length):
    """The first rule that the first `length` bytes of the encoding break, and where (COMMIT-1)."""
    for at, size, announced, _ in items(value):
        if at + size > length:
            return "truncated", at
        if announced > length - at - size:
            return "too_long", at
    raise AssertionError("nothing is missing")


def place(value, *path):
    """Where the item at this path begins."""
    at = 0
    for index in path:
        at += len(head(4, len(value))) + sum(len(encode(one)) for one in value[:index])
        value = value[index]
    return at


def replaced(value, path, new):
    index, *rest = path
    return [*value[:index], replaced(value[index], rest, new) if rest else new, *value[index + 1:]]


def wholes():
    """Whole values that are no transactions: (name, value, rule, path of the item)."""
    def whole(name):
        transaction = signed(CHAIN, made(row_of(name), drawn(Dice(32), name)), some("carol"))
        return [*body(CHAIN, transaction), transaction["signature"]]

    transfer, top_up, side, post_mid, unbond = whole("transfer"), whole("top_up"), whole("side"), whole("post_mid"), whole("unbond")
    yield "the signature is missing", transfer[:7], "wrong_length", ()
    yield "an item more", [*transfer, 0], "wrong_length", ()
    yield "the operation's fields beside it", [*transfer[:6], *transfer[6], transfer[7]], "wrong_length", ()
    yield "an empty array", [], "wrong_length", ()
    yield "a number", 7, "wrong_type", ()
    for name, index in (("chain", 0), ("sender", 2), ("signature", 7)):
        yield f"{name}: a byte less", replaced(transfer, (index,), transfer[index][:-1]), "wrong_length", (index,)
        yield f"{name}: a byte more", replaced(transfer, (index,), transfer[index] + b"\x00"), "wrong_length", (index,)
        yield f"{name}: a text", replaced(transfer, (index,), "x" * len(transfer[index])), "wrong_type", (index,)
        yield f"{name}: null", replaced(transfer, (index,), None), "wrong_type", (index,)
    for name, index in (("shard", 1), ("validUntil", 4), ("fee", 5)):
        for number in (MOST + 1, (1 << 64) - 1):
            yield f"{name}: {number}", replaced(transfer, (index,), number), "wrong_value", (index,)
        yield f"{name}: bytes", replaced(transfer, (index,), b"\x01"), "wrong_type", (index,)
    yield "nonce: true", replaced(transfer, (3,), True), "wrong_type", (3,)
    yield "the operation: its code alone, in no array", replaced(unbond, (6,), 5), "wrong_type", (6,)
    yield "the code: a text", replaced(transfer, (6, 0), "transfer"), "wrong_type", (6, 0)
    for code in (35, 255, (1 << 64) - 1):
        yield f"the code {code}", replaced(transfer, (6, 0), code), "wrong_value", (6, 0)
    yield "a transfer with another's code", replaced(transfer, (6, 0), 33), "wrong_value", (6, 0)
    yield "a transfer without its amount", replaced(transfer, (6,), transfer[6][:-1]), "wrong_value", (6, 0)
    yield "a transfer with a field more", replaced(transfer, (6,), [*transfer[6], 0]), "wrong_value", (6, 0)
    yield "an operation of nothing", replaced(transfer, (6,), []), "wrong_value", (6,)
    yield "unbond with a field", replaced(unbond, (6,), [5, 0]), "wrong_value", (6, 0)
    yield "top_up of 2^62 + 1", replaced(top_up, (6, 1), MOST + 1), "wrong_value", (6, 1)
    yield "a receiver of 31 bytes", replaced(transfer, (6, 1), transfer[6][1][:-1]), "wrong_length", (6, 1)
    yield "a truth as a number", replaced(side, (6, 2), 1), "wrong_type", (6, 2)
    yield "a truth as null", replaced(side, (6, 2), None), "wrong_type", (6, 2)
    yield "a proof as bytes", replaced(post_mid, (6, 4), b"".join(post_mid[6][4])), "wrong_type", (6, 4)
    yield "a proof with a hash of 33 bytes", replaced(post_mid, (6, 4, 0), post_mid[6][4][0] + b"\x00"), "wrong_length", (6, 4, 0)
    yield "a proof with a number", replaced(post_mid, (6, 4, 0), 0), "wrong_type", (6, 4, 0)
    yield "two faults: the first counts", replaced(replaced(transfer, (5,), MOST + 1), (0,), transfer[0][:-1]), "wrong_length", (0,)


def refused_cases():
    def refused(name, octets, rule, offset):
        return {"name": f"no transaction: {name}", "clauses": ["LEDGER-3", "COMMIT-1"], "hex": octets.hex(), "expect": {"error": rule, "offset": offset}}

    for name, value, rule, path in wholes():
        yield refused(name, encode(value), rule, place(value, *path))
    transaction = signed(CHAIN, made(row_of("channel_punish"), drawn(Dice(33), "cut")), some("carol"))
    value = [*body(CHAIN, transaction), transaction["signature"]]
    octets = encode(value)
    lengths = sorted({length for at, size, announced, is_array in items(value) for length in (at, at + size - 1, at + size + (0 if is_array else announced) - 1)} | {at + size for at, size, _, _ in items(value)})
    for length in (length for length in lengths if 0 <= length < len(octets)):
        yield refused(f"cut after byte {length}", octets[:length], *cut(value, length))
    yield refused("a byte after it", octets + b"\x00", "trailing", len(octets))
    yield refused("twice", octets * 2, "trailing", len(octets))
    for name, path in (("fee", (5,)), ("code", (6, 0))):
        short = replaced(value, path, 5)
        whole, at = encode(short), place(short, *path)
        yield refused(f"{name} not of the fewest bytes", whole[:at] + b"\x18\x05" + whole[at + 1:], "not_shortest", at)
    yield refused("the array's length in two bytes", b"\x98\x08" + octets[1:], "not_shortest", 0)
    yield refused("the array of indefinite length", b"\x9f" + octets[1:] + b"\xff", "not_in_subset", 0)
    at = place(value, 5)
    yield refused("fee: -1", octets[:at] + b"\x20" + octets[place(value, 6):], "not_in_subset", at)
    yield refused("fee: 1.0", octets[:at] + b"\xf9\x3c\x00" + octets[place(value, 6):], "not_in_subset", at)
    at = place(value, 0)
    yield refused("the chain's length in three bytes", octets[:at] + b"\x59\x00\x20" + octets[at + 2:], "not_shortest", at)


def transaction_cases():
    dice = Dice(30)
    for row in OPERATIONS:
        name = row[1]
        yield case(f"{name}: all least, signed by nobody", made(row, least))
        yield case(f"{name}: all greatest", signed(CHAIN, made(row, greatest), some("alice")))
        yield case(f"{name}: drawn", signed(CHAIN, made(row, drawn(dice, name)), some("bob")))
    yield from forged_cases()
    yield from refused_cases()


TOPICS = {"transaction": transaction_cases}
