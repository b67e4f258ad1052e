"""The journal keeps every move for ever: who caused it, and what the redemption stood at after it."""

import asyncio
from decimal import Decimal

import pytest
import sqlalchemy as sa

from proxy.domain.actor import SERVICE, Actor, customer_actor, operator_actor, staff_actor
from proxy.domain.caller import Surface
from proxy.domain.capture import Taken
from proxy.domain.ids import OmneoRedemptionId, RedemptionId, StaffId
from proxy.domain.ledger_line import COLUMNS, LedgerLine, Period
from proxy.domain.redemption import Place, Redemption, State
from proxy.stores import rows
from proxy.stores import schema as t
from proxy.stores.database import Unit, sqlalchemy_url
from proxy.stores.exports import Exports
from proxy.stores.resolutions import Resolutions
from tests.stores.ledger import CUSTOMER, Ledger, aud, order_of

pytestmark = pytest.mark.anyio

ALWAYS = Period(None, None, None)
ADA, TILL = customer_actor(CUSTOMER), staff_actor(StaffId("7"))


async def read(ledger: Ledger, period: Period = ALWAYS) -> list[LedgerLine]:
    exports = Exports(ledger.database)
    return await exports.between(0, await exports.last(), period)


async def who(ledger: Ledger, redemption: Redemption) -> list[tuple[str, Actor]]:
    return [(entry.note, entry.actor) for entry in await ledger.redemptions.journal(redemption.id)]


async def captured(ledger: Ledger, minor: int, taken: int, omneo: int) -> Redemption:
    redemption = await ledger.issued(minor, actor=ADA)
    await ledger.capturing(redemption, str(omneo))
    capture = await ledger.captures.of_redemption(redemption.id)
    assert capture is not None
    assert await ledger.captures.done(capture, OmneoRedemptionId(omneo), Taken(aud(taken)))
    return await ledger.now(redemption)


@pytest.mark.parametrize(
    "statement", ["UPDATE journal SET note = 'nothing'", "DELETE FROM journal", "TRUNCATE journal"]
)
async def test_what_the_journal_says_is_neither_changed_nor_deleted(
    ledger: Ledger, database_url: str, statement: str
) -> None:
    redemption = await ledger.held(500)
    engine = sa.create_engine(sqlalchemy_url(database_url))
    # SQLite knows no TRUNCATE, and refuses it for that.
    why = "syntax error" if (engine.dialect.name, statement[:8]) == ("sqlite", "TRUNCATE") else "only appended to"
    try:
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match=why):
            connection.execute(sa.text(statement))
    finally:
        engine.dispose()
    assert [note for note, _ in await who(ledger, redemption)] == ["hold"]


@pytest.mark.parametrize(
    "change",
    [
        "customer_id = NULL",
        "customer_id = '1002'",
        "customer_id = 'gone_a', held_minor = 1",
        "customer_id = 'gone_a', captured_minor = NULL",
        "customer_id = 'gone_a', note = 'nothing'",
        "customer_id = 'gone_a', facts = '{}'",
        "customer_id = 'gone_a', actor = 'customer:1002'",
        "actor = 'operator:gone_a'",
        "customer_id = 'gone_a', redemption_id = 'rdm_x'",
        "customer_id = 'gone_a', at_ms = 1",
        "customer_id = 'gone_a', order_id = '7'",
    ],
)
async def test_the_journal_lets_a_person_go_and_lets_nothing_else_change(
    ledger: Ledger, database_url: str, change: str
) -> None:
    redemption = await ledger.held(500, actor=ADA)
    engine = sa.create_engine(sqlalchemy_url(database_url))
    try:
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError, match="only appended to"):
            connection.execute(sa.text(f"UPDATE journal SET {change}"))
        with engine.begin() as connection:
            connection.execute(sa.text("UPDATE journal SET customer_id = 'gone_a', actor = 'customer:gone_a'"))
    finally:
        engine.dispose()
    assert await who(ledger, redemption) == [("hold", Actor("customer:gone_a"))]


async def test_each_move_names_who_caused_it(ledger: Ledger) -> None:
    first = await ledger.issued(500, actor=ADA)
    assert await ledger.redemptions.begin_release(first, "removed", TILL)
    assert await ledger.redemptions.deactivated(await ledger.now(first), grace_ms=0, used=0)
    assert await ledger.redemptions.let_go(await ledger.now(first))
    assert await who(ledger, first) == [
        ("hold", ADA),
        ("issue", SERVICE),
        ("removed", TILL),
        ("deactivated", SERVICE),
        ("removed", SERVICE),
    ]


async def test_whoever_replaces_a_redemption_is_named_for_what_passes_on(ledger: Ledger) -> None:
    first = await ledger.deactivated(await ledger.issued(500, actor=ADA))
    await ledger.held(300, actor=TILL)
    assert (await who(ledger, first))[-1] == ("passed_on", TILL)


async def test_a_decision_names_the_operator(ledger: Ledger) -> None:
    redemption = await captured(ledger, 500, 200, 1)
    assert redemption.state is State.REVIEW
    operator = operator_actor("ada")
    refusal = await Resolutions(ledger.database).resolve(redemption.id, State.CAPTURED, "we bear it", operator)
    assert refusal is None
    assert (await who(ledger, redemption))[-1] == ("decided: shortfall", Actor("operator:ada"))


async def test_a_very_long_login_still_fits(ledger: Ledger) -> None:
    redemption = await ledger.held(500, actor=operator_actor("x" * 300))
    ((_, actor),) = await who(ledger, redemption)
    assert len(actor) == 64


async def test_the_changes_of_a_redemption_add_up_to_its_row(ledger: Ledger) -> None:
    whole, short = await captured(ledger, 500, 500, 1), await captured(ledger, 800, 300, 2)
    first = await ledger.deactivated(await ledger.issued(700))
    second = await ledger.held(400)
    lines = await read(ledger)
    for redemption in (whole, short, first, second):
        row = await ledger.now(redemption)
        own = [line for line in lines if line.redemption == row.id]
        assert sum(line.held_change or 0 for line in own) == row.held.decimal
        assert sum(line.captured_change or 0 for line in own) == row.captured.decimal
        assert sum(line.returned_change or 0 for line in own) == row.returned.decimal
        assert sum(line.shortfall_change or 0 for line in own) == row.shortfall.decimal
        assert {line.amount for line in own} == {row.amount.decimal}
    assert sum(line.held_change or 0 for line in lines) * 100 == await ledger.standing()


async def test_what_is_written_at_once_stands_in_the_order_in_which_it_happened(ledger: Ledger) -> None:
    redemption = await ledger.held(500)
    c = t.redemptions.c

    def spend(unit: Unit) -> None:
        unit.run(t.redemptions.update().where(c.id == redemption.id).values(captured_minor=c.captured_minor + 1))
        rows.note(unit, redemption.id, State.CAPTURING, "spent")

    def remark(unit: Unit) -> None:
        rows.note(unit, redemption.id, State.CAPTURING, "seen")

    await asyncio.gather(*(ledger.database.write(work) for _ in range(60) for work in (spend, remark)))
    changes = [(line.cause, line.captured_change) for line in await read(ledger)]
    assert {change for cause, change in changes if cause == "spent"} == {Decimal("0.01")}
    assert {change for cause, change in changes if cause == "seen"} == {Decimal("0.00")}


async def test_a_line_carries_the_ids_under_which_others_know_the_move(ledger: Ledger) -> None:
    place = Place(Surface.POS, "till-1", "8801", "77", "ipad-1")
    redemption = await ledger.issued(500, place=place, actor=TILL)
    capture = await ledger.capturing(redemption, "42")
    found = await ledger.captures.of_redemption(redemption.id)
    assert found is not None
    await ledger.captures.done(found, OmneoRedemptionId(900), Taken(aud(500)))
    await ledger.records.add(redemption.shop, order_of("42").id, "42", 77, OmneoRedemptionId(900))  # type: ignore[arg-type]
    lines = await read(ledger)
    assert [(line.move, line.cause) for line in lines] == [
        ("held", "hold"),
        ("issued", "issue"),
        ("capturing", "order"),
        ("captured", "capture"),
        ("recorded", "record"),
    ]
    assert {(line.surface, line.location, line.staff, line.device) for line in lines} == {
        ("pos", "8801", "77", "ipad-1")
    }
    assert [line.order for line in lines] == [None, None, "42", "42", "42"]
    assert [line.capture for line in lines] == [None, None, None, capture, capture]
    assert [line.omneo_redemption for line in lines] == [None, None, None, 900, 900]
    assert [line.transaction for line in lines] == [None, None, None, None, 77]


async def test_pages_of_any_size_give_every_entry_once_and_in_order(ledger: Ledger) -> None:
    for number in range(1, 8):
        await captured(ledger, 100, 100, number)
    exports = Exports(ledger.database)
    last = await exports.last()
    whole = await read(ledger)
    assert [line.entry for line in whole] == sorted({line.entry for line in whole})
    for size in (1, 3, last, last + 5):
        pages = [await exports.between(after, min(after + size, last), ALWAYS) for after in range(0, last, size)]
        assert [line for page in pages for line in page] == whole


async def test_a_move_that_comes_while_it_is_read_is_left_to_the_next_export(ledger: Ledger) -> None:
    redemption = await ledger.held(500)
    exports = Exports(ledger.database)
    last = await exports.last()
    await ledger.redemptions.drop(redemption.id, "discount_refused")
    assert [line.move for line in await exports.between(0, last, ALWAYS)] == ["held"]


async def test_a_period_is_cut_where_it_is_asked_for_and_changes_stay_true(ledger: Ledger) -> None:
    redemption = await ledger.issued(500)
    at_ms = (await ledger.redemptions.journal(redemption.id))[-1].at_ms
    await ledger.database.write(
        lambda unit: unit.run(
            t.redemptions.update().where(t.redemptions.c.id == redemption.id).values(captured_minor=200)
        )
    )
    unit_ms = at_ms + 60_000
    await _note_at(ledger, redemption.id, unit_ms)
    later = await read(ledger, Period(unit_ms, None, None))
    assert [(line.cause, str(line.captured_change)) for line in later] == [("later", "2.00")]
    assert [line.cause for line in await read(ledger, Period(None, unit_ms, None))] == ["hold", "issue"]
    assert await read(ledger, Period(None, None, "another.myshopify.com")) == []


async def _note_at(ledger: Ledger, redemption: RedemptionId, at_ms: int) -> None:
    def write(unit: Unit) -> None:
        unit.now_ms = at_ms
        rows.note(unit, redemption, State.ISSUED, "later")

    await ledger.database.write(write)


async def test_entries_from_before_amounts_were_kept_claim_no_change(ledger: Ledger) -> None:
    redemption = await ledger.held(500)
    await _write_as_an_older_release_does(ledger, redemption.id)
    await ledger.redemptions.drop(redemption.id, "discount_refused")
    lines = await read(ledger)
    assert [line.held_change and str(line.held_change) for line in lines] == ["5.00", None, "-5.00"]
    assert len(lines[1].cells()) == len(COLUMNS)


async def test_a_redemption_that_began_before_amounts_were_kept_claims_none_until_they_are(ledger: Ledger) -> None:
    old = RedemptionId("rdm_" + "e" * 32)
    await _write_as_an_older_release_does(ledger, old)
    redemption = await ledger.held(500, id=old)
    assert await ledger.redemptions.drop(redemption.id, "discount_refused")
    lines = await read(ledger)
    assert [line.held_change and str(line.held_change) for line in lines] == [None, None, "-5.00"]


async def _write_as_an_older_release_does(ledger: Ledger, redemption: RedemptionId) -> None:
    old = {"redemption_id": redemption, "at_ms": 1, "state": "issued", "note": "old", "facts": "{}"}
    await ledger.database.write(lambda unit: unit.run(t.journal.insert().values(**old)))
