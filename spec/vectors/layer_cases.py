"""Cases of the topics layer, conversion and model: edges, ties, drawn numbers, and whole models (layers.py)."""
import hashlib
from fractions import Fraction

from common import Dice
import layers
from layers import MOST, Model


def case(name, clauses, expect, **question):
    return {"name": name, "clauses": clauses, **question, "expect": expect}


def drawn_row(dice, count, most):
    return [dice.between(-most, most) for _ in range(count)]


def text(values):
    """Each number as a text, since JSON's readers may not keep 64 bits."""
    return [str(value) for value in values]


def rounding_cases():
    for value, shift in ((0, 0), (5, 1), (-5, 1), (7, 1), (-7, 1), (2**62, 61), (-(2**62), 61), (3 * 2**20, 21), (-3 * 2**20, 21), (MOST, 0), (-1, 30)):
        yield case(f"rounded {value} by {shift}", ["LAYER-3"], {"value": str(layers.rounded(value, shift))}, function="rounded", value=str(value), shift=shift)
    rows = {"zeros": [0] * 5, "small": [32767, -1, 3], "a bit more": [32768, -32769, 1, 3], "greatest": [MOST, -MOST, 65536, 32768, 98304, -32768]}
    for name, row in rows.items():
        numbers, exponent = layers.block(row)
        yield case(f"block of {name}", ["LAYER-1", "LAYER-3"], {"numbers": numbers, "exponent": exponent}, function="block", row=row)


def scalar_cases():
    for u in (0, 1, 2**20 - 1, 2**20, 2**30, 2**31 - 1, 2**31, 3 * 2**30, 2**32 - 1, 123456789, 4000000001):
        yield case(f"sine {u}", ["LAYER-2", "LAYER-6"], {"value": str(layers.sine(u))}, function="sine", value=str(u))
    for t in (0, 1, 255, 256, 65535, 65536, 100000, 30 * 65536, 31 * 65536 - 1, 31 * 65536, 2**22):
        yield case(f"power {t}", ["LAYER-2", "LAYER-7"], {"value": str(layers.power(t))}, function="power", value=str(t))
    for bits in (12, 18):
        for a, b in ((0, MOST), (MOST, MOST), (-MOST, MOST), (-MOST, -MOST), (2**bits, 2**bits), (-(2**bits), 3 * 2**bits), (12345, -6789)):
            expect = {"value": str(layers.gated(a, b, bits))}
            yield case(f"gated {a} {b} at {bits}", ["LAYER-9"], expect, function="gated", gate=a, up=b, fraction_bits=bits)


def vector_cases():
    dice = Dice(9001)
    for name, most, bits, epsilon in (("plain", 2**16, 12, 168), ("large", MOST, 18, 2**36 - 1), ("tiny", 3, 12, 0), ("zeros", 0, 12, 0), ("zeros with epsilon", 0, 14, 1)):
        row, factors, exponent = drawn_row(dice, 37, most), drawn_row(dice, 37, 32767), dice.between(0, 30)
        expect = {"row": layers.norm(row, (factors, exponent), epsilon, bits)}
        yield case(f"norm of {name}", ["LAYER-8"], expect, function="norm", row=row, factors=factors, exponent=exponent, epsilon=epsilon, fraction_bits=bits)
    row, factors = drawn_row(dice, 40, MOST), drawn_row(dice, 40, 32767)
    expect = {"row": layers.norm(row, (factors, 5), 7, 18)}
    yield case("norm to the last digit", ["LAYER-8"], expect, function="norm", row=row, factors=factors, exponent=5, epsilon=7, fraction_bits=18)
    for width in (2, 8, 256):
        position, turned = dice.below(2**17), drawn_row(dice, width, MOST)
        frequencies = layers.frequencies(Fraction(10000), width)
        expect = {"row": layers.rotated(turned, position, frequencies)}
        yield case(f"rotated head of {width}", ["LAYER-6"], expect, function="rotated", row=turned, position=position, frequencies=text(frequencies))
    for name, positions, most, exponents in (("one position", 1, 32767, 16), ("nine positions", 9, 300, 8), ("greatest scores", 5, 32767, 16), ("far apart", 12, 5000, 3)):
        vector = lambda: (drawn_row(dice, 6, most), dice.between(0, exponents))
        query, keys, values = vector(), [vector() for _ in range(positions)], [vector() for _ in range(positions)]
        scale, bits = layers.score_scale(6), dice.pick((12, 16, 18))
        expect = {"row": layers.attended(query, keys, values, scale, bits)}
        yield case(f"attention, {name}", ["LAYER-7"], expect, function="attended", query=query, keys=keys, values=values, scale=scale, fraction_bits=bits)


def sampling_cases():
    dice = Dice(9002)
    for bits in (12, 18):
        logits = drawn_row(dice, 23, 9 << bits)
        logits[11] = logits[4] = max(logits)
        for temperature in ("0", "1/256", "0.7", "1", "256"):
            for seed, position in ((0, 0), (1, 7), (2**63 - 1, 131071)):
                token = layers.sampled(logits, bits, Fraction(temperature), seed, position)
                clause = "SAMPLE-1" if temperature == "0" else "SAMPLE-2"
                yield case(f"token at {temperature}, {bits} bits, seed {seed}", [clause], {"token": token}, function="sampled",
                           logits=logits, fraction_bits=bits, temperature=temperature, seed=str(seed), position=position)


def layer_cases():
    yield from rounding_cases()
    yield from scalar_cases()
    yield from vector_cases()
    yield from sampling_cases()


def hexadecimal(value):
    return float(value).hex()


def exact_float(value):
    """A fraction that a double holds."""
    assert Fraction(float(value)) == value
    return value


def conversion_cases():
    dice = Dice(9003)
    half = Fraction(1, 2)
    rows = {
        "zeros": [Fraction(0)] * 3,
        "greatest": [Fraction(127, 2), -Fraction(127, 2), half],
        "least subnormals": [Fraction(1, 2**1074), -Fraction(3, 2**1074), Fraction(0)],
        "ties": [Fraction(127, 2**15), Fraction(3, 2**16), -Fraction(3, 2**16), Fraction(5, 2**16), half / 2**15],
        "two blocks of different size": [Fraction(dice.between(-999, 999), 1024) for _ in range(64)] + [Fraction(dice.between(-999, 999), 2**30) for _ in range(30)],
        "a block of zeros": [Fraction(0)] * 64 + [Fraction(5, 64)] * 2,
        "drawn": [Fraction(dice.between(-(2**40), 2**40), 2**44) for _ in range(130)],
    }
    for name, row in rows.items():
        row = [exact_float(value) for value in row]
        weights, multipliers, exponent = layers.converted_row(row)
        expect = {"weights": weights, "multipliers": multipliers, "exponent": exponent}
        yield case(f"row of {name}", ["MODEL-3", "MODEL-4"], expect, kind="row", values=[hexadecimal(v) for v in row])
    gains = {"ones": [Fraction(1)] * 4, "zeros": [Fraction(0)] * 2, "great and small": [Fraction(32767), Fraction(1, 3 * 2**4).limit_denominator(2**12), -half],
             "ties": [Fraction(1, 2**31), Fraction(32767, 2**30), -Fraction(3, 2**31)]}
    for name, factors in gains.items():
        factors = [Fraction(float(value)) for value in factors]
        numbers, exponent = layers.converted_gain(factors)
        yield case(f"factors of {name}", ["MODEL-3", "MODEL-4"], {"factors": numbers, "exponent": exponent}, kind="factors", values=[hexadecimal(v) for v in factors])
    for base, width in ((1, 2), (10000, 64), (500000, 128), (100000, 6)):
        yield case(f"frequencies of base {base}, {width} numbers", ["LAYER-6", "MODEL-4"], {"frequencies": text(layers.frequencies(Fraction(base), width))},
                   kind="frequencies", base=hexadecimal(base), head_width=width)
    for width in (2, 6, 64, 80, 128, 256):
        yield case(f"scale of {width} numbers", ["LAYER-7"], {"scale": layers.score_scale(width)}, kind="scale", head_width=width)


def drawn_model(dice, size, weight, factor, tied):
    """Integers in units of 2^-20 from -weight to weight, and factors from -factor to factor."""
    values = lambda rows, columns: [drawn_row(dice, columns, weight) for _ in range(rows)]
    of_query, of_keys = size["heads"] * size["head_width"], size["kv_heads"] * size["head_width"]
    width, hidden = size["width"], size["hidden"]
    shapes = {"query": (of_query, width), "key": (of_keys, width), "value": (of_keys, width), "output": (width, of_query),
              "gate": (hidden, width), "up": (hidden, width), "down": (width, hidden)}
    gain = lambda: drawn_row(dice, width, factor)
    return {
        "embedding": values(size["vocabulary"], width),
        "tensors": [{name: values(*shapes[name]) if name in shapes else gain() for name in Model.ORDER} for _ in range(size["layers"])],
        "norm": gain(),
        "head": None if tied else values(size["vocabulary"], width),
    }


def in_units(given):
    """The same with fractions in the place of integers in units of 2^-20."""
    if isinstance(given, dict):
        return {name: in_units(value) for name, value in given.items()}
    if isinstance(given, list):
        return [in_units(value) for value in given]
    return given if given is None else Fraction(given, 2**20)


def model_cases():
    dice = Dice(9004)
    small = {"layers": 2, "width": 10, "hidden": 70, "heads": 4, "kv_heads": 2, "head_width": 4, "vocabulary": 11, "context": 16, "fraction_bits": 12}
    one = {"layers": 1, "width": 6, "hidden": 5, "heads": 3, "kv_heads": 3, "head_width": 2, "vocabulary": 7, "context": 5, "fraction_bits": 18}
    listed = (("tied", small, 2**19, 2**20, True), ("with a head", {**small, "kv_heads": 1, "fraction_bits": 16}, 2**18, 2**21, False),
              ("one that saturates", one, 63 * 2**20, 2**34, True),
              ("of two blocks a row", {**one, "width": 70, "hidden": 2, "heads": 1, "kv_heads": 1, "vocabulary": 5, "fraction_bits": 14}, 2**19, 2**20, True))
    for name, size, weight, factor, tied in listed:
        integers = drawn_model(dice, size, weight, factor, tied)
        question = {"epsilon": hexadecimal(Fraction(1, 2**17)), "base": hexadecimal(10000), "model_name": name, "licence": "none"}
        model = Model({**size, **in_units(integers), "epsilon": Fraction(1, 2**17), "base": Fraction(10000), "name": name, "licence": "none"})
        identity, file = model.file()
        tokens = [dice.below(size["vocabulary"]) for _ in range(min(size["context"], 8))]
        caches = [[([], []) for _ in range(size["kv_heads"])] for _ in range(size["layers"])]
        rows = []
        for position, token in enumerate(tokens):
            row = model.row_of(token)
            for cache, of_layer in zip(caches, model.blocks):
                row = model.layer(of_layer, cache, row, position)
            rows.append(row)
        kept = [[[list(part[-1]) for part in head] for head in cache] for cache in caches]
        expect = {"id": identity.hex(), "file": hashlib.sha256(file).hexdigest(), "bytes": len(file), "rows": rows, "kept": kept, "logits": model.logits(rows[-1])}
        yield case(f"a model, {name}", ["LAYER-4", "LAYER-5", "LAYER-9", "LAYER-10", "MODEL-1", "MODEL-2", "MODEL-3", "MODEL-4"], expect,
                   size=size, **question, **integers, tokens=tokens)


TOPICS = {"layer": layer_cases, "conversion": conversion_cases, "model": model_cases}
