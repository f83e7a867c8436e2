"""The verdicts on deliberate faults: spec/generated/kills.json holds them, kills.md shows them beside the records.

A verdict says which test killed a fault, whether that test cites the fault's clause, at which commit, and of which
text: it is true of the fault for as long as the fingerprint is the fault's.
"""

import json
from pathlib import Path
from typing import NamedTuple, Optional

from .faults import ROOT

FILE = "spec/generated/kills.json"
PAGE = "spec/generated/kills.md"


class Verdict(NamedTuple):
    fault: str
    commit: str
    killed_by: Optional[str]
    cites: bool
    fingerprint: str

    def is_of(self, fault, root=ROOT):
        """Whether the fault and its function still have the text that was tested."""
        return self.fingerprint == fingerprint(fault, root)


def fingerprint(fault, root=ROOT):
    return fault.fingerprint((Path(root) / fault.file).read_text())


def of(fault, commit, killed_by, cites):
    return Verdict(fault.name, commit, killed_by, cites, fingerprint(fault))


def load(root=ROOT):
    """All verdicts by the name of the fault."""
    path = Path(root) / FILE
    rows = json.loads(path.read_text())["verdicts"] if path.is_file() else ()
    return {row["fault"]: Verdict(**row) for row in rows}


def survives(fault, verdict):
    return not verdict.killed_by and not fault.equivalent


def shown(fault, verdict):
    if not verdict:
        return "no verdict yet"
    return verdict.killed_by or (f"equivalent, [proof](../../{fault.record})" if fault.equivalent else "**survives**")


def summary(faults, given, changed=()):
    """One line on these faults."""
    known = [(fault, given[fault.name]) for fault in faults if fault.name in given]
    killed = sum(bool(verdict.killed_by) for _, verdict in known)
    survive = sum(survives(fault, verdict) for fault, verdict in known)
    cite = sum(verdict.cites for _, verdict in known)
    parts = [
        f"{killed} of {len(faults)} killed ({cite} by a check that cites the clause)",
        f"{len(known) - killed - survive} equivalent",
        f"{survive} survive",
    ]
    parts += [f"{len(faults) - len(known)} without a verdict"] if len(known) < len(faults) else []
    parts += [f"{len(changed)} of which the text changed since"] if changed else []
    return ", ".join(parts)


def report(faults, given, root=ROOT):
    """The page of all faults in the order of their names."""
    changed = {fault.name for fault in faults if fault.name in given and not given[fault.name].is_of(fault, root)}
    lines = [
        "# Deliberate faults",
        "",
        "Made by `scripts/mutants --table` from the records of `tests/mutants` and the verdicts in `kills.json`. Each row",
        "names the commit at which its fault was tested. *Text changed since* marks a verdict on another text of the",
        "fault or of its function.",
        "",
        f"{summary(faults, given, changed)}.",
        "",
        "| fault | clause | killed by | cites it | at |",
        "|---|---|---|---|---|",
    ]
    for fault in faults:
        verdict = given.get(fault.name)
        at = (verdict.commit if verdict else "") + (", text changed since" if fault.name in changed else "")
        lines.append(
            f"| {fault.name} | {fault.clause} | {shown(fault, verdict)} "
            f"| {'yes' if verdict and verdict.cites else 'no'} | {at} |"
        )
    return "\n".join(lines) + "\n"


def write(every, given, root=ROOT):
    """Writes both files; a verdict on a fault that no longer exists is left out."""
    rows = [json.dumps(given[name]._asdict()) for name in sorted(every) if name in given]
    (Path(root) / FILE).write_text('{"verdicts": [\n' + ",\n".join(rows) + "\n]}\n")
    (Path(root) / PAGE).write_text(report([every[name] for name in sorted(every)], given, root))
