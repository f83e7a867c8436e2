"""The canaries of the clause matrix: in planted trees each gap is reported in one line, and a whole tree is
accepted."""

import contextlib
import io
import json
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from tools import matrix

# Two obligations in lists and two made by one function; RULE-1 in a comment, a text or another string is not counted.
OBLIGATIONS = """// RULE-1
Obligation any_size(int n) {
  return {"RULE-1", "rule-1-size-" + std::to_string(n), "of RULE-1", "all", write};
}

void add(std::vector<Obligation>& list) {
  list.push_back(any_size(2));
  list.push_back(any_size(3));
  list.push_back({"RULE-1", "rule-1-one", "a statement", "all", write});
  list.push_back(
      {"RULE-1",
       "rule-1-other", "as RULE-1 has it", "all", write});
  list.push_back({"RULE-1", statement});
}
"""
RULE = "/// Twice the number (RULE-1).\ntemplate <Number T>\n[[nodiscard]] T twice(const T& a) {\n  return a + a;\n}\n"
RECORDS, KILLS = "tests/mutants/rules.toml", "spec/generated/kills.json"
KILL = {
    "fault": "RULE-1-thrice",
    "commit": "abc",
    "killed_by": "p2pllm_unit: twice is even",
    "cites": True,
    "fingerprint": "0",
}


def record(name="RULE-1-thrice", clause="RULE-1"):
    return f"[[fault]]\nname = '{name}'\nclause = '{clause}'\nfile = 'reference/a_rules.hpp'\nbefore = 'a + a'\nafter = 'a + a + a'\n"


def kills(*entries):
    return json.dumps({"verdicts": list(entries)})


def whole(**changes):
    """A tree of one clause with everything that it needs, except for these changes; None leaves a file out."""
    files = {
        "spec/rule.md": "# Rules\n\n**RULE-1** Doubling.\nTwice.\n",
        "reference/a_rules.hpp": RULE,
        "tests/unit/a.cpp": 'TEST_CASE("twice is even", "[RULE-1]") {\n}\n',
        RECORDS: record(),
        KILLS: kills(KILL),
    }
    return {name: text for name, text in (files | changes).items() if text is not None}


class Planted(unittest.TestCase):
    def run_on(self, files, then=None):
        """Returns the exit code, the output of --check, and the page: written, then changed by `then`, then checked."""
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            for name, text in files.items():
                (root / name).parent.mkdir(parents=True, exist_ok=True)
                (root / name).write_text(text)
            with contextlib.redirect_stderr(io.StringIO()) as gaps, contextlib.redirect_stdout(
                io.StringIO()
            ) as checked:
                self.assertEqual(matrix.main(["--root", folder, "--write"]), 1 if gaps.getvalue() else 0)
                page = (root / "spec/generated/matrix.md").read_text()
                if then:
                    then(root)
                code = matrix.main(["--root", folder, "--check"])
            return code, checked.getvalue().splitlines(), page

    def reported(self, files, *lines, then=None):
        self.assertEqual((1, list(lines)), self.run_on(files, then=then)[:2])

    def row(self, files):
        page = self.run_on(files)[2]
        return [line for line in page.splitlines() if line.startswith("| RULE-1 ")][0]

    def test_a_whole_tree_is_accepted(self):
        code, lines, page = self.run_on(whole())
        self.assertEqual((0, []), (code, lines))
        self.assertIn("| RULE-1 Doubling | `twice` [a_rules.hpp] |  | [unit] 1 |  |  |  |  | 1 of 1 |\n", page)
        self.assertIn("\n[a_rules.hpp]: ../../reference/a_rules.hpp\n", page)
        self.assertIn(
            "**1 clauses**, of which have a function 1, property 0, test 1, vector 0, proof 0, kernel 0, fuzz target 0, killed fault 1.",
            page,
        )

    def test_a_clause_without_a_function(self):
        missing = "RULE-1: no function: no docstring in model, reference, checker, parties, apps, optimized cites it"
        for text in (
            None,
            "// RULE-1\n\nint f();\n",
            "int f() {\n  return 1;  // RULE-1\n}\n",
            "int f();  ///< (RULE-1)\nint g();\n",
            'const char* f() {\n  return "RULE-1: broken";\n}\n',
            "/// Of RULE-1.\nconst int limit = 1;\n",
        ):
            with self.subTest(text):
                self.reported(whole(**{"reference/a_rules.hpp": text}), missing)
        self.reported(whole(**{"reference/a_rules.hpp": None, "properties/a.cpp": RULE}), missing)
        self.assertIn("| `twice` [a.hpp] |", self.row(whole(**{"reference/a_rules.hpp": None, "optimized/a.hpp": RULE})))

    def test_what_a_docstring_stands_on(self):
        for text, name in (
            ("/// (RULE-1).\nstruct Rule {\n};\n", "Rule"),
            ("/// (RULE-1)\nenum class Kind { a };\n", "Kind"),
            ("  /// Of a\n  /// class (RULE-1).\n  [[nodiscard]] bool is_even() const;\n", "is_even"),
            ("// A file's own function (RULE-1).\nstd::vector<T> halves(const Set& set,\n  int n) {\n", "halves"),
            ("/// RULE-1\nfriend T operator+(const T& a);\n", "operator+"),
            ("/// RULE-1\ntemplate <typename T>\nrequires std::is_x<T>\nT f(T value = g());\n", "f"),
        ):
            with self.subTest(text):
                self.assertIn(
                    f"| `{name}` [a.hpp] |", self.row(whole(**{"reference/a_rules.hpp": None, "model/a.hpp": text}))
                )
        several = "/// Of RULE-1\nstruct A {\n  /// RULE-1\n  void b();\n  /// RULE-1\n  void c();\n};\n"
        self.assertIn(
            "| `A` [a.hpp], `b` [a.hpp], +1 |",
            self.row(whole(**{"reference/a_rules.hpp": None, "model/a.hpp": several})),
        )

    def test_a_clause_without_a_killed_fault(self):
        none = "RULE-1: no fault killed by a check that cites it: tests/mutants has "
        self.reported(whole(**{RECORDS: None, KILLS: None}), none + "0 filed under it")
        for text in (None, kills()):
            self.reported(whole(**{KILLS: text}), none + "1 filed under it")
        other = {
            "spec/rule.md": "**RULE-1** A.\n**RULE-2** B.\n",
            "reference/b.hpp": "/// (RULE-2)\nint f();\n",
            "tests/unit/b.cpp": 'TEST_CASE("both", "[RULE-1][RULE-2]") {}',
            RECORDS: record(clause="RULE-2"),
            KILLS: kills(KILL | {"killed_by": "p2pllm_unit: both"}),
        }
        self.reported(whole(**other), none + "0 filed under it")
        for change in (
            {"cites": False},
            {"killed_by": None, "cites": False},
            {"killed_by": "the compiler"},
            {"killed_by": ""},
            {"cites": "yes"},
            {"killed_by": "p2pllm_unit: a test of another name"},
        ):
            with self.subTest(change):
                self.reported(whole(**{KILLS: kills(KILL | change)}), none + "1 filed under it")
        self.assertIn(
            "| 1 of 2 |",
            self.row(
                whole(
                    **{
                        RECORDS: record() + record("other"),
                        KILLS: kills(KILL, KILL | {"fault": "other", "cites": False}),
                    }
                )
            ),
        )
        self.assertIn(
            "| 1 of 1 |",
            self.row(whole(**{KILLS: kills(KILL | {"killed_by": "p2pllm_unit: twice is even (does not end)"})})),
        )
        python = {"tests/cli/test_c.py": 'class Verbs:\n    """Of RULE-1."""\n    def test_x(self):\n        pass\n'}
        self.assertIn(
            "| 1 of 1 |", self.row(whole(**python, **{KILLS: kills(KILL | {"killed_by": "test_c: Verbs.test_x"})}))
        )

    def test_a_killer_that_no_longer_cites(self):
        """The kill table says that it cites the clause; the test's own text decides."""
        self.reported(
            whole(**{"tests/unit/a.cpp": 'TEST_CASE("twice is even", "[fast]") {\n}\n'}),
            "RULE-1: no fault killed by a check that cites it: tests/mutants has 1 filed under it",
        )

    def test_a_clause_that_does_not_exist(self):
        for name, text, line in (
            ("model/a.hpp", "\n/// (RULE-7)\nint f();\n", "model/a.hpp:2: RULE-7: no such clause"),
            ("model/a.hpp", "/// (RULE-1 .. RULE-2)\nint f();\n", "model/a.hpp:1: RULE-2: no such clause"),
            ("README.md", "see RULE-7\n", "README.md:1: RULE-7: no such clause"),
            ("spec/more.md", "see RULE-7\n", "spec/more.md:1: RULE-7: no such clause"),
            ("properties/b.cpp", 'PROPERTY("x", "[OTHER-1]", 3) {}\n', "properties/b.cpp: OTHER-1: no such clause"),
            ("tests/cli/test_a.py", '"""RULE-7"""\n', "tests/cli/test_a.py:1: RULE-7: no such clause"),
            (
                "spec/vectors/a.json",
                '{"cases": [{"name": "x", "clauses": ["OTHER-1"]}]}',
                "spec/vectors/a.json: OTHER-1: no such clause",
            ),
        ):
            with self.subTest(name=name):
                self.reported(whole(**{name: text}), line)
        self.reported(
            whole(**{RECORDS: record() + record("other", "OTHER-1")}),
            "tests/mutants/rules.toml: other: OTHER-1: no such clause",
        )
        self.reported(
            whole(**{KILLS: kills(KILL, KILL | {"fault": "other"})}), "spec/generated/kills.json: other: no such fault"
        )
        self.assertEqual(
            0, self.run_on(whole(**{"README.md": "UTF-8, SHA-256, OTHER-1\n", "fuzz/corpus/a/1.json": "RULE-7"}))[0]
        )

    def test_a_name_is_given_once(self):
        self.reported(
            whole(**{"spec/more.md": "**RULE-1** Again.\n"}),
            "spec/rule.md: RULE-1: a name is never given to another rule",
        )

    def test_one_clause_alone(self):
        fast = "/// Twice the number (RULE-1).\ntemplate <Number T>\n[[nodiscard]] T doubled(const T& a) {\n  return a + a;\n}\n"
        with tempfile.TemporaryDirectory() as folder:
            for name, text in whole(**{"optimized/b_rules.hpp": fast}).items():
                (Path(folder) / name).parent.mkdir(parents=True, exist_ok=True)
                (Path(folder) / name).write_text(text)
            with contextlib.redirect_stdout(io.StringIO()) as shown, contextlib.redirect_stderr(io.StringIO()) as said:
                self.assertEqual(0, matrix.main(["--root", folder, "RULE-1"]))
                self.assertEqual(2, matrix.main(["--root", folder, "RULE-2"]))
        self.assertEqual("matrix: RULE-2: no such clause\n", said.getvalue())
        self.assertEqual(
            [
                "RULE-1 Doubling: spec/rule.md:3",
                "",
                "Functions:",
                "  twice  reference/a_rules.hpp",
                "  doubled  optimized/b_rules.hpp",
                "",
                "Checks that cite it:",
                "  tests/unit/a.cpp: twice is even",
                "",
                "Deliberate faults, and what kills each:",
                "  RULE-1-thrice (reference/a_rules.hpp): p2pllm_unit: twice is even",
            ],
            shown.getvalue().splitlines(),
        )

    def test_a_stale_page(self):
        stale = "spec/generated/matrix.md: stale: scripts/matrix --write"
        self.reported(whole(), stale, then=lambda root: (root / "spec/generated/matrix.md").unlink())
        self.reported(
            whole(), stale, then=lambda root: (root / "spec/generated/matrix.md").write_text("# Clause matrix\n")
        )
        self.reported(
            whole(),
            stale,
            then=lambda root: (root / "properties").mkdir()
            or (root / "properties/a.cpp").write_text('PROPERTY("x", "[RULE-1]", 3) {}\n'),
        )

    def test_every_column(self):
        row = self.row(
            whole(
                **{
                    "properties/a.cpp": 'PROPERTY("doubling "\n         "keeps order",\n         "[RULE-1][OTHER]", 3) {}\nPROPERTY("canary: x", "[.][canary][RULE-1]", 3) {}\n',
                    "tests/small_worlds/b.cpp": 'TEST_CASE("all", "[RULE-1]") {}\n',
                    "tests/cli/test_c.py": 'class C:\n    def test_x(self):\n        """Of RULE-1."""\n',
                    "spec/vectors/d.json": json.dumps(
                        {"cases": [{"name": "x", "clauses": ["RULE-1"]}, {"name": "y", "clauses": ["RULE-1"]}]}
                    ),
                    "proofs/e.cpp": OBLIGATIONS,
                    "kernels/f.cuh": "// RULE-1\n",
                    "fuzz/g.cpp": "// RULE-1\n",
                }
            )
        )
        self.assertEqual(
            "| RULE-1 Doubling | `twice` [a_rules.hpp] | [a] 1 | [small_worlds] 1, [unit] 1, +1 | 2 | [e] 4 | [f] 1 | [g] 1 | 1 of 1 |",
            row,
        )


if __name__ == "__main__":
    unittest.main()
