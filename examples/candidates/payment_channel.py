"""The payment channel of CHAN-1 .. CHAN-8 for `p2pllm contract fuzz`: each operation's reason, and the balances after it.

With --early it has a planted bug: a channel can be settled one block before its timeout.
"""
import json
import sys

FINAL = 1 << 62  # the version of final states, and the greatest amount
NOTHING = FINAL + 1  # the least version posted by a party that posted none
EARLY = 1 if "--early" in sys.argv[1:] else 0


class Failed(Exception):
    """The operation changes nothing but nonce and fee; the reason is the message."""


def require(holds, reason):
    if not holds:
        raise Failed(reason)


class Channel:
    def __init__(self, terms):
        self.a, self.b, self.fund_by, self.closing_time = (terms[name] for name in ("a", "b", "fund_by", "closing_time"))
        self.deposits = {"a": terms["deposit_a"], "b": terms["deposit_b"]}
        self.status, self.version, self.balances, self.timeout = "opening", 0, dict(self.deposits), 0
        self.least_posted = {"a": NOTHING, "b": NOTHING}

    def side(self, who):
        return "a" if who == self.a else "b" if who == self.b else None


class Ledger:
    def __init__(self, head):
        self.accounts, self.closing = head["accounts"], (head["closing_min"], head["closing_max"])
        self.channels = {}

    def take(self, who, amount):
        require(self.accounts.get(who, 0) >= amount, "not_covered")
        self.accounts[who] = self.accounts.get(who, 0) - amount

    def pay(self, who, amount):
        self.accounts[who] = self.accounts.get(who, 0) + amount

    def end(self, channel, a, b):
        channel.status = "settled"
        self.pay(channel.a, a)
        self.pay(channel.b, b)

    def run(self, request):
        """Carries out one operation, and returns its reason."""
        self.accounts[request["sender"]] -= request["fee"]
        self.pay(request["proposer"], request["fee"])
        try:
            if request["operation"] == "channel_open":
                self.channel_open(request)
            else:
                channel = self.channels.get(request["channel"])
                require(channel, "unknown_object")
                getattr(self, request["operation"])(channel, request)
        except Failed as failed:
            return str(failed)
        return "none"

    def channel_open(self, request):
        require(request["channel"] not in self.channels, "object_exists")
        require(request["sender"] == request["a"], "not_permitted")
        require(request["height"] <= request["fund_by"], "too_late")
        require(request["fund_by"] <= request["height"] + self.closing[1], "too_early")
        self.take(request["a"], request["deposit_a"])
        self.channels[request["channel"]] = Channel(request)

    def channel_fund(self, channel, request):
        require(channel.status == "opening", "wrong_status")
        require(request["sender"] == channel.b, "not_permitted")
        require(request["height"] <= channel.fund_by, "too_late")
        self.take(channel.b, channel.deposits["b"])
        channel.status = "open"

    def channel_reclaim(self, channel, request):
        require(channel.status == "opening", "wrong_status")
        require(channel.fund_by < request["height"], "too_early")
        self.end(channel, channel.deposits["a"], 0)

    def fitting(self, channel, request, needs_signatures=True):
        """The balances that a request shows, if they may be posted."""
        require(not needs_signatures or (request["signed_by_a"] and request["signed_by_b"]), "wrong_state_signature")
        a, b = request["balance_a"], request["balance_b"]
        adds_up = a >= 0 and b >= 0 and a + b == sum(channel.deposits.values())
        require(adds_up and (request["version"] != 0 or a == channel.deposits["a"]), "wrong_balances")
        return {"a": a, "b": b}

    def post(self, channel, request, balances):
        channel.version, channel.balances = request["version"], balances
        side = channel.side(request["sender"])
        if side:
            channel.least_posted[side] = min(channel.least_posted[side], request["version"])

    def channel_cooperative_close(self, channel, request):
        require(channel.status == "open", "wrong_status")
        require(request["version"] == FINAL, "not_final")
        balances = self.fitting(channel, request)
        self.end(channel, balances["a"], balances["b"])

    def channel_close(self, channel, request):
        require(channel.status == "open", "wrong_status")
        require(channel.side(request["sender"]), "not_permitted")
        balances = self.fitting(channel, request, needs_signatures=request["version"] != 0)
        self.post(channel, request, balances)
        channel.status, channel.timeout = "closing", request["height"] + channel.closing_time

    def channel_refute(self, channel, request):
        require(channel.status == "closing", "wrong_status")
        require(request["height"] < channel.timeout, "too_late")
        balances = self.fitting(channel, request)
        require(channel.version < request["version"], "not_newer")
        self.post(channel, request, balances)

    def channel_punish(self, channel, request):
        require(channel.status == "closing", "wrong_status")
        require(request["height"] < channel.timeout, "too_late")
        side = channel.side(request["sender"])
        require(side, "not_permitted")
        require(request["revocation_signed_by_other"], "wrong_state_signature")
        require(channel.least_posted["b" if side == "a" else "a"] < request["revoked_below"], "not_posted")
        everything = sum(channel.deposits.values())
        self.end(channel, everything if side == "a" else 0, everything if side == "b" else 0)

    def channel_settle(self, channel, request):
        require(channel.status == "closing", "wrong_status")
        require(channel.timeout - EARLY <= request["height"], "too_early")
        self.end(channel, channel.balances["a"], channel.balances["b"])


ledger = Ledger(json.loads(sys.stdin.readline()))
for line in sys.stdin:
    reason = ledger.run(json.loads(line))
    print(json.dumps({"reason": reason, "balances": ledger.accounts}))
