"""The linter of scripts/kernels finds each planted instruction, and a kernel whose product and sum nvcc fuses."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from tools import kernels

HEAD = ".visible .entry _ZN6p2pllm7kernels4scanEv(\n"
FORBIDDEN = {
    "add.f64": "no rounding is stated",
    "div.full.f32": "an approximation",
    "rcp.approx.ftz.f64": "an approximation",
    "ex2.approx.f32": "an approximation",
    "mul.rn.ftz.f32": "flushes subnormal numbers to zero",
    "sqrt.approx.f32": "an approximation",
    "fma.rn.f64": "the source asks for no fma",
    "mad.rn.f32": "a product and a sum in one",
    "cvt.rn.f16.f32": "a number of fewer bits",
    "add.sat.s32": "saturates where the rules do not",
}
ALLOWED = ("add.rn.f64", "mul.rm.f32", "mad.lo.s32", "mad.wide.u32", "mad.wide.s32", "mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32", "cvt.rn.f32.u32", "min.f64", "div.rn.f64", "dp4a.s32.s32", "shfl.sync.bfly.b32")
PLANTED = """
namespace p2pllm::kernels {
__global__ void fused(const float* a, float* b) { b[0] = a[0] * a[1] + a[2]; }
__global__ void approximate(const float* a, float* b) { b[0] = __expf(a[0]); }
}
"""


class Kernels(unittest.TestCase):
    def test_each_planted_instruction_is_found(self):
        for instruction, rule in FORBIDDEN.items():
            with self.subTest(instruction):
                found = kernels.violations(f"{HEAD}\t@%p1 {instruction} %f1, %f2, %f3;\n")
                self.assertTrue(any(line.startswith(f"scan: {instruction}: ") and rule in line for line in found), found)

    def test_what_is_exact_is_allowed(self):
        for instruction in ALLOWED:
            with self.subTest(instruction):
                self.assertEqual(kernels.violations(f"{HEAD}\t{instruction} %f1, %f2, %f3;\n"), [])

    def test_occupancy_by_hand(self):
        # 40 registers x 32 threads = 1280 a warp, 51 warps in 65536, six blocks of 8 warps: 1536 of 2048 threads.
        self.assertEqual(kernels.occupancy("sm_90", 256, 40, 6144), (0.75, "registers"))
        self.assertEqual(kernels.occupancy("sm_90", 256, 32, 0), (1.0, "threads"))
        self.assertEqual(kernels.occupancy("sm_80", 32, 16, 0), (0.5, "blocks"))
        self.assertEqual(kernels.occupancy("sm_80", 128, 16, 47 * 1024)[1], "shared memory")

    def test_a_planted_kernel_is_found_after_compilation(self):
        found = kernels.nvcc()
        if not found:
            self.skipTest("no nvcc")
        with tempfile.TemporaryDirectory() as folder:
            source = Path(folder) / "planted.cu"
            source.write_text(PLANTED)
            ptx = kernels.compiled(found[0], source, "sm_90", "-ptx", "-fmad=true")[1].decode()
            lines = kernels.violations(ptx)
        self.assertTrue(any(line.startswith("fused: fma.rn.f32") for line in lines), lines)
        self.assertTrue(any(line.startswith("approximate: ex2.approx") for line in lines), lines)


if __name__ == "__main__":
    unittest.main()
