"""p2pllm ledger: what a ledger has for a key is proved from a trace, and a proof that was changed is refused."""
import json

from harness import BAD_INPUT, EXAMPLES, HOLDS, REFUTED, CommandLine, main

TRACE = EXAMPLES / "contracts" / "two_shards.jsonl"
LINES = [json.loads(line) for line in TRACE.read_text().splitlines()]
NAMES = LINES[0]["names"]
ROOT = LINES[-1]["state"]
NOBODY = "ab" * 32


def changed(value):
    if isinstance(value, int):
        return value + 1
    return ("0" if value[0] != "0" else "1") + value[1:]


class StateProofs(CommandLine):
    """LEDGER-10: proofs of presence and absence."""

    def prove(self, *key, trace=TRACE):
        return self.expect(HOLDS, "ledger", "prove", str(trace), *key).json

    def check(self, proof, *options, code=HOLDS):
        return self.expect(code, "ledger", "check", self.write("p.json", proof), "--json", *options).json

    def test_every_account_of_every_trace_is_present_under_its_last_root(self):
        for trace in sorted((EXAMPLES / "contracts").glob("*.jsonl")):
            lines = [json.loads(line) for line in trace.read_text().splitlines()]
            for shard, accounts in enumerate(lines[0]["genesis"]["balances"]):
                for key in accounts:
                    with self.subTest(trace=trace.name, key=key):
                        answer = self.check(self.prove("account", str(shard), key, trace=trace), "--root", lines[-1]["state"])
                        self.assertEqual((True, "presence", lines[-1]["state"]), (answer["accepted"], answer["shown"], answer["root"]))
                        self.assertEqual({"balance", "nonce"}, set(answer["fields"]))

    def test_the_balances_are_those_of_the_last_step(self):
        steps = self.expect(HOLDS, "contract", "replay", str(TRACE), "--step", "--json").json["steps"]
        told = " ".join(change for step in steps for change in step["changes"])
        for name in NAMES:
            proof = self.check(self.prove("account", "0", name))
            if proof["shown"] == "presence" and f"account {name} of shard 0: balance" in told:
                last = told.rsplit(f"account {name} of shard 0: balance ", 1)[1]
                self.assertTrue(last.split(",")[0].split(" ")[2].startswith(proof["fields"]["balance"]), (name, last[:60]))

    def test_every_kind_of_object_has_a_proof(self):
        for key in (("account", "1", NOBODY), ("node", "0", "bob"), ("away", "1", "bob"), ("sla", "0", NOBODY), ("channel", "1", NOBODY), ("evidence", "0", NOBODY),
                    ("receipt", "1", NOBODY), ("burned", "0"), ("burned", "1"), ("validator", "proposer"), ("validator", NOBODY), ("stakes", "1"), ("stakes", "77")):
            with self.subTest(key=key):
                answer = self.check(self.prove(*key), "--root", ROOT)
                self.assertEqual("absence" if NOBODY in key or "77" in key else answer["shown"], answer["shown"])
        self.assertEqual({"amount": "0"}, self.check(self.prove("burned", "0"))["fields"])
        self.assertEqual("presence", self.check(self.prove("validator", "proposer"))["shown"])
        self.assertEqual("presence", self.check(self.prove("stakes", "1"))["shown"])

    def test_absence_is_shown_with_somebody_elses_row(self):
        proof = self.prove("account", "0", NOBODY)
        self.assertNotIn(NOBODY, proof["row"])
        answer = self.check(proof, "--root", ROOT)
        self.assertEqual(("absence", None), (answer["shown"], answer["fields"]))

    def test_a_change_anywhere_is_refused(self):
        for proof in (self.prove("account", "0", "bob"), self.prove("account", "0", NOBODY), self.prove("validator", "proposer")):
            for member in ("chain", "height", "round", "rotation"):
                with self.subTest(member=member):
                    answer = self.check({**proof, member: changed(proof[member])}, "--root", ROOT, code=REFUTED)
                    self.assertFalse(answer["accepted"])
            for k in range(len(proof["shards"])):
                shards = [changed(root) if k == i else root for i, root in enumerate(proof["shards"])]
                self.check({**proof, "shards": shards}, "--root", ROOT, code=REFUTED)
            self.check({**proof, "shards": [*proof["shards"], NOBODY]}, "--root", ROOT, code=REFUTED)
            for k, step in enumerate(proof["steps"]):
                for other in ({**step, "sibling": changed(step["sibling"])}, {**step, "bit": step["bit"] ^ 1}):
                    self.check({**proof, "steps": [*proof["steps"][:k], other, *proof["steps"][k + 1:]]}, code=REFUTED)
                self.check({**proof, "steps": [*proof["steps"][:k], *proof["steps"][k + 1:]]}, code=REFUTED)
            digits = proof["row"]
            for at in (0, len(digits) // 2, len(digits) - 1):
                self.check({**proof, "row": digits[:at] + changed(digits[at]) + digits[at + 1:]}, code=REFUTED)
            self.check({**proof, "row": digits + "00"}, code=REFUTED)
            self.check({**proof, "row": None}, code=REFUTED)

    def test_presence_cannot_be_passed_off_as_absence(self):
        present = self.prove("account", "0", "bob")
        for nearby in range(256):  # a key on the same way would be shown absent by its row, which is true of it alone
            key = f"{nearby:02x}" + present["key"][1][2:]
            if key != present["key"][1]:
                answer = self.run_program("ledger", "check", self.write("p.json", {**present, "key": [0, key]}), "--json").json
                self.assertNotEqual("presence", answer["shown"])
        self.check({**present, "object": "node"}, code=self.run_program("ledger", "check", self.write("q.json", {**present, "object": "node"})).code)
        self.assertNotEqual("presence", self.run_program("ledger", "check", "q.json", "--json").json["shown"])

    def test_a_shard_that_does_not_exist(self):
        proof = self.prove("burned", "1")
        self.assertIn("there is no such shard", self.check({**proof, "key": [2]}, code=REFUTED)["reason"])

    def test_what_people_read(self):
        self.prove("account", "0", "bob")
        self.expect(HOLDS, "ledger", "prove", str(TRACE), "account", "0", "bob", "--proof", "b.json")
        out = self.expect(HOLDS, "ledger", "check", "b.json").out
        self.assertRegex(out, rf"^present: account 0 {NAMES['bob']}\n  balance \d+\n  nonce \d+\nafter block \d+ of chain [0-9a-f]{{64}}\nunder the state root {ROOT}\n$")
        self.assertEqual(f"rejected: --root: the proof is for the root {ROOT}\n", self.expect(REFUTED, "ledger", "check", "b.json", "--root", NOBODY).out)

    def test_bad_input_has_one_line(self):
        proof = self.prove("burned", "1")
        for document, message in (({**proof, "format": "p2pllm-state-proof/2"}, '/format: "p2pllm-state-proof/2": the format must be "p2pllm-state-proof/1"'),
                                  ({**proof, "object": "outgoing"}, '/object: "outgoing": no object of a state between two blocks is of this kind'),
                                  ({**proof, "key": []}, "/key: array of 0: 1 key fields are required"), ({**proof, "key": [-1]}, "/key/0: -1: a whole number from 0 to 2^62 is required"),
                                  ({**proof, "height": 0}, "/height: 0: a whole number from 1 to 2^62 is required"), ({**proof, "shards": []}, "/shards: array of 0: 1 to 64 shards are required"),
                                  ({**proof, "row": "0"}, '/row: "0": lower-case hexadecimal digits, two a byte, are required'), ({**proof, "more": 1}, "/more: 1: unknown key; known here: format, chain, height, round, rotation, shards, object, key, row, steps"),
                                  ({**proof, "steps": [{"bit": 256, "sibling": NOBODY}]}, "/steps/0/bit: 256: a bit of a key, 0 to 255, is required")):
            with self.subTest(message=message):
                self.expect_bad(f"p.json: {message}", "ledger", "check", self.write("p.json", document))
        trace = str(TRACE)
        for key, message in ((("acount", "0", "bob"), 'object: "acount": one of these is required: account, node, away, sla, channel, evidence, burned, receipt, validator, stakes'),
                             (("account", "bob"), 'key: "bob": the object is named by: account SHARD ID'), (("account", "2", "bob"), 'key: "2": a shard, 0 to 1, is required'),
                             (("account", "0", "robert"), 'key: "robert": 64 lower-case hexadecimal digits or a name are required'), (("stakes", "x"), 'key: "x": a height, 0 to 4611686018427387904, is required')):
            with self.subTest(key=key):
                self.expect_bad(message, "ledger", "prove", trace, *key)
        lines = TRACE.read_text().splitlines(keepends=True)
        until = next(k for k, line in enumerate(LINES) if "transaction" in line and line["outcome"] == "none")
        self.expect_bad("open.jsonl: the last block has not ended; the state between two blocks is proved", "ledger", "prove", self.write("open.jsonl", "".join(lines[:until + 1])), "burned", "0")
        wrong = json.dumps({**LINES[until], "outcome": "too_early"}) + "\n"
        head = lines[0].replace(LINES[0]["link"], changed(LINES[0]["link"]))
        self.expect_bad("head.jsonl: line 1: it is not what the rules make of it; p2pllm contract replay tells more", "ledger", "prove", self.write("head.jsonl", head + "".join(lines[1:])), "burned", "0")
        self.assertIn(f"wrong.jsonl: line {until + 1}: ", self.expect(BAD_INPUT, "ledger", "prove", self.write("wrong.jsonl", "".join(lines[:until]) + wrong), "burned", "0").err)


if __name__ == "__main__":
    main()
