"""The exact layers against floating point: NumPy in double precision computes with the same weights. Skipped without NumPy."""
import struct
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: python3-numpy is not installed")
    sys.exit(77)

from harness import HOLDS, SOURCE, CommandLine, main
from model_bytes import ModelBytes

MODEL = SOURCE / "examples" / "models" / "king_james.model"
TEXT = "And it came to pass in those days, that there went out a decree from Caesar Augustus, that all the world should be taxed. "


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


class FloatModel:
    """The model of a file in double precision, with exact exponentials, sines and roots."""

    def __init__(self, data):
        reader = Reader(data)
        assert reader.take(15) == b"p2pllm-model/1\n"
        reader.take(4)
        sizes, epsilon, frequencies, _, _, _, tokenizer_bytes, _, has_head, _ = reader.value()
        self.layers, self.width, hidden, self.heads, self.kv_heads, self.head_width, vocabulary, self.context, self.bits = sizes
        reader.take(4)
        exponents = iter([exponent for exponent, _ in reader.value()])
        reader.take(tokenizer_bytes)
        self.epsilon = epsilon * 4.0**-self.bits
        self.turns = np.array(frequencies, float) * 2.0**-64
        queries, keys = self.heads * self.head_width, self.kv_heads * self.head_width
        matrix = lambda rows, columns: (next(exponents), reader.matrix(rows, columns))[1]
        gain = lambda: reader.gain(self.width, next(exponents))
        self.embedding = matrix(vocabulary, self.width)
        self.blocks = [(gain(), matrix(queries, self.width), matrix(keys, self.width), matrix(keys, self.width), matrix(self.width, queries), gain(),
                        matrix(hidden, self.width), matrix(hidden, self.width), matrix(self.width, hidden)) for _ in range(self.layers)]
        self.norm_gain = gain()
        self.head = matrix(vocabulary, self.width) if has_head else self.embedding
        assert reader.at == len(data)

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
            scores = np.einsum("ihd,jhd->hij", q, k) / np.sqrt(self.head_width) + mask
            weights = np.exp(scores - scores.max(-1, keepdims=True))
            weights /= weights.sum(-1, keepdims=True)
            x = x + np.einsum("hij,jhd->ihd", weights, v).reshape(count, -1) @ output.T
            h = self.norm(x, norm2)
            g = h @ gate.T
            x = x + (g / (1 + np.exp(-g)) * (h @ up.T)) @ down.T
        return self.norm(x, self.norm_gain) @ self.head.T


def log_probabilities(logits):
    shifted = logits - logits.max(-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(-1, keepdims=True))


class Accuracy(CommandLine):
    """[LAYER-1][LAYER-9]"""

    def exact(self, tokens, fraction_bits):
        self.write("text", bytes(tokens))
        self.expect(HOLDS, "model", "score", "text", "--logits", "logits", "--json")
        words = struct.unpack(f"<{256 * (len(tokens) - 1)}i", (self.folder / "logits").read_bytes())
        return np.array(words, float).reshape(-1, 256) * 2.0**-fraction_bits

    def test_logits_are_those_of_double_precision(self):
        model = FloatModel(MODEL.read_bytes())
        tokens = list((TEXT * 3).encode())[: model.context + 1]
        exact, real = self.exact(tokens, model.bits), model.logits(tokens[:-1])
        p, q = log_probabilities(real), log_probabilities(exact)
        divergence = (np.exp(p) * (p - q)).sum(-1)
        error = np.abs(exact - real)
        agreed = (exact.argmax(-1) == real.argmax(-1)).mean()
        print(f"KL {divergence.mean():.2e}, error {np.sqrt((error**2).mean()):.5f} rms, {error.max():.4f} at most, first choice {100 * agreed:.1f} %")
        self.assertLess(divergence.mean(), 1e-5)
        self.assertLess(np.sqrt((error**2).mean()), 0.005)
        self.assertLess(error.max(), 0.06)
        self.assertGreaterEqual(agreed, 0.99)

    def test_a_wrong_rule_would_be_seen(self):
        """The same comparison fails if rotations are faster by a hundredth."""
        model = FloatModel(MODEL.read_bytes())
        tokens = list((TEXT * 3).encode())[:129]
        exact = self.exact(tokens, model.bits)
        model.turns = model.turns * 1.01
        error = np.abs(exact - model.logits(tokens[:-1]))
        self.assertGreater(np.sqrt((error**2).mean()), 0.005)


if __name__ == "__main__":
    main()
