"""Processes that share a cache: each side here is what one process has, over one real server."""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from pydantic import TypeAdapter

from proxy.domain.allowance import Balance, Reading, Reward
from proxy.domain.ids import ProfileId
from proxy.domain.loyalty import Benefit, Page, Profile, Spent, Tier, Transaction, TransactionItem, Used
from tests.stores.sides import KEY, Omneo, Side, happens, shared, side, until
from tests.world.valkey import ValkeyServer

pytestmark = pytest.mark.anyio


async def test_what_one_process_loaded_the_other_finds_with_its_age(two: tuple[Side, Side]) -> None:
    one, other = two
    omneo = Omneo()
    assert (await one.cache.get(KEY, omneo)).age_s == 0
    found = await other.cache.get(KEY, omneo)
    assert (found.value, found.stale, omneo.calls) == ("25.00", False, 1)
    assert found.age_s > 0, "only what was loaded for this very caller has no age"


async def test_a_drop_in_one_process_reaches_the_other(two: tuple[Side, Side]) -> None:
    one, other = two
    omneo = Omneo()
    await one.cache.get(KEY, omneo)
    await other.cache.get(KEY, omneo)
    omneo.value = "12.50"
    one.cache.drop(KEY)
    await happens(lambda: other.cache.peek(KEY) is None)
    assert (await other.cache.get(KEY, omneo)).value == "12.50"


async def test_shown_bytes_are_dropped_in_the_other_process(two: tuple[Side, Side]) -> None:
    one, other = two
    key = ("shop", "1001", "rewards", "")
    await other.shown.get(key, Omneo())
    assert other.shown.peek(key) == "25.00"
    one.shown.drop(key)
    await happens(lambda: other.shown.peek(key) is None)


async def test_after_its_own_drop_a_process_never_finds_what_it_dropped(two: tuple[Side, Side]) -> None:
    one, _ = two
    omneo = Omneo()
    for number in range(50):
        omneo.value = str(number)
        one.cache.drop(KEY)
        assert (await one.cache.get(KEY, omneo)).value == str(number)


async def test_a_drop_while_another_is_being_told_is_told_too(two: tuple[Side, Side], server: ValkeyServer) -> None:
    one, _ = two
    kept = one.valkey.key("value", "readings", KEY)
    for _ in range(300):
        one.cache.drop(KEY)
        await server.command("SET", kept, "old")
        one.cache.drop(KEY)
        await until(lambda: one.valkey.told("readings", KEY))
        assert await server.command("EXISTS", kept) == b":0\r\n"


async def test_its_own_word_does_not_take_a_new_value_away(two: tuple[Side, Side]) -> None:
    one, other = two
    await one.cache.get(("marker",), Omneo())
    one.cache.drop(KEY)
    await one.cache.get(KEY, Omneo("new"))
    other.cache.drop(("marker",))
    await happens(lambda: one.cache.peek(("marker",)) is None)
    assert one.cache.peek(KEY) == "new"


@pytest.mark.parametrize("word", ["rubbish", "[]", "{}", '{"from": "x", "drops": [1]}'])
async def test_a_word_that_is_not_understood_drops_all(two: tuple[Side, Side], server: ValkeyServer, word: str) -> None:
    one, _ = two
    await one.cache.get(KEY, Omneo())
    await server.command("PUBLISH", "proxy:test", word)
    await happens(lambda: one.cache.peek(KEY) is None)
    assert one.events() == []


async def test_a_drop_that_waits_behind_many_is_a_drop_already(two: tuple[Side, Side]) -> None:
    one, other = two
    await other.cache.get(KEY, Omneo("old"))
    for number in range(500):
        one.cache.drop((number,))
    one.cache.drop(KEY)
    assert (await one.cache.get(KEY, Omneo("new"))).value == "new"


async def test_drops_are_heard_in_their_order(two: tuple[Side, Side]) -> None:
    """First what is read, then what is shown of it: else old bytes would be made anew from the old reading."""
    one, other = two
    heard: list[str] = []

    @dataclass
    class Ear:
        name: str

        def drop(self, key: Any) -> None:
            heard.append(f"{self.name} {key[0]}")

        def drop_all(self) -> None:
            heard.clear()

    other.valkey.join("readings", Ear("reading"))
    other.valkey.join("display", Ear("display"))
    wanted = []
    for number in range(200):
        one.cache.drop((number,))
        one.shown.drop((number,))
        wanted += [f"reading {number}", f"display {number}"]
    await happens(lambda: len(heard) >= len(wanted))
    assert heard == wanted


@pytest.mark.parametrize("dropper", [0, 1])
async def test_what_was_being_loaded_when_a_drop_came_is_kept_nowhere(two: tuple[Side, Side], dropper: int) -> None:
    one, other = two
    slow = Omneo("old")
    slow.open.clear()
    loading = asyncio.create_task(one.cache.get(KEY, slow))
    await happens(lambda: slow.calls == 1)
    two[dropper].cache.drop(KEY)
    await until(lambda: two[dropper].valkey.told("readings", KEY))
    slow.open.set()
    assert (await loading).value == "old", "who asked before the drop may be told"
    for process in (other, one):
        assert (await process.cache.get(KEY, Omneo("new"))).value == "new"


async def test_a_fresh_value_is_loaded_here_and_found_by_the_others(two: tuple[Side, Side]) -> None:
    one, other = two
    omneo = Omneo()
    await other.cache.get(KEY, omneo)
    omneo.value = "12.50"
    one.cache.drop(KEY)
    fresh = await one.cache.get(KEY, omneo, fresh=True)
    assert (fresh.value, fresh.age_s, omneo.calls) == ("12.50", 0, 2)
    await happens(lambda: other.cache.peek(KEY) is None)
    assert ((await other.cache.get(KEY, omneo)).value, omneo.calls) == ("12.50", 2)


async def test_a_fresh_value_is_never_another_process_s(two: tuple[Side, Side]) -> None:
    one, other = two
    await other.cache.get(KEY, Omneo("theirs"))
    assert (await one.cache.get(KEY, Omneo("ours"), fresh=True)).value == "ours"


async def test_another_space_shares_nothing(server: ValkeyServer) -> None:
    async with side(server) as one, side(server, "proxy:other") as other:
        await one.joined()
        await other.joined()
        await one.cache.get(KEY, Omneo("one"))
        assert (await other.cache.get(KEY, Omneo("other"))).value == "other"
        one.cache.drop(KEY)
        await until(lambda: one.valkey.told("readings", KEY))
        assert other.cache.peek(KEY) == "other"


async def test_nobody_s_id_can_be_read_from_the_server_s_keys(two: tuple[Side, Side], server: ValkeyServer) -> None:
    one, _ = two
    await one.cache.get(("tenant", "p-secret-id"), Omneo())
    keys = await server.command("KEYS", "*")
    assert b"proxy:test:value:" in keys
    assert b"secret-id" not in keys
    assert b"tenant" not in keys


@pytest.mark.parametrize("rubbish", ["", "rubbish", "12345678{", "12345678\x00"])
async def test_a_value_that_cannot_be_read_is_none(two: tuple[Side, Side], server: ValkeyServer, rubbish: str) -> None:
    one, _ = two
    await server.command("SET", one.valkey.key("value", "readings", KEY), rubbish, "PX", "60000")
    assert (await one.cache.get(KEY, Omneo())).value == "25.00"
    assert one.events() == []


async def test_a_value_of_another_shape_is_none(two: tuple[Side, Side]) -> None:
    """The release before kept less under the same key."""
    one, other = two
    await one.cache.get(KEY, Omneo("7"))
    newer = shared(other.valkey, int)

    async def load() -> int:
        return 8

    assert (await newer.get(KEY, load)).value == 8


async def test_what_is_too_big_stays_in_its_process(two: tuple[Side, Side]) -> None:
    one, other = two
    omneo = Omneo("x" * 300_000)
    await one.cache.get(KEY, omneo)
    await other.cache.get(KEY, omneo)
    assert omneo.calls == 2


READING = Reading(
    Balance(Decimal("25.00"), Decimal("3"), Decimal("0.30"), Decimal("25.30"), None),
    (
        Reward(
            1, "Welcome", Decimal("25"), Decimal("25.00"), None, datetime(2027, 1, 1, 12, 30, tzinfo=UTC), True, False
        ),
        Reward(2, "Ünïcode", Decimal("5"), Decimal(0), datetime(2026, 1, 1, tzinfo=UTC), None, False, True),
    ),
    7,
    datetime(2026, 11, 21, 13, 0, 0, 123456, tzinfo=UTC),
)
SPENT = Spent(
    Decimal("5.00"), (Used("reward", "Welcome", Decimal("5.00"), None), Used("benefit", None, None, Decimal(2)))
)
SALE = Transaction(
    1, "5001", None, "R-1", datetime(2026, 1, 1, tzinfo=UTC), "Perth", ("web", "pos"), Decimal("99.95"), "AUD",
    (SPENT,), (SPENT,), False, (TransactionItem("Shirt", None, Decimal(1), Decimal("99.950"), False),),
)  # fmt: skip
BENEFIT = Benefit(1, "b", "Coffee", None, None, "terms", datetime(2027, 1, 1, tzinfo=UTC), None, True)


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        (Reading, READING),
        (Profile | None, None),
        (Profile | None, Profile(ProfileId("p-1"), "Ada", "Marsh", "active", None, datetime(2020, 2, 2, tzinfo=UTC))),
        (tuple[Benefit, ...], (BENEFIT, BENEFIT)),
        (tuple[Benefit, ...], ()),
        (Page[Transaction], Page((SALE,), 1, 20, None, True)),
        (Tier | None, Tier("Gold", None, Decimal("12.5"), None, Decimal("7"), None)),
    ],
)
async def test_every_kind_comes_back_as_it_was(two: tuple[Side, Side], kind: Any, value: Any) -> None:
    async def load() -> Any:
        return value

    async def never() -> Any:
        raise AssertionError("it was not shared")

    one, other = two
    await shared(one.valkey, kind).get(KEY, load)
    found = (await shared(other.valkey, kind).get(KEY, never)).value
    assert found == value
    dump = TypeAdapter(kind).dump_json
    assert dump(found) == dump(value), "equal is not enough: 25.0 is not 25.00"
