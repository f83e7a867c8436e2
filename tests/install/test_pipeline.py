"""The pipeline files of examples/ci: their commands tell the exit codes apart, and the GitLab file's run on a bare
machine."""

import json
import os
import re
import shlex
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

import yaml

ROOT = Path(__file__).resolve().parents[2]
PROGRAM = os.environ.get("P2PLLM", "p2pllm")
GITLAB, GITHUB = ((ROOT / "examples/ci" / name).read_text() for name in ("gitlab.yml", "github.yml"))
ADDRESS = "https://example.org/p2pllm"


def joined(lines):
    return "\n".join(lines)


JOB = yaml.safe_load(GITLAB)["verify-market"]
GITHUB_RUNS = [step["run"] for step in yaml.safe_load(GITHUB)["jobs"]["verify-market"]["steps"] if "run" in step]
VERIFY = joined(JOB["script"]), GITHUB_RUNS[-1]


class ExitCodes(unittest.TestCase):
    """Runs the commands with a program that only exits with a given code."""

    def outcome(self, script, code):
        with tempfile.TemporaryDirectory() as folder:
            program = Path(folder) / "p2pllm/build/release/p2pllm"
            program.parent.mkdir(parents=True)
            program.write_text(f'#!/bin/sh\necho "$@" >> {folder}/called\n[ "$1" = check ] || exit {code}\n')
            program.chmod(0o755)
            done = subprocess.run(
                ["bash", "-eo", "pipefail", "-c", script],
                cwd=folder,
                capture_output=True,
                text=True,
                env={**os.environ, "OPTIONS": "--epsilon 1/1000"},
            )
            return done.returncode, done.stdout, (Path(folder) / "called").read_text()

    def test_each_exit_code_is_told_apart(self):
        verify, check = (
            "verify market.json --epsilon 1/1000 --certificate proof.json\n",
            "check proof.json market.json\n",
        )
        for script, exits in zip(VERIFY, ({0: 0, 1: 1, 2: 2, 3: 3, 4: 4}, {0: 0, 1: 1, 2: 2, 3: 3, 4: 0})):
            said = set()
            for code, expected in exits.items():
                result, output, called = self.outcome(script, code)
                self.assertEqual((expected, verify + (check if code <= 1 else "")), (result, called), code)
                self.assertEqual(code != 2, bool(output))
                said.add(output)
            self.assertEqual(5, len(said))
            self.assertRegex(self.outcome(script, 1)[1], "refuted")
            self.assertRegex(self.outcome(script, 3)[1], "undecided")
            self.assertRegex(self.outcome(script, 4)[1], "missing")

    def test_a_rejected_certificate_fails_the_job(self):
        for script in VERIFY:
            with tempfile.TemporaryDirectory() as folder:
                program = Path(folder) / "p2pllm/build/release/p2pllm"
                program.parent.mkdir(parents=True)
                program.write_text('#!/bin/sh\n[ "$1" = verify ]\n')
                program.chmod(0o755)
                self.assertEqual(
                    1,
                    subprocess.run(
                        ["bash", "-eo", "pipefail", "-c", script], cwd=folder, capture_output=True
                    ).returncode,
                )

    def test_both_files_prepare_the_same(self):
        self.assertEqual("".join(joined(JOB["before_script"]).split()), "".join(joined(GITHUB_RUNS[:-1]).split()))
        self.assertEqual(JOB["variables"], yaml.safe_load(GITHUB)["jobs"]["verify-market"]["env"])
        self.assertEqual({"exit_codes": 4}, JOB["allow_failure"])

    def test_the_readme_shows_the_gitlab_file(self):
        shown = re.search(r"```yaml\n(.*?)```", (ROOT / "README.md").read_text(), re.S)[1]
        self.assertEqual(GITLAB, shown)


class BareMachine(unittest.TestCase):
    """Runs the GitLab file's lines in a bare root, with the repository of that root in place of the address."""

    def undecided_options(self):
        """Options whose epsilon lies between the bounds of the regret at the least precision, by the reference: the
        fast half, whose doubles have other bounds, may decide it."""
        output = subprocess.run(
            [PROGRAM, "verify", ROOT / "examples/seven_equal_2.33.json", "--engine", "reference", "--bits-max", "96", "--json"],
            capture_output=True,
            text=True,
        ).stdout
        regret = json.loads(output)["groups"][0]["nodes"][0]["regret"]
        digits, exponent = regret["lower"].split("e")
        middle = (int(digits[-4:]) + int(regret["upper"].split("e")[0][-4:])) // 2
        return f"--engine reference --bits-max 96 --epsilon {digits[:-4]}{middle:04d}e{exponent}"

    def test_holds_refuted_and_undecided(self):
        prepare, verify = joined(JOB["before_script"]), VERIFY[0]
        self.assertIn(ADDRESS, prepare)
        plain = JOB["variables"]["OPTIONS"]
        cases = {"seven_equal": plain, "three": plain, "seven_equal_2.33": self.undecided_options()}
        script = ["set -eo pipefail", "mkdir /job", "cd /job", prepare.replace(ADDRESS, "/p2pllm")]
        for name, options in cases.items():
            script += [
                f"cp /p2pllm/examples/{name}.json market.json",
                f"OPTIONS={shlex.quote(options)} bash -eo pipefail -c {shlex.quote(verify)} && code=0 || code=$?",
                f"echo {name} exits $code",
            ]
        done = subprocess.run(
            [ROOT / "scripts/bare", "bash", "-c", "\n".join(script)], stdout=subprocess.PIPE, text=True
        )
        if done.returncode == 77:
            sys.exit(77)
        self.assertEqual(
            ["seven_equal exits 0", "three exits 1", "seven_equal_2.33 exits 3"],
            re.findall(r"^\S+ exits \d+$", done.stdout, re.M),
            done.stdout,
        )


if __name__ == "__main__":
    unittest.main()
