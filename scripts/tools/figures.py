"""Writes spec/generated/figures.md and its pictures: the paper's Figures 1 to 3, drawn again from what the program computes.

    scripts/figures [--check]

--check writes nothing and fails (exit 1) if a page or a picture is not what the program says. The program is the one that the
environment variable P2PLLM names, or build/release/p2pllm.
"""

import hashlib
import itertools
import json
import subprocess
import tempfile
from fractions import Fraction
from math import ceil
from pathlib import Path

from . import drawing, pages
from .faults import ROOT
from .pages import program, table

PAGE = "spec/generated/figures.md"
PICTURES = [f"spec/generated/figure{k}.svg" for k in (1, 2, 3)]
LAYERS, PEERS, DRAWS = 4, 7, 200  # of Figure 2: layers, peers of each, draws of which a typical one is shown
COSTS = (1, 10, 25, 40, 50)  # of Figure 3
RIVALS, RIVAL_COST, RIVAL_PRICE = 6, 25, "7/3"
PRICE_MAX, PRICE_STEPS = 8, 10  # of Figure 3: the greatest price, and prices for each unit


def ask(verb, network, *more):
    """The program's answer about a network, as JSON."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "n.json"
        path.write_text(json.dumps(network))
        done = subprocess.run([program(), verb, path, "--json", *more], cwd=folder, stdout=subprocess.PIPE, text=True)
        if done.returncode not in (0, 1):
            raise SystemExit(done.returncode)
        return json.loads(done.stdout)


def network(nodes, layers, cost_scale=1):
    return {"format": "p2pllm-network/1", "model": {"name": "figure", "layers": layers}, "alpha": "1/2", "scales": {"cost": cost_scale}, "nodes": nodes}


def drawn(name, least, most):
    """A number between least and most in hundredths, drawn by hashing a name."""
    part = Fraction(int.from_bytes(hashlib.sha256(f"p2pllm figure 2: {name}".encode()).digest()[:8], "big"), 1 << 64)
    return round((least + (most - least) * part) * 100)


def middle(enclosure):
    return (Fraction(enclosure["lower"]) + Fraction(enclosure["upper"])) / 2


def draw(number):
    """Cost and price of each peer of a draw, in hundredths, layer by layer."""
    names = [[f"{number} {layer}-{k}" for k in range(PEERS)] for layer in range(LAYERS)]
    return [[(drawn(f"cost of {name}", 1, 50), drawn(f"price of {name}", 1, 20)) for name in layer] for layer in names]


def pareto_size(layers):
    """How many Pareto-optimal costs the chains have, by looking at all of them."""
    costs = {(0, 0)}
    for peers in layers:
        costs = {(cost + more, price + dearer) for cost, price in costs for more, dearer in peers}
    size, least = 0, None
    for _, price in sorted(costs):
        if least is None or price < least:
            size, least = size + 1, price
    return size


def typical():
    """The first draw with the median number of Pareto-optimal costs, and the quantiles of that number."""
    sizes = [pareto_size(draw(number)) for number in range(1, DRAWS + 1)]
    ordered = sorted(sizes)
    low, median, high = (ordered[max(1, ceil(part * DRAWS)) - 1] for part in (0.05, 0.5, 0.95))
    return draw(sizes.index(median) + 1), (low, median, high)


def peers(layers):
    return [{"id": f"layer{layer + 1}-{k + 1}", "layers": [layer, layer + 1], "cost": f"{cost}/100", "price": f"{price}/100"}
            for layer, row in enumerate(layers) for k, (cost, price) in enumerate(row)]


def at_equilibrium(nodes):
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "p.json"
        ask("solve", network(nodes, LAYERS, 50), "--prices", str(out))
        prices = json.loads(out.read_text())["prices"]
    return [node | {"price": prices[node["id"]]} for node in nodes]


def chains(nodes):
    """Cost and price of every chain, exactly."""
    groups = [[node for node in nodes if node["layers"][0] == layer] for layer in range(LAYERS)]
    for chain in itertools.product(*groups):
        yield sum(Fraction(node["cost"]) for node in chain), sum(Fraction(node["price"]) for node in chain)


def frontier(nodes):
    """The points of the program's frontier: cost, price, class."""
    return [(Fraction(point["time"]), Fraction(point["price"]), point["class"]) for point in ask("pareto", network(nodes, LAYERS))["points"]]


def bounds(values):
    least, most = min(values), max(values)
    return least - (most - least) / 20, most + (most - least) / 20


def cloud_panel(offset, title, nodes):
    cloud, points = list(chains(nodes)), frontier(nodes)
    panel = drawing.Panel(offset, title, ("cost of the chain", "price of the chain"), bounds([x for x, _ in cloud]), bounds([y for _, y in cloud]))
    panel.cloud(cloud)
    panel.line("hull", [(x, y) for x, y, kind in points if kind != "unsupported"], width="1.5")
    for x, y, kind in points:
        if kind == "unsupported":
            panel.mark("unsupported", (x, y), 4 if len(points) < 60 else 2.2, False)
    for x, y, kind in points:
        if kind != "unsupported":
            panel.mark("supported", (x, y), 4.5, True)
    return panel, points


def counted(points):
    missed = sum(kind == "unsupported" for _, _, kind in points)
    return f"{len(points)} Pareto-optimal costs, of which no α finds {missed} ({100 * missed / len(points):.0f} %)"


def figure2():
    layers, sizes = typical()
    nodes = peers(layers)
    rest = at_equilibrium(nodes)
    (left, posted), (right, equilibrium) = cloud_panel(0, "Prices drawn from 1 .. 20", nodes), cloud_panel(drawing.Panel.WIDTH, "Equilibrium prices", rest)
    svg = drawing.picture("Figure 2: the chains of 28 peers", "Every chain as a dot, Pareto-optimal ones as discs on the hull, which some alpha finds, or as rings, which none does. "
                          f"Left {len(posted)} Pareto-optimal costs, right {len(equilibrium)}.", [left, right])
    rows = [(node["id"], f"{float(Fraction(node['cost'])):.2f}", f"{float(Fraction(node['price'])):.2f}", f"{float(Fraction(other['price'])):.6f}") for node, other in zip(nodes, rest)]
    points = [(f"{float(x):.2f}", f"{float(y):.2f}", kind) for x, y, kind in posted]
    text = f"""## Figure 2: cost and price of chains

![every chain, the Pareto frontier and its hull](figure2.svg)

Four layers with seven peers each. Costs were drawn from 1 .. 50 and prices from 1 .. 20, by hashing names. Of {DRAWS} draws
this is the first with the median number of Pareto-optimal costs; the 5 % quantile, the median and the 95 % quantile of
that number are {" / ".join(map(str, sizes))}. Each of the {PEERS ** LAYERS} chains is a dot. Discs on the line are Pareto-optimal chains that
are optimal for some α; rings are Pareto-optimal, but no α finds them (PARETO-4).

- Left, at the drawn prices: {counted(posted)}.
- Right, the same peers at their equilibrium prices (PRICE-12, α = 1/2, cost scale 50): {counted(equilibrium)}. Competition
  makes the prices of a layer nearly equal, and the faster of two peers is the dearer one. So nearly every saving of cost
  has its price, and a client who only states an α misses most of the choices.

<details><summary>The peers</summary>

{table(("peer", "cost", "price", "equilibrium price"), rows)}

</details>
<details><summary>The frontier at the drawn prices</summary>

{table(("cost", "price", "class"), points)}

</details>
"""
    return svg, text


def revenues(prices_by_cost, cost_scale):
    """For each cost and each price the revenue of a node against its rivals, by the program's shares; and the best price."""
    nodes, layer = [], 0
    for cost, prices in prices_by_cost.items():
        for price in prices:
            nodes.append({"id": f"node {layer}", "layers": [layer, layer + 1], "cost": cost, "price": str(price)})
            nodes += [{"id": f"rival {k} of {layer}", "layers": [layer, layer + 1], "cost": RIVAL_COST, "price": RIVAL_PRICE} for k in range(RIVALS)]
            layer += 1
    first = iter(group["nodes"][0] for group in ask("verify", network(nodes, layer, cost_scale))["groups"])
    answer, best = {}, {}
    for cost, prices in prices_by_cost.items():
        for price in prices:
            node = next(first)
            answer[cost, price] = price * middle(node["share"])
            best[cost] = middle(node["best_response"])
    return answer, best


def figure3():
    prices = [Fraction(k, PRICE_STEPS) for k in range(PRICE_MAX * PRICE_STEPS + 1)]
    curves, best = revenues({cost: prices for cost in COSTS}, 10)
    peaks, _ = revenues({cost: [best[cost]] for cost in COSTS}, 10)
    _, unscaled = revenues({cost: [0] for cost in COSTS}, 1)
    faint, _ = revenues({50: [unscaled[50]]}, 1)
    panel = drawing.Panel(0, "Six rivals of cost 25 at price 7/3", ("price p of the node", "its revenue R(p)"), (Fraction(0), Fraction(PRICE_MAX)), (Fraction(0), Fraction(9, 10)), 64)
    for cost, dash in zip(COSTS, drawing.DASHES):
        panel.line("revenue", [(price, curves[cost, price]) for price in prices], dash)
    panel.line("hull", [(Fraction(2), Fraction(0)), (Fraction(29, 10), Fraction(9, 10))], "1 4", "1.5")
    for cost in COSTS:
        panel.mark("peak", (best[cost], peaks[cost, best[cost]]), 4, True)
    panel.note((Fraction(22, 10), Fraction(2, 100)), "R = p - 2")
    panel.labels([(curves[cost, PRICE_MAX], f"c = {cost}") for cost in COSTS])
    svg = drawing.picture("Figure 3: the revenue of a node by its price", "Five curves, one for each cost of the node; the peaks lie on the line R = p - 2.", [panel])
    gap = max(abs(peaks[cost, best[cost]] - (best[cost] - 2)) for cost in COSTS)
    if gap >= Fraction(1, 10 ** 9):
        raise SystemExit(f"the peaks are {float(gap)} beside the line R = p - 2")
    whole = [(price, *(f"{float(curves[cost, Fraction(price)]):.4f}" for cost in COSTS)) for price in range(PRICE_MAX + 1)]
    text = f"""## Figure 3: revenue and price

![revenue over price for five costs](figure3.svg)

The revenue R(p) = p P(p) of one node against six rivals of cost {RIVAL_COST} at the price {RIVAL_PRICE}, with α = 1/2 and the cost scale 10, for
five costs c of the node. Each curve has one peak (PRICE-6). The peaks, marked by dots, lie on the dotted line R = p − 2: at
the best price a p (1 − P) = 1, so that R = p P = p − 1/a with a = 1/2. The computed peaks differ from this line by less
than 10⁻⁹.

{table(("cost c", "best price", "revenue there"), [(cost, f"{float(best[cost]):.6f}", f"{float(peaks[cost, best[cost]]):.6f}") for cost in COSTS])}

A node of lower cost takes a higher price and earns more. Without a cost scale (σ_c = 1), the curves would not fit in one
picture: the best prices of c = {COSTS[0]} and c = {COSTS[1]} are {float(unscaled[COSTS[0]]):.1f} and {float(unscaled[COSTS[1]]):.1f}, and the greatest revenue of c = 50 is {float(faint[50, unscaled[50]]):.0e}.

<details><summary>Numbers</summary>

{table(("p", *(f"c = {cost}" for cost in COSTS)), whole)}

</details>
"""
    return svg, text


def figure1():
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "g.svg"
        subprocess.run([program(), "show", ROOT / "examples/paper.json", "--plot", out], check=True, stdout=subprocess.DEVNULL)
        return out.read_text()


def files():
    """The text of each file that the script writes, by its path."""
    (second, text2), (third, text3) = figure2(), figure3()
    text = f"""# Figures of the paper

Made by `scripts/figures` from what the program computes, and compared by a test.

## Figure 1: the graph of chains

![the graph of 28 peers, with the chosen chain](figure1.svg)

Made by `p2pllm show examples/paper.json --plot figure1.svg`: the peers of the paper's simulation between the boundaries of
the layers that they serve, numbered in a topological order, with the chain of least weight at α = 1/2 in thick lines
(ROUTE-3).

{text2}
{text3}"""
    return {PAGE: text, **dict(zip(PICTURES, (figure1(), second, third)))}


def main(arguments=None):
    return pages.write("figures", __doc__, files, arguments)
