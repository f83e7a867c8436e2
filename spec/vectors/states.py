"""Who proposes (POS-1, POS-3, POS-4), and the roots of states (LEDGER-7).

Turns of a constant set are checked against its definition of fairness besides: in no window do they differ from the share by more than
H_(n-1). Objects and fields are read from the table of LEDGER-7, so that the table itself is what these cases test.
"""
import math
import re
from fractions import Fraction
from pathlib import Path
from cbor import encode
from commitments import map_root, some, tagged
from common import Dice

MOST = 1 << 62


def turn_of(stakes, owed):
    """Whose turn it is, and what is owed after it; by ticks, one by one."""
    total = sum(stakes.values())
    while True:
        owed = {who: owed[who] + stakes[who] for who in stakes}
        eligible = [who for who in sorted(stakes) if stakes[who] > 0 and owed[who] > 0]
        if eligible:
            break
    owner = max(eligible, key=lambda who: owed[who])  # of equals the first
    return owner, {who: min(4 * total, owed[who] - (total if who == owner else 0)) for who in stakes}


def run(blocks):
    """Proposers, and what is owed after each block by rising key."""
    stakes, owed, proposers, priorities = {}, {}, [], []
    for changed, round_number in blocks:
        if changed != stakes:
            before, after = sum(stakes.values()), sum(changed.values())
            owed = {who: math.floor(Fraction(owed[who] * after, before)) if who in stakes else 0 for who in changed}
            owed = {who: credit if changed[who] else min(0, credit) for who, credit in owed.items()}
            stakes = changed
        for _ in range(round_number + 1):
            owner, owed = turn_of(stakes, owed)
        proposers.append(owner)
        priorities.append([owed[who] for who in sorted(stakes)])
    return proposers, priorities


def is_fair(stakes, proposers):
    total, bound = sum(stakes.values()), sum(Fraction(1, j) for j in range(1, len(stakes)))
    for who, stake in stakes.items():
        surplus = [Fraction(0)]
        for owner in proposers:
            surplus.append(surplus[-1] + (owner == who) - Fraction(stake, total))
        if max(surplus) - min(surplus) > bound:
            return False
    return True


def rotation_cases():
    keys = [some("validator", k) for k in range(6)]
    for stakes in ((1,), (1, 1), (2, 1), (5, 1, 1), (9, 1), (1, 19, 19), (3, 5, 7, 11), (1 << 57, 1), (1 << 56, 1 << 56, 100)):
        held = dict(zip(keys, stakes))
        blocks = [(held, 0)] * min(40, 2 * sum(stakes))
        assert is_fair(held, run(blocks)[0])
        yield "constant: " + " ".join(map(str, stakes)), ["POS-1", "POS-2"], blocks
    held = dict(zip(keys, (3, 2, 2)))
    yield "silent rounds", ["POS-4"], [(held, round_number) for round_number in (0, 1, 0, 3, 2, 0, 7)]
    a, b, c, d = keys[:4]
    story = [{a: 100}, {a: 100, b: 100}, {a: 100, b: 0}, {a: 100, b: 100}, {a: 100, b: 100, c: 1000}, {a: 100, c: 1000}, {a: 100, b: 100, c: 0}, {a: 0, b: 1}, {a: 7, b: 1, d: 0}, {a: 7, b: 1, d: 300}]
    yield "join, wait, come back, leave", ["POS-3"], [(held, 0) for held in story for _ in range(3)]
    for seed in range(12):
        dice = Dice(f"rotation {seed}")
        blocks, held = [], {keys[0]: dice.between(1, 9)}
        for _ in range(24):
            if dice.below(2):
                who = keys[1 + dice.below(5)]
                held = {**held, who: dice.pick((0, 0, 1, dice.between(1, 20), dice.between(100, 10000)))}
                if dice.below(4) == 0:
                    held.pop(who)
            blocks.append((held, dice.pick((0, 0, 0, 1, 2))))
        yield f"random {seed}", ["POS-1", "POS-3", "POS-4"], blocks


def rotations():
    for name, clauses, blocks in rotation_cases():
        proposers, priorities = run(blocks)
        before = [None, *(held for held, _ in blocks)]
        listed = [{"round": round_number, **({} if held == last else {"stakes": {who.hex(): held[who] for who in sorted(held)}})} for last, (held, round_number) in zip(before, blocks)]
        yield {"name": name, "clauses": clauses, "blocks": listed,
               "expect": {"proposers": [who.hex() for who in proposers], "priorities": priorities}}


def objects():
    """{object: (key fields, other fields)} of LEDGER-7, in the order of the table."""
    text = (Path(__file__).resolve().parents[1] / "ledger.md").read_text()
    table = text[text.index("| object | map |"):text.index("`outgoing` receipts and migrations exist")]
    return {name: tuple(re.findall(r"`(\w+)`", fields) for fields in both) for name, *both in re.findall(r"^\| `(\w+)` \|[^|]*\|(.*)\|(.*)\|$", table, re.M)}


OBJECTS = objects()
HASHES = {"id", "model", "input", "root", "output", "left_state", "right_state", "mid_state", "right_before", "mid_before", "inputs", "shown_inputs", "micro_root"}
KEYS = {"key", "client", "provider", "a", "b"}
LATER = ("receipt", "validator", "stakes")
ROTATION = ("validator", "stakes")


def made(name, number_of, shard=0):
    """An object whose numbers are number_of(place)."""
    fields = {field: some(f"{name} {field}") if field in HASHES | KEYS else number_of(k) for k, field in enumerate(sum(OBJECTS[name], []))}
    if "shard" in fields:
        fields["shard"] = shard
    if "to_shard" in fields:
        fields["to_shard"] %= 64
    if name == "validator":
        fields["priority"] -= fields["priority"] % 2
        fields["sign"] = 0
    if name == "migration":
        fields["place"] = 0
    return {"object": name, **fields}


def chain_of(number_of):
    return {"object": "chain", "chain": some("chain chain"), "height": number_of(1), "round": number_of(2)}


def entry_of(entry):
    key, others = ([entry[field] for field in fields] for fields in OBJECTS[entry["object"]])
    return tagged("p2pllm/1/key", encode([entry["object"], *key])), tagged("p2pllm/1/leaf/state", encode([entry["object"], *key, *others]))


def root_of(listed):
    chain, *rest = listed
    shards = 1 + max(entry["shard"] for entry in rest if "shard" in entry)
    roots = [map_root(dict(entry_of(entry) for entry in rest if entry["object"] not in ROTATION and entry["shard"] == shard)) for shard in range(shards)]
    rotation = map_root(dict(entry_of(entry) for entry in rest if entry["object"] in ROTATION))
    return tagged("p2pllm/1/state", encode([chain["chain"], chain["height"], chain["round"], rotation, *roots]))


def burned(shard, amount=0):
    return {"object": "burned", "shard": shard, "amount": amount}


def state_cases():
    distinct, least, large = lambda k: 1000 + 7 * k, lambda k: 0, lambda k: (1 << 61) + k
    chain = chain_of(distinct)
    yield "a chain of one shard", [chain, burned(0)]
    yield "a chain of three shards", [chain_of(least), burned(0, 5), burned(1), burned(2, MOST)]
    for name in OBJECTS:
        if name == "burned":
            continue
        for word, number_of in (("least", least), ("distinct", distinct), ("large", large)):
            one = made(name, number_of)
            yield f"{name}: {word}", [chain, burned(0), one] if name in LATER else [chain, one, burned(0)]
    for sign in (0, 1):
        yield f"a priority of sign {sign}", [chain, burned(0), {**made("validator", distinct), "sign": sign, "priority": 77}]
    every = [[made(name, distinct, shard) for name in OBJECTS if name not in ("burned", *LATER)] + [burned(shard, shard)] for shard in range(2)]
    yield "one of each in each of two shards", [chain, *every[0], *every[1], *(made(name, distinct) for name in LATER)]


def states():
    for name, listed in state_cases():
        shown = [{key: value.hex() if isinstance(value, bytes) else value for key, value in entry.items()} for entry in listed]
        yield {"name": name, "clauses": ["LEDGER-7"], "objects": shown, "expect": {"root": root_of(listed).hex()}}


TOPICS = {"rotation": rotations, "state": states}
