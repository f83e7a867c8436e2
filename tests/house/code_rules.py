"""House rules about the text of the code: its lengths, its parameters, its visitors and its namespaces.

Each rule takes the root of the tree and yields violations as `file:line: rule`."""

import ast
import re
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "scripts"))
from tools import cpp

FOLDERS = (
    *("model", "checker", "reference", "parties", "kernels", "optimized"),
    *("proofs", "properties", "fuzz", "tests", "bench", "apps", "examples"),
)
PYTHON = ("scripts", "tests", "spec/vectors", "bench", "examples")
FILE_LINES_MAX = 400
FUNCTION_LINES_MAX = 70

PARAMETERS_IN = ("model", "reference", "checker", "parties")
VISITORS_IN = ("model", "reference", "parties", "apps")
NAMESPACES = {
    "model": "p2pllm",
    "model/contracts": "p2pllm::contracts",
    "reference": "p2pllm::reference",
    "checker": "p2pllm::checker",
    "parties": "p2pllm::parties",
    "optimized": "p2pllm::optimized",
    "kernels": "p2pllm::kernels",
    "proofs": "p2pllm::proofs",
    "properties": "p2pllm::properties",
    "fuzz": "p2pllm::fuzz",
    "bench": "p2pllm::bench",
    "apps": "p2pllm::app",
    "tests/support": "p2pllm::testing",
}


def sources(root, folder, suffixes=(".cpp", ".hpp", ".cu", ".cuh", ".h")):
    return sorted(path for path in (root / folder).rglob("*") if path.suffix in suffixes and path.is_file())


def line_of(text, position):
    return text.count("\n", 0, position) + 1


def is_python(path):
    if path.suffix:
        return path.suffix == ".py"
    return path.is_file() and path.read_bytes()[:64].split(b"\n")[0].endswith(b"python3")


def functions_of_python(text):
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield node.name, node.lineno, node.end_lineno - node.lineno + 1


def functions_of_cpp(text):
    """Test cases are included: TEST_CASE and PROPERTY read as functions of that name."""
    code = cpp.code_of(text)
    for found in cpp.declarations(text):
        if found.kind == "function":
            own = code[found.start : found.end]
            start = found.start + len(own) - len(own.lstrip())
            yield found.name, line_of(text, start), own.strip().count("\n") + 1


def length_violations(root):
    """A file has at most 400 lines, a function or a test case at most 70 from its first word to its last brace."""
    files = [(path, functions_of_cpp) for folder in FOLDERS for path in sources(root, folder)]
    for folder in PYTHON:
        files += [(path, functions_of_python) for path in sorted((root / folder).rglob("*")) if is_python(path)]
    for path, functions_of in files:
        name, text = path.relative_to(root).as_posix(), path.read_text()
        lines = len(text.splitlines())
        if lines > FILE_LINES_MAX:
            yield f"{name}: {lines} lines: a file over {FILE_LINES_MAX} asks to be two"
        for function, line, length in functions_of(text):
            if length > FUNCTION_LINES_MAX:
                yield f"{name}:{line}: {function}: {length} lines: a function over {FUNCTION_LINES_MAX} asks to be two"


def split_parameters(text):
    """The parameters of a list without its parentheses, as pairs of offset and text."""
    depth, start = 0, 0
    for position, character in enumerate(text):
        depth += {"(": 1, "<": 1, "{": 1, "[": 1, ")": -1, ">": -1, "}": -1, "]": -1}.get(character, 0)
        if character == "," and depth == 0:
            yield start, text[start:position]
            start = position + 1
    if text[start:].strip():
        yield start, text[start:]


def name_of_parameter(parameter):
    """The parameter's name, or "" if it has none: a type is one word, beside const, volatile and typename."""
    text = re.sub(r"\b(const|volatile|typename)\b", " ", parameter.split("=")[0])
    pointer = re.search(r"\(\s*[*&]+\s*(\w+)\s*\)", text)  # to a function or an array
    named = pointer or re.search(r"\S[\s&*>.]\s*(\w+)\s*(\[\w*\]\s*)*$", text.strip())
    return named.group(1) if named else ""


class Definition:
    """A function or a lambda that has a body."""

    def __init__(self, name, opened, code, template=""):
        """`opened` is the position of the parenthesis before its parameters."""
        self.name, self.opened, self.template = name, opened, template
        closed = cpp._closing(code, opened, "(", ")")
        body = code.find("{", closed)
        self.parameters = [(opened + 1 + at, text) for at, text in split_parameters(code[opened + 1 : closed - 1])]
        self.suffix = code[closed:body]
        self.body = code[body : cpp._closing(code, body, "{", "}")]


LAMBDA = re.compile(r"\]\s*(<[^(){}]*>)?\s*\(")
BODY = re.compile(r"\s*(mutable\b|noexcept\b|->[^{;()]*)*\s*\{")


def lambdas(code):
    for found in LAMBDA.finditer(code):
        opened = found.end() - 1
        if BODY.match(code, cpp._closing(code, opened, "(", ")")):
            yield Definition("", opened, code, found.group(1) or "")


def functions(text, code, within=None):
    """The functions with a body, of the whole file or of a part of it."""
    start, end = within or (0, len(text))
    for found in cpp.declarations(text):
        if found.kind != "function" or not start <= found.start < end or code[found.end - 1] != "}":
            continue
        name = r"operator\s*" + re.escape(found.name[8:]) if found.name.startswith("operator") else r"\b" + found.name
        place = re.compile(name + r"\s*\(").search(code, found.start, found.end)
        if place:
            yield Definition(found.name, place.end() - 1, code, code[found.start : place.start()])


def unnamed_is_allowed(function, index, parameter, comment):
    if "override" in function.suffix:
        return True  # the base class fixes the list
    if function.name == "operator()" and len(function.parameters) == 1:
        return True
    if function.name in ("", "operator()") and index == 0 and parameter.strip() == "std::string_view":
        return True
    if re.match(r"std::(integer|index)_sequence\b", parameter.strip()):
        return True
    if function.name == "fields":
        return not function.body.strip("{} \n")
    return index == 0 and comment == "/*like*/" and (function.name == "literal" or function.name.endswith("_like"))


def parameter_violations(root):
    """A function or a lambda names every parameter that it takes, and the compiler then warns of one that it does not
    read. A parameter without a name, or named in a comment alone, is allowed in six places, where its type or its
    position is all that counts:
    - the only parameter of an operator(), which is chosen by its type: an alternative of a variant without fields;
    - a std::string_view that comes first in an operator() or a lambda: the field's name, which `fields` gives to a
      visitor;
    - a std::integer_sequence or std::index_sequence, from whose type its numbers are deduced;
    - the parameters of a `fields` with an empty body: a record without fields;
    - /*like*/, the first parameter of `literal` or of a function named `.._like`: it says which number type is made;
    - an override: the base class fixes the list."""
    for folder in PARAMETERS_IN:
        for path in sources(root, folder):
            text = path.read_text()
            code = cpp.code_of(text)
            for function in [*functions(text, code), *lambdas(code)]:
                for index, (at, parameter) in enumerate(function.parameters):
                    comment = "".join(re.findall(r"/\*\w+\*/", text[at : at + len(parameter)]))
                    is_named = name_of_parameter(parameter) or parameter.strip() in ("void", "...")
                    if not is_named and not unnamed_is_allowed(function, index, parameter, comment):
                        line = line_of(text, at + len(parameter) - len(parameter.lstrip()))
                        shown = " ".join((parameter.strip() + " " + comment).split())
                        yield f"{path.relative_to(root).as_posix()}:{line}: {shown}: a parameter that nobody reads"


def is_any_type(function):
    """Whether the function's last parameter takes every type: an `auto`, or a template parameter without a concept."""
    if not function.parameters:
        return False
    words = re.findall(r"\w+", function.parameters[-1][1])
    free = re.findall(r"\b(?:typename|class)\s*(?:\.\.\.)?\s*(\w+)", function.template)
    return "auto" in words or any(word in free for word in words)


def visitor_violations(root):
    """A visitor says for each alternative what it does, so that a new alternative does not compile until someone
    decides. An operator() that takes every type beside other overloads decides for it, and so does a generic lambda
    that reads nothing and returns a constant. A list of types by a concept (`template <OneOf<..> Op>`) is no catch-all.
    """
    for folder in VISITORS_IN:
        for path in sources(root, folder):
            text, name = path.read_text(), path.relative_to(root).as_posix()
            code = cpp.code_of(text)
            for declared in cpp.declarations(text):
                if declared.kind == "type":
                    calls = [f for f in functions(text, code, declared[2:]) if f.name == "operator()"]
                    for call in calls if len(calls) > 1 else ():
                        if is_any_type(call):
                            yield f"{name}:{line_of(text, call.opened)}: a visitor that takes every type"
            for function in lambdas(code):
                inner = re.fullmatch(r"\{\s*(return\b[^;]*;)?\s*\}", function.body)
                read = {name_of_parameter(parameter) for _, parameter in function.parameters} & set(
                    re.findall(r"\w+", function.body)
                )
                if inner and is_any_type(function) and not read:
                    yield f"{name}:{line_of(text, function.opened)}: a visitor that takes every type"


NAMESPACE = re.compile(r"\b(?:inline\s+)?namespace\s+([\w:]+)\s*\{")
DIRECTIVE = re.compile(r"^[ \t]*#(?:[^\n]*\\\n)*[^\n]*", re.M)
FORWARD = re.compile(r"\s*((?:class|struct)\s+\w+\s*;\s*)+")


def is_specialization(declared, code):
    text = code[declared.start : declared.end].strip()
    if declared.kind == "type":
        return re.match(r"template\s*<", text) and re.search(rf"\b{declared.name}\s*<", text)
    return re.match(r"template\s*<\s*>|static_assert\b", text)


def holds_specializations_alone(code):
    found = cpp.declarations(code)
    types = [declared for declared in found if declared.kind == "type"]
    is_member = lambda declared: any(other.start < declared.start < other.end for other in types)
    return all(is_specialization(declared, code) for declared in found if not is_member(declared))


def namespace_violations(root):
    """A header declares everything in its folder's namespace, or in one within it. A header may also hold two other
    things: in an enclosing namespace, specializations of that namespace's templates, which C++ allows nowhere else, and
    in the namespace of a library, forward declarations."""
    for folder in sorted(NAMESPACES):
        for path in sources(root, folder, (".hpp", ".cuh", ".h")):
            name = path.relative_to(root).as_posix()
            if max((f for f in NAMESPACES if name.startswith(f + "/")), key=len) != folder:
                continue
            yield from (f"{name}:{line}: {why}" for line, why in namespace_faults(path.read_text(), NAMESPACES[folder]))


def namespace_faults(text, own):
    code = DIRECTIVE.sub(lambda found: re.sub(r"[^\n]", " ", found.group()), cpp.code_of(text))
    position = 0
    while True:
        found = NAMESPACE.search(code, position)
        outside = code[position : found.start() if found else len(code)]
        if outside.strip():
            yield line_of(text, position + len(outside) - len(outside.lstrip())), f"declared outside of {own}"
        if not found:
            break
        position = cpp._closing(code, found.end() - 1, "{", "}")
        name, inside = found.group(1), code[found.end() : position - 1]
        is_own = name == own or name.startswith(own + "::")
        is_enclosing = own.startswith(name + "::") and holds_specializations_alone(inside)
        is_foreign = name.split("::")[0] != "p2pllm" and FORWARD.fullmatch(inside)
        if not (is_own or is_enclosing or is_foreign):
            yield line_of(text, found.start()), f"namespace {name}: this folder's is {own}"
