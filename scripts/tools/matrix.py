"""The clause matrix: reads the citations in code and tests and shows the functions, checks and deliberate faults of
each clause.

    scripts/matrix            print the page
    scripts/matrix --write    write it to spec/generated/matrix.md
    scripts/matrix --check    print only what is wrong; that includes a page which --write would change

One line each and exit 1 for a clause that no function's docstring cites, a clause without a deliberate fault killed
by a check that cites it, and a citation of a clause that does not exist. --root DIR reads another tree.
"""

import argparse
import ast
import json
import re
import sys
from collections import Counter
from pathlib import Path

from . import faults, verdicts

PAGE = "spec/generated/matrix.md"
FUNCTIONS = ("model", "reference", "checker", "parties", "apps")
FUNCTIONS_ELSE = ("optimized",)
CITING = FUNCTIONS + (
    "properties",
    "tests",
    "fuzz",
    "proofs",
    "kernels",
    "optimized",
    "bench",
    "scripts",
    "examples",
    "spec",
)
CODE = (".cpp", ".hpp", ".h", ".cu", ".cuh")
COLUMNS = {
    "property": "properties",
    "test": "tests",
    "vector": "spec/vectors",
    "proof": "proofs",
    "kernel": "kernels",
    "fuzz target": "fuzz",
}
HEAD = """# Clause matrix

Made by `scripts/matrix --write` from the citations in code and tests; a test fails when it is stale.
*function*: functions whose docstring cites the clause. *property*, *test*: checks tagged with the clause.
*vector*: cases of `../vectors/`. *proof*: obligations of the clause, as `p2pllm prove --list` has them.
*fault*: how many of the deliberate faults filed under the clause are killed by a check that cites it.
A number after + counts those not shown; an empty cell means none.
"""
STRING = r'"((?:\\.|[^"\\\n])*)"'
TAGGED = re.compile(rf"\b(PROPERTY|(?:TEMPLATE_)?TEST_CASE)\(\s*((?:{STRING}\s*)+),\s*((?:{STRING}\s*)+)")
# A docstring, or a comment at the margin, and the few lines that follow it.
DOCUMENTED = re.compile(r"((?:^[ \t]*///(?!<).*\n|^//.*\n)(?:^[ \t]*//.*\n)*)(?=((?:^.*\S.*\n){1,6}))", re.M)
TYPE = re.compile(r"(?:struct|class|enum class|enum|concept) (\w+)")
# An obligation as proofs/ writes it: its clause and its name, which is completed by a function that makes several.
OBLIGATION = re.compile(r'\{\s*"([A-Z]+-[0-9]+)",\s*"[a-z0-9-]+"')
MAKER = re.compile(r"^Obligation (\w+)\(", re.M)
CALLABLE = re.compile(r"[^=;{(]*?(operator\W+?|\b[a-z]\w*)\(")


def files(root, *folders, suffixes=CODE):
    return [
        path
        for folder in folders
        for path in sorted((root / folder).rglob("*"))
        if path.is_file()
        and path.suffix in suffixes
        and not {"__pycache__", "corpus"} & set(path.relative_to(root).parts)
    ]


def declared(text):
    """The function or type that a declaration begins with, or None."""
    text = re.sub(r"\[\[\w+\]\]|^\s*(?:template <|requires ).*$", "", text, flags=re.M).lstrip()
    found = TYPE.match(text) or CALLABLE.match(text)
    return found and found.group(1)


class Matrix:
    def __init__(self, root):
        self.root = root
        self.wrong = []
        self.clauses = {}  # clause -> (title, spec file)
        self.read_clauses()
        families = "|".join(sorted({clause.split("-")[0] for clause in self.clauses})) or "(?!)"
        self.citation = re.compile(rf"\b({families})-(\d+)(?:\s*\.\.\s*\1-(\d+))?(?!\d)")
        self.functions = {clause: [] for clause in self.clauses}  # (number of clauses cited, name, path)
        self.places = {clause: {column: Counter() for column in COLUMNS} for clause in self.clauses}
        self.checks = {}  # name of a check -> clauses it cites
        self.check_files = {}  # name of a check -> its file
        self.kills = {
            clause: [] for clause in self.clauses
        }  # for each fault, whether a check that cites the clause kills it
        self.read_functions()
        self.read_checks()
        self.read_others()
        self.read_kills()
        self.read_citations()

    def cited(self, text):
        """The clauses cited: ROUTE-3, and all from PRICE-9 to PRICE-11 in `PRICE-9 .. PRICE-11`."""
        return {
            f"{family}-{number}"
            for family, first, last in self.citation.findall(text)
            for number in range(int(first), int(last or first) + 1)
        }

    def name(self, path):
        return path.relative_to(self.root).as_posix()

    def exist(self, place, clauses):
        self.wrong += [f"{place}: {clause}: no such clause" for clause in sorted(set(clauses) - self.clauses.keys())]

    def add(self, clauses, column, place):
        for clause in clauses & self.clauses.keys():
            self.places[clause][column][place] += 1

    def read_clauses(self):
        for path in sorted((self.root / "spec").glob("*.md")):
            for clause, title in re.findall(r"^\*\*([A-Z]+-[0-9]+)\*\* *([^.\n]*)", path.read_text(), re.M):
                if clause in self.clauses:
                    self.wrong.append(f"{self.name(path)}: {clause}: a name is never given to another rule")
                self.clauses[clause] = (title, path.name)

    def read_functions(self):
        """Those of the fast half count for a clause that nothing else carries out."""
        for folders in (FUNCTIONS, FUNCTIONS_ELSE):
            without = {clause for clause, found in self.functions.items() if not found}
            for path in files(self.root, *folders):
                for comment, declaration in DOCUMENTED.findall(path.read_text()):
                    clauses, name = self.cited(comment), declared(declaration)
                    for clause in clauses & without if name else ():
                        self.functions[clause].append((len(clauses), name, path))
        for found in self.functions.values():  # first those of this clause alone, then rules
            found.sort(
                key=lambda function: (
                    function[0],
                    not function[2].is_relative_to(self.root / "reference"),
                    function[2].suffix != ".hpp",
                )
            )

    def read_checks(self):
        for path in files(self.root, "properties", "tests"):
            for match in TAGGED.finditer(path.read_text()):
                sentence, tags = ("".join(re.findall(STRING, match.group(group))) for group in (2, 4))
                if "canary" not in tags:
                    self.read_check(
                        path,
                        sentence.replace('\\"', '"'),
                        set(re.findall(r"\[([A-Z]+-[0-9]+)\]", tags)),
                        match.group(1) == "PROPERTY",
                    )
        for path in files(self.root, "tests", suffixes=(".py",)):
            for group in ast.parse(path.read_text()).body:
                for test in group.body if isinstance(group, ast.ClassDef) and group.name != "Canary" else ():
                    if isinstance(test, ast.FunctionDef) and test.name.startswith("test"):
                        text = f"{ast.get_docstring(group)} {ast.get_docstring(test)}"
                        self.read_check(path, f"{group.name}.{test.name}", self.cited(text), False)

    def read_check(self, path, name, clauses, is_property):
        self.checks[name] = clauses
        self.check_files[name] = self.name(path)
        self.exist(
            self.name(path), {clause for clause in clauses if not self.cited(clause)}
        )  # the others are found by line
        if is_property:
            self.add(clauses, "property", path.stem)
        else:
            self.add(clauses, "test", path.relative_to(self.root / "tests").parts[0])

    def read_others(self):
        for path in files(self.root, COLUMNS["proof"]):
            self.read_obligations(path)
        for column in ("kernel", "fuzz target"):
            for path in files(self.root, COLUMNS[column]):
                self.add(self.cited(path.read_text()), column, path.stem)
        for path in files(self.root, COLUMNS["vector"], suffixes=(".json",)):
            for case in json.loads(path.read_text()).get("cases", ()):
                self.exist(self.name(path), {clause for clause in case.get("clauses", ()) if not self.cited(clause)})
                self.add(set(case.get("clauses", ())), "vector", path.stem)

    def read_obligations(self, path):
        """Counts obligations in lists once, and one that a function makes as often as the file calls the function."""
        text = path.read_text()
        for match in OBLIGATION.finditer(text):
            makers = [
                maker
                for maker in MAKER.finditer(text, 0, match.start())
                if "\n}\n" not in text[maker.start() : match.start()]
            ]
            times = len(re.findall(rf"\b{makers[-1].group(1)}\(", text)) - 1 if makers else 1
            self.places.get(match.group(1), {}).get("proof", Counter()).update({path.stem: times})

    def read_kills(self):
        every, given = faults.load(self.root), verdicts.load(self.root)
        self.wrong += [f"{verdicts.FILE}: {name}: no such fault" for name in given if name not in every]
        for name, fault in every.items():
            if fault.clause not in self.clauses:
                self.exist(
                    f"{fault.record}: {name}", [fault.clause] * (not self.cited(fault.clause))
                )  # the others are found by line
                continue
            verdict = given.get(name)
            killer = (verdict and verdict.killed_by or "").partition(": ")[2].removesuffix(" (does not end)")
            self.kills[fault.clause].append(
                bool(verdict) and verdict.cites is True and fault.clause in self.checks.get(killer, ())
            )

    def read_citations(self):
        for path in files(self.root, *CITING, suffixes=CODE + (".py", ".md", ".json", ".toml", ".txt", "")) + sorted(
            self.root.glob("*.md")
        ):
            if self.name(path) not in (PAGE, verdicts.FILE, verdicts.PAGE):
                for number, line in enumerate(path.read_text(errors="replace").splitlines(), 1):
                    self.exist(f"{self.name(path)}:{number}", self.cited(line))

    def failures(self):
        yield from self.wrong
        for clause, kills in self.kills.items():
            if not self.functions[clause]:
                yield f"{clause}: no function: no docstring in {', '.join(FUNCTIONS + FUNCTIONS_ELSE)} cites it"
            if not any(kills):
                yield f"{clause}: no fault killed by a check that cites it: {faults.FOLDER} has {len(kills)} filed under it"

    def about(self, clause):
        """All that cites one clause: its text, functions, checks, and faults with the check that kills each."""
        title, spec = self.clauses[clause]
        text = (self.root / "spec" / spec).read_text().splitlines()
        number = next(number for number, line in enumerate(text, 1) if line.startswith(f"**{clause}**"))
        yield f"{clause} {title}: spec/{spec}:{number}"
        yield from ("", "Functions:")
        yield from (f"  {name}  {self.name(path)}" for _, name, path in self.functions[clause])
        for path in files(self.root, "optimized", "kernels"):
            for comment, declaration in DOCUMENTED.findall(path.read_text()):
                if clause in self.cited(comment) and declared(declaration):
                    yield f"  {declared(declaration)}  {self.name(path)}"
        yield from ("", "Checks that cite it:")
        for name, clauses in self.checks.items():
            if clause in clauses:
                yield f"  {self.check_files[name]}: {name}"
        yield from ("", "Deliberate faults, and what kills each:")
        given = verdicts.load(self.root)
        for name, fault in sorted(faults.load(self.root).items()):
            if fault.clause == clause:
                yield f"  {name} ({fault.file}): {verdicts.shown(fault, given.get(name))}"

    def page(self):
        links = {}
        names = Counter(path.name for path in {path for found in self.functions.values() for _, _, path in found})

        def link(label, path):
            links[label] = f"../../{path}"
            return f"[{label}]"

        def shown(items, rest):
            return ", ".join(items + [f"+{rest}"] * (rest > 0))

        def functions(clause):
            found = self.functions[clause]
            return shown(
                [
                    f"`{name}` {link(path.name if names[path.name] == 1 else '/'.join(path.parts[-2:]), self.name(path))}"
                    for _, name, path in found[:2]
                ],
                len(found) - 2,
            )

        def places(clause, column):
            found = self.places[clause][column].most_common()
            if column == "vector":
                return str(sum(count for _, count in found) or "")
            where = {"property": "properties/{}.cpp", "test": "tests/{}"}.get(column, COLUMNS[column])
            return shown(
                [f"{link(place, where.format(place))} {count}" for place, count in found[:2]],
                sum(count for _, count in found[2:]),
            )

        def row(clause):
            kills = self.kills[clause]
            cells = [
                f"{clause} {self.clauses[clause][0]}",
                functions(clause),
                *(places(clause, column) for column in COLUMNS),
            ]
            return "| " + " | ".join(cells + [f"{sum(kills)} of {len(kills)}" if kills else ""]) + " |"

        have = {
            "function": self.functions.values(),
            **{column: [self.places[clause][column] for clause in self.clauses] for column in COLUMNS},
        }
        counts = [f"{column} {sum(map(bool, cells))}" for column, cells in have.items()] + [
            f"killed fault {sum(map(any, self.kills.values()))}"
        ]
        lines = [HEAD, f"**{len(self.clauses)} clauses**, of which have a " + ", ".join(counts) + "."]
        for spec in dict.fromkeys(spec for _, spec in self.clauses.values()):
            title = (self.root / "spec" / spec).read_text().splitlines()[0].lstrip("# ")
            columns = ["clause", "function", *COLUMNS, "fault"]
            lines += [
                "",
                f"## [{title}](../{spec})",
                "",
                "| " + " | ".join(columns) + " |",
                "|---" * len(columns) + "|",
            ]
            lines += [row(clause) for clause in self.clauses if self.clauses[clause][1] == spec]
        return "\n".join(lines + [""] + [f"[{label}]: {path}" for label, path in sorted(links.items())]) + "\n"


def main(options=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clause", nargs="?", help="show all functions, checks and faults of this clause alone")
    parser.add_argument("--write", action="store_true", help="write the page")
    parser.add_argument("--check", action="store_true", help="is the page current, and has each clause a killed fault?")
    parser.add_argument("--root", type=Path, default=faults.ROOT)
    arguments = parser.parse_args(options)
    matrix, target = Matrix(arguments.root), arguments.root / PAGE
    if arguments.clause:
        if arguments.clause not in matrix.clauses:
            print(f"matrix: {arguments.clause}: no such clause", file=sys.stderr)
            return 2
        print("\n".join(matrix.about(arguments.clause)))
        return 0
    page, wrong = matrix.page(), list(matrix.failures())
    if arguments.write:
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(page)
    elif not arguments.check:
        print(page, end="")
    elif not target.is_file() or target.read_text() != page:
        wrong.append(f"{PAGE}: stale: scripts/matrix --write")
    for line in wrong:
        print(line, file=sys.stdout if arguments.check else sys.stderr)
    return 1 if wrong else 0
