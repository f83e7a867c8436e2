"""Equilibrium claims as questions to a solver: to cvc5 and Z3's program, where these are installed."""
import re
import shutil
import subprocess
import sys

from harness import HOLDS, REFUTED, CommandLine, example, main, network, node, pair

SOLVERS = [command for command in (["cvc5"], ["z3", "tactic.default_tactic=smt"]) if shutil.which(command[0])]
if not SOLVERS:
    print("skipped: neither cvc5 nor z3 is installed")
    sys.exit(77)


class Smt2(CommandLine):
    """[CERT-9][FORMAT-6]"""

    def answers(self, name):
        return {command[0]: subprocess.run([*command, name], cwd=self.folder, capture_output=True, text=True, timeout=60).stdout.strip() for command in SOLVERS}

    def expect_unsat(self, name):
        self.assertEqual({command[0]: "unsat" for command in SOLVERS}, self.answers(name))

    def test_solvers_confirm_every_kind_of_verdict(self):
        self.expect(HOLDS, "solve", example("real_market"), "--bits", "128", "--prices", "p.json")
        lonely = self.write("lonely.json", network([node("ann", [0, 1], "1", "1")]))
        for code, arguments in ((REFUTED, [example("real_market")]), (REFUTED, [example("toy"), "--absolute"]), (REFUTED, [lonely]),
                                (HOLDS, [example("real_market"), "--prices", "p.json", "--epsilon", "1e-12"]),
                                (HOLDS, [example("real_market"), "--prices", "p.json", "--epsilon", "1e-12", "--absolute"]),
                                (HOLDS, [example("seven_equal"), "--epsilon", "0"]), (HOLDS, [example("seven_equal_2.33")])):
            with self.subTest(arguments):
                self.expect(code, "verify", *arguments, "--smt2", "q.smt2", "--certificate", "c.json")
                self.expect_unsat("q.smt2")
                self.expect(HOLDS, "check", "c.json", *(word for word in arguments if word not in ("--epsilon", "1e-12", "0", "--absolute")), "--smt2", "again.smt2")
                self.assertEqual((self.folder / "q.smt2").read_text(), (self.folder / "again.smt2").read_text())

    def test_a_question_about_other_bounds_is_not_unsat(self):
        """The answer depends on the bounds of the exponentials: without them, the question is not contradictory."""
        self.expect(HOLDS, "verify", example("seven_equal_2.33"), "--smt2", "q.smt2")
        text = (self.folder / "q.smt2").read_text()
        freed = re.sub(r"\(assert \(and \(<= \S+ o0q\)|\(assert \(and \(<= \(/ \S+ \S+\) o0q\)", "(assert (and true", text)
        self.assertNotEqual(text, freed)
        self.write("q.smt2", freed)
        for solver, answer in self.answers("q.smt2").items():
            self.assertNotEqual("unsat", answer, solver)

    def test_usage(self):
        name = self.write("n.json", pair())
        self.expect(HOLDS, "route", name, "--certificate", "r.json")
        self.expect_bad("r.json: kind: --smt2 is for equilibrium certificates alone", "check", "r.json", name, "--smt2", "q.smt2")
        self.expect_bad("n.json: cannot be written: it is an input of this command", "verify", name, "--smt2", "n.json")
        self.expect_bad("x: cannot be written: it is named for two outputs", "verify", name, "--smt2", "x", "--certificate", "x")
        self.expect_bad("no/x: cannot be written: No such file or directory", "verify", name, "--smt2", "no/x")

    def test_what_is_rejected_is_not_exported(self):
        name = self.write("n.json", pair(("1", "9")))
        self.expect(REFUTED, "verify", name, "--certificate", "c.json")
        text = (self.folder / "c.json").read_text()
        self.write("c.json", re.sub(r'"gain": "[^"]*"', '"gain": "9"', text))
        self.expect(REFUTED, "check", "c.json", name, "--smt2", "q.smt2")
        self.assertFalse((self.folder / "q.smt2").exists())


if __name__ == "__main__":
    main()
