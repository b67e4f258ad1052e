"""Taking people out in bounded units: run twice, at once, half-way or too early, the ledger stays even."""

import asyncio
import itertools
from datetime import timedelta

import pytest
import sqlalchemy as sa

from proxy.domain.capture import Taken
from proxy.domain.ids import CustomerId, OmneoRedemptionId, ProfileId, StaffId
from proxy.domain.privacy import Asked, RequestKind
from proxy.domain.redemption import Redemption, State
from proxy.domain.staff import ApprovalId, ApprovalWish
from proxy.stores import schema as t
from proxy.stores.approvals import Approvals
from proxy.stores.closures import Closures
from proxy.stores.database import Unit
from proxy.stores.privacy import PrivacyRequests
from proxy.stores.redaction import Redaction
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, TENANT, Ledger, aud

pytestmark = pytest.mark.anyio

REST = timedelta(hours=72, seconds=1)


def redaction(ledger: Ledger) -> Redaction:
    numbers = itertools.count()
    return Redaction(ledger.database, lambda: f"{next(numbers):032x}"[::-1])


async def released(ledger: Ledger) -> Redemption:
    redemption = await ledger.held(500)
    assert await ledger.redemptions.drop(redemption.id, "discount_refused")
    return redemption


async def rested(ledger: Ledger) -> None:
    """Do the work that is left, and let the time pass."""
    ledger.moved += REST
    for task in await ledger.tasks.lease("w", 60_000, 100):
        await ledger.tasks.finish(task)


async def allowances(ledger: Ledger) -> list[str]:
    return await ledger.database.read(lambda unit: list(unit.conn.scalars(sa.select(t.allowances.c.profile_id))))


async def test_a_batch_is_bounded_and_the_next_goes_on_where_it_ended(ledger: Ledger) -> None:
    for _ in range(5):
        await released(ledger)
    await rested(ledger)
    cuts = [(await redaction(ledger).redact(SHOP, CUSTOMER, 2)).cut for _ in range(4)]
    assert cuts == [2, 2, 1, 0]


async def test_what_is_old_loses_its_person_and_its_key_at_once(ledger: Ledger) -> None:
    old = await released(ledger)
    await rested(ledger)
    young = await released(ledger)
    assert await redaction(ledger).expire(SHOP, int(REST.total_seconds() * 1000) - 1, 50) == 1
    assert ((await ledger.now(old)).customer, (await ledger.now(young)).customer) == ("gone_" + "0" * 24, CUSTOMER)
    keys = await ledger.database.read(lambda unit: list(unit.conn.scalars(sa.select(t.claims.c.redemption_id))))
    assert keys == [young.id]


async def test_two_workers_at_once_cut_each_redemption_once(ledger: Ledger) -> None:
    rows = [await released(ledger) for _ in range(6)]
    await rested(ledger)
    both = await asyncio.gather(*(redaction(ledger).redact(SHOP, CUSTOMER, 50) for _ in range(2)))
    assert all(done.waiting == () for done in both)
    for row in rows:
        now = await ledger.now(row)
        assert now.customer == now.profile
        notes = [entry.note for entry in await ledger.redemptions.journal(row.id)]
        assert notes.count("redacted") == 1


async def test_what_a_till_asked_a_colleague_for_does_not_outlive_the_customer(ledger: Ledger) -> None:
    approvals, ids = Approvals(ledger.database), [ApprovalId(f"apr_{n:032x}") for n in range(2)]
    for customer, id_ in zip((CUSTOMER, CustomerId("1002")), ids, strict=True):
        await approvals.ask(id_, ApprovalWish(SHOP, customer, aud(500), StaffId("42")), 60_000)
    assert (await redaction(ledger).redact(SHOP, CUSTOMER, 50)).waiting == ()
    assert [await approvals.get(SHOP, id_) is not None for id_ in ids] == [False, True]


class WorkEnds(Redaction):
    """The last work on a redemption ends between the two looks of a redaction."""

    def _cut_settled(self, unit: Unit, which: sa.ColumnElement[bool], limit: int) -> int:
        cut = super()._cut_settled(unit, which, limit)
        unit.run(t.tasks.delete())
        return cut


async def test_what_settles_while_a_redaction_looks_is_not_taken_for_cut(ledger: Ledger) -> None:
    redemption = await released(ledger)
    ledger.moved += REST
    done = await WorkEnds(ledger.database, lambda: "0" * 32).redact(SHOP, CUSTOMER, 50)
    assert (done.cut, done.waiting) == (0, (redemption.id,))


@pytest.mark.parametrize("early_s", [1, 3600])
async def test_what_has_just_ended_is_left_until_its_key_may_be_forgotten(ledger: Ledger, early_s: int) -> None:
    redemption = await released(ledger)
    await rested(ledger)
    ledger.moved -= timedelta(seconds=early_s + 1)
    assert (await redaction(ledger).redact(SHOP, CUSTOMER, 50)).waiting == (redemption.id,)


async def test_what_somebody_still_works_on_is_left(ledger: Ledger) -> None:
    redemption = await released(ledger)
    ledger.moved += REST
    assert (await redaction(ledger).redact(SHOP, CUSTOMER, 50)).waiting == (redemption.id,)


async def test_value_that_is_being_spent_or_given_back_is_left(ledger: Ledger) -> None:
    redemption = await ledger.issued(500)
    await ledger.capturing(redemption)
    await rested(ledger)
    done = await redaction(ledger).redact(SHOP, CUSTOMER, 50)
    assert (done.cut, done.waiting) == (0, (redemption.id,))
    assert (await ledger.now(redemption)).customer == CUSTOMER


async def test_an_order_may_spend_more_although_one_of_its_captures_lost_its_person(ledger: Ledger) -> None:
    for number in range(2):
        row = await ledger.issued(500)
        await ledger.capturing(row, "7")
        capture = await ledger.captures.of_redemption(row.id)
        assert capture is not None
        assert await ledger.captures.sending(capture, row.amount)
        assert await ledger.captures.done(capture, OmneoRedemptionId(number), Taken(row.amount))
    await rested(ledger)
    assert (await redaction(ledger).redact(SHOP, CUSTOMER, 1)).cut == 1
    late = await ledger.issued(300)
    await ledger.capturing(late, "7")
    assert (await ledger.now(late)).state is State.CAPTURING


async def test_what_a_person_has_still_to_decide_is_left(ledger: Ledger) -> None:
    redemption = await ledger.issued(500)
    assert await ledger.redemptions.review(redemption.id, "used_by_unknown_order")
    await rested(ledger)
    assert (await redaction(ledger).redact(SHOP, CUSTOMER, 50)).cut == 0
    assert (await ledger.now(redemption)).state is State.REVIEW


async def test_the_last_redemption_of_a_profile_takes_its_allowance_along_and_no_old_reading_fits_the_next(
    ledger: Ledger,
) -> None:
    await released(ledger)
    before = await ledger.holds.epoch(TENANT, PROFILE)
    await rested(ledger)
    await redaction(ledger).redact(SHOP, CUSTOMER, 50)
    assert await allowances(ledger) == []
    assert await ledger.holds.epoch(TENANT, PROFILE) > before
    assert type(await ledger.hold(500, 100_000, epoch=before)).__name__ == "Moved"


async def test_who_only_looked_is_forgotten_after_a_day_and_who_holds_is_not(ledger: Ledger) -> None:
    await ledger.held(500)
    await ledger.holds.epoch(TENANT, ProfileId("p-looked"))
    assert await redaction(ledger).tidy([TENANT], 100) == 0
    ledger.moved += timedelta(hours=25)
    assert await redaction(ledger).tidy([TENANT], 100) == 1
    assert await allowances(ledger) == [PROFILE]


async def test_when_a_customer_is_redacted_no_request_names_them_any_more(ledger: Ledger) -> None:
    requests = PrivacyRequests(ledger.database)
    await ledger.events.receive(SHOP, "x", "1", None, None, Asked(RequestKind.DATA, CUSTOMER, "7"))
    await ledger.events.receive(SHOP, "x", "2", None, None, Asked(RequestKind.CUSTOMER, CUSTOMER))
    data, redact = await requests.latest(open_only=True)
    assert await requests.answered(data.id, "operator:ada")
    assert not await requests.answered(data.id, "operator:eve")
    assert await requests.redacted(redact, "service")
    assert [(row.customer, row.done_by) for row in await requests.latest(open_only=False)] == [
        (None, "operator:ada"),
        (None, "service"),
    ]


async def test_a_shop_that_came_back_is_not_forgotten_at_its_next_uninstall_before_it_is_asked_for_anew(
    ledger: Ledger,
) -> None:
    requests, closures = PrivacyRequests(ledger.database), Closures(ledger.database)
    assert await closures.close(SHOP)
    await ledger.events.receive(SHOP, "shop/redact", "1", None, None, Asked(RequestKind.SHOP))
    await ledger.events.receive(SHOP, "customers/redact", "2", None, None, Asked(RequestKind.CUSTOMER, CUSTOMER))
    assert await closures.reopen(SHOP)
    assert [request.kind for request in await requests.open_in(SHOP)] == [RequestKind.CUSTOMER]
    assert await closures.close(SHOP)
    await ledger.events.receive(SHOP, "shop/redact", "3", None, None, Asked(RequestKind.SHOP))
    assert len(await requests.open_in(SHOP)) == 2
