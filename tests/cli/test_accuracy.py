"""The exact layers against floating point: NumPy in double precision computes with the same weights. Skipped without NumPy."""
import struct
import sys

try:
    import numpy as np
except ImportError:
    print("skipped: python3-numpy is not installed")
    sys.exit(77)

from float_llama import exact_llama, log_probabilities
from harness import HOLDS, SOURCE, CommandLine, main

MODEL = SOURCE / "examples" / "models" / "king_james.model"
TEXT = "And it came to pass in those days, that there went out a decree from Caesar Augustus, that all the world should be taxed. "


class Accuracy(CommandLine):
    """[LAYER-1][LAYER-9]"""

    def exact(self, tokens, fraction_bits):
        self.write("text", bytes(tokens))
        self.expect(HOLDS, "model", "score", "text", "--logits", "logits", "--json")
        words = struct.unpack(f"<{256 * (len(tokens) - 1)}i", (self.folder / "logits").read_bytes())
        return np.array(words, float).reshape(-1, 256) * 2.0**-fraction_bits

    def test_logits_are_those_of_double_precision(self):
        model, bits = exact_llama(MODEL.read_bytes())
        tokens = list((TEXT * 3).encode())[: model.context + 1]
        exact, real = self.exact(tokens, bits), model.logits(tokens[:-1])
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
        model, bits = exact_llama(MODEL.read_bytes())
        tokens = list((TEXT * 3).encode())[:129]
        exact = self.exact(tokens, bits)
        model.turns = model.turns * 1.01
        error = np.abs(exact - model.logits(tokens[:-1]))
        self.assertGreater(np.sqrt((error**2).mean()), 0.005)


if __name__ == "__main__":
    main()
