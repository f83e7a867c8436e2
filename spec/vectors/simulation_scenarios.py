"""Scenarios of the vectors of simulations.py: a name, the clauses, the seed and the scenario of each."""
from common import Dice


def scenario(counts, steps, record, cost=3, price=1, eta=1, monopoly="ascend", alpha="1/2", **more):
    return {"format": "p2pllm-scenario/1", "name": "vector", "network": {"generate": {"layers": len(counts), "counts": counts, "cost": cost, "price": price}},
            "alpha": alpha, "steps": steps, "prices": {"eta": eta, **more.pop("prices", {})}, "monopoly": monopoly, "record": record, "tolerance": "1e-30", **more}


def scenarios():
    drawn = {"uniform": [1, 9]}
    yield "equal nodes", ["SIM-6"], 1, scenario([3, 2], 4, [0, 1, 4])
    yield "drawn costs and prices", ["SIM-4", "SIM-5"], 7, scenario([3, 4], 3, [0, 3], drawn, {"uniform": [0, "5/2"]})
    yield "drawn to decimals, a seed of 63 bits", ["SIM-4", "SIM-5"], 2**63 - 1, scenario([4, 4], 2, [0, 2], {"uniform": ["1/2", 9], "decimals": 1}, {"uniform": [0, 2], "decimals": 0})
    yield "scales and temperature", ["SIM-6"], 2, scenario([3, 3], 3, [3], drawn, scales={"cost": 5, "price": "3/2"}, temperature="4/3", alpha="1/3")
    yield "alpha 0: no price matters", ["SIM-6"], 3, scenario([3], 3, [3], drawn, alpha=0)
    for rule in ("hold", "ascend", {"cap": "5/2"}):
        yield f"a group of one: {rule}", ["SIM-7"], 4, scenario([1, 2], 3, [1, 2, 3], eta="3/4", monopoly=rule)
    yield "prices every third step", ["SIM-3", "SIM-6"], 5, scenario([2, 3], 7, [2, 3, 6, 7], drawn, prices={"every": 3})
    yield "one layer in turn", ["SIM-6"], 5, scenario([2, 3, 2], 5, [1, 2, 3, 5], drawn, prices={"update": "one_layer"})
    yield "each price with probability", ["SIM-4", "SIM-6"], 6, scenario([3, 3], 6, [1, 3, 6], drawn, prices={"update": {"probability": "1/3"}})
    yield "a script empties a layer", ["SIM-8", "SIM-9"], 1, scenario([2, 1, 2], 4, [1, 2, 4], drawn, script=[{"step": 1, "from": [1, 2], "to": [0, 1]}, {"step": 2, "from": [1, 2], "to": [0, 1]}, {"step": 2, "from": [0, 1], "to": [2, 3]}])
    for schedule in ("sweep", "sweep_random", "next", "one_random", "best", "first", "gainer_random", {"probability": "2/5"}):
        plan = {"period": 2, "schedule": schedule}
        name = schedule if isinstance(schedule, str) else "probability"
        yield f"{name}: drawn costs", ["SIM-3", "SIM-8", "SIM-9"], 11, scenario([6, 0, 2], 8, [2, 4, 8], drawn, migration=plan)
        yield f"{name}: by count, ties drawn", ["SIM-5", "SIM-8"], 12, scenario([7, 0, 1, 0], 6, [2, 4, 6], drawn, migration={**plan, "rule": "count", "tie": "random"})
    yield "a tie takes the lowest layer", ["SIM-8"], 1, scenario([4, 0, 0], 2, [2], migration={"period": 1, "schedule": "sweep", "tie": "lowest"})
    yield "a script before a sweep of the same step", ["SIM-3", "SIM-8"], 1, scenario([4, 1], 2, [1, 2], script=[{"step": 1, "from": [0, 1], "to": [1, 2]}], migration={"period": 1, "schedule": "sweep"})
    dice = Dice(16)
    for k in range(8):
        counts = [dice.between(0, 4) for _ in range(dice.between(1, 3))] + [dice.between(1, 4)]
        plan = {"period": dice.between(1, 3), "schedule": dice.pick(("sweep", "sweep_random", "one_random", "best")), "tie": dice.pick(("lowest", "random"))}
        yield (f"random {k}", ["SIM-1", "SIM-16"], dice.below(1 << 40),
               scenario(counts, 6, [0, 3, 6], {"uniform": [1, dice.between(2, 50)]}, eta=dice.pick((1, "1/4", "8/3")), migration=plan, alpha=dice.pick(("1/2", "9/10"))))


def served_scenarios():
    drawn, few = {"uniform": [1, 9]}, {"poisson_per_step": "5/2", "cost_ticks": 20}
    for mode in ("least", "gumbel", "boltzmann"):
        yield f"requests by {mode}", ["SIM-2", "SIM-10"], 21, scenario([3, 2, 4], 12, [0, 5, 12], drawn, step_ticks=100, requests={"mode": mode, **few})
        yield f"requests by {mode}: a layer goes dark", ["SIM-10", "SIM-16"], 22, scenario([2, 1, 2], 9, [4, 9], drawn, step_ticks=100, requests={"mode": mode, **few}, script=[{"step": 4, "from": [1, 2], "to": [0, 1]}])
    yield "equal nodes: the first takes all", ["SIM-11"], 23, scenario([3, 2], 10, [10], 4, step_ticks=100, requests={"mode": "least", **few})
    yield "exponential services, more than the nodes can serve", ["SIM-10"], 24, scenario([2, 2], 10, [5, 10], drawn, step_ticks=1000, requests={"mode": "boltzmann", "poisson_per_step": 6, "cost_ticks": 100, "service": "exponential", "warm_up": 3})
    yield "who has served moves its price", ["SIM-6"], 25, scenario([3, 3], 10, [3, 10], drawn, prices={"update": "served"}, step_ticks=100, requests={"mode": "gumbel", **few})
    yield "movers keep their queues", ["SIM-9"], 26, scenario([6, 2], 12, [6, 12], drawn, step_ticks=100, requests={"mode": "boltzmann", "poisson_per_step": 4, "cost_ticks": 30}, migration={"period": 3, "schedule": "sweep"})
    yield "nodes are paid", ["SIM-15"], 28, scenario([3, 2], 12, [6, 12], drawn, step_ticks=100, ledger={"unit": 1000, "deposit": 5000}, requests={"mode": "gumbel", **few})
    yield ("sole servers are paid in whole units", ["SIM-15"], 29, scenario([1, 2], 12, [6, 12], drawn, "1", eta=1, monopoly="hold", step_ticks=100, ledger=True, requests={"mode": "boltzmann", **few}))
    yield "many at one tick", ["SIM-3"], 27, scenario([2, 2, 2], 30, [15, 30], {"uniform": [1, 3], "decimals": 0}, step_ticks=4, requests={"mode": "boltzmann", "poisson_per_step": 2, "cost_ticks": 1})
    yield "many at one tick, with services of their own", ["SIM-3", "SIM-16"], 21, scenario([3, 1, 1], 80, [80], {"uniform": [1, 4], "decimals": 0}, step_ticks=3, prices={"every": 10**6}, requests={"mode": "boltzmann", "poisson_per_step": 1, "cost_ticks": 1, "service": "exponential"})


def churn_scenarios():
    drawn = {"uniform": [1, 9]}
    for name, rule in (("joins", {"joins_per_step": "2/3"}), ("leaves", {"mean_lifetime": 3}), ("both", {"joins_per_step": 1, "mean_lifetime": "5/2"}),
                       ("both, at random", {"joins_per_step": 1, "mean_lifetime": 4, "target": "random"})):
        yield f"churn: {name}", ["SIM-19"], 31, scenario([2, 3, 1], 9, [0, 4, 9], drawn, {"uniform": [0, 2]}, churn=rule)
    for schedule in ("sweep", "sweep_random", "next", "one_random", "best", "first", "gainer_random", {"probability": "1/2"}):
        name = schedule if isinstance(schedule, str) else "probability"
        yield (f"churn with {name}", ["SIM-8", "SIM-19"], 32, scenario([3, 0, 2], 10, [5, 10], drawn, churn={"joins_per_step": 1, "mean_lifetime": 5},
               migration={"period": 2, "schedule": schedule, "rule": "count" if schedule == "next" else "share"}))
    yield "next of those present", ["SIM-8", "SIM-19"], 36, scenario([9, 0, 0], 12, [12], drawn, churn={"mean_lifetime": 9}, migration={"period": 1, "schedule": "next"})
    yield "everybody leaves", ["SIM-19", "SIM-16"], 33, scenario([2, 1], 8, [2, 8], drawn, churn={"mean_lifetime": "1/2"}, migration={"period": 1, "schedule": "sweep"})
    yield ("requests under churn", ["SIM-10", "SIM-19"], 34, scenario([2, 2], 12, [6, 12], drawn, step_ticks=100, churn={"joins_per_step": "1/2", "mean_lifetime": 4},
           requests={"mode": "boltzmann", "poisson_per_step": 3, "cost_ticks": 20}))
    yield ("equal nodes join and are told apart", ["SIM-11", "SIM-19"], 35, scenario([2, 1], 12, [6, 12], 4, step_ticks=100, churn={"joins_per_step": 1, "mean_lifetime": 8},
           requests={"mode": "least", "poisson_per_step": 3, "cost_ticks": 20}))


def revenue_scenarios():
    drawn, by_revenue = {"uniform": [1, 9]}, {"rule": "revenue"}
    for schedule in ("sweep", "sweep_random", "next", "one_random", "best", "first", "gainer_random", {"probability": "2/5"}):
        plan = {"period": 2, "schedule": schedule, **by_revenue}
        name = schedule if isinstance(schedule, str) else "probability"
        yield f"revenue, {name}: drawn costs", ["SIM-8", "SIM-21"], 41, scenario([5, 0, 2], 8, [2, 4, 8], drawn, {"uniform": [0, 2]}, migration=plan)
        yield f"revenue, {name}: equal nodes, ties drawn", ["SIM-8", "SIM-21"], 42, scenario([6, 1, 1, 0], 6, [2, 4, 6], migration={**plan, "tie": "random"})
    sweep = {"period": 1, "schedule": "sweep", **by_revenue}
    yield "revenue: who earns nothing stays", ["SIM-8"], 43, scenario([4, 0, 1], 5, [1, 2, 5], price=0, prices={"every": 2}, migration=sweep)
    yield ("revenue: a tie of ranges whose nodes came by other ways", ["SIM-21"], 44,
           scenario([3, 3, 2, 2], 9, [9], script=[{"step": 1, "from": [0, 1], "to": [2, 3]}, {"step": 1, "from": [1, 2], "to": [3, 4]}], migration={**sweep, "period": 3}))
    yield "revenue: each price with probability", ["SIM-21"], 45, scenario([4, 1, 0], 8, [4, 8], migration={**sweep, "period": 2}, prices={"update": {"probability": "1/2"}})
    yield "revenue: two prices at a cap", ["SIM-21"], 46, scenario([4, 1, 1], 8, [8], price=1, monopoly={"cap": "5/2"}, migration={**sweep, "period": 4})
    yield "revenue: costs do not count", ["SIM-21"], 47, scenario([4, 1, 1], 6, [6], drawn, alpha=1, migration={**sweep, "period": 2})
    yield "revenue: prices do not count", ["SIM-21"], 48, scenario([4, 1, 1], 6, [6], 3, {"uniform": [0, 2]}, alpha=0, migration={**sweep, "period": 2})
    yield ("revenue: joins and leaves", ["SIM-19", "SIM-21"], 49, scenario([3, 0, 2], 10, [5, 10], {"uniform": [1, 4], "decimals": 0}, churn={"joins_per_step": 1, "mean_lifetime": 5}, migration={**sweep, "period": 2}))
    dice = Dice(21)
    for k in range(8):
        counts = [dice.between(0, 4) for _ in range(dice.between(1, 3))] + [dice.between(1, 4)]
        plan = {"period": dice.between(1, 3), "schedule": dice.pick(("sweep", "next", "best", "gainer_random")), "tie": dice.pick(("lowest", "random")), **by_revenue}
        yield (f"revenue, random {k}", ["SIM-8", "SIM-21"], dice.below(1 << 40),
               scenario(counts, 6, [0, 3, 6], {"uniform": [1, 3], "decimals": 0}, eta=dice.pick((1, "1/4", "8/3")), migration=plan, alpha=dice.pick(("1/2", "9/10"))))
