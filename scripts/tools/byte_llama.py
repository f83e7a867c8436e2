"""The shipped model in PyTorch: its shape, its losses, its file, and what it writes.

A Llama of bytes: 8 layers, width D = 128, 4 query heads and 1 key-value head of 32, SwiGLU of 192, RMSNorm with
eps 1e-5, tied embedding, vocabulary 256, context 256, rope of base 10000 that rotates neighbouring pairs (2i, 2i+1).
952,448 parameters: 950,272 weights, which are integers of 8 bits in the exact file, and 2,176 gains.
Losses are in nats a byte.
"""

import ctypes
import json
import math
import os
import struct
import sys
from pathlib import Path

CPU = Path("/proc/cpuinfo").read_text() if Path("/proc/cpuinfo").exists() else ""
os.environ.update(OMP_NUM_THREADS="1", OPENBLAS_NUM_THREADS="1")  # sums depend on the number of threads
if "avx512f" in CPU:
    os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")
if sys.platform == "linux":  # malloc shall keep large blocks: asking the system for each anew costs a fifth of the time
    M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
    ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, 1 << 30)
    ctypes.CDLL(None).mallopt(M_TRIM_THRESHOLD, (1 << 31) - 1)

import numpy as np
import torch
import torch.nn.functional as F

from .king_james import TEXT_SHA256, learnt_bytes

torch.set_num_threads(1)
torch.set_flush_denormal(True)

LAYERS, D, HEADS, HEAD, FF, VOCABULARY, CONTEXT = 8, 128, 4, 32, 192, 256, 256
BASE, EPS = 10000.0, 1e-5
PARTS = (  # name in a file of HuggingFace's Llama; the stack of all layers that holds it here; its rows there
    ("input_layernorm", "norm1", None),
    ("self_attn.q_proj", "qkv", (0, 128)),
    ("self_attn.k_proj", "qkv", (128, 160)),
    ("self_attn.v_proj", "qkv", (160, 192)),
    ("self_attn.o_proj", "o", (0, 128)),
    ("post_attention_layernorm", "norm2", None),
    ("mlp.gate_proj", "gate_up", (0, 192)),
    ("mlp.up_proj", "gate_up", (192, 384)),
    ("mlp.down_proj", "down", (0, 128)),
)
METADATA = {  # the keys that `p2pllm model convert` reads, and the origin of the text
    **{"name": "King James", "licence": "MIT; the text is in the public domain"},
    **{"heads": HEADS, "kv_heads": 1, "context": CONTEXT, "rope_base": "10000", "epsilon": "1e-5", "rope": "neighbours"},
    "text_sha256": TEXT_SHA256,
}


def split(text):
    """The bytes to learn from and the last 3 %, which are held out."""
    data = torch.tensor(np.frombuffer(text, np.uint8).astype(np.int64))
    learnt = learnt_bytes(data)
    return data[:learnt], data[learnt:]


def new_model(seed):
    """Tensors by name. The matrices of all layers are one tensor, so that one call treats them all."""
    g = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return 0.05 * torch.randn(*shape, generator=g)

    model = {"embedding": normal(VOCABULARY, D), "norm": torch.ones(D)}
    model |= {"norm1": torch.ones(LAYERS, D), "norm2": torch.ones(LAYERS, D)}
    model |= {"qkv": normal(LAYERS, D + 2 * HEAD, D), "o": torch.zeros(LAYERS, D, D)}
    model |= {"gate_up": normal(LAYERS, 2 * FF, D), "down": torch.zeros(LAYERS, D, FF)}
    return {name: tensor.requires_grad_() for name, tensor in model.items()}


ANGLES = torch.outer(torch.arange(CONTEXT).float(), BASE ** (-torch.arange(0, HEAD, 2) / HEAD))
TURNS = torch.polar(torch.ones_like(ANGLES), ANGLES).view(CONTEXT, 1, HEAD // 2)
MASK = torch.full((CONTEXT, CONTEXT), -math.inf).triu(1)


def rms_norm(x, gain):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + EPS) * gain


def attention(qkv):
    """qkv: (windows, length, 192). Returns (windows, length, 128): each head's mean of the values up to its place."""
    windows, length, _ = qkv.shape
    pairs = qkv[..., :-HEAD].float().reshape(windows, length, HEADS + 1, HEAD // 2, 2)
    turned = torch.view_as_real(torch.view_as_complex(pairs) * TURNS[:length]).flatten(-2)
    q = turned[:, :, :HEADS].transpose(1, 2).reshape(windows, HEADS * length, HEAD)
    scores = torch.bmm(q * HEAD**-0.5, turned[:, :, HEADS].transpose(1, 2)).view(windows, HEADS, length, length)
    share = (scores + MASK[:length, :length].to(scores.dtype)).softmax(-1)
    mixed = torch.bmm(share.view(windows, HEADS * length, length), qkv[..., -HEAD:])
    return mixed.view(windows, HEADS, length, HEAD).transpose(1, 2).reshape(windows, length, D)


def logits(model, tokens):
    """tokens: (windows, length <= 256) of int64. Returns (windows, length, 256)."""
    x = F.embedding(tokens, model["embedding"])
    for layer in range(LAYERS):
        w = {name: model[name][layer] for name in ("norm1", "qkv", "o", "norm2", "gate_up", "down")}
        x = x + F.linear(attention(F.linear(rms_norm(x, w["norm1"]), w["qkv"])), w["o"])
        gate, up = F.linear(rms_norm(x, w["norm2"]), w["gate_up"]).chunk(2, -1)
        x = x + F.linear(F.silu(gate) * up, w["down"])
    return F.linear(rms_norm(x, model["norm"]), model["embedding"])


def loss_of(model, data, starts, length):
    """The mean loss over the bytes start + 1 .. start + length of all windows, each predicted from its own window."""
    span = data[starts[:, None] + torch.arange(length + 1)]
    return F.cross_entropy(logits(model, span[:, :-1]).float().flatten(0, 1), span[:, 1:].flatten())


@torch.no_grad()
def losses(model, held_out):
    """By windows of 128 and of 256 bytes: `random`, 128 windows drawn with seed 1, and `first`, the first 8,192."""
    result = {}
    for length in (128, 256):
        drawn = torch.randint(len(held_out) - length - 1, (128,), generator=torch.Generator().manual_seed(1))
        for name, starts in (("random", drawn), ("first", torch.arange(0, 8192, length))):
            parts = [loss_of(model, held_out, part, length).item() * len(part) for part in starts.split(16)]
            result[f"{name}{length}"] = sum(parts) / len(starts)
    return result


@torch.no_grad()
def rounded(model):
    """The model with its matrices as integers up to 127, a multiplier of 15 bits a row and 64 columns, an exponent a
    row: nearly what the exact file holds."""
    result = {name: tensor.clone() for name, tensor in model.items()}
    for name in ("embedding", "qkv", "o", "gate_up", "down"):
        blocks = result[name].double().unflatten(-1, (-1, 64))
        scale = blocks.abs().amax(-1, keepdim=True).clamp(min=1e-9) / 127
        exponent = torch.floor(15 - torch.log2(scale.amax(-2, keepdim=True)))
        unit = (scale * 2**exponent).ceil().clamp(1, 2**15) / 2**exponent
        result[name] = ((blocks / unit).round().clamp(-127, 127) * unit).flatten(-2).float()
    return result


@torch.no_grad()
def write_on(model, prompt, count, temperature, seed=1):
    """The prompt and `count` bytes more: each the likeliest at temperature 0, else drawn."""
    g, text = torch.Generator().manual_seed(seed), list(prompt)
    for _ in range(count):
        last = logits(model, torch.tensor([text[-CONTEXT:]]))[0, -1]
        if temperature == 0:
            text.append(int(last.argmax()))
        else:
            text.append(int(torch.multinomial((last / temperature).softmax(0), 1, generator=g)))
    return bytes(text).decode("utf-8", "replace")


def write_atomically(path, write):
    """After a crash at any moment, `path` is whole: the old file or the new one."""
    with open(f"{path}.new", "wb") as file:
        write(file)
        file.flush()
        os.fsync(file.fileno())
    os.replace(f"{path}.new", path)


def named(model):
    """The tensors as a file names them; those of a layer are views into the stacks."""
    yield "model.embed_tokens.weight", model["embedding"]
    for layer in range(LAYERS):
        for name, stack, rows in PARTS:
            part = model[stack][layer]
            yield f"model.layers.{layer}.{name}.weight", part[slice(*rows)] if rows else part
    yield "model.norm.weight", model["norm"]


def write_safetensors(path, model, **metadata):
    """float32: the length of the header as a u64, the header in JSON, the tensors; all little-endian."""
    header, tensors, at = {"__metadata__": {key: str(value) for key, value in (METADATA | metadata).items()}}, [], 0
    for name, tensor in named(model):
        tensors.append(np.ascontiguousarray(tensor.detach().numpy(), "<f4").tobytes())
        end = at + len(tensors[-1])
        header[name] = {"dtype": "F32", "shape": list(tensor.shape), "data_offsets": [at, end]}
        at = end
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    write_atomically(path, lambda file: file.write(struct.pack("<Q", len(text)) + text + b"".join(tensors)))


@torch.no_grad()
def read_safetensors(path, model):
    """Puts the tensors of a file that write_safetensors wrote into the model."""
    raw = Path(path).read_bytes()
    data = 8 + struct.unpack("<Q", raw[:8])[0]
    header = json.loads(raw[8:data])
    for name, tensor in named(model):
        at, end = header[name]["data_offsets"]
        values = np.frombuffer(raw[data + at : data + end], "<f4").reshape(tuple(header[name]["shape"]))
        tensor.copy_(torch.from_numpy(values.copy()))
