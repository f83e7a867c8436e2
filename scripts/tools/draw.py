"""Draws deliberate faults at random: single edits of code lines, each as a record for tests/mutants.

    scripts/draw_mutants --seed S --count N [--check] [--of PLACE ..] [--to FILE]    prints or writes the records

The same tree, seed and count give the same records. Each file of model/, reference/ and checker/, or of PLACE, has a
share in proportion to its places for an edit. The clause is the nearest one cited above the edit, else the one that
the file or its header cites most often: correct it by hand. --check leaves out an edit that does not compile and
draws another one; it builds in the tree of a worker of scripts/mutants.
"""

import argparse
import random
import re
import sys
from collections import Counter
from pathlib import Path

from . import cpp, faults, trial
from .faults import ROOT

FOLDERS = ("model", "reference", "checker", "parties")
LINES_AROUND_MAX = 6  # around an edit, taken into its text until that occurs once
OPERATORS = [  # name, pattern, replacement
    ("less", r" < ", " <= "),
    ("less-equal", r" <= ", " < "),
    ("greater", r" > ", " >= "),
    ("greater-equal", r" >= ", " > "),
    ("less-turned", r" < ", " > "),
    ("less-equal-turned", r" <= ", " >= "),
    ("greater-turned", r" > ", " < "),
    ("greater-equal-turned", r" >= ", " <= "),
    ("equal", r" == ", " != "),
    ("unequal", r" != ", " == "),
    ("rounded-down", r"\bceil\b", "floor"),
    ("rounded-up", r"\bfloor\b", "ceil"),
    ("direction", r"RNDU", "RNDD"),
    ("direction", r"RNDD", "RNDU"),
    ("direction", r"Rounding::down", "Rounding::up"),
    ("lower-end", r"\.upper\b", ".lower"),
    ("upper-end", r"\.lower\b", ".upper"),
    ("one-less", r" \+ 1\b", ""),
    ("one-more", r" - 1\b", ""),
    ("zero-for-one", r"\b1\b", "0"),
    ("one-for-zero", r"\b0\b", "1"),
    ("two-for-one", r"\b1\b", "2"),
    ("three-for-two", r"\b2\b", "3"),
    ("minus", r" \+ ", " - "),
    ("plus", r" - ", " + "),
    ("negated", r"(?<=[(, ])-(?=[a-z])", ""),
    ("quotient", r" \* ", " / "),
    ("product", r" / ", " * "),
    ("greatest", r"\bmin\b", "max"),
    ("least", r"\bmax\b", "min"),
    ("greatest", r"\bmin_element\b", "max_element"),
    ("maximum", r"\bminimum\b", "maximum"),
    ("or", r" && ", " || "),
    ("and", r" \|\| ", " && "),
    ("or", r"\bland\(", "lor("),
    ("and", r"\blor\(", "land("),
    ("not", r"!(?=[a-z(])", ""),
    ("last", r"\.first\b", ".last"),
    ("first", r"\.last\b", ".first"),
    ("case-lost", r"\bif \((?!auto|const)(?=.*;$)", "if (false && "),
    ("true", r"\bfalse\b", "true"),
    ("false", r"\btrue\b", "false"),
    (
        "statement-lost",
        r"^(\s*)(?!return|throw|const|using|static|auto|case|break|template|explicit|friend)[a-z_][\w.\[\]()>-]*( [+*-]?= .*|\.\w+\(.*\)|\(.*\));$",
        r"\1;",
    ),
]
CLAUSE = re.compile(r"\b(?:ROUTE|PARETO|PRICE|FORMAT|CERT|MIG|REG|SLA|CHAN|COMMIT|LEDGER|SHARD|POS)-[0-9]+\b")


def places(path):
    """Every (line number, operator, edited line) of a file."""
    inside = False
    text = path.read_text()
    for number, (line, code) in enumerate(zip(text.splitlines(), cpp.code_of(text).splitlines())):
        inside = inside or "namespace" in code
        if not inside or re.match(r"\s*(#|static_assert|template|using|\{ |\[\[nodiscard\]\].*;$)|.*\breserve\(", code):
            continue
        for name, found, replacement in OPERATORS:
            for match in re.finditer(found, code.rstrip()):
                edited = line[: match.start()] + match.expand(replacement) + line[match.end() :]
                if name == "case-lost":
                    edited = lose_case(line, match.start())
                is_text = name in ("minus", "plus") and '"' in line  # joins strings, and the edit does not compile
                if edited and edited != line and not is_text:
                    yield number, name, edited


def lose_case(line, start):
    """`if (condition)` as `if (false && (condition))`."""
    depth, opened = 0, line.index("(", start)
    for end in range(opened, len(line)):
        depth += {"(": 1, ")": -1}.get(line[end], 0)
        if depth == 0:
            return f"{line[:opened]}(false && {line[opened:end + 1]}){line[end + 1:]}"
    return None


def clause_of(path, lines, number):
    """The nearest clause cited above the line, else the most frequent one of the file and its header, else none."""
    above = [clause for line in lines[: number + 1] for clause in CLAUSE.findall(line)]
    header = ROOT / Path(path).with_suffix(".hpp")
    around = CLAUSE.findall("\n".join(lines) + (header.read_text() if header.is_file() else ""))
    return above[-1] if above else Counter(around).most_common(1)[0][0] if around else "NONE-0"


def function_of(text, start):
    """The innermost function, type or constant around a place; "" at the level of a namespace."""
    around = [declared for declared in cpp.declarations(text) if declared.start <= start < declared.end]
    return min(around, key=lambda declared: declared.end - declared.start).name if around else ""


def fault_at(path, number, operator, edited, name_taken=()):
    """The fault that puts `edited` in the place of a line; None if no text around the line occurs once."""
    text = (ROOT / path).read_text()
    lines = text.splitlines()
    start = sum(len(line) + 1 for line in lines[:number]) + len(lines[number]) - len(lines[number].lstrip())
    function = function_of(text, start)
    clause = clause_of(path, lines, number)
    name = re.sub(
        "[-_]+",
        "-",
        f"{clause}-{Path(path).stem}-{re.sub(r'[^a-zA-Z0-9_]+', '', function.replace('operator', 'op')) or 'file'}-{operator}",
    )
    name += f"-{number + 1}" if name in name_taken else ""
    expected = "\n".join(lines[:number] + [edited] + lines[number + 1 :])
    for around in range(LINES_AROUND_MAX + 1):
        for first, last in ((number - around, number), (number - around, number + around)):
            before, after = lines[max(0, first) : last + 1], (
                lines[max(0, first) : number] + [edited] + lines[number + 1 : last + 1]
            )
            fault = faults.Fault(name, clause, path, spoken(before), spoken(after), function)
            try:
                if faults.TOKEN.findall(fault.edited(text)) == faults.TOKEN.findall(expected):
                    return fault
            except faults.Stale:
                continue
    return None


def spoken(lines):
    """The text of the lines without a comment at the end, which may change while the code stays."""
    text = "\n".join(lines)
    return text[: len(cpp.code_of(text).rstrip())].strip()


def sites_of(paths):
    """Every (path, line number, operator, edited line) of these files."""
    return [(path.relative_to(ROOT).as_posix(), *place) for path in paths for place in places(path)]


def compiles(fault, worker):
    """Whether the libraries still build with the fault."""
    with trial.applied(fault, worker.tree):
        return all(worker.builds(target) for target in ("p2pllm_reference", "p2pllm_checker"))


def drawn(sites, count, worker=None):
    names = set()
    for path, number, operator, edited in sites:
        fault = fault_at(path, number, operator, edited, names)
        if not fault or (worker and not compiles(fault, worker)):
            continue
        names.add(fault.name)
        yield fault
        if len(names) == count:
            return


def main(options=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, required=True)
    parser.add_argument("--count", type=int, required=True)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--of", nargs="+", default=FOLDERS, metavar="PLACE")
    parser.add_argument("--to", type=Path, metavar="FILE")
    arguments = parser.parse_args(options)
    sites = sites_of(sorted(path for folder in arguments.of for path in (ROOT / folder).rglob("*.?pp")))
    random.Random(arguments.seed).shuffle(sites)
    worker = trial.Worker(0, 1, None) if arguments.check else None
    if worker:
        worker.prepare()
    out = arguments.to.open("w") if arguments.to else sys.stdout
    for fault in drawn(sites, arguments.count, worker):
        print(faults.record(fault), file=out, flush=True)
    return 0
