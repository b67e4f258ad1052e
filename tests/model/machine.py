"""The state machine: real services, real store, both sandboxes with faults, and everything that may happen to them."""

import sys
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from proxy.app import ShopParts
from proxy.sandbox import seed
from tests.model import weather as w
from tests.model.ledger_view import read_ledger
from tests.model.people import CARTS, CHANGES, CUSTOMERS, Act, Asked, People, change_order
from tests.model.promises import Promises, keep
from tests.model.rest import come_to_rest, findings
from tests.model.stage import Node, Stage
from tests.model.truth import read_omneo
from tests.model.weather import Weather
from tests.prove.tally import Tally

AMOUNTS = (1250, 2500, 700, 100)
TROUBLES = ("die", "stall", "restart", "omneo", "shopify", "none")
ACTS = ("wish", "work", "deliver", "remove", "again")
PAUSES_S = (1, 8, 31, 62, 125, 310, 560, 905, 1805, 3700, 90_000)

NUMBER = st.integers(min_value=0, max_value=11)
NODE = st.integers(min_value=0, max_value=3)
CUSTOMER = st.sampled_from(CUSTOMERS)
OMEN = st.integers(min_value=0, max_value=w.OMENS)
PICKS = st.tuples(NUMBER, NUMBER)
AMOUNT = st.sampled_from(AMOUNTS)
ORDER = st.integers(min_value=0, max_value=9999)


class ServiceMachine(RuleBasedStateMachine):
    """Numbers choose among what is there, the newest first, so that a failure shrinks to small ones."""

    build: ClassVar[Callable[..., ShopParts]] = ShopParts
    overrides: ClassVar[dict[str, Any]] = {}
    climate: ClassVar[w.Climate] = w.Climate()
    customers: ClassVar[tuple[int, ...]] = CUSTOMERS
    tally: ClassVar[Tally] = Tally()

    def fresh_url(self) -> str:
        raise NotImplementedError

    def __init__(self) -> None:
        super().__init__()
        self.stage = Stage(self.fresh_url(), type(self).build, **self.overrides)
        self.people = People(self.stage)
        self.promises = Promises()
        self.weather = {"omneo": Weather(self.stage.omneo.faults)}
        self.weather |= {domain: Weather(shop.faults) for domain, shop in self.stage.shops.items()}
        self.given_minor = dict(read_omneo(self.stage.omneo).kept_minor)
        self.orders: list[tuple[str, Any]] = []
        self.carts: list[tuple[str, Any]] = []

    # --- wishes

    def _asked(self, pick: int, shop: str | None = None) -> Asked | None:
        known = [a for a in self.people.asked if a.id is not None and shop in (None, a.shop)]
        return known[-1 - pick % len(known)] if known else None

    def _of_shop(self, shop: str, pick: int) -> Node:
        mine = [each for each in self.stage.nodes if each.shop == shop]
        return mine[pick % len(mine)]

    def _wish(self, at: int, who: int, amount: int, cart: int, till: bool, take_over: bool) -> Act:
        process = self.stage.nodes[at]
        surface, name = ("pos" if till else "checkout"), (None, "cart-1", "cart-2")[cart % 3]
        who = who if who in self.customers else self.customers[0]
        asked = self.people.wish(process, surface, who, amount, name, take_over=take_over)
        return self.people.ask(process, asked)

    def _act(self, kind: str, at: int, pick: int) -> Act | None:
        """One thing that is done at the same time as another."""
        process = self.stage.nodes[at]
        if kind == "wish":
            return self._wish(at, CUSTOMERS[pick % 2], AMOUNTS[pick % 3], pick // 2, False, pick > 9)
        if kind == "work":
            return self.stage.work(process, 1 + pick)
        if kind == "deliver" and self.people.mail:
            domain, delivery = self.people.mail[pick % len(self.people.mail)]
            return self.people.deliver(self._of_shop(domain, at), delivery)
        asked = self._asked(pick)
        if asked is None:
            return None
        here = self._of_shop(asked.shop, at)
        return self.people.remove(here, asked) if kind == "remove" else self.people.ask(here, asked)

    @initialize(at=NODE, who=CUSTOMER, amount=AMOUNT)
    def somebody_begins(self, at: int, who: int, amount: int) -> None:
        self.stage.go(self._wish(at, who, amount, 1, False, False))

    @rule(at=NODE, who=CUSTOMER, amount=AMOUNT, cart=NUMBER, till=st.booleans(), over=st.booleans(), omen=OMEN)
    def wish(self, at: int, who: int, amount: int, cart: int, till: bool, over: bool, omen: int) -> None:
        self._foretell(omen, self.climate.asking)
        self.stage.go(self._wish(at, who, amount, cart, till, over))

    @rule(at=NODE, who=CUSTOMER, amount=AMOUNT, till=st.booleans(), lines=NUMBER, paid=st.booleans(), omen=OMEN)
    def sell(self, at: int, who: int, amount: int, till: bool, lines: int, paid: bool, omen: int) -> None:
        """A whole sale on one cart, as most go; for every second its webhooks come at once."""
        self.stage.go(self._wish(at, who, amount, 1, till, True))
        asked = self.people.asked[-1]
        if asked.code is not None:
            self._buy(asked, lines, "till" if till else "paid" if paid else "unpaid")
        if omen % 2:
            self._all_webhooks_come(at, omen)

    @precondition(lambda self: self.people.asked)
    @rule(at=NODE, pick=NUMBER)
    def ask_again_with_the_same_key(self, at: int, pick: int) -> None:
        asked = self.people.asked[-1 - pick % len(self.people.asked)]
        self.tally.duplicates += 1
        self.stage.go(self.people.ask(self._of_shop(asked.shop, at), asked))

    @precondition(lambda self: self._asked(0))
    @rule(at=NODE, pick=NUMBER, omen=OMEN)
    def remove(self, at: int, pick: int, omen: int) -> None:
        self._foretell(omen, self.climate.asking)
        asked = self._asked(pick)
        assert asked is not None
        self.stage.go(self.people.remove(self._of_shop(asked.shop, at), asked))

    @rule(first=st.sampled_from(ACTS), second=st.sampled_from(ACTS), at=st.tuples(NODE, NODE), picks=PICKS, order=ORDER)
    def at_once(self, first: str, second: str, at: tuple[int, int], picks: tuple[int, int], order: int) -> None:
        self.stage.order.seed(order)
        acts = [self._act(first, at[0], picks[0]), self._act(second, at[1], picks[1])]
        self.stage.go(*(act for act in acts if act is not None))

    # --- buyers and staff

    def _buy(self, asked: Asked, lines: int, kind: str) -> None:
        shop, codes = self.stage.shops[asked.shop], [asked.code or ""]
        if kind == "till":
            place = seed.LOCATION.id
            order = shop.pos_sale(CARTS[lines % 3], location_id=place, customer_id=asked.customer, codes=codes)
        else:
            cart = shop.open_cart(CARTS[lines % 3], asked.customer)
            shop.checkout.set_codes(cart, codes)
            order = shop.place_order(cart, paid=kind != "unpaid", drop_invalid=True)
            order.test = kind == "test"
        self.orders.append((asked.shop, order))

    @precondition(lambda self: self._asked(0))
    @rule(pick=NUMBER, lines=NUMBER, kind=st.sampled_from(["paid", "unpaid", "till", "test"]))
    def buy(self, pick: int, lines: int, kind: str) -> None:
        asked = self._asked(pick)
        assert asked is not None
        self._buy(asked, lines, kind)

    @precondition(lambda self: self._asked(0))
    @rule(pick=NUMBER, lines=NUMBER, honour=st.booleans())
    def a_cart_is_open_for_long(self, pick: int, lines: int, honour: bool) -> None:
        """Fill another one, or complete the oldest: its code may be over by now, and be honoured all the same."""
        asked = self._asked(pick)
        assert asked is not None
        if lines % 2 and self.carts:
            domain, cart = self.carts.pop(0)
            order = self.stage.shops[domain].place_order(cart, honour=honour, drop_invalid=True)
            self.orders.append((domain, order))
            return
        shop = self.stage.shops[asked.shop]
        cart = shop.open_cart(CARTS[lines % 3], asked.customer)
        shop.checkout.set_codes(cart, [asked.code or ""])
        self.carts.append((asked.shop, cart))

    @precondition(lambda self: self.orders)
    @rule(pick=NUMBER, kind=st.sampled_from(CHANGES), line=NUMBER, pieces=st.integers(1, 3), who=CUSTOMER, omen=OMEN)
    def an_order_changes(self, pick: int, kind: str, line: int, pieces: int, who: int, omen: int) -> None:
        domain, order = self.orders[-1 - pick % len(self.orders)]
        change_order(self.stage.shops[domain], order, kind, line, pieces, who)
        if omen % 2:
            self._all_webhooks_come(line % 4, omen)

    # --- behind our back

    @rule(who=CUSTOMER, kind=st.sampled_from(["spend", "give", "give", "expire"]), amount=AMOUNT, pick=NUMBER)
    def behind_our_back(self, who: int, kind: str, amount: int, pick: int) -> None:
        profile = self.people.profile_of(who)
        rewards = self.stage.omneo.state.rewards_of(profile)
        [answer] = self.stage.go(self.people.elsewhere(kind, profile, amount, rewards[-1 - pick % len(rewards)].id))
        if kind == "give" and answer.status_code == 201:
            self.given_minor[profile] += amount

    @precondition(lambda self: self.people.asked and self.climate.merges)
    @rule(who=CUSTOMER, into=st.sampled_from(["a new one", "the other's"]), told=st.booleans())
    def omneo_merges_profiles(self, who: int, into: str, told: bool) -> None:
        """Behind our back, and its webhook may come or be lost."""
        gone, other = self.people.profile_of(who), self.people.profile_of(next(c for c in CUSTOMERS if c != who))
        there_minor = read_omneo(self.stage.omneo).there_minor[gone]
        [kept] = self.stage.go(self.people.merge(gone, None if into == "a new one" or gone == other else other))
        self.promises.merged(gone, kept, there_minor)
        self.given_minor[kept] = self.given_minor.get(kept, 0) + self.given_minor.pop(gone)
        if not told:
            self.stage.omneo.deliveries.take_held()
            self.tally.faults["webhook_lost"] += 1

    # --- faults

    def _foretell(self, omen: int, routes: tuple[str, ...]) -> None:
        """Have something go wrong on the other side during what comes next; small numbers mean nothing."""
        for one in self.climate.omen(omen, routes):
            shopify = one.route.startswith(("graphql", "POST /admin"))
            for side in self.stage.shops if shopify else ["omneo"]:
                self.weather[side].add(one)

    @rule(at=NODE, kind=st.sampled_from(TROUBLES), after=st.integers(1, 30), who=CUSTOMER)
    def a_process_fails(self, at: int, kind: str, after: int, who: int) -> None:
        """It dies at a step to come or now, stalls within a wish, or finds nobody listening; or all troubles end."""
        process = self.stage.nodes[at].process
        if kind in self.stage.down:
            self.stage.down[kind] += after % 4
        elif kind == "stall":
            process.stalls_after, process.stall_s = after // 2 + 1, 30.0
            self.stage.go(self._wish(at, who, AMOUNTS[after % 2], 2, False, False))
        elif kind == "die":
            process.dies_after = after
        elif kind == "none":
            self._faults_end()
        else:
            process.die()
            self.stage.wait(0)
        self.tally.kills += kind in ("die", "restart")
        self.tally.faults[kind] += kind in ("stall", "omneo", "shopify")

    def _faults_end(self) -> None:
        for each in self.weather.values():
            each.clear()
        self.stage.calm()

    # --- webhooks, work and time

    @precondition(lambda self: self.people.mail or self.people.sent)
    @rule(at=NODE, pick=NUMBER, kind=st.sampled_from(["comes", "comes", "comes again", "is lost"]))
    def a_webhook(self, at: int, pick: int, kind: str) -> None:
        among = self.people.sent if kind == "comes again" else self.people.mail
        if not among:
            return
        domain, delivery = among[pick % len(among)]
        if kind == "is lost":
            among.remove((domain, delivery))
            self.tally.faults["webhook_lost"] += 1
            return
        self.tally.duplicates += kind == "comes again"
        self.stage.go(self.people.deliver(self._of_shop(domain, at), delivery))

    @rule(at=NODE, limit=st.integers(1, 8), omen=OMEN)
    def work(self, at: int, limit: int, omen: int) -> None:
        self._foretell(omen, self.climate.working)
        self.stage.go(self.stage.work(self.stage.nodes[at], limit))

    @precondition(lambda self: self.people.mail)
    @rule(at=NODE, omen=OMEN)
    def all_webhooks_come(self, at: int, omen: int) -> None:
        self._all_webhooks_come(at, omen)

    def _all_webhooks_come(self, at: int, omen: int) -> None:
        """The last first; then what is due is done."""
        self._foretell(omen, self.climate.working)
        self.people.collect()
        for domain, delivery in list(reversed(self.people.mail)):
            self.stage.go(self.people.deliver(self._of_shop(domain, at), delivery))
        for each in self.stage.nodes[at % 2 :: 2]:
            self.stage.go(self.stage.work(each, 8))

    @rule(seconds=st.sampled_from(PAUSES_S), omen=OMEN, at=NODE)
    def time_passes(self, seconds: int, omen: int, at: int) -> None:
        self._foretell(omen, self.climate.working)
        self.stage.wait(seconds)
        for each in self.stage.nodes[at % 2 :: 2] if omen else ():
            self.stage.go(self.stage.work(each, 8))

    @rule(at=NODE, kind=st.sampled_from(["look", "look", "sweep", "report", "fix"]), who=CUSTOMER)
    def somebody_looks(self, at: int, kind: str, who: int) -> None:
        process = self.stage.nodes[at]
        match kind:
            case "look":
                self.stage.go(self.people.look(process, who))
            case "sweep":
                self.stage.go(self.people.sweep(process))
            case _:
                self.stage.go(self.people.reconcile(process, fix=kind == "fix"))

    # --- what must hold

    @invariant()
    def every_promise_is_kept(self) -> None:
        self.tally.steps += 1
        self.people.collect()
        assert not self.stage.told.faults, self.stage.told.faults
        self.promises.check(self.stage.engine.do(read_ledger), read_omneo(self.stage.omneo))

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self._compare()
        finally:
            self.stage.close()

    def _compare(self) -> None:
        """Let everything come to rest, and find the three sides in agreement."""
        self._faults_end()
        come_to_rest(self.stage, self.people)
        self.every_promise_is_kept()
        found, view = findings(self.stage, self.people, self.given_minor)
        told = "\n".join(self.stage.told.lines[-200:])
        keep(not found, "\n".join(f"{f.kind} {f.minor}: {f.says}" for f in found) + f"\n{told}")
        self.tally.reviews += sum(row.state == "review" for row in view.redemptions.values())
        for each in self.weather.values():
            self.tally.faults += each.struck
