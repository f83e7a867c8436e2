"""Certificates, true and false: made from the definitions, then each broken in one requirement of one clause (CERT)."""
import copy
import hashlib
import json
from fractions import Fraction

from mpmath import mp, mpf

from chains import LINE, LINE_LATENCY, TOY, all_chains, cost, frontier, routed, weight
from common import exact, ids, network
from decimals import fraction, nearest
from market import layer, listed
from moves import Market, on

LEAVE_OUT = object()


def suffix_costs(net, start, client):
    """The cost of every way on from a node: a chain of the network in which layers before it are left out, less the first leg."""
    nodes, layers = net["nodes"], net["model"]["layers"]
    found = []

    def extend(path):
        if nodes[path[-1]]["layers"][1] == layers:
            price, time = cost(net, path, client)
            legs = next((c for c in net.get("clients", []) if c["id"] == client), {})
            found.append((price, time - exact(legs.get("to", [0] * len(nodes))[start])))
        for j, node in enumerate(nodes):
            if node["layers"][0] == nodes[path[-1]]["layers"][1]:
                extend(path + [j])
    extend([start])
    return found


def texts(pair):
    return [str(value) for value in pair]


def begin(net, kind, **more):
    text = json.dumps(net)
    return {"text": text, "document": {"format": "p2pllm-certificate/1", "kind": kind, "network_sha256": hashlib.sha256(text.encode()).hexdigest(), **more}}


def with_client(document, client):
    return document if client is None else {**document, "client": client}


def route_certificate(net, alpha, client=None):
    answer = routed(net, exact(alpha), client)
    labels = []
    for i in range(len(net["nodes"])):
        ways = suffix_costs(net, i, client)
        labels.append(texts(min(ways, key=lambda way: (weight(net, exact(alpha), *way), *way))) if ways else None)
    made = begin(net, "route", alpha=alpha, path=answer["path"], weight=answer["weight"], price=answer["price"], time=answer["time"], labels=labels)
    return {**made, "document": with_client(made["document"], client)}


def unreachable_certificate(net):
    ends = sorted(all_chains(net)[1])
    return begin(net, "unreachable", blocked_boundary=ends[-1], reachable=ends)


def undominated(costs):
    return sorted({c for c in costs if not any(o != c and o[0] <= c[0] and o[1] <= c[1] for o in costs)})


def pareto_certificate(net, client=None):
    made = begin(net, "pareto", points=frontier(net, client)["points"],
                 labels=[[texts(c) for c in undominated(suffix_costs(net, i, client))] for i in range(len(net["nodes"]))])
    return {**made, "document": with_client(made["document"], client)}


def equilibrium_certificate(net, groups, epsilon="1e-6", absolute=False, alpha="1/2", verdict=None):
    return begin(net, "equilibrium", alpha=alpha, verdict=verdict or groups[0]["verdict"], epsilon=epsilon, absolute=absolute, bits=256, groups=groups)


def near(value, digits=30):
    """A rational just below a positive real."""
    text, exponent = nearest(fraction(value)).split("e")
    return str(Fraction(text[:digits + 1]) * Fraction(10) ** int(exponent))


def balance_certificate(net, rule, alpha=None):
    """At rest by sweeps; each margin rounded down to thousandths, from sums taken anew."""
    market = Market(net, rule, None if alpha is None else exact(alpha))
    where = [tuple(at) for at in market.settle()["allocation"]]
    comparisons = []
    for a in sorted(market.targets, key=lambda t: (t[1] - t[0], t)):
        for b in market.targets:
            movers = [i for i in range(len(where)) if where[i] == a and market.movable[i]]
            if a == b or b[1] - b[0] != a[1] - a[0] or not movers:
                continue
            least = min(movers, key=lambda i: (-market.keys[i], i))
            there = sum([market.weights[j] for j in range(len(where)) if where[j] == b], market.weights[least])
            margin = there / sum(market.weights[j] for j in range(len(where)) if where[j] == a) - 1
            margin = fraction(margin) if isinstance(margin, mpf) else margin
            comparisons.append({"node": net["nodes"][least]["id"], "to": list(b), "margin": str(max(Fraction(margin * 1000 // 1, 1000), Fraction(0)))})
    made = begin(net, "balance", rule=rule, bits=128, allocation=[list(at) for at in where], comparisons=comparisons)
    return made if alpha is None else {**made, "document": {**made["document"], "alpha": alpha}}


def change(made, *path_and_value):
    """The same with one value put in, or taken out."""
    *path, last, value = path_and_value
    document = copy.deepcopy(made["document"])
    at = document
    for key in path:
        at = at[key]
    if value is LEAVE_OUT:
        del at[last]
    else:
        at[last] = value
    return {**made, "document": document}


def toggled(name, clause, made, *path_and_value):
    """One that is accepted, or with a change, rejected by the clause."""
    changed = change(made, *path_and_value) if path_and_value else made
    return {"name": name, "clauses": [clause], "text": changed["text"], "certificate": changed["document"],
            "expect": {"accepted": False, "clause": clause} if path_and_value else {"accepted": True}}


def chain_cases():
    toy, line = network(2, TOY), network(3, LINE, latency=LINE_LATENCY)
    route, tied = route_certificate(toy, "1/2"), route_certificate(network(3, LINE), "1/2")
    first, last = route["document"]["path"]
    yield toggled("route: toy", "CERT-2", route)
    yield toggled("route: with latency", "CERT-2", route_certificate(line, "1/2"))
    yield toggled("route: among ties", "CERT-2", tied)
    legs = network(2, TOY, clients=[{"id": "east", "to": [1, 2, 9, 9], "from": [9, 9, 3, 4]}, {"id": "west"}])
    yield toggled("route: of a client", "CERT-2", route_certificate(legs, "1/3", "east"))
    dead = network(3, [(0, 2, 5, 5), (0, 1, 1, 1), (2, 3, 5, 5)])
    yield toggled("route: a dead end without a label", "CERT-2", route_certificate(dead, "1/2"))
    phantom = change(route_certificate(dead, "1/2"), "labels", 1, ["90", "90"])
    yield toggled("route: a label of a dead end does no harm", "CERT-2", phantom)
    yield toggled("route: of another network", "CERT-1", route, "network_sha256", "0" * 64)
    yield toggled("route: without alpha", "CERT-1", route, "alpha", LEAVE_OUT)
    yield toggled("route: without the client", "CERT-1", route_certificate(legs, "1/3", "east"), "client", LEAVE_OUT)
    yield toggled("route: of no client of this network", "CERT-1", route, "client", "east")
    yield toggled("route: at another alpha", "CERT-2", route, "alpha", "1/4")
    for key in ("weight", "price", "time"):
        yield toggled(f"route: another {key}", "CERT-2", route, key, str(exact(route["document"][key]) - 1))
    yield toggled("route: a path that ends early", "CERT-2", route, "path", [first])
    yield toggled("route: a path that jumps", "CERT-2", route, "path", [first, first])
    yield toggled("route: a path that jumps, at the right cost", "CERT-2", tied, "path", ids(network(3, LINE), [0, 1, 4]))
    yield toggled("route: a path of another cost", "CERT-2", route, "path", [next(n for n in ids(toy, [0, 1]) if n != first), last])
    yield toggled("route: a tie of greater indices", "CERT-2", tied, "path", ids(network(3, LINE), [1, 2, 4]))
    worse = change(change(change(route, "path", ids(toy, [0, 3])), "price", "7"), "time", "7")
    yield toggled("route: a chain that is not the least", "CERT-2", worse, "weight", "7")
    yield toggled("route: a label too high", "CERT-2", route, "labels", 3, ["100", "100"])
    yield toggled("route: a label is missing", "CERT-2", route, "labels", 3, None)
    gap = unreachable_certificate(network(4, [(0, 2, 1, 1), (1, 4, 1, 1), (0, 1, 1, 1), (3, 4, 1, 1)]))
    blocked = unreachable_certificate(network(4, [(0, 2, 1, 1), (1, 3, 1, 1), (0, 1, 1, 1)]))
    yield toggled("unreachable", "CERT-3", blocked)
    yield toggled("unreachable: no nodes", "CERT-3", unreachable_certificate(network(4, [])))
    yield toggled("unreachable: where a chain exists", "CERT-3", gap, "reachable", [0, 1, 2])
    yield toggled("unreachable: not closed", "CERT-3", change(blocked, "reachable", [0, 1, 2]), "blocked_boundary", 2)
    yield toggled("unreachable: not grounded", "CERT-3", unreachable_certificate(network(4, [(1, 3, 1, 1), (0, 1, 1, 1)])), "reachable", [0, 1, 2, 3])
    yield toggled("unreachable: not the greatest", "CERT-3", blocked, "blocked_boundary", 2)
    yield toggled("unreachable: without 0", "CERT-3", blocked, "reachable", [1, 2, 3])
    yield toggled("unreachable: with an alpha", "CERT-1", blocked, "alpha", "1/2")
    four = pareto_certificate(network(1, [(0, 1, time, price) for price, time in ((2, 11), (4, 8), (7, 7), (9, 4), (9, 9))]))
    yield toggled("pareto: four points, one of them unsupported", "CERT-4", four)
    yield toggled("pareto: toy", "CERT-4", pareto_certificate(toy))
    yield toggled("pareto: with latency", "CERT-4", pareto_certificate(line))
    yield toggled("pareto: of a client", "CERT-4", pareto_certificate(legs, "east"))
    yield toggled("pareto: of another client", "CERT-4", pareto_certificate(legs, "west"))
    points = four["document"]["points"]
    yield toggled("pareto: a point is missing", "CERT-4", four, "points", points[:2] + points[3:])
    dominated = {"price": "9", "time": "9", "path": [json.loads(four["text"])["nodes"][4]["id"]], "class": "unsupported", "alpha": None}
    yield toggled("pareto: a dominated point more", "CERT-4", four, "points", [*points, dominated])
    yield toggled("pareto: two points exchanged", "CERT-4", four, "points", [points[1], points[0], *points[2:]])
    yield toggled("pareto: a point twice", "CERT-4", four, "points", points[:3] + points[2:])
    yield toggled("pareto: a label twice", "CERT-4", four, "labels", 2, [["7", "7"], ["7", "7"]])
    yield toggled("pareto: a label of the same price and more time", "CERT-4", four, "labels", 2, [["7", "8"], ["7", "7"]])
    yield toggled("pareto: no labels of a node", "CERT-4", pareto_certificate(toy), "labels", 2, [])
    yield toggled("pareto: a label too high", "CERT-4", four, "labels", 2, [["8", "8"]])
    yield toggled("pareto: the client's legs forgotten", "CERT-5", pareto_certificate(legs, "west"), "client", "east")
    yield toggled("pareto: a path of another cost", "CERT-5", four, "points", 0, "path", points[1]["path"])
    yield toggled("pareto: a path that jumps, at the right cost", "CERT-5", pareto_certificate(network(3, LINE)), "points", 0, "path", ids(network(3, LINE), [0, 1, 4]))
    yield toggled("pareto: a class too good", "CERT-5", four, "points", 2, {**points[2], "class": "tie", "alpha": ["1/2", "1/2"]})
    yield toggled("pareto: an interval too wide", "CERT-5", four, "points", 1, "alpha", 0, "1/100")
    yield toggled("pareto: no interval", "CERT-5", four, "points", 0, "alpha", None)
    yield toggled("pareto: a tie of greater indices", "CERT-5", pareto_certificate(network(3, LINE)), "points", 0, "path", ids(network(3, LINE), [0, 3, 4]))


def price_cases():
    seven, off, alone = layer([(10, "7/3")] * 7), layer([(10, "2.33")] * 7), layer([(1, 1)])
    just = {"range": [0, 1], "verdict": "equilibrium"}
    exactly = equilibrium_certificate(seven, [just], "0")
    yield toggled("equilibrium: seven equal nodes at 7/3", "CERT-7", exactly)
    yield toggled("equilibrium: seven equal nodes at 2.33", "CERT-7", equilibrium_certificate(off, [just]), "epsilon", "1e-6")
    yield toggled("equilibrium: unequal costs", "CERT-7", equilibrium_certificate(layer([(1, 3), (2, 3), ("5/2", 3)]), [just]), "epsilon", "1/2")
    nobody = {"range": [0, 1], "verdict": "no_equilibrium"}
    yield toggled("no equilibrium: one node", "CERT-7", equilibrium_certificate(alone, [nobody]))
    yield toggled("no equilibrium: alpha 0", "CERT-7", equilibrium_certificate(seven, [nobody], alpha="0"))
    yield toggled("no equilibrium: where there is one", "CERT-7", equilibrium_certificate(seven, [nobody]), "epsilon", "0")
    yield toggled("equilibrium: of one node", "CERT-7", equilibrium_certificate(alone, [just]), "epsilon", "0")
    group = listed(off, Fraction(1, 2))[0]
    best, best_revenue, absolute, relative = group.regret(0)
    trials = {"range": [0, 1], "verdict": "epsilon_equilibrium", "trials": [near(best)] * 7}
    yield toggled("epsilon: seven equal nodes at 2.33", "CERT-7", equilibrium_certificate(off, [trials], "8.757e-7"))
    yield toggled("epsilon: below the regret", "CERT-7", equilibrium_certificate(off, [trials]), "epsilon", "8.756e-7")
    yield toggled("epsilon: absolute", "CERT-7", equilibrium_certificate(off, [trials], "2.915e-7", True))
    yield toggled("epsilon: below the absolute regret", "CERT-7", equilibrium_certificate(off, [trials], "2.915e-7", True), "epsilon", "2.914e-7")
    yield toggled("epsilon: trials at the prices show less than they should", "CERT-7", equilibrium_certificate(off, [trials], "1e-6"), "groups", 0, "trials", ["2.33"] * 7)
    yield toggled("epsilon: at the prices, and enough", "CERT-7", equilibrium_certificate(off, [{**trials, "trials": ["2.33"] * 7}], "1.0215e-6"))
    yield toggled("epsilon: an equilibrium is one too", "CERT-7", equilibrium_certificate(seven, [{**trials, "trials": ["7/3"] * 7}], "1e-9"))
    yield toggled("epsilon: a trial is missing", "CERT-7", equilibrium_certificate(off, [trials], "8.757e-7"), "groups", 0, "trials", [near(best)] * 6)
    yield toggled("epsilon: a trial of 0", "CERT-7", equilibrium_certificate(off, [trials], "8.757e-7"), "groups", 0, "trials", 3, "0")
    yield toggled("epsilon: 1", "CERT-6", equilibrium_certificate(off, [trials], "8.757e-7"), "epsilon", "1")
    yield toggled("epsilon: of a prices file that is not given", "CERT-1", equilibrium_certificate(off, [trials], "8.757e-7"), "prices_sha256", "0" * 64)
    yield toggled("epsilon: without alpha", "CERT-1", equilibrium_certificate(off, [trials], "8.757e-7"), "alpha", LEAVE_OUT)
    node = off["nodes"][0]["id"]
    gain = near(absolute, 20)
    refuted = equilibrium_certificate(off, [{"range": [0, 1], "verdict": "refuted", "witness": {"node": node, "price": near(best), "gain": gain}}], "8e-7")
    yield toggled("refuted: seven equal nodes at 2.33", "CERT-7", refuted)
    yield toggled("refuted: absolute", "CERT-7", change(change(refuted, "absolute", True), "epsilon", "2.914e-7"))
    yield toggled("refuted: a gain that is not there", "CERT-7", refuted, "groups", 0, "witness", "gain", "2.915e-7")
    yield toggled("refuted: a gain within epsilon", "CERT-7", refuted, "epsilon", "8.757e-7")
    yield toggled("refuted: a gain within an absolute epsilon", "CERT-7", change(refuted, "absolute", True), "epsilon", "2.915e-7")
    yield toggled("refuted: at the price it charges", "CERT-7", refuted, "groups", 0, "witness", "price", "2.33")
    yield toggled("refuted: by a lower price than it charges", "CERT-7", refuted, "groups", 0, "witness", "price", "2.32")
    yield toggled("refuted: as an equilibrium", "CERT-6", refuted, "verdict", "epsilon_equilibrium")
    free = layer([(1, 0), (1, 4)])
    some = {"range": [0, 1], "verdict": "refuted", "witness": {"node": free["nodes"][0]["id"], "price": "1", "gain": "0"}}
    yield toggled("refuted: a price of 0, however small the gain", "CERT-7", equilibrium_certificate(free, [some], "999/1000"))
    pairs = network(2, [(0, 1, 1, 4), (0, 1, 1, 4), (1, 2, 1, 9), (1, 2, 1, 9)])
    named = pairs["nodes"][2]["id"]
    over = equilibrium_certificate(pairs, [just, {"range": [1, 2], "verdict": "refuted", "witness": {"node": named, "price": "6", "gain": "1/10"}}], verdict="refuted")
    yield toggled("refuted: one of two groups", "CERT-7", over)
    yield toggled("refuted: by a node of the other group", "CERT-7", over, "groups", 1, "witness", "node", pairs["nodes"][0]["id"])
    two = network(2, [(0, 1, 1, 4), (0, 1, 1, 4), (1, 2, 1, 9)])
    both = equilibrium_certificate(two, [just, {"range": [1, 2], "verdict": "no_equilibrium"}], verdict="no_equilibrium")
    yield toggled("two groups: the verdict of greater precedence", "CERT-6", both)
    yield toggled("two groups: the other's verdict", "CERT-6", both, "verdict", "equilibrium")
    yield toggled("two groups: one is missing", "CERT-6", both, "groups", [just])
    yield toggled("two groups: exchanged", "CERT-6", both, "groups", both["document"]["groups"][::-1])
    yield toggled("no nodes: an equilibrium", "CERT-6", equilibrium_certificate(network(1, []), [], verdict="equilibrium"))
    yield toggled("no nodes: no equilibrium", "CERT-6", equilibrium_certificate(network(1, []), [], verdict="equilibrium"), "verdict", "no_equilibrium")
    open_ = equilibrium_certificate(off, [{"range": [0, 1], "verdict": "undecided"}], verdict="epsilon_equilibrium")
    yield toggled("an undecided group proves nothing", "CERT-6", open_, "verdict", "undecided")


def balance_cases():
    loads = on(3, (0, 2, 1), (0, 1, 1), (0, 3, 1), (1, 1, 1), blocks=[[2, 3]])
    share, revenue = balance_certificate(loads, "share"), balance_certificate(loads, "revenue", "1/2")
    tie = balance_certificate(on(2, (0, "1/2", 1), (0, 1, 1), (1, "1/2", 1)), "share")
    equal = balance_certificate(on(2, (0, 9, 9), (0, 2, 1), (0, 1, 3), (1, 1, 2), (1, 3, 1)), "revenue", "1/2")
    yield toggled("balance: share rule", "CERT-8", share)
    yield toggled("balance: revenue rule", "CERT-8", revenue)
    yield toggled("balance: a tie of loads", "CERT-8", tie)
    yield toggled("balance: a tie of sums of exponentials", "CERT-8", equal)
    yield toggled("balance: no nodes", "CERT-8", balance_certificate(network(2, []), "share"))
    for name, made in (("share", share), ("revenue", revenue)):
        comparisons = made["document"]["comparisons"]
        yield toggled(f"balance: {name} rule, a smaller margin", "CERT-8", change(made, "comparisons", 0, "margin", "0"))
        over = str(exact(comparisons[1]["margin"]) + Fraction(1, 500))
        yield toggled(f"balance: {name} rule, a margin too great by 1/500", "CERT-8", made, "comparisons", 1, "margin", over)
        yield toggled(f"balance: {name} rule, a comparison is missing", "CERT-8", made, "comparisons", comparisons[:-1])
        yield toggled(f"balance: {name} rule, two exchanged", "CERT-8", made, "comparisons", comparisons[1:2] + comparisons[:1] + comparisons[2:])
        yield toggled(f"balance: {name} rule, not at rest", "CERT-8", made, "allocation", [[0, 1]] * 4)
    yield toggled("balance: share rule, with an alpha", "CERT-1", share, "alpha", "1/2")
    yield toggled("balance: revenue rule, without alpha", "CERT-1", revenue, "alpha", LEAVE_OUT)
    yield toggled("balance: a margin below 0", "CERT-8", tie, "comparisons", 0, "margin", "-1/1000")
    yield toggled("balance: a tie with a margin", "CERT-8", equal, "comparisons", 0, "margin", "1/1000000")
    yield toggled("balance: a range that is no target", "CERT-8", tie, "allocation", 0, [0, 2])


def certificate_cases():
    with mp.workdps(200):
        yield from chain_cases()
        yield from price_cases()
        yield from balance_cases()


TOPICS = {"certificate": certificate_cases}
