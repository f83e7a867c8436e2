"""The canaries of the house rules: each planted violation is reported, and permitted code is not."""
import tempfile
import unittest
from pathlib import Path

import code_rules
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
                ("optimized/a.cpp", '"parties/a.hpp"'), ("optimized/a.cpp", '"kernels/market/a.hpp"'), ("optimized/a.cpp", '"kernels/market/a.cuh"'),
                ("kernels/a.cuh", '"model/market/network.hpp"'), ("proofs/a.cpp", '"optimized/market/a.hpp"'),
                ("proofs/a.cpp", '"parties/a.hpp"'), ("parties/a.cpp", '"reference/market/a.hpp"'),
                ("checker/a.cpp", '"model/contracts/a.hpp"'),
                ("checker/a.cpp", '"model/numbers/interval.hpp"'), ("apps/p2pllm/a.cpp", '"files.hpp"'), ("apps/p2pllm/a.cpp", '"../files.hpp"')):
            with self.subTest(name=name, include=include):
                found = self.found({name: f"#include {include}\n"})
                self.assertEqual(1, len(found), found)
                self.assertTrue(found[0].startswith(f"{name}:1: {include}: "), found)
        for name, include in (("model/a.cpp", '"model/market/network.hpp"'), ("checker/a.cpp", '"model/market/certificate.hpp"'), ("reference/a.cpp", '"model/market/network.hpp"'),
                              ("optimized/a.cpp", '"kernels/device/api.hpp"'), ("optimized/a.cpp", '"kernels/portable/exp.hpp"'), ("optimized/a.cpp", '"kernels/market/a_lane.hpp"'), ("optimized/net/a.cpp", '"parties/a.hpp"'),
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
        self.assertIn("is included by reference/market/route.cpp, bench/routing.cpp alone", self.found({"reference/market/pareto.cpp": "#include <boost/graph/graph_traits.hpp>\n"})[0])
        self.assertIn("is included by model/crypto/signature.cpp, model/encoding/text_hash.cpp alone", self.found({"model/crypto/sha256.cpp": "#include <sodium.h>\n"})[0])
        self.allowed("model/crypto/signature.cpp", "#include <sodium.h>\n")
        self.allowed("model/encoding/json.cpp", "#include <nlohmann/json.hpp>\n")
        self.allowed("reference/market/route.cpp", "#include <boost/graph/adjacency_list.hpp>\n")

    def test_the_checker_is_small_and_exact(self):
        half = "int x;\n" * 250
        self.assertEqual(["checker: 500 lines of code: the trusted base stays under 500"], self.found({"checker/a.cpp": half, "checker/b.cpp": half}))
        self.assertEqual([], self.found({"checker/a.cpp": half, "checker/b.cpp": half[7:]}))
        for text in ("double x = 0;", "float f(int);", "Interval a(1);", "auto y = std::exp(1);", "#include <cmath>"):
            with self.subTest(text):
                self.assertTrue(any(found.startswith("checker/a.cpp:2: ") for found in self.found({"checker/a.cpp": "\n" + text + "\n"})))
        self.allowed("checker/a.cpp", '// no double here\nauto s = "a double and an Interval (";\n/* float x */\n')

    def test_lengths_of_files(self):
        for name in ("model/a.cpp", "tests/unit/a.cpp", "tests/unit/a.hpp", "examples/a.cpp", "scripts/tools/a.py", "spec/vectors/a.py"):
            with self.subTest(name):
                self.reported(name, "\n" * 401, f"{name}: 401 lines: a file over 400 asks to be two")
                self.allowed(name, "\n" * 400)

    def test_lengths_of_functions(self):
        long, fitting = "  ++a;\n" * 69, "  ++a;\n" * 68
        for opening, name, closing in (("void f() {", "f", "}"), ('TEST_CASE("a", "[X-1]") {', "TEST_CASE", "}"), ('PROPERTY("a", "[X-1]") {', "PROPERTY", "}"),
                                       ("template <typename T>\nvoid f(T t) {", "f", "}"), ("struct S {\n void f() {", "f", "}\n};")):
            for path in ("tests/unit/a.cpp", "apps/p2pllm/a.cpp"):
                before = "// why\n#include <vector>\n\n"
                more = opening.startswith("template")
                line = 4 + opening.startswith("struct")
                with self.subTest(opening=opening, path=path):
                    self.reported(path, f"{before}{opening}\n{long}{closing}\n", f"{path}:{line}: {name}: {71 + more} lines: a function over 70 asks to be two")
                    self.allowed(path, f"{before}{opening}\n{fitting if not more else fitting[7:]}{closing}\n")
        for path in ("scripts/tools/a.py", "tests/cli/a.py", "bench/a.py"):
            self.reported(path, "\ndef f():\n" + "    a = 1\n" * 70, f"{path}:2: f: 71 lines: a function over 70 asks to be two")
            self.allowed(path, "\ndef f():\n" + "    a = 1\n" * 69)
        self.reported("scripts/a", "#!/usr/bin/env python3\ndef f():\n" + "    a = 1\n" * 70, "scripts/a:2: f: 71 lines: a function over 70 asks to be two")
        self.allowed("scripts/a", "#!/bin/sh\n" * 60)

    def test_parameters_that_nobody_reads(self):
        for text, shown in (("int f(int /*a*/) { return 1; }", "int /*a*/"), ("int f(const T&) { return 1; }", "const T&"), ("int f(int a, std::size_t) { return a; }", "std::size_t"),
                            ("struct S {\nint operator()(int a, const T&) { return a; } };", "const T&"), ("auto f = [](const auto&) { g(); };", "const auto&"),
                            ("auto f = [&](int a, std::string_view) { return a; };", "std::string_view"), ("int f(std::string_view) { return 1; }", "std::string_view"),
                            ("struct S {\nstatic void fields(auto&, auto&& visit) { visit(1); } };", "auto&"),
                            ("T integer_like(const T& a, int /*value*/) { return a; }", "int /*value*/"), ("T f(const T& /*like*/) { return 1; }", "const T& /*like*/")):
            for folder in ("model", "reference/market", "checker", "parties"):
                with self.subTest(text=text, folder=folder):
                    path = f"{folder}/a.cpp"
                    line = 2 if text.startswith("struct") else 1
                    self.reported(path, text + "\n", f"{path}:{line}: {shown}: a parameter that nobody reads")
        for text in ("int f(int a) { return a; }", "int f(const std::vector<int>& a, int* b, int (*c)(int), int d[2]) { return 1; }", "int f(int);", "int f() { return 1; }",
                     "struct S { bool operator==(const S&) const = default; };", "struct S { int operator()(const Accept&) { return 1; } };",
                     "struct S { bool null(int /*a*/) override { return true; } };", "auto f = [](std::string_view, const auto& value) { g(value); };",
                     "struct S { static void fields(auto&, auto&&) {} };", "T integer_like(const T& /*like*/, int value) { return value; }",
                     "T f(T a) { return [&]<int... k>(std::integer_sequence<int, k...>) { return (a + ... + k); }(g()); }"):
            with self.subTest(text):
                self.allowed("model/a.cpp", text + "\n")
        self.allowed("tests/unit/a.cpp", "int f(int /*a*/) { return 1; }\n")

    def test_visitors_that_take_every_type(self):
        for call in ("operator()(const auto& op)", "operator()(auto&& op)", "operator()(std::string_view name, const auto& op)"):
            self.reported("apps/p2pllm/a.cpp", f"struct S {{\nint operator()(const A& a) {{ return a.b; }}\nint {call} {{ return op.c; }}\n}};\n", "apps/p2pllm/a.cpp:3: a visitor that takes every type")
            self.allowed("apps/p2pllm/a.cpp", f"struct S {{\nint {call} {{ return op.c; }}\n}};\n")
        overloads = "struct S {{\nint operator()(const A& a) {{ return a.b; }}\n{}\nint operator()(const Op& op) {{ return op.c; }}\n}};\n"
        self.reported("reference/a.cpp", overloads.format("template <typename Op>"), "reference/a.cpp:4: a visitor that takes every type")
        self.allowed("reference/a.cpp", overloads.format("template <OneOf<B, C> Op>"))
        for of_nothing in ("[](const auto& op) { return 1; }", "[]<typename Op>(const Op& op) { return Reason::none; }", "[](auto&& op) {}"):
            self.reported("parties/a.cpp", f"int a = std::visit({of_nothing}, b);\n", "parties/a.cpp:1: a visitor that takes every type")
        for of_all in ("[](const auto& op) { return op.name; }", "[&run]<typename Op>(const Op& op) { if constexpr (Op::machine == machine) return run(op); else return 1; }", "[](int a) { return 1; }"):
            self.allowed("reference/a.cpp", f"int a = std::visit({of_all}, b);\n")

    def test_a_header_is_in_the_namespace_of_its_folder(self):
        for folder, own in code_rules.NAMESPACES.items():
            path = f"{folder}/a.hpp"
            with self.subTest(folder):
                self.allowed(path, f"#pragma once\n#include <vector>\n#define A(b) \\\n  b\n\n// why\nnamespace {own} {{\nint f();\nnamespace detail {{\nint g();\n}}\n}}  // namespace {own}\n")
                self.allowed(path, f"namespace CLI {{\nclass App;\n}}\nnamespace {own} {{\nint f();\n}}\n")
                self.reported(path, f"\nnamespace p2pllm::others {{\nint f();\n}}\nnamespace {own} {{\n}}\n", f"{path}:2: namespace p2pllm::others: this folder's is {own}"
                              ) if own != "p2pllm" else None
                self.reported(path, f"\nnamespace CLI {{\nint f();\n}}\nnamespace {own} {{\n}}\n", f"{path}:2: namespace CLI: this folder's is {own}")
                self.reported(path, f"namespace {own} {{\n}}\n\nint f();\n", f"{path}:4: declared outside of {own}")
        special = "template <>\nstruct NumberTraits<proofs::A> {{\nint f();\n}};\nstatic_assert(Number<proofs::A>);\n{}}}\nnamespace p2pllm::proofs {{\nint f();\n}}\n"
        self.allowed("proofs/a.hpp", "namespace p2pllm {\n" + special.format(""))
        for general in ("int g();\n", "struct A {\n};\n", "template <typename T>\nT g(T a) {\nreturn a;\n}\n", "template <typename T>\nstruct A {\n};\n"):
            with self.subTest(general):
                self.reported("proofs/a.hpp", "namespace p2pllm {\n" + special.format(general), "proofs/a.hpp:1: namespace p2pllm: this folder's is p2pllm::proofs")

    def test_paths_of_one_machine(self):
        for local in house_rules.LOCAL_PATHS:
            self.reported("README.md", f"\nsee {local}x\n", f"README.md:2: a path of one machine: {local}")
        self.allowed("build/a.txt", house_rules.LOCAL_PATHS[0])

    def test_rules_over_unknowns(self):
        test = {"tests/unit/test_symbolic_a.cpp": 'check_rule("a", [](const auto& v) { return twice(v[0]) + as<SlaFlow<N>>(v[0]); });\n'}
        for rule in ("template <Number T>\n[[nodiscard]] T twice(const T& a) {\n", "template <Integer N>\n[[nodiscard]] Step<N, State<N>, N> twice(const N& a) {\n",
                     "template <Integer N, typename... All>\nconstexpr Truth<N> twice(const N& a, All... all) {\n", "template <Integer N>\nN as(const N& a) {\n"):
            name = "as" if " as(" in rule else "twice"
            rule = "namespace p2pllm::reference { " + rule
            expected = f"reference/market/a_rules.hpp:1: {name} is not called in tests/unit/test_symbolic*.cpp"
            with self.subTest(rule):
                self.reported("reference/market/a_rules.hpp", rule, expected)
                self.assertEqual([], self.found({**test, "reference/market/a_rules.hpp": rule}))
                for named_alone in (f'check_rule("{name}(", 1);\n', f"// {name}(v)\n", f"v.{name}(1);\n", f"{name};\n"):
                    self.assertEqual([expected], self.found({"tests/unit/test_symbolic.cpp": named_alone, "reference/market/a_rules.hpp": rule}))
        for branch in ("if (a < b) return a;", "return a < b ? a : b;"):
            found = self.found({**test, "reference/market/a_rules.hpp": f"namespace p2pllm::reference {{ T f(T a) {{ {branch} }} }}\n"})
            self.assertEqual(["reference/market/a_rules.hpp:1: a rule branches through select alone"], found)


if __name__ == "__main__":
    unittest.main()
