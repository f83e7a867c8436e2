"""Builds one deliberate fault at a time in a copy of the tree, and names the first test that fails with it."""

import ast
import contextlib
import html
import os
import re
import resource
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path

from .faults import ROOT

WORK = ROOT / "build" / "mutants"
JOBS = len(os.sched_getaffinity(0))
WORKERS_MAX = 8  # each has a copy of the tree and a build of it
SUITES = {
    "p2pllm_unit": "tests/unit",
    "p2pllm_vectors": "tests/vectors",
    "p2pllm_smt2_tests": "tests/proofs",
    "p2pllm_properties": "properties",
    "p2pllm_cross": "tests/cross",
    "p2pllm_small_worlds": "tests/small_worlds",
    "cli": "tests/cli",
}  # the folders of their checks; those that the tree has are run, the cheapest first
OPTIONS = (
    "-DBUILD_SHARED_LIBS=ON",
    "-DCMAKE_LINK_DEPENDS_NO_SHARED=ON",  # a fault links one library, no test program
    "-DCMAKE_CXX_FLAGS_RELWITHDEBINFO=-O1",
    "-DP2PLLM_CUDA=OFF",  # no suite runs what nvcc makes of a kernel
    "-DPython3_EXECUTABLE=/usr/bin/python3",
)
LIBRARY_PROGRAMS = ("library_verify", "library_check", "library_replay")  # tests/cli runs these beside the verbs
UNTESTED = ("tests/mutants/", "scripts/", "bench/", "spec/generated/")  # no suite reads these ..
TESTED = ("scripts/man",)  # .. but this one
SECONDS_MAX = 200  # of one suite, which takes a tenth of it
MEMORY_BYTES_MAX = 6 << 30  # a test reserves 4 GiB without using them


def limit_memory():
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, resource.getrlimit(resource.RLIMIT_AS)[1]))


def run(*command, cwd=ROOT, **options):
    return subprocess.run(
        [str(c) for c in command], cwd=cwd, capture_output=True, text=True, errors="replace", **options
    )


def tracked():
    names = run("git", "ls-files", "-co", "--exclude-standard", "-z").stdout.split("\0")[:-1]
    return [name for name in names if (ROOT / name).is_file() and (name in TESTED or not name.startswith(UNTESTED))]


def cited_in_cli(path):
    """The tests of a command line file: each name as `Class.test`, and the docstrings of the test and its class.

    Tests of the proofs are left out, because they say nothing about a fault."""
    for group in ast.parse(path.read_text()).body:
        if isinstance(group, ast.ClassDef) and group.name != "Canary":
            for test in group.body:
                if (
                    isinstance(test, ast.FunctionDef)
                    and test.name.startswith("test")
                    and "'prove'" not in ast.unparse(test).replace("'ledger', 'prove'", "")
                ):
                    yield f"{group.name}.{test.name}", f"{ast.get_docstring(group) or ''} {ast.get_docstring(test) or ''}"


def cites(text, clause):
    return re.search(rf"\b{clause}\b", text) is not None


def in_parallel(workers, work):
    """Calls work(0) .. work(workers - 1), each in a thread of its own, and waits for all."""
    threads = [threading.Thread(target=work, args=(number,)) for number in range(workers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


class Worker:
    """A copy of the tree in which one fault at a time is built and tested."""

    def __init__(self, number, workers, only, work=WORK, options=OPTIONS):
        self.only, self.options = only, options
        self.tree = work / str(number)
        self.jobs = max(1, JOBS // workers)
        self.environment = {
            **os.environ,
            "CCACHE_BASEDIR": str(self.tree),
            "CCACHE_NOHASHDIR": "1",
            "PYTHONDONTWRITEBYTECODE": "1",
            "RC_PARAMS": "noshrink=1",  # a first failure is enough
            "P2PLLM": str(self.tree / "build/dev/p2pllm"),
            "P2PLLM_SOURCE": str(self.tree),
            "CONTRACT_EXAMPLES": str(self.tree / "build/dev/bin/contract_examples"),
            "LIBRARY_PROGRAMS": ":".join(str(self.tree / "build/dev/bin" / name) for name in LIBRARY_PROGRAMS),
        }

    def prepare(self):
        """Updates the copy and configures it; an equal file keeps its time, so that little is built again."""
        names = tracked()
        for name in names:
            source, copy = ROOT / name, self.tree / name
            if not copy.exists() or copy.read_bytes() != source.read_bytes():
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(source, copy)
        if not (self.tree / ".git").exists():
            run("git", "init", "-q", cwd=self.tree)
        for name in run(
            "git", "ls-files", "-o", "-z", "--exclude=/build/", "--exclude=__pycache__/", cwd=self.tree
        ).stdout.split("\0")[:-1]:
            if name not in names:
                (self.tree / name).unlink()
        configured = run(
            "cmake",
            "--preset",
            "dev",
            "-Wno-dev",
            *self.options,
            f"-DCMAKE_RUNTIME_OUTPUT_DIRECTORY={self.tree}/build/dev/bin",
            cwd=self.tree,
        )
        if configured.returncode != 0:
            sys.exit(configured.stderr)
        targets = run("ninja", "-C", "build/dev", "-t", "targets", "all", cwd=self.tree).stdout
        self.suites = [suite for suite in SUITES if f"bin/{suite}:" in targets or suite == "cli"]
        self.suites = [suite for suite in self.suites if not self.only or suite in self.only]

    def builds(self, target):
        return (
            run(
                "cmake",
                "--build",
                "--preset",
                "dev",
                "-j",
                self.jobs,
                "--target",
                target,
                cwd=self.tree,
                env=self.environment,
            ).returncode
            == 0
        )

    def limited(self, *command, seconds=SECONDS_MAX, **options):
        """Runs a command; returns its exit status, None if it does not end, and its output."""
        with subprocess.Popen(
            [str(c) for c in command],
            env=self.environment,
            preexec_fn=limit_memory,
            text=True,
            errors="replace",
            stdin=subprocess.DEVNULL,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            **options,
        ) as process:
            try:
                output, _ = process.communicate(timeout=seconds)
                return process.returncode, output or ""
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, 9)
                return None, ""

    def citing_failure(self, clause):
        """The first failure of the unit tests that cite the clause, in a program of their files alone.

        Few files are then built for a fault in a header."""
        folder = "tests/CMakeFiles/p2pllm_unit.dir/unit/"
        chosen = [
            f"{folder}{path.name}.o"
            for path in (self.tree / "tests/unit").glob("test_*.cpp")
            if f"[{clause}]" in path.read_text()
        ]
        link = next(
            (
                line
                for line in reversed(
                    run("ninja", "-C", "build/dev", "-t", "commands", "p2pllm_unit", cwd=self.tree).stdout.splitlines()
                )
                if "-o bin/p2pllm_unit" in line or "bin/p2pllm_unit " in line
            ),
            None,
        )
        if not chosen:
            return None
        if not link:
            return self.suite_failure("p2pllm_unit", clause)
        built = run(
            "ninja",
            "-C",
            "build/dev",
            "-j",
            self.jobs,
            *chosen,
            *(word for word in link.split() if re.fullmatch(r"\w[\w/]*\.(so|a)", word)),  # the tree's: a fault may be in any
            cwd=self.tree,
            env=self.environment,
        )
        if built.returncode != 0:
            return "the compiler", ""
        link = re.sub(rf"{folder}\S+\.o", lambda match: match[0] if match[0] in chosen else "", link.split("&& cd ")[0])
        command = re.sub(r"-o \S+/?p2pllm_unit\b", "-o bin/citing", link).removesuffix("&& :") + " && :"
        if run("sh", "-c", command, cwd=self.tree / "build/dev").returncode != 0:
            return self.suite_failure("p2pllm_unit", clause)
        return self.program_failure("citing", "p2pllm_unit", clause)

    def suite_failure(self, suite, clause):
        """The first failing test of those that cite the clause, or of all, and its tags."""
        if clause and not any(f"[{clause}]" in path.read_text() for path in (self.tree / SUITES[suite]).rglob("*.cpp")):
            return None
        if not self.builds(suite):
            return "the compiler", ""
        return self.program_failure(suite, suite, clause)

    def program_failure(self, program, suite, clause):
        report = self.tree / "build/report.xml"
        report.write_text("")
        status, _ = self.limited(
            self.tree / "build/dev/bin" / program,
            "-a",
            "-r",
            "xml",
            "-o",
            report,
            f"[{clause}]~[canary]~[.]" if clause else "~[canary]~[.]",  # [.]: hidden tests, which take minutes
            cwd=self.tree,
            stdout=subprocess.DEVNULL,
        )
        if status == 0:
            return None
        tests = re.findall(r"<TestCase name=(\"[^\"]*\"|'[^']*')(?: tags=\"([^\"]*)\")?", report.read_text(errors="replace"))
        name, tags = tests[-1] if tests else ('"start"', "")
        return f"{suite}: {html.unescape(name[1:-1])}" + (" (does not end)" if status is None else ""), tags

    def cli_failure(self, clause):
        chosen = {
            path: [(name, text) for name, text in cited_in_cli(path) if not clause or cites(text, clause)]
            for path in sorted((self.tree / "tests/cli").glob("test_*.py"))
            if path.stem != "test_prove"
        }  # test_prove runs the proofs
        if any(chosen.values()) and not all(
            self.builds(target) for target in ("p2pllm", "contract_examples", *LIBRARY_PROGRAMS)
        ):
            return "the compiler", ""
        for path, tests in chosen.items():
            if not tests:
                continue
            status, output = self.limited(
                "/usr/bin/python3", path, "-f", *[name for name, _ in tests], cwd=self.tree, stdout=subprocess.PIPE
            )
            if status not in (0, 77):
                found = re.search(r"^(?:FAIL|ERROR): (\w+) \(__main__\.(\w+)", output, re.M)
                name = f"{found[2]}.{found[1]}" if found else ""
                return f"{path.stem}: {name or 'does not end'}", dict(tests).get(name, "")
        return None

    def first_failure(self, clause):
        for only in (clause, None) if clause else (None,):
            for suite in self.suites:
                is_citing = only and suite == "p2pllm_unit"
                found = (
                    self.citing_failure(only)
                    if is_citing
                    else self.cli_failure(only) if suite == "cli" else self.suite_failure(suite, only)
                )
                if found:
                    return found
        return None

    def judge(self, fault):
        """Tests the fault; without one, the tree itself.

        @returns fault, killed_by (None if it survives), cites, seconds"""
        began = time.monotonic()
        clause = fault.clause if fault else None
        with applied(fault, self.tree) if fault else contextlib.nullcontext():
            killed_by, cited = self.first_failure(clause) or (None, "")
        return {
            "fault": fault.name if fault else "",
            "killed_by": killed_by,
            "cites": bool(clause) and cites(cited, clause),
            "seconds": round(time.monotonic() - began, 1),
        }


@contextlib.contextmanager
def applied(fault, tree):
    """Keeps the fault in the tree for as long as the block runs."""
    path = tree / fault.file
    text = path.read_text()
    path.write_text(fault.edited(text))
    try:
        yield
    finally:
        path.write_text(text)
