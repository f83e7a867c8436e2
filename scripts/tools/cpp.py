"""Reads C++ text well enough to find the declarations of a file by name: no compiler, no preprocessor."""

import functools
import re
from typing import NamedTuple

COMMENT_OR_LITERAL = re.compile(r"//[^\n]*|/\*.*?\*/|\"(?:\\.|[^\"\\\n])*\"|(?<![0-9A-Za-z_])'(?:\\.|[^'\\\n])+'", re.S)


def code_of(text):
    """The text with comments and the insides of literals blanked, every column kept."""

    def blank(match):
        found = match.group()
        if found[0] in "\"'":
            return found[0] + re.sub(r"[^\n]", " ", found[1:-1]) + found[-1]
        return re.sub(r"[^\n]", " ", found)

    return COMMENT_OR_LITERAL.sub(blank, text)


def without_comments(text):
    return COMMENT_OR_LITERAL.sub(lambda match: match.group() if match.group()[0] in "\"'" else " ", text)


class Declaration(NamedTuple):
    """Something named at the level of a namespace or of a class; `start` and `end` bound its text."""

    kind: str  # "function", "type", "variable"
    name: str
    start: int
    end: int


NAMED_TYPE = re.compile(r"\b(?:class|struct|union|enum(?:\s+class)?)\s+(?:\[\[.*?\]\]\s*)?(\w+)")
OPERATOR = re.compile(r"\boperator\s*(\(\)|[^\s(]+)\s*\(")
FUNCTION = re.compile(r"([\w~]+)\s*\($")


@functools.lru_cache(maxsize=None)
def declarations(text):
    """All declarations, a class before its members; those inside a function are left out."""
    found = []
    _scan(code_of(text), 0, len(text), found)
    return tuple(found)


def _scan(code, position, end, found):
    start = position  # of the declaration that is being read
    while position < end:
        character = code[position]
        if character == "#" and not code[code.rfind("\n", 0, position) + 1 : position].strip():
            position = _end_of_directive(code, position)
            start = position
        elif character == "(":
            position = _closing(code, position, "(", ")")
        elif character == "{":
            head, close = code[start:position], _closing(code, position, "{", "}")
            if re.search(r"\bnamespace\b[\w:\s]*$", head):
                _scan(code, position + 1, close - 1, found)
                start = position = close
            elif (named := NAMED_TYPE.search(_without_templates(head))) and not _is_function(head):
                stop = _after_semicolon(code, close, end)
                found.append(Declaration("type", named.group(1), start, stop))
                _scan(code, position + 1, close - 1, found)
                start = position = stop
            elif _is_function(head) and not _is_member_initializer(head):
                found.append(Declaration("function", _function_name(head), start, close))
                start = position = close
            else:  # a braced initializer
                position = close
        elif character == ";":
            head = code[start:position]
            if head.strip():
                kind = "function" if _is_function(head) else "variable"
                name = _function_name(head) if kind == "function" else _variable_name(head)
                found.append(Declaration(kind, name, start, position + 1))
            position += 1
            start = position
        elif character == ":" and re.search(r"\b(public|private|protected)\s*$", code[start:position]):
            position += 1
            start = position
        else:
            position += 1


def _end_of_directive(code, position):
    while True:
        line_end = code.find("\n", position)
        if line_end < 0:
            return len(code)
        if code[line_end - 1] != "\\":
            return line_end + 1
        position = line_end + 1


def _closing(code, position, opening, closing):
    """The position behind the bracket that closes the one at `position`."""
    depth = 0
    while position < len(code):
        depth += {opening: 1, closing: -1}.get(code[position], 0)
        position += 1
        if depth == 0:
            break
    return position


def _after_semicolon(code, position, end):
    found = code.find(";", position, end)
    return end if found < 0 else found + 1


def _without_templates(head):
    """Without `template <..>` and attributes, whose words are not the declaration's."""
    head = re.sub(r"\[\[.*?\]\]", " ", head, flags=re.S)
    while match := re.search(r"\btemplate\s*<", head):
        head = head[: match.start()] + " " + head[_closing(head, match.end() - 1, "<", ">") :]
    return head


def _is_function(head):
    head = _without_templates(head)
    if OPERATOR.search(head):
        return True
    opened = head.find("(")
    return opened > 0 and "=" not in head[:opened] and bool(FUNCTION.search(head[: opened + 1]))


def _is_member_initializer(head):
    """`A() : a_` before `{`: the braces hold a member's value, not the body."""
    return re.search(r"\)\s*(noexcept\s*)?:[^:]", head) is not None and re.search(r"[\w>]\s*$", head) is not None


def _function_name(head):
    head = _without_templates(head)
    operator = OPERATOR.search(head)
    if operator:
        return "operator" + operator.group(1)
    return FUNCTION.search(head[: head.find("(") + 1]).group(1)


def _variable_name(head):
    """The name before `=`, a bracket or the end."""
    head = re.sub(r"[{\[(].*", "", _without_templates(head).split("=")[0], flags=re.S)
    names = re.findall(r"\w+", head)
    return names[-1] if names else ""
