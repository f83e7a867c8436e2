"""Deliberate faults as records: tests/mutants/COMPONENT.toml, one file for each component.

A record names a file and a function (or type, or constant) in it, the text before and the text after. Text is
compared token by token, so that moving, indenting or wrapping a line leaves its faults alone; a fault whose text does
not occur exactly once is stale.
"""

import hashlib
import re
import tomllib
from dataclasses import dataclass
from pathlib import Path

from . import cpp

ROOT = Path(__file__).resolve().parents[2]
FOLDER = "tests/mutants"
TOKEN = re.compile(r"\w+|[^\w\s]")
MEMBERS = {"name", "clause", "file", "function", "before", "after", "note", "equivalent"}
NEEDED = MEMBERS - {"function", "note", "equivalent"}


class Stale(Exception):
    """The text before does not occur exactly once, or the function does not exist."""


@dataclass(frozen=True)
class Fault:
    name: str
    clause: str
    file: str
    before: str
    after: str
    function: str = ""  # "" for the whole file
    note: str = ""
    equivalent: str = ""  # the proof that the fault changes nothing, if that is so
    record: str = ""  # the file that holds it

    def edited(self, text):
        """@returns the text of its file with the fault; raises Stale"""
        start, end = self.place(text)
        return text[:start] + self.after + text[end:]

    def place(self, text):
        """The place of the text before; raises Stale."""
        words = (
            rf"\b{token}\b" if token[0].isalnum() or token[0] == "_" else re.escape(token)
            for token in TOKEN.findall(self.before)
        )
        pattern = re.compile("(?=(" + r"\s*".join(words) + "))")  # places may overlap
        places = {match.span(1) for start, end in self.regions(text) for match in pattern.finditer(text, start, end)}
        if len(places) != 1:
            times = "is not there" if not places else f"is there {len(places)} times"
            raise Stale(
                f"{self.name}: {self.file}, {self.function or 'whole file'}: the text before {times} ({self.record})"
            )
        return places.pop()

    def regions(self, text):
        if not self.function:
            return [(0, len(text))]
        found = [
            (declared.start, declared.end) for declared in cpp.declarations(text) if declared.name == self.function
        ]
        if not found:
            raise Stale(f"{self.name}: {self.file} has no function {self.function} ({self.record})")
        return found

    def fingerprint(self, text):
        """A hash of the edit and its function, token by token, which stays the same as long as a verdict stays true."""
        spoken = [self.before, self.after, *(text[start:end] for start, end in self.regions(text))]
        return hashlib.sha256(
            "\0".join(" ".join(TOKEN.findall(cpp.without_comments(part))) for part in spoken).encode()
        ).hexdigest()[:16]


def load(root=ROOT):
    """All faults by name; an invalid record is an error that names file and fault."""
    faults = {}
    for path in sorted((Path(root) / FOLDER).glob("*.toml")):
        for row in tomllib.loads(path.read_text()).get("fault", ()):
            name = row.get("name", "?")
            wrong = sorted(NEEDED - row.keys()) + sorted(row.keys() - MEMBERS)
            if wrong:
                raise SystemExit(
                    f"{FOLDER}/{path.name}: {name}: {wrong[0]}: {'missing' if wrong[0] in NEEDED else 'no such member'}"
                )
            if name in faults:
                raise SystemExit(f"{FOLDER}/{path.name}: {name}: a name is given once")
            faults[name] = Fault(**row, record=f"{FOLDER}/{path.name}")
    return faults


def stale(faults, root=ROOT):
    """A line for each fault whose text has moved or changed."""
    for fault in faults:
        path = Path(root) / fault.file
        try:
            if not path.is_file():
                raise Stale(f"{fault.name}: no file {fault.file} ({fault.record})")
            fault.edited(path.read_text())
        except Stale as error:
            yield str(error)


def toml_text(text):
    """A literal string where the text allows it, so that code needs no escapes."""
    if "\n" not in text and "'" not in text:
        return f"'{text}'"
    if "'''" not in text and not text.endswith("'"):
        return f"'''\n{text}'''"
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""\n{escaped}"""'


def record(fault):
    """The text of the fault's record."""
    lines = ["[[fault]]", f'name = "{fault.name}"', f'clause = "{fault.clause}"', f'file = "{fault.file}"']
    if fault.function:
        lines.append(f'function = "{fault.function}"')
    lines += [f"before = {toml_text(fault.before)}", f"after = {toml_text(fault.after)}"]
    lines += [
        f"{member} = {toml_text(text)}"
        for member, text in (("note", fault.note), ("equivalent", fault.equivalent))
        if text
    ]
    return "\n".join(lines) + "\n"
