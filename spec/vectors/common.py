"""Building networks, and reading them back: what all topics share."""
import random
from fractions import Fraction


class Dice:
    """Python promises the sequence of random() alone, so nothing else of the module is used."""

    def __init__(self, seed):
        self.source = random.Random(seed)

    def below(self, bound):
        return int(self.source.random() * bound)

    def between(self, least, most):
        return least + self.below(most - least + 1)

    def pick(self, items):
        return items[self.below(len(items))]


def name_of(index):
    """Ids whose alphabetical order is not the file's: an order by id would be noticed."""
    return "qhzbxkdrmaventy"[index % 15] + str(index)


def network(layers, nodes, blocks=None, **more):
    """nodes: (x, y, cost, price) each."""
    model = {"name": "vector", "layers": layers, **({"blocks": blocks} if blocks else {})}
    listed = [{"id": name_of(i), "layers": [x, y], "cost": cost, "price": price} for i, (x, y, cost, price) in enumerate(nodes)]
    return {"format": "p2pllm-network/1", "model": model, "nodes": listed, **more}


def exact(numeral):
    return Fraction(str(numeral))


def ids(net, indices):
    return [net["nodes"][i]["id"] for i in indices]


def scales(net):
    given = net.get("scales", {})
    return exact(given.get("price", 1)), exact(given.get("cost", 1)), exact(net.get("temperature", 1))


def groups(net):
    """(x, y) -> indices in file order, by rising (x, y)."""
    by_range = {}
    for i, node in enumerate(net["nodes"]):
        by_range.setdefault(tuple(node["layers"]), []).append(i)
    return dict(sorted(by_range.items()))
