"""Simulations over the processes of mpirun: one table and one digest on any number of them."""
import shutil
import sqlite3
import subprocess
from pathlib import Path

from harness import BAD_INPUT, EXAMPLES, HOLDS, PROGRAM, CommandLine, main

TOGETHER = Path(PROGRAM).parent / "p2pllm-mpi"
SCENARIO = str(EXAMPLES / "table1/literal.json")


class Processes(CommandLine):
    """[SIM-1][SIM-17]"""

    def setUp(self):
        super().setUp()
        if not TOGETHER.exists() or not shutil.which("mpirun"):
            self.skipTest("Open MPI or Boost.MPI is not installed (openmpi-bin, libboost-mpi-dev)")

    def together(self, processes, *arguments):
        return subprocess.run(["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", str(processes), str(TOGETHER), "simulate", *arguments],
                              cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300)

    def test_one_two_and_four_processes_print_one_table(self):
        for arguments in ((SCENARIO, "--seeds", "1..30"), (SCENARIO, "--seeds", "1..3", "--json"), (SCENARIO, "--seeds", "1..10", "--sweep", "/prices/eta=1,1/2"), (SCENARIO, "--seed", "3")):
            alone = self.expect(HOLDS, "simulate", *arguments).out
            for processes in (1, 2, 4):
                answer = self.together(processes, *arguments)
                self.assertEqual((0, alone), (answer.returncode, answer.stdout), answer.stderr)

    def test_runs_are_kept_and_made_once(self):
        self.expect(HOLDS, "simulate", SCENARIO, "--seeds", "1..10", "--sqlite", "r.sqlite")
        connection = sqlite3.connect(self.folder / "r.sqlite")
        connection.execute("UPDATE cell SET revenue = 7 WHERE seed = 3")
        connection.commit()
        connection.close()
        self.assertEqual(0, self.together(3, SCENARIO, "--seeds", "1..20", "--sqlite", "r.sqlite", "--csv", "r.csv").returncode)
        connection = sqlite3.connect(self.folder / "r.sqlite")
        self.assertEqual((20, 20), connection.execute("SELECT count(*), count(DISTINCT seed) FROM run").fetchone())
        self.assertEqual([(3,)], connection.execute("SELECT DISTINCT seed FROM cell WHERE revenue = 7").fetchall())
        self.assertEqual(20 * 16 + 1, len((self.folder / "r.csv").read_text().splitlines()))

    def test_each_process_without_a_gpu_says_so(self):
        answer = self.together(2, SCENARIO, "--seeds", "1..4", "--engine", "cuda")
        if answer.returncode == 0:
            self.skipTest("there is a GPU")
        self.assertEqual((4, ""), (answer.returncode, answer.stdout), answer.stderr)
        said = [line for line in answer.stderr.splitlines() if line.startswith("p2pllm: ")]
        self.assertEqual(2, len(said), answer.stderr)
        for line in said:
            self.assertRegex(line, r"^p2pllm: --engine cuda: no GPU can be used \(.+\); --engine fast computes the same on the processor$")

    def test_what_is_wrong_is_said_once(self):
        for arguments in ([], ["simulate"]):
            answer = subprocess.run(["mpirun", "--allow-run-as-root", "--oversubscribe", "-n", "3", str(TOGETHER), *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
            self.assertEqual((BAD_INPUT, "", 1), (answer.returncode, answer.stdout, answer.stderr.count("p2pllm: ")), answer.stderr)
        self.assertEqual(1, self.together(3, "--help").stdout.count("Usage"))
        for arguments, said in (((SCENARIO, "--seeds", "5..2"), "p2pllm: --seeds: 5..2: the last seed must not precede the first"),
                                (("absent.json", "--seeds", "1..2"), "p2pllm: absent.json: cannot be read: No such file or directory"),
                                ((SCENARIO, "--seeds", "1..4", "--sweep", "/prices/eta=9"), "eta times the price sensitivity is 9/2")):
            answer = self.together(3, *arguments)
            self.assertEqual(BAD_INPUT, answer.returncode)
            self.assertEqual("", answer.stdout)
            self.assertEqual(1, answer.stderr.count("p2pllm: "), answer.stderr)
            self.assertIn(said, answer.stderr)


if __name__ == "__main__":
    main()
