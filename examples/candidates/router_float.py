"""WRONG: router.py in doubles. Sums of rounded numbers tie where the exact ones differ, and differ where those tie."""
import json
import sys
from fractions import Fraction


def Number(text):
    return float(Fraction(text))


market = json.load(sys.stdin, parse_float=str)
nodes, layers, scales = market["nodes"], market["model"]["layers"], market.get("scales", {})
client = market.get("client") or market.get("clients", [{}])[0]
latency = market.get("latency", {"values": [[]] * len(nodes)})["values"]
alpha, price_scale, cost_scale = (Number(value) for value in (market["alpha"], scales.get("price", 1), scales.get("cost", 1)))


def hop(times, i):
    """The time to or from node i; networks leave out what is 0 for all nodes."""
    return Number(times[i]) if times else 0


def chain(price, time, path):
    """Python compares tuples as ROUTE-3 compares chains: by weight, price, time, and then the nodes' places in the file."""
    return alpha * price / price_scale + (1 - alpha) * time / cost_scale, price, time, path


least = {}  # boundary: {node that starts at it: the least chain from this node to the last layer}
for i in sorted(range(len(nodes)), key=lambda i: -nodes[i]["layers"][0]):
    first, last = nodes[i]["layers"]
    if last == layers:
        rests = [(0, hop(client.get("from"), i), ())]
    else:
        rests = [(price, hop(latency[i], j) + time, path) for j, (_, price, time, path) in least.get(last, {}).items()]
    if rests:
        own_price, cost = Number(nodes[i]["price"]), Number(nodes[i]["cost"])
        least.setdefault(first, {})[i] = min(chain(own_price + price, cost + time, (i, *path)) for price, time, path in rests)

if 0 in least:
    weight, price, time, path = min(chain(price, hop(client.get("to"), i) + time, path) for i, (_, price, time, path) in least[0].items())
    answer = {"reachable": True, "path": [nodes[i]["id"] for i in path]}
else:
    reached = {0}
    for first, last in sorted(node["layers"] for node in nodes):
        if first in reached:
            reached.add(last)
    answer = {"reachable": False, "path": None, "blocked_boundary": max(reached)}
json.dump(answer, sys.stdout)
