"""Panels of SVG for the scripts that draw figures: axes with round ticks, marks, and labels that do not overlap.

Every number is a Fraction until the last step, so that a picture has the same bytes on every machine.
"""

from fractions import Fraction
from html import escape
from math import ceil

STYLE = """<style>
  svg { color: #1c2733; --ground: #ffffff; --mark: #0b62b8; --ring: #b3400a; }
  @media (prefers-color-scheme: dark) { svg { color: #e8edf2; --ground: #12181f; --mark: #6cb6ff; --ring: #ffa657; } }
  text { font: 14px system-ui, sans-serif; fill: currentColor; } .panel { font-weight: 600; }
  .ground { fill: var(--ground, #ffffff); } .hull, .peak { stroke: var(--mark, currentColor); }
  .supported, .peak { fill: var(--mark, currentColor); } .unsupported { stroke: var(--ring, currentColor); }
</style>
"""
DASHES = ("none", "9 3", "2 3", "12 3 2 3", "16 5")
TOP, BOTTOM, LEFT = 44, 364, 56
LABEL_DISTANCE = 17


def ticks(least, greatest, parts):
    """Multiples of a power of ten, or of two or five times one, between two numbers."""
    rough, power = (greatest - least) / parts, Fraction(1)
    while power * 10 <= rough:
        power *= 10
    while power > rough:
        power /= 10
    step = next(power * factor for factor in (1, 2, 5, 10) if power * factor >= rough)
    return [step * k for k in range(ceil(least / step), int(greatest / step) + 1)]


def shown(value):
    return f"{float(value):.10g}"


class Panel:
    """A panel of 430 x 420 pixels at some distance from the left, with its axes."""

    WIDTH, HEIGHT = 430, 420

    def __init__(self, offset, title, names, x, y, right=24):
        self.x, self.y = x, y
        self.left, self.right = offset + LEFT, offset + self.WIDTH - right
        self.parts = [f'<text class="panel" x="{offset + 8}" y="24" font-weight="600">{escape(title)}</text>']
        for tick in ticks(*x, 6):
            self.parts.append(f'<path stroke="currentColor" stroke-opacity=".18" d="M{self.px(tick)} {TOP}V{BOTTOM}"/>'
                              f'<text class="x" x="{self.px(tick)}" y="{BOTTOM + 20}" text-anchor="middle">{shown(tick)}</text>')
        for tick in ticks(*y, 6):
            self.parts.append(f'<path stroke="currentColor" stroke-opacity=".18" d="M{self.left} {self.py(tick)}H{self.right}"/>'
                              f'<text class="y" x="{self.left - 6}" y="{self.py(tick)}" dy="5" text-anchor="end">{shown(tick)}</text>')
        self.parts.append(f'<text x="{(self.left + self.right) / 2:.1f}" y="{BOTTOM + 42}" text-anchor="middle">{escape(names[0])}</text>')
        self.parts.append(f'<text transform="translate({offset + 14} {(TOP + BOTTOM) // 2}) rotate(-90)" text-anchor="middle">{escape(names[1])}</text>')

    def px(self, value):
        return f"{float(self.left + (value - self.x[0]) / (self.x[1] - self.x[0]) * (self.right - self.left)):.2f}"

    def py(self, value):
        return f"{float(BOTTOM + (value - self.y[0]) / (self.y[1] - self.y[0]) * (TOP - BOTTOM)):.2f}"

    def at(self, point):
        return f"{self.px(point[0])},{self.py(point[1])}"

    def cloud(self, points):
        places = dict.fromkeys(f"{self.px(x)} {self.py(y)}" for x, y in points)
        self.parts.append('<path class="cloud" fill="none" stroke="currentColor" stroke-opacity=".22" stroke-width="2.6" stroke-linecap="round" d="'
                          + "".join(f"M{place}h0" for place in places) + '"/>')

    def line(self, kind, points, dash="none", width="2"):
        self.parts.append(f'<polyline class="{kind}" fill="none" stroke="currentColor" stroke-width="{width}" stroke-dasharray="{dash}" points="'
                          + " ".join(map(self.at, points)) + '"/>')

    def mark(self, kind, point, radius, is_filled):
        x, y = self.at(point).split(",")
        paint = 'fill="currentColor"' if is_filled else 'fill="none" stroke="currentColor" stroke-width="1.5"'
        self.parts.append(f'<circle class="{kind}" {paint} cx="{x}" cy="{y}" r="{radius}"/>')

    def note(self, point, text):
        x, y = self.at(point).split(",")
        self.parts.append(f'<text x="{x}" y="{y}" dx="6">{escape(text)}</text>')

    def labels(self, ends):
        """Texts at the right, each beside the end of its line, moved apart."""
        places = sorted((float(self.py(y)), text) for y, text in ends)
        rows = [row for row, _ in places]
        for k in range(1, len(rows)):
            rows[k] = max(rows[k], rows[k - 1] + LABEL_DISTANCE)
        limit = BOTTOM
        for k in reversed(range(len(rows))):
            rows[k] = min(rows[k], limit)
            limit = rows[k] - LABEL_DISTANCE
        for (end, text), row in zip(places, rows):
            self.parts.append(f'<path fill="none" stroke="currentColor" stroke-opacity=".5" d="M{self.right + 1} {end:.2f}L{self.right + 8} {row:.2f}"/>'
                              f'<text x="{self.right + 11}" y="{row:.2f}" dy="5">{escape(text)}</text>')


def picture(title, description, panels):
    width = Panel.WIDTH * len(panels) + 16
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {Panel.HEIGHT}" width="{width}" height="{Panel.HEIGHT}" role="img">\n'
    body = "\n".join(part for panel in panels for part in panel.parts)
    ground = f'<rect class="ground" fill="#ffffff" width="{width}" height="{Panel.HEIGHT}"/>\n'
    return f"{head}<title>{escape(title)}</title>\n<desc>{escape(description)}</desc>\n{STYLE}{ground}{body}\n</svg>\n"
