"""docs/ against spec/: clauses that exist, terms in order, and one meaning for each symbol of docs/glossary.md."""
import re
import shutil
import tempfile
import unittest
from collections import Counter
from pathlib import Path

SOURCE = Path(__file__).resolve().parents[2]
CLAUSE = re.compile(r"^\*\*([A-Z]+-[0-9]+)\*\*", re.M)
LETTER = "[A-Za-z\u0391-\u03c9]"
# A letter that forms a word of its own, with a mark and a subscript such as _i, _MAX or _(i-1).
SYMBOL = re.compile(rf"""(?<![\w'’"])({LETTER})\u0304?(?:_(\w+|\([^)]*\)))?(?!\w)""")
NAME = re.compile(rf"{LETTER}{{2,}}_\w+|W₀")  # a longer name with a subscript, such as rem_uj
NOT_SYMBOLS = set("aAiIjkedOsΣ")  # articles, possessives, and the letters that the glossary explains above its table
QUOTING = {"README", "claims", "errata", "matrix"}  # these quote the paper, give examples of symbols, or are lists


def prose(text):
    """The text without code, addresses of links and the marks (a), (b), .. of lists."""
    text = re.sub(r"```.*?```|`[^`\n]*`", " ", text, flags=re.S).replace("U+", " ").replace("²", " ")
    return re.sub(r"\]\([^)]*\)|^\s*- \([a-z]\)|\([a-g](?:, [a-g])*\)", " ", text, flags=re.M)


def family(form):
    """The family of a symbol: p for p_i, p_1 and p; l for l_ij. T_MAX and σ_p are families of their own."""
    letter, _, subscript = form.partition("_")
    return letter if re.fullmatch(r"|[ijknr0-9]{1,2}|\(.*", subscript) else form


def symbols(text):
    """The families of the symbols of one letter in the prose of a page."""
    return {family(f"{letter}_{subscript}" if subscript else letter) for letter, subscript in SYMBOL.findall(prose(text))}


def names(text):
    return {family(name) for name in NAME.findall(prose(text))}


def clause_faults(root, spec):
    clauses = {clause for text in spec.values() for clause in CLAUSE.findall(text)}
    groups = "|".join(sorted({clause.split("-")[0] for clause in clauses}))
    for path in sorted((root / "docs").rglob("*.md")):
        for clause in sorted(set(re.findall(rf"\b(?:{groups})-[0-9]+\b", path.read_text())) - clauses):
            yield f"docs/{path.name}: {clause}: no such clause"


def term_faults(glossary):
    terms = re.findall(r"^- \*\*([^*]+)\*\*( \([^)]+\))?", glossary, re.M)
    yield from (f"{''.join(term)}: defined twice" for term, count in Counter(terms).items() if count > 1)
    for before, after in zip(terms, terms[1:]):
        if before[0].lower() > after[0].lower():
            yield f"{after[0]}: comes before {before[0]}"


def symbol_faults(spec, glossary):
    table = re.findall(r"^\| ([^|-][^|]*) \| [^|]+ \| ([^|]+) \|$", glossary.partition("| symbol | meaning | pages |")[2], re.M)
    rows = [({family(form) for form in forms.split(", ")}, re.findall(r"spec/(\w+)\.md", pages)) for forms, pages in table]
    count = Counter(symbol for families, _ in rows for symbol in families)
    yield from (f"{symbol}: has {number} rows" for symbol, number in count.items() if number > 1)
    listed = {page: set() for page in spec}
    for families, pages in rows:
        if not pages:
            yield f"{', '.join(families)}: names no page"
        for page in pages:
            listed.setdefault(page, set()).update(families)
            here = symbols(spec.get(page, "")) | names(spec.get(page, ""))
            yield from (f"{symbol}: not used on spec/{page}.md" for symbol in sorted(families - here))
    for page in spec.keys() - QUOTING:
        for symbol in sorted(symbols(spec[page]) - NOT_SYMBOLS - listed[page]):
            yield f"{symbol}: used on spec/{page}.md, which its row does not name"


def faults(root):
    spec = {path.stem: path.read_text() for path in sorted((root / "spec").glob("*.md"))}
    glossary = (root / "docs/glossary.md").read_text()
    return [*clause_faults(root, spec), *term_faults(glossary), *symbol_faults(spec, glossary)]


class Glossary(unittest.TestCase):
    def test_the_glossary_agrees_with_the_specification(self):
        self.assertEqual([], faults(SOURCE))

    def test_it_has_read_both(self):
        glossary = (SOURCE / "docs/glossary.md").read_text()
        self.assertGreater(len(re.findall(r"^- \*\*", glossary, re.M)), 80)
        self.assertGreater(len(symbols((SOURCE / "spec/price.md").read_text())), 20)

    def test_every_planted_fault_is_reported(self):
        for page, before, after, fault in (
                ("docs/glossary.md", "(SHARD-1)", "(SHARD-" + "99)", "docs/glossary.md: SHARD-" + "99: no such clause"),
                ("docs/glossary.md", "- **bond**", "- **bounds**", "boundary: comes before bounds"),
                ("docs/glossary.md", "- **bond**", "- **block**", "block: defined twice"),
                ("docs/glossary.md", "| m | the", "| n | the", "n: has 2 rows"),
                ("docs/glossary.md", "| Z | the total stake of the rotation (POS-1) | [rotation](../spec/rotation.md)",
                 "| Z | the total stake of the rotation (POS-1) | [sla](../spec/sla.md)", "Z: not used on spec/sla.md"),
                ("docs/glossary.md", "[rotation](../spec/rotation.md)", "rotation", "stake: names no page"),
                ("spec/sla.md", "\n## Attacks", "\nLet S_r be a stake.\n\n## Attacks",
                 "S: used on spec/sla.md, which its row does not name"),
                ("spec/route.md", "D(", "F(", "D: not used on spec/route.md")):
            with tempfile.TemporaryDirectory() as folder, self.subTest(fault):
                root = Path(folder)
                for name in ("spec", "docs"):
                    shutil.copytree(SOURCE / name, root / name, ignore=shutil.ignore_patterns("vectors", "schema"))
                text = (root / page).read_text()
                self.assertIn(before, text)
                (root / page).write_text(text.replace(before, after))
                self.assertIn(fault, faults(root))


if __name__ == "__main__":
    unittest.main()
