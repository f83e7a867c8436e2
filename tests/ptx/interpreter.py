"""Runs a kernel of one thread from its PTX text, on integers and on doubles by the rules of IEEE 754.

Registers hold bits. An instruction that is not known here is an error, never skipped (PTX ISA 8.5, chapter 9)."""
import math
import re
import struct
from fractions import Fraction

WIDTH = {"pred": 1, "s8": 8, "b16": 16, "u16": 16, "s16": 16, "b32": 32, "u32": 32, "s32": 32, "b64": 64, "u64": 64, "s64": 64, "f64": 64}


def double_of(bits):
    return struct.unpack("<d", struct.pack("<Q", bits))[0]


def bits_of(value):
    """Of a double; one NaN for all, as the instructions of a device give (the canonical NaN of PTX)."""
    return 0x7FFFFFFFFFFFFFFF if value != value else struct.unpack("<Q", struct.pack("<d", value))[0]


def divided(a, b):
    if b == 0 and a == a and a != 0:
        return math.copysign(math.inf, a) * math.copysign(1, b)
    return math.nan if b == 0 or a != a else a / b


def fused(a, b, c):
    """a * b + c, rounded once to nearest, ties to even."""
    if not (math.isfinite(a) and math.isfinite(b)):
        return a * b + c
    if not math.isfinite(c):
        return c  # the product is finite, however large
    exact = Fraction(a) * Fraction(b) + Fraction(c)
    if exact == 0:
        return a * b + c if a == 0 or b == 0 or c == 0 else 0.0  # the signs of zeros are those of the sum
    try:
        rounded = float(exact)
    except OverflowError:
        rounded = math.inf if exact > 0 else -math.inf
    return rounded if rounded != 0 else math.copysign(0.0, 1 if exact > 0 else -1)


DOUBLES = {
    "add": lambda a, b: a + b,
    "sub": lambda a, b: a - b,
    "mul": lambda a, b: a * b,
    "div": divided,
    "fma": fused,
    "neg": lambda a: -a,
    "abs": abs,
    "max": lambda a, b: b if a != a else a if b != b else max(a, b),
    "min": lambda a, b: b if a != a else a if b != b else min(a, b),
}
COMPARED = {
    "eq": lambda a, b: a == b, "ne": lambda a, b: a != b and a == a and b == b, "lt": lambda a, b: a < b, "le": lambda a, b: a <= b,
    "gt": lambda a, b: a > b, "ge": lambda a, b: a >= b, "num": lambda a, b: a == a and b == b, "nan": lambda a, b: a != a or b != b,
    "equ": lambda a, b: not (a < b or a > b), "neu": lambda a, b: not a == b, "ltu": lambda a, b: not a >= b,
    "leu": lambda a, b: not a > b, "gtu": lambda a, b: not a <= b, "geu": lambda a, b: not a < b,
}  # fmt: skip
INTEGERS = {
    "add": lambda a, b: a + b, "sub": lambda a, b: a - b, "min": min, "max": max, "and": lambda a, b: a & b, "or": lambda a, b: a | b,
    "xor": lambda a, b: a ^ b, "not": lambda a: ~a, "neg": lambda a: -a, "mov": lambda a: a, "abs": abs,
    "div": lambda a, b: abs(a) // abs(b) * (1 if (a < 0) == (b < 0) else -1), "rem": lambda a, b: abs(a) % abs(b) * (-1 if a < 0 else 1),
}  # fmt: skip


def wrapped(value, kind):
    """The bits of an integer as a register of this kind holds them."""
    return value & ((1 << WIDTH[kind]) - 1)


def number(bits, kind):
    """The integer that the low bits of a register are."""
    bits = wrapped(bits, kind)
    return bits - (1 << WIDTH[kind]) if kind[0] == "s" and bits >> (WIDTH[kind] - 1) else bits


class Kernel:
    """The instructions of one kernel."""

    def __init__(self, name, body, parameters):
        self.name, self.parameters = name, parameters
        self.code, self.labels = [], {}
        for statement in re.split(r"[;\n]", re.sub(r"//[^\n]*", "", body)):
            text = statement.strip()
            while (label := re.match(r"(\$\w+):\s*", text)) is not None:
                self.labels[label[1]] = len(self.code)
                text = text[label.end() :]
            if text and not text.startswith((".", "{", "}")):
                self.code.append(text)

    def run(self, arguments, steps_max=100_000):
        """The word that the kernel stores. @param arguments  bits, the place of the result left out"""
        registers, place, stored = {}, 0, None
        given = dict(zip(self.parameters, [*arguments, 0]))
        for _ in range(steps_max):
            text = self.code[place]
            place += 1
            guard = re.match(r"@(!?)(%p\d+)\s+", text)
            if guard:
                text = text[guard.end() :]
                if bool(registers[guard[2]]) == (guard[1] == "!"):
                    continue
            instruction, _, rest = text.partition(" ")
            words, operands = instruction.split("."), [part.strip() for part in rest.strip().split(",")]
            if words[0] == "ret":
                return stored
            if words[0] == "bra":
                place = self.labels[operands[0]]
            elif words[0] == "st":
                stored = self.value(operands[1], registers)
            elif words[:2] == ["ld", "param"]:
                registers[operands[0]] = wrapped(number(given[operands[1].strip("[]")], words[-1]), "b64")
            else:
                registers[operands[0]] = self.computed(words, [self.value(operand, registers) for operand in operands[1:]])
        raise RuntimeError(f"{self.name}: does not end")

    @staticmethod
    def value(operand, registers):
        if operand.startswith("%") or operand in registers:  # CUDA's own text names its registers without a percent sign
            return registers[operand]
        if operand.startswith("0d"):
            return int(operand[2:], 16)
        return wrapped(int(operand, 0), "b64")

    def computed(self, words, values):
        name, kind = words[0], words[-1]
        if name == "setp":
            read = double_of if kind == "f64" else lambda bits: number(bits, kind)
            return COMPARED[words[1]](*map(read, values))
        if name == "selp":
            return values[0] if values[2] else values[1]
        if name in ("mov", "cvta") or (name == "ld" and "global" in words):
            return values[0]
        if name == "cvt":
            return self.converted(words, values[0])
        if kind == "f64":
            if name in ("add", "sub", "mul", "div", "fma") and words[1:] != ["rn", "f64"]:
                raise RuntimeError(f"{'.'.join(words)}: not rounded to nearest")
            return bits_of(DOUBLES[name](*map(double_of, values)))
        if kind == "pred":
            return {"and": all, "or": any, "xor": lambda two: two[0] != two[1], "not": lambda one: not one[0]}[name](list(map(bool, values)))
        numbers = [number(value, kind) for value in values]
        if name in ("shl", "shr"):
            shift = min(values[1] & 0xFFFFFFFF, WIDTH[kind])
            return wrapped(numbers[0] << shift if name == "shl" else numbers[0] >> shift, kind)
        if name in ("mul", "mad"):
            product = numbers[0] * numbers[1]
            if "wide" in words:
                kind = kind[0] + str(2 * WIDTH[kind])
            if "hi" in words:
                product >>= WIDTH[kind]
            return wrapped(product + (number(values[2], kind) if name == "mad" else 0), kind)
        if name == "shf":  # of two words, the lower one first
            both, shift = wrapped(values[1], "b32") << 32 | wrapped(values[0], "b32"), values[2] & 31
            return wrapped(both << shift >> 32 if words[1] == "l" else both >> shift, "b32")
        if name == "prmt":
            both = wrapped(values[1], "b32") << 32 | wrapped(values[0], "b32")
            return sum((both >> 8 * (values[2] >> 4 * k & 7) & 255) << 8 * k for k in range(4))
        if name == "dp4a":
            signed = lambda word, k: number(word >> 8 * k & 255, "s8")
            return wrapped(sum(signed(values[0], k) * signed(values[1], k) for k in range(4)) + values[2], "b32")
        if name == "popc":
            return wrapped(values[0], kind).bit_count()
        if name == "brev":
            return int(f"{wrapped(values[0], kind):0{WIDTH[kind]}b}"[::-1], 2)
        if words[:2] == ["bfind", "shiftamt"] and kind == "u32":  # the shift that makes the highest bit the sign
            return 32 - wrapped(values[0], kind).bit_length() if wrapped(values[0], kind) else 0xFFFFFFFF
        if name == "clz":
            return WIDTH[kind] - wrapped(values[0], kind).bit_length()
        return wrapped(INTEGERS[name](*numbers), kind)

    @staticmethod
    def converted(words, value):
        to, kind = words[-2], words[-1]
        if to == "f64" and kind[0] in "us" and "rn" in words:
            return bits_of(float(number(value, kind)))
        if kind == "f64" and to == "u32" and "rzi" in words:
            real = double_of(value)
            return 0 if real != real else int(min(max(real, 0.0), 2.0**32 - 1))
        if to[0] in "us" and kind[0] in "us":
            return wrapped(number(value, kind), to)
        raise RuntimeError(f"{'.'.join(words)}: not known")


def kernels_of(ptx):
    """The kernels of a PTX text by name."""
    found = {}
    for entry in re.finditer(r"\.entry (\w+)\((.*?)\)[^{]*\{(.*?)\n\}", ptx, re.S):
        parameters = re.findall(r"(\w+_param_\d+)", entry[2])
        found[entry[1]] = Kernel(entry[1], entry[3], parameters)
    return found
