#!/usr/bin/env python3
"""Runs the proofs of kernels/portable: Gappa bounds the errors of the code itself, Sollya those of the polynomials.

    prove.py NAME            runs NAME.gappa, or NAME.sollya against the header and the scripts that assume its bounds
    prove.py NAME --fault    runs NAME.gappa over code with a planted fault, which Gappa must refuse: exits 1 then
    prove.py --write         writes the sections of the .gappa files that are translations of the code
    prove.py --list          names all proofs

A section begins with `# code FUNCTION(parameter = name): variables` or `# exact FUNCTION(..) -> name` and ends with
`# end`. Between them stand the C++ statements of that function in Gappa's language: each IEEE operation and each fma
rounded once for `code`, nothing rounded for `exact`. A script whose sections differ from the code is not run. The exit
status is 77 where Gappa or Sollya is not installed."""

import ast
import re
import shutil
import subprocess
import sys
import tempfile
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

HERE = Path(__file__).resolve().parent
HEADERS = [HERE.parents[1] / "kernels/portable" / name for name in ("lane.hpp", "exp_lane.hpp", "log_lane.hpp", "omega_lane.hpp")]
SECTION = re.compile(r"^# (code|exact) (\w+)(?:\((.*?)\))?(?:: ([\w ]+)| -> (\w+))\n(.*?)^# end\n", re.M | re.S)
CONSTANT = re.compile(r"inline constexpr double (\w+) = ([^;]+);")
FAULTS = {  # of each proof: what is changed in the headers and how; a part of the domain that shows it, to be quick
    "exp_small": ("fma(x, log2_e, rounding_shift)", "fma(x, 1.5, rounding_shift)", ""),
    "exp_reduction": ("r = std::fma(-k, ln2_low, r_high)", "r = r_high", ""),
    "exp_value": ("sum_low = std::fma(r_low, sum, fast_sum_error(1.0, r, sum))", "sum_low = r_low", "r in [0.25, 0.26]"),
    "log_near_one_above": (
        *("u_low = fast_sum_error(f, -half_square, u) - half_square_low", "u_low = -half_square_low"),
        "f in [0.40, 0.41422]",
    ),
    "log_near_one_below": (
        *("u_low = fast_sum_error(f, -half_square, u) - half_square_low", "u_low = -half_square_low"),
        "f in [-0.29290, -0.28]",
    ),
    "log_greater": ("v_low = fast_sum_error(k_ln2, u, v) + u_low", "v_low = u_low", "f in [-0.29290, -0.27]"),
    "omega_correction": ("correction = residual / slope", "correction = residual", "w in [0.5, 1]"),
    "log_less": ("k_tail = std::fma(k, ln2_low, tail)", "k_tail = tail", "f in [0.40, 0.41422]"),
}


class Code:
    """The functions and constants of the headers."""

    def __init__(self, fault=None):
        self.text = "".join(re.sub(r"//[^\n]*", "", path.read_text()) for path in HEADERS)
        if fault:
            before, after, _ = fault
            if self.text.count(before) != 1:
                sys.exit(f"the text of the fault is not there once: {before}")
            self.text = self.text.replace(before, after)
        self.constants = dict(CONSTANT.findall(self.text))

    def statements(self, function):
        """Pairs of a name and an expression; the name of what is returned is `return`."""
        found = re.search(rf"P2PLLM_LANE double {function}\(.*?\) \{{\n(.*?)^\}}", self.text, re.M | re.S)
        if not found:
            sys.exit(f"no function {function}")
        for statement in found.group(1).split(";"):
            match = re.fullmatch(r"\s*(?:const double (\w+) =|(return))\s(.*)", statement, re.S)
            if match:
                yield match.group(1) or "return", match.group(3)


def summed(left, right):
    """Gappa knows a rounding error by its form a - b."""
    return f"{left} - {right[1:]}" if right.startswith("-") else f"{left} + {right}"


class Translation(ast.NodeVisitor):
    """A C++ expression in Gappa's language."""

    OPERATORS = {ast.Add: "+", ast.Sub: "-", ast.Mult: "*", ast.Div: "/"}

    def __init__(self, code, names, rounds):
        self.code, self.names, self.rounds = code, names, rounds
        self.used = []  # constants

    def of(self, expression):
        text = expression.replace("std::", "")
        self.literals = re.findall(r"0x[0-9a-f.]+p[+-]?\d+|\b\d+\.\d+\b", text)
        for number, literal in enumerate(self.literals):
            text = text.replace(literal, f"literal_{number}", 1)
        translated = self.visit(ast.parse(text.strip(), mode="eval").body)
        return translated

    def rounded(self, text):
        return f"rnd({text})" if self.rounds else f"({text})"

    def visit_BinOp(self, node):
        left, right = self.visit(node.left), self.visit(node.right)
        return self.rounded(f"{left} {self.OPERATORS[type(node.op)]} {right}")

    def visit_UnaryOp(self, node):
        return f"-{self.visit(node.operand)}"

    def visit_Name(self, node):
        if node.id.startswith("literal_"):
            return self.literals[int(node.id[8:])].removesuffix(".0")
        if node.id in self.code.constants and node.id not in self.names:
            if node.id == "rounding_shift":
                return self.code.constants[node.id]
            self.used.append(node.id)
        return self.names.get(node.id, node.id)

    def visit_Call(self, node):
        arguments = [self.visit(argument) for argument in node.args]
        if node.func.id == "fma":
            return self.rounded(summed(f"{arguments[0]} * {arguments[1]}", arguments[2]))
        if node.func.id == "fast_sum_error":  # exact, by Dekker's theorem
            return f"(({summed(*arguments[:2])}) - {arguments[2]})"
        return self.names[node.func.id]

    def generic_visit(self, node):
        sys.exit(f"not translated: {ast.dump(node)}")


def section(code, defined, kind, function, renamed, chosen, result):
    names = dict(re.split(r"\s*=\s*", pair) for pair in renamed.split(",")) if renamed else {}
    translation = Translation(code, names, kind == "code")
    lines = []
    for name, expression in code.statements(function):
        if chosen and name not in chosen.split():
            continue
        translated = translation.of(expression)
        if kind == "exact":
            translated = translated.removeprefix("(").removesuffix(")")
            names[name] = name.upper() if name != "return" else result
        elif name == "return":
            names[name] = result
        lines.append(f"{names.get(name, name)} = {translated};\n")
    constants = [name for name in dict.fromkeys(translation.used) if name not in defined]
    defined.update(constants)
    return "".join(f"{name} = {code.constants[name]};\n" for name in constants) + "".join(lines)


def translated(script, code):
    defined = set()

    def replaced(found):
        heading = found.group(0).split("\n")[0]
        return f"{heading}\n{section(code, defined, *found.groups()[:5])}# end\n"

    return SECTION.sub(replaced, script)


def run(*command):
    if not shutil.which(command[0]):
        print(f"{command[0]} is not installed")
        sys.exit(77)
    return subprocess.run(command, capture_output=True, text=True)


def on_part(text, part):
    """The script with its first hypothesis replaced, and without a list of cases."""
    return re.sub(r"^\$.*;$", "", re.sub(r"^\{ .*$", "{ " + part, text, flags=re.M), flags=re.M) if part else text


def gappa(name, fault=None):
    script = (HERE / f"{name}.gappa").read_text()
    text = translated(script, Code(fault))
    if fault:
        text = on_part(text, fault[2])
    elif text != script:
        sys.exit(f"{name}.gappa is not what the code says; write it by: proofs/kernels/prove.py --write")
    with tempfile.NamedTemporaryFile("w", suffix=".gappa") as file:
        file.write(text)
        file.flush()
        done = run("gappa", "-Eno-auto-dichotomy", file.name)
    output = done.stdout + done.stderr
    print(output.strip())
    # A rewriting rule that Gappa cannot check itself would be an assumption.
    is_proved = done.returncode == 0 and "not trivially equal" not in output and "contradiction" not in output
    print(f"{name}: " + ("proved" if is_proved else "refused"))
    return 0 if is_proved else 1


def value_of(text):
    if "b" in text:
        mantissa, exponent = text.split("b")
        return Fraction(Decimal(mantissa)) * Fraction(2) ** int(exponent)
    return Fraction(Decimal(text))


def sollya(name, code):
    """Its coefficients are those of the header, and its bounds at most those that the Gappa scripts assume."""
    done = run("sollya", str(HERE / f"{name}.sollya"))
    lines = [line.split() for line in done.stdout.splitlines() if len(line.split()) == 2]
    if "error" in done.stdout.lower().replace("_error", "") or not lines:
        sys.exit(done.stdout)
    prefix = f"{name}_c"
    first = min(int(key.removeprefix(prefix)) for key in code.constants if re.fullmatch(rf"{prefix}\d+", key))
    failures = 0
    for number, (key, value) in enumerate(line for line in lines):
        if key.endswith("_error"):
            for path in HERE.glob("*.gappa"):
                for assumed in re.findall(rf"# assumes {key} (\S+)", path.read_text()):
                    is_used = path.read_text().count(f"[-{assumed}, {assumed}]") > 0
                    holds = is_used and value_of(value) <= value_of(assumed)
                    failures += not holds
                    print(f"{key} <= {value}, assumed {assumed} by {path.name}: " + ("holds" if holds else "fails"))
            continue
        key = f"{key}{first + number}" if key == prefix else key
        equal = float.fromhex(value) == float.fromhex(code.constants[key])
        failures += not equal
        print(f"{key} = {value}: " + ("equal" if equal else f"not {code.constants[key]}"))
    return 1 if failures else 0


def main(arguments):
    if arguments == ["--list"]:
        print("\n".join([*FAULTS, "exp (Sollya)", "log (Sollya)"]))
        return 0
    if arguments == ["--write"]:
        for name in FAULTS:
            path = HERE / f"{name}.gappa"
            path.write_text(translated(path.read_text(), Code()))
        return 0
    if arguments[1:] == ["--fault"] and arguments[0] in FAULTS:
        return gappa(arguments[0], FAULTS[arguments[0]])
    if len(arguments) == 1 and arguments[0] in FAULTS:
        return gappa(arguments[0])
    if len(arguments) == 1 and (HERE / f"{arguments[0]}.sollya").exists():
        return sollya(arguments[0], Code())
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
