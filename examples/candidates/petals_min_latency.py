"""How a client of Petals picks servers for inference, as we read it, on our networks.

Read at: https://github.com/bigscience-workshop/petals/blob/22afba627a7eb4fcfe9418c49472c6a51334b8ac/src/petals/client/routing/sequence_manager.py
(`_make_sequence_with_min_latency`, `_build_inference_graph`, `_rtt_to_delay`; MIT licence). No code is taken from there.

The rule: Dijkstra's algorithm in doubles, over states "server i before layer b". A server may be entered at any layer that
it holds, is then used to its last one, and takes as long for each layer. A hop takes half a ping, 5 s at most.

    petals_min_latency.py [--whole-ranges] [--exact]

--whole-ranges: a server is entered at its first layer alone, as a chain of ROUTE-1 is. --exact: fractions instead of doubles.
Prints whether layers are served, the chain, and the chain's time by ROUTE-2: judged is whether another one is faster.
"""
import heapq
import json
import sys
from fractions import Fraction

HOP_MAX_MS = 5000
number = Fraction if "--exact" in sys.argv else lambda text: float(Fraction(text))
market = json.load(sys.stdin, parse_float=str)
nodes, layers = market["nodes"], market["model"]["layers"]
client = market.get("client") or market.get("clients", [{}])[0]
latency = market.get("latency", {"values": [None] * len(nodes)})["values"]
hop_max = HOP_MAX_MS if market.get("units", {}).get("cost", "ms") == "ms" else HOP_MAX_MS // 1000


def hop(times, i):
    return min(number(times[i]), hop_max) if times else 0


def may_enter(i, layer):
    first, last = nodes[i]["layers"]
    return first == layer if "--whole-ranges" in sys.argv else first <= layer < last


def after(time, i, layer):
    """The time at which server i, entered before this layer, has run its last one: layer by layer, as doubles add up."""
    first, last = nodes[i]["layers"]
    for _ in range(layer, last):
        time += number(nodes[i]["cost"]) / (last - first)
    return time


def fastest():
    """The path of least time as [(server, layer at which it is entered), ..], or None."""
    end = (len(nodes), layers)
    queue = [(hop(client.get("to"), i), ((i, 0),)) for i in range(len(nodes)) if may_enter(i, 0)]
    heapq.heapify(queue)
    visited = set()
    while queue:
        time, path = heapq.heappop(queue)
        i, layer = path[-1]
        if (i, layer) == end:
            return path[:-1]
        if (i, layer) in visited:
            continue
        visited.add((i, layer))
        time, last = after(time, i, layer), nodes[i]["layers"][1]
        if last == layers:
            heapq.heappush(queue, (time + hop(client.get("from"), i), (*path, end)))
        for j in range(len(nodes)):
            if may_enter(j, last):
                heapq.heappush(queue, (time + hop(latency[i], j), (*path, (j, last))))
    return None


def exact_time(path):
    """By ROUTE-2; a server that is entered late takes a part of its cost."""
    legs = [(client.get("to"), path[0][0]), *((latency[i], j) for (i, _), (j, _) in zip(path, path[1:])), (client.get("from"), path[-1][0])]
    parts = [(nodes[i]["cost"], nodes[i]["layers"], layer) for i, layer in path]
    return (sum(Fraction(times[i]) for times, i in legs if times)
            + sum(Fraction(cost) * (last - layer) / (last - first) for cost, (first, last), layer in parts))


path = fastest()
answer = {"reachable": path is not None}
if path:
    answer |= {"servers": [[nodes[i]["id"], layer, nodes[i]["layers"][1]] for i, layer in path], "time": str(exact_time(path))}
json.dump(answer, sys.stdout)
