"""What the scripts share that write a page of spec/generated from runs of the simulator."""

import os
import sys

from .arguments import Parser
from .faults import ROOT


def program():
    return os.environ.get("P2PLLM", str(ROOT / "build/release/p2pllm"))


def table(header, rows):
    return "\n".join(["| " + " | ".join(header) + " |", "|" + "---|" * len(header), *("| " + " | ".join(map(str, row)) + " |" for row in rows)])


def main(name, description, page, text, arguments=None):
    """Writes a page, as `write` does; text() makes its text."""
    return write(name, description, lambda: {page: text()}, arguments)


def write(name, description, files, arguments=None):
    """Writes files; with --check it only compares, and fails (exit 1) if one is not what the runs say.

    files() makes the text of each, by its path."""
    parser = Parser(name, description)
    parser.add_argument("--check", action="store_true")
    options = parser.parse_args(arguments)
    if not os.access(program(), os.X_OK):
        parser.error(f"{program()}: is not built; scripts/demo builds it, or P2PLLM names another one")
    are_same = True
    for page, made in files().items():
        path = ROOT / page
        if not options.check:
            path.write_text(made)
            print(f"{page}: written")
            continue
        same = path.is_file() and path.read_text() == made
        print(f"{page}: {'is what the runs say' if same else f'is not what the runs say: scripts/{name} writes it anew'}", file=sys.stdout if same else sys.stderr)
        are_same = are_same and same
    return 0 if are_same else 1
