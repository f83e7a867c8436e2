"""Checks of spec/vectors that need no C++:   check_vectors.py WHAT ...

regenerate FOLDER           the generator writes the committed files again, byte for byte, into FOLDER
files                       each file satisfies the schema, each network and transaction a schema of its own;
                            names are distinct, and there are at least as many cases as the README says
replay TOPIC FIELD FOLDER PROGRAM   replays a copy in FOLDER with one field of one case made wrong, which must fail
fields TOPIC FOLDER PROGRAM         each kind of field, made wrong alone, is reported by file, case and field

Exits with 77 if a Python package is missing.
"""
import copy
import json
import os
import re
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
VECTORS = ROOT / "spec" / "vectors"
TOPICS = sorted(path.stem for path in VECTORS.glob("*.json"))


def load(topic):
    return json.loads((VECTORS / f"{topic}.json").read_text())


def regenerate(folder):
    folder = Path(folder)
    for old in folder.glob("*.json"):
        old.unlink()
    made = subprocess.run([sys.executable, "-B", VECTORS / "generate.py", folder], check=False)
    if made.returncode:
        return made.returncode
    names = {path.name for place in (folder, VECTORS) for path in place.glob("*.json")}
    differing = [name for name in sorted(names) if not all((place / name).is_file() for place in (folder, VECTORS))
                 or (folder / name).read_bytes() != (VECTORS / name).read_bytes()]
    print("\n".join(f"{name}: the generator writes other bytes" for name in differing) or f"{len(names)} files: the same bytes")
    return 1 if differing else 0


def stated_counts():
    table = re.findall(r"^\| `(\w+)\.json` \| (\d+) \|", (VECTORS / "README.md").read_text(), re.M)
    return {topic: int(count) for topic, count in table}


def broken_documents():
    """Documents that the schema must refuse: the first documents of each topic with one fault each."""
    for topic in TOPICS:
        document = load(topic)
        document["cases"] = document["cases"][:1]
        for change in (lambda d: d.update(format="p2pllm-vectors/2"), lambda d: d.update(topic="magic"), lambda d: d.update(cases=[]),
                       lambda d: d["cases"][0].pop("expect"), lambda d: d["cases"][0].update(note=1), lambda d: d["cases"][0].update(clauses=["ROUTE"]),
                       lambda d: d["cases"][0].update(name=""), lambda d: d["cases"][0]["expect"].update(note=1), lambda d: d["cases"][0].update(expect=[])):
            wrong = copy.deepcopy(document)
            change(wrong)
            yield wrong
    for topic, old, new in (("demand", r'"share": "(\d)\.\d', r'"share": "\1.'), ("route", r'"weight": "[^"]*"', '"weight": 7'),
                            ("pareto", '"extreme"', '"best"'), ("verify", '"refuted"', '"undecided"'), ("file", '"exit": 2', '"exit": 3'),
                            ("migration", '"rule": "share"', '"rule": "size"'), ("certificate", '"clause": "CERT-2"', '"clause": "CERT"'),
                            ("encoding", '"error": "trailing"', '"error": "extra"'), ("hash", '"hash": "..', '"hash": "'), ("commitment", '"root": ".', '"root": "G'), ("membership", '"index": "0"', '"index": "-1"'),
                            ("signature", '"signature": "..', '"signature": "'), ("transaction", '"error": "wrong_value"', '"error": "too_much"'), ("message", '"kind": "proposal"', '"kind": "ballot"'),
                            ("message", '"revoked_below": 0', '"version": 0')):
        text = (VECTORS / f"{topic}.json").read_text()
        assert re.search(old, text), (topic, old)
        yield json.loads(re.sub(old, new, text))


def files():
    try:
        from jsonschema import Draft202012Validator
    except ImportError:
        print("skipped: python3-jsonschema (4.0 or later) is not installed")
        return 77
    schemas = {name: json.loads((ROOT / "spec" / "schema" / f"{name}.schema.json").read_text()) for name in ("vectors", "network")}
    validators = {}
    trace = json.loads((ROOT / "spec" / "schema" / "trace.schema.json").read_text())
    schemas["transaction"] = {"$ref": "#/$defs/transaction", "$defs": trace["$defs"]}
    for name, schema in schemas.items():
        Draft202012Validator.check_schema(schema)
        validators[name] = Draft202012Validator(schema)
    faults = []
    counts = stated_counts()
    if set(counts) != set(TOPICS):
        faults.append(f"README.md: counts of {sorted(counts)}, files of {TOPICS}")
    for topic in TOPICS:
        document = load(topic)
        names = [case["name"] for case in document["cases"]]
        faults += [f"{topic}.json: {'/'.join(map(str, error.absolute_path))}: {error.message[:200]}" for error in validators["vectors"].iter_errors(document)]
        faults += [f"{topic}.json: {case['name']}: {error.message[:200]}" for case in document["cases"]
                   for part in ("network", "transaction") if part in case for error in validators[part].iter_errors(case[part])]
        if document["topic"] != topic or len(set(names)) != len(names):
            faults.append(f"{topic}.json: another topic, or a name twice")
        if len(names) < counts.get(topic, 0):
            faults.append(f"{topic}.json: {len(names)} cases, and the README says {counts[topic]}")
    faults += [f"the schema accepts {json.dumps(document)[:200]}" for document in broken_documents() if validators["vectors"].is_valid(document)]
    print("\n".join(faults) or f"{sum(len(load(topic)['cases']) for topic in TOPICS)} cases in {len(TOPICS)} files")
    return 1 if faults else 0


def places(value, path=()):
    """The path of each value in an `expect`."""
    yield path
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, item in items:
        yield from places(item, (*path, key))


def at(value, path):
    for key in path:
        value = value[key]
    return value


def wrong(value, digit=50):
    """Another value of the same kind, as close as possible (for a decimal, in this digit); None if there is none."""
    if isinstance(value, bool):
        return not value
    if isinstance(value, int):
        return value + 1
    if isinstance(value, list):
        return value[:-1] if value else None
    if isinstance(value, dict):
        return dict(list(value.items())[:-1]) if value else None
    if value is None:
        return "1"
    decimal = re.fullmatch(rf"(-?\d\.\d{{{digit - 2}}})(\d)(.*)", value)
    if decimal:
        return f"{decimal[1]}{(int(decimal[2]) + 1) % 10}{decimal[3]}"
    if re.fullmatch(r"-?\d+(/\d+)?", value):
        return str(Fraction(value) + 1)
    return value + "x"


def kind_of(path, value):
    """The field without the indices and ids that lead to it, and the form of its value."""
    named = "/".join("*" if isinstance(key, int) or before == "nodes" else key for before, key in zip(("", *path), path))
    if not isinstance(value, str):
        return named, type(value).__name__
    return named, "decimal" if re.match(r"-?\d\.", value) else "exact" if re.fullmatch(r"-?\d+(/\d+)?", value) else "text"


def kinds(topic):
    """kind -> (case, path): the last case with a field of that kind, for each kind of question."""
    found = {}
    for case in load(topic)["cases"]:
        for path in places(case["expect"]):
            value = at(case["expect"], path)
            if path and wrong(value) is not None:
                found[*kind_of(path, value), case.get("kind", "")] = (case, path)
    return found


def replay_wrong(topic, case, path, folder, program):
    case = copy.deepcopy(case)
    *parents, last = path
    holder = at(case["expect"], parents)
    holder[last] = wrong(holder[last], 28 if last == "load" else 50)  # the reference has about 100 bits of a load
    Path(folder).mkdir(parents=True, exist_ok=True)
    (Path(folder) / f"{topic}.json").write_text(json.dumps({"format": "p2pllm-vectors/1", "topic": topic, "cases": [case]}))
    run = subprocess.run([program, f"[{topic}]"], env={**os.environ, "P2PLLM_VECTORS": str(folder)}, capture_output=True, text=True, check=False)
    return run.returncode, re.sub(r"\s+", " ", run.stdout + run.stderr)


def replay(topic, field, folder, program):
    chosen = [found for kind, found in kinds(topic).items() if kind[0] == field]
    case, path = chosen[0]
    code, output = replay_wrong(topic, case, path, folder, program)
    print(output)
    return code


def fields(topic, folder, program):
    missed = []
    for kind, (case, path) in kinds(topic).items():
        code, output = replay_wrong(topic, case, path, folder, program)
        # An item of a list, such as an id or an end of a range, is reported at its list; a list or object with a part
        # missing is reported at the first key of its path.
        shown = path[:1] if isinstance(at(case["expect"], path), (list, dict)) else path[:-1] if isinstance(path[-1], int) else path
        named = [f"{topic}.json: {case['name']}", "/".join(["/expect", *map(str, shown)])]
        lacking = [text for text in named if text.replace(" ", "") not in output.replace(" ", "")]  # wrapped anywhere
        if code <= 0 or lacking:
            missed.append(f"{topic}: {'/'.join(kind)}: exit {code}, output without {lacking}")
    print("\n".join(missed) or f"{topic}: {len(kinds(topic))} kinds of field, each reported when wrong")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit({"regenerate": regenerate, "files": files, "replay": replay, "fields": fields}[sys.argv[1]](*sys.argv[2:]))
