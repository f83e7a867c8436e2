"""What is hashed and signed beside transactions: ids of chains, shards, channels, blocks and offences, states of channels, proposals; and
the home of a key. Each from the clause that it is filed under.
"""
from cbor import encode
from commitments import some, tagged

MOST = 1 << 62
PARAMETERS = ("min_stake", "launch_stake", "min_fee", "update_cooldown", "unbonding", "jail", "evidence_age_max", "deliver_within_max", "window_min", "window_max", "turn_min", "turn_max", "steps_max", "price_max", "challenge_bond_min",
              "closing_min", "closing_max")
# kind -> (clauses, tag, names of the fields, the value encoded)
KINDS = {
    "ledger": (["SHARD-1"], "p2pllm/1/shard", "chain shard", lambda chain, shard: [chain, shard]),
    "channel": (["CHAN-2"], "p2pllm/1/channel/id", "chain a b channel_nonce closing_time deposit_a deposit_b fund_by", lambda *terms: list(terms)),
    "channel_state": (["CHAN-4"], "p2pllm/1/channel/state", "chain channel version balance_a balance_b", lambda chain, channel, *state: [chain, channel, list(state)]),
    "channel_revocation": (["CHAN-4"], "p2pllm/1/channel/revocation", "chain channel revoked_below", lambda *promise: list(promise)),
    "order": (["SLA-17"], "p2pllm/1/stream/order", "chain sla units inputs", lambda *order: list(order)),
    "voucher": (["SLA-17"], "p2pllm/1/stream/voucher", "chain sla units", lambda *voucher: list(voucher)),
    "final": (["SLA-17"], "p2pllm/1/stream/final", "chain sla units", lambda *final: list(final)),
    "receipt": (["SLA-17"], "p2pllm/1/stream/receipt", "chain sla units inputs root output", lambda *receipt: list(receipt)),
    "header": (["LEDGER-6"], "p2pllm/1/block", "height round parent proposer transactions state", lambda *header: ["block", *header]),
    "proposal": (["POS-4"], "p2pllm/1/proposal", "chain height round header", lambda *proposal: ["proposal", *proposal]),
    "evidence": (["REG-5"], "p2pllm/1/evidence", "offender height round", lambda *offence: list(offence)),
}
NUMBERS = {"shard", "units", "channel_nonce", "closing_time", "deposit_a", "deposit_b", "fund_by", "version", "balance_a", "balance_b", "revoked_below", "height", "round"}


def plain(value):
    return value.hex() if isinstance(value, bytes) else value


def encoded_cases():
    """Of each kind: all least, all greatest, no two fields equal."""
    for kind, (clauses, tag, names, value_of) in KINDS.items():
        names = names.split()
        choices = {"least": lambda k, name: 0 if name in NUMBERS else bytes(32), "greatest": lambda k, name: MOST if name in NUMBERS else b"\xff" * 32,
                   "distinct": lambda k, name: (5, 24, 700, 70000, 1 << 33, 255, 256, 65535)[k] if name in NUMBERS else some(f"{kind} {name}"),
                   "distinct again": lambda k, name: (1 << 53) + k if name in NUMBERS else some(f"again {kind} {name}")}
        for choice, value in choices.items():
            fields = {name: value(k, name) for k, name in enumerate(names)}
            if kind == "ledger" and choice == "greatest":
                fields["shard"] = 63
            yield {"name": f"{kind}: {choice}", "clauses": clauses, "kind": kind, "fields": {name: plain(field) for name, field in fields.items()},
                   "expect": {"hash": tagged(tag, encode(value_of(*fields.values()))).hex()}}
    for version in (0, 23, 24, MOST):
        place = [some("chain"), some("channel")]
        for kind, value, more in (("channel_state", [*place, [version, 3, 4]], {"version": version, "balance_a": 3, "balance_b": 4}), ("channel_revocation", [*place, version], {"revoked_below": version})):
            yield {"name": f"{kind}: version {version}", "clauses": ["CHAN-4"], "kind": kind, "fields": {"chain": place[0].hex(), "channel": place[1].hex(), **more}, "expect": {"hash": tagged(KINDS[kind][1], encode(value)).hex()}}


def genesis_cases():
    numbers = dict(zip(PARAMETERS, (100, 5000, 1, 5, 30, 6, 20, 50, 2, 21, 1, 10, 4096, 1000000, 7, 3, 40)))
    for name, shards, layers, balances, proposers in (
            ("one shard", 1, 4, [{"alice": 1000}], ["carol"]), ("no accounts", 2, 64, [{}, {}], ["carol"]),
            ("accounts in order of their keys", 3, 300, [{"alice": 1 << 40, "bob": 24, "carol": 0}, {}, {"bob": 7, "dave": 65536}], ["dave", "alice"]), ("UTF-8 \u00e9 \U0001f600", 1, 1 << 20, [{"bob": (1 << 57) - 1}], ["bob"])):
        keys = [{some(who): amount for who, amount in shard.items()} for shard in balances]
        counted = [item for shard in keys for item in (len(shard), *(part for key in sorted(shard) for part in (key, shard[key])))]
        value = ["genesis", name, shards, layers, *numbers.values(), *map(some, proposers), *counted]
        # Accounts stand in reverse: who hashes them in the order of the file is wrong.
        listed = [{key.hex(): shard[key] for key in sorted(shard, reverse=True)} for shard in keys]
        yield {"name": f"genesis: {name}", "clauses": ["LEDGER-1"], "kind": "genesis",
               "fields": {"name": name, "shards": shards, "layers": layers, "parameters": numbers, "balances": listed, "proposers": [some(who).hex() for who in proposers]},
               "expect": {"hash": tagged("p2pllm/1/genesis", encode(value)).hex()}}


def message_cases():
    yield from encoded_cases()
    yield from genesis_cases()
    for shards in (1, 2, 3, 7, 64):
        for number in range(4):
            key = some("home", number)
            yield {"name": f"home: key {number} of {shards} shards", "clauses": ["SHARD-4"], "kind": "home", "fields": {"key": key.hex(), "shards": shards}, "expect": {"shard": tagged("p2pllm/1/home", key)[0] % shards}}
    for name, state in (("empty", b""), ("a byte", b"\x00"), ("300 bytes", bytes(range(250)) + bytes(50))):
        yield {"name": f"computation_state: {name}", "clauses": ["COMMIT-4"], "kind": "computation_state", "fields": {"state": state.hex()}, "expect": {"hash": tagged("p2pllm/1/computation-state", state).hex()}}


TOPICS = {"message": message_cases}
