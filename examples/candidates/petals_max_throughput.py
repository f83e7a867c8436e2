"""How a client of Petals picks servers for training and long inputs, as we read it, on our networks.

Read at: https://github.com/bigscience-workshop/petals/blob/22afba627a7eb4fcfe9418c49472c6a51334b8ac/src/petals/client/routing/sequence_manager.py
(`_make_sequence_with_max_throughput`; MIT licence). No code is taken from there.

The rule: at each layer reached, a server that holds it is drawn with a probability in proportion to how many layers it
holds, and is used to its last one. Servers known to be out of reach are all but left out; our networks have none.
Here the network itself is the seed, so that the same question gets the same answer.
"""
import json
import random
import sys
from fractions import Fraction

text = sys.stdin.read()
market = json.loads(text, parse_float=str)
nodes, layers = market["nodes"], market["model"]["layers"]
client = market.get("client") or market.get("clients", [{}])[0]
latency = market.get("latency", {"values": [None] * len(nodes)})["values"]
draw = random.Random(text)


def hop(times, i):
    return Fraction(times[i]) if times else 0


layer, path, time = 0, [], 0
while layer < layers:
    holders = [i for i, node in enumerate(nodes) if node["layers"][0] <= layer < node["layers"][1]]
    if not holders:
        sys.exit(json.dump({"reachable": False}, sys.stdout))
    i, = draw.choices(holders, [nodes[i]["layers"][1] - nodes[i]["layers"][0] for i in holders])
    first, last = nodes[i]["layers"]
    time += hop(latency[path[-1]] if path else client.get("to"), i) + Fraction(nodes[i]["cost"]) * (last - layer) / (last - first)
    path.append(i)
    layer = last
json.dump({"reachable": True, "servers": [nodes[i]["id"] for i in path], "time": str(time + hop(client.get("from"), path[-1]))}, sys.stdout)
