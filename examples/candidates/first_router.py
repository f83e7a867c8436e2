"""A first router, for networks without latency: the least chain from each boundary to the last layer, found from behind."""
import json
import sys
from fractions import Fraction

market = json.load(sys.stdin, parse_float=str)
alpha, scales = Fraction(market["alpha"]), market.get("scales", {})
price_scale, cost_scale = Fraction(scales.get("price", 1)), Fraction(scales.get("cost", 1))
best = {market["model"]["layers"]: (0, 0, 0, ())}  # boundary: weight, price, time and nodes of the least chain from it
for i, node in sorted(enumerate(market["nodes"]), key=lambda numbered: -numbered[1]["layers"][0]):
    first, last = node["layers"]
    if last in best:
        _, price, time, path = best[last]
        price, time = price + Fraction(node["price"]), time + Fraction(node["cost"])
        chain = (alpha * price / price_scale + (1 - alpha) * time / cost_scale, price, time, (i, *path))
        best[first] = min(best.get(first, chain), chain)
json.dump({"path": [market["nodes"][i]["id"] for i in best[0][3]] if 0 in best else None}, sys.stdout)
