"""The canaries of the house rules: each planted violation is reported, and what is allowed is not."""
import tempfile
import unittest
from pathlib import Path

import house_rules


class Planted(unittest.TestCase):
    def found(self, files):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            return house_rules.violations(root)

    def reported(self, name, text, expected):
        self.assertEqual([expected], self.found({name: text}))

    def allowed(self, name, text):
        self.assertEqual([], self.found({name: text}))

    def test_who_may_include_whom(self):
        for name, include in (
                ("model/a.hpp", '"reference/market/route.hpp"'), ("model/a.cpp", '"checker/check.hpp"'), ("checker/a.cpp", '"reference/market/route.hpp"'),
                ("reference/a.cpp", '"optimized/market/route.hpp"'), ("reference/a.cpp", '"kernels/device/route.hpp"'),
                ("reference/a.cpp", '"checker/check.hpp"'), ("optimized/a.cpp", '"reference/market/route.hpp"'),
                ("optimized/a.cpp", '"parties/a.hpp"'), ("optimized/a.cpp", '"kernels/market/a.hpp"'),
                ("kernels/a.cuh", '"model/market/network.hpp"'), ("proofs/a.cpp", '"optimized/market/a.hpp"'),
                ("proofs/a.cpp", '"parties/a.hpp"'), ("parties/a.cpp", '"reference/market/a.hpp"'),
                ("checker/a.cpp", '"model/contracts/a.hpp"'),
                ("checker/a.cpp", '"model/numbers/interval.hpp"'), ("apps/p2pllm/a.cpp", '"files.hpp"'), ("apps/p2pllm/a.cpp", '"../files.hpp"')):
            with self.subTest(name=name, include=include):
                found = self.found({name: f"#include {include}\n"})
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith(f"{name}:1: {include}: "), found)
        for name, include in (("model/a.cpp", '"model/market/network.hpp"'), ("checker/a.cpp", '"model/market/certificate.hpp"'), ("reference/a.cpp", '"model/market/network.hpp"'),
                              ("optimized/a.cpp", '"kernels/device/api.hpp"'), ("optimized/a.cpp", '"kernels/portable/exp.hpp"'), ("optimized/net/a.cpp", '"parties/a.hpp"'),
                              ("proofs/a.cpp", '"optimized/market/a_rules.hpp"'), ("proofs/a.cpp", '"checker/check.hpp"'), ("kernels/a.cuh", '"model/numbers/number.hpp"'),
                              ("parties/a.cpp", '"reference/contracts/a_rules.hpp"'), ("proofs/a.cpp", '"reference/market/path_rules.hpp"'),
                              ("apps/p2pllm/a.cpp", '"reference/market/route.hpp"'), ("tests/unit/a.cpp", '"optimized/a.hpp"'), ("bench/a.cpp", "<boost/multiprecision/gmp.hpp>")):
            with self.subTest(name=name, include=include):
                self.allowed(name, f"#include {include}\n")

    def test_which_libraries(self):
        self.reported("checker/a.cpp", "#include <mpfr.h>\n", "checker/a.cpp:1: <mpfr.h>: checker/ may not use this library")
        self.reported("checker/a.cpp", "#include <z3++.h>\n", "checker/a.cpp:1: <z3++.h>: checker/ may not use this library")
        self.reported("model/a.cpp", "\n# include <boost/rational.hpp>\n", "model/a.cpp:2: <boost/rational.hpp>: model/ may not use this library")
        self.reported("reference/a.cpp", "#include <z3++.h>\n", "reference/a.cpp:1: <z3++.h>: reference/ may not use this library")
        self.reported("kernels/a.cu", "#include <boost/rational.hpp>\n", "kernels/a.cu:1: <boost/rational.hpp>: nothing of Boost in a .cu")
        self.allowed("reference/a.cpp", "#include <boost/rational.hpp>\n#include <vector>\n")

    def test_the_concepts_of_numbers_are_without_libraries(self):
        for include in ("<gmpxx.h>", '"model/numbers/rational.hpp"'):
            found = self.found({"model/numbers/number.hpp": f"#pragma once\n#include {include}\n"})
            self.assertEqual([f"model/numbers/number.hpp:2: {include[1:-1]}: model/numbers/number.hpp is without GMP and any other library"], found)
        self.allowed("model/numbers/number.hpp", '#include <concepts>\n#include "model/numbers/uncertain.hpp"\n')
        self.allowed("model/numbers/rational.hpp", '#include <gmpxx.h>\n#include "model/numbers/number.hpp"\n')
        self.allowed("kernels/portable/exp.hpp", '#include "model/numbers/number.hpp"\n')

    def test_one_file_alone(self):
        for name in ("model/market/network.cpp", "apps/p2pllm/main.cpp", "reference/market/pareto.cpp"):
            self.assertIn("is included by model/encoding/json.cpp alone", self.found({name: "#include <nlohmann/json.hpp>\n"})[0])
        self.assertIn("is included by reference/market/route.cpp alone", self.found({"reference/market/pareto.cpp": "#include <boost/graph/graph_traits.hpp>\n"})[0])
        self.assertIn("is included by model/crypto/signature.cpp alone", self.found({"model/crypto/sha256.cpp": "#include <sodium.h>\n"})[0])
        self.allowed("model/crypto/signature.cpp", "#include <sodium.h>\n")
        self.allowed("model/encoding/json.cpp", "#include <nlohmann/json.hpp>\n")
        self.allowed("reference/market/route.cpp", "#include <boost/graph/adjacency_list.hpp>\n")

    def test_the_checker_is_small_and_exact(self):
        half = "int x;\n" * 250
        self.assertEqual(["checker: 500 lines of code: the trusted base stays under 500"], self.found({"checker/a.cpp": half, "checker/b.hpp": half}))
        self.assertEqual([], self.found({"checker/a.cpp": half, "checker/b.hpp": half[7:]}))
        for text in ("double x = 0;", "float f(int);", "Interval a(1);", "auto y = std::exp(1);", "#include <cmath>"):
            with self.subTest(text):
                self.assertTrue(any(found.startswith("checker/a.cpp:2: ") for found in self.found({"checker/a.cpp": "\n" + text + "\n"})))
        self.allowed("checker/a.cpp", '// no double here\nauto s = "a double and an Interval (";\n/* float x */\n')

    def test_lengths(self):
        self.reported("model/a.cpp", "\n" * 401, "model/a.cpp: 401 lines: a file over 400 asks to be two")
        self.allowed("model/a.cpp", "\n" * 400)
        self.allowed("tests/unit/a.cpp", "\n" * 1000)

    def test_paths_of_one_machine(self):
        for local in house_rules.LOCAL_PATHS:
            self.reported("README.md", f"\nsee {local}x\n", f"README.md:2: a path of one machine: {local}")
        self.allowed("build/a.txt", house_rules.LOCAL_PATHS[0])

    def test_rules_over_unknowns(self):
        test = {"tests/unit/test_symbolic_a.cpp": 'check_rule("a", [](const auto& v) { return twice(v[0]) + as<SlaFlow<N>>(v[0]); });\n'}
        for rule in ("template <Number T>\n[[nodiscard]] T twice(const T& a) {\n", "template <Integer N>\n[[nodiscard]] Step<N, State<N>, N> twice(const N& a) {\n",
                     "template <Integer N, typename... All>\nconstexpr Truth<N> twice(const N& a, All... all) {\n", "template <Integer N>\nN as(const N& a) {\n"):
            name = "as" if " as(" in rule else "twice"
            expected = f"reference/market/a_rules.hpp:1: {name} is not called in tests/unit/test_symbolic*.cpp"
            with self.subTest(rule):
                self.reported("reference/market/a_rules.hpp", rule, expected)
                self.assertEqual([], self.found({**test, "reference/market/a_rules.hpp": rule}))
                for named_alone in (f'check_rule("{name}(", 1);\n', f"// {name}(v)\n", f"v.{name}(1);\n", f"{name};\n"):
                    self.assertEqual([expected], self.found({"tests/unit/test_symbolic.cpp": named_alone, "reference/market/a_rules.hpp": rule}))
        for branch in ("if (a < b) return a;", "return a < b ? a : b;"):
            found = self.found({**test, "reference/market/a_rules.hpp": branch + "\n"})
            self.assertEqual(["reference/market/a_rules.hpp:1: a rule branches through select alone"], found)


if __name__ == "__main__":
    unittest.main()
