"""Commitments to texts, their micro-steps, and the judge of these, on the command line."""
import json
import sys

from harness import BAD_INPUT, HOLDS, REFUTED, SOURCE, CommandLine, main
from tiny_model import safetensors, tensors

sys.path.insert(0, str(SOURCE / "spec" / "vectors"))
from commitments import leaf, root

ANSWER = """\
model    {model}
judged   position 9, layer 3, micro-step 8 of 20
         attend: greatest scores of 10 positions from 0, by 4 heads from 0
opened   {state} bytes of the state before, {witness} of the witness
{answer}    the state after {is_it} the one that the micro-step leaves
"""


class World(CommandLine):
    """A text of the shipped model and the commitment to it; the tiny model as w.model, and a text of it."""

    def setUp(self):
        super().setUp()
        self.expect(HOLDS, "generate", "--prompt", "In the beginning", "--tokens", "4", "--commit", "c.json")
        self.write("w", safetensors(tensors()))
        self.expect(HOLDS, "model", "convert", "w", "w.model")
        self.expect(HOLDS, "generate", "--model", "w.model", "--prompt", "abc", "--tokens", "9", "--commit", "t.json")

    def document(self, name):
        return json.loads((self.folder / name).read_text())

    def open(self, *options, commitment="c.json"):
        return self.expect(HOLDS, "dispute", commitment, "d.json", "--json", *options).json

    def judged(self, code, **changed):
        """The answer of both engines about the dispute in d.json with these members."""
        self.write("e.json", self.document("d.json") | changed)
        answers = {self.expect(code, "judge", "e.json", "--json", "--engine", engine).json["answer"] for engine in ("fast", "reference")}
        self.assertEqual(1, len(answers))
        return answers.pop()


class Commitments(World):
    """[FORMAT-10][COMMIT-4][STEP-1]"""

    def test_both_engines_and_any_number_of_threads_write_the_same_bytes(self):
        for model, prompt in ((), "In the beginning"), (("--model", "w.model"), "abc"):
            files = set()
            for engine, threads in (("fast", 1), ("fast", 2), ("reference", 1)):
                self.expect(HOLDS, "generate", *model, "--prompt", prompt, "--tokens", "40", "--engine", engine, "--threads", threads, "--commit", "f.json")
                files.add((self.folder / "f.json").read_bytes())
            self.assertEqual(1, len(files))

    def test_the_text_is_the_one_without_a_commitment(self):
        with_it, without = (self.expect(HOLDS, "generate", "--prompt", "In", "--tokens", "30", "--json", *more).json for more in (("--commit", "f.json"), ()))
        self.assertEqual(without, with_it)
        written = self.document("f.json")
        self.assertEqual((list(b"In"), with_it["tokens"], 31 * 8), (written["prompt"], written["generated"], written["steps"]))
        self.assertEqual(with_it["model"], written["model"])

    def test_another_token_has_another_commitment_from_its_position_on(self):
        self.expect(HOLDS, "generate", "--prompt", "In the beginnine", "--tokens", "1", "--commit", "f.json")
        one, other = self.document("c.json"), self.document("f.json")
        same = [a == b for a, b in zip(one["states"], other["states"])]
        self.assertEqual([True] * 15 * 8 + [False] * 8, same)
        self.assertEqual(one["input"], other["input"])

    def test_a_file_that_cannot_be_written(self):
        self.expect_bad("none/f.json: cannot be written: No such file or directory", "generate", "--prompt", "In", "--commit", "none/f.json")
        self.expect_bad("w.model: cannot be written: it is an input of this command", "generate", "--prompt", "In", "--model", "w.model", "--commit", "w.model")

    def test_what_is_refused(self):
        good = self.document("t.json")
        other = "ab" * 32
        for member, value, line in (("format", "p2pllm-commitment/2", '"p2pllm-commitment/2": the format must be "p2pllm-commitment/1"'),
                                    ("model", "AB", f'"AB": 64 lower-case hexadecimal digits are required'),
                                    ("layers", [0], "array of 1: the first layer and the one after the last are required"),
                                    ("layers", [1, 1], "array of 2: a range of layers has at least one"),
                                    ("first_position", -1, "-1: must be an integer in 0 .. 131072"),
                                    ("prompt", 3, "3: an array is expected here"),
                                    ("steps", 21, "21: there is a state for each step"),
                                    ("states", [], "array of 0: there is a state for each layer of each position, and at least one position"),
                                    ("states", good["states"][1:], "array of 21: there is a state for each layer of each position, and at least one position"),
                                    ("generated", good["generated"][:7], None),
                                    ("root", other, None), ("input", other, None)):
            with self.subTest(member):
                self.write("x.json", good | {member: value})
                said = self.expect(BAD_INPUT, "dispute", "x.json", "d.json", "--model", "w.model").err
                self.assertRegex(said, r"^p2pllm: x\.json: /[^\n]+\n$")
                if line is not None:
                    self.assertEqual(f"p2pllm: x.json: /{member}: {line}\n", said)
                elif member in ("root", "input"):
                    self.assertRegex(said, r"^p2pllm: x\.json: /root: .*: it must be the root over the leaves of the states\n$")
        self.expect_bad('x.json: /states: array of 22: there is a token for each position', "dispute", self.write("x.json", good | {"generated": good["generated"][:7]}), "d.json")
        self.assertIn("x.json: line 1, column 1: malformed JSON", self.expect(BAD_INPUT, "dispute", self.write("x.json", ""), "d.json").err)


class Disputes(World):
    """[FORMAT-10][STEP-4][STEP-5][STEP-6] The micro-steps of a step, one by one."""

    def test_every_micro_step_of_some_steps_is_right_and_wrong_for_another_state(self):
        """Of the shipped model the first step, one in the middle and the last; of the tiny model every step of three positions."""
        places = [("c.json", (), position, layer) for position, layer in ((0, 0), (9, 3), (18, 7))]
        places += [("t.json", ("--model", "w.model"), position, layer) for position in (0, 3, 10) for layer in (0, 1)]
        judged = 0
        for commitment, model, position, layer in places:
            place = (*model, "--position", position, "--layer", layer)
            count = self.open(*place, commitment=commitment)["micro_steps"]
            after = None
            for micro in range(1, count + 1):
                made = self.open(*place, "--micro", micro, commitment=commitment)
                self.assertEqual((position, layer, micro), (made["position"], made["layer"], made["micro"]))
                self.assertEqual("right", self.judged(HOLDS))
                claimed = self.document("d.json")["after"]
                self.assertNotEqual(after, claimed)
                after = claimed
                self.assertEqual("wrong", self.judged(REFUTED, after=f"{int(claimed[0], 16) ^ 8:x}{claimed[1:]}"))
                judged += 1
            states = self.document(commitment)["states"]
            layers = self.document(commitment)["layers"][1]
            self.assertEqual(states[position * layers + layer], after)
        self.assertGreater(judged, 150)

    def test_a_falsified_state_is_wrong(self):
        for micro in (1, 8, 20):
            self.open("--position", "5", "--layer", "2", "--micro", micro, "--falsify")
            self.assertEqual("wrong", self.judged(REFUTED))

    def test_a_false_commitment_is_told_at_its_first_false_step_and_judged_wrong_there(self):
        claimed = self.document("t.json")
        states = list(claimed["states"])
        states[7] = "ab" * 32
        false = self.signed(claimed | {"states": states})
        self.write("f.json", false)
        place = ("--model", "w.model", "--position", "3", "--layer")
        self.open(*place, 1, commitment="f.json")  # step 8
        self.assertEqual("wrong", self.judged(REFUTED))
        self.open(*place, 0, commitment="f.json")
        self.assertEqual("right", self.judged(HOLDS))
        answer = self.expect(REFUTED, "dispute", "f.json", "x.json", "--model", "w.model", "--position", "4")
        self.assertEqual("differs: the state after step 8 is another one than the model computes\n", answer.out)
        self.assertFalse((self.folder / "x.json").exists())
        self.write("f.json", self.signed(claimed | {"input": "ab" * 32}))
        self.assertIn("the state after step 0 ", self.expect(REFUTED, "dispute", "f.json", "x.json", "--model", "w.model").out)

    def signed(self, document):
        """The document with the root that it must have."""
        states = [bytes.fromhex(state) for state in (document["input"], *document["states"])]
        leaves = [leaf(bytes.fromhex(document["model"]), step, document["layers"], *states[step - 1 : step + 1]) for step in range(1, len(states))]
        return document | {"root": root(leaves).hex()}

    def test_places_that_there_are_not(self):
        refuses = lambda line, *options: self.expect_bad(line, "dispute", "c.json", "d.json", *options)
        refuses("--position: 19: the computation has the positions 0 to 18", "--position", "19")
        refuses("--layer: 8: the computation has the layers 0 to 7", "--layer", "8")
        refuses("--micro: 21: the step has 20 micro-steps", "--micro", "21")
        self.expect_bad(f'c.json: /model: {self.document("c.json")["model"]}: it must be the id of the model, {self.document("t.json")["model"]}',
                        "dispute", "c.json", "d.json", "--model", "w.model")
        self.expect_bad("c.json: cannot be written: it is an input of this command", "dispute", "c.json", "c.json")

    def test_sequences_and_tokens_that_the_model_has_not(self):
        good = self.document("t.json")
        long = self.signed(good | {"prompt": [97] * 40, "states": ["ab" * 32] * 2 * 33, "steps": 66})
        self.expect_bad("x.json: /states: 33 positions: the model's context has 32 positions", "dispute", self.write("x.json", long), "d.json", "--model", "w.model")
        self.expect_bad("x.json: /prompt or /generated: 256: the model has 256 tokens", "dispute", self.write("x.json", good | {"prompt": [97, 256, 97]}), "d.json", "--model", "w.model")
        deep = self.signed(good | {"layers": [0, 22]})
        self.expect_bad("x.json: /layers: [0,22): it must begin at 0, and the model has 2 layers", "dispute", self.write("x.json", deep), "d.json", "--model", "w.model")


class Judge(World):
    """[FORMAT-10][STEP-6]"""

    def setUp(self):
        super().setUp()
        self.open("--position", "9", "--layer", "3", "--micro", "8")
        self.good = self.document("d.json")

    def test_the_answer_as_text(self):
        texts = {"model": self.good["model"], "state": len(self.good["before"]) // 2, "witness": len(self.good["witness"]) // 2}
        self.assertEqual(ANSWER.format(**texts, answer="right", is_it="is"), self.expect(HOLDS, "judge", "d.json").out)
        self.expect(HOLDS, "dispute", "c.json", "d.json", "--position", "9", "--layer", "3", "--micro", "8", "--falsify")
        self.assertEqual(ANSWER.format(**texts, answer="wrong", is_it="is not"), self.expect(REFUTED, "judge", "d.json").out)

    def test_what_is_unfit(self):
        line = "e.json: /: unfit: state and witness must be of this micro-step of the model, byte for byte (STEP-6)"
        for changed in ({"before": ""}, {"witness": ""}, {"witness": self.good["witness"] + "00"}, {"witness": "00" * 64001}, {"before": "00" * 12001},
                        {"before": self.good["before"][:-2] + "ff"}, {"model": "ab" * 32}, {"micro": 9}, {"micro": 0}, {"micro": 21}, {"micro": 1 << 40},
                        {"position": 8}, {"position": 512}, {"position": 1 << 40}, {"layer": 4}, {"layer": 8}, {"layers": [0, 4]}, {"layers": [4, 8]},
                        {"layers": [0, 1024]}, {"layers": [3, 3]}, {"first_position": 10}, {"first_position": 1 << 40}):
            with self.subTest(list(changed)):
                self.write("e.json", self.good | changed)
                self.expect_bad(line, "judge", "e.json")
                answer = self.expect(BAD_INPUT, "judge", "e.json", "--json")
                self.assertEqual(("unfit", None), (answer.json["answer"], answer.json["micro_step"]))
                self.assertEqual(f"p2pllm: {line}\n", answer.err)

    def test_a_changed_bit_of_any_part_is_not_right(self):
        for member in ("before", "witness", "model"):
            text, wrong = self.good[member], 0
            for at in range(0, len(text), 1 + len(text) // 40):
                self.write("e.json", self.good | {member: f"{text[:at]}{int(text[at], 16) ^ 1:x}{text[at + 1:]}"})
                answer = self.run_program("judge", "e.json", "--json").json["answer"]
                wrong += answer == "wrong"
                self.assertIn(answer, ("wrong", "unfit"), (member, at))
            self.assertEqual(member == "before", wrong > 0)  # parts of the state before that this micro-step does not read

    def test_what_is_refused(self):
        for member, value, line in (("format", "p2pllm-dispute/2", '"p2pllm-dispute/2": the format must be "p2pllm-dispute/1"'),
                                    ("before", "0", '"0": two lower-case hexadecimal digits for each byte are required'),
                                    ("witness", "AB", '"AB": two lower-case hexadecimal digits for each byte are required'),
                                    ("after", "00", '"00": 64 lower-case hexadecimal digits are required'),
                                    ("position", -1, "-1: must be an integer in 0 .. 1099511627776"),
                                    ("micro", 1.5, "1.5: must be an integer in 0 .. 1099511627776"),
                                    ("layers", [0, 1025], None),
                                    ("more", 1, "1: unknown key; known here: format, model, layers, first_position, position, layer, micro, before, after, witness")):
            with self.subTest(member):
                said = self.expect(BAD_INPUT, "judge", self.write("e.json", self.good | {member: value})).err
                self.assertRegex(said, rf"^p2pllm: e\.json: /{member}[^\n]*: [^\n]+\n$")
                if line is not None:
                    self.assertEqual(f"p2pllm: e.json: /{member}: {line}\n", said)
        for name in self.good:
            said = self.expect(BAD_INPUT, "judge", self.write("e.json", {key: value for key, value in self.good.items() if key != name})).err
            self.assertIn(f"e.json: /: ", said)
        self.expect_bad(f"e.json: /: {(1 << 20) + 1} bytes: at most {1 << 20} are allowed", "judge", self.write("e.json", " " * ((1 << 20) + 1)))
        self.expect_bad('c.json: /format: "p2pllm-commitment/1": the format must be "p2pllm-dispute/1"', "judge", "c.json")
        self.expect_bad('d.json: /format: "p2pllm-dispute/1": the format must be "p2pllm-commitment/1"', "dispute", "d.json", "e.json")
        for text in ("", "[]", "\0", '{"format":', "nothing"):
            self.assertRegex(self.expect(BAD_INPUT, "judge", "-", given=text).err, r"^p2pllm: standard input: [^\n]+\n$")


if __name__ == "__main__":
    main()
