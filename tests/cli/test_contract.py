"""p2pllm contract: traces are replayed, each change in one is found, a bad one has one line; tables are current."""
import hashlib
import json
import os
import subprocess
from fractions import Fraction

from harness import BAD_INPUT, EXAMPLES, HOLDS, REFUTED, SOURCE, CommandLine, main

TRACES = sorted((EXAMPLES / "contracts").glob("*.jsonl"))
DIGITS = "64 lower-case hexadecimal digits are required"


def link_of(before, text):
    tag = b"p2pllm/1/trace"
    return hashlib.sha256(bytes([len(tag)]) + tag + bytes.fromhex(before) + text.encode()).hexdigest()


def linked(documents):
    """The lines of a trace with their links computed anew."""
    link, lines = "00" * 32, []
    for document in documents:
        text = json.dumps({key: value for key, value in document.items() if key != "link"}, separators=(",", ":"))[:-1]
        link = link_of(link, text)
        lines.append(f'{text},"link":"{link}"}}')
    return "\n".join(lines) + "\n"


def documents_of(name):
    return [json.loads(line) for line in (EXAMPLES / "contracts" / f"{name}.jsonl").read_text().splitlines()]


def members(value, path=()):
    """The path of every member of a document."""
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield (*path, key)
        yield from members(item, (*path, key))


def corrupted(value):
    """Another value that differs as little as possible."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, str):
        return value[:-1] + ("1" if value[-1:] != "1" else "2")
    if isinstance(value, list):
        return value[:-1] if value else ["00" * 32]
    return dict(list(value.items())[:-1])


def with_change(documents, line, path):
    copy = json.loads(json.dumps(documents))
    place = copy[line]
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = corrupted(place[path[-1]])
    return copy


class Trace(CommandLine):
    def replay(self, code, *options, trace="t.jsonl"):
        return self.expect(code, "contract", "replay", trace, *options)


class Examples(Trace):
    """LEDGER-8, LEDGER-9."""

    def test_every_example_replays(self):
        self.assertGreaterEqual(len(TRACES), 7)
        for path in TRACES:
            with self.subTest(path.name):
                lines = len(path.read_text().splitlines())
                self.assertIn(f"{lines} lines replayed, everything is as recorded", self.replay(HOLDS, trace=path).out)
                told = self.replay(HOLDS, "--explain", "--step", trace=path).out
                for number in range(2, lines + 1):
                    self.assertIn(f"\nline {number}, block ", "\n" + told)
                answer = self.replay(HOLDS, "--json", "--step", trace=path).json
                self.assertTrue(answer["holds"])
                self.assertEqual(lines - 1, len(answer["steps"]))

    def test_the_examples_are_what_their_program_makes(self):
        if "CONTRACT_EXAMPLES" not in os.environ:
            self.skipTest("CONTRACT_EXAMPLES names no program")
        subprocess.run([os.environ["CONTRACT_EXAMPLES"], self.folder], check=True)
        self.assertEqual([path.name for path in TRACES], sorted(path.name for path in self.folder.iterdir()))
        for path in TRACES:
            self.assertEqual(path.read_text(), (self.folder / path.name).read_text(), path.name)

    def test_the_links_are_those_of_another_implementation(self):
        for path in TRACES:
            self.assertEqual(path.read_text(), linked(map(json.loads, path.read_text().splitlines())))

    def test_rounds_pass_before_the_first_transaction_of_all(self):
        head, = documents_of("two_shards")[:1]
        self.write("t.jsonl", linked([head, {"skip_to": {"round": 1}}, {"skip_to": {"round": 3}}]))
        self.assertIn("3 lines replayed", self.replay(HOLDS).out)

    def test_a_trace_from_standard_input(self):
        self.expect(HOLDS, "contract", "replay", "-", given=TRACES[0].read_text())

    def test_words_and_changes(self):
        told = self.replay(HOLDS, "--explain", "--step", trace=EXAMPLES / "contracts" / "job_disputed.jsonl").out
        for text in ("challenges what is shown of SLA ", "with a bond of 10: done", "failed, wrong_status: the object's status must have this transition",
                     "status Delivered -> Disputed", "account alice: balance 959 -> 948, nonce 1 -> 2", "turn provider -> client",
                     "registration bob: status active -> tombstoned, stake 200 -> 0"):
            self.assertIn(text, told)
        told = self.replay(HOLDS, "--step", trace=EXAMPLES / "contracts" / "job_disputed.jsonl").out
        for text in ("with a bond of 10: done\n", ": failed, wrong_status\n"):
            self.assertIn(text, told)

    def test_bad_transactions_have_a_named_reason_and_change_nothing(self):
        """LEDGER-3."""
        seen, before = {}, None
        for document in documents_of("refusals")[1:]:
            if "outcome" in document:
                seen.setdefault(document["outcome"], []).append(document["state"] == before)
            before = document["state"]
        for reason in ("malformed_encoding", "wrong_chain", "wrong_shard", "wrong_signature", "terms_out_of_range", "nonce_used", "nonce_ahead",
                       "past_valid_until", "fee_too_low", "fee_not_covered"):
            # The first line has no state before it to compare with.
            self.assertTrue(all(seen[reason][1:] if reason == "malformed_encoding" else seen[reason]), reason)
        for reason in ("none", "not_covered", "unknown_object", "below_min_stake"):
            self.assertFalse(any(seen[reason]), reason)


class Deterrence(Trace):
    """SLA-16."""

    def bond(self, *options):
        answer = self.expect(HOLDS, "contract", "deter", *options, "--json").json
        self.assertGreaterEqual(Fraction(answer["bond_decimal"]), Fraction(answer["bond"]))
        return Fraction(answer["bond"])

    def test_bonds(self):
        deal = ("--price", "1", "--cost", "4/5", "--check", "1/50")
        self.assertEqual(Fraction(196, 5), self.bond(*deal))
        self.assertEqual(Fraction(196, 5), self.bond(*deal, "--stake", "100"))  # any number of SLAs share it
        for streams, stake in ((1, 3), (2, 3), (3, "1/7"), (40, 20)):
            expected = (Fraction(49, 50) * Fraction(4, 5) - Fraction(stake) * (1 - Fraction(49, 50) ** streams) / streams) * 50
            self.assertEqual(max(0, expected), self.bond(*deal, "--stake", str(stake), "--streams", str(streams)))
        self.assertEqual(0, self.bond("--price", "1", "--cost", "1", "--check", "1"))
        text = self.expect(HOLDS, "contract", "deter", "--price", "1", "--cost", "1", "--check", "3/7").out
        self.assertIn("bond           1.33333334 (rounded up), 1.34 times the price of a unit\n", text)

    def test_what_is_refused(self):
        good = {"--price": "1", "--cost": "1/2", "--check": "1/10", "--stake": "0", "--streams": "1"}
        for option, value, rule in (("--price", "0", "the price of a unit must be above 0"), ("--cost", "2", "the cost of a unit must be from 0 to its price"),
                                    ("--cost", "-1", "the cost of a unit must be from 0 to its price"),
                                    ("--check", "0", "the probability that a unit is checked must be above 0 and at most 1"),
                                    ("--check", "11/10", "the probability that a unit is checked must be above 0 and at most 1"),
                                    ("--stake", "-1/2", "the stake must be at least 0")):
            arguments = [part for pair in {**good, option: value}.items() for part in pair]
            self.expect_bad(f"{option}: {value}: {rule}", "contract", "deter", *arguments)
        for streams in ("0", "1001", "x"):
            arguments = [part for pair in {**good, "--streams": streams}.items() for part in pair]
            self.assertIn("--streams", self.expect(BAD_INPUT, "contract", "deter", *arguments).err)
        self.expect(BAD_INPUT, "contract", "deter", "--price", "1")


class Tables(Trace):
    """REG-1, SLA-1, CHAN-1."""

    def test_the_pages_are_what_the_program_prints(self):
        self.assertEqual((SOURCE / "spec" / "tables.md").read_text(), self.expect(HOLDS, "contract", "table", "--markdown").out)
        for machine in ("registration", "sla", "channel"):
            self.expect(HOLDS, "contract", "table", machine, "--svg", "machine.svg")
            self.assertEqual((SOURCE / "spec" / f"{machine}.svg").read_text(), (self.folder / "machine.svg").read_text())

    def test_every_form_has_every_row(self):
        for machine in ("registration", "sla", "channel"):
            text = self.expect(HOLDS, "contract", "table", machine, "--svg", "machine.svg").out
            table = self.expect(HOLDS, "contract", "table", machine, "--json").json
            picture = (self.folder / "machine.svg").read_text()
            for row in table["transitions"]:
                self.assertIn(f"\n  {row['operation']}, by {row['by']}: {', '.join(row['from'])} -> {', '.join(row['to'])}\n", text)
                self.assertIn(f">{row['operation']} <", picture)
            self.assertLess(set(table["final"]), set(table["statuses"]))

    def test_usage(self):
        self.expect_bad('MACHINE: "market": it must be registration, sla or channel', "contract", "table", "market")
        self.expect_bad("MACHINE: registration, sla or channel is required, or --markdown", "contract", "table")
        self.expect_bad('contract "foo": replay, table, deter, fuzz or fuzz-case is required (p2pllm contract --help tells more)', "contract", "foo")
        self.expect(BAD_INPUT, "contract", "table", "sla", "--markdown")
        self.expect(BAD_INPUT, "contract")
        self.expect_bad("x/y.svg: cannot be written: No such file or directory", "contract", "table", "sla", "--svg", "x/y.svg")


class Divergence(Trace):
    """LEDGER-9."""

    def test_every_member_changed_alone_is_found_in_its_line(self):
        documents = documents_of("job_disputed")
        changes = 0
        for number, document in enumerate(documents):
            for path in members(document):
                self.write("t.jsonl", "\n".join(json.dumps(d, separators=(",", ":")) for d in with_change(documents, number, path)) + "\n")
                answer = self.run_program("contract", "replay", "t.jsonl")
                self.assertIn(answer.code, (REFUTED, BAD_INPUT), path)
                told = answer.out + answer.err
                self.assertIn(f"t.jsonl: line {number + 1}", told.splitlines()[0], path)
                self.assertRegex(told, r"(: line \d+: |\n  )/\w+")
                changes += 1
        self.assertGreater(changes, 250)

    def test_links_made_anew_hide_no_change_of_a_transaction(self):
        documents = documents_of("job_paid")
        for number, document in enumerate(documents):
            for path in members(document):
                if path[0] in ("transaction", "outcome", "state"):
                    self.write("t.jsonl", linked(with_change(documents, number, path)))
                    answer = self.run_program("contract", "replay", "t.jsonl")
                    self.assertIn(answer.code, (REFUTED, BAD_INPUT), path)
                    self.assertIn(f"t.jsonl: line {number + 1}", (answer.out + answer.err).splitlines()[0], path)

    def test_lines_lost_moved_or_repeated(self):
        lines = (EXAMPLES / "contracts" / "job_paid.jsonl").read_text().splitlines(keepends=True)
        for number, changed in ((3, lines[:2] + lines[3:]), (4, lines[:3] + [lines[4], lines[3]] + lines[5:]), (5, lines[:4] + [lines[3]] + lines[4:])):
            self.write("t.jsonl", "".join(changed))
            told = self.replay(REFUTED).out
            self.assertIn(f"line {number} diverges", told)
            self.assertIn("/link: recorded", told)
        self.write("t.jsonl", "".join(lines[:4]))  # the beginning of a history is a history too
        self.replay(HOLDS)

    def test_a_wrong_outcome_with_both_states(self):
        documents = documents_of("job_paid")
        documents[3]["outcome"] = "too_late"
        self.write("t.jsonl", linked(documents))
        told = self.replay(REFUTED).out
        self.assertRegex(told, r"^t.jsonl: line 4 diverges: alice proposes SLA \w+ to bob: 2 units .*\n  /outcome: recorded too_late, computed none\n  before the line")
        self.assertIn("account alice: balance 1000\n", told)
        self.assertIn("account alice: balance 979, nonce 1\n", told)
        divergence = self.replay(REFUTED, "--json").json["divergence"]
        self.assertEqual([{"pointer": "/outcome", "recorded": "too_late", "computed": "none"}], divergence["differences"])
        self.assertEqual(["account", "account", "account", "registration", "sla"], sorted(found["object"] for found in divergence["after"]))
        self.assertEqual(["account", "account", "account", "registration"], sorted(found["object"] for found in divergence["before"]))

    def test_a_wrong_state(self):
        documents = documents_of("two_shards")
        for number in (1, 5):
            wrong = with_change(documents, number, ("state",))
            self.write("t.jsonl", linked(wrong))
            self.assertIn(f"line {number + 1} diverges", self.replay(REFUTED).out)
            difference, = self.replay(REFUTED, "--json").json["divergence"]["differences"]
            self.assertEqual({"pointer": "/state", "recorded": wrong[number]["state"], "computed": documents[number]["state"]}, difference)

    def test_a_transaction_replayed(self):
        documents = documents_of("job_paid")
        documents.insert(2, {key: value for key, value in documents[1].items() if key != "state"})
        self.write("t.jsonl", linked(documents))
        self.assertIn("/outcome: recorded none, computed nonce_used", self.replay(REFUTED).out)


class BadTraces(Trace):
    """LEDGER-8, with the lines of FORMAT-6."""

    def bad(self, documents, message):
        self.write("t.jsonl", documents if isinstance(documents, str) else linked(documents))
        self.expect_bad(f"t.jsonl: {message}", "contract", "replay", "t.jsonl")

    def test_the_head(self):
        head, = documents_of("job_paid")[:1]
        genesis = head["genesis"]

        def changed(**changes):
            return [{**head, "genesis": {**genesis, **changes}}]
        parameters = genesis["parameters"]
        some = next(iter(genesis["balances"][0]))
        for documents, message in (
                ([{**head, "format": "p2pllm-trace/2"}], '/format: "p2pllm-trace/2": the format must be "p2pllm-trace/3"'),
                ([{**head, "signatures": "rsa"}], '/signatures: "rsa": "ed25519" or "ideal" is required'),
                ([{**head, "names": {"a b": some}}], f'/names/a b: "{some[:39]}...: a name is 1 to 32 printable ASCII characters, none a space'),
                ([{**head, "names": {"a": some, "b": some}}], f'/names/b: "{some[:39]}...: an account has one name'),
                ([{**head, "executors": {some: "other"}}], f'/executors/{some[:40]}...: "other": there is no such executor; known here: layers, sample'),
                ([{**head, "executors": {"ab": "sample"}}], f'/executors/ab: "sample": {DIGITS}'),
                ([{**head, "executor": "other"}], '/executor: "other": there is no such executor; known here: layers, sample'),
                ([{**head, "executors": []}], "/executors: array of 0: an object is expected here"),
                (changed(shards=0), "/genesis/shards: 0: 1 to 64 shards are required"),
                (changed(shards=2), "/genesis/balances: array of 1: one list a shard"),
                (changed(proposers=[]), "/genesis/proposers: array of 0: at least one is required"),
                (changed(proposers=["ab"]), f'/genesis/proposers/0: "ab": {DIGITS}'),
                (changed(balances=[{some: 2**62}]), None),
                (changed(balances=[{some: -1}]), f"/genesis/balances/0/{some[:40]}...: -1: a whole number from 0 to 2^62 is required"),
                (changed(parameters={**parameters, "min_fee": 0}), "/genesis/parameters: object: min_fee >= 1 is required"),
                (changed(parameters={**parameters, "speed": 0}), "/genesis/parameters/speed: 0: there is no such parameter"),
                (changed(parameters={key: value for key, value in parameters.items() if key != "jail"}), '/genesis/parameters: object: the key "jail" is required here')):
            with self.subTest(message):
                if message:
                    self.bad(documents, f"line 1: {message}")
                else:
                    self.write("t.jsonl", linked(documents))
                    self.assertRegex(self.replay(BAD_INPUT).err, r"line 1: /genesis/balances: array of 1: the supply must be ")

    def test_other_lines(self):
        documents = documents_of("job_paid")
        head, good = documents[0], documents[1]
        transaction = good["transaction"]

        def line(**changes):
            return [head, {"transaction": {**transaction, **changes}, "outcome": "none"}]
        keys = 'a line has one of the keys "transaction", "encoded", "end_block" and "skip_to"'
        for changed, message in (
                ([head, {"outcome": "none"}], f"/: object: {keys}"),
                ([head, {"encoded": "", **good}], f"/: object: {keys}"),
                ([head, {"encoded": "0", "outcome": "none"}], '/encoded: "0": lower-case hexadecimal digits, two a byte, are required'),
                ([head, {"transaction": transaction}], '/: object: the key "outcome" is required here'),
                ([head, {"transaction": 5, "outcome": "none"}], "/transaction: 5: an object is expected here"),
                ([head, {**good, "note": 1}], "/note: 1: unknown key; known here: transaction, encoded, end_block, skip_to, outcome, state, link"),
                ([head, {"end_block": {"count": 1}}], '/: object: the key "state" is required here'),
                ([head, {"end_block": {"count": 1000001}, "state": "00" * 32}], "/end_block/count: 1000001: 1 to 1000000 blocks end in one line"),
                ([head, {"end_block": {"count": 1, "round": 1}, "state": "00" * 32}], "/end_block/round: 1: unknown key; known here: count"),
                ([head, {"skip_to": {"round": 1001}}], "/skip_to/round: 1001: a round from 1 to 1000 is required"),
                ([head, {"skip_to": {"round": 1}, "outcome": "none"}], '/outcome: "none": only a transaction has an outcome'),
                ([head, good, {"skip_to": {"round": 1}}], None),
                (line(operation="steal"), '/transaction/operation: "steal": there is no such operation'),
                (line(fee=-1), "/transaction/fee: -1: a whole number from 0 to 2^62 is required"),
                (line(stake=2**62 + 1), f"/transaction/stake: {2**62 + 1}: a whole number from 0 to 2^62 is required"),
                (line(stake=0.5), "/transaction/stake: 0.5: a whole number from 0 to 2^62 is required"),
                (line(sender="ab"), f'/transaction/sender: "ab": {DIGITS}'),
                (line(colour=1), "/transaction/colour: 1: this key is unknown here")):
            with self.subTest(message):
                if message:
                    self.bad(changed, f"line 2: {message}")
                else:
                    self.bad(changed, "line 3: /skip_to: object: rounds pass before the block's first transaction")

    def test_text_that_is_no_trace(self):
        text = TRACES[0].read_text()
        head = text.splitlines()[0]
        for content, message in (
                ("", "line 1: /: the line is empty: an object is required"),
                ("[]", "line 1: /: array of 0: an object is expected here"),
                ("{}", 'line 1: /: object: the key "link" is required here'),
                (head[:-2], f"line 1, column {len(head) - 1}: malformed JSON"),
                (head[:-1] + " }", 'line 1: /link: '),
                ('{"link":"' + "0" * 64 + '","format":1}', 'line 1: /link: '),
                (head + "\n" + head, "line 2: /format: "),
                (head + "\n\n", "line 2: /: the line is empty: an object is required"),
                (head + "\r\n", 'line 1: /link: '),
                (text[:-40], f"line {text.count(chr(10))}, column "),
                (head + "\n{" + " " * (1 << 24), f"line 2: /: {(1 << 24) + 1} bytes: at most {1 << 24} are allowed")):
            with self.subTest(message):
                self.write("t.jsonl", content)
                error = self.replay(BAD_INPUT).err
                self.assertTrue(error.startswith(f"p2pllm: t.jsonl: {message}"), error)
                self.assertEqual(1, error.count("\n"))
        self.expect_bad("none.jsonl: cannot be read: No such file or directory", "contract", "replay", "none.jsonl")

    def test_no_more_blocks_than_the_limit_in_all(self):
        head, = documents_of("job_paid")[:1]
        endings = [{"end_block": {"count": count}, "state": "00" * 32} for count in (1, 1000000)]
        self.write("t.jsonl", linked([head, endings[0]]))
        endings[0]["state"] = self.replay(REFUTED, "--json").json["state"]
        self.bad([head, *endings], "line 3: /end_block: object: a trace ends at most 1000000 blocks")

    def test_no_more_lines_and_bytes_than_the_limits(self):
        text = TRACES[0].read_text().splitlines()[0].partition(',"link"')[0]
        link, line = link_of("00" * 32, text), '{"encoded":"","outcome":"malformed_encoding"'
        with open(self.folder / "t.jsonl", "w") as file:
            file.write(f'{text},"link":"{link}"}}\n')
            for _ in range(2**20 - 1):
                link = link_of(link, line)
                file.write(f'{line},"link":"{link}"}}\n')
        seen = self.on_terminal(HOLDS, "contract", "replay", "t.jsonl")
        self.assertRegex(seen, rb"\r\x1b\[Kreplaying: \d+ of \d+")
        self.assertTrue(seen.endswith(b"\r\x1b[K"), seen[-80:])
        with open(self.folder / "t.jsonl", "a") as file:
            file.write(f'{line},"link":"{link_of(link, line)}"}}\n')
        self.expect_bad(f"t.jsonl: line {2**20 + 1}: /: a trace has at most 2^20 lines", "contract", "replay", "t.jsonl")
        os.truncate(self.folder / "t.jsonl", 2**28 + 1)
        self.expect_bad("t.jsonl: /: 268435457 bytes: at most 268435456 are allowed", "contract", "replay", "t.jsonl")


if __name__ == "__main__":
    main()
