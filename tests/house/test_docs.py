"""The pages of docs/ and the README: links lead somewhere, programs are quoted exactly, and the lines of the trusted
base are counted correctly."""
import re
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))
from house_rules import code_of

SOURCE = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/*.md", "spec/*.md", "examples/*.md", "fuzz/*.md", "tests/mutants/*.md")
LINK = re.compile(r"\]\(([^)\s]+)\)")
# The rows of docs/security.md, and the files that each row counts.
TRUSTED = {
    "`checker/`": ("checker/*.?pp",),
    "`model/market/`": ("model/market/*.?pp",),
    "`model/encoding/`": tuple(f"model/encoding/{name}.?pp" for name in ("json", "escape", "bytes")),
    "`model/numbers/`": tuple(f"model/numbers/{name}.?pp" for name in ("rational", "parse", "number", "integer", "uncertain")),
    "`model/crypto/sha256`": ("model/crypto/sha256.?pp", "model/result.hpp", "model/layer_range.hpp"),
}
OFF_BY_MAX = 0.05  # as a fraction of a count: small changes of the code do not make the page wrong


def anchors(text):
    """The anchors of the headings, as GitHub and GitLab make them."""
    headings = re.findall(r"^#+ (.+)$", re.sub(r"^```.*?^```", "", text, flags=re.S | re.M), re.M)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def link_faults(root):
    for page in sorted(path for pattern in PAGES for path in root.glob(pattern)):
        text = re.sub(r"^```.*?^```|`[^`\n]*`", "", page.read_text(), flags=re.S | re.M)
        for link in LINK.findall(text):
            path, _, anchor = link.partition("#")
            target = page.parent / path if path else page
            if re.match(r"[a-z]+:", link):
                continue
            if not target.exists():
                yield f"{page.relative_to(root)}: {link}: there is no such file"
            elif anchor and target.suffix == ".md" and anchor not in anchors(target.read_text()):
                yield f"{page.relative_to(root)}: {link}: there is no such heading"


def counted(root, patterns):
    files = [path for pattern in patterns for path in root.glob(pattern)]
    return sum(1 for path in files for line in code_of(path.read_text()).splitlines() if line.strip())


def count_faults(root):
    """Reports rows `| part | lines | ..` with a wrong count, and a total that is not their sum."""
    rows = re.findall(r"^\| (.+?) \| \**([0-9,]+)\** \|", (root / "docs/security.md").read_text(), re.M)
    said = {part: int(lines.replace(",", "")) for part, lines in rows}
    total = said.pop("**together**", 0)
    for part, patterns in TRUSTED.items():
        row = next((name for name in said if name.startswith(part)), None)
        true = counted(root, patterns)
        if row is None or abs(said[row] - true) > OFF_BY_MAX * true:
            yield f"{part}: {said.get(row)} lines, but it has {true}"
    if total != sum(said.values()):
        yield f"together: {total}, but the rows sum to {sum(said.values())}"


def quotation_faults(root):
    """Reports programs of examples/library that docs/library.md does not quote exactly."""
    shown = re.findall(r"^```cpp\n(.*?)^```$", (root / "docs/library.md").read_text(), re.S | re.M)
    programs = {path.name: path.read_text() for path in sorted((root / "examples/library").glob("*.cpp"))}
    yield from (f"{name}: docs/library.md shows another text" for name, text in programs.items() if text not in shown)
    if len(shown) != len(programs):
        yield f"docs/library.md: {len(shown)} programs, but there are {len(programs)}"


class Pages(unittest.TestCase):
    def test_every_link_leads_somewhere(self):
        self.assertEqual([], list(link_faults(SOURCE)))

    def test_the_trusted_base_is_counted(self):
        self.assertEqual([], list(count_faults(SOURCE)))

    def test_the_programs_are_quoted_as_they_are(self):
        self.assertEqual([], list(quotation_faults(SOURCE)))

    def test_another_program_is_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs").mkdir()
            (root / "examples/library").mkdir(parents=True)
            (root / "docs/library.md").write_text("```cpp\nint a;\n```\n")
            (root / "examples/library/a.cpp").write_text("int a;\n")
            self.assertEqual([], list(quotation_faults(root)))
            (root / "examples/library/a.cpp").write_text("int b;\n")
            (root / "examples/library/c.cpp").write_text("int a;\n")
            self.assertEqual(["a.cpp: docs/library.md shows another text", "docs/library.md: 1 programs, but there are 2"],
                             list(quotation_faults(root)))

    def test_planted_faults_are_reported(self):
        with tempfile.TemporaryDirectory() as folder:
            root = Path(folder)
            (root / "docs").mkdir()
            (root / "README.md").write_text("# One\n[a](docs/no.md) [b](#one) [c](#two) [d](docs/security.md#the-parts)\n")
            (root / "docs/security.md").write_text("## The parts\n| `checker/` | 10 | x |\n| **together** | **11** | |\n")
            self.assertEqual(["README.md: docs/no.md: there is no such file", "README.md: #two: there is no such heading"],
                             list(link_faults(root)))
            faults = list(count_faults(root))
            self.assertIn("`checker/`: 10 lines, but it has 0", faults)
            self.assertIn("`model/market/`: None lines, but it has 0", faults)
            self.assertIn("together: 11, but the rows sum to 10", faults)


if __name__ == "__main__":
    unittest.main()
