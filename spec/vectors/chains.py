"""Routes and frontiers: every chain is listed, and the answer picked from the list by its definition."""
from fractions import Fraction

from common import Dice, exact, ids, network, scales


def all_chains(net):
    """(chains, boundaries where a path from 0 ends)."""
    found, ends = [], {0}
    nodes, layers = net["nodes"], net["model"]["layers"]

    def extend(path, at):
        ends.add(at)
        if at == layers:
            found.append(path)
        for i, node in enumerate(nodes):
            if node["layers"][0] == at:
                extend(path + [i], node["layers"][1])
    extend([], 0)
    return found, ends


def legs_of(net, client):
    zero = [0] * len(net["nodes"])
    if client is None:
        return zero, zero
    one = net["client"] if "client" in net else next(c for c in net["clients"] if c["id"] == client)
    return one.get("to", zero), one.get("from", zero)


def cost(net, chain, client):
    to, back = legs_of(net, client)
    price = sum(exact(net["nodes"][i]["price"]) for i in chain)
    time = sum(exact(net["nodes"][i]["cost"]) for i in chain) + exact(to[chain[0]]) + exact(back[chain[-1]])
    if "latency" in net:
        time += sum(exact(net["latency"]["values"][i][j]) for i, j in zip(chain, chain[1:]))
    return price, time


def weight(net, alpha, price, time):
    price_scale, cost_scale, _ = scales(net)
    return alpha * price / price_scale + (1 - alpha) * time / cost_scale


def routed(net, alpha, client):
    chains, ends = all_chains(net)
    if not chains:
        return {"reachable": False, "blocked_boundary": max(ends), "chains": "0"}
    best = min((weight(net, alpha, *cost(net, chain, client)), *cost(net, chain, client), chain) for chain in chains)
    return {"reachable": True, "path": ids(net, best[3]), "weight": str(best[0]), "price": str(best[1]), "time": str(best[2]),
            "chains": str(len(chains))}


def alpha_interval(net, point, others):
    """The alphas at which `point` weighs no more than any other: each of them cuts [0, 1] by one linear inequality."""
    price_scale, cost_scale, _ = scales(net)
    low, high = Fraction(0), Fraction(1)
    for other in others:
        # alpha * up + (1 - alpha) * across <= 0
        up, across = (point[0] - other[0]) / price_scale, (point[1] - other[1]) / cost_scale
        slope = up - across
        if slope > 0:
            high = min(high, -across / slope)
        elif slope < 0:
            low = max(low, -across / slope)
        elif across > 0:
            return None
    return (low, high) if low <= high else None


def frontier(net, client):
    chains, ends = all_chains(net)
    if not chains:
        return {"reachable": False, "blocked_boundary": max(ends)}
    by_cost = {}
    for chain in chains:
        by_cost.setdefault(cost(net, chain, client), []).append(chain)
    points = []
    for here in sorted(by_cost):
        if any(other != here and other[0] <= here[0] and other[1] <= here[1] for other in by_cost):
            continue
        interval = alpha_interval(net, here, by_cost)
        kind = "unsupported" if interval is None else "tie" if interval[0] == interval[1] else "extreme"
        points.append({"price": str(here[0]), "time": str(here[1]), "path": ids(net, min(by_cost[here])), "class": kind,
                       "alpha": None if interval is None else [str(end) for end in interval]})
    return {"reachable": True, "points": points}


def layered(dice, layers, nodes, most, prices=None, skips=True):
    """Nodes of small integers, so that ties are common."""
    listed = []
    for i in range(nodes):
        x = i % layers if i < layers else dice.below(layers)
        y = min(layers, x + (dice.pick((1, 1, 1, 2)) if skips else 1))
        listed.append((x, y, dice.between(1, most), dice.between(0, prices or most)))
    return listed


def matrix(dice, nodes, most):
    return {"kind": "matrix", "values": [[dice.between(0, most) for _ in range(nodes)] for _ in range(nodes)]}


def clients(dice, nodes, most):
    return [{"id": name, "to": [dice.between(0, most) for _ in range(nodes)], "from": [dice.between(0, most) for _ in range(nodes)]}
            for name in ("east", "west")]


TOY = [(0, 1, "5", "1"), (0, 1, "2", "3"), (1, 2, "6", "1"), (1, 2, "2", "6")]
LINE = [(0, 1, 1, 1), (0, 1, 1, 1), (1, 2, 1, 1), (1, 2, 1, 1), (2, 3, 1, 1)]
LINE_LATENCY = {"kind": "matrix", "values": [[9, 9, 1, 0, 0], [9, 9, 0, 1, 0], [0, 0, 9, 9, 0], [0, 0, 9, 9, 0], [0, 0, 0, 0, 9]]}


def route_networks():
    """(name, clauses, network, alphas, client)"""
    yield "a node that serves everything is a chain", ["ROUTE-1"], network(3, [(0, 3, "1/3", "2/7")]), ["1/2"], None
    yield "toy", ["ROUTE-2", "ROUTE-3"], network(2, TOY), ["0", "1/4", "1/2", "7/11", "1"], None
    yield "no nodes", ["ROUTE-5"], network(4, []), ["1/2"], None
    yield "every layer served, no chain", ["ROUTE-1", "ROUTE-5"], network(3, [(0, 2, 1, 1), (1, 3, 1, 1)]), ["1/2"], None
    yield "nothing starts at 0", ["ROUTE-5"], network(3, [(1, 2, 1, 1), (2, 3, 1, 1)]), ["0"], None
    yield "blocked where the longer of two ways ends", ["ROUTE-5"], network(9, [(0, 4, 1, 1), (0, 1, 1, 1), (1, 5, 1, 1), (5, 7, 1, 1), (8, 9, 1, 1), (4, 6, 1, 1)]), ["1"], None
    yield "the last layer alone is missing", ["ROUTE-5"], network(3, [(0, 1, 1, 1), (1, 2, 1, 1), (0, 2, 1, 1)]), ["1/3"], None
    yield "a cheap dead end", ["ROUTE-3"], network(3, [(0, 1, "1/1000", 0), (0, 2, 5, 5), (2, 3, 5, 5)]), ["1/2"], None
    yield "all equal: the smallest indices", ["ROUTE-3", "ROUTE-4"], network(3, LINE), ["0", "1/2", "1"], None
    yield "two cheapest that forward labels confuse", ["ROUTE-3"], network(3, LINE, latency=LINE_LATENCY), ["1/2"], None
    yield "a tie of weight is broken by the price", ["ROUTE-3"], network(1, [(0, 1, 1, 2), (0, 1, 2, 1)]), ["1/2"], None
    yield "at alpha 0 a tie of times is broken by the price", ["ROUTE-3", "PARETO-5"], network(1, [(0, 1, 1, 2), (0, 1, 1, 1)]), ["0"], None
    yield "at alpha 1 a tie of prices is broken by the time", ["ROUTE-3", "PARETO-5"], network(1, [(0, 1, 2, 1), (0, 1, 1, 1)]), ["1"], None
    yield "a longer chain of smaller indices", ["ROUTE-3"], network(2, [(0, 1, 1, 1), (0, 2, 2, 2), (1, 2, 1, 1)]), ["1/2"], None
    yield "a shorter chain of smaller indices", ["ROUTE-3"], network(2, [(0, 2, 2, 2), (0, 1, 1, 1), (1, 2, 1, 1)]), ["1/2"], None
    yield "smaller indices late in the chain do not count", ["ROUTE-3"], network(3, [(2, 3, 1, 1), (1, 3, 2, 2), (0, 1, 1, 1), (1, 2, 1, 1)]), ["2/3"], None
    one_way = {"kind": "matrix", "values": [[0, 2, 1], [0, 0, 0], [9, 0, 0]]}
    yield "latency has a direction", ["ROUTE-2"], network(2, [(0, 1, 1, 1), (1, 2, 1, 1), (1, 2, 1, 1)], latency=one_way), ["1/2"], None
    diagonal = {"kind": "matrix", "values": [[100, 0, 0], [0, 100, 0], [0, 0, 100]]}
    yield "the diagonal of the latencies is ignored", ["ROUTE-2"], network(2, [(0, 2, 1, 1), (0, 1, 1, 1), (1, 2, 1, 1)], latency=diagonal), ["0", "1"], None
    yield "the client's first leg decides", ["ROUTE-2"], network(1, [(0, 1, 1, 1), (0, 1, 1, 1)], client={"to": [1, "1/2"]}), ["1/2"], "client"
    yield "the client's last leg decides", ["ROUTE-2"], network(2, [(0, 1, 1, 1), (1, 2, 1, 1), (1, 2, 1, 1)], client={"from": [0, "1/3", "1/4"], "to": [1, 7, 0]}), ["1/2"], "client"
    two = [{"id": "far", "to": [5, 0, 0], "from": [0, 0, 0]}, {"id": "near"}]
    for client in ("far", "near"):
        yield f"two clients, {client}", ["ROUTE-2"], network(1, [(0, 1, 1, 1), (0, 1, 2, 1), (0, 1, 3, 1)], clients=two), ["1/2"], client
    yield "scales turn the choice", ["ROUTE-2"], network(1, [(0, 1, 10, 1), (0, 1, 1, 4)], scales={"price": "1/5", "cost": 10}), ["1/2"], None
    yield "the case's alpha, not the file's", ["ROUTE-2", "FORMAT-3"], network(2, TOY, alpha="0"), ["1"], None
    yield "a difference of 1e-300", ["ROUTE-3"], network(1, [(0, 1, "1" + "0" * 200, "1e-299"), (0, 1, "1" + "0" * 200, "9e-300")]), ["1/2"], None
    yield "numbers from 1e-300 to 1e300", ["ROUTE-2"], network(2, [(0, 1, "1e300", "1e-300"), (0, 1, "1e-300", "1e300"), (1, 2, "1e-300", "1e300")]), ["1/2", "1e-300"], None
    thirds = network(2, [(0, 1, "1/3", "1/6"), (0, 1, "1/6", "1/3"), (1, 2, "0.1", 0), (1, 2, "0.05", "0.05")])
    yield "ties of thirds, and a hair beside", ["ROUTE-3"], thirds, ["1/2", "0.5000000000000000000000000000000001"], None


def route_case(name, clauses, net, alpha, client):
    """Without latency between peers ROUTE-7 must give the same answer."""
    return {"name": name, "clauses": clauses if "latency" in net else [*clauses, "ROUTE-7"], "network": net, "alpha": alpha, "client": client,
            "expect": routed(net, exact(alpha), client)}


def route_cases():
    for name, clauses, net, alphas, client in route_networks():
        for alpha in alphas:
            yield route_case(name if len(alphas) == 1 else f"{name}, alpha {alpha}", clauses, net, alpha, client)
    dice = Dice(41)
    for k in range(18):
        layers = dice.between(2, 4)
        nodes = layered(dice, layers, dice.between(7, 11), dice.pick((2, 3, 9)))
        more = {}
        if k % 2:
            more["latency"] = matrix(dice, len(nodes), 2)
        if k % 3 == 0:
            more["clients"] = clients(dice, len(nodes), 2)
        if k % 6 == 5:
            more["scales"] = {"price": dice.pick(("3/2", "2")), "cost": dice.pick(("7", "1/7"))}
        net = network(layers, nodes, **more)
        client = dice.pick(("east", "west")) if "clients" in more else None
        alpha = dice.pick(("0", "1", "1/2", "1/3", "3/4"))
        yield route_case(f"random {k}", ["ROUTE-2", "ROUTE-3"], net, alpha, client)


def on_one_layer(costs, **more):
    return network(1, [(0, 1, time, price) for price, time in costs], **more)


def pareto_networks():
    """(name, clauses, network, client)"""
    yield "one point", ["PARETO-1", "PARETO-4"], on_one_layer([(1, 1)]), None
    yield "no chain", ["PARETO-3", "ROUTE-5"], network(3, [(0, 2, 1, 1), (1, 3, 1, 1)]), None
    yield "no nodes", ["PARETO-3", "ROUTE-5"], network(1, []), None
    yield "the third of four is unsupported", ["PARETO-4", "PARETO-5"], on_one_layer([(2, 11), (4, 8), (7, 7), (9, 4)]), None
    yield "a better time at the same price", ["PARETO-1"], on_one_layer([(1, 2), (1, 1)]), None
    yield "a better price at the same time", ["PARETO-1"], on_one_layer([(2, 1), (1, 1)]), None
    yield "equal costs are one point, of the smallest chain", ["PARETO-1", "PARETO-6"], on_one_layer([(2, 1), (1, 2), (1, 2), (2, 1)]), None
    yield "three on one line: the middle is a tie", ["PARETO-4"], on_one_layer([(1, 3), (2, 2), (3, 1)]), None
    yield "five on one line", ["PARETO-4"], on_one_layer([(5, 1), (4, "3/2"), (3, 2), (2, "5/2"), (1, 3)]), None
    yield "a hair above the line", ["PARETO-4"], on_one_layer([(1, 3), (2, "2.000000000000000000000000000000000001"), (3, 1)]), None
    yield "a hair below the line", ["PARETO-4"], on_one_layer([(1, 3), (2, "1.999999999999999999999999999999999999"), (3, 1)]), None
    yield "scales move the intervals, not the classes", ["PARETO-4"], on_one_layer([(2, 11), (4, 8), (7, 7), (9, 4)], scales={"price": 3, "cost": "1/2"}), None
    yield "prices of 0", ["PARETO-1"], on_one_layer([(0, 5), (0, 4), ("1e-300", 3)]), None
    yield "two hull edges that meet at a shallow angle", ["PARETO-4"], on_one_layer([(0, 100), (10, 50), (20, 1), (15, 26), (5, 75)]), None
    yield "toy", ["PARETO-3"], network(2, TOY), None
    yield "long chains of equal nodes: one point", ["PARETO-3", "PARETO-6"], network(3, LINE), None
    yield "latency separates equal nodes", ["PARETO-3", "PARETO-6"], network(3, LINE, latency=LINE_LATENCY), None
    yield "a dead end cheaper than all", ["PARETO-3"], network(3, [(0, 1, "1/9", 0), (0, 2, 5, 1), (0, 2, 1, 5), (2, 3, 5, 5)]), None
    yield "a client's legs decide", ["PARETO-3"], on_one_layer([(1, 3), (2, 2), (3, 1)], client={"to": [0, 0, "5/2"], "from": ["1/2", 0, 0]}), "client"
    two = [{"id": "far", "to": [5, 0, 0], "from": [0, 0, 0]}, {"id": "near"}]
    for client in ("far", "near"):
        yield f"two clients, {client}", ["PARETO-3"], on_one_layer([(1, 1), (2, 1), (3, "1/2")], clients=two), client
    doubling = [(layer, layer + 1, cost, price) for layer in range(5) for cost, price in ((1 + 2 ** layer, 0), (1, 2 ** layer))]
    yield "32 chains, all on one line", ["PARETO-3", "PARETO-4"], network(5, doubling), None


def pareto_cases():
    for name, clauses, net, client in pareto_networks():
        yield {"name": name, "clauses": clauses, "network": net, "client": client, "expect": frontier(net, client)}
    dice = Dice(59)
    for k in range(14):
        layers = dice.between(2, 4)
        nodes = layered(dice, layers, dice.between(9, 13), dice.pick((3, 40, 1000)), skips=k % 4 == 0)
        more = {"latency": matrix(dice, len(nodes), 3)} if k % 2 else {}
        if k % 3 == 0:
            more["clients"] = clients(dice, len(nodes), 3)
        net = network(layers, nodes, **more)
        client = dice.pick(("east", "west")) if "clients" in more else None
        yield {"name": f"random {k}", "clauses": ["PARETO-3", "PARETO-4", "PARETO-6"], "network": net, "client": client,
               "expect": frontier(net, client)}


TOPICS = {"route": route_cases, "pareto": pareto_cases}
