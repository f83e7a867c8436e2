"""Every market of at most four nodes in two layers, with costs of 1 and 2, against the independent program of spec/vectors."""
import json
import sys
from fractions import Fraction
from itertools import combinations_with_replacement

from harness import HOLDS, SOURCE, CommandLine, main

sys.path.insert(0, str(SOURCE / "spec/vectors"))

SCHEDULES = ("sweep", "sweep_random", "next", "one_random", "best", "first", "gainer_random", {"probability": "1/2"})
PLACES = [(layer, cost) for layer in (0, 1) for cost in (1, 2)]


class TinyWorlds(CommandLine):
    """[SIM-6][SIM-8][SIM-10][SIM-16][SIM-21]"""

    def setUp(self):
        super().setUp()
        try:
            import simulations
        except ImportError:
            self.skipTest("mpmath is not installed (python3-mpmath)")
        self.program = simulations

    def market(self, places):
        nodes = [{"id": f"n{k}", "layers": [layer, layer + 1], "cost": cost, "price": 1} for k, (layer, cost) in enumerate(places)]
        self.write("n.json", {"format": "p2pllm-network/1", "model": {"name": "tiny", "layers": 2, "blocks": [[0, 1], [1, 2]]}, "nodes": nodes})
        return nodes

    def expected(self, scenario, places, seed):
        """The run of the independent program, which makes its own networks: it is given this one."""
        run = self.program.Run.of(scenario, seed, [layer for layer, _ in places], [Fraction(cost) for _, cost in places], [f"n{k}" for k in range(len(places))], 2)
        return run.run()

    def same(self, scenario, places, seed):
        name = self.write("s.json", {**scenario, "network": {"file": "n.json"}})
        found = self.expect(HOLDS, "simulate", name, "--seed", str(seed), "--json").json
        expected = self.expected(scenario, places, seed)
        self.assertEqual((expected["digest"], expected["moves"]), (found["digest"], found["moves"]), (places, scenario, seed))
        for mine, its in zip(found["records"], expected["records"]):
            for ours, theirs in zip(mine["ranges"], its["ranges"]):
                self.assertEqual(theirs["nodes"], ours["nodes"])
                for which in ours["prices"] or ():
                    low, high = (Fraction(ours["prices"][which][end]) for end in ("lower", "upper"))
                    self.assertTrue(low <= Fraction(theirs["prices"][which]) <= high, (places, which))

    def test_all_of_them_under_every_schedule(self):
        self.every_schedule({})

    def test_all_of_them_by_revenue(self):
        self.every_schedule({"rule": "revenue"})

    def every_schedule(self, rule):
        markets = [places for n in range(1, 5) for places in combinations_with_replacement(PLACES, n)]
        self.assertEqual(69, len(markets))
        for number, places in enumerate(markets):
            self.market(places)
            for k, schedule in enumerate(SCHEDULES):
                if (number + k) % 2 and len(places) == 4:
                    continue  # half of the pairs of the greatest markets
                migration = {"period": 1, "schedule": schedule, "tie": ("lowest", "random")[number % 2], **rule}
                self.same({"format": "p2pllm-scenario/1", "name": "tiny", "alpha": "1/2", "steps": 3, "prices": {"eta": 1}, "monopoly": "ascend",
                           "migration": migration, "record": [0, 1, 2, 3], "tolerance": "1e-9"}, places, number)

    def test_requests_in_all_of_them(self):
        for number, places in enumerate(places for n in range(2, 5) for places in combinations_with_replacement(PLACES, n)):
            self.market(places)
            mode = ("least", "gumbel", "boltzmann")[number % 3]
            self.same({"format": "p2pllm-scenario/1", "name": "tiny", "alpha": "1/2", "steps": 3, "step_ticks": 10, "prices": {"eta": 1, "update": ("all", "served")[number % 2]},
                       "monopoly": "ascend", "requests": {"mode": mode, "poisson_per_step": 3, "cost_ticks": 2}, "record": [0, 1, 2, 3], "tolerance": "1e-9"}, places, number)


if __name__ == "__main__":
    main()
