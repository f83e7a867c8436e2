"""Deliberate faults as records: each way in which a record can stop fitting its code is reported by name, and the
layout of the code does not matter.

Also tests the reader of C++ that finds the function of a fault."""

import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from tools import cpp, faults, verdicts

CODE = """
int twice(int a) {
  return a + a;  // both
}

int thrice(int a) {
  if (a < 0) return 0;
  return a + a + a;
}

int thrice(long a) { return a * 3; }
"""
FIELDS = {
    "name": "RULE-1-minus",
    "clause": "RULE-1",
    "file": "a.cpp",
    "function": "twice",
    "before": "return a + a;",
    "after": "return a - a;",
}


def table(**changes):
    rows = [f"{member} = {faults.toml_text(text)}" for member, text in (FIELDS | changes).items() if text is not None]
    return "\n".join(["[[fault]]", *rows]) + "\n"


class Records(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)
        (self.root / faults.FOLDER).mkdir(parents=True)
        (self.root / "a.cpp").write_text(CODE)

    def load(self, *tables):
        (self.root / faults.FOLDER / "rules.toml").write_text("\n".join(tables))
        return faults.load(self.root)

    def stale(self, **changes):
        return list(faults.stale(self.load(table(**changes)).values(), self.root))

    def edited(self, **changes):
        return self.load(table(**changes))["RULE-1-minus"].edited((self.root / "a.cpp").read_text())

    def test_a_fault_whose_text_is_there_applies(self):
        self.assertEqual([], self.stale())
        self.assertEqual(CODE.replace("return a + a;  //", "return a - a;  //"), self.edited())
        self.assertEqual([], self.stale(function=None, before="if (a < 0) return 0;"))
        self.assertEqual(CODE.replace("a * 3", "a * 2"), self.edited(function="thrice", before="a * 3", after="a * 2"))

    def test_stale_text_is_named(self):
        where = "(tests/mutants/rules.toml)"
        self.assertEqual(
            [f"RULE-1-minus: a.cpp, twice: the text before is not there {where}"], self.stale(before="return b + b;")
        )
        self.assertEqual(
            [f"RULE-1-minus: a.cpp, twice: the text before is not there {where}"], self.stale(before="a * 3")
        )
        self.assertEqual(
            [f"RULE-1-minus: a.cpp, thrice: the text before is there 2 times {where}"],
            self.stale(function="thrice", before="a +"),
        )
        self.assertEqual(
            [f"RULE-1-minus: a.cpp, whole file: the text before is there 3 times {where}"],
            self.stale(function=None, before="a + a"),
        )
        self.assertEqual([f"RULE-1-minus: a.cpp has no function halved {where}"], self.stale(function="halved"))
        self.assertEqual([f"RULE-1-minus: no file b.cpp {where}"], self.stale(file="b.cpp"))

    def test_part_of_a_name_is_another_name(self):
        self.assertEqual(1, len(self.stale(before="return a + a; // bot")))
        self.assertEqual(1, len(self.stale(before="eturn a + a;")))

    def test_a_record_that_is_none_is_refused(self):
        for tables, message in (
            ([table(), table(before="return")], "RULE-1-minus: a name is given once"),
            ([table(why="so")], "RULE-1-minus: why: no such member"),
            ([table(clause=None)], "RULE-1-minus: clause: missing"),
            ([table(name=None)], "?: name: missing"),
        ):
            with self.subTest(message), self.assertRaises(SystemExit) as refused:
                self.load(*tables)
            self.assertEqual(f"tests/mutants/rules.toml: {message}", str(refused.exception))

    def test_wrapped_and_indented_text_applies(self):
        (self.root / "a.cpp").write_text(
            "namespace x {\n    int twice(\n        int a) {\n      return a\n          +a ;\n    }\n}\n"
        )
        self.assertEqual([], self.stale())
        self.assertIn("return a - a;\n    }", self.edited())

    def test_a_record_is_written_as_it_is_read(self):
        for changes in (
            {},
            {"function": None},
            {"note": "two\nlines", "equivalent": "a 'proof'"},
            {"before": "'a' + a;", "after": "\"x\\n\" '''"},
        ):
            fault = self.load(table(**changes))["RULE-1-minus"]
            self.assertEqual({"RULE-1-minus": fault}, self.load(faults.record(fault)))

    def test_a_fingerprint_is_of_the_fault_and_its_function(self):
        fault = self.load(table())["RULE-1-minus"]
        same = fault.fingerprint(CODE)
        for old, new in (
            ("// both", "// of them"),
            ("  return a + a;", "  return a\n      + a;"),
            ("a * 3", "3 * a"),
            ("int twice", "int once();\nint twice"),
        ):
            self.assertEqual(same, fault.fingerprint(CODE.replace(old, new)), new)
        self.assertNotEqual(same, fault.fingerprint(CODE.replace("twice(int a)", "twice(long a)")))
        self.assertNotEqual(same, self.load(table(after="return 0;"))["RULE-1-minus"].fingerprint(CODE))

    def test_a_verdict_on_another_text_is_marked(self):
        every = self.load(
            table(),
            table(name="RULE-2-new", clause="RULE-2"),
            table(name="RULE-3-same", clause="RULE-3", equivalent="Nothing changes."),
            table(name="RULE-4-alive", clause="RULE-4"),
        )
        (self.root / "spec/generated").mkdir(parents=True)
        given = {
            name: verdicts.Verdict(name, "abc", killer, bool(killer), verdicts.fingerprint(every[name], self.root))
            for name, killer in (
                ("RULE-1-minus", "p2pllm_unit: twice is even"),
                ("RULE-3-same", None),
                ("RULE-4-alive", None),
                ("RULE-5-gone", None),
            )
            if name in every
        }
        verdicts.write(every, given, self.root)
        self.assertEqual(given, verdicts.load(self.root))
        page = (self.root / verdicts.PAGE).read_text()
        for line in (
            "1 of 4 killed (1 by a check that cites the clause), 1 equivalent, 1 survive, 1 without a verdict.\n",
            "| RULE-1-minus | RULE-1 | p2pllm_unit: twice is even | yes | abc |\n",
            "| RULE-2-new | RULE-2 | no verdict yet | no |  |\n",
            "| RULE-3-same | RULE-3 | equivalent, [proof](../../tests/mutants/rules.toml) | no | abc |\n",
            "| RULE-4-alive | RULE-4 | **survives** | no | abc |\n",
        ):
            self.assertIn(line, page)
        (self.root / "a.cpp").write_text(CODE.replace("twice(int a)", "twice(long a)"))
        page = verdicts.report(list(every.values()), verdicts.load(self.root), self.root)
        self.assertIn("1 survive, 1 without a verdict, 3 of which the text changed since.\n", page)
        self.assertIn("| RULE-1-minus | RULE-1 | p2pllm_unit: twice is even | yes | abc, text changed since |\n", page)


class Declarations(unittest.TestCase):
    def named(self, text):
        return [(one.kind, one.name) for one in cpp.declarations(text)]

    def text_of(self, text, name):
        return [text[one.start : one.end].strip() for one in cpp.declarations(text) if one.name == name]

    def test_overloads(self):
        text = "int f(int a) { return a; }\nint f(long);\nint g = 1;\n"
        self.assertEqual([("function", "f"), ("function", "f"), ("variable", "g")], self.named(text))
        self.assertEqual(["int f(int a) { return a; }", "int f(long);"], self.text_of(text, "f"))

    def test_operators(self):
        text = "bool operator==(A, A) { return true; }\nstruct A { int operator()(int x) const { return x; } A& operator+=(A); int operator[](int); explicit operator bool() const; };\n"
        self.assertEqual(
            ["operator==", "A", "operator()", "operator+=", "operator[]", "operatorbool"],
            [name for _, name in self.named(text)],
        )

    def test_templates(self):
        text = "template <Number T, typename F = decltype([](int x) { return x; })>\n[[nodiscard]] T f(const T& a) { return a; }\ntemplate <class K> class Map { K k_; };\n"
        self.assertEqual([("function", "f"), ("type", "Map"), ("variable", "k_")], self.named(text))

    def test_constructors_with_member_initialisers(self):
        text = "struct A {\n  explicit A(int a) : a_{a}, b_(f({1, 2})) { run(); }\n  A() noexcept : a_{0} {}\n  ~A() {}\n  int a_ = 0, b_{1};\n};\nA::A(long a) : a_(a) {\n  stop();\n}\n"
        self.assertEqual(["A", "A", "A", "~A", "a_", "A"], [name for _, name in self.named(text)])
        self.assertEqual(
            [
                "explicit A(int a) : a_{a}, b_(f({1, 2})) { run(); }",
                "A() noexcept : a_{0} {}",
                "A::A(long a) : a_(a) {\n  stop();\n}",
            ],
            self.text_of(text, "A")[1:],
        )

    def test_nested_classes_and_namespaces(self):
        text = "namespace a::b {\nnamespace {\nclass Outer {\n public:\n  struct Inner { int f() { return 1; } };\n  int g() { return 2; }\n};\n}\n}\nint h();\n"
        self.assertEqual(["Outer", "Inner", "f", "g", "h"], [name for _, name in self.named(text)])

    def test_lambdas_are_part_of_their_function_or_constant(self):
        text = "const auto less = [](int a, int b) { return a < b; };\nint f() {\n  const auto g = [&] { int inner(int); return 1; };\n  return g();\n}\nint k(int);\n"
        self.assertEqual([("variable", "less"), ("function", "f"), ("function", "k")], self.named(text))
        self.assertTrue(self.text_of(text, "f")[0].endswith("return g();\n}"))

    def test_enumerations(self):
        text = "enum class Kind : int { a, b };\nenum Old { c };\nint f();\n"
        self.assertEqual([("type", "Kind"), ("type", "Old"), ("function", "f")], self.named(text))

    def test_braces_in_comments_literals_and_directives(self):
        text = "int f() {\n  // }\n  /* } */\n  return '}' + g(\"}\\\"}\");\n}\n#define OPEN {\n#define LONG \\\n  {\nint h(int a = 1'000) { return a; }\nusing K = int;\n"
        self.assertEqual(["f", "h", "K"], [name for _, name in self.named(text)])
        self.assertTrue(self.text_of(text, "f")[0].endswith("}"))
        self.assertEqual(len(text), len(cpp.code_of(text)))


if __name__ == "__main__":
    unittest.main()
