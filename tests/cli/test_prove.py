"""prove and claims: JSON and tables agree, and every time; an output that cannot be written is bad input."""
import os
import re
import shutil
import signal
import time
from collections import Counter

from harness import BAD_INPUT, HOLDS, REFUTED, SECONDS_MAX, SOURCE, CommandLine, main
from test_arguments import EmptyValues, HostileArguments
from test_streams import StandardOutput
from test_writing import Writing

FEW = "MIG-3"
SOLVER = () if shutil.which("cvc5") else ("--solver", "z3")


class Proofs(CommandLine):
    """FORMAT-6, FORMAT-7."""

    def test_json_is_the_table(self):
        table = self.expect(HOLDS, "prove", "PARETO-4", *SOLVER).out.splitlines()
        answer = self.expect(HOLDS, "prove", "PARETO-4", *SOLVER, "--json").json
        rows = [line for line in table[:-1] if not line.startswith(" ")]
        self.assertEqual(len(rows), len(answer["obligations"]))
        for row, found in zip(rows, answer["obligations"]):
            self.assertEqual([found["clause"], found["z3"], found["cvc5"] or "-", str(found["resources"])], row.split()[:4])
            self.assertTrue(row.endswith(f"  {found['statement']} ({found['instance']})"), row)
        confirmed = sum(found["cvc5"] == {"forall": "unsat", "exists": "sat"}[found["kind"]] for found in answer["obligations"])
        self.assertEqual({"obligations": len(rows), "hold": len(rows), "confirmed": confirmed if not SOLVER else None}, answer["totals"])
        self.assertTrue(table[-1].startswith(f"{len(rows)} of {len(rows)} hold by Z3 on {answer['seeds']} seeds"), table[-1])
        self.assertTrue(answer["holds"])
        witnesses = [line.strip().removeprefix("e.g. ") for line in table if line.startswith("  ")]
        self.assertEqual([found["witness"] for found in answer["obligations"] if found["witness"]], witnesses)

    def test_the_names_are_those_of_the_list(self):
        listed = [line.split()[1] for line in self.expect(HOLDS, "prove", FEW, "--list").out.splitlines()]
        answer = self.expect(HOLDS, "prove", FEW, "--solver", "z3", "--json")
        self.assertEqual(listed, [found["name"] for found in answer.json["obligations"]])
        self.assertEqual("", answer.err)

    def test_a_star_at_the_end_takes_the_names_that_begin_so(self):
        listed = [line.split()[1] for line in self.expect(HOLDS, "prove", "agree-*", "--list").out.splitlines()]
        self.assertGreater(len(listed), 35)
        self.assertEqual([], [name for name in listed if not name.startswith("agree-")])

    def test_the_same_question_has_the_same_bytes_for_an_answer(self):
        first, second = (self.expect(HOLDS, "prove", "PRICE-9", "--solver", "z3", "--json").out for _ in range(2))
        self.assertEqual(first, second)

    def test_a_planted_fault_fails_in_json_too(self):
        answer = self.expect(REFUTED, "prove", FEW, "--solver", "z3", "--planted-fault", "--json").json
        self.assertFalse(answer["holds"])
        self.assertEqual(0, answer["totals"]["hold"])
        for found in answer["obligations"]:
            self.assertEqual(("fails", None), (found["z3"], found["cvc5"]))
            self.assertTrue(found["fault"].startswith("the statement: "), found["fault"])

    def test_the_claims_in_json_are_those_of_the_text(self):
        text = self.expect(HOLDS, "claims").out.splitlines()
        answer = self.expect(HOLDS, "claims", "--json").json
        self.assertTrue(answer["holds"])
        self.assertEqual(list(range(1, 24)), [claim["number"] for claim in answer["claims"]])
        self.assertEqual([line for line in text if not line.startswith("      ")],
                         [f"{claim['number']:>2}  {claim['statement']}" for claim in answer["claims"]])
        self.assertEqual([line.strip() for line in text if line.startswith("      ") and line[6] != " "],
                         [" ".join(filter(None, (finding["verdict"], finding["scope"]))) for claim in answer["claims"] for finding in claim["findings"]])

    def test_usage_errors_exit_2_in_one_line(self):
        for arguments in (("prove", "no such obligation"), ("prove", FEW, "--list", "--json"), ("prove", FEW, "--seeds", "0"), ("prove", FEW, FEW),
                          ("prove", "--solver", "other"), ("claims", "--json", "--markdown"), ("claims", FEW)):
            with self.subTest(arguments):
                answer = self.expect(BAD_INPUT, *arguments)
                self.assertEqual("", answer.out)
                self.assertRegex(answer.err, r"^p2pllm: [^\n]+\n$")

    def test_an_export_is_written_or_is_bad_input(self):
        names = [found["name"] for found in self.expect(HOLDS, "prove", FEW, "--solver", "z3", "--export", "out/smt", "--json").json["obligations"]]
        written = sorted(path.name for path in (self.folder / "out/smt").iterdir())
        self.assertEqual(sorted(f"{name}{end}" for name in names for end in (".smt2", ".fault.smt2")), written)
        (self.folder / f"taken/{names[1]}.smt2").mkdir(parents=True)  # even root cannot replace a folder by a file
        for options in ((), ("--json",)):
            self.expect_bad(f"--export: taken/{names[1]}.smt2: cannot be written: it is a directory", "prove", FEW, "--solver", "z3", "--export", "taken", *options)
        self.write("file", "")
        self.expect_bad("--export: file/smt: cannot be made: Not a directory", "prove", FEW, "--solver", "z3", "--export", "file/smt")


class ProofArguments(EmptyValues, HostileArguments):
    """FORMAT-6, FORMAT-8, for these verbs too."""

    def verbs(self, *prefix):
        return [("prove",), ("claims",)]

    def test_the_walk_finds_what_there_is(self):
        self.assertEqual(["--solver", "--export", "--seeds"], self.options(("prove",)))
        self.assertEqual([("filter", False)], self.arguments(("prove",)))


class ProofStreams(StandardOutput):
    """FORMAT-6."""

    VERBS = (("prove", FEW, "--list"), ("prove", "--help"), ("prove", FEW, "--solver", "z3", "--seeds", "1"),
             ("prove", FEW, "--solver", "z3", "--seeds", "1", "--json"), ("claims", "--help"), ("claims", "--markdown"))


class ProofFiles(Writing):
    """FORMAT-6: questions to solvers are written in the same way as all files."""

    def test_an_export_keeps_permissions(self):
        self.expect(HOLDS, "prove", "mig-3-gain-by-loads", "--solver", "z3", "--export", "q")
        names = sorted(path.name for path in (self.folder / "q").iterdir())
        self.assertEqual(["mig-3-gain-by-loads.fault.smt2", "mig-3-gain-by-loads.smt2"], names)
        (self.folder / "q" / names[0]).chmod(0o600)
        self.expect(HOLDS, "prove", "mig-3-gain-by-loads", "--solver", "z3", "--export", "q")
        self.assertEqual(0o600, self.mode(f"q/{names[0]}"))
        (self.folder / "q" / names[1]).chmod(0o444)
        self.expect_bad(f"--export: q/{names[1]}: cannot be written: it is read-only", "prove", "mig-3-gain-by-loads", "--solver", "z3", "--export", "q")

    def test_a_proof_leaves_nothing_in_the_folder_of_temporary_files(self):
        (self.folder / "tmp").mkdir()
        program = self.start("prove", "PRICE", "--solver", "both" if shutil.which("cvc5") else "z3",
                             env={**os.environ, "TMPDIR": str(self.folder / "tmp")})
        time.sleep(1)
        program.send_signal(signal.SIGINT)
        program.communicate(timeout=SECONDS_MAX)
        self.assertEqual(-signal.SIGINT, program.returncode)
        self.assertEqual([], os.listdir(self.folder / "tmp"))



class Pages(CommandLine):
    """What the pages say about the proofs agrees with the program."""

    def test_the_matrix_counts_the_obligations_of_each_clause(self):
        listed = Counter(line.split()[0] for line in self.expect(HOLDS, "prove", "--list").out.splitlines())
        counted = Counter()
        for line in (SOURCE / "spec/generated/matrix.md").read_text().splitlines():
            cells = [cell.strip() for cell in line.split("|")[1:-1]]
            if cells and cells[0] == "clause":
                column = cells.index("proof")
            elif re.match(r"[A-Z]+-[0-9]+ ", cells[0] if cells else ""):
                counted[cells[0].split()[0]] = sum(map(int, re.findall(r"(?:\] |\+)([0-9]+)", cells[column])))
        self.assertEqual(listed, +counted)

    def test_what_the_readme_says_is_proved_is(self):
        """Each solver named in a row confirms every obligation of the row except those listed as exceptions."""
        text = (SOURCE / "README.md").read_text().partition("## Proved for all numbers\n")[2].partition("\n## ")[0]
        tables = [table.splitlines()[2:] for table in re.findall(r"^\|(?:.*\n\|)*.*$", text, re.M)]
        self.assertEqual(3, len(tables))  # about the reference's templates, about both halves, about the specification's formulas
        rows = [line.split("|")[1:-1] for table in tables for line in table]
        self.assertGreater(len(rows), 20)
        for words, proofs, solvers in rows:
            names, excepted = (re.findall("`([a-z0-9-]+)`", cell) for cell in (proofs, solvers))
            self.assertTrue(names and set(excepted) < set(names), words)
            self.assertRegex(solvers, r"^ Z3(, cvc5|; cvc5 all but `.*`)? $")
            for name in names:
                found = self.expect(HOLDS, "prove", name, *SOLVER, "--json").json["obligations"]
                proof = next((one for one in found if one["name"] == name), None)
                self.assertIsNotNone(proof, f"{name}: there is no such obligation")
                self.assertIn(proof["z3"], ("proved", "found"))
                if not SOLVER and "cvc5" in solvers and name not in excepted:
                    self.assertEqual({"forall": "unsat", "exists": "sat"}[proof["kind"]], proof["cvc5"], name)

    def test_the_readme_counts_no_more_statements_than_there_are(self):
        count = int(re.search(r"over ([0-9]+) statements", (SOURCE / "README.md").read_text()).group(1))
        self.assertGreater(len(self.expect(HOLDS, "prove", "--list").out.splitlines()), count)


if __name__ == "__main__":
    main()
