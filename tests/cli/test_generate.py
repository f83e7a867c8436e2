"""Exact models on the command line: conversion, ids, parts, text, and what is refused."""
import hashlib
import struct

from harness import BAD_INPUT, HOLDS, CommandLine, main
from tiny_model import METADATA, llama2c, llama2c_tokenizer, safetensors, tensors

SHIPPED = ("generate", "--prompt", "In the beginning", "--tokens", "60")


class Models(CommandLine):
    """[MODEL-1][MODEL-2][MODEL-3][MODEL-4][MODEL-6][FORMAT-7]"""

    def convert(self, content, *more):
        name = self.write("w.safetensors", content)
        return self.expect(HOLDS, "model", "convert", name, "w.model", "--json", *more).json

    def test_a_file_is_converted_shown_and_verified(self):
        made = self.convert(safetensors(tensors()))
        self.assertEqual(made, self.expect(HOLDS, "model", "show", "w.model", "--json").json)
        self.assertEqual({"name": "tiny", "licence": "none", "layers": 2, "width": 16, "heads": 4, "kv_heads": 2, "vocabulary": 256, "context": 32},
                         {key: made[key] for key in ("name", "licence", "layers", "width", "heads", "kv_heads", "vocabulary", "context")})
        file = (self.folder / "w.model").read_bytes()
        self.assertEqual(len(file), made["bytes"])
        self.assertEqual(made["bytes"], made["header_bytes"] + sum(part["bytes"] for part in made["parts"]))
        manifest = file[19 : 19 + int.from_bytes(file[15:19], "little")]
        tag = b"p2pllm/1/model"
        self.assertEqual(hashlib.sha256(bytes([len(tag)]) + tag + manifest).hexdigest(), made["id"])
        self.assertEqual(f"verified: 4 of 4 parts of the model {made['id']}\n", self.expect(HOLDS, "model", "verify", "w.model").out)

    def test_the_format_of_the_floats_does_not_count_but_their_values_do(self):
        """All three formats hold integers of few bits exactly."""
        coarse = {name: (shape, [round(value * 8) / 8 for value in values]) for name, (shape, values) in tensors().items()}
        ids = {self.convert(safetensors(coarse, kind=kind))["id"] for kind in ("F32", "F16", "BF16")}
        self.assertEqual(1, len(ids))
        coarse["model.layers.1.mlp.up_proj.weight"][1][7] += 0.5
        self.assertNotIn(self.convert(safetensors(coarse))["id"], ids)
        self.assertNotIn(self.convert(safetensors(coarse), "--fraction-bits", "14")["id"], ids)

    def test_halves_are_permuted_to_neighbours(self):
        """A file that rotates i with i + half has the same model as its permuted copy that rotates neighbours."""
        named = tensors()
        permuted = dict(named)
        for name, (shape, values) in named.items():
            if "q_proj" in name or "k_proj" in name:
                rows = [values[r * shape[1] : (r + 1) * shape[1]] for r in range(shape[0])]
                order = [first + place for first in range(0, shape[0], 4) for place in (0, 2, 1, 3)]
                permuted[name] = (shape, [value for r in order for value in rows[r]])
        halves = {**METADATA, "rope": "halves"}
        self.assertEqual(self.convert(safetensors(permuted))["id"], self.convert(safetensors(named, halves))["id"])
        self.assertNotEqual(self.convert(safetensors(named))["id"], self.convert(safetensors(named, halves))["id"])

    def test_parts_are_the_file_and_are_verified_alone(self):
        made = self.convert(safetensors(tensors()))
        self.expect(HOLDS, "model", "split", "parts", "w.model")
        names = ["header", *(part["name"] for part in made["parts"])]
        self.assertEqual(["header", "embedding", "layer-000", "layer-001", "head"], names)
        parts = self.folder / "parts"
        self.assertEqual((self.folder / "w.model").read_bytes(), b"".join((parts / name).read_bytes() for name in names))
        for name in ("embedding", "layer-000", "head"):
            (parts / name).unlink()
        verified = self.expect(HOLDS, "model", "verify", "parts", "--json").json
        self.assertEqual({"id": made["id"], "absent": ["embedding", "layer-000", "head"]}, verified)
        layer = parts / "layer-001"
        layer.write_bytes(layer.read_bytes()[:-1] + bytes([layer.read_bytes()[-1] ^ 1]))
        said = self.expect(BAD_INPUT, "model", "verify", "parts").err
        self.assertRegex(said, r"^p2pllm: parts/layer-001: byte \d+, layer 1 down: the bytes of a tensor must have the root that the header states \(MODEL-3\)\n$")
        layer.unlink()
        self.expect_bad("parts: no part beside the header is there to verify", "model", "verify", "parts")

    def test_one_changed_byte_of_a_file_is_found(self):
        self.convert(safetensors(tensors()))
        file = bytearray((self.folder / "w.model").read_bytes())
        for at in (0, 16, 40, len(file) // 2, len(file) - 1):
            self.write("x.model", bytes(file[:at] + bytes([file[at] ^ 1]) + file[at + 1 :]))
            answer = self.run_program("model", "verify", "x.model", "--json")
            intact = answer.code == HOLDS and answer.json["id"] == self.expect(HOLDS, "model", "show", "w.model", "--json").json["id"]
            self.assertFalse(intact, at)
        self.write("x.model", bytes(file[:-1]))
        self.expect_bad(f"x.model: {len(file) - 1} bytes: a file with this header must have {len(file)} bytes", "generate", "--model", "x.model", "--prompt", "a")
        self.write("x.model", b"p2pllm-model/2\n" + bytes(file[15:]))
        self.expect_bad('x.model: byte 0: a file of an exact model must begin with "p2pllm-model/1" (MODEL-2)', "model", "show", "x.model")


class WrongWeights(CommandLine):
    """[MODEL-4] Each fault of a safetensors file has its line."""

    def refuses(self, content, line):
        self.write("w", content)
        self.expect_bad(line, "model", "convert", "w", "w.model")
        self.assertFalse((self.folder / "w.model").exists())

    def changed(self, name, shape=None, values=None, **more):
        named = tensors()
        old = named[name]
        named[name] = (shape or old[0], values or old[1])
        return safetensors(named, **more)

    def test_the_header(self):
        self.refuses(b"", "w: byte 0: no file of weights: GGUF, safetensors, or llama2.c of the length that its sizes give")
        self.refuses(struct.pack("<Q", 100) + b"{}", "w: byte 0: no file of weights: GGUF, safetensors, or llama2.c of the length that its sizes give")
        self.refuses(struct.pack("<Q", 2) + b"[]", "w: /: array of 0: the header must be an object")
        self.refuses(struct.pack("<Q", 2) + b"{}", "w: /: object: the tensor model.embed_tokens.weight must be present")
        self.refuses(safetensors(tensors(), None), 'w: /: object: the metadata ("__metadata__") must be present')
        self.refuses(safetensors(tensors(), {**METADATA, "heads": "-4"}), 'w: /__metadata__/heads: "-4": must be an integer in 1 .. 32768')
        self.refuses(safetensors(tensors(), {**METADATA, "rope": "none"}), 'w: /__metadata__/rope: "none": rope must be "halves" or "neighbours"')
        self.refuses(safetensors(tensors(), {**METADATA, "kv_heads": "3"}), "w: /: object: the number of heads of keys must divide that of queries (MODEL-1)")
        self.refuses(safetensors(tensors(), {**METADATA, "rope_base": "0"}), "w: base of the rotation: 0.000000: must be 1 .. 10^12 (MODEL-4)")

    def test_the_tensors(self):
        norm = "model.layers.1.input_layernorm.weight"
        self.refuses(self.changed(norm, [15], [1.0] * 15), f"w: /{norm}/shape: array of 1: the shape must be [16]")
        named = tensors()
        del named["model.layers.0.mlp.up_proj.weight"]
        self.refuses(safetensors(named), "w: /: object: the tensor model.layers.0.mlp.up_proj.weight must be present")
        named = tensors() | {"model.layers.0.self_attn.q_proj.bias": ([16], [0.0] * 16)}
        self.refuses(safetensors(named), "w: /model.layers.0.self_attn.q_proj.bias: object: no tensor of a Llama has this name")
        self.refuses(safetensors(tensors())[:-1], "w: /model.layers.1.mlp.down_proj.weight/data_offsets/1: 32064: data_offsets must lie in the file and hold the tensor's values")

    def test_the_values(self):
        down = "model.layers.1.mlp.down_proj.weight"
        for value, shown in ((64.0, "64.000000"), (float("nan"), "nan"), (float("-inf"), "-inf")):
            values = [0.5] * (16 * 24)
            values[24 * 3 + 5] = value
            self.refuses(self.changed(down, values=values), f"w: layer 1 down, row 3, column 5: {shown}: a weight must be finite and at most 63.5 in magnitude (MODEL-4)")


class Llama2c(CommandLine):
    """[MODEL-4][MODEL-5] A file of another kind with the same weights, and a tokenizer of its own."""

    PIECES = ["ab", " ", "a", "b", " ab"]
    SIZE = {"vocabulary": 259 + len(PIECES)}

    def test_the_kind_of_file_does_not_count_but_the_weights_do(self):
        self.write("s", safetensors(tensors(), {**METADATA, "name": "", "licence": "", "epsilon": "9.99999974737875163555145263671875e-06"}))
        self.write("l", llama2c(tensors()))
        ids = {self.expect(HOLDS, "model", "convert", name, "w.model", "--json").json["id"] for name in "sl"}
        self.assertEqual(1, len(ids))

    def test_a_tokenizer_of_its_own(self):
        self.write("l", llama2c(tensors(size=self.SIZE), self.SIZE))
        self.write("t", llama2c_tokenizer(self.PIECES))
        self.expect(HOLDS, "model", "convert", "l", "w.model", "--tokenizer", "t")
        said = lambda prompt: self.expect(HOLDS, "generate", "--model", "w.model", "--tokens", "1", "--json", "--prompt", prompt).json["prompt_tokens"]
        self.assertEqual([2, 3, 4], [said(prompt) for prompt in ("ab", "ab ab", "x ab")])
        self.expect(HOLDS, "model", "convert", "l", "n.model")
        self.expect_bad("n.model: the model has no tokenizer (MODEL-5)", "generate", "--model", "n.model", "--prompt", "a")

    def test_what_is_refused(self):
        self.write("l", llama2c(tensors(size=self.SIZE), self.SIZE))
        self.write("t", llama2c_tokenizer(self.PIECES[:-1]))
        size = len(llama2c_tokenizer(self.PIECES[:-1]))
        self.expect_bad(f"t: byte {size}, a score: 4 bytes: only 0 bytes of the file are left", "model", "convert", "l", "w.model", "--tokenizer", "t")
        self.expect_bad("t: cannot be written: it is an input of this command", "model", "convert", "l", "t", "--tokenizer", "t")
        self.write("m", b"p2pllm-model/1\n")
        self.expect_bad("m: byte 0: the model in this file is an exact one already", "model", "convert", "m", "w.model")


class Generate(CommandLine):
    """[LAYER-9][LAYER-10][SAMPLE-1][SAMPLE-2]"""

    def test_the_shipped_model_writes_the_same_text_on_every_engine(self):
        texts = {self.expect(HOLDS, *SHIPPED, "--engine", engine, "--threads", str(threads)).out for engine in ("fast", "reference") for threads in (1, 2)}
        self.assertEqual(1, len(texts))
        self.assertTrue(texts.pop().startswith("In the beginning"))

    def test_without_a_gpu_the_kernels_are_a_component_that_is_missing(self):
        done = self.run_program(*SHIPPED, "--engine", "cuda")
        if done.code == HOLDS:
            self.assertEqual(self.expect(HOLDS, *SHIPPED).out, done.out)
            return
        self.assertEqual((4, ""), (done.code, done.out))
        self.assertRegex(done.err, r"^p2pllm: --engine cuda: no GPU can be used \(.+\); --engine fast computes the same on the processor\n$")

    def test_more_threads_than_processors_are_nothing_to_mention(self):
        self.assertEqual("", self.expect(HOLDS, *SHIPPED, "--threads", "7").err)

    def test_a_text_is_a_function_of_prompt_temperature_and_seed(self):
        text = self.expect(HOLDS, *SHIPPED).out
        self.assertEqual(text, self.expect(HOLDS, *SHIPPED, "--seed", "1", "--temperature", "0.7").out)
        self.assertNotEqual(text, self.expect(HOLDS, *SHIPPED, "--seed", "2").out)
        cold = [self.expect(HOLDS, *SHIPPED, "--temperature", "0", "--seed", seed).out for seed in ("1", "2")]
        self.assertEqual(*cold)

    def test_json_has_the_tokens_of_the_text(self):
        answer = self.expect(HOLDS, *SHIPPED, "--json").json
        self.assertEqual(60, len(answer["tokens"]))
        self.assertEqual(bytes(answer["tokens"]).decode(), answer["text"])
        self.assertEqual("In the beginning" + answer["text"] + "\n", self.expect(HOLDS, *SHIPPED).out)
        self.assertEqual(self.expect(HOLDS, "model", "show", "--json").json["id"], answer["model"])

    def test_a_context_ends_a_text(self):
        self.write("w", safetensors(tensors()))
        self.expect(HOLDS, "model", "convert", "w", "w.model")
        answer = self.expect(HOLDS, "generate", "--model", "w.model", "--prompt", "abc", "--tokens", "1000", "--json").json
        self.assertEqual((3, 30), (answer["prompt_tokens"], len(answer["tokens"])))
        self.expect_bad("--prompt: 33 tokens: the model's context has 32 positions", "generate", "--model", "w.model", "--prompt", "a" * 33)

    def test_bytes_that_are_no_text_do_not_reach_a_terminal(self):
        """The tiny model was never trained: it writes any byte."""
        self.write("w", safetensors(tensors()))
        self.expect(HOLDS, "model", "convert", "w", "w.model")
        for seed in ("1", "2", "3"):
            text = self.expect(HOLDS, "generate", "--model", "w.model", "--prompt", "abc", "--temperature", "4", "--seed", seed).out
            self.assertTrue(all(character.isprintable() or character in "\n\t" for character in text), ascii(text))

    def test_what_is_refused(self):
        self.expect_bad("--prompt: the model needs at least one token to begin with", "generate")
        self.expect_bad("--chat: this model has no form for conversations; leave --chat out", "generate", "--prompt", "a", "--chat")
        self.expect_bad("--temperature: 300: a temperature must be 0, or from 1/256 to 256 (SAMPLE-2)", "generate", "--prompt", "a", "--temperature", "300")
        self.expect_bad("n.model: cannot be read: No such file or directory", "generate", "--prompt", "a", "--model", "n.model")


if __name__ == "__main__":
    main()
