"""One profile takes over another: what was held, captured and given back is the other's in one unit, once."""

import asyncio
import threading
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest
import sqlalchemy as sa

from proxy.domain.capture import CaptureState, Taken
from proxy.domain.give_back import GiveBackKind
from proxy.domain.hold import Held, Moved, Occupied
from proxy.domain.ids import CaptureId, CustomerId, OmneoRedemptionId, ProfileId, RedemptionId
from proxy.domain.money import Money
from proxy.domain.redemption import Place, Redemption, State
from proxy.stores import schema as t
from proxy.stores.database import PostgresDatabase, Unit
from proxy.stores.give_backs import GiveBacks
from proxy.stores.redaction import Redaction
from proxy.stores.successions import Successions
from tests.stores.ledger import CUSTOMER, PROFILE, SHOP, TENANT, Ledger, aud, order_of

pytestmark = pytest.mark.anyio

KEPT, THIRD = ProfileId("p-2"), ProfileId("p-3")
OTHER = CustomerId("1002")
TILL: dict[str, Any] = {"customer": OTHER, "profile": KEPT}


def successions(ledger: Ledger) -> Successions:
    return Successions(ledger.database)


async def merged(ledger: Ledger, gone: ProfileId = PROFILE, kept: ProfileId = KEPT) -> tuple[RedemptionId, ...]:
    return await successions(ledger).hand_over(TENANT, gone, kept)


async def held_minor(ledger: Ledger, *profiles: ProfileId) -> list[int]:
    return [(await ledger.holds.standing(TENANT, profile)).held_minor for profile in profiles]


async def assert_even(ledger: Ledger) -> None:
    """Every allowance is the sum of what stands under its profile."""
    a, r = t.allowances, t.redemptions

    def read(unit: Any) -> tuple[dict[str, int], dict[str, int]]:
        allowed = {row.profile_id: row.held_minor for row in unit.run(a.select())}
        rows = [(row.profile_id, row.held_minor) for row in unit.run(r.select())]
        return allowed, {profile: sum(minor for each, minor in rows if each == profile) for profile in allowed}

    allowed, rows = await ledger.database.read(read)
    assert allowed == rows


async def merged_while(
    ledger: Ledger, locked: sa.Select[Any], meanwhile: Callable[[], Awaitable[None]]
) -> set[RedemptionId]:
    """Merge, and do something while the merge waits for this row; on SQLite nothing ever waits, and it comes first."""
    if not isinstance(ledger.database, PostgresDatabase):
        await meanwhile()
        return set(await merged(ledger))
    loop, taken, done = asyncio.get_running_loop(), asyncio.Event(), threading.Event()

    def hold(unit: Unit) -> None:
        unit.run(locked.with_for_update()).all()
        loop.call_soon_threadsafe(taken.set)
        assert done.wait(20)

    holding = asyncio.create_task(ledger.database.write(hold))
    await taken.wait()
    moving = asyncio.create_task(merged(ledger))
    waiting = sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted")
    async with asyncio.timeout(20):
        while not await ledger.database.read(lambda unit: unit.conn.scalar(waiting)):
            pass
    await meanwhile()
    done.set()
    await holding
    return set(await moving)


async def capture_of(ledger: Ledger, row: Redemption) -> Any:
    found = await ledger.captures.of_redemption(row.id)
    assert found is not None
    return found


async def test_a_hold_passes_over_with_its_redemption_and_the_journal_says_so(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    assert await merged(ledger) == (row.id,)
    now = await ledger.now(row)
    assert (now.profile, now.state, now.held) == (KEPT, State.ISSUED, aud(500))
    assert await held_minor(ledger, PROFILE, KEPT) == [0, 500]
    entry = (await ledger.redemptions.journal(row.id))[-1]
    assert (entry.note, entry.facts) == ("profile_merged", {"gone": PROFILE, "kept": KEPT})


@pytest.mark.parametrize("profile", [PROFILE, KEPT])
async def test_a_reading_from_before_the_merge_grants_nothing(ledger: Ledger, profile: ProfileId) -> None:
    before = await ledger.wish(500, 10_000, profile=profile)
    await ledger.holds.epoch(TENANT, PROFILE)
    await merged(ledger)
    assert isinstance(await ledger.holds.hold(before), Moved)
    assert isinstance(await ledger.hold(500, 10_000, profile=KEPT), Held)


async def test_merging_twice_changes_nothing_the_second_time(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    await merged(ledger)
    entries = await ledger.redemptions.journal(row.id)
    assert await merged(ledger) == ()
    assert await held_minor(ledger, PROFILE, KEPT) == [0, 500]
    assert await ledger.redemptions.journal(row.id) == entries


@pytest.mark.parametrize("first", ["near", "far"])
async def test_a_chain_of_merges_ends_at_its_end_in_any_order(ledger: Ledger, first: str) -> None:
    """The far merge may be told first; whoever follows the near one then is led to the end of the chain."""
    near, far = await ledger.issued(500), await ledger.issued(300, **TILL)
    steps = [(PROFILE, KEPT), (KEPT, THIRD)] if first == "near" else [(KEPT, THIRD), (PROFILE, THIRD)]
    for gone, kept in steps:
        await merged(ledger, gone, kept)
    assert {(await ledger.now(row)).profile for row in (near, far)} == {THIRD}
    assert await held_minor(ledger, PROFILE, KEPT, THIRD) == [0, 0, 800]


async def test_where_both_have_one_open_the_one_that_came_over_is_taken_back_and_counts_until_it_is(
    ledger: Ledger,
) -> None:
    mine, theirs = await ledger.issued(500), await ledger.issued(300, **TILL)
    await merged(ledger)
    assert (await ledger.now(theirs)).state is State.ISSUED
    taken_back = await ledger.now(mine)
    assert (taken_back.state, taken_back.reason, taken_back.profile) == (State.RELEASING, "profile_merged", KEPT)
    assert await held_minor(ledger, KEPT) == [800]
    # Its code may be in an order by now, and an order wins over a release.
    await ledger.capturing(taken_back)
    assert (await ledger.now(mine)).state is State.CAPTURING


async def test_what_was_captured_moves_and_what_comes_back_starts_the_others_epoch(ledger: Ledger) -> None:
    row, backs = await ledger.issued(500), GiveBacks(ledger.database)
    await ledger.capturing(row)
    capture = await capture_of(ledger, row)
    assert await ledger.captures.sending(capture, aud(500))
    assert await ledger.captures.done(await capture_of(ledger, row), OmneoRedemptionId(7), Taken(aud(500)))
    await merged(ledger)
    done = await capture_of(ledger, row)
    assert done.profile == KEPT
    assert await backs.begin("gbk-1", done, GiveBackKind.RETURN, {row.id: aud(500)})
    begun = await backs.under_way(done.id)
    assert begun is not None
    epoch = await ledger.holds.epoch(TENANT, KEPT)
    assert await backs.done(begun, OmneoRedemptionId(8))
    assert await ledger.holds.epoch(TENANT, KEPT) == epoch + 1


async def test_a_hold_passes_over_although_the_other_only_looked_and_is_tidied_away_meanwhile(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    await ledger.holds.epoch(TENANT, KEPT)
    ledger.moved += timedelta(hours=25)

    async def tidy() -> None:
        assert await Redaction(ledger.database, lambda: "0" * 24).tidy([TENANT], 9) == 1

    assert await merged_while(ledger, t.allowances.select().where(t.allowances.c.profile_id == PROFILE), tidy) == {
        row.id
    }
    assert await held_minor(ledger, KEPT) == [500]
    await assert_even(ledger)


async def test_a_capture_that_begins_meanwhile_passes_over_with_its_redemption(ledger: Ledger) -> None:
    before = await ledger.issued(300)
    await ledger.capturing(before, "7")
    row = await ledger.issued(500)

    async def begin() -> None:
        await ledger.capturing(row, "8")

    first = t.captures.select().where(t.captures.c.order_id == "7")
    assert await merged_while(ledger, first, begin) == {before.id, row.id}
    assert {(await capture_of(ledger, each)).profile for each in (before, row)} == {KEPT}


async def test_two_captures_of_one_order_stay_two_when_their_profiles_become_one(ledger: Ledger) -> None:
    mine, theirs = await ledger.issued(500), await ledger.issued(300, **TILL)
    await ledger.capturing(mine, "7")
    await ledger.capturing(theirs, "7")
    await merged(ledger)
    found = await ledger.captures.of_order(SHOP, order_of("7").id)
    assert [(each.profile, each.asked) for each in found] == [(KEPT, aud(500)), (KEPT, aud(300))]


async def test_a_lost_answer_is_waited_for_anew_and_its_work_is_due_at_once(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    await ledger.capturing(row, "7")
    assert await ledger.captures.sending(await capture_of(ledger, row), aud(500))
    before = await capture_of(ledger, row)
    ledger.moved += timedelta(seconds=119)
    await merged(ledger)
    after = await capture_of(ledger, row)
    assert (after.state, after.sends, after.profile) == (CaptureState.SENT, 1, KEPT)
    assert after.sent_ms >= before.sent_ms + 119_000
    assert ("order", "7") in {(task.kind, task.subject) for task in await ledger.tasks.lease("l", 1000, 9)}


async def test_an_answer_to_the_profile_that_is_gone_ends_the_capture_without_its_balance(ledger: Ledger) -> None:
    """What Omneo told was the balance of the one that is gone: it bounds nothing of the one that was kept."""
    row = await ledger.issued(500)
    await ledger.capturing(row)
    assert await ledger.captures.sending(await capture_of(ledger, row), aud(500))
    sent = await capture_of(ledger, row)
    await merged(ledger)
    epoch = await ledger.holds.epoch(TENANT, KEPT)
    assert await ledger.captures.done(sent, OmneoRedemptionId(7), Taken(aud(500), ceiling=(0, 30_000)))
    standing = await ledger.holds.standing(TENANT, KEPT)
    assert (standing.held_minor, standing.ceiling_minor) == (0, None)
    assert await ledger.holds.epoch(TENANT, KEPT) == epoch + 1


async def test_of_two_ceilings_the_lower_one_is_kept(ledger: Ledger) -> None:
    for number, (profile, told) in enumerate([(PROFILE, 900), (KEPT, 400)]):
        row = await ledger.issued(100, profile=profile, customer=CustomerId(str(number + 1)))
        await ledger.capturing(row, str(number))
        capture = await capture_of(ledger, row)
        assert await ledger.captures.sending(capture, aud(100))
        assert await ledger.captures.done(capture, OmneoRedemptionId(number), Taken(aud(100), ceiling=(told, 30_000)))
    await merged(ledger)
    assert (await ledger.holds.standing(TENANT, KEPT)).ceiling_minor == 400


async def test_what_was_read_before_the_merge_begins_nothing_under_the_old_name(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    await merged(ledger)
    stale: Any = [(row, aud(500))]
    assert not await ledger.captures.begin(CaptureId("cap_1"), order_of("1"), PROFILE, stale)
    assert await ledger.captures.begin_early(CaptureId("cap_2"), row)
    assert (await capture_of(ledger, row)).profile == KEPT
    assert await ledger.captures.extend(RedemptionId("rdm_child"), row, order_of("9").id, aud(200), "overuse")
    child = await ledger.redemptions.get(RedemptionId("rdm_child"))
    assert child is not None
    assert child.profile == KEPT
    await assert_even(ledger)


async def test_only_the_tenants_own_profile_is_taken_over(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    assert await successions(ledger).hand_over(type(TENANT)("another"), PROFILE, KEPT) == ()
    assert (await ledger.now(row)).profile == PROFILE


async def test_a_suspicion_is_work_only_where_the_ledger_knows_the_profile(ledger: Ledger) -> None:
    await ledger.issued(500)
    ask = successions(ledger).suspect
    assert await ask(SHOP, TENANT, [ProfileId("nobody"), ProfileId("é" * 64)], [CustomerId("9")]) == ()
    assert await ask(SHOP, TENANT, [PROFILE, ProfileId("nobody")], []) == (PROFILE,)
    assert await ask(SHOP, TENANT, [], [CUSTOMER]) == (PROFILE,)
    (task,) = [task for task in await ledger.tasks.lease("l", 1000, 9) if task.kind == "profile"]
    assert (task.subject, task.wishes) == (PROFILE, 2)


async def test_what_a_customer_holds_under_another_profile_is_found(ledger: Ledger) -> None:
    row = await ledger.issued(500)
    elsewhere = successions(ledger).held_elsewhere
    assert await elsewhere(SHOP, CUSTOMER, KEPT) == (PROFILE,)
    assert await elsewhere(SHOP, CUSTOMER, PROFILE) == ()
    assert await elsewhere(SHOP, OTHER, KEPT) == ()
    assert await ledger.redemptions.begin_release(row, "removed")
    assert await ledger.redemptions.let_go(await ledger.now(row))
    assert await elsewhere(SHOP, CUSTOMER, KEPT) == ()


async def test_merges_holds_captures_and_releases_at_once_leave_every_allowance_even(ledger: Ledger) -> None:
    profiles = [PROFILE, KEPT, THIRD]
    rows = [await ledger.issued(100 * n, profile=p, customer=CustomerId(str(n))) for n, p in enumerate(profiles, 1)]
    wishes = [
        await ledger.wish(50 + n, 10_000, profile=profiles[n % 3], customer=CustomerId(str(n % 3 + 1)), take_over=True)
        for n in range(6)
    ]

    async def release(row: Redemption) -> None:
        if await ledger.redemptions.begin_release(row, "removed"):
            await ledger.redemptions.let_go(await ledger.now(row))

    async def capture(row: Redemption) -> None:
        uses: list[tuple[Redemption, Money]] = [(row, row.amount)]
        await ledger.captures.begin(CaptureId(f"cap_{row.id}"), order_of("5"), row.profile, uses)

    await asyncio.gather(
        merged(ledger, PROFILE, THIRD),
        merged(ledger, KEPT, THIRD),
        merged(ledger, PROFILE, THIRD),
        release(rows[0]),
        capture(rows[1]),
        capture(rows[2]),
        *(ledger.holds.hold(wish) for wish in wishes),
    )
    # A hold that was granted just before is handed over by whoever finds the profile gone next.
    for gone in (PROFILE, KEPT):
        await merged(ledger, gone, THIRD)
    await assert_even(ledger)
    assert await held_minor(ledger, PROFILE, KEPT) == [0, 0]
    assert isinstance(await ledger.hold(1, 100_000, profile=THIRD, place=Place(rows[0].place.surface)), Held | Occupied)


async def test_of_two_that_come_over_at_once_one_stays_open(ledger: Ledger) -> None:
    mine, theirs = await ledger.issued(500), await ledger.issued(300, **TILL)
    await asyncio.gather(merged(ledger, PROFILE, THIRD), merged(ledger, KEPT, THIRD))
    states = [(await ledger.now(row)).state for row in (mine, theirs)]
    assert sorted(states) == [State.ISSUED, State.RELEASING]
    assert await held_minor(ledger, THIRD) == [800]


async def test_uses_go_to_the_profile_that_was_kept_and_a_benefit_that_is_open_there_is_taken_back(
    ledger: Ledger,
) -> None:
    moved, taken_back = await ledger.use(41, 1, 1), await ledger.use(42, 1, 1)
    there = await ledger.use(42, 1, 1, profile=KEPT, customer=CustomerId("1002"))
    assert isinstance(moved, Held)
    assert isinstance(taken_back, Held)
    assert isinstance(there, Held)
    await Successions(ledger.database).hand_over(TENANT, PROFILE, KEPT)
    rows = [await ledger.now(each.redemption) for each in (moved, taken_back, there)]
    assert [row.profile for row in rows] == [KEPT] * 3
    assert [row.state for row in rows] == [State.HELD, State.RELEASING, State.HELD]
    assert await ledger.holds.uses_held(TENANT, PROFILE) == {}
    assert await ledger.holds.uses_held(TENANT, KEPT) == {41: 1, 42: 2}
