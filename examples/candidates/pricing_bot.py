"""A pricing bot: the equilibrium of each group by damped best responses in doubles (spec/price.md, PRICE-7), for `solve`.

    pricing_bot.py BITS

BITS is what the bot claims: each price is within a relative 2^-BITS of the true one.
"""
import json
import math
import sys
from fractions import Fraction

STEPS_MAX = 1000
market = json.load(sys.stdin, parse_float=str)
alpha, scales = Fraction(market["alpha"]), market.get("scales", {})
temperature = Fraction(market.get("temperature", 1))
sensitivity = alpha / Fraction(scales.get("price", 1)) / temperature
cost_weight = (1 - alpha) / Fraction(scales.get("cost", 1)) / temperature


def log_sum_exp(values):
    greatest = max(values)
    return greatest + math.log(sum(math.exp(value - greatest) for value in values))


def omega(y):
    """The solution of w + ln w = y, by Newton's method on ln w."""
    u = math.log(y) if y > 1 else y
    for _ in range(50):
        step = (math.exp(u) + u - y) / (math.exp(u) + 1)
        u -= step
        if abs(step) < 1e-17:
            break
    return math.exp(u)


def equilibrium(costs):
    """Prices in units of 1 / sensitivity."""
    # Only differences of costs matter (PRICE-3); in doubles, a common cost of a million would take six digits from each.
    least = min(costs)
    weights = [float(cost_weight * (cost - least)) for cost in costs]
    prices = [1.0] * len(costs)
    for _ in range(STEPS_MAX):
        utilities = [-price - weight for price, weight in zip(prices, weights)]
        all_nodes = log_sum_exp(utilities)
        greatest = max(utilities)
        moved = 0.0
        for i, utility in enumerate(utilities):
            # Without the greatest term a difference would cancel: then the rivals are added up one by one.
            rivals = (log_sum_exp(utilities[:i] + utilities[i + 1:]) if utility == greatest
                      else all_nodes + math.log1p(-math.exp(utility - all_nodes)))
            best = 1 + omega(-weights[i] - rivals - 1)
            moved = max(moved, abs(best - prices[i]) / best)
            prices[i] += (best - prices[i]) / 2
        if moved < 1e-15:
            break
    return prices


groups = {}
for node in market["nodes"]:
    groups.setdefault(tuple(node["layers"]), []).append(node)
answer = {"bits": int(sys.argv[1]), "groups": []}
for layers, nodes in sorted(groups.items()):
    if len(nodes) == 1 or sensitivity == 0:
        answer["groups"].append({"range": layers, "verdict": "no_equilibrium", "nodes": []})
        continue
    prices = equilibrium([Fraction(node["cost"]) for node in nodes])
    answer["groups"].append({"range": layers, "verdict": "equilibrium",
                             "nodes": [{"id": node["id"], "price": price / float(sensitivity)} for node, price in zip(nodes, prices)]})
json.dump(answer, sys.stdout)
