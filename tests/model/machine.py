"""The state machine: real services, real store, both sandboxes with faults, and everything that may happen to them."""

import sys
from collections.abc import Callable
from typing import Any, ClassVar

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from proxy.app import ShopParts
from tests.model import acts, entitlements, troubles
from tests.model import weather as w
from tests.model.acts import Acts
from tests.model.ledger_view import read_ledger
from tests.model.people import CUSTOMERS, People
from tests.model.promises import Promises, keep
from tests.model.rest import come_to_rest, findings
from tests.model.sales import CHANGES, KINDS, Sales
from tests.model.stage import APPROVALS, CAPS, Stage
from tests.model.troubles import Troubles
from tests.model.truth import read_omneo
from tests.prove.tally import Tally

PAUSES_S = (1, 8, 31, 62, 125, 310, 560, 905, 1805, 3700, 90_000)

NUMBER = st.integers(min_value=0, max_value=11)
NODE = st.integers(min_value=0, max_value=3)
CUSTOMER = st.sampled_from(CUSTOMERS)
OMEN = st.integers(min_value=0, max_value=w.OMENS)
PICKS = st.tuples(NUMBER, NUMBER)
AMOUNT = st.sampled_from(acts.AMOUNTS)
ORDER = st.integers(min_value=0, max_value=9999)
HANDLE = st.sampled_from(entitlements.HANDLES)
USES = st.integers(min_value=1, max_value=3)


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
        rules = APPROVALS if self.climate.approvals else {}
        self.stage = Stage(self.fresh_url(), type(self).build, **rules, **self.overrides)
        self.people = People(self.stage)
        self.promises = Promises()
        self.acts = Acts(self.stage, self.people, self.customers, self.climate.benefits)
        self.troubles = Troubles(self.stage, self.climate, self.tally)
        self.given_minor = dict(read_omneo(self.stage.omneo).kept_minor)
        self.sales = Sales(self.stage, self.people)

    # --- wishes

    @initialize(at=NODE, who=CUSTOMER, amount=AMOUNT)
    def somebody_begins(self, at: int, who: int, amount: int) -> None:
        self.stage.go(self.acts.wish(at, who, amount, 1, till=False, over=False))

    @rule(at=NODE, who=CUSTOMER, amount=AMOUNT, cart=NUMBER, till=st.booleans(), over=st.booleans(), omen=OMEN)
    def wish(self, at: int, who: int, amount: int, cart: int, till: bool, over: bool, omen: int) -> None:
        self.troubles.foretell(omen, self.climate.asking)
        self.stage.go(self.acts.wish(at, who, amount, cart, till=till, over=over))

    @precondition(lambda self: self.climate.benefits)
    @rule(at=NODE, who=CUSTOMER, handle=HANDLE, picks=PICKS, uses=USES, over=st.booleans(), omen=OMEN)
    def use(self, at: int, who: int, handle: str, picks: tuple[int, int], uses: int, over: bool, omen: int) -> None:
        """Wish for uses of a benefit, on a cart that may have others and an amount on it."""
        self.troubles.foretell(omen, self.climate.asking)
        pick, cart = picks
        self.stage.go(self.acts.use(at, who, handle, pick, uses, cart, till=cart % 2 == 0, over=over))

    @rule(
        at=NODE,
        who=CUSTOMER,
        amount=AMOUNT,
        handles=st.lists(HANDLE, max_size=3, unique=True),
        lines=NUMBER,
        kind=st.sampled_from(["till", "paid", "unpaid"]),
        omen=OMEN,
    )
    def sell(self, at: int, who: int, amount: int, handles: list[str], lines: int, kind: str, omen: int) -> None:
        """A whole sale on one cart, of an amount and of benefits; for every second its webhooks come at once."""
        till, handles, before = kind == "till", handles if self.climate.benefits else [], len(self.people.asked)
        for handle in handles:
            self.stage.go(self.acts.use(at, who, handle, 0, 1, 1, till=till, over=True))
        wish = (
            self.acts.approved(at, who, amount, 1)
            if till
            else self.acts.wish(at, who, amount, 1, till=False, over=True)
        )
        self.stage.go(wish)
        made = [asked for asked in self.people.asked[before:] if asked.id is not None]
        if made:
            self.sales.buy(made[-1], lines, kind, together=bool(handles))
        if omen % 2:
            self._all_webhooks_come(at, omen)

    @precondition(lambda self: self.people.asked)
    @rule(at=NODE, pick=NUMBER)
    def ask_again_with_the_same_key(self, at: int, pick: int) -> None:
        asked = self.people.asked[-1 - pick % len(self.people.asked)]
        self.tally.duplicates += 1
        self.stage.go(self.people.ask(self.acts.at_shop(asked.shop, at), asked))

    @precondition(lambda self: self.acts.known(0))
    @rule(at=NODE, pick=NUMBER, omen=OMEN)
    def remove(self, at: int, pick: int, omen: int) -> None:
        self.troubles.foretell(omen, self.climate.asking)
        asked = self.acts.known(pick)
        assert asked is not None
        self.stage.go(self.people.remove(self.acts.at_shop(asked.shop, at), asked))

    @rule(
        first=st.sampled_from(acts.KINDS),
        second=st.sampled_from(acts.KINDS),
        at=st.tuples(NODE, NODE),
        picks=PICKS,
        order=ORDER,
    )
    def at_once(self, first: str, second: str, at: tuple[int, int], picks: tuple[int, int], order: int) -> None:
        self.stage.order.seed(order)
        both = [self.acts.any(first, at[0], picks[0]), self.acts.any(second, at[1], picks[1])]
        self.stage.go(*(act for act in both if act is not None))

    # --- buyers and staff

    @precondition(lambda self: self.acts.known(0))
    @rule(pick=NUMBER, lines=NUMBER, kind=st.sampled_from(KINDS), together=st.booleans())
    def buy(self, pick: int, lines: int, kind: str, together: bool) -> None:
        asked = self.acts.known(pick)
        assert asked is not None
        self.sales.buy(asked, lines, kind, together=together)

    @precondition(lambda self: self.acts.known(0))
    @rule(pick=NUMBER, lines=NUMBER, honour=st.booleans())
    def a_cart_is_open_for_long(self, pick: int, lines: int, honour: bool) -> None:
        """Fill another one, or complete the oldest."""
        asked = self.acts.known(pick)
        assert asked is not None
        if lines % 2 and self.sales.carts:
            self.sales.complete(honour=honour)
        else:
            self.sales.open(asked, lines, together=honour)

    @precondition(lambda self: self.sales.orders)
    @rule(pick=NUMBER, kind=st.sampled_from(CHANGES), line=NUMBER, pieces=st.integers(1, 3), who=CUSTOMER, omen=OMEN)
    def an_order_changes(self, pick: int, kind: str, line: int, pieces: int, who: int, omen: int) -> None:
        self.sales.change(pick, kind, line, pieces, who)
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

    @precondition(lambda self: self.climate.benefits)
    @rule(who=CUSTOMER, kind=st.sampled_from(["use", "use", "give", "end"]), handle=HANDLE, pick=NUMBER)
    def with_benefits_behind_our_back(self, who: int, kind: str, handle: str, pick: int) -> None:
        profile = self.people.profile_of(who)
        mine = entitlements.of_handle(self.stage.omneo, profile, handle)
        if kind == "give":
            self.stage.go(self.stage.entitle(profile, handle))
        else:
            one = mine[-1 - pick % len(mine)]
            self.stage.go(entitlements.elsewhere(self.stage.elsewhere, self.stage.omneo, kind, one))

    @precondition(lambda self: self.people.asked and self.climate.merges)
    @rule(who=CUSTOMER, into=st.sampled_from(["a new one", "the other's"]), told=st.booleans())
    def omneo_merges_profiles(self, who: int, into: str, told: bool) -> None:
        """Behind our back, and its webhook may come or be lost."""
        gone, other = self.people.profile_of(who), self.people.profile_of(next(c for c in CUSTOMERS if c != who))
        before = read_omneo(self.stage.omneo)
        [kept] = self.stage.go(self.people.merge(gone, None if into == "a new one" or gone == other else other))
        self.promises.merged(gone, kept, before)
        self.given_minor[kept] = self.given_minor.get(kept, 0) + self.given_minor.pop(gone)
        if not told:
            self.stage.omneo.deliveries.take_held()
            self.tally.faults["webhook_lost"] += 1

    # --- faults

    @rule(at=NODE, kind=st.sampled_from(troubles.KINDS), after=st.integers(1, 30), who=CUSTOMER)
    def a_process_fails(self, at: int, kind: str, after: int, who: int) -> None:
        """Also in the midst of a wish."""
        self.troubles.befall(at, kind, after)
        if kind == "stall":
            self.stage.go(self.acts.wish(at, who, acts.AMOUNTS[after % 2], 2, till=False, over=False))

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
        self.stage.go(self.people.deliver(self.acts.at_shop(domain, at), delivery))

    @rule(at=NODE, limit=st.integers(1, 8), omen=OMEN)
    def work(self, at: int, limit: int, omen: int) -> None:
        self.troubles.foretell(omen, self.climate.working)
        self.stage.go(self.stage.work(self.stage.nodes[at], limit))

    @precondition(lambda self: self.people.mail)
    @rule(at=NODE, omen=OMEN)
    def all_webhooks_come(self, at: int, omen: int) -> None:
        self._all_webhooks_come(at, omen)

    def _all_webhooks_come(self, at: int, omen: int) -> None:
        """The last first; then what is due is done."""
        self.troubles.foretell(omen, self.climate.working)
        self.people.collect()
        for domain, delivery in list(reversed(self.people.mail)):
            self.stage.go(self.people.deliver(self.acts.at_shop(domain, at), delivery))
        for each in self.stage.nodes[at % 2 :: 2]:
            self.stage.go(self.stage.work(each, 8))

    @rule(seconds=st.sampled_from(PAUSES_S), omen=OMEN, at=NODE)
    def time_passes(self, seconds: int, omen: int, at: int) -> None:
        self.troubles.foretell(omen, self.climate.working)
        self.stage.wait(seconds)
        for each in self.stage.nodes[at % 2 :: 2] if omen else ():
            self.stage.go(self.stage.work(each, 8))

    @rule(at=NODE, kind=st.sampled_from(["look", "benefits", "sweep", "report", "fix"]), who=CUSTOMER)
    def somebody_looks(self, at: int, kind: str, who: int) -> None:
        process = self.stage.nodes[at]
        match kind:
            case "look":
                self.stage.go(self.people.look(process, who))
            case "benefits":
                self.stage.go(self.people.look(process, who, "/v1/benefits"))
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
        view, truth = self.stage.engine.do(read_ledger), read_omneo(self.stage.omneo)
        self.promises.check(view, truth, CAPS, self.stage.clock.now_ms)
        self.people.colleagues.check(view)

    def teardown(self) -> None:
        try:
            if sys.exc_info()[0] is None:
                self._compare()
        finally:
            self.stage.close()

    def _compare(self) -> None:
        """Let everything come to rest, and find the three sides in agreement."""
        self.troubles.end()
        come_to_rest(self.stage, self.people)
        self.every_promise_is_kept()
        found, view = findings(self.stage, self.people, self.given_minor, self.sales.handed_over)
        told = "\n".join(self.stage.told.lines[-200:])
        keep(not found, "\n".join(f"{f.kind} {f.minor}: {f.says}" for f in found) + f"\n{told}")
        self.tally.reviews += sum(row.state == "review" for row in view.redemptions.values())
        self.tally.faults += self.troubles.struck()
