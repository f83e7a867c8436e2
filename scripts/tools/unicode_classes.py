"""Writes model/layers/character_class.cpp: which characters are letters, numbers and white space (MODEL-5).

    python3 scripts/tools/unicode_classes.py [FOLDER]

FOLDER (/usr/share/unicode, of Debian's package unicode-data) has UnicodeData.txt and PropList.txt of Unicode 15.0.
"""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
TARGET = ROOT / "model/layers/character_class.cpp"
VERSION = "15.0.0"
HEAD = """#include "model/layers/character_class.hpp"

#include <algorithm>
#include <iterator>

// The ranges are those of the Unicode Character Database {version}, Copyright 1991-2022 Unicode, Inc., used under the
// Unicode License (https://www.unicode.org/license.txt): general categories L*, general categories N*, and White_Space.
// scripts/tools/unicode_classes.py wrote them.
namespace p2pllm {{
namespace {{

struct Range {{
  char32_t first, last;
}};

"""
TAIL = """template <std::size_t N>
bool has(const Range (&ranges)[N], char32_t code) {
  const Range* const range =
      std::lower_bound(std::begin(ranges), std::end(ranges), code, [](Range r, char32_t c) { return r.last < c; });
  return range != std::end(ranges) && range->first <= code;
}

}  // namespace

CharacterClass class_of(char32_t code) {
  if (has(letters, code)) return CharacterClass::letter;
  if (has(numbers, code)) return CharacterClass::number;
  return has(spaces, code) ? CharacterClass::space : CharacterClass::other;
}

}  // namespace p2pllm
"""


def categories(text):
    """code -> general category, of all that are assigned."""
    result, first = {}, None
    for line in text.splitlines():
        code, name, category = line.split(";")[:3]
        code = int(code, 16)
        if name.endswith(", First>"):
            first = code
        for each in range(first if name.endswith(", Last>") else code, code + 1):
            result[each] = category
    return result


def white_space(text):
    result = set()
    for line in text.splitlines():
        codes, _, rest = line.partition(";")
        if rest.split("#")[0].strip() == "White_Space":
            first, _, last = codes.strip().partition("..")
            result |= set(range(int(first, 16), int(last or first, 16) + 1))
    return result


def ranges(codes):
    result = []
    for code in sorted(codes):
        if result and result[-1][1] == code - 1:
            result[-1][1] = code
        else:
            result.append([code, code])
    return result


def main(folder="/usr/share/unicode"):
    folder = Path(folder)
    if f"PropList-{VERSION}.txt" not in (folder / "PropList.txt").read_text()[:100]:
        sys.exit(f"unicode_classes: {folder}: must have Unicode {VERSION}")
    of = categories((folder / "UnicodeData.txt").read_text())
    classes = {
        "letters": {code for code, category in of.items() if category[0] == "L"},
        "numbers": {code for code, category in of.items() if category[0] == "N"},
        "spaces": white_space((folder / "PropList.txt").read_text()),
    }
    text = HEAD.format(version=VERSION)
    for name, codes in classes.items():
        rows = ", ".join(f"{{0x{first:04X}, 0x{last:04X}}}" for first, last in ranges(codes))
        text += f"constexpr Range {name}[] = {{{rows}}};\n\n"
    TARGET.write_text(text + TAIL)
    subprocess.run(["clang-format-14", "-i", TARGET], check=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
