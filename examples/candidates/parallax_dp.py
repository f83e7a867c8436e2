"""How the scheduler of Parallax finds the path of least latency, as we read it, on our networks.

Read at: https://github.com/GradientHQ/parallax/blob/162354a03234a28cf6e2946e2e0b2203da7c3721/src/scheduling/request_routing.py
(`DynamicProgrammingRouting.find_optimal_path`; Apache License 2.0). No code is taken from there.

The rule: dynamic programming in doubles over nodes by rising (first, last) layer. A path continues where the node before it
stops. Each node adds its latency once, and each hop the round trip between the two; there is no client.

    parallax_dp.py [--as-measured] [--exact]

Without an option, a node's latency is its whole cost, and a round trip is what our networks call latency: so the scheduler's
README describes it. --as-measured: what servers report is the latency of *one* layer (base_executor.py divides the time of
a batch by the number of layers), and a round trip is twice our latency. --exact: fractions instead of doubles.
Prints whether there is a path and the path's time by ROUTE-2: judged is whether another one is faster. Networks with
client legs are judged for the former alone.
"""
import json
import sys
from fractions import Fraction

as_measured = "--as-measured" in sys.argv
number = Fraction if "--exact" in sys.argv else lambda value: float(Fraction(value))
market = json.load(sys.stdin, parse_float=str)
nodes, layers = market["nodes"], market["model"]["layers"]
latency = market.get("latency", {"values": [None] * len(nodes)})["values"]


def one_way(i, j):
    return Fraction(latency[i][j]) if latency[i] else Fraction(0)


def node_latency(i):
    first, last = nodes[i]["layers"]
    return number(Fraction(nodes[i]["cost"]) / (last - first if as_measured else 1))


def round_trip(i, j):
    return number(one_way(i, j) * (2 if as_measured else 1))


arrived = {}  # node: (least latency of a path from layer 0 up to and including it, node before it)
for i in sorted(range(len(nodes)), key=lambda i: nodes[i]["layers"]):
    first = nodes[i]["layers"][0]
    if first == 0:
        arrived[i] = node_latency(i), None
    for j in [j for j in arrived if nodes[j]["layers"][1] == first]:
        total = arrived[j][0] + round_trip(j, i) + node_latency(i)
        if i not in arrived or total < arrived[i][0]:
            arrived[i] = total, j

ends = [i for i in arrived if nodes[i]["layers"][1] == layers]
answer = {"reachable": bool(ends)}
if ends and not ("client" in market or "clients" in market):
    path = [min(ends, key=lambda i: arrived[i][0])]
    while (before := arrived[path[0]][1]) is not None:
        path.insert(0, before)
    time = sum(Fraction(nodes[i]["cost"]) for i in path) + sum(one_way(i, j) for i, j in zip(path, path[1:]))
    answer |= {"nodes": [nodes[i]["id"] for i in path], "time": str(time)}
json.dump(answer, sys.stdout)
