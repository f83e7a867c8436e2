"""A Llama in double precision, with exact exponentials, sines and roots: NumPy."""
from dataclasses import dataclass

import numpy as np
from model_bytes import ModelBytes


class Reader(ModelBytes):
    """The tensors in double precision (MODEL-3)."""

    def matrix(self, rows, columns):
        """The values of a matrix (MODEL-3), whose tiles have at most 1024 columns."""
        stride = -(-columns // 64) * 64
        height = 16384 // min(stride, 1024)
        out = np.zeros((rows, stride))
        for top in range(0, rows, height):
            count, exponents = min(height, rows - top), None
            for left in range(0, stride, 1024):
                wide = min(1024, stride - left)
                weights = np.frombuffer(self.take(count * wide), np.int8).reshape(count, wide).astype(float)
                multipliers = np.frombuffer(self.take(count * wide // 32), "<u2").reshape(count, wide // 64).astype(float)
                out[top : top + count, left : left + wide] = weights * np.repeat(multipliers, 64, axis=1)
                if left + wide == stride:
                    exponents = np.frombuffer(self.take(count), np.uint8).astype(float)
            out[top : top + count] *= 2.0 ** -exponents[:, None]
        return out[:, :columns]

    def gain(self, width, exponent):
        return np.frombuffer(self.take(2 * width), "<i2").astype(float) * 2.0**-exponent


@dataclass
class FloatLlama:
    """Matrices have a row for each number of the result. Pairs (2i, 2i + 1) of a head rotate."""

    heads: int
    kv_heads: int
    head_width: int
    context: int
    epsilon: float
    turns: np.ndarray  # of a position, for each pair of a head
    embedding: np.ndarray
    blocks: list  # for each layer: attention_norm, query, key, value, output, feed_norm, gate, up, down
    norm_gain: np.ndarray
    head: np.ndarray

    def norm(self, x, gain):
        return x / np.sqrt((x * x).mean(-1, keepdims=True) + self.epsilon) * gain

    def rotated(self, x):
        angle = 2 * np.pi * np.arange(len(x))[:, None, None] * self.turns
        first, second = x[..., 0::2], x[..., 1::2]
        return np.stack((first * np.cos(angle) - second * np.sin(angle), first * np.sin(angle) + second * np.cos(angle)), -1).reshape(x.shape)

    def logits(self, tokens):
        x = self.embedding[tokens]
        count = len(tokens)
        mask = np.where(np.tri(count, dtype=bool), 0, -np.inf)
        for norm1, query, key, value, output, norm2, gate, up, down in self.blocks:
            h = self.norm(x, norm1)
            q = self.rotated((h @ query.T).reshape(count, self.heads, self.head_width))
            k = self.rotated((h @ key.T).reshape(count, self.kv_heads, self.head_width)).repeat(self.heads // self.kv_heads, 1)
            v = (h @ value.T).reshape(count, self.kv_heads, self.head_width).repeat(self.heads // self.kv_heads, 1)
            scores = q.swapaxes(0, 1) @ k.transpose(1, 2, 0) / np.sqrt(self.head_width) + mask
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            x = x + (weights @ v.swapaxes(0, 1)).swapaxes(0, 1).reshape(count, -1) @ output.T
            h = self.norm(x, norm2)
            g = h @ gate.T
            x = x + (g / (1 + np.exp(-g)) * (h @ up.T)) @ down.T
        return self.norm(x, self.norm_gain) @ self.head.T


def exact_llama(data):
    """The weights of an exact model's file (MODEL-2), and its fraction_bits."""
    reader = Reader(data)
    assert reader.take(15) == b"p2pllm-model/1\n"
    reader.take(4)
    sizes, epsilon, frequencies, _, _, _, tokenizer_bytes, _, has_head, _ = reader.value()
    layers, width, hidden, heads, kv_heads, head_width, vocabulary, context, bits = sizes
    reader.take(4)
    exponents = iter([exponent for exponent, _ in reader.value()])
    reader.take(tokenizer_bytes)
    queries, keys = heads * head_width, kv_heads * head_width
    matrix = lambda rows, columns: (next(exponents), reader.matrix(rows, columns))[1]
    gain = lambda: reader.gain(width, next(exponents))
    embedding = matrix(vocabulary, width)
    blocks = [(gain(), matrix(queries, width), matrix(keys, width), matrix(keys, width), matrix(width, queries), gain(),
               matrix(hidden, width), matrix(hidden, width), matrix(width, hidden)) for _ in range(layers)]
    norm_gain = gain()
    head = matrix(vocabulary, width) if has_head else embedding
    assert reader.at == len(data)
    turns = np.array(frequencies, float) * 2.0**-64
    return FloatLlama(heads, kv_heads, head_width, context, epsilon * 4.0**-bits, turns, embedding, blocks, norm_gain, head), bits


def log_probabilities(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))
