"""Writes small files of weights: a model of two layers over bytes, as safetensors."""
import json
import random
import struct

SIZE = {"width": 16, "hidden": 24, "heads": 4, "kv_heads": 2, "head_width": 4, "vocabulary": 256, "layers": 2}
METADATA = {"heads": "4", "kv_heads": "2", "context": "32", "rope_base": "10000", "epsilon": "1e-5", "rope": "neighbours", "name": "tiny", "licence": "none"}


def shapes(size=None):
    s = {**SIZE, **(size or {})}
    queries, keys = s["heads"] * s["head_width"], s["kv_heads"] * s["head_width"]
    named = {"model.embed_tokens.weight": [s["vocabulary"], s["width"]], "model.norm.weight": [s["width"]]}
    for layer in range(s["layers"]):
        own = f"model.layers.{layer}."
        named |= {own + "input_layernorm.weight": [s["width"]], own + "post_attention_layernorm.weight": [s["width"]],
                  own + "self_attn.q_proj.weight": [queries, s["width"]], own + "self_attn.k_proj.weight": [keys, s["width"]],
                  own + "self_attn.v_proj.weight": [keys, s["width"]], own + "self_attn.o_proj.weight": [s["width"], queries],
                  own + "mlp.gate_proj.weight": [s["hidden"], s["width"]], own + "mlp.up_proj.weight": [s["hidden"], s["width"]],
                  own + "mlp.down_proj.weight": [s["width"], s["hidden"]]}
    return named


def count(shape):
    return shape[0] * (shape[1] if len(shape) > 1 else 1)


def tensors(seed=1, size=None):
    """name -> (shape, values): drawn matrices, and factors of 1."""
    dice = random.Random(seed)
    return {name: (shape, [1.0] * shape[0] if len(shape) == 1 else [dice.randrange(-999, 999) / 1024 for _ in range(count(shape))])
            for name, shape in shapes(size).items()}


def safetensors(named, metadata=METADATA, kind="F32"):
    """The bytes of a file; for BF16 the values are cut to their upper half."""
    header, data = {"__metadata__": metadata} if metadata is not None else {}, b""
    for name, (shape, values) in named.items():
        packed = struct.pack(f"<{len(values)}{'e' if kind == 'F16' else 'f'}", *values)
        if kind == "BF16":
            packed = b"".join(packed[at + 2 : at + 4] for at in range(0, len(packed), 4))
        header[name] = {"dtype": kind, "shape": shape, "data_offsets": [len(data), len(data) + len(packed)]}
        data += packed
    text = json.dumps(header).encode()
    return struct.pack("<Q", len(text)) + text + data


def llama2c(named, size=None):
    """The same tensors as a file of llama2.c: sizes, then each kind of tensor for all layers."""
    s = {**SIZE, **(size or {})}
    kinds = ("input_layernorm", "self_attn.q_proj", "self_attn.k_proj", "self_attn.v_proj", "self_attn.o_proj",
             "post_attention_layernorm", "mlp.gate_proj", "mlp.down_proj", "mlp.up_proj")
    layers = [named[f"model.layers.{layer}.{kind}.weight"][1] for kind in kinds for layer in range(s["layers"])]
    context = int(METADATA["context"])
    rotation = [0.0] * (context * s["head_width"])
    values = [value for part in (named["model.embed_tokens.weight"][1], *layers, named["model.norm.weight"][1], rotation) for value in part]
    sizes = (s["width"], s["hidden"], s["layers"], s["heads"], s["kv_heads"], s["vocabulary"], context)
    return struct.pack(f"<7i{len(values)}f", *sizes, *values)


def llama2c_tokenizer(pieces):
    """tokenizer.bin with these tokens after those of the bytes, each with a better score than the next."""
    names = ["<unk>", "<s>", "</s>", *(f"<0x{byte:02X}>" for byte in range(256))]
    tokens = [(0.0, name) for name in names] + [(-float(rank), piece) for rank, piece in enumerate(pieces)]
    return struct.pack("<i", 27) + b"".join(struct.pack("<fi", score, len(name.encode())) + name.encode() for score, name in tokens)
