"""Pictures and reports of simulations: what is drawn is what ran, and the page can be read anywhere."""
import csv
import json
import re
import shlex
import subprocess
import sys
import xml.etree.ElementTree as ET
from math import ceil, log10

import browser
from harness import EXAMPLES, HOLDS, PROGRAM, CommandLine, main

SVG, HTML = "{http://www.w3.org/2000/svg}", "{http://www.w3.org/1999/xhtml}"
SCENARIO = {"format": "p2pllm-scenario/1", "name": "drawn", "description": "Two layers; <costs> & prices differ.",
            "network": {"generate": {"layers": 2, "counts": [5, 3], "cost": {"uniform": [1, 9]}, "price": 1}}, "alpha": "1/2", "steps": 60,
            "prices": {"eta": "1/2"}, "monopoly": "ascend", "migration": {"period": 7, "schedule": "sweep"}, "record": [0, 1, 2, 5, 10, 20, 40, 60], "tolerance": "1e-9"}
PIXEL = 0.0101  # coordinates are rounded to hundredths, numbers in tables so that they move a point by less than one


def classes(element):
    return element.get("class", "").split()


class Panel:
    """A panel, read as a person does: the ticks tell which pixel is which value."""

    def __init__(self, element, is_logarithmic):
        texts = [text for text in element.iter(f"{SVG}text")]
        self.title = next(text.text for text in texts if classes(text) == ["panel"])
        ticks = {axis: [(float(text.get(axis)), float(text.text)) for text in texts if classes(text) == [axis]] for axis in "xy"}
        self.x, self.y = self.scale(ticks["x"], False), self.scale(ticks["y"], is_logarithmic)
        self.lines = {}
        for kind in ("polyline", "polygon", "circle"):
            for found in element.iter(f"{SVG}{kind}"):
                place = next(name for name in classes(found) if re.fullmatch(r"c\d", name))
                text = found.get("points") or f"{found.get('cx')},{found.get('cy')}"
                self.lines.setdefault((kind, place), []).extend(tuple(map(float, pair.split(","))) for pair in text.split())
        self.labels = {next(name for name in classes(text) if re.fullmatch(r"c\d", name)): text.text for text in texts if "label" in classes(text)}

    @staticmethod
    def scale(ticks, is_logarithmic):
        """The map from a value to a pixel, by the first and the last tick."""
        place = log10 if is_logarithmic else float
        (p, a), (q, b) = ticks[0], ticks[-1]
        return lambda value: p + (place(value) - place(a)) / (place(b) - place(a)) * (q - p)


def panels_of(element):
    """The panels of a figure of a report, or of a group of a picture."""
    found = element.iter(f"{SVG}svg") if element.tag.startswith(HTML) else [group for group in element.iter(f"{SVG}g")]
    for one in found:
        yield Panel(one, any((text.text or "").endswith("(values on a log scale)") for text in one.iter(f"{SVG}text")))


class Drawing(CommandLine):
    def setUp(self):
        super().setUp()
        self.write("s.json", SCENARIO)

    def report(self, *arguments):
        self.expect(HOLDS, "simulate", "s.json", *arguments, "--report", "r.html")
        self.text = (self.folder / "r.html").read_text()
        return ET.fromstring(self.text)

    def rows(self, figure):
        """The table of a figure: (step, name) to the values of low, line and high."""
        rows = [[cell.text for cell in row] for row in figure.iter(f"{HTML}tr")]
        self.assertIn(rows[0][:2], (["step", "layers"], ["step", "quantity"]))
        return {(row[0], row[1]): (row[2:] if len(row) == 5 else row[2:] * 3) for row in rows[1:]}

    def drawn_is_listed(self, figure):
        """Every point of every line and band is in the figure's table, and every number of the table is drawn."""
        table, count = self.rows(figure), 0
        names = list(dict.fromkeys(name for _, name in table))
        steps = list(dict.fromkeys(step for step, _ in table))
        panels = list(panels_of(figure))
        for place, name in enumerate(names):
            panel = panels[0] if len(panels) == 1 else panels[place]
            colour = f"c{place}" if len(panels) == 1 else "c0"
            values = [(step, table[step, name]) for step in steps if table[step, name][0] != "-"]

            def pixels(which):
                return [(panel.x(float(step)), panel.y(float(row[which]))) for step, row in values]
            expected = {"polyline": pixels(1), "circle": pixels(1)}
            if ("polygon", colour) in panel.lines:
                expected["polygon"] = pixels(2) + pixels(0)[::-1]
            for kind, points in expected.items():
                drawn = panel.lines[kind, colour]
                self.assertEqual(len(points), len(drawn), (kind, name))
                for (x, y), (there_x, there_y) in zip(points, drawn):
                    self.assertLess(max(abs(x - there_x), abs(y - there_y)), 2 * PIXEL, (kind, name))
                    count += 1
        return count


class Plots(Drawing):
    """[SIM-20] The picture of --plot."""

    def test_one_run_has_a_line_for_each_target(self):
        told = self.expect(HOLDS, "simulate", "s.json", "--seed", "3").out
        self.assertEqual(told, self.expect(HOLDS, "simulate", "s.json", "--seed", "3", "--plot", "f.svg").out)
        root = ET.parse(self.folder / "f.svg").getroot()
        prices, nodes, loads = panels_of(root)
        self.assertEqual([{"c0": "[0,1)", "c1": "[1,2)"}] * 2, [prices.labels, nodes.labels])
        self.assertEqual({"c0": "load", "c1": "throughput"}, loads.labels)
        records = self.expect(HOLDS, "simulate", "s.json", "--seed", "3", "--json").json["records"]
        for place in range(2):
            for panel, of in ((prices, lambda entry: entry["prices"]["median"]["lower"]), (nodes, lambda entry: entry["nodes"])):
                expected = [(panel.x(record["step"]), panel.y(float(of(record["ranges"][place])))) for record in records]
                for (x, y), (there_x, there_y) in zip(expected, panel.lines["polyline", f"c{place}"], strict=True):
                    self.assertLess(max(abs(x - there_x), abs(y - there_y)), PIXEL)
        self.assertFalse([key for panel in (prices, nodes, loads) for key in panel.lines if key[0] == "polygon"])  # radii below a pixel

    def test_a_radius_wider_than_a_pixel_is_a_band(self):
        """At eta a = 7/2 two nodes never rest, and the radius grows from step to step."""
        self.write("s.json", SCENARIO | {"network": {"generate": {"layers": 1, "counts": [2], "cost": {"uniform": [1, 5]}, "price": 1}}, "prices": {"eta": 7}, "tolerance": 1,
                                         "migration": None, "steps": 200, "record": [0]})
        seen = set()
        for last in range(4, 200, 2):
            arguments = ("--seed", "1", "--set", f"/steps={last}", "--set", f"/record=[{', '.join(map(str, range(last + 1)))}]")
            answer = self.expect(HOLDS, "simulate", "s.json", *arguments, "--json").json
            figure = next(self.report(*arguments).iter(f"{HTML}figure"))
            (panel,) = panels_of(figure)
            ends = [[float(record["ranges"][0]["prices"]["median"][end]) for end in ("lower", "upper")] for record in answer["records"]]
            widest = max(panel.y(lower) - panel.y(upper) for lower, upper in ends)
            if abs(widest - 1) > 0.01:
                self.assertEqual(widest > 1, ("polygon", "c0") in panel.lines)
                self.assertEqual(["at least", "middle", "at most"] if widest > 1 else ["value"], [cell.text for cell in next(figure.iter(f"{HTML}tr"))][2:])
                seen.add(widest > 1)
            self.drawn_is_listed(figure)
            if answer["engine"] == "reference":
                break
        self.assertEqual({False, True}, seen)

    def test_lines_differ_by_their_dashes(self):
        self.expect(HOLDS, "simulate", EXAMPLES / "table1/equal.json", "--seed", "1", "--plot", "f.svg")
        root = ET.parse(self.folder / "f.svg").getroot()
        first = next(root.iter(f"{SVG}g"))
        dashes = [line.get("stroke-dasharray") for line in first.iter(f"{SVG}polyline")]
        self.assertEqual((4, 4), (len(dashes), len(set(dashes))))
        self.assertEqual({"currentColor"}, {line.get("stroke") for line in root.iter(f"{SVG}polyline")})
        for group in root.iter(f"{SVG}g"):
            self.assertTrue(group.find(f"{SVG}title").text and group.find(f"{SVG}desc").text)

    def test_labels_are_beside_the_panel_and_do_not_overlap(self):
        for name, seeds in (("literal", range(1, 9)), ("equal", range(1, 4))):
            for seed in seeds:
                self.expect(HOLDS, "simulate", EXAMPLES / f"table1/{name}.json", "--seed", seed, "--plot", "f.svg")
                for group in ET.parse(self.folder / "f.svg").getroot().iter(f"{SVG}g"):
                    top, bottom = map(float, re.search(r" (\d+)V(\d+)$", next(path.get("d") for path in group.iter(f"{SVG}path") if "grid" in classes(path))).groups())
                    places = sorted(float(text.get("y")) for text in group.iter(f"{SVG}text") if "label" in classes(text))
                    self.assertTrue(all(b - a > 14 for a, b in zip(places, places[1:])), places)
                    self.assertTrue(top <= places[0] and places[-1] <= bottom, places)


class Reports(Drawing):
    """[SIM-20] The report of --report: the numbers, and a document that stands alone."""

    def test_every_point_of_one_run_is_in_its_table(self):
        root = self.report("--seed", "3")
        self.assertEqual([32, 32, 32], [self.drawn_is_listed(figure) for figure in root.iter(f"{HTML}figure")])

    def test_every_point_of_several_seeds_is_in_its_table_and_a_quantile(self):
        root = self.report("--seeds", "1..9", "--csv", "r.csv")
        figures = {figure.get("id"): figure for figure in root.iter(f"{HTML}figure")}
        for figure in figures.values():
            self.assertGreater(self.drawn_is_listed(figure), 32)
        values = {}
        for row in csv.DictReader((self.folder / "r.csv").read_text().splitlines()):
            key = row["step"], f"[{row['first_layer']},{row['last_layer']})"
            for which, column in (("prices", "median_price"), ("nodes", "nodes")):
                values.setdefault((which, *key), []).append(float(row[column]))
        for (which, *key), of in values.items():
            of.sort()
            for part, said in zip((0.05, 0.5, 0.95), self.rows(figures[which])[tuple(key)]):
                self.assertAlmostEqual(of[max(1, ceil(part * 9)) - 1], float(said), delta=abs(float(said)) * 1e-4)

    def test_a_range_without_nodes_is_a_gap(self):
        script = [{"step": 10, "from": [0, 1], "to": [1, 2]}, {"step": 40, "from": [1, 2], "to": [0, 1]}]
        self.write("s.json", SCENARIO | {"network": {"generate": {"layers": 2, "counts": [1, 3], "cost": 2, "price": 1}}, "migration": None, "script": script})
        root = self.report("--seed", "1")
        figure = next(figure for figure in root.iter(f"{HTML}figure") if figure.get("id") == "prices")
        rows = self.rows(figure)
        self.assertEqual(["10", "20"], [step for (step, name), row in rows.items() if row[0] == "-"])
        self.assertEqual(2, sum("c0" in classes(line) for line in figure.iter(f"{SVG}polyline")))
        self.drawn_is_listed(figure)

    def test_many_targets_have_panels(self):
        self.write("s.json", SCENARIO | {"network": {"generate": {"layers": 15, "counts": [2] * 15, "cost": 3, "price": 1}}})
        root = self.report("--seed", "1")
        prices, nodes, loads = root.iter(f"{HTML}figure")
        for figure in (prices, nodes):
            self.assertEqual(12, len(list(panels_of(figure))))
            self.assertIn("The first 12 of 15 targets are shown.", "".join(figure.itertext()))
        self.assertNotIn("are shown", "".join(loads.itertext()))

    def test_the_document_refers_to_nothing_else(self):
        for arguments in (("--seed", "3"), ("--seeds", "1..9")):
            root = self.report(*arguments)
            self.assertTrue(self.text.startswith("<!DOCTYPE html>\n"))
            for element in root.iter():
                self.assertNotIn(element.tag.rpartition("}")[2], ("script", "link", "img", "image", "iframe", "object", "embed", "use", "base", "foreignObject"))
                for name in element.attrib:
                    self.assertNotIn(name.rpartition("}")[2], ("href", "src", "srcset", "style", "background", "poster", "data"))
                    self.assertFalse(name.startswith("on"), name)
            style = "".join(element.text for element in root.iter(f"{HTML}style"))
            self.assertNotRegex(style, r"url\(|@import|@font-face|expression")
            self.assertEqual(set(), set(re.findall(r"\w+://[^\s\"<]*", self.text)) - {"http://www.w3.org/1999/xhtml", "http://www.w3.org/2000/svg"})

    def test_the_head_says_what_ran(self):
        root = self.report("--seed", "3")
        one = self.expect(HOLDS, "simulate", "s.json", "--seed", "3", "--json").json
        text = "\n".join(root.itertext())
        version = self.expect(HOLDS, "--version").out.strip()
        for part in (one["digest"], one["scenario_sha256"], "drawn: seed 3", SCENARIO["description"], f"p2pllm {version}", "fast",
                     f"No node moved after step {one['moves'][-1]['step']}, the last of {len(one['moves'])} moves."):
            self.assertIn(part, text)
        root = self.report("--seeds", "1..9")
        several = self.expect(HOLDS, "simulate", "s.json", "--seeds", "1..9", "--json").json
        text = "\n".join(root.itertext())
        self.assertIn(several["digest"], text)
        self.assertIn(f"In {several['steps'][-1]['with_sole_server']} of 9 runs a range has a single node at step 60", text)
        rows = {row[0].text: [cell.text for cell in row[1:]] for row in root.iter(f"{HTML}tr") if len(row) == 7}
        last = several["steps"][-1]["throughput"]
        self.assertEqual([f"{last[which]:.6g}" for which in ("mean", "p5", "median", "p95")], [rows["throughput"][k] for k in (0, 2, 3, 5)])
        self.assertEqual([f"{one['mean_interval'][0]:.6g} .. {one['mean_interval'][1]:.6g}" for one in (last,)], rows["throughput"][1:2])

    def test_its_command_writes_it_again(self):
        name = self.write("it's a\\b.json", SCENARIO)
        for arguments in (("--seed", "3", "--engine", "reference", "--plot", "f.svg"), ("--seeds", "2..4", "--set", "/prices/eta=1/4"),
                          ("--set", '/network/generate/counts=[3, 3]', "--csv", "a b.csv")):
            self.expect(HOLDS, "simulate", name, *arguments, "--report", "r.html")
            before = (self.folder / "r.html").read_bytes()
            (self.folder / "r.html").unlink()
            command = ET.fromstring(before).find(f".//{HTML}footer//{HTML}code").text
            self.assertEqual("p2pllm", shlex.split(command)[0])
            subprocess.run(["sh", "-c", shlex.quote(PROGRAM) + command.removeprefix("p2pllm")], cwd=self.folder, check=True, stdout=subprocess.DEVNULL)
            self.assertEqual(before, (self.folder / "r.html").read_bytes())

    def test_any_text_is_well_formed(self):
        """[FORMAT-8]"""
        for text in ("\x1b", "\0", "\ufffe", "\u202e", "<&>\"'", "]]>", "<script>", "&#0;", "\\", "-->"):
            self.write("s.json", SCENARIO | {"name": text, "description": text})
            root = self.report("--seed", "1", "--plot", "f.svg")
            self.assertFalse(list(root.iter("script")))
            ET.parse(self.folder / "f.svg")


READ = """(() => {
  const luminance = colour => colour.match(/[\\d.]+/g).slice(0, 3).map(Number).map(c => c / 255)
    .map(c => c <= .04045 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4).reduce((sum, c, k) => sum + c * [.2126, .7152, .0722][k], 0);
  const ground = luminance(getComputedStyle(document.body).backgroundColor);
  const texts = [];
  document.querySelectorAll('details').forEach(one => one.open = true);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const element = walk.currentNode.parentElement, svg = element instanceof SVGTextElement;
    if (!walk.currentNode.data.trim() || ['title', 'desc'].includes(element.tagName)) continue;
    const style = getComputedStyle(element), ink = luminance(svg ? style.fill : style.color);
    const box = element.getBoundingClientRect();
    texts.push({text: walk.currentNode.data.trim().slice(0, 40), size: parseFloat(style.fontSize) * (svg ? element.getScreenCTM().a : 1),
      contrast: (Math.max(ground, ink) + .05) / (Math.min(ground, ink) + .05), right: svg ? box.right : 0, left: svg ? box.left : 0});
  }
  const boxes = [...document.querySelectorAll('svg')].map(svg => [svg.getBoundingClientRect().left, svg.getBoundingClientRect().right]);
  return {width: document.documentElement.clientWidth, needed: document.documentElement.scrollWidth, texts, boxes,
    ground: getComputedStyle(document.body).backgroundColor};
})()"""


class Screenshots(Drawing):
    """[SIM-20] The report in Chromium: at the widths of a phone and a desk, light and dark."""

    WIDTHS = (320, 390, 1280)

    def test_it_can_be_read_at_every_width_in_both_schemes(self):
        self.expect(HOLDS, "simulate", EXAMPLES / "table1/literal.json", "--seeds", "1..40", "--report", "several.html")
        self.expect(HOLDS, "simulate", "s.json", "--seed", "3", "--report", "one.html")
        with browser.Browser() as page:
            for name in ("one", "several"):
                shots = {}
                for width in self.WIDTHS:
                    for scheme in ("light", "dark"):
                        with self.subTest(name=name, width=width, scheme=scheme):
                            shots[width, scheme] = self.look(page, self.folder / f"{name}.html", width, scheme)
                for width in self.WIDTHS:
                    (light, light_kinds), (dark, dark_kinds) = (shots[width, scheme] for scheme in ("light", "dark"))
                    self.assertGreater(min(light), 220)
                    self.assertLess(max(dark), 50)
                    self.assertGreater(min(light_kinds, dark_kinds), 20)  # not blank: text, lines and their edges

    def look(self, page, path, width, scheme):
        """Checks a page as it is laid out; returns the colour of its ground and how many colours it has, by its pixels."""
        page.open(path, width, scheme)
        seen = page.value(READ)
        self.assertEqual(width, seen["width"])
        self.assertLessEqual(seen["needed"], width)
        self.assertGreater(len(seen["texts"]), 100)
        self.assertEqual([], [text for text in seen["texts"] if text["size"] < 13.99])
        self.assertEqual([], [text for text in seen["texts"] if text["contrast"] < 4.5])
        self.assertEqual([], [text for text in seen["texts"] if text["right"] > 0 and not any(a - 1 <= text["left"] and text["right"] <= b + 1 for a, b in seen["boxes"])])
        _, _, rows = browser.pixels(page.screenshot(0.25))
        return rows[0][0], len({pixel for row in rows for pixel in row})


if __name__ == "__main__":
    if browser.PROGRAM is None and "Screenshots" in sys.argv:
        print("skipped: chromium is not installed")
        sys.exit(77)
    main()
