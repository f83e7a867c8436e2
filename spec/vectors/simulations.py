"""Short simulations, by the clauses of simulation.md: costs and loads are fractions, prices have 200 digits."""
from fractions import Fraction

from mpmath import ceil, exp, floor, fsum, log, mpf

from cbor import encode
from commitments import tagged
from common import exact, scales
from decimals import decimal, real
from simulation_scenarios import churn_scenarios, revenue_scenarios, scenarios, served_scenarios

WORD = 1 << 32
COSTS, POSTED, ARRIVALS, CHOICES, MIGRATION, UPDATES, LIFETIMES, JOINS, SERVICES = range(1, 10)  # streams


def philox(counter, key):
    """Philox4x32-10, from the tables of the paper."""
    x, k = list(counter), list(key)
    for _ in range(10):
        p, q = 0xD2511F53 * x[0], 0xCD9E8D57 * x[2]
        x = [q // WORD ^ x[1] ^ k[0], q % WORD, p // WORD ^ x[3] ^ k[1], p % WORD]
        k = [(k[0] + 0x9E3779B9) % WORD, (k[1] + 0xBB67AE85) % WORD]
    return x


def shown(value):
    return decimal(value) if value else "0"


def is_less(one, other):
    """Of fractions; or of numbers of 200 digits, which are equal if their first 150 are, and differ in the first 60 if not."""
    if isinstance(one, Fraction) and isinstance(other, Fraction):
        return one < other
    gap = abs(one - other)
    assert not mpf(10) ** -150 <= gap <= mpf(10) ** -60, "a tie that digits do not decide"
    return bool(one < other) and gap > mpf(10) ** -150


def greatest(choices, value):
    """All choices of the greatest value, in their order."""
    best = []
    for one in choices:
        if not best or is_less(value(best[0]), value(one)):
            best = [one]
        elif not is_less(value(one), value(best[0])):
            best.append(one)
    return best


class Run:
    """One run of a scenario; every sum is taken anew at every question."""

    def __init__(self, scenario, seed):
        self.scenario, self.seed = scenario, seed
        made = scenario["network"]["generate"]
        self.layers = range(made["layers"])
        self.where = [layer for layer, count in enumerate(made["counts"]) for _ in range(count)]
        self.ids = [f"layer{layer + 1}-{k + 1:02}" for layer, count in enumerate(made["counts"]) for k in range(count)]
        self.churn(scenario.get("churn") or {})
        nodes = range(len(self.where))
        self.begin([self.drawn(made["cost"], COSTS, node) for node in nodes], [real(self.drawn(made["price"], POSTED, node)) for node in nodes])

    @classmethod
    def of(cls, scenario, seed, where, costs, ids, layers):
        """A run of nodes that are given: their layers, costs and names; their prices are 1, and nobody comes or goes."""
        run = cls.__new__(cls)
        run.scenario, run.seed, run.layers, run.where, run.ids = scenario, seed, range(layers), list(where), ids
        run.churn({})
        run.begin(costs, [real(1)] * len(costs))
        return run

    def begin(self, costs, prices):
        self.costs, self.prices = costs, prices
        price_scale, cost_scale, temperature = scales(self.scenario)
        alpha = exact(self.scenario["alpha"])
        self.a = real(alpha / (price_scale * temperature))
        self.d = [real((1 - alpha) * cost / (cost_scale * temperature)) for cost in self.costs]
        self.eta = real(exact(self.scenario["prices"]["eta"]))
        self.moves, self.next, self.digest = [], 0, bytes(32)
        self.requests = Requests(self) if "requests" in self.scenario else None

    def exponential(self, mean, *name):
        return int(ceil(-log(real(self.uniform(*name))) * real(mean)))

    def churn(self, rule):
        """When each node comes and goes, by step; nodes that are to come are nowhere yet."""
        ticks = self.scenario.get("step_ticks", 10**6)
        here, tick, k = len(self.where), 0, 1
        since = [0] * here
        self.comes, self.goes, self.come, self.gone = {}, {}, 0, 0
        while exact(rule.get("joins_per_step", 0)):
            tick += self.exponential(ticks / exact(rule["joins_per_step"]), JOINS, k, 0)
            if tick > self.scenario["steps"] * ticks:
                break
            since.append(tick)
            self.ids.append(f"joined-{k}")
            self.where.append(len(self.layers))
            k += 1
        for node, tick in enumerate(since):
            first = -(-tick // ticks)
            if node >= here:
                self.comes.setdefault(first, []).append(node)
            if "mean_lifetime" in rule:
                end = tick + self.exponential(ticks * exact(rule["mean_lifetime"]), LIFETIMES, 0, node)
                self.goes.setdefault(max(first + 1, -(-end // ticks)), []).append(node)

    def come_and_go(self, step):
        for node in self.goes.get(step, []):
            self.where[node] = len(self.layers)
            self.gone += 1
        for node in self.comes.get(step, []):
            if self.scenario["churn"].get("target") == "random":
                self.where[node] = self.index(len(self.layers), JOINS, step, node, 1)
            else:
                self.where[node] = greatest(self.layers, lambda layer: self.share_at(node, layer))[0]
            self.come += 1

    def bits(self, stream, step, entity, draw=0):
        x = philox([draw, entity, step % WORD, (stream << 24) + step // WORD], [self.seed % WORD, self.seed // WORD])
        return x[0] * WORD + x[1]

    def uniform(self, *name):
        return Fraction(2 * self.bits(*name) + 1, 1 << 65)

    def index(self, n, *name):
        return self.bits(*name) * n >> 64

    def drawn(self, number, stream, node):
        if not isinstance(number, dict):
            return exact(number)
        low, high = map(exact, number["uniform"])
        value = low + (high - low) * self.uniform(stream, 0, node)
        if "decimals" not in number:
            return value
        ten = 10 ** number["decimals"]
        return Fraction((value * ten * 2 + 1) // 2, ten)

    def group(self, layer):
        return [node for node, at in enumerate(self.where) if at == layer]

    def share(self, node):
        """P (PRICE-3)."""
        weight = [self.a * p + d for p, d in zip(self.prices, self.d)]
        return 1 / fsum(exp(weight[node] - weight[j]) for j in self.group(self.where[node]))

    def updated(self, node, step):
        """Whether the node is in the update set (SIM-6)."""
        rule = self.scenario["prices"].get("update", "all")
        if rule == "served":
            return self.requests.was_served(node)
        if rule == "one_layer":
            return (step // self.scenario["prices"].get("every", 1) - 1) % len(self.layers) == self.where[node]
        return rule == "all" or self.uniform(UPDATES, step, node) < exact(rule["probability"])

    def next_price(self, node):
        price = self.prices[node]
        if len(self.group(self.where[node])) > 1:
            share = self.share(node)
            return price + self.eta * share * (1 - self.a * price * (1 - share))
        rule = self.scenario["monopoly"]
        if rule == "hold":
            return price
        return price + self.eta if rule == "ascend" else max(price, min(price + self.eta, real(exact(rule["cap"]))))

    def rule(self):
        return (self.scenario.get("migration") or {}).get("rule", "share")

    def weight(self, node):
        if self.rule() == "revenue":
            return exp(-self.a * self.prices[node] - self.d[node])
        return Fraction(1) if self.rule() == "count" else 1 / self.costs[node]

    def share_at(self, node, layer):
        """Of the load, were the node there (MIG-1)."""
        return self.weight(node) / sum(self.weight(j) for j in set(self.group(layer)) | {node})

    def best(self, node):
        """All layers where the node's share is greatest, if it gains there; else none (MIG-3, MIG-5)."""
        best = greatest(self.layers, lambda layer: self.share_at(node, layer))
        earns = self.rule() != "revenue" or self.prices[node] > 0
        return best if earns and is_less(self.share_at(node, self.where[node]), self.share_at(node, best[0])) else []

    def ask(self, node, step):
        best = self.best(node)
        if best:
            drawn = self.scenario["migration"].get("tie") == "random"
            self.move(step, node, best[self.index(len(best), MIGRATION, step, node, 1)] if drawn else best[0])

    def move(self, step, node, layer):
        self.moves.append({"step": step, "node": self.ids[node], "from": [self.where[node], self.where[node] + 1], "to": [layer, layer + 1]})
        self.where[node] = layer

    def rise(self, node):
        best = self.best(node)
        share = self.share_at(node, best[0]) - self.share_at(node, self.where[node])
        return share * self.prices[node] if self.rule() == "revenue" else share

    def migrate(self, step):
        plan = self.scenario["migration"]
        schedule, nodes = plan["schedule"], [node for node, at in enumerate(self.where) if at in self.layers]
        if not nodes:
            asked = []
        elif schedule == "next":
            asked = [min(nodes, key=lambda node: (node < self.next, node))]
            self.next = asked[0] + 1
        elif schedule == "sweep_random":
            asked = sorted(nodes, key=lambda node: (self.bits(MIGRATION, step, node), node))
        elif schedule == "one_random":
            asked = [nodes[self.index(len(nodes), MIGRATION, step, 0)]]
        elif schedule in ("best", "first", "gainer_random"):
            gainers = [node for node in nodes if self.best(node)]
            chosen = {"best": lambda: greatest(gainers, self.rise)[0], "first": lambda: gainers[0],
                      "gainer_random": lambda: gainers[self.index(len(gainers), MIGRATION, step, 0)]}
            asked = [chosen[schedule]()] if gainers else []
        elif schedule == "sweep":
            asked = nodes
        else:
            asked = [node for node in nodes if self.uniform(MIGRATION, step, node) < exact(schedule["probability"])]
        for node in asked:
            self.ask(node, step)

    def step(self, step):
        self.come_and_go(step)
        if self.requests:
            self.requests.step(step)
        if step % self.scenario["prices"].get("every", 1) == 0:
            self.prices = [self.next_price(node) if self.where[node] in self.layers and self.updated(node, step) else price for node, price in enumerate(self.prices)]
        for move in self.scenario.get("script", []):
            if move["step"] == step and self.group(move["from"][0]):
                self.move(step, self.group(move["from"][0])[0], move["to"][0])
        if self.scenario.get("migration") and step % self.scenario["migration"]["period"] == 0:
            self.migrate(step)

    def record(self, step):
        ranges = []
        for layer in self.layers:
            nodes = self.group(layer)
            prices = sorted(self.prices[node] for node in nodes)
            n = len(nodes)
            summary = {"mean": shown(fsum(prices) / n), "median": shown((prices[(n - 1) // 2] + prices[n // 2]) / 2),
                       "least": shown(prices[0]), "greatest": shown(prices[-1])} if nodes else None
            ranges.append({"range": [layer, layer + 1], "nodes": n, "load": str(sum((1 / self.costs[node] for node in nodes), Fraction(0))),
                           "prices": summary, "revenue": shown(fsum(self.prices[node] * self.share(node) for node in nodes)) if nodes else "0"})
        counts = [[*one["range"], one["nodes"]] for one in ranges]
        facts = [self.digest, step, len(self.moves), counts, self.where]
        requests = self.requests.record() if self.requests else None
        if requests:
            names = ("offered", "served", "refused", "median_sojourn", "p95_sojourn", "greatest_sojourn", "demand", *(["earned"] if "earned" in requests else []))
            facts.append([requests[name] for name in names])
        self.digest = tagged("p2pllm/1/simulation", encode(facts))
        more = {"requests": requests} if requests else {}
        if self.scenario.get("churn"):
            more.update(joins=self.come, leaves=self.gone)
        able = [1 / (real(cost) * self.share(node)) for node, cost in enumerate(self.costs) if self.where[node] in self.layers]
        return {"step": step, "moves": len(self.moves), **more, "ranges": ranges, "throughput": shown(min(able, default=0))}

    def run(self):
        records = []
        for step in range(self.scenario["steps"] + 1):
            if step:
                self.step(step)
            if step in self.scenario["record"]:
                records.append(self.record(step))
        return {"records": records, "moves": self.moves, "digest": self.digest.hex()}


class Requests:
    """Requests of a run: every event is found anew among all requests that are under way."""

    def __init__(self, run):
        self.run_of, self.plan = run, run.scenario["requests"]
        self.ticks = run.scenario.get("step_ticks", 10**6)
        self.under_way, self.sojourns, self.ended_at = [], [], {}
        self.offered = self.refused = self.served = 0
        self.blocked, self.demand = None, [0] * len(run.where)
        ledger = run.scenario.get("ledger")
        self.unit = None if not ledger else 10**6 if ledger is True else ledger["unit"]
        self.earned = [0] * len(run.where)
        self.arrival = run.exponential(Fraction(self.ticks) / exact(self.plan["poisson_per_step"]), ARRIVALS, 1, 0)

    def service(self, request, node):
        mean = self.run_of.costs[node] * self.plan["cost_ticks"]
        if self.plan.get("service") == "exponential":
            return self.run_of.exponential(mean, SERVICES, request, node)
        return -(-mean // 1)

    def choose(self, request):
        """A chain, or the blocked boundary; nodes serve one layer each."""
        run, chain = self.run_of, []
        weight = [run.a * p + d for p, d in zip(run.prices, run.d)]
        for layer in run.layers:
            group = run.group(layer)
            if not group:
                return layer
            if self.plan["mode"] == "boltzmann":
                u = real(run.uniform(CHOICES, request, layer))
                below = [fsum(run.share(j) for j in group[: k + 1]) for k in range(len(group) - 1)]
                chain.append(group[sum(u >= one for one in below)])
            else:
                drawn = lambda i: log(-log(real(run.uniform(CHOICES, request, i)))) if self.plan["mode"] == "gumbel" else 0
                chain.append(min(group, key=lambda i: (weight[i] + drawn(i), i)))
        return chain

    def arrive(self):
        self.offered += 1
        chain = self.choose(self.offered)
        if isinstance(chain, int):
            self.refused, self.blocked = self.refused + 1, chain
        else:
            for node in chain:
                self.demand[node] += 1
            self.under_way.append({"number": self.offered, "since": self.arrival, "at": self.arrival, "chain": chain, "until": None,
                                   "prices": {node: int(floor(self.run_of.prices[node] * self.unit)) for node in chain} if self.unit else None})
        mean = Fraction(self.ticks) / exact(self.plan["poisson_per_step"])
        self.arrival += self.run_of.exponential(mean, ARRIVALS, self.offered + 1, 0)

    def start(self, tick):
        """Every free node takes, of those that wait there, the one that came first; of several the least number."""
        busy = {one["chain"][0] for one in self.under_way if one["until"] is not None}
        for one in sorted(self.under_way, key=lambda one: (one["at"], one["number"])):
            if one["chain"][0] not in busy:
                busy.add(one["chain"][0])
                one["until"] = tick + self.service(one["number"], one["chain"][0])

    def step(self, step):
        end = step * self.ticks
        while True:
            tick = min([self.arrival, *(one["until"] for one in self.under_way if one["until"] is not None)])
            if tick > end:
                return
            for one in [one for one in self.under_way if one["until"] == tick]:
                node = one["chain"].pop(0)
                self.ended_at[node] = True
                if self.unit:
                    self.earned[node] += one["prices"][node]
                one["at"], one["until"] = tick, None
                if not one["chain"]:
                    self.under_way.remove(one)
                    self.served += 1
                    if one["since"] > self.plan.get("warm_up", 0) * self.ticks:
                        self.sojourns.append(tick - one["since"])
            if self.arrival == tick:
                self.arrive()
            self.start(tick)

    def was_served(self, node):
        return self.ended_at.pop(node, False)

    def record(self):
        n, sorted_ones = len(self.sojourns), sorted(self.sojourns)
        rank = lambda k: sorted_ones[k - 1] if n else 0
        return {"offered": self.offered, "served": self.served, "refused": self.refused, "blocked_boundary": self.blocked, "sojourns": n,
                "mean_sojourn": str(Fraction(sum(self.sojourns), n or 1)), "median_sojourn": rank((n + 1) // 2),
                "p95_sojourn": rank(-(-95 * n // 100)), "greatest_sojourn": rank(n), "demand": list(self.demand), **({"earned": list(self.earned)} if self.unit else {})}


def simulation_cases():
    for name, clauses, seed, given in (*scenarios(), *served_scenarios(), *churn_scenarios(), *revenue_scenarios()):
        yield {"name": name, "clauses": clauses, "scenario": given, "seed": seed, "expect": Run(given, seed).run()}


TOPICS = {"simulation": simulation_cases}
