"""Prices: shares, best responses, regrets, equilibria and verdicts, from their definitions.

How a decimal is known to be correctly rounded: a value v comes with a proved bound r of its relative error (below 1e-120), and is written only
if v (1 - r) and v (1 + r) round to the same 50 digits. The bounds rest on mpmath's exp and ln being right to a few
units of their last of 200 (700 for derivatives) digits, and on these arguments:
- a best response is the one zero of a falling function, whose signs on both sides of it are looked at;
- an equilibrium maximizes the potential of PRICE-14, found by Newton's method on all prices at once. In x = a p its Hessian is at most -diag(1/x^2),
  so with mu the least of 1/(x + rho)^2 the maximizer is within rho of a point whose gradient is shorter than mu rho;
- a slope is a central difference of width 1e-130, whose error is of the order of its square.
"""
from fractions import Fraction

from mpmath import exp, fsum, log, lu_solve, matrix, mp, mpf

from common import Dice, exact, groups, ids, name_of, network, scales
from decimals import decimal, fraction, nearest, real


class Group:
    """The nodes of one range as the demand model sees them (PRICE-2)."""

    def __init__(self, net, range_, members, alpha, prices):
        price_scale, cost_scale, temperature = scales(net)
        self.range, self.members, self.n = list(range_), members, len(members)
        self.ids = ids(net, members)
        self.a = alpha / (price_scale * temperature)
        self.p = [prices[i] for i in members]
        self.d = [(1 - alpha) * exact(net["nodes"][i]["cost"]) / (cost_scale * temperature) for i in members]
        self.w = [self.a * p + d for p, d in zip(self.p, self.d)]
        self.exists = self.n >= 2 and self.a > 0
        self.equal = len(set(self.w)) == 1
        # By Lindemann-Weierstrass a share is rational only if all weights are equal, which makes each 1/n.
        self.settled = [self.exists and self.equal and self.a * p * (self.n - 1) == self.n for p in self.p]
        self.symmetric = all(self.settled)

    def share(self, k, price=None):
        """P of node k, at another price of its own if one is given (a real)."""
        own = exp(-real(self.w[k])) if price is None else exp(-(real(self.a) * price + real(self.d[k])))
        return own / (own + fsum(exp(-real(w)) for j, w in enumerate(self.w) if j != k))

    def revenue(self, k, price):
        return price * self.share(k, price)

    def best_response(self, k):
        """The zero of 1 - a p (1 - P(p)), which falls from P > 0 at p = 1/a."""
        a, d = real(self.a), real(self.d[k])
        others = fsum(exp(-real(w)) for j, w in enumerate(self.w) if j != k)
        def falls(p):
            return 1 - a * p * others / (exp(-a * p - d) + others)
        low, high = 1 / a, 2 / a
        while falls(high) > 0:
            low, high = high, 2 * high
        while high - low > low / 1000:
            middle = (low + high) / 2
            low, high = (middle, high) if falls(middle) > 0 else (low, middle)
        p = (low + high) / 2
        for _ in range(9):  # Newton; whatever it finds, the signs decide
            own = exp(-a * p - d)
            p += (1 - a * p * others / (own + others)) / (a * others / (own + others) * (1 + a * p * own / (own + others)))
        assert falls(p * (1 - mpf(10) ** -180)) > 0 > falls(p * (1 + mpf(10) ** -180))
        return p

    def regret(self, k):
        """(best price, best revenue, absolute regret, relative regret) as reals, the regrets with an error below 1e-180 of the best revenue."""
        price = self.best_response(k)
        best = self.revenue(k, price)
        now = self.revenue(k, real(self.p[k])) if self.p[k] > 0 else mpf(0)
        return price, best, best - now, 1 - now / best


def listed(net, alpha, prices=None):
    values = [exact(prices[node["id"]] if prices else node["price"]) for node in net["nodes"]]
    return [Group(net, range_, members, alpha, values) for range_, members in groups(net).items()]


def slope(function, at):
    """Derivative at a point."""
    with mp.workdps(700):
        width = mpf(10) ** -130
        return (function(at + width) - function(at - width)) / (2 * width)


def demand_of(group, k):
    n, a, p = group.n, group.a, group.p[k]
    if group.equal:
        share = Fraction(1, n)
        return {"share": str(share), "revenue": str(p * share), "slope": str(-a * share * (1 - share)), "gradient": str(share * (1 - a * p * (1 - share)))}
    at = real(p)
    with mp.workdps(700):
        share, at = group.share(k), real(p)
        steepness = slope(lambda q: group.share(k, q), at)
        gradient = slope(lambda q: group.revenue(k, q), at)
    return {"share": decimal(share), "revenue": decimal(at * share) if p else "0", "slope": decimal(steepness) if a else "0",
            "gradient": decimal(gradient)}


def response_of(group, k):
    if not group.exists:
        return {"best_response": None, "best_revenue": None, "relative_regret": None, "absolute_regret": None}
    if group.settled[k]:
        return {"best_response": str(group.p[k]), "best_revenue": str(group.p[k] / group.n), "relative_regret": "0", "absolute_regret": "0"}
    price, best, absolute, relative = group.regret(k)
    assert relative > mpf(10) ** -50, (group.ids[k], group.p, float(relative))
    return {"best_response": decimal(price), "best_revenue": decimal(best), "relative_regret": decimal(relative) if group.p[k] else "1",
            "absolute_regret": decimal(absolute)}


def equilibrium_of(group):
    """x = a p of the maximizer of sum ln x - sum x - ln sum e^(-x-d)."""
    n, d = group.n, [real(value) for value in group.d]

    def shares(x):
        parts = [exp(-x[i] - d[i]) for i in range(n)]
        total = fsum(parts)
        return [part / total for part in parts], total

    def potential(x):
        return fsum(log(v) - v for v in x) - log(shares(x)[1])

    def gradient(x):
        return [1 / x[i] - 1 + share for i, share in enumerate(shares(x)[0])]
    x = [mpf(2)] * n
    for _ in range(200):
        share, slope_of = shares(x)[0], gradient(x)
        hessian = matrix(n, n)
        for i in range(n):
            for j in range(n):
                hessian[i, j] = share[i] * share[j] - (share[i] + 1 / x[i] ** 2 if i == j else 0)
        step = lu_solve(hessian, matrix([-g for g in slope_of]))
        size, now = mpf(1), potential(x)
        while any(x[i] + size * step[i] <= 0 for i in range(n)) or potential([x[i] + size * step[i] for i in range(n)]) < now - mpf(10) ** -190:
            size /= 2
        x = [x[i] + size * step[i] for i in range(n)]
        if max(abs(value) for value in step) < mpf(10) ** -185:
            break
    radius = mpf(10) ** -130
    steepest = max(abs(g) for g in gradient(x)) * n
    assert steepest < radius / max(v + radius for v in x) ** 2, steepest
    return x, shares(x)[0]


def solved(group):
    if not group.exists:
        return {"range": group.range, "verdict": "no_equilibrium", "nodes": {}}
    if len(set(group.d)) == 1:
        price = Fraction(group.n) / (group.a * (group.n - 1))
        nodes = [{"price": str(price), "share": str(Fraction(1, group.n)), "revenue": str(price / group.n)}] * group.n
    else:
        x, share = equilibrium_of(group)
        prices = [v / real(group.a) for v in x]
        nodes = [{"price": decimal(p), "share": decimal(s), "revenue": decimal(p * s)} for p, s in zip(prices, share)]
    return {"range": group.range, "verdict": "equilibrium", "nodes": dict(zip(group.ids, nodes))}


PRECEDENCE = ("no_equilibrium", "refuted", "epsilon_equilibrium", "equilibrium")


def judged(group, epsilon, absolute):
    if not group.exists:
        return {"range": group.range, "verdict": "no_equilibrium", "beyond": []}
    if group.symmetric:
        return {"range": group.range, "verdict": "equilibrium", "beyond": []}
    beyond = []
    for k, name in enumerate(group.ids):
        if group.settled[k]:
            continue
        _, best, absolute_regret, relative = group.regret(k)
        regret = absolute_regret if absolute else relative if group.p[k] else mpf(1)
        assert abs(regret - real(epsilon)) > max(best, 1) * mpf(10) ** -170, "too close to tell"
        if regret > real(epsilon):
            beyond.append(name)
    return {"range": group.range, "verdict": "refuted" if beyond else "epsilon_equilibrium", "beyond": beyond}


def verdict(net, alpha, prices, epsilon, absolute):
    found = [judged(group, epsilon, absolute) for group in listed(net, alpha, prices)]
    names = {group["verdict"] for group in found} | {"equilibrium"}
    return {"verdict": next(name for name in PRECEDENCE if name in names), "groups": found}


def layer(costs_prices, **more):
    return network(1, [(0, 1, cost, price) for cost, price in costs_prices], **more)


def random_market(dice, spread, sizes=(2, 5)):
    nodes = []
    layers = dice.between(1, 2)
    for x in range(layers):
        for _ in range(dice.between(*sizes)):
            nodes.append((x, x + 1, f"{dice.between(1, spread)}/{dice.between(1, 7)}", f"{dice.between(0, 60)}/{dice.between(5, 9)}"))
    more = {}
    if dice.below(2):
        more["scales"] = {"price": dice.pick(("1/2", "3")), "cost": dice.pick(("10", "7/3"))}
    if dice.below(3) == 0:
        more["temperature"] = dice.pick(("2", "2/3"))
    return network(layers, nodes, **more)


def markets():
    """(name, network, alpha, prices or None): common to demand and response."""
    yield "two equal nodes", layer([(3, 1), (3, 1)]), "1/2", None
    yield "two equal nodes of unequal price", layer([(3, 1), (3, 2)]), "1/2", None
    yield "two unequal nodes that weigh the same", layer([(2, 1), (1, 2)]), "1/2", None
    yield "one of two that weigh the same is at its best response", layer([(2, 3), (1, 4)]), "1/2", None
    yield "seven equal nodes at 7/3", layer([(10, "7/3")] * 7), "1/2", None
    yield "seven equal nodes at 2.33", layer([(10, "2.33")] * 7), "1/2", None
    yield "one node alone", layer([(3, 5)]), "1/2", None
    yield "alpha 0", layer([(3, 5), (2, 9)]), "0", None
    yield "alpha 1", layer([(3, 5), (2, 9), (7, 1)]), "1", None
    yield "alpha 1 with equal prices", layer([(3, "3/2"), (2, "3/2"), (7, "3/2")]), "1", None
    yield "a price of 0", layer([(3, 0), (2, 4)]), "1/3", None
    yield "shares far below 1e-300", layer([(1500, 1), (1, 1), (1000, 7)]), "1/2", None
    yield "a best response next to 1/a", layer([(700, 3), (1, 2)]), "1/2", None
    yield "a node that has it all", layer([(1, 2), (900, 1), (900, 5)]), "1/2", None
    yield "the others at their equilibrium", layer([(5, 3), (5, 3), (5, 3), (5, 4)]), "1/2", None
    yield "scales and temperature", layer([(30, 1), (10, 2)], scales={"price": "1/5", "cost": 10}, temperature="3/2"), "1/4", None
    yield "three groups, the nodes shuffled", network(3, [(1, 2, 3, 1), (0, 1, 2, 2), (0, 2, 1, 1), (1, 2, 2, 3), (0, 1, 4, 4), (0, 2, 1, 3)]), "1/2", None
    net = layer([(3, 1), (1, 1)])
    yield "prices of another file", net, "1/2", {name_of(1): "7/2", name_of(0): "5/2"}
    yield "latency and clients do not enter", network(1, [(0, 1, 2, 2), (0, 1, 3, 3)], latency={"kind": "matrix", "values": [[0, 9], [9, 0]]}, client={"to": [5, 0]}), "1/2", None


def with_prices(case, prices):
    return case if prices is None else {**case, "prices": prices}


def per_node(groups_, answer):
    return {"nodes": {name: answer(group, k) for group in groups_ for k, name in enumerate(group.ids)}}


def market_cases(clauses, answer, seed):
    dice = Dice(seed)
    everything = list(markets()) + [(f"random {k}", random_market(dice, dice.pick((5, 40))), dice.pick(("1/2", "1/7", "9/10")), None) for k in range(8)]
    for name, net, alpha, prices in everything:
        yield {"name": name, "clauses": clauses, **with_prices({"network": net, "alpha": alpha}, prices),
               "expect": per_node(listed(net, exact(alpha), prices), answer)}


def demand_cases():
    return market_cases(["PRICE-1", "PRICE-2", "PRICE-3", "PRICE-4", "PRICE-5"], demand_of, 71)


def response_cases():
    return market_cases(["PRICE-6", "PRICE-7", "PRICE-8", "PRICE-9", "PRICE-10"], response_of, 72)


def bracket_of(group, k, trial):
    """What a trial price shows of a node's regret (PRICE-9), with the revenues at both prices taken as they are."""
    with mp.workdps(1000):  # where a share is P, e^(z-1)/z may differ from 1 by P^2
        return bracketed(group, k, trial) if group.exists else None


def bracketed(group, k, trial):
    q, p = real(trial), group.p[k]
    weights = {group.a * trial + group.d[k], *(w for j, w in enumerate(group.w) if j != k)}
    z = group.a * trial * Fraction(group.n - 1, group.n) if len(weights) == 1 else None  # P(q) = 1/n
    real_z = real(group.a) * q * (1 - group.share(k, q)) if z is None else real(z)
    factor = mpf(1) if z == 1 else exp(real_z - 1) / real_z
    there = group.revenue(k, q)
    here = group.revenue(k, real(p)) if p else mpf(0)

    def shown(value, unit=1):
        assert value == 0 or abs(value) > unit * mpf(10) ** -800
        return decimal(value) if value else "0"
    same = p == trial
    lower = mpf(0) if same else 1 - here / there
    upper = mpf(0) if same and z == 1 else 1 - here / there / factor
    return {"stationarity": shown(real_z) if z is None else str(z), "ratio": "1" if same else shown(here / there),
            "relative": [shown(lower), shown(upper)] if p else ["1", "1"],
            "absolute": [shown(lower * there, there), "0" if same and z == 1 else shown(there * factor - here, there)]}


def bracket_cases():
    dice = Dice(75)
    everything = list(markets()) + [(f"random {k}", random_market(dice, dice.pick((5, 20))), dice.pick(("1/2", "1/7", "9/10")), None) for k in range(6)]
    for name, net, alpha, prices in everything:
        found = listed(net, exact(alpha), prices)
        trials, nodes = {}, {}
        for group in found:
            for k, node in enumerate(group.ids):
                ways = ([group.p[k]] if group.p[k] else []) + ([1 / group.a, 3 / group.a, group.p[k] + 1 / (3 * group.a)] if group.a else [Fraction(1)])
                trial = ways[len(trials) % len(ways)]
                trials[node], nodes[node] = str(trial), bracket_of(group, k, trial)
        yield {"name": name, "clauses": ["PRICE-9", "PRICE-10"], **with_prices({"network": net, "alpha": alpha}, prices), "trials": trials,
               "expect": {"nodes": nodes}}


def equilibrium_cases():
    def case(name, net, alpha, *clauses):
        return {"name": name, "clauses": list(clauses), "network": net, "alpha": alpha,
                "expect": {"groups": [solved(group) for group in listed(net, exact(alpha))]}}
    both = ("PRICE-12", "PRICE-14")
    for n in (2, 3, 7):
        yield case(f"{n} equal nodes", layer([("10/3", 1)] * n), "1/2", "PRICE-12", "PRICE-13")
    yield case("alpha 1: costs do not count", layer([(1, 1), (50, 2), (3, 3)]), "1", "PRICE-12", "PRICE-13")
    yield case("alpha 0: none", layer([(1, 1), (50, 2)]), "0", "PRICE-8")
    yield case("a node alone: none", layer([(1, 1)]), "1/2", "PRICE-8")
    yield case("no nodes", network(2, []), "1/2", "PRICE-11")
    yield case("a group with and one without", network(2, [(1, 2, 4, 1), (0, 1, 3, 1), (0, 1, 4, 1)]), "1/2", "PRICE-8", *both)
    yield case("toy", network(2, [(0, 1, 5, 1), (0, 1, 2, 3), (1, 2, 6, 1), (1, 2, 2, 6)]), "1/2", *both)
    yield case("costs that differ by 1e-40", layer([("1." + "0" * 39 + "1", 1), (1, 1)]), "1/2", *both)
    yield case("costs from 1 to 1000", layer([(1, 1), (10, 1), (100, 1), (1000, 1)]), "1/2", *both)
    yield case("a share of 1e-300 and less", layer([(1500, 1), (1, 1), (2, 1)]), "1/2", *both)
    yield case("one far better than two equal", layer([(80, 1), (1, 1), (80, 1)]), "1/2", *both)
    yield case("scales and temperature", layer([(30, 1), (10, 2), (25, 0)], scales={"price": "1/5", "cost": 10}, temperature="3/2"), "1/4", *both)
    yield case("alpha close to 0", layer([(3, 1), (4, 2)]), "1/1000", *both)
    yield case("alpha close to 1", layer([(3, 1), (4, 2)]), "999/1000", *both)
    yield case("eight nodes", layer([(cost, 1) for cost in ("3", "1/3", "2", "9", "7/2", "2", "11", "1/9")]), "2/5", *both)
    dice = Dice(73)
    for k in range(7):
        yield case(f"random {k}", random_market(dice, dice.pick((5, 60))), dice.pick(("1/2", "1/7", "9/10")), *both)


def truncated(value, digits, up):
    """A rational next to a real: `digits` digits behind the point of its leading one, on the side asked for."""
    text, exponent = nearest(fraction(value)).split("e")
    kept = Fraction(text[:digits + 2]) * Fraction(10) ** int(exponent)
    return str(kept + (Fraction(10) ** (int(exponent) - digits) if up else 0))


def verify_cases():
    def case(name, net, epsilon, clauses=("PRICE-10", "PRICE-11"), alpha="1/2", absolute=False, prices=None):
        return with_prices({"name": name, "clauses": list(clauses), "network": net, "alpha": alpha, "epsilon": epsilon, "absolute": absolute,
                            "expect": verdict(net, exact(alpha), prices, exact(epsilon), absolute)}, prices)
    seven, near = layer([(10, "7/3")] * 7), layer([(10, "2.33")] * 7)
    yield case("seven equal nodes at 7/3, epsilon 0", seven, "0", ("PRICE-11", "PRICE-13"))
    yield case("seven equal nodes at 7/3, epsilon 1/2", seven, "1/2", ("PRICE-11", "PRICE-13"))
    yield case("seven equal nodes at 7/3, absolute", seven, "3", ("PRICE-11", "PRICE-13"), absolute=True)
    for epsilon in ("0", "1e-6", "8.756e-7", "8.757e-7"):
        yield case(f"seven equal nodes at 2.33, epsilon {epsilon}", near, epsilon)
    for epsilon in ("2.914e-7", "2.915e-7"):
        yield case(f"seven equal nodes at 2.33, absolute epsilon {epsilon}", near, epsilon, absolute=True)
    group = listed(near, Fraction(1, 2))[0]
    hair = ("PRICE-9", "PRICE-10", "PRICE-11", "PRICE-15")
    for up in (False, True):
        yield case(f"epsilon a hair {'above' if up else 'below'} the relative regret", near, truncated(group.regret(0)[3], 40, up), hair)
        yield case(f"epsilon a hair {'above' if up else 'below'} the absolute regret", near, truncated(group.regret(0)[2], 40, up), hair, absolute=True)
    third = layer([(3, "2." + "9" * 30)] * 3)
    yield case("equal nodes a hair below 3, epsilon 0", third, "0", ("PRICE-11", "PRICE-13"))
    yield case("equal nodes a hair below 3, default epsilon", third, "1e-6", ("PRICE-11", "PRICE-13"))
    yield case("alpha 1: unequal costs, equal prices", layer([(1, "3/2"), (2, "3/2"), (50, "3/2")]), "0", ("PRICE-11", "PRICE-13"), alpha="1")
    yield case("unequal costs at n / (a (n - 1))", layer([(1, 3), (2, 3), ("5/2", 3)]), "0", ("PRICE-11", "PRICE-13"))
    yield case("equal weights that are no equilibrium", layer([(2, 3), (1, 4)]), "0", ("PRICE-11", "PRICE-13"))
    yield case("one node alone, at any price", layer([(1, 7)]), "1e-6", ("PRICE-8", "PRICE-11"))
    yield case("alpha 0", layer([(1, 7), (1, 7)]), "1e-6", ("PRICE-8", "PRICE-11"), alpha="0")
    yield case("no nodes", network(1, []), "0", ("PRICE-11",))
    yield case("a price of 0 has relative regret 1", layer([(1, 0), (1, 4)]), "0.999999999", ("PRICE-10",))
    yield case("a price of 0 within an absolute epsilon", layer([(1000, 0), (1, "2.2")]), "5", ("PRICE-10",), absolute=True)
    yield case("a regret of 1e-200 in price units", layer([(1000, 1), (1, 2)]), "1e-6", absolute=True)
    good, close, bad, alone = ((10, 4),) * 2, ((10, "4.0001"),) * 2, ((10, 9),) * 2, ((10, 1),)
    for names, kinds in (("equilibrium, epsilon", (good, close)), ("equilibrium, epsilon, refuted", (good, close, bad)),
                         ("all four", (bad, alone, close, good)), ("two equilibria", (good, good))):
        nodes = [(k, k + 1, cost, price) for k, kind in enumerate(kinds) for cost, price in kind]
        yield case(f"the first of the groups' verdicts: {names}", network(len(kinds), nodes), "1e-6", ("PRICE-11",))
    toy = network(2, [(0, 1, 5, 1), (0, 1, 2, 3), (1, 2, 6, 1), (1, 2, 2, 6)])
    rounded = {name: exact(truncated(mpf(answer["price"]), 8, False)) for found in equilibrium_of_net(toy) for name, answer in found["nodes"].items()}
    yield case("toy at its own prices", toy, "1e-6", ("PRICE-11",))
    for epsilon in ("1e-6", "1e-18"):
        yield case(f"toy at its equilibrium to 9 digits, epsilon {epsilon}", toy, epsilon, ("PRICE-11", "PRICE-12"), prices={k: str(v) for k, v in rounded.items()})
    dice = Dice(74)
    for k in range(4):
        absolute = bool(k % 2)
        yield case(f"random {k}", random_market(dice, 8), dice.pick(("1e-6", "1/10", "1/3")), ("PRICE-9", "PRICE-10", "PRICE-11"), absolute=absolute)


def equilibrium_of_net(net):
    return [solved(group) for group in listed(net, Fraction(1, 2))]


TOPICS = {"demand": demand_cases, "response": response_cases, "bracket": bracket_cases, "equilibrium": equilibrium_cases, "verify": verify_cases}
