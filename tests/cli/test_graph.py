"""The picture of a network (the paper's Figure 1): its nodes, their order, its edges and the chosen chain, read from the picture's geometry."""
import random
import re
import xml.etree.ElementTree as ET

from harness import EXAMPLES, HOLDS, CommandLine, example, main, network, node

SVG = "{http://www.w3.org/2000/svg}"


class Picture:
    """A picture whose edges are told by where they begin and end."""

    def __init__(self, path):
        self.root = ET.parse(path).getroot()
        self.boxes, self.order, self.thick = {}, {}, set()
        for group in self.root.iter(f"{SVG}g"):
            number, name, first, last = re.match(r"(\d+)\. (.*): layers \[(\d+),(\d+)\), cost ", group.find(f"{SVG}title").text, re.S).groups()
            box = group.find(f"{SVG}rect")
            left, top, width, height = (float(box.get(which)) for which in ("x", "y", "width", "height"))
            self.boxes[name] = (left, top, left + width, top + height)
            self.order[name] = int(number)
            if "chosen" in box.get("class"):
                self.thick.add(name)
        self.edges, self.chosen = [], []
        for line in self.root.iter(f"{SVG}path"):
            if line.get("class", "").startswith("edge"):
                x1, y1, x2, y2 = map(float, re.fullmatch(r"M(\S+) (\S+)L(\S+) (\S+)", line.get("d")).groups())
                (self.chosen if "chosen" in line.get("class") else self.edges).append((self.at(x1, y1, 2), self.at(x2, y2, 0)))

    def at(self, x, y, side):
        """The node at whose left (0) or right (2) side an edge ends; "" for the source and the sink."""
        found = [name for name, box in self.boxes.items() if abs(box[side] - x) < 0.2 and abs((box[1] + box[3]) / 2 - y) < 0.2]
        return found[0] if found else ""

    @property
    def text(self):
        return [text.text for text in self.root.iter(f"{SVG}text")]


def edges_of(document):
    """ROUTE-1."""
    nodes, layers = document["nodes"], document["model"]["layers"]
    return sorted([("", one["id"]) for one in nodes if one["layers"][0] == 0] + [(one["id"], "") for one in nodes if one["layers"][1] == layers]
                  + [(one["id"], other["id"]) for one in nodes for other in nodes if one["layers"][1] == other["layers"][0]])


class Graph(CommandLine):
    """[ROUTE-1][ROUTE-3][ROUTE-6]"""

    def drawn(self, document):
        self.write("n.json", document)
        self.expect(HOLDS, "show", "n.json", "--plot", "g.svg")
        return Picture(self.folder / "g.svg")

    def test_nodes_edges_order_and_chain(self):
        draws = random.Random(1)
        for case in range(40):
            layers = draws.randint(1, 5)
            nodes = []
            for k in range(draws.randint(1, 12)):
                first = draws.randrange(layers)
                nodes.append(node(f"n{k}", [first, draws.randint(first + 1, layers)], draws.randint(1, 9), draws.randint(1, 9)))
            with self.subTest(case=case):
                document = network(nodes, layers)
                picture = self.drawn(document)
                self.assertEqual(edges_of(document), sorted(picture.edges))
                self.assertEqual(list(range(1, len(nodes) + 1)), sorted(picture.order.values()))
                self.assertTrue(all(picture.order[a] < picture.order[b] for a, b in picture.edges if a and b))
                boxes = list(picture.boxes.values())
                self.assertFalse([(a, b) for k, a in enumerate(boxes) for b in boxes[:k] if a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]])
                path = self.run_program("route", "n.json", "--json").json["path"] or []
                self.assertEqual(list(zip(["", *path], [*path, ""])) if path else [], picture.chosen)
                self.assertEqual(set(path), picture.thick)

    def test_the_picture_says_what_it_shows(self):
        one = [node("ann", [0, 2], 1, 2)]
        for document, line in ((network(one, 2), "Thick: the chain of least weight, 1.5 at alpha 1/2; price 2, time 1."),
                               (network(one, 3), "No chain crosses boundary 2."), ({**network(one, 2), "alpha": 1}, "Thick: the chain of least weight, 2 at alpha 1; price 2, time 1."),
                               ({key: value for key, value in network(one, 2).items() if key != "alpha"}, "The file states no alpha."),
                               (network(one, 2, clients=[{"id": "c", "to": [1]}, {"id": "d"}]), "The file has several clients, each with its own chain."),
                               (network(one, 2, client={"to": [7]}), "Thick: the chain of least weight, 5 at alpha 1/2; price 2, time 8."),
                               (network([], 2), "No chain crosses boundary 0.")):
            picture = self.drawn(document)
            self.assertIn(line, picture.text)
            self.assertEqual(line, picture.root.find(f"{SVG}desc").text)

    def test_many_edges_and_many_nodes(self):
        many = [node(f"{side}{k}", [side, side + 1], 1 + k, 1) for side in (0, 1) for k in range(60)]
        picture = self.drawn(network(many, 2))
        self.assertEqual(([], 3), (picture.edges, len(picture.chosen)))
        self.assertIn("The other edges are too many to be drawn.", picture.text[1])
        self.write("n.json", network([node(f"n{k}", [0, 1], 1, 1) for k in range(1001)]))
        self.expect_bad("--plot: 1001 nodes: a picture can show at most 1000 nodes", "show", "n.json", "--plot", "h.svg")

    def test_the_examples(self):
        for name in ("toy", "paper", "real_market"):
            told = self.expect(HOLDS, "show", example(name)).out
            self.assertEqual(told, self.expect(HOLDS, "show", example(name), "--plot", "g.svg").out)
            picture = Picture(self.folder / "g.svg")
            self.assertEqual(self.expect(HOLDS, "route", EXAMPLES / f"{name}.json", "--json").json["path"], [a for a, _ in picture.chosen if a])

    def test_any_text_is_well_formed(self):
        for text in ("\x1b", "\0", "\ufffe", "\u202e", "<&>\"'", "]]>", "<script>", "&#0;", "\\", "\u00e9" * 80):
            picture = self.drawn(network([node(f"a{text}", [0, 1], 1, 2), node(f"b{text}", [0, 1], 2, 1)], model={"name": text, "layers": 1}))
            self.assertEqual(2, len(picture.boxes))


if __name__ == "__main__":
    main()
