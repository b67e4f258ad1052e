"""The shared cache's server dies, hangs, returns: availability at most, and drops that were missed are made good."""

import asyncio
from pathlib import Path

import pytest

from tests.stores.sides import KEY, Omneo, Side, happens, side
from tests.world.valkey import ValkeyServer

pytestmark = pytest.mark.anyio


async def test_a_server_that_was_never_there_changes_nothing(tmp_path: Path) -> None:
    tries: list[int] = []

    def refuse(_reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tries.append(1)
        writer.close()

    nothing = await asyncio.start_server(refuse, "127.0.0.1")
    port = nothing.sockets[0].getsockname()[1]
    async with nothing, side(ValkeyServer(port, tmp_path)) as alone:
        omneo = Omneo()
        for _ in range(3):
            assert (await alone.cache.get(KEY, omneo)).value == "25.00"
        alone.cache.drop(KEY)
        assert (await alone.cache.get(KEY, omneo)).value == "25.00"
        assert omneo.calls == 2
        await happens(lambda: len(tries) >= 3)
        assert alone.events() == ["cache.lost"], "told once, however often it is tried"


async def test_a_server_that_dies_and_returns_is_told_once_each(two: tuple[Side, Side], server: ValkeyServer) -> None:
    one, other = two
    omneo = Omneo()
    await one.cache.get(KEY, omneo)
    await other.cache.get(KEY, omneo)
    await server.kill()
    await happens(lambda: "cache.lost" in one.events() and "cache.lost" in other.events())
    assert one.cache.peek(KEY) == "25.00", "what is here lives out its time"
    one.cache.drop(KEY)
    assert (await one.cache.get(KEY, omneo)).value == "25.00"
    await server.start()
    await happens(lambda: "cache.back" in one.events() and "cache.back" in other.events())
    assert one.events() == other.events() == ["cache.lost", "cache.back"]
    assert omneo.calls == 2
    await one.joined()
    await one.cache.get(KEY, omneo)
    await other.cache.get(KEY, omneo)
    assert omneo.calls == 3, "they share again"


async def test_after_a_lost_connection_nothing_here_is_trusted(two: tuple[Side, Side], server: ValkeyServer) -> None:
    """Drops were told that this process did not hear."""
    one, other = two
    await other.cache.get(KEY, Omneo("old"))
    await other.shown.get(("shop",), Omneo("old"))
    # Only the subscribed connections: the other side is dropped from while this one does not hear.
    await server.command("CLIENT", "KILL", "TYPE", "pubsub")
    await happens(lambda: "cache.back" in other.events())
    assert other.cache.peek(KEY) is None
    assert other.shown.peek(("shop",)) is None
    assert one.events() == ["cache.lost", "cache.back"]


async def test_a_drop_during_an_outage_reaches_the_server_before_its_value_is_used(
    hasty: tuple[Side, Side], server: ValkeyServer
) -> None:
    one, other = hasty
    await other.cache.get(KEY, Omneo("old"))
    server.hang()
    one.cache.drop(KEY)
    await happens(lambda: "cache.lost" in one.events())
    assert (await one.cache.get(KEY, Omneo("new"))).value == "new"
    server.go_on()
    await happens(lambda: "cache.back" in one.events())
    await one.joined()
    assert (await one.cache.get(KEY, Omneo("newer"))).value != "old"
    await happens(lambda: other.cache.peek(KEY) != "old")
    assert (await other.cache.get(KEY, Omneo("newer"))).value != "old"


async def test_three_answers_missed_in_a_row_are_a_loss_and_two_are_not(two: tuple[Side, Side]) -> None:
    one, _ = two
    for script in ("no script", "no script", "return 1", "no script", "no script"):
        assert await one.valkey.run(script, ()) == (1 if script == "return 1" else None)
    assert one.events() == []
    await one.valkey.run("no script", ())
    assert one.events() == ["cache.lost"]
    await happens(lambda: one.events() == ["cache.lost", "cache.back"])


async def test_a_server_that_dies_without_a_word_is_missed(two: tuple[Side, Side], server: ValkeyServer) -> None:
    """Nobody asks it anything, and what is dropped elsewhere would never be heard."""
    one, _ = two
    server.hang()
    try:
        await happens(lambda: one.events() == ["cache.lost"])
    finally:
        server.go_on()
    await happens(lambda: one.events() == ["cache.lost", "cache.back"])


async def test_a_server_that_hangs_is_left_alone(hasty: tuple[Side, Side], server: ValkeyServer) -> None:
    one, _ = hasty
    server.hang()
    try:
        omneo = Omneo()
        for number in range(20):
            assert (await one.cache.get((number,), omneo)).value == "25.00"
        await happens(lambda: "cache.lost" in one.events())
        assert omneo.calls == 20
    finally:
        server.go_on()
