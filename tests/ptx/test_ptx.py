"""What nvcc makes of the scalar arithmetic of the kernels, interpreted, has the bits of what the C++ compiler makes of it."""
import os
import random
import re
import struct
import subprocess
import sys
import unittest
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "scripts"))
import interpreter
from tools import kernels

ARCHITECTURES = ("sm_80", "sm_90")
CASES = 60
EDGES = [0.0, -0.0, 1.0, -1.0, 0.5, 5e-324, -5e-324, 2.2250738585072014e-308, 1.7976931348623157e308, float("inf"), float("-inf"), 709.78, -745.13, 1e-300, 3.0]
IN_DOUBLES = ("exp", "log", "omega", "add_down", "add_up", "multiply_down", "multiply_up", "divide_down", "divide_up")


def drawn(function, draws):
    """Pairs of words: doubles of all sizes and the edges for what takes doubles, else bits."""
    word = lambda: struct.unpack("<Q", struct.pack("<d", draws.choice(EDGES) if draws.random() < 0.3 else draws.uniform(-1, 1) * 2.0 ** draws.randint(-60, 60)))[0]
    for _ in range(CASES):
        if function in IN_DOUBLES:
            pair = word(), word()
            if function.startswith("divide"):
                pair = pair[0], pair[1] & (2**63 - 1) or 1  # a divisor above zero
            yield pair
        elif function == "quantized":
            yield word() & (2**63 - 1), 0
        elif function == "weight":
            yield word(), draws.getrandbits(64) >> draws.randrange(64)
        else:
            yield draws.getrandbits(64), draws.getrandbits(64)


def on_host(lines):
    done = subprocess.run([os.environ["P2PLLM_PTX_HOST"]], input="\n".join(lines) + "\n", stdout=subprocess.PIPE, text=True, check=True)
    return [int(line, 16) for line in done.stdout.split()]


def canonical(bits):
    """All NaN are one: which bits an instruction gives one is the machine's own."""
    value = interpreter.double_of(bits)
    return interpreter.bits_of(value)


class Ptx(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.compiler = kernels.nvcc()
        cls.texts = {architecture: kernels.compiled(cls.compiler[0], ROOT / "tests/ptx/scalar.cu", architecture, "-ptx")[1].decode() for architecture in ARCHITECTURES}

    def test_each_function_has_the_bits_of_the_host(self):
        for architecture, text in self.texts.items():
            found = {re.search(r"ptx_([a-z0-9_]+?)Emm", name)[1]: kernel for name, kernel in interpreter.kernels_of(text).items()}
            self.assertGreaterEqual(len(found), 25)
            for function, kernel in sorted(found.items()):
                with self.subTest(architecture=architecture, function=function):
                    pairs = list(drawn(function, random.Random(function)))
                    expected = on_host([f"{function} {a:x} {b:x}" for a, b in pairs])
                    for (a, b), host in zip(pairs, expected):
                        device = kernel.run((a, b))
                        is_double = function in IN_DOUBLES or function == "weight"
                        same = canonical(device) == canonical(host) if is_double else device == host
                        self.assertTrue(same, f"{function} {a:016x} {b:016x}: nvcc {device:016x}, C++ {host:016x}")

    def test_a_planted_instruction_has_other_bits(self):
        """Each of three faults in the PTX of exp changes a result or stops the interpreter."""
        text = self.texts["sm_90"]
        name = next(name for name in interpreter.kernels_of(text) if "ptx_exp" in name)
        for before, after in (("fma.rn.f64", "fma.rz.f64"), ("sub.rn.f64", "add.rn.f64"), ("0d3FE62E42FEFA38", "0d3FE62E42FEFA39")):
            start = text.index(name)
            place = text.index(before, start)
            broken = interpreter.kernels_of(text[:place] + after + text[place + len(before) :])[name]
            right = interpreter.kernels_of(text)[name]
            differs = False
            for x in (0.3, 1.7, -5.25, 100.0, 0.9):
                bits = interpreter.bits_of(x)
                try:
                    differs = differs or broken.run((bits, 0)) != right.run((bits, 0))
                except RuntimeError:
                    differs = True
            self.assertTrue(differs, before)


class Interpreter(unittest.TestCase):
    def test_a_fused_product_is_rounded_once(self):
        self.assertEqual(interpreter.fused(0.1, 10.0, -1.0), 2.0**-54)
        self.assertEqual(interpreter.fused(2.0**600, 2.0**600, 0.0), float("inf"))
        self.assertEqual(str(interpreter.fused(-0.0, 1.0, -0.0)), "-0.0")
        self.assertEqual(interpreter.fused(2.0**-1000, 2.0**-74, 2.0**-1074), 2.0**-1074 * 2)

    def test_what_is_not_known_is_an_error(self):
        kernel = interpreter.Kernel("k", "ex2.approx.f64 %fd1, %fd2;", [])
        self.assertRaises((RuntimeError, KeyError), kernel.run, ())


if __name__ == "__main__":
    if "Ptx" in sys.argv and not kernels.nvcc():
        print("no nvcc: skipped")
        sys.exit(77)
    unittest.main()
