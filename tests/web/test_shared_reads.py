"""Two processes on one ledger, with a Valkey between them: what one did the other shows, and holds stay exact."""

import json
import subprocess
import sys
from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from proxy.sandbox import seed
from tests.services.test_attach_webhooks import hear
from tests.world.valkey import ValkeyServer
from tests.world.world import ADA, BENEDIKT, World, open_world, second_door

pytestmark = pytest.mark.anyio


@dataclass(slots=True)
class Pair:
    """Two front doors of one world; the first one's process does the work."""

    one: World
    other: World
    server: ValkeyServer

    async def caught_up(self) -> None:
        """Wait until the other has heard all that the one has told so far: what is told arrives in order."""
        await self.other.rewards(BENEDIKT)
        await self.one.redeemed("1.00", BENEDIKT)

        async def heard() -> bool:
            return bool((await self.other.rewards(BENEDIKT))["balance"]["held"]["amount"] == "1.00")

        await self.one.eventually(heard)

    async def shows(self, world: World, **amounts: str) -> None:
        found: dict[str, Any] = {}

        async def there() -> bool:
            balance = (await world.rewards())["balance"]
            found.update({name: balance[name]["amount"] for name in amounts})
            return found == amounts

        await self.one.eventually(there, lambda: f"{found}\n{self.one.log.getvalue()[-2000:]}")


@pytest.fixture
async def server(tmp_path: Path) -> AsyncIterator[ValkeyServer]:
    async with ValkeyServer.started(tmp_path) as started:
        yield started


@pytest.fixture
async def pair(database_url: str, server: ValkeyServer) -> AsyncIterator[Pair]:
    # Nothing that is shown ends by itself here, a noisy machine has time to answer, and the epoch stands alone.
    options: dict[str, Any] = {"cache_url": server.url, "cache_ttl_s": 300, "cache_deadline_s": 5, "ceiling_s": 0}
    options["omneo_webhook_secret"] = seed.OMNEO_WEBHOOK_SECRET
    async with open_world(database_url, **options) as one, second_door(one) as other:
        yield Pair(one, other, server)


def _reads(world: World) -> int:
    return sum(count for name, count in world.omneo.calls.items() if name.startswith("GET "))


async def test_what_one_process_did_the_other_shows_without_waiting(pair: Pair) -> None:
    await pair.shows(pair.other, available="25.00", held="0.00")
    redemption = await pair.one.redeemed("12.50")
    await pair.shows(pair.other, available="12.50", held="12.50")
    pair.one.buy(redemption["code"])
    await pair.one.reaches(redemption["id"], "recorded")
    await pair.shows(pair.other, available="12.50", held="0.00", total="12.50")


async def test_what_omneo_tells_one_process_the_other_shows_too(pair: Pair) -> None:
    """The one that hears of it has never resolved this customer: the body says whose the profile is."""
    await pair.shows(pair.other, total="25.00")
    profile = pair.one.omneo_profile()
    await pair.one.omneo_api("POST", f"/profiles/{profile}/redeem", {"amount": 5, "strategies": ["rewards"]})
    await pair.shows(pair.other, total="25.00")
    told = {"id": profile, "identities": [{"handle": "shopify", "identifier": str(ADA)}]}
    assert (await hear(pair.one, "balance.updated", json.dumps(told).encode())).status_code == 200
    await pair.shows(pair.other, total="20.00")


async def test_all_processes_together_ask_omneo_once(pair: Pair) -> None:
    first = await pair.one.rewards()
    asked = _reads(pair.one)
    assert await pair.other.rewards() == first
    assert _reads(pair.one) == asked


async def test_an_old_reading_in_the_shared_cache_grants_nothing(pair: Pair) -> None:
    """A drop may be lost with its process: the epoch that the reading carries is what protects the balance."""
    old = await pair.one.rewards()
    keys = (await pair.server.command("KEYS", "*:value:*")).decode().split("\r\n")
    kept = [key for key in keys if key.startswith("proxy:")]
    for key in kept:
        await pair.server.command("COPY", key, f"copy:{key}")
    redemption = await pair.one.redeemed("12.50")
    pair.one.buy(redemption["code"])
    await pair.one.reaches(redemption["id"], "recorded")
    await pair.shows(pair.one, total="12.50")
    await pair.caught_up()
    for key in kept:
        await pair.server.command("COPY", f"copy:{key}", key, "REPLACE")
        await pair.server.command("PEXPIRE", key, "200000")
    assert (await pair.other.rewards())["as_of"] == old["as_of"], "it is the old reading that is used"
    refused = await pair.other.redeem("25.00")
    assert refused.json()["code"] == "insufficient_balance", refused.text
    assert refused.json()["available"]["amount"] == "12.50"


async def test_without_its_server_everything_works(pair: Pair) -> None:
    await pair.server.kill()
    redemption = await pair.other.redeemed("12.50")
    pair.one.buy(redemption["code"])
    await pair.one.reaches(redemption["id"], "recorded")
    refused = await pair.other.redeem("25.00")
    assert refused.json()["code"] == "insufficient_balance", refused.text
    assert [e["event"] for e in pair.other.events()].count("cache.lost") == 1


def test_a_process_without_a_shared_cache_does_not_load_its_client() -> None:
    script = "import sys, proxy.__main__; print([name for name in sys.modules if name.startswith('redis')])"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, timeout=60)
    assert done.stdout == "[]\n"
