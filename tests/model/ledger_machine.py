"""Any order of wishes, orders, returns, merges and foreign tills on the stores alone, of money and of uses alike.

The model knows only numbers: what Omneo has of the balance and of each benefit, and what each redemption may still do.
It is told what the ledger answered and checks that the answer was one that keeps every promise.
"""

import asyncio
from collections import Counter
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from hypothesis import strategies as st
from hypothesis.stateful import Bundle, RuleBasedStateMachine, consumes, invariant, multiple, precondition, rule

from proxy.domain.benefit import BenefitUse, uses
from proxy.domain.caller import Surface
from proxy.domain.capture import Capture, CaptureState, Taken
from proxy.domain.effect import Effect, EffectKind
from proxy.domain.give_back import GiveBackKind
from proxy.domain.hold import Held, Moved, Occupied, Short
from proxy.domain.ids import CaptureId, DiscountId, OmneoRedemptionId, OrderId, ProfileId, RedemptionId
from proxy.domain.money import USES, Money
from proxy.domain.redemption import CAPTURABLE, OPEN, Place, Redemption, State
from proxy.stores.give_backs import GiveBacks
from proxy.stores.successions import Successions
from tests.stores.ledger import PROFILE, TENANT, Ledger, aud, open_ledger, order_of

BALANCE, BIRTHDAY, SOCKS = 0, 41, 42
THERE: Final = {BALANCE: 3000, BIRTHDAY: 3, SOCKS: 2}

MINOR = st.integers(min_value=1, max_value=3000)
OF = st.sampled_from([BALANCE, BALANCE, BIRTHDAY, SOCKS])
CARTS = st.sampled_from(["cart-1", "cart-2"])
_MANY = 1000  # more rows than one example makes


@dataclass(frozen=True, slots=True)
class Reading:
    """What there was of the balance, or of a benefit, with the epoch from before and what had gone elsewhere."""

    profile: ProfileId
    of: int
    epoch: int
    there: int
    elsewhere: int


def part_of(of: int, minor: int) -> Money:
    """Read a number as cents, or as one to three uses."""
    return aud(minor) if of == BALANCE else uses(1 + minor % 3)


def benefit_of(of: int) -> BenefitUse | None:
    effect = Effect(EffectKind.PERCENTAGE, percent=Decimal(10))
    return None if of == BALANCE else BenefitUse(of, f"benefit-{of}", effect)


class LedgerMachine(RuleBasedStateMachine):
    """One profile with 30.00 and two benefits, several carts, orders and a till that knows nothing of us."""

    rows = Bundle("rows")
    readings = Bundle("readings")

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.opened = open_ledger(self.fresh_url())
        self.ledger: Ledger = self.run(self.opened.__aenter__())
        self.give_backs = GiveBacks(self.ledger.database)
        self.profile = PROFILE
        self.there = dict(THERE)
        self.elsewhere: Counter[int] = Counter()
        self.numbers = 0
        self.known: list[RedemptionId] = []

    def fresh_url(self) -> str:
        raise NotImplementedError

    def run(self, work: Any) -> Any:
        return self.runner.run(work)

    def teardown(self) -> None:
        self.run(self.opened.__aexit__(None, None, None))
        self.runner.close()

    def now(self, redemption: RedemptionId) -> Redemption:
        found = self.run(self.ledger.redemptions.get(redemption))
        assert found is not None
        return found

    def number(self) -> int:
        self.numbers += 1
        return self.numbers

    def held(self, of: int) -> int:
        """What the allowance says."""
        theirs = (TENANT, self.profile)
        uses_held = self.run(self.ledger.holds.uses_held(*theirs))
        return int(uses_held.get(of, 0) if of else self.run(self.ledger.holds.standing(*theirs)).held_minor)

    def epoch(self, of: int, profile: ProfileId) -> int:
        return int(self.run(self.ledger.holds.epoch(TENANT, profile, of)))

    @rule(target=readings, of=OF)
    def read(self, of: int) -> Reading:
        return Reading(self.profile, of, self.epoch(of, self.profile), self.there[of], self.elsewhere[of])

    @rule(target=rows, reading=readings, minor=MINOR, cart=CARTS, take_over=st.booleans())
    def wish(self, reading: Reading, minor: int, cart: str, take_over: bool) -> Any:
        if reading.profile != self.profile:
            return multiple()  # whoever wishes is read again by whom the profile was merged into
        of, before = reading.of, {each: self.held(each) for each in THERE}
        wanted, place = part_of(of, minor), Place(Surface.CHECKOUT, cart)
        spendable = replace(wanted, minor=reading.there)
        more = {"profile": self.profile, "epoch": reading.epoch, "benefit": benefit_of(of)}
        wish = self.run(self.ledger.wish(0, 0, place=place, take_over=take_over, **more))
        result = self.run(self.ledger.holds.hold(replace(wish, amount=wanted, spendable=spendable)))
        after = {each: self.held(each) for each in THERE}
        if isinstance(result, Held):
            assert reading.epoch == self.epoch(of, self.profile), "granted from an old reading"
            # Whatever else the reading showed is there still, but for what others took since: we have taken nothing.
            backed = self.there[of] + self.elsewhere[of] - reading.elsewhere
            assert after[of] <= max(backed, before[of]), "granted beyond what is there"
            assert {**after, of: 0} == {**before, of: 0}, "what is held of one took from another"
            self.known.append(result.redemption.id)
            return result.redemption.id
        assert isinstance(result, Moved | Short | Occupied)
        assert after == before, "a refusal took something"
        return multiple()

    @rule(row=rows)
    def issue(self, row: RedemptionId) -> None:
        was = self.now(row)
        moved = self.run(self.ledger.redemptions.issued(was, DiscountId(f"gid://d/{row}")))
        assert moved == (was.state is State.HELD)

    @rule(row=rows)
    def refuse_discount(self, row: RedemptionId) -> None:
        was = self.now(row)
        if was.parent is None:
            assert self.run(self.ledger.redemptions.drop(row, "discount_refused")) == (was.state is State.HELD)

    @rule(row=rows)
    def begin_release(self, row: RedemptionId) -> None:
        was = self.now(row)
        assert self.run(self.ledger.redemptions.begin_release(was, "removed")) == (was.state in OPEN)

    @rule(row=rows, used=st.integers(min_value=0, max_value=1))
    def deactivate(self, row: RedemptionId, used: int) -> None:
        was = self.now(row)
        moved = self.run(self.ledger.redemptions.deactivated(was, grace_ms=0, used=used))
        assert moved == (was.state is State.RELEASING)

    @rule(row=rows)
    def let_go(self, row: RedemptionId) -> None:
        was = self.now(row)
        assert self.run(self.ledger.redemptions.let_go(was)) == (was.state is State.RELEASING)

    @rule(row=rows, beside=st.lists(rows, max_size=2), minor=MINOR)
    def order_comes(self, row: RedemptionId, beside: list[RedemptionId], minor: int) -> None:
        """An order uses one of them, or several: then money and uses are two captures, each all or nothing."""
        every = [self.now(each) for each in dict.fromkeys([row, *beside])]
        order = order_of(str(self.number()))
        for currency in {was.amount.currency for was in every}:
            mine = [was for was in every if was.amount.currency == currency]
            capture = CaptureId(f"cap_{self.number():032x}")
            used = [(was, part_of(_of(was), minor)) for was in mine]
            begun = self.run(self.ledger.captures.begin(capture, order, self.profile, used))
            assert begun == all(was.state in CAPTURABLE for was in mine)

    @rule(target=rows, row=rows, minor=MINOR)
    def order_comes_beyond_its_hold(self, row: RedemptionId, minor: int) -> Any:
        was = self.now(row)
        if was.state in CAPTURABLE or was.parent is not None:
            return multiple()
        number = self.number()
        child = RedemptionId(f"rdm_{'f' * 8}{number:024x}")
        amount = replace(was.amount, minor=min(minor, was.amount.minor))
        order = OrderId(str(number))
        assert self.run(self.ledger.captures.extend(child, was, order, amount, "late"))
        assert not self.run(self.ledger.captures.extend(child, was, order, amount, "late"))
        self.known.append(child)
        return child

    @rule(row=rows)
    def omneo_answers(self, row: RedemptionId) -> None:
        """Omneo takes what is there, never more than it was asked for."""
        capture = self.run(self.ledger.captures.of_redemption(row))
        if capture is None or capture.state not in (CaptureState.INTENDED, CaptureState.SENT):
            return
        parts = self._taken(capture)
        total = sum(part.minor for part in parts.values())
        if total == 0:
            assert self.run(self.ledger.captures.give_up(capture, "shortfall"))
            return
        answer = Taken(replace(capture.asked, minor=total), parts)
        if not capture.of_uses:
            answer = Taken(answer.total, ceiling=(self.there[BALANCE], 30_000))
        assert self.run(self.ledger.captures.done(capture, OmneoRedemptionId(self.number()), answer))
        assert not self.run(self.ledger.captures.done(capture, OmneoRedemptionId(self.number()), answer)), "ended twice"

    def _taken(self, capture: Capture) -> dict[RedemptionId, Money]:
        parts: dict[RedemptionId, Money] = {}
        for line in capture.lines:
            of = _of(self.now(line.redemption))
            part = min(self.there[of], line.asked.minor)
            self.there[of] -= part
            parts[line.redemption] = replace(line.asked, minor=part)
        return parts

    @rule(target=rows, reading=readings, minor=MINOR)
    def a_whole_sale(self, reading: Reading, minor: int) -> Any:
        """As most go: the next wish may still come with the same reading."""
        made = self.wish(reading, minor, "cart-1", False)
        if isinstance(made, str):
            self.order_comes(RedemptionId(made), [], minor)
            self.omneo_answers(RedemptionId(made))
        return made

    @rule(row=rows, minor=MINOR)
    def goods_come_back(self, row: RedemptionId, minor: int) -> None:
        """Some or all of what a capture took for a redemption is to be given back; one after the other."""
        capture = self.run(self.ledger.captures.of_redemption(row))
        if capture is None or capture.state is not CaptureState.DONE:
            return
        line = next(line for line in capture.lines if line.redemption == row)
        parts = {row: replace(line.captured, minor=minor)}
        under_way = self.run(self.give_backs.under_way(capture.id)) is not None
        fits = capture.returned.minor + minor <= capture.captured.minor
        name, kind = f"gbk_{self.number():032x}", GiveBackKind.RETURN
        if fits and line.returned.minor + minor > line.captured.minor:
            return  # nobody decides to give more back of a line than it took: `due` has tests of its own
        assert self.run(self.give_backs.begin(name, capture, kind, parts)) == (fits and not under_way)
        if fits and not under_way:
            assert not self.run(self.give_backs.begin(f"{name[:-1]}x", capture, kind, parts)), "begun from an old look"

    @rule(row=rows)
    def omneo_gives_back(self, row: RedemptionId) -> None:
        capture = self.run(self.ledger.captures.of_redemption(row))
        begun = self.run(self.give_backs.under_way(capture.id)) if capture is not None else None
        if begun is None:
            return
        assert self.run(self.give_backs.done(begun, OmneoRedemptionId(self.number())))
        assert not self.run(self.give_backs.done(begun, OmneoRedemptionId(self.number()))), "given back twice"
        for redemption, part in begun.parts.items():
            self.there[_of(self.now(redemption))] += part.minor

    @precondition(lambda self: self.known)
    @rule()
    def omneo_merges_the_profile(self) -> None:
        """What is held and captured is the other's from then on, and no reading from before grants anything."""
        gone, self.profile = self.profile, ProfileId(f"kept-{self.number()}")
        epochs = {of: self.epoch(of, gone) for of in THERE}
        self.run(Successions(self.ledger.database).hand_over(TENANT, gone, self.profile))
        assert all(self.epoch(of, gone) > epoch for of, epoch in epochs.items()), "what was read before still counts"
        assert not self.run(self.ledger.holds.uses_held(TENANT, gone))
        assert self.run(self.ledger.holds.standing(TENANT, gone)).held_minor == 0

    @rule(of=OF, share=MINOR)
    def another_till_spends(self, of: int, share: int) -> None:
        part = min(share, self.there[of])
        self.there[of] -= part
        self.elsewhere[of] += part

    @rule(reading=consumes(readings))
    def forget(self, reading: Any) -> None:
        """Readings come and go."""

    @invariant()
    def every_promise_is_kept(self) -> None:
        rows = self.run(self.ledger.redemptions.latest(_MANY))
        assert {row.id for row in rows} == set(self.known)
        for of, had in THERE.items():
            mine = [row for row in rows if _of(row) == of]
            assert self.held(of) == sum(row.held.minor for row in mine), "the allowance is not the sum of its rows"
            net = sum(row.captured.minor - row.returned.minor for row in mine)
            assert self.there[of] == had - self.elsewhere[of] - net, "what Omneo has is not what the rows say"
            assert sum(row.state in OPEN and row.parent is None for row in mine) <= 1, "two are open"
        for row in rows:
            self._promises_no_more_than_it_may(row)
            self._ends_its_journal_where_it_stands(row)

    def _promises_no_more_than_it_may(self, row: Redemption) -> None:
        assert 0 <= row.returned.minor <= row.captured.minor
        assert 0 <= row.captured.minor + row.shortfall.minor <= row.amount.minor
        assert row.held.minor <= row.amount.minor
        assert (row.amount.currency == USES) == (row.benefit is not None), "money and uses are mixed"
        if row.state in (State.RELEASED, State.CAPTURED, State.RECORDED, State.RETURNED):
            assert row.held.minor == 0, "an ended row still holds"

    def _ends_its_journal_where_it_stands(self, row: Redemption) -> None:
        last = self.run(self.ledger.last_entry(row.id))
        assert (last.held_minor, last.captured_minor) == (row.held.minor, row.captured.minor)
        assert (last.returned_minor, last.shortfall_minor) == (row.returned.minor, row.shortfall.minor)
        assert (last.state, last.order_id) == (row.state, row.order)


def _of(row: Redemption) -> int:
    return row.benefit.id if row.benefit is not None else BALANCE
