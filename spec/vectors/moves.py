"""Migrations, by the definition of a share: every sum is taken anew at every question."""
from fractions import Fraction

from mpmath import exp, fsum, log, mp, mpf

from common import Dice, exact, network, scales
from decimals import decimal, fraction, real

PRECISION = 1200  # digits: shares that differ must differ by more than 1e-1100


class Market:
    """What a node looks at when it asks where to serve (MIG-1, MIG-2)."""

    def __init__(self, net, rule, alpha=None, prices=None):
        self.rule, self.nodes = rule, net["nodes"]
        ranges = {tuple(node["layers"]) for node in self.nodes} | {tuple(block) for block in net["model"].get("blocks", [])}
        self.targets = sorted(ranges)
        costs = [exact(node["cost"]) for node in self.nodes]
        price = [exact(prices[node["id"]] if prices else node["price"]) for node in self.nodes]
        self.movable = [rule == "share" or p > 0 for p in price]
        if rule == "share":
            self.keys = costs
            self.weights = [1 / c for c in costs]
        else:
            price_scale, cost_scale, temperature = scales(net)
            self.keys = [alpha * p / (price_scale * temperature) + (1 - alpha) * c / (cost_scale * temperature) for p, c in zip(price, costs)]
            with mp.workdps(PRECISION):
                self.weights = [exp(-real(key)) for key in self.keys]

    def others(self, where, node, target):
        return [j for j, at in enumerate(where) if at == target and j != node]

    def share(self, where, node, target):
        """Of what the node would have there, were it there."""
        rivals = [self.weights[j] for j in self.others(where, node, target)]
        return self.weights[node] / (self.weights[node] + (sum(rivals) if self.rule == "share" else fsum(rivals)))

    def gains(self, where, node, target, base):
        """Whether its share at the target exceeds that at the base."""
        rivals = [sorted(self.keys[j] for j in self.others(where, node, at)) for at in (target, base)]
        if rivals[0] == rivals[1]:
            return False  # the same exponentials
        there, here = self.share(where, node, target), self.share(where, node, base)
        assert self.rule == "share" or abs(there - here) > mpf(10) ** (100 - PRECISION), "too close to tell"
        return there > here

    def best(self, where, node):
        """Where the node goes (MIG-3, MIG-5): of the targets with the greatest share the first, if that is a gain."""
        here = where[node]
        if not self.movable[node]:
            return here
        better = [t for t in self.targets if t[1] - t[0] == here[1] - here[0] and t != here and self.gains(where, node, t, here)]
        return next((t for t in better if not any(self.gains(where, node, u, t) for u in better)), here)

    def move(self, node, start, end):
        return {"node": self.nodes[node]["id"], "from": list(start), "to": list(end)}

    def all_gains(self, where):
        return [self.move(i, where[i], self.best(where, i)) for i in range(len(where)) if self.best(where, i) != where[i]]

    def load(self, where, target):
        held = [self.weights[j] for j, at in enumerate(where) if at == target]
        if self.rule == "share" or not held:
            return str(sum(held, Fraction(0)))
        return decimal(fsum(held))

    def share_text(self, where, node):
        rivals = self.others(where, node, where[node])
        if all(self.keys[j] == self.keys[node] for j in rivals):
            return str(Fraction(1, len(rivals) + 1))
        share = self.share(where, node, where[node])
        return str(share) if self.rule == "share" else decimal(share)

    def settle(self):
        with mp.workdps(PRECISION):
            return self.settled()

    def settled(self):
        where, moves, moved = [tuple(node["layers"]) for node in self.nodes], [], True
        start = self.all_gains(where)
        while moved:
            moved = False
            for i in range(len(where)):
                to = self.best(where, i)
                if to != where[i]:
                    moves.append(self.move(i, where[i], to))
                    where[i], moved = to, True
        assert self.all_gains(where) == []
        loads = [{"range": list(t), "nodes": where.count(t), "load": self.load(where, t)} for t in self.targets]
        return {"at_rest": not start, "gains": start, "moves": moves, "allocation": [list(at) for at in where], "loads": loads,
                "shares": [self.share_text(where, i) for i in range(len(where))]}


def on(layers, *nodes, blocks=None, **more):
    """nodes: (layer, cost, price) of one layer each."""
    return network(layers, [(x, x + 1, cost, price) for x, cost, price in nodes], blocks=blocks, **more)


def share_networks():
    equal = (0, 1, 1)
    yield "no nodes", ["MIG-5", "MIG-9"], network(2, [])
    yield "two in one of two layers: the first moves", ["MIG-3", "MIG-5"], on(2, equal, equal, blocks=[[1, 2]])
    yield "one in each of two layers: nobody moves", ["MIG-3", "MIG-9"], on(2, (0, 1, 1), (1, 1, 1))
    yield "a sole server stays, though a block is empty", ["MIG-4"], on(3, (0, 1, 1), (1, 5, 1), blocks=[[2, 3], [0, 1]])
    yield "an equal share is no gain", ["MIG-3"], on(2, (0, "1/2", 1), (0, 1, 1), (1, "1/2", 1))
    yield "a share greater by 1e-40 is a gain", ["MIG-3"], on(2, (0, "1/2", 1), (0, 1, 1), (1, "0." + "5" + "0" * 38 + "1", 1))
    yield "a share less by 1e-40 is none", ["MIG-3"], on(2, (0, "1/2", 1), (0, 1, 1), (1, "0.4" + "9" * 39, 1))
    yield "of two empty blocks the first", ["MIG-5"], on(4, (1, 1, 1), (1, 1, 1), blocks=[[3, 4], [2, 3]])
    yield "the lightest target, not the first", ["MIG-5"], on(3, (0, 1, 1), (0, 1, 1), (0, 1, 1), (1, "1/2", 1), (2, 1, 1))
    yield "loads 4, 1, 1 end 2, 2, 2", ["MIG-5", "MIG-6"], on(3, *[equal] * 4, (1, 1, 1), (2, 1, 1))
    yield "one length alone", ["MIG-2"], network(4, [(0, 2, 1, 1), (0, 2, 1, 1), (2, 3, 1, 1)], blocks=[[1, 2], [2, 4], [3, 4], [0, 3]])
    yield "ranges that overlap are targets like others", ["MIG-2"], network(3, [(0, 2, 2, 1), (0, 2, 1, 1), (1, 3, 3, 1)])
    yield "a block that is served already, and twice named", ["MIG-2"], on(2, equal, equal, equal, blocks=[[0, 1], [1, 2], [1, 2]])
    nodes = [(0, cost, 1) for cost in (5, 1, 3, 2, 4)]
    yield "the order of the file: slow first", ["MIG-5"], on(3, *nodes, blocks=[[1, 2], [2, 3]])
    yield "the order of the file: reversed", ["MIG-5"], on(3, *nodes[::-1], blocks=[[1, 2], [2, 3]])
    yield "a node moves twice", ["MIG-5"], on(3, (0, 4, 1), (0, 2, 1), (2, 1, 1), (2, 3, 1), blocks=[[1, 2]])
    yield "a higher share and a lower revenue at the equilibrium", ["MIG-3", "MIG-7"], on(2, (0, 8, 1), (0, 41, 1), (1, 46, 1), (1, 35, 1))
    yield "a price of 0 does not matter to the share", ["MIG-3"], on(2, (0, 1, 0), (0, 1, 0), blocks=[[1, 2]])


def revenue_networks():
    """(name, clauses, network, alpha, prices or None)"""
    three = [(0, 1, 1), (0, 1, 1), (0, 1, 1)]
    yield "a price of 0 never moves", ["MIG-3"], on(2, (0, 1, 0), (0, 1, 0), blocks=[[1, 2]]), "1/2", None
    yield "three equal nodes, two blocks", ["MIG-5", "MIG-7"], on(3, *three, blocks=[[1, 2], [2, 3]]), "1/2", None
    yield "a sole server stays", ["MIG-4"], on(2, (0, 1, 1), blocks=[[1, 2]]), "1/2", None
    yield "the same weights in another order are a tie", ["MIG-8"], on(2, (0, 9, 9), (0, 2, 1), (0, 1, 3), (1, 1, 2), (1, 3, 1)), "1/2", None
    yield "cost and price that weigh the same are a tie", ["MIG-8"], on(2, (0, 1, 1), (0, 2, 1), (1, 1, 2)), "1/2", None
    yield "alpha 0: costs alone", ["MIG-7"], on(2, (0, 1, 9), (0, 2, 1), (1, 3, 9)), "0", None
    yield "alpha 1: prices alone", ["MIG-7"], on(2, (0, 9, 1), (0, 1, 3), (0, 5, 2), (1, 1, 2)), "1", None
    merged = fraction(-log(exp(mpf(-1)) + exp(mpf(-2))))
    for digits in (5, 60):
        for up in (0, 1):
            price = Fraction(merged.numerator * 10**digits // merged.denominator + up, 10**digits)
            yield (f"e^-1 + e^-2 against {'less' if up else 'more'} in digit {digits}", ["MIG-8", "PRICE-15"],
                   on(2, (0, 1, 7), (0, 1, 1), (0, 1, 2), (1, 1, str(price))), "1", None)
    yield "weights of e^-1000", ["MIG-3", "MIG-8"], on(2, (0, 2000, 1), (0, 2010, 1), (0, 1990, 1), (1, 1995, 1)), "1/2", None
    yield "weights of e^-1000 beside one of e^-1", ["MIG-3", "MIG-8"], on(2, (0, 1, 1), (0, 2000, 1), (1, 1, 1), (1, 1998, 1)), "1/2", None
    yield "a rival of e^-1000 less is a gain", ["MIG-3", "MIG-8"], on(2, (0, 1, 1), (0, 2000, 1), (0, 1998, 1), (1, 1, 1)), "1/2", None
    net = on(2, (0, 1, 0), (0, 1, 0), (1, 1, 5), scales={"price": "1/2", "cost": 3}, temperature="4/3")
    yield "prices of another file", ["MIG-1"], net, "1/3", {node["id"]: price for node, price in zip(net["nodes"], ("2", "1", "5"))}


def case(name, clauses, net, rule, alpha=None, prices=None):
    extra = {} if prices is None else {"prices": prices}
    return {"name": f"{rule}: {name}", "clauses": ["MIG-1", *[c for c in clauses if c != "MIG-1"]], "network": net, "rule": rule, "alpha": alpha, **extra,
            "expect": Market(net, rule, None if alpha is None else exact(alpha), prices).settle()}


def migration_cases():
    for name, clauses, net in share_networks():
        yield case(name, clauses, net, "share")
    for name, clauses, net, alpha, prices in revenue_networks():
        yield case(name, clauses, net, "revenue", alpha, prices)
    dice = Dice(83)
    for k in range(14):
        layers = dice.between(2, 4)
        # Many on the first layer, so that they move; small costs, so that loads tie.
        nodes = [(dice.below(dice.between(1, layers)), dice.between(1, dice.pick((3, 12))), dice.between(0, 4)) for _ in range(dice.between(6, 12))]
        blocks = [[x, x + 1] for x in range(layers)]
        clauses = ["MIG-3", "MIG-5", "MIG-6", "MIG-9"]
        if k % 2:
            yield case(f"random {k}", [*clauses, "MIG-8"], on(layers, *nodes, blocks=blocks), "revenue", dice.pick(("1/2", "1/5")))
        else:
            yield case(f"random {k}", clauses, on(layers, *nodes, blocks=blocks), "share")


TOPICS = {"migration": migration_cases}
