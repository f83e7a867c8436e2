"""Layers and models: the rules of LAYER, SAMPLE and MODEL over Python's integers, which have no bounds."""
import math

import mpmath
from cbor import encode
from commitments import root, tagged

MOST = 2**31 - 1
BLOCK = 64


def nearest(numerator, denominator):
    """|numerator / denominator| as the nearest integer, the greater of two, with the sign."""
    size = (2 * abs(numerator) + denominator) // (2 * denominator)
    return size if numerator >= 0 else -size


def table(function, count):
    with mpmath.workprec(300):
        return [int(mpmath.floor(function(mpmath.mpf(i)) * 2**30 + mpmath.mpf(1) / 2)) for i in range(count)]


POWERS = table(lambda i: mpmath.mpf(2) ** (-i / 256), 257)
SINES = table(lambda i: mpmath.sin(2 * mpmath.pi * i / 4096), 4097)
TABLES = tagged("p2pllm/1/layer-tables", b"".join((v % 2**32).to_bytes(4, "little") for v in POWERS + SINES))


def rounded(v, k):
    return v if k == 0 else (v + 2 ** (k - 1)) >> k


def scaled(v, k):
    """v / 2^k, rounded; for a negative k exactly."""
    return rounded(v, k) if k >= 0 else v * 2**-k


def saturated(v):
    return min(max(v, -MOST), MOST)


def block(row):
    exponent = max(0, max(map(abs, row)).bit_length() - 15)
    return [min(max(rounded(y, exponent), -32767), 32767) for y in row], exponent


def product(matrix, vector):
    numbers, exponent = vector
    out = []
    for weights, multipliers, of_row in matrix:
        total = sum(w * q * multipliers[c // BLOCK] for c, (w, q) in enumerate(zip(weights, numbers)))
        out.append(saturated(scaled(total, of_row - exponent)))
    return out


def sine(u):
    j, part = u >> 20, u % 2**20
    return SINES[j] + rounded((SINES[j + 1] - SINES[j]) * part, 20)


def rotated(head, position, frequencies):
    out = []
    for i, frequency in enumerate(frequencies):
        u = position * frequency % 2**64 >> 32
        a, b, s, c = head[2 * i], head[2 * i + 1], sine(u), sine((u + 2**30) % 2**32)
        out += [saturated(rounded(a * c - b * s, 30)), saturated(rounded(a * s + b * c, 30))]
    return out


def power(t):
    if t >> 16 > 30:
        return 0
    i, part = t % 2**16 >> 8, t % 2**8
    return (POWERS[i] - ((POWERS[i] - POWERS[i + 1]) * part >> 8)) >> (t >> 16)


def toward_zero(a, b):
    return a // b if a >= 0 else -(-a // b)


def attended(query, keys, values, scale, bits):
    numbers, exponent = query
    scores = [scaled(scale * sum(a * b for a, b in zip(numbers, key)), 2 * bits + 4 - exponent - of_key) for key, of_key in keys]
    weights = [power(min(max(scores) - score, 2**22)) for score in scores]
    greatest = max(of_value for _, of_value in values)
    dropped = sum(weights).bit_length() - 30
    out = []
    for d in range(len(numbers)):
        total = sum((w >> greatest - of_value) * value[d] for w, (value, of_value) in zip(weights, values))
        out.append(saturated(toward_zero(rounded(total, dropped) * 2**greatest, sum(weights) >> dropped)))
    return out


def norm(row, gain, epsilon, bits):
    factors, exponent = gain
    dropped = max(0, max(map(abs, row)).bit_length() - 23)
    mean = sum(rounded(x, dropped) ** 2 for x in row) // len(row) + (epsilon >> 2 * dropped)
    if mean == 0:
        return [0] * len(row)
    lifted = max(k for k in range(0, 62, 2) if mean << k < 2**62)
    reciprocal = 2**61 // math.isqrt(mean << lifted)
    units = [rounded(x * reciprocal, 41 - lifted // 2 + dropped) for x in row]
    return [saturated(rounded(u * g, 20 + exponent - bits)) for u, g in zip(units, factors)]


def gated(a, b, bits):
    t = power(min(abs(a) * 94548 >> bits, 2**22))
    sigmoid = (t if a < 0 else 2**30) * 2**30 // (2**30 + t)
    return saturated(rounded(rounded(a * sigmoid, 30) * b, bits))


def converted_row(row):
    """The weights, multipliers and exponent of a row of fractions (MODEL-4)."""
    most = max(map(abs, row))
    exponent = max(e for e in range(16, 46) if e == 16 or nearest(*(most * 2**e / 127).as_integer_ratio()) <= 2**15)
    multipliers = []
    for first in range(0, len(row), BLOCK):
        of_block = max(map(abs, row[first : first + BLOCK])) * 2**exponent / 127
        multipliers.append(max(1, nearest(*of_block.as_integer_ratio())))
    weights = []
    for c, value in enumerate(row):
        weight = nearest(*(value * 2**exponent / multipliers[c // BLOCK]).as_integer_ratio())
        weights.append(min(max(weight, -127), 127))
    return weights + [0] * (-len(row) % BLOCK), multipliers, exponent


def converted_gain(factors):
    def numbers(exponent):
        return [nearest(*(factor * 2**exponent).as_integer_ratio()) for factor in factors]

    exponent = max(e for e in range(31) if e == 0 or max(map(abs, numbers(e))) <= 32767)
    return numbers(exponent), exponent


def frequencies(base, head_width):
    with mpmath.workprec(400):
        real = mpmath.mpf(base.numerator) / base.denominator
        return [int(mpmath.nint(2**64 * real ** (mpmath.mpf(-2 * i) / head_width) / (2 * mpmath.pi))) for i in range(head_width // 2)]


def score_scale(head_width):
    with mpmath.workprec(300):
        return int(mpmath.nint(2**20 * mpmath.log(mpmath.e, 2) / mpmath.sqrt(head_width)))


def tiles(matrix):
    """The bytes of each tile of a matrix of rows (weights, multipliers, exponent)."""
    stride = len(matrix[0][0])
    height = 16384 // min(stride, 1024)
    for top in range(0, len(matrix), height):
        rows = matrix[top : top + height]
        for left in range(0, stride, 1024):
            right = min(left + 1024, stride)
            out = b"".join((w % 256).to_bytes(1, "little") for row in rows for w in row[0][left:right])
            out += b"".join(m.to_bytes(2, "little") for row in rows for m in row[1][left // BLOCK : right // BLOCK])
            yield out + (bytes(row[2] for row in rows) if right == stride else b"")


def gain_tiles(gain):
    out = b"".join((g % 2**16).to_bytes(2, "little") for g in gain[0])
    return [out[at : at + 2 * 8192] for at in range(0, len(out), 2 * 8192)]


def leaf(kind, content):
    return tagged(f"p2pllm/1/leaf/{kind}", content)


class Model:
    """An exact model: its tensors in the order of the file, as (exponent, tiles), and by name."""

    ORDER = ("attention_norm", "query", "key", "value", "output", "feed_norm", "gate", "up", "down")
    SIZES = ("layers", "width", "hidden", "heads", "kv_heads", "head_width", "vocabulary", "context", "fraction_bits")

    def __init__(self, given):
        """`given` has the sizes, epsilon and base as fractions, and tensors of fractions."""
        self.size = {name: given[name] for name in self.SIZES}
        self.bits = given["fraction_bits"]
        self.epsilon = nearest(*(given["epsilon"] * 4**self.bits).as_integer_ratio())
        self.frequencies = frequencies(given["base"], given["head_width"])
        self.scale = score_scale(given["head_width"])
        self.listed = []
        self.embedding = self.matrix(given["embedding"])
        self.blocks = [{name: (self.gain if "norm" in name else self.matrix)(of_layer[name]) for name in self.ORDER} for of_layer in given["tensors"]]
        self.norm = self.gain(given["norm"])
        self.head = self.matrix(given["head"]) if given["head"] else None
        self.name, self.licence = given["name"], given["licence"]

    def matrix(self, rows):
        exact = [converted_row(row) for row in rows]
        self.listed.append((0, list(tiles(exact))))
        return exact

    def gain(self, factors):
        exact = converted_gain(factors)
        self.listed.append((exact[1], gain_tiles(exact)))
        return exact

    def file(self):
        tokenizer = encode(["bytes"])
        entries = [[exponent, root([leaf("weight", tile) for tile in parts])] for exponent, parts in self.listed]
        tensors = root([leaf("tensor", encode(entry)) for entry in entries])
        manifest = encode([list(self.size.values()), self.epsilon, self.frequencies, TABLES, self.name, self.licence,
                           len(tokenizer), tagged("p2pllm/1/tokenizer", tokenizer), self.head is not None, tensors])
        out = b"p2pllm-model/1\n"
        for part in (manifest, encode(entries)):
            out += len(part).to_bytes(4, "little") + part
        out += tokenizer + b"".join(tile for _, parts in self.listed for tile in parts)
        return tagged("p2pllm/1/model", manifest), out

    def row_of(self, token):
        weights, multipliers, exponent = self.embedding[token]
        return [saturated(scaled(w * multipliers[c // BLOCK], exponent - self.bits)) for c, w in enumerate(weights[: self.size["width"]])]

    def layer(self, of_layer, cache, row, position):
        size, width = self.size, self.size["head_width"]
        heads = lambda numbers: [numbers[at : at + width] for at in range(0, len(numbers), width)]
        entered = block(norm(row, of_layer["attention_norm"], self.epsilon, self.bits))
        queries, keys, values = (heads(product(of_layer[name], entered)) for name in ("query", "key", "value"))
        for h in range(size["kv_heads"]):
            cache[h][0].append(block(rotated(keys[h], position, self.frequencies)))
            cache[h][1].append(block(values[h]))
        read = []
        for h, query in enumerate(queries):
            group = cache[h // (size["heads"] // size["kv_heads"])]
            read += attended(block(rotated(query, position, self.frequencies)), *group, self.scale, self.bits)
        row = [saturated(a + b) for a, b in zip(row, product(of_layer["output"], block(read)))]
        fed = block(norm(row, of_layer["feed_norm"], self.epsilon, self.bits))
        between = [gated(a, b, self.bits) for a, b in zip(product(of_layer["gate"], fed), product(of_layer["up"], fed))]
        return [saturated(a + b) for a, b in zip(row, product(of_layer["down"], block(between)))]

    def logits(self, row):
        return product(self.head or self.embedding, block(norm(row, self.norm, self.epsilon, self.bits)))


def sampled(logits, bits, temperature, seed, position):
    if temperature == 0:
        return logits.index(max(logits))
    with mpmath.workprec(300):
        of_temperature = mpmath.mpf(temperature.numerator) / temperature.denominator
        inverse = int(mpmath.nint(2 ** (32 - bits) * mpmath.log(mpmath.e, 2) / of_temperature))
    weights = [power(min((max(logits) - z) * inverse >> 16, 2**22)) for z in logits]
    word = int.from_bytes(tagged("p2pllm/1/sample", encode([seed, position]))[:8], "big")
    bound = word * sum(weights) >> 64
    return next(t for t in range(len(weights)) if sum(weights[: t + 1]) > bound)
