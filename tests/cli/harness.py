"""Runs the command line as a user does, within limits of time and memory.

The program's path comes from the environment variable P2PLLM, the source tree's from P2PLLM_SOURCE.
"""
import json
import os
import pty
import resource
import select
import signal
import subprocess
import sys
import tempfile
import unittest
from pathlib import Path

PROGRAM = os.environ.get("P2PLLM", "p2pllm")
SOURCE = Path(os.environ.get("P2PLLM_SOURCE", Path(__file__).resolve().parents[2]))
EXAMPLES = SOURCE / "examples"
MEMORY_BYTES_MAX = 4 << 30
SECONDS_MAX = 60

HOLDS, REFUTED, BAD_INPUT, UNDECIDED = 0, 1, 2, 3


class Answer:
    """The exit code and the output of one run of the program."""

    def __init__(self, code, out, err):
        self.code, self.out, self.err = code, out, err

    @property
    def json(self):
        return json.loads(self.out)


def under_sanitizer():
    """Whether the program runs under AddressSanitizer, which reserves terabytes: memory is then not limited."""
    try:
        return b"__asan_init" in Path(PROGRAM).read_bytes()
    except OSError:
        return False


SANITIZED = under_sanitizer()


def limit_memory():
    if not SANITIZED:
        resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES_MAX, MEMORY_BYTES_MAX))


def node(name, layers, cost, price):
    return {"id": name, "layers": layers, "cost": cost, "price": price}


def network(nodes, layers=1, **more):
    return {"format": "p2pllm-network/1", "model": {"name": "test", "layers": layers}, "alpha": "1/2", "nodes": nodes, **more}


def pair(prices=("1", "1"), costs=("1", "1"), **more):
    """Two nodes that compete for one layer."""
    return network([node("ann", [0, 1], costs[0], prices[0]), node("bob", [0, 1], costs[1], prices[1])], **more)


def line(layers=2, latency=None, **more):
    """A network with one node on each layer."""
    nodes = [node(f"n{k}", [k, k + 1], "1", "1") for k in range(layers)]
    if latency is not None:
        more["latency"] = {"kind": "matrix", "values": latency}
    return network(nodes, layers, **more)


class CommandLine(unittest.TestCase):
    """A test with a folder of its own, in which the program runs."""

    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="p2pllm-test-")
        self.addCleanup(folder.cleanup)
        self.folder = Path(folder.name)

    def write(self, name, content):
        """Writes a file of this text, these bytes, or this document as JSON; returns its name."""
        path = self.folder / name
        if isinstance(content, bytes):
            path.write_bytes(content)
        else:
            path.write_text(content if isinstance(content, str) else json.dumps(content))
        return name

    def run_program(self, *arguments, given=None, timeout=SECONDS_MAX):
        """Runs `p2pllm arguments..` in the test's folder; any death by a signal is a failure."""
        if isinstance(given, str):
            given = given.encode()
        feed = {"stdin": subprocess.DEVNULL} if given is None else {"input": given}
        done = subprocess.run([PROGRAM, *map(str, arguments)], capture_output=True, cwd=self.folder, timeout=timeout,
                              preexec_fn=limit_memory, **feed)
        out, err = done.stdout.decode("utf-8", "replace"), done.stderr.decode("utf-8", "replace")
        self.assertIn(done.returncode, range(5), f"p2pllm {arguments} ended with {done.returncode}: {err}")
        self.assertNotIn("internal error", err)
        return Answer(done.returncode, out, err)

    def start(self, *arguments, **options):
        """Starts the program in the test's folder and does not wait for it."""
        def prepare():
            limit_memory()
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):  # a shell in the background leaves them ignored
                signal.signal(number, signal.SIG_DFL)

        usual = {"stdin": subprocess.DEVNULL, "stdout": subprocess.DEVNULL, "stderr": subprocess.PIPE, "preexec_fn": prepare}
        return subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, **{**usual, **options})

    def expect(self, code, *arguments, **options):
        answer = self.run_program(*arguments, **options)
        self.assertEqual(code, answer.code, f"p2pllm {' '.join(map(str, arguments))}\n{answer.out}{answer.err}")
        return answer

    def expect_bad(self, message, *arguments, **options):
        """Expects exit code 2, nothing on standard output, and exactly this line on standard error."""
        answer = self.expect(BAD_INPUT, *arguments, **options)
        self.assertEqual(f"p2pllm: {message}\n", answer.err)
        self.assertEqual("", answer.out)

    def on_terminal(self, code, *arguments):
        """Returns what the program writes when its standard error is a terminal; its standard output is discarded."""
        terminal, child_side = pty.openpty()
        self.addCleanup(os.close, terminal)
        program = subprocess.Popen([PROGRAM, *map(str, arguments)], cwd=self.folder, stdout=subprocess.DEVNULL, stderr=child_side,
                                   stdin=subprocess.DEVNULL, preexec_fn=limit_memory)
        os.close(child_side)
        seen = b""
        try:
            while select.select([terminal], [], [], SECONDS_MAX)[0]:
                chunk = os.read(terminal, 65536)
                if not chunk:
                    break
                seen += chunk
        except OSError:  # the other side is closed
            pass
        self.assertEqual(code, program.wait(SECONDS_MAX))
        return seen


def example(name):
    return str(EXAMPLES / f"{name}.json")


def main(canaries=()):
    """Runs the classes named on the command line, or all except the canaries."""
    if len(sys.argv) > 1:
        unittest.main()
    module = sys.modules["__main__"]
    suite = unittest.TestSuite(unittest.defaultTestLoader.loadTestsFromTestCase(value) for name, value in vars(module).items()
                               if isinstance(value, type) and issubclass(value, unittest.TestCase) and name not in canaries)
    sys.exit(not unittest.TextTestRunner().run(suite).wasSuccessful())
