"""Every file and JSON output satisfies spec/schema (FORMAT-3 .. FORMAT-7). Skipped without python3-jsonschema."""
import functools
import json
import shutil
import subprocess
import sys

try:
    from jsonschema import Draft202012Validator
except ImportError:
    print("skipped: python3-jsonschema (4.0 or later) is not installed")
    sys.exit(77)

from harness import BAD_INPUT, EXAMPLES, HOLDS, REFUTED, SOURCE, CommandLine, example, line, main, network, node, pair
from tiny_model import safetensors, tensors

SCHEMAS = SOURCE / "spec" / "schema"
CVC5 = () if shutil.which("cvc5") else ("--solver", "z3")


@functools.cache
def validator(name):
    document = json.loads((SCHEMAS / f"{name}.schema.json").read_text())
    Draft202012Validator.check_schema(document)
    return Draft202012Validator(document)


class Schemas(CommandLine):
    """Files and outputs satisfy spec/schema: FORMAT-3, FORMAT-4, FORMAT-5, FORMAT-7."""

    def valid(self, name, document):
        errors = [f"{list(error.absolute_path)}: {error.message}" for error in validator(name).iter_errors(document)]
        self.assertEqual([], errors[:5], name)

    def invalid(self, name, document):
        self.assertFalse(validator(name).is_valid(document), f"{name} accepts {json.dumps(document)[:300]}")

    def networks(self):
        """Networks at the limits of the format, each with the name of its file."""
        clients = [{"id": "east", "to": [1, 0], "from": ["1/2", 2]}, {"id": "west"}]
        yield "empty.json", network([], 3)
        yield "one.json", network([node("ann", [0, 1], 1, 0)])
        yield "alpha0.json", pair(alpha=0)
        yield "alpha1.json", pair(("2", "2"), alpha="1")
        yield "near.json", pair(("4", "4.0001"))
        yield "tiny.json", pair(("1e-300", "1e300"), ("1e-300", "1e300"))
        yield "clients.json", line(latency=[[0, "0.5"], [1e-3, 0]], clients=clients, units={"cost": "s", "price": "coin"})
        yield "blocks.json", {**line(), "model": {"name": "with blocks", "layers": 2, "blocks": [[0, 2]]}, "scales": {"price": 2}, "temperature": "3/2"}

    def every_network(self):
        for path in sorted(EXAMPLES.glob("*.json")):
            yield str(path), json.loads(path.read_text())
        for name, document in self.networks():
            yield self.write(name, document), document

    def test_every_output_of_every_verb(self):
        for path, document in self.every_network():
            if "real" in path:
                continue  # long; its format is checked below
            self.valid("network", document)
            client = ("--client", "east") if "clients" in document else ()
            for verb, options in (("show", ()), ("route", client), ("pareto", client), ("verify", ()), ("verify", ("--absolute", "--epsilon", "0")), ("solve", ("--bits", "16")),
                                  ("balance", ()), ("balance", ("--check",)), ("balance", ("--rule", "revenue")), ("verify", ("--placement", "--rule", "revenue"))):
                with self.subTest(path=path, verb=verb, options=options):
                    answer = self.run_program(verb, path, "--json", *options)
                    self.assertIn(answer.code, (HOLDS, REFUTED), answer.err)
                    self.valid(f"{verb}-output", answer.json)
                    if verb in ("route", "pareto", "verify", "balance") and answer.json.get("at_rest", True):
                        self.run_program(verb, path, *options, "--certificate", "c.json")
                        self.valid("certificate", json.loads((self.folder / "c.json").read_text()))
                        self.valid("check-output", self.expect(HOLDS, "check", "c.json", path, "--json").json)
                    if verb == "solve":
                        self.run_program(verb, path, *options, "--prices", "p.json")
                        self.valid("prices", json.loads((self.folder / "p.json").read_text()))

    def test_models(self):
        self.write("w", safetensors(tensors()))
        for arguments in (("convert", "w", "w.model"), ("show",), ("show", "w.model"), ("split", "parts", "w.model")):
            self.valid("model-output", self.expect(HOLDS, "model", *arguments, "--json").json)
        for model in ("w.model", "parts"):
            self.valid("model-verify-output", self.expect(HOLDS, "model", "verify", model, "--json").json)
        self.valid("model-score-output", self.expect(HOLDS, "model", "score", self.write("text", "In the beginning"), "--json").json)
        self.valid("generate-output", self.expect(HOLDS, "generate", "--prompt", "In", "--tokens", "9", "--json").json)

    def test_a_commitment_and_a_dispute(self):
        self.expect(HOLDS, "generate", "--prompt", "In", "--tokens", "5", "--commit", "c.json")
        commitment = json.loads((self.folder / "c.json").read_text())
        self.valid("commitment", commitment)
        self.valid("dispute-output", self.expect(HOLDS, "dispute", "c.json", "d.json", "--json").json)
        dispute = json.loads((self.folder / "d.json").read_text())
        self.valid("dispute", dispute)
        self.valid("judge-output", self.expect(HOLDS, "judge", "d.json", "--json").json)
        self.valid("judge-output", self.expect(REFUTED, "judge", self.write("w.json", {**dispute, "after": "ab" * 32}), "--json").json)
        self.valid("judge-output", self.expect(BAD_INPUT, "judge", self.write("u.json", {**dispute, "witness": ""}), "--json").json)
        for change in ({"more": 1}, {"states": []}, {"layers": [0]}, {"model": "AB" * 32}, {"prompt": [-1]}, {"steps": 0}):
            self.invalid("commitment", {**commitment, **change})
        for change in ({"more": 1}, {"before": "0"}, {"after": "ab"}, {"micro": -1}, {"layers": [0, 1025]}):
            self.invalid("dispute", {**dispute, **change})

    def test_a_proof_of_state(self):
        trace = str(EXAMPLES / "contracts" / "two_shards.jsonl")
        for key in (("account", "0", "bob"), ("account", "0", "ab" * 32), ("validator", "proposer"), ("burned", "1"), ("stakes", "1")):
            proof = self.expect(HOLDS, "ledger", "prove", trace, *key).json
            self.valid("state-proof", proof)
            self.valid("ledger-check-output", self.expect(HOLDS, "ledger", "check", self.write("p.json", proof), "--json").json)
            self.valid("ledger-check-output", self.expect(REFUTED, "ledger", "check", "p.json", "--root", "ab" * 32, "--json").json)
        for change in ({"more": 1}, {"round": -1}, {"shards": []}, {"key": []}, {"row": "0"}, {"steps": [{"bit": 256, "sibling": "ab" * 32}]}, {"object": "outgoing"}):
            self.invalid("state-proof", {**proof, **change})

    def test_a_durable_ledger(self):
        trace = str(EXAMPLES / "contracts" / "two_shards.jsonl")
        self.valid("ledger-status-output", self.expect(HOLDS, "ledger", "init", "a.ledger", trace, "--json").json)
        imported = self.expect(HOLDS, "ledger", "import", "a.ledger", trace, "--json").json
        self.valid("ledger-import-output", imported)
        self.valid("ledger-status-output", self.expect(HOLDS, "ledger", "status", "a.ledger", "--json").json)
        exported = self.expect(HOLDS, "ledger", "export", "a.ledger", "t.jsonl", "--segment-blocks", "1", "--json").json
        self.valid("ledger-export-output", exported)
        self.assertEqual(imported["height"], len(exported["traces"]))
        head = json.loads((self.folder / exported["traces"][1]).read_text().splitlines()[0])
        self.valid("trace-segment", head)
        for change in ({"height": 1}, {"chain": "ab"}, {"format": "p2pllm-trace/3"}, {"more": 1}):
            self.invalid("trace-segment", {**head, **change})
        text = (self.folder / exported["traces"][0]).read_text().replace('"outcome":"none"', '"outcome":"too_late"', 1)
        self.valid("ledger-import-output", self.expect(REFUTED, "ledger", "import", "b.ledger", self.write("w.jsonl", text), "--json").json)

    def test_the_answers_of_a_service(self):
        trace = EXAMPLES / "contracts" / "two_shards.jsonl"
        self.expect(HOLDS, "ledger", "init", "a.ledger", str(trace))
        program = self.start("ledger", "run", "a.ledger", "a.socket", "--interval", "20ms", "--json", stdout=subprocess.PIPE)
        self.addCleanup(lambda: (program.kill(), program.wait(), program.stdout.close(), program.stderr.close()))
        self.valid("ledger-status-output", json.loads("".join(program.stdout.readline().decode() for _ in range(9))))
        lines = [json.dumps({"transaction": each["transaction"]}) for each in map(json.loads, trace.read_text().splitlines()) if "transaction" in each]
        answer = self.run_program("ledger", "submit", "a.socket", "-", "--json", given="\n".join([*lines, "x", '{"encoded":""}', '{"status":{}}'])).json
        self.assertEqual(len(lines) + 3, len(answer["answers"]))
        self.valid("ledger-submit-output", answer)
        self.valid("ledger-status-output", answer["answers"][-1]["status"])
        self.invalid("ledger-submit-output", {"answers": [{"line": 1, "error": {"reason": "other", "rule": ""}}]})

    def test_a_difference(self):
        self.valid("diff-output", self.expect(HOLDS, "diff", example("toy"), "--json").json)
        self.valid("diff-output", self.expect(HOLDS, "diff", "--random", "2", "--json").json)
        wrong = self.expect(REFUTED, "diff", example("toy"), "--candidate", "echo '{\"path\": []}'", "--json").json
        self.valid("diff-output", wrong)
        self.valid("network", wrong["witness"]["network"])

    def test_the_real_market(self):
        path = EXAMPLES / "real_market.json"
        if not path.exists():
            self.skipTest("not built yet")
        self.valid("network", json.loads(path.read_text()))
        self.valid("show-output", self.expect(HOLDS, "show", path, "--json").json)
        self.valid("route-output", self.expect(HOLDS, "route", path, "--json").json)

    def test_an_undecided_and_a_rejected_answer(self):
        self.expect(HOLDS, "route", example("toy"), "--certificate", "c.json")
        text = (self.folder / "c.json").read_text()
        self.write("d.json", text.replace('"weight": "6"', '"weight": "7"'))
        answer = self.expect(REFUTED, "check", "d.json", example("toy"), "--json").json
        self.valid("check-output", answer)
        self.assertFalse(answer["accepted"])

    def test_proofs_and_claims(self):
        for options, code in ((("PARETO-5", *CVC5), HOLDS), (("MIG-3", "--solver", "z3"), HOLDS), (("MIG-3", "--solver", "z3", "--planted-fault"), REFUTED)):
            answer = self.expect(code, "prove", *options, "--json").json
            self.valid("prove-output", answer)
            for key in answer["obligations"][0]:
                self.invalid("prove-output", {**answer, "obligations": [{k: v for k, v in answer["obligations"][0].items() if k != key}]})
        kinds = [found["kind"] for found in self.expect(HOLDS, "prove", "PARETO-5", "--solver", "z3", "--json").json["obligations"]]
        self.assertEqual({"forall", "exists"}, set(kinds))
        good = answer["obligations"][0] | {"z3": "proved", "fault": None}
        self.valid("prove-output", {**answer, "obligations": [good]})
        for wrong in ({"z3": "fails"}, {"fault": "some"}, {"kind": "exists"}, {"z3": "found"}, {"witness": "x = 1"}, {"cvc5": "yes"}, {"name": "A b"},
                      {"kind": "exists", "z3": "found"}, {"resources": -1}):
            self.invalid("prove-output", {**answer, "obligations": [good | wrong]})
        claims = self.expect(HOLDS, "claims", "--json").json
        self.valid("claims-output", claims)
        self.invalid("claims-output", {**claims, "claims": [claims["claims"][0] | {"findings": []}]})
        self.invalid("claims-output", {**claims, "claims": [claims["claims"][0] | {"findings": [claims["claims"][0]["findings"][0] | {"verdict": "true"}]}]})

    def test_traces_and_what_is_said_of_them(self):
        """LEDGER-8, LEDGER-9."""
        for path in sorted((EXAMPLES / "contracts").glob("*.jsonl")):
            documents = [json.loads(text) for text in path.read_text().splitlines()]
            for document in documents:
                self.valid("trace", document)
            self.valid("contract-replay-output", self.expect(HOLDS, "contract", "replay", path, "--json", "--step", "--explain").json)
            self.write("t.jsonl", path.read_text().replace('"outcome":"none"', '"outcome":"halted"', 1))
            self.valid("contract-replay-output", self.expect(REFUTED, "contract", "replay", "t.jsonl", "--json").json)
        for key in documents[0].keys() - {"names"}:
            self.invalid("trace", {k: v for k, v in documents[0].items() if k != key})
        for key in documents[1]["transaction"].keys() & {"shard", "sender", "nonce", "valid_until", "fee", "operation", "signature"}:
            self.invalid("trace", {**documents[1], "transaction": {k: v for k, v in documents[1]["transaction"].items() if k != key}})
        for wrong in ({"outcome": "good"}, {"link": "AB" * 32}, {"note": 1}, {"encoded": ""}):
            self.invalid("trace", documents[1] | wrong)
        deal = ("contract", "deter", "--price", "1", "--cost", "1/2", "--check", "1/3", "--json")
        for more in ((), ("--stake", "2", "--streams", "3")):
            self.valid("contract-deter-output", self.expect(HOLDS, *deal, *more).json)
        for machine in ("registration", "sla", "channel"):
            self.valid("contract-table-output", self.expect(HOLDS, "contract", "table", machine, "--json").json)

    def test_scenarios_and_simulations(self):
        """SIM-1, SIM-16."""
        for path in (*sorted((EXAMPLES / "table1").glob("*.json")), EXAMPLES / "scenarios/saturation.json", EXAMPLES / "scenarios/churn.json"):
            document = json.loads(path.read_text())
            self.valid("scenario", document)
            self.valid("simulate-output", self.expect(HOLDS, "simulate", path, "--seed", "1", "--json").json)
            self.valid("simulate-output", self.expect(HOLDS, "simulate", path, "--seeds", "1..3", "--json").json)
            self.valid("simulate-output", self.expect(HOLDS, "simulate", path, "--seeds", "1..3", "--sweep", "/prices/eta=1,1/2", "--json").json)
            for wrong in ({"note": 1}, {"monopoly": "wait"}, {"record": []}, {"prices": {}}, {"migration": {"period": 1}}):
                self.invalid("scenario", document | wrong)
                self.assertEqual(2, self.run_program("simulate", self.write("s.json", document | wrong)).code)
        self.expect(HOLDS, "simulate", EXAMPLES / "table1/row100.json", "--seeds", "1..3", "--sqlite", "r.sqlite")
        self.valid("compare-output", self.expect(HOLDS, "compare", "r.sqlite", "r.sqlite", "--json").json)
        for case in json.loads((SOURCE / "spec/vectors/simulation.json").read_text())["cases"]:
            self.valid("scenario", case["scenario"])

    def test_the_schemas_refuse_what_the_reader_refuses(self):
        good = pair()
        for document in ({**good, "extra": 1}, {**good, "format": "p2pllm-network/2"}, {**good, "nodes": {}}, {**good, "alpha": "x"},
                         {**good, "nodes": [{"id": "a"}]}, {**good, "nodes": [node("", [0, 1], 1, 1)]}, {**good, "nodes": [node("a", [0], 1, 1)]},
                         {**good, "latency": {"kind": "ring", "values": []}}, {key: value for key, value in good.items() if key != "model"}):
            self.invalid("network", document)
            self.write("n.json", document)
            self.assertEqual(2, self.run_program("show", "n.json").code)
        self.invalid("prices", {"format": "p2pllm-prices/1"})
        self.invalid("prices", {"format": "p2pllm-prices/1", "prices": {"a": "x"}})
        self.invalid("certificate", {"format": "p2pllm-certificate/1", "kind": "magic"})
        for name in ("show", "route", "pareto", "verify", "solve", "balance", "check", "prove", "claims", "simulate", "compare", "contract-replay", "contract-table", "contract-deter"):
            self.invalid(f"{name}-output", {})
            self.invalid(f"{name}-output", [])


if __name__ == "__main__":
    main()
