"""Text of files as a person sees it: all of Unicode in tables, pictures, error lines and JSON (FORMAT-8)."""
import json
import re
import unicodedata
from xml.parsers import expat

from harness import BAD_INPUT, EXAMPLES, HOLDS, SOURCE, CommandLine, main, network, node

SURROGATES = range(0xD800, 0xE000)
# Default_Ignorable_Code_Point of Unicode 15 (DerivedCoreProperties.txt), without the format characters.
IGNORABLE = {0x34F, 0x115F, 0x1160, 0x17B4, 0x17B5, *range(0x180B, 0x1810), 0x2065, 0x3164, *range(0xFE00, 0xFE10), 0xFFA0,
             *range(0xFFF0, 0xFFF9), *range(0xE0000, 0xE1000)}


def is_hidden(code):
    kind = unicodedata.category(chr(code))
    is_character = code & 0xFFFE != 0xFFFE and not 0xFDD0 <= code <= 0xFDEF
    return kind in ("Cc", "Cf", "Co", "Zl", "Zp") or (kind == "Zs" and code != 0x20) or code in IGNORABLE or not is_character


def shown(code):
    """The text shown for a code point of a file; None if either the character or its escape may be shown."""
    if is_hidden(code):
        return f"\\u{code:04x}" if code < 0x10000 else f"\\U{code:08x}"
    if code == ord("\\"):
        return "\\\\"
    return None if unicodedata.category(chr(code)) == "Cn" or code in (0x2800, 0xFFFC, 0x16FE4, 0x1D159) else chr(code)


def elements(picture):
    """The character data of each element of a document that must be well-formed XML."""
    texts, open_ones = [], []
    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = lambda name, attributes: open_ones.append([name, ""])
    parser.EndElementHandler = lambda name: texts.append(tuple(open_ones.pop()))

    def characters(data):
        open_ones[-1][1] += data
    parser.CharacterDataHandler = characters
    parser.Parse(picture, True)
    return texts


class AllOfUnicode(CommandLine):
    """FORMAT-8: each code point between two letters; the oracles are unicodedata and, for pictures, an XML parser."""

    CODES = [code for code in range(0x110000) if code not in SURROGATES]
    TEXT = "".join(f"{code:x}z{chr(code)}z" for code in CODES)

    def all_is_told(self, text):
        pieces = re.findall(r"([0-9a-f]+)z(.+?)z(?=[0-9a-f]+z|$)", text)
        self.assertEqual(len(self.CODES), len(pieces))
        for code, (number, piece) in zip(self.CODES, pieces):
            expected = shown(code) or (piece if piece in (chr(code), f"\\u{code:04x}", f"\\U{code:08x}") else "?")
            if (f"{code:x}", expected) != (number, piece):
                self.fail(f"U+{code:04X} is shown as {piece!a}")

    def document(self):
        return network([node("ann", [0, 1], 1, 1)], model={"name": self.TEXT, "layers": 1}, units={"price": self.TEXT, "cost": "ms"})

    def test_in_a_table(self):
        self.write("n.json", self.document())
        out = self.expect(HOLDS, "show", "n.json").out
        lines = out.split("\n")
        self.assertTrue(lines[0].endswith(": 1 layers, 1 node in 1 group"))
        self.all_is_told(lines[0].removesuffix(": 1 layers, 1 node in 1 group"))
        self.assertTrue(lines[1].startswith("  price in ") and lines[2].startswith("  scales: "))

    def test_in_a_picture(self):
        self.write("n.json", self.document())
        self.expect(HOLDS, "pareto", "n.json", "--plot", "f.svg")
        texts = elements((self.folder / "f.svg").read_bytes())
        title, = [text for name, text in texts if text.startswith("Pareto frontier of ")]
        self.all_is_told(title.removeprefix("Pareto frontier of "))
        axis, = [text for name, text in texts if text.startswith("price of the chain (")]
        self.all_is_told(axis.removeprefix("price of the chain (").removesuffix(")"))

    def test_in_json(self):
        self.write("n.json", self.document())
        out = self.expect(HOLDS, "show", "n.json", "--json").out
        self.assertEqual(self.TEXT, json.loads(out)["model"]["name"])
        hidden = {character for character in set(out) - {"\n"} if is_hidden(ord(character))}
        self.assertEqual(set(), hidden)

    def test_in_error_lines(self):
        codes = [code for code in self.CODES if is_hidden(code) and code < 0x10000 and not 0xE000 <= code < 0xF8F0]
        codes += [0xE0001, 0xE0041, 0xE0100, 0xF0000, 0x1D173, 0x10FFFF, 0xE9, 0x4EAC, 0x5D0, 0x1F600, 0x5C]
        for begin in range(0, len(codes), 30):
            part = codes[begin:begin + 30]
            told = "".join(map(shown, part))
            self.write("n.json", network([node("".join(map(chr, part)), [0, 1], 1, 1)] * 2))
            self.expect_bad(f'n.json: /nodes/1/id: "{told}": a node\'s id must be unique; node 0 has it already', "show", "n.json")
            key = "".join(map(chr, part))
            self.write("n.json", {**network([]), key: 1})
            pointer = told.replace("~", "~0").replace("/", "~1")
            self.assertIn(f"n.json: /{pointer}: 1: unknown key", self.expect(BAD_INPUT, "show", "n.json").err)


class Pictures(CommandLine):
    """FORMAT-8: pictures are well-formed, whatever the file contains."""

    def test_every_text_of_a_network_in_every_place(self):
        for text in ("\x1b", "\0", "\x08", "\ufffe", "\uffff", "\u202e", "<&>\"'", "]]>", "<script>", "&#0;", "\\"):
            self.write("n.json", network([node(f"a{text}", [0, 1], 1, 2), node(f"b{text}", [0, 1], 2, 1)], model={"name": text, "layers": 1},
                                         units={"price": text, "cost": text, "latency": text}))
            self.expect(HOLDS, "pareto", "n.json", "--plot", "f.svg")
            texts = [found for _, found in elements((self.folder / "f.svg").read_bytes())]
            told = "".join(shown(ord(character)) for character in text)
            self.assertIn(f"Pareto frontier of {told}", texts)
            self.assertIn(f"time of the chain ({told})", texts)
            self.assertIn(f"2 {told}, 1 {told}, extreme: a{told}", texts)

    def test_the_machines(self):
        for machine in ("registration", "sla", "channel"):
            self.expect(HOLDS, "contract", "table", machine, "--svg", "m.svg")
            self.assertIn(("title", f"The {machine} machine"), elements((self.folder / "m.svg").read_bytes()))
        for path in SOURCE.glob("spec/*.svg"):
            elements(path.read_bytes())


class OnTheTerminal(CommandLine):
    """FORMAT-8: ids that differ only in hidden characters look different on a terminal."""

    VERBS = ("verify", "solve", "route", "pareto", "balance")

    def test_ids_that_differ_by_what_is_invisible(self):
        self.write("n.json", network([node("ann", [0, 1], 1, 1), node("ann\u200b", [0, 1], 1, 1), node("\u202enna", [0, 1], 1, 1),
                                      node("ann\\u200b", [0, 1], 1, 1)]))
        for verb in ("verify", "solve"):
            names = {line.split()[0] for line in self.run_program(verb, "n.json").out.splitlines() if line.startswith("  ") and "nn" in line}
            self.assertEqual({"ann", "ann\\u200b", "\\u202enna", "ann\\\\u200b"}, names)

    def test_nothing_that_is_printed_hides_anything(self):
        text = "\x1b[2J\x9b1m\u202e\u2066\u2028\u200b\xad\U000e0041"
        clients = [{"id": f"{text}c"}, {"id": f"{text}d"}]
        self.write("n.json", network([node(f"{text}{k}", [0, 1], 1 + k, 3 - k) for k in range(2)], model={"name": text, "layers": 1},
                                     units={"price": text, "cost": text, "latency": text}))
        self.write("clients.json", network([node("ann", [0, 1], 1, 1)], clients=clients))
        runs = [(verb, "n.json", *more) for verb in self.VERBS for more in ((), ("--json",))]
        runs += [("show", "n.json"), ("route", "clients.json"), ("route", "clients.json", "--client", f"{text}e"),
                 ("route", "clients.json", "--client", f"{text}c", "--json"), ("verify", "n.json", "--placement"),
                 ("route", "n.json", "--certificate", "c.json"), ("check", "c.json", "n.json"), ("check", "c.json", "n.json", "--json")]
        for arguments in runs:
            answer = self.run_program(*arguments)
            self.assertNotEqual("", answer.out + answer.err, arguments)
            for line in (answer.out + answer.err).splitlines():
                self.assertEqual([], [character for character in line if is_hidden(ord(character))], arguments)
        self.assertIn('accepted: at alpha 1/2 the optimal chain is \\u001b[2J\\u009b1m', self.expect(HOLDS, "check", "c.json", "n.json").out)

    def test_a_replay_names_its_file_in_one_line(self):
        self.write("a\nb", (EXAMPLES / "contracts" / "job_paid.jsonl").read_bytes())
        self.assertTrue(self.expect(HOLDS, "contract", "replay", "a\nb").out.startswith("a\\u000ab: "))

    def test_the_evidence_is_about_the_ids_as_they_are(self):
        self.write("n.json", network([node("\u202eann\\", [0, 1], 1, 2), node("b\u200b\x7f", [0, 1], 2, 1)]))
        for arguments in (("route",), ("pareto",), ("verify", "--epsilon", "1/2")):
            self.run_program(arguments[0], "n.json", *arguments[1:], "--certificate", "c.json")
            self.expect(HOLDS, "check", "c.json", "n.json")
        self.expect(HOLDS, "solve", "n.json", "--prices", "p.json")
        self.run_program("verify", "n.json", "--prices", "p.json", "--certificate", "c.json", "--smt2", "q.smt2")
        self.assertEqual(["\u202eann\\", "b\u200b\x7f"], list(json.loads((self.folder / "p.json").read_text())["prices"]))
        self.assertNotIn("\u202e", (self.folder / "q.smt2").read_text())


if __name__ == "__main__":
    main()
