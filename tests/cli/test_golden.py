"""The text of the shipped model and the commitment to it, by the independent program of spec/vectors: Python's integers, rule by rule. Skipped
without mpmath."""
import json
import sys
from fractions import Fraction

from harness import HOLDS, SOURCE, CommandLine, main
from model_bytes import ModelBytes

sys.path.insert(0, str(SOURCE / "spec" / "vectors"))
try:
    import layers
    from cbor import encode
    from commitments import leaf as step_leaf
    from commitments import root, tagged
except ImportError as missing:
    print(f"skipped: {missing}")
    sys.exit(77)

MODEL = SOURCE / "examples" / "models" / "king_james.model"
PROMPT = "In the beginning"
TEXT = " of the meat,\nThe tabern"  # at temperature 0.7 with seed 1


class Reader(ModelBytes):
    """The tensors as integers (MODEL-3)."""

    def matrix(self, rows, columns):
        """Rows of weights, multipliers and an exponent; at most 1024 columns, so that a tile has whole rows."""
        stride, out = -(-columns // 64) * 64, []
        for top in range(0, rows, 16384 // stride):
            count = min(16384 // stride, rows - top)
            weights = [[(byte + 128) % 256 - 128 for byte in self.take(stride)] for _ in range(count)]
            multipliers = [[low + 256 * high for low, high in zip(*[iter(self.take(stride // 32))] * 2)] for _ in range(count)]
            out += zip(weights, multipliers, self.take(count))
        return out

    def gain(self, width, exponent):
        return [int.from_bytes(self.take(2), "little", signed=True) for _ in range(width)], exponent


def read_model(data):
    reader = Reader(data)
    reader.take(19)
    sizes, epsilon, frequencies, *_, tokenizer_bytes, _, has_head, _ = reader.value()
    reader.take(4)
    exponents = iter([exponent for exponent, _ in reader.value()])
    reader.take(tokenizer_bytes)
    model = object.__new__(layers.Model)
    model.size = dict(zip(layers.Model.SIZES, sizes))
    model.bits, model.epsilon, model.frequencies = sizes[8], epsilon, frequencies
    model.scale = layers.score_scale(model.size["head_width"])
    width, hidden = model.size["width"], model.size["hidden"]
    of_query, of_keys = (model.size[name] * model.size["head_width"] for name in ("heads", "kv_heads"))
    shapes = {"query": (of_query, width), "key": (of_keys, width), "value": (of_keys, width), "output": (width, of_query),
              "gate": (hidden, width), "up": (hidden, width), "down": (width, hidden)}

    def tensor(name, rows=0, columns=0):
        exponent = next(exponents)
        return reader.matrix(rows, columns) if rows else reader.gain(width, exponent)

    model.embedding = tensor("embedding", model.size["vocabulary"], width)
    model.blocks = [{name: tensor(name, *shapes.get(name, ())) for name in layers.Model.ORDER} for _ in range(model.size["layers"])]
    model.norm, model.head = tensor("norm"), None
    assert not has_head and reader.at == len(data)
    return model


def little(numbers, size):
    return b"".join(number.to_bytes(size, "little", signed=True) for number in numbers)


def row_hash(row):
    return root([layers.leaf("chunk", little(row[at : at + 256], 4)) for at in range(0, len(row), 256)])


def rows_root(hashes):
    return root([layers.leaf("row", encode([unit, row])) for unit, row in enumerate(hashes, 1)])


def cache_root(caches):
    entry = lambda key, value: layers.leaf("cache-entry", little(key[0], 2) + little(value[0], 2) + bytes([key[1], value[1]]))
    return root([layers.leaf("cache-head", root([entry(*pair) for pair in zip(*head)])) for cache in caches for head in cache])


class Golden(CommandLine):
    """[LAYER-9][SAMPLE-2][STEP-1][STEP-2][STEP-3][COMMIT-4][FORMAT-10]"""

    def test_the_shipped_model_writes_what_the_clauses_say(self):
        model, drawn = read_model(MODEL.read_bytes()), []
        tokens = list(PROMPT.encode())
        caches = [[([], []) for _ in range(model.size["kv_heads"])] for _ in model.blocks]
        for position in range(len(tokens) + len(TEXT) - 1):
            row = model.row_of((tokens + drawn)[position])
            for cache, block in zip(caches, model.blocks):
                row = model.layer(block, cache, row, position)
            if position + 1 >= len(tokens):
                drawn.append(layers.sampled(model.logits(row), model.bits, Fraction(7, 10), 1, position + 1))
        self.assertEqual(TEXT, bytes(drawn).decode())
        for engine in ("fast", "reference"):
            answer = self.expect(HOLDS, "generate", "--prompt", PROMPT, "--tokens", str(len(TEXT)), "--engine", engine, "--json").json
            self.assertEqual(drawn, answer["tokens"])

    def test_the_shipped_model_commits_to_what_the_clauses_say(self):
        self.expect(HOLDS, "generate", "--prompt", "In the b", "--tokens", "4", "--commit", "c.json")
        claimed = json.loads((self.folder / "c.json").read_text())
        model, tokens = read_model(MODEL.read_bytes()), claimed["prompt"] + claimed["generated"]
        self.assertEqual((b"In the b", 4), (bytes(claimed["prompt"]), len(claimed["generated"])))
        caches = [[([], []) for _ in range(model.size["kv_heads"])] for _ in model.blocks]
        hashed = lambda *state: tagged("p2pllm/1/computation-state", encode(list(state)))
        entered, left, states = [], [], [hashed(0, 0, root([]), cache_root(caches), root([]))]
        for position, token in enumerate(tokens[:-1]):
            row = model.row_of(token)
            entered.append(row_hash(row))
            for layer, (cache, block) in enumerate(zip(caches, model.blocks), 1):
                row = model.layer(block, cache, row, position)
                if layer == len(caches):
                    left.append(row_hash(row))
                states.append(hashed(position + layer // len(caches), layer % len(caches), row_hash(row), cache_root(caches), rows_root(left)))
        leaves = [step_leaf(bytes.fromhex(claimed["model"]), step, [0, len(caches)], *states[step - 1 : step + 1]) for step in range(1, len(states))]
        expected = {"layers": [0, len(caches)], "first_position": 0, "steps": len(leaves), "input": states[0].hex(), "inputs": rows_root(entered).hex(),
                    "outputs": rows_root(left).hex(), "root": root(leaves).hex(), "states": [state.hex() for state in states[1:]]}
        self.assertEqual(expected, {name: claimed[name] for name in expected})


if __name__ == "__main__":
    main()
