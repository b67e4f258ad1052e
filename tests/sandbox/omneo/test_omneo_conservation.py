"""Money and uses of benefits are conserved over any sequence of redeem, reversal, return and time."""

import asyncio
from decimal import Decimal

import httpx
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from proxy.sandbox import seed
from proxy.sandbox.omneo import OmneoSandbox

CENTS = st.integers(1, 4500)
WAYS = st.lists(st.sampled_from(["rewards", "points"]), min_size=1, max_size=2, unique=True)
WINDOW_S, RATE = 600, Decimal("0.01")
COUNTS = st.dictionaries(st.sampled_from(["birthday-gift", "free-alterations"]), st.integers(1, 2), min_size=1)


class Spending(RuleBasedStateMachine):
    """Keep our own books from the answers alone and compare them with the tenant's."""

    @initialize()
    def open(self):
        self.sandbox = OmneoSandbox()
        self.runner = asyncio.Runner()
        self.http = httpx.AsyncClient(
            transport=httpx.ASGITransport(self.sandbox.app),
            base_url="http://omneo/api/v3",
            headers={"Authorization": f"Bearer {seed.OMNEO_TOKEN}"},
        )
        self.issued = self.value()
        self.spent = {}
        self.returned = {}
        self.undone = set()
        self.started = self.uses()
        self.used = {}
        self.given_back = {}

    def call(self, method, path, body=None):
        return self.runner.run(self.http.request(method, path, json=body))

    def value(self):
        rewards = sum(r.value_remaining for r in self.sandbox.state.rewards.values())
        points = sum(p.remaining for p in self.sandbox.state.points.values())
        return rewards + points * RATE

    def uses(self):
        """Count what is left of each of Ada's benefits, by handle."""
        state = self.sandbox.state
        handles = {row.id: row.fields["handle"] for row in state.catalogues["benefit_definitions"].values()}
        return {handles[b.definition_id]: b.redemptions_remaining for b in state.benefits_of(seed.ADA.profile_id)}

    def balances(self):
        body = self.call("GET", f"/profiles/{seed.ADA.profile_id}/balances").json()["data"]
        return {name: Decimal(str(body[name])) for name in ("reward_balance", "point_balance_dollars")}

    @rule(cents=CENTS, ways=WAYS, strict=st.booleans())
    def redeem(self, cents, ways, strict):
        before = self.balances()
        names = {"rewards": "reward_balance", "points": "point_balance_dollars"}
        available = sum(before[names[way]] for way in ways)
        asked = Decimal(cents) / 100
        body = {"amount": float(asked), "strategies": ways, "strict": strict}
        answer = self.call("POST", f"/profiles/{seed.ADA.profile_id}/redeem", body)
        if available == 0 or (strict and available < asked):
            assert answer.status_code == 422
            return
        total = Decimal(str(answer.json()["data"]["total"]))
        assert total == min(asked, available)
        self.spent[answer.json()["data"]["id"]] = total

    @rule(counts=COUNTS, cents=st.none() | st.integers(1, 3000))
    def redeem_benefits(self, counts, cents):
        before, money = self.uses(), self.balances()["reward_balance"]
        wishes = [{"handle": handle, "quantity": count} for handle, count in counts.items()]
        body = {"strategies": ["benefits", "rewards"], "benefits": wishes, "strict": True}
        amount = None if cents is None else Decimal(cents) / 100
        body |= {} if amount is None else {"amount": float(amount)}
        answer = self.call("POST", f"/profiles/{seed.ADA.profile_id}/redeem", body)
        allowed = all(count <= before[handle] for handle, count in counts.items()) and (amount or 0) <= money
        assert answer.is_success == allowed
        if allowed:
            redemption = answer.json()["data"]["id"]
            self.spent[redemption], self.used[redemption] = amount or Decimal(0), counts

    def any_redemption(self, data):
        return data.draw(st.sampled_from(sorted(self.spent))) if self.spent else None

    @rule(data=st.data())
    def reverse(self, data):
        redemption = self.any_redemption(data)
        if redemption is None:
            return
        row = self.sandbox.state.redemptions[redemption]
        age_s = (self.sandbox.clock.now() - row.created_at).total_seconds()
        touched = self.returned.get(redemption) or any(self.given_back.get(redemption, {}).values())
        allowed = redemption not in self.undone and not touched and age_s <= WINDOW_S
        answer = self.call("POST", f"/redemptions/{redemption}/reversal")
        assert answer.is_success == allowed
        if allowed:
            self.undone.add(redemption)

    @rule(data=st.data(), cents=st.none() | CENTS)
    def give_back(self, data, cents):
        redemption = self.any_redemption(data)
        if redemption is None:
            return
        left = self.spent[redemption] - self.returned.get(redemption, Decimal(0))
        uses = self.uses_out(redemption) if cents is None else {}
        amount = left if cents is None else Decimal(cents) / 100
        body = None if cents is None else {"amount": float(amount)}
        answer = self.call("POST", f"/redemptions/{redemption}/return", body)
        allowed = redemption not in self.undone and (0 < amount <= left or (cents is None and any(uses.values())))
        assert answer.is_success == allowed
        if allowed:
            assert Decimal(str(answer.json()["data"]["total"])) == amount
            self.returned[redemption] = self.returned.get(redemption, Decimal(0)) + amount
            self.take_back(redemption, uses)

    @rule(data=st.data(), counts=COUNTS)
    def give_uses_back(self, data, counts):
        redemption = self.any_redemption(data)
        if redemption is None:
            return
        out = self.uses_out(redemption)
        wishes = [{"handle": handle, "quantity": count} for handle, count in counts.items()]
        answer = self.call("POST", f"/redemptions/{redemption}/return", {"benefits": wishes})
        allowed = redemption not in self.undone and all(n <= out.get(handle, 0) for handle, n in counts.items())
        assert answer.is_success == allowed
        if allowed:
            assert answer.json()["data"]["total"] == 0
            self.take_back(redemption, counts)

    def uses_out(self, redemption):
        back = self.given_back.get(redemption, {})
        return {handle: n - back.get(handle, 0) for handle, n in self.used.get(redemption, {}).items()}

    def take_back(self, redemption, uses):
        back = self.given_back.setdefault(redemption, {})
        for handle, count in uses.items():
            back[handle] = back.get(handle, 0) + count

    @rule(seconds=st.sampled_from([1, 300, 601, 86400 * 15]))
    def wait(self, seconds):
        self.sandbox.clock.advance(seconds)

    @invariant()
    def what_was_issued_is_remaining_or_consumed(self):
        if not hasattr(self, "sandbox"):
            return
        consumed = sum(t for r, t in self.spent.items() if r not in self.undone)
        minted = sum(self.returned.values())
        assert self.issued + minted == self.value() + consumed
        assert all(0 <= r.value_remaining <= r.value_initial for r in self.sandbox.state.rewards.values())
        assert all(0 <= p.remaining <= p.initial for p in self.sandbox.state.points.values())

    @invariant()
    def every_use_is_left_or_out(self):
        if not hasattr(self, "sandbox"):
            return
        out = [self.uses_out(redemption) for redemption in self.used if redemption not in self.undone]
        for handle, left in self.uses().items():
            assert left + sum(uses.get(handle, 0) for uses in out) == self.started[handle]
            definition = self.sandbox.state.entry_by("benefit_definitions", "handle", handle).fields
            assert definition["total_global_redemptions"] == self.started[handle] - left

    def teardown(self):
        if hasattr(self, "runner"):
            self.runner.run(self.http.aclose())
            self.runner.close()


TestSpending = Spending.TestCase
TestSpending.settings = settings(max_examples=60, stateful_step_count=25, deadline=None)
