"""House rules that a compiler does not check. Prints each violation as `file:line: rule` and exits 1.

    python3 house_rules.py ROOT
"""
import re
import sys
from pathlib import Path

from code_rules import FOLDERS, length_violations, namespace_violations, parameter_violations, sources, visitor_violations

# What each folder may include: our own folders, and other libraries (by the beginning of the name).
OURS = {
    "model": ("model/",),
    "checker": ("checker/", "model/numbers/", "model/market/", "model/encoding/", "model/result.hpp", "model/layer_range.hpp"),
    "reference": ("reference/", "model/"),
    "kernels": ("kernels/", "model/numbers/number.hpp", "model/numbers/integer.hpp"),
    "optimized": ("optimized/", "model/", "kernels/portable/", "kernels/hash/", "kernels/matrix/", "kernels/device/"),
    "parties": ("parties/", "model/", "reference/contracts/"),
    "proofs": ("proofs/", "reference/", "model/", "checker/"),
}
# The rules of the fast half that proofs compare with the reference's, what of the market's kernels both the fast half
# and a device compute by, and the folder that optimized/net/ may include.
PROOFS_ALSO = re.compile(r"(optimized|kernels)/.*_rules\.hpp$")
MARKET_ALSO = re.compile(r"kernels/market/\w+_(rules|lane)\.hpp$")
NET_ALSO = ("parties/",)
LIBRARIES = {
    "model": ("gmp", "mpfr", "mpfi", "nlohmann/json.hpp", "openssl/", "sodium", "tl/expected.hpp"),
    "checker": ("gmp",),
    "reference": ("boost/", "gmp"),
    "parties": (),
    "kernels": ("cuda", "cub/", "math_constants.h", "hwy/", "immintrin.h", "cpuid.h", "boost/context/", "sanitizer/", "tl/expected.hpp"),
    "optimized": ("gmp", "mpfr.h", "hwy/", "immintrin.h", "oneapi/tbb", "tl/expected.hpp", "sqlite3.h", "fcntl.h", "unistd.h", "sys/stat.h"),
    "proofs": ("z3", "gmp"),
}
# Libraries that only these files may include: elsewhere they would slow every build or let a double in.
ONE_FILE = {
    "nlohmann/": ("model/encoding/json.cpp",),
    "simdjson": ("bench/reader.cpp",),
    "sodium": ("model/crypto/signature.cpp", "model/encoding/text_hash.cpp"),
    "boost/graph/": ("reference/market/route.cpp", "bench/routing.cpp"),
    "sqlite3": ("optimized/contracts/sqlite.cpp", "bench/ledger_stores.cpp"),
    "mpfi": ("model/numbers/interval.hpp", "model/numbers/interval.cpp"),
}
# Headers without libraries, which kernels and every rule may therefore include: they include only one another.
WITHOUT_LIBRARIES = tuple(f"model/numbers/{name}.hpp" for name in ("uncertain", "number", "integer", "filtered"))
CHECKER_LINES_MAX = 500
CHECKER_FORBIDDEN = re.compile(r"\b(float|double|Interval|mpfr\w*|mpfi\w*|long\s+double|std::exp|std::log|f?exp|logl?|pow|sqrt)\s*[\(\s&>]|#\s*include\s*<(cmath|cfloat|cfenv)>")
LOCAL_PATHS = ("/" + "work/", ".." + "/shared")
TEXT = (".cpp", ".hpp", ".h", ".cu", ".cuh", ".py", ".md", ".json", ".cmake", ".txt", ".csv", ".in", ".yml", ".svg", ".html", "")
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
RULE = re.compile(r"template <(?:Number|Integer) [^>]*>\s*(?:\[\[nodiscard\]\]\s*)?(?:(?:constexpr|inline) )*[\w:<>, ]+ (\w+)\(")
CALL = re.compile(r"(?<![.\w])(\w+)(?:<[^;{}]*?>)?\(")  # a call of a free function


def code_of(text):
    """The text without comments and string literals; lines are kept."""
    def blank(match):
        return "\n" * match.group().count("\n")
    return re.sub(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', blank, text, flags=re.S)


def include_violations(root):
    for folder in FOLDERS:
        for path in sources(root, folder):
            name = path.relative_to(root).as_posix()
            for number, text in enumerate(path.read_text().splitlines(), 1):
                include = INCLUDE.match(text)
                if include:
                    why = include_fault(folder, name, include.group(1) == '"', include.group(2))
                    if why:
                        yield f"{name}:{number}: {why}"


def include_fault(folder, name, quoted, target):
    for library, files in ONE_FILE.items():
        if target.startswith(library) and name not in files and not folder == "tests":
            return f"<{target}> is included by {', '.join(files)} alone"
    is_standard = "/" not in target and "." not in target
    if name in WITHOUT_LIBRARIES and not (target in WITHOUT_LIBRARIES if quoted else is_standard):
        return f"{target}: {name} is without GMP and any other library"
    if quoted:
        if "/" not in target or target.startswith("."):
            return f'"{target}": headers are included from the repository root'
        is_more = (folder == "proofs" and PROOFS_ALSO.match(target)) or (folder == "optimized" and MARKET_ALSO.match(target)) or (name.startswith("optimized/net/") and target.startswith(NET_ALSO))
        if folder in OURS and not target.startswith(OURS[folder]) and not is_more:
            return f'"{target}": {folder}/ may include {", ".join(OURS[folder])} alone'
        if folder == "checker" and target == "model/numbers/interval.hpp":
            return f'"{target}": the checker is rational arithmetic alone'
        return ""
    if target.startswith("boost/") and name.endswith((".cu", ".cuh")):
        return f"<{target}>: nothing of Boost in a .cu"
    if folder in LIBRARIES and not is_standard and not target.startswith(LIBRARIES[folder]):
        return f"<{target}>: {folder}/ may not use this library"
    return ""


def checker_violations(root):
    files = sources(root, "checker")
    total = sum(1 for path in files for line in code_of(path.read_text()).splitlines() if line.strip())
    if total >= CHECKER_LINES_MAX:
        yield f"checker: {total} lines of code: the trusted base stays under {CHECKER_LINES_MAX}"
    for path in files:
        for number, text in enumerate(code_of(path.read_text()).splitlines(), 1):
            found = CHECKER_FORBIDDEN.search(text)
            if found:
                yield f"{path.relative_to(root).as_posix()}:{number}: {found.group().strip()}: the checker is rational arithmetic alone"


def path_violations(root):
    for path in sorted(root.rglob("*")):
        parts = path.relative_to(root).parts
        if not path.is_file() or path.suffix not in TEXT or {"build", "out", ".git", "__pycache__"} & set(parts):
            continue
        for number, text in enumerate(path.read_text(errors="replace").splitlines(), 1):
            for local in LOCAL_PATHS:
                if local in text:
                    yield f"{path.relative_to(root).as_posix()}:{number}: a path of one machine: {local}"


def symbolic_violations(root):
    """Each rule template of the reference is called over unknowns in tests/unit/test_symbolic*.cpp."""
    tested = {name for test in (root / "tests/unit").glob("test_symbolic*.cpp") for name in CALL.findall(code_of(test.read_text()))}
    for path in sources(root, "reference", (".hpp",)):
        if not path.name.endswith("_rules.hpp"):
            continue
        text = path.read_text()
        name = path.relative_to(root).as_posix()
        for rule in RULE.finditer(text):
            if rule.group(1) not in tested:
                yield f"{name}:{text[:rule.start()].count(chr(10)) + 1}: {rule.group(1)} is not called in tests/unit/test_symbolic*.cpp"
        for number, line in enumerate(code_of(text).splitlines(), 1):
            if re.search(r"\b(if|while|for|switch)\b\s*\(|\?[^?]*:[^:]", line):
                yield f"{name}:{number}: a rule branches through select alone"


RULES = (include_violations, checker_violations, length_violations, parameter_violations, visitor_violations, namespace_violations,
         path_violations, symbolic_violations)


def violations(root):
    return [found for rule in RULES for found in rule(root)]


if __name__ == "__main__":
    found = violations(Path(sys.argv[1]))
    print("\n".join(found) or "the house is in order")
    sys.exit(1 if found else 0)
