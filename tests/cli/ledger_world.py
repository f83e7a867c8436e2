"""A small chain with ideal signatures, and what its people send: an implementation beside the program's own."""
import hashlib
import json
import os
import socket
import time

from harness import SECONDS_MAX, CommandLine


def tagged(tag, content):
    """COMMIT-2."""
    return hashlib.sha256(bytes([len(tag)]) + tag.encode() + content).digest()


def key(number):
    return tagged("p2pllm/1/ideal key", bytes([number]) + bytes(31))


ALICE, BOB, CAROL = key(1), key(2), key(3)
PARAMETERS = {"min_stake": 100, "launch_stake": 1000, "min_fee": 1, "update_cooldown": 5, "unbonding": 30, "jail": 5, "evidence_age_max": 20, "deliver_within_max": 50,
              "window_min": 2, "window_max": 20, "turn_min": 1, "turn_max": 10, "steps_max": 4096, "price_max": 1000000, "challenge_bond_min": 5, "closing_min": 2, "closing_max": 20}


def linked(documents):
    """LEDGER-8: the lines of a trace with their links."""
    link, lines = bytes(32), []
    for document in documents:
        text = json.dumps({name: value for name, value in document.items() if name != "link"}, separators=(",", ":"))[:-1]
        link = tagged("p2pllm/1/trace", link + text.encode())
        lines.append(f'{text},"link":"{link.hex()}"}}\n')
    return "".join(lines)


def head(name="test"):
    genesis = {"name": name, "shards": 1, "layers": 4, "parameters": PARAMETERS, "balances": [{k.hex(): 1_000_000_000 for k in sorted([ALICE, BOB, CAROL])}],
               "proposers": [CAROL.hex()]}
    return linked([{"format": "p2pllm-trace/3", "genesis": genesis, "signatures": "ideal", "names": {}}])


def cbor(value):
    """COMMIT-1."""
    if isinstance(value, list):
        return cbor_head(4, len(value)) + b"".join(map(cbor, value))
    return cbor_head(2, len(value)) + value if isinstance(value, bytes) else cbor_head(0, value)


def cbor_head(major, argument):
    if argument < 24:
        return bytes([major << 5 | argument])
    size = 0
    while argument >> (8 << size):
        size += 1
    return bytes([major << 5 | 24 + size]) + argument.to_bytes(1 << size, "big")


def transfer(chain, nonce, amount=1, sender=ALICE, to=BOB, valid_until=10**6, fee=1):
    """The encoding of a transfer (LEDGER-3), and its id."""
    fields = [bytes.fromhex(chain), 0, sender, nonce, valid_until, fee, [0, to, 0, amount]]
    name = tagged("p2pllm/1/transaction", cbor(fields))
    return cbor([*fields, tagged("p2pllm/1/ideal signature", sender + name) + bytes(32)]), name.hex()


def encoded(transaction):
    return json.dumps({"encoded": transaction.hex()}) + "\n"


class Client:
    """A connection to a service."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(SECONDS_MAX)
        self.socket.connect(path)
        self.file = self.socket.makefile("rb")

    def send(self, text):
        self.socket.sendall(text.encode() if isinstance(text, str) else text)

    def answer(self):
        """The next answer; nothing at the end of the connection."""
        try:
            line = self.file.readline()
        except ConnectionResetError:
            return None
        return json.loads(line) if line.endswith(b"\n") else None

    def end(self):
        self.socket.shutdown(socket.SHUT_WR)

    def close(self):
        self.file.close()
        self.socket.close()


class LedgerTest(CommandLine):
    def setUp(self):
        super().setUp()
        self.write("head.jsonl", head())
        self.program = None

    def init(self, file="a.ledger", trace="head.jsonl"):
        self.expect(0, "ledger", "init", file, trace)
        return self.status(file)["chain"]

    def status(self, of="a.ledger"):
        return self.expect(0, "ledger", "status", of, "--json").json

    def serve(self, *options, file="a.ledger", interval="20ms", **more):
        """Starts the service and waits until it listens."""
        self.program = self.start("ledger", "run", file, "a.socket", "--interval", interval, *options, **more)
        self.addCleanup(self.end_program, self.program)
        deadline = time.monotonic() + SECONDS_MAX
        while time.monotonic() < deadline and self.program.poll() is None:
            try:
                return self.connect()
            except OSError:
                time.sleep(0.01)
        self.fail(f"the service does not begin: {self.program.stderr.read()}")

    def connect(self):
        os_path = os.path.relpath(self.folder / "a.socket")
        client = Client(min(os_path, str(self.folder / "a.socket"), key=len))
        self.addCleanup(client.close)
        return client

    def stop(self, signal, code=0):
        self.program.send_signal(signal)
        self.assertEqual(code, self.program.wait(SECONDS_MAX))
        return self.program.stderr.read().decode()

    @staticmethod
    def end_program(program):
        if program.poll() is None:
            program.kill()
        program.wait()
        program.stderr.close()
