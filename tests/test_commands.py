"""The command line, run as operators run it."""

import asyncio
import json
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

import httpx
import pytest

from proxy.sandbox import seed
from proxy.sandbox.clock import SandboxClock
from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo import OmneoSandbox
from proxy.sandbox.serving import serving
from proxy.sandbox.shopify import ShopifySandbox
from tests.world.databases import Databases
from tests.world.world import ADA, TRANSIENT_KEY, open_world

pytestmark = pytest.mark.anyio

PATIENCE_S = 20.0


@dataclass(frozen=True, slots=True)
class Ended:
    status: int | None
    out: str
    err: str


def environment(database_url: str, **more: str) -> dict[str, str]:
    """A whole environment; no upstream answers there unless told otherwise."""
    nowhere = "http://127.0.0.1:9"
    settings = {
        "SHOP_DOMAIN": seed.SHOP_DOMAIN,
        "SHOP_CURRENCY": seed.CURRENCY,
        "SHOPIFY_CLIENT_ID": seed.CLIENT_ID,
        "SHOPIFY_CLIENT_SECRET": seed.CLIENT_SECRET,
        "SHOPIFY_BASE_URL": nowhere,
        "OMNEO_TENANT": seed.OMNEO_TENANT,
        "OMNEO_TOKEN": seed.OMNEO_TOKEN,
        "OMNEO_BASE_URL": nowhere,
        "TRANSACTION_MODE": "own",
        "TRANSIENT_KEYS": TRANSIENT_KEY,
        "DATABASE_URL": database_url,
        "UPSTREAM_TOTAL_S": "2",
        **more,
    }
    outside = {name: value for name, value in os.environ.items() if not name.startswith("PROXY_")}
    return {**outside, "COLUMNS": "200", **{f"PROXY_{name}": value for name, value in settings.items()}}


@asynccontextmanager
async def started(env: dict[str, str], *arguments: str) -> AsyncIterator[asyncio.subprocess.Process]:
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "proxy",
        *arguments,
        env=env,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
    try:
        yield process
    finally:
        if process.returncode is None:
            process.kill()
            await process.communicate()


async def ended(process: asyncio.subprocess.Process) -> Ended:
    async with asyncio.timeout(PATIENCE_S):
        out, err = await process.communicate()
    return Ended(process.returncode, out.decode(), err.decode())


async def run(env: dict[str, str], *arguments: str) -> Ended:
    async with started(env, *arguments) as process:
        return await ended(process)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


async def answers(url: str) -> None:
    async with asyncio.timeout(PATIENCE_S), httpx.AsyncClient(trust_env=False) as client:
        while True:
            try:
                if (await client.get(f"{url}/readyz")).status_code == 200:
                    return
            except httpx.HTTPError:
                pass
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("command", ["serve", "worker"])
async def test_bad_settings_stop_the_start_with_their_names_and_status_2(tmp_path: Path, command: str) -> None:
    env = environment(f"sqlite:///{tmp_path}/proxy.db", PORT="a-wrong-port")
    del env["PROXY_TRANSACTION_MODE"]
    result = await run(env, command)
    assert result.status == 2
    lines = result.err.strip().splitlines()
    assert [line.partition(":")[0] for line in lines] == ["PROXY_TRANSACTION_MODE", "PROXY_PORT"]
    assert "counts every sale twice" in lines[0]
    assert "a-wrong-port" not in result.err + result.out
    assert not (tmp_path / "proxy.db").exists()


@pytest.mark.parametrize("command", [("serve",), ("worker",), ("redemptions", "list")])
async def test_a_database_without_our_schema_is_one_clear_line(tmp_path: Path, command: tuple[str, ...]) -> None:
    result = await run(environment(f"sqlite:///{tmp_path}/proxy.db"), *command)
    assert result.status == 1
    (line,) = result.err.strip().splitlines()
    assert "proxy migrate" in line
    assert "Traceback" not in result.out + result.err


async def test_migrate_makes_the_schema_and_may_run_again(tmp_path: Path) -> None:
    env = environment(f"sqlite:///{tmp_path}/proxy.db")
    for _ in range(2):
        result = await run(env, "migrate")
        assert (result.status, result.err) == (0, "")
        assert "up to date" in result.out
    assert json.loads((await run(env, "redemptions", "list", "--json")).out) == []


async def test_migrate_makes_the_folder_of_the_default_database(tmp_path: Path) -> None:
    result = await run(environment(f"sqlite:///{tmp_path}/var/proxy.db"), "migrate")
    assert result.status == 0, result.err
    assert "Traceback" not in result.err


async def test_a_database_that_is_not_there_is_one_line() -> None:
    result = await run(environment(f"postgresql://proxy:a-wrong-word@127.0.0.1:{free_port()}/none"), "migrate")
    assert result.status == 1
    (line,) = result.err.strip().splitlines()
    assert line.startswith("The database cannot be opened: ")
    assert "a-wrong-word" not in line


async def test_redemptions_are_listed_and_shown_for_people_and_for_pipes(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url) as world:
        redemption = await world.redeemed("5.00")
        world.buy(redemption["code"])
        await world.reaches(redemption["id"], "recorded")
    env = environment(url)
    listed, as_json, shown, shown_json, wrong_state = await asyncio.gather(
        run(env, "redemptions", "list"),
        run(env, "redemptions", "list", "--json", "--state", "recorded", "--limit", "5"),
        run(env, "redemptions", "show", redemption["id"]),
        run(env, "redemptions", "show", redemption["id"], "--json"),
        run(env, "redemptions", "list", "--state", "held", "--json"),
    )
    assert redemption["id"] in listed.out
    assert "recorded" in listed.out
    (row,) = json.loads(as_json.out)
    assert (row["id"], row["amount"], row["captured"]) == (redemption["id"], "5.00 AUD", "5.00 AUD")
    assert row["customer"] == str(ADA)
    for state in ("held", "issued", "capturing", "captured", "recorded"):
        assert state in shown.out
    full = json.loads(shown_json.out)
    assert [move["state"] for move in full["journal"]] == ["held", "issued", "capturing", "captured", "recorded"]
    assert json.loads(wrong_state.out) == []
    for result in (listed, as_json, shown, shown_json, wrong_state):
        assert (result.status, result.err) == (0, "")
        # Whoever reads over a shoulder could use it.
        assert redemption["code"] not in result.out


async def test_a_redemption_that_is_not_there_is_one_line(databases: Databases, tmp_path: Path) -> None:
    env = environment(databases.sqlite(tmp_path / "proxy.db"))
    nobodys, malformed = await asyncio.gather(
        run(env, "redemptions", "show", "rdm_" + "0" * 32), run(env, "redemptions", "show", "4711")
    )
    for result in (nobodys, malformed):
        assert result.status == 1
        assert len(result.err.strip().splitlines()) == 1
        assert "Traceback" not in result.err


@asynccontextmanager
async def sandboxes() -> AsyncIterator[tuple[OmneoSandbox, ShopifySandbox, dict[str, str]]]:
    clock = SandboxClock()
    omneo, shopify = OmneoSandbox(clock), ShopifySandbox(clock)
    async with serving(omneo.app) as omneo_url, serving(shopify.app) as shopify_url:
        yield omneo, shopify, {"OMNEO_BASE_URL": f"{omneo_url}/api/v3", "SHOPIFY_BASE_URL": shopify_url}


async def test_check_says_of_each_other_side_whether_it_would_work(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with sandboxes() as (_, _, urls):
        good = environment(url, **urls)
        bad_tokens = environment(url, **urls, OMNEO_TOKEN="a-wrong-token", SHOPIFY_CLIENT_SECRET="a-wrong-secret")
        bare = environment(f"sqlite:///{tmp_path}/bare.db", **urls)
        people, fine, wrong, unmigrated, nowhere = await asyncio.gather(
            run(good, "check"),
            run(good, "check", "--json"),
            run(bad_tokens, "check", "--json"),
            run(bare, "check", "--json"),
            run(environment(url), "check", "--json"),
        )
    assert (people.status, people.err) == (0, "")
    assert people.out.count("│ ok ") == 3
    assert (fine.status, set(json.loads(fine.out).values())) == (0, {"ok"})
    assert wrong.status == 1
    said = json.loads(wrong.out)
    assert said["database"] == "ok"
    assert said["omneo token"] != "ok"
    assert said["shopify access"] != "ok"
    assert "a-wrong" not in wrong.out + wrong.err
    assert unmigrated.status == 1
    assert "proxy migrate" in json.loads(unmigrated.out)["database"]
    assert nowhere.status == 1
    assert json.loads(nowhere.out)["omneo token"] != "ok"
    for result in (people, fine, wrong, unmigrated, nowhere):
        assert "Traceback" not in result.out + result.err


async def test_check_names_the_scopes_that_are_missing_and_a_foreign_currency(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with sandboxes() as (_, shopify, urls):
        shopify.grants.scopes = ("read_products", "read_orders", "read_discounts")
        scopes, table = await asyncio.gather(
            run(environment(url, **urls), "check", "--json"), run(environment(url, **urls), "check")
        )
        shopify.grants.reset()
        currency = await run(environment(url, **urls, SHOP_CURRENCY="NZD"), "check", "--json")
    assert scopes.status == 1
    assert "write_discounts" in json.loads(scopes.out)["shopify access"]
    assert "read_orders" not in json.loads(scopes.out)["shopify access"]
    assert table.status == 1
    assert "write_discounts" in table.out
    assert currency.status == 1
    assert "AUD" in json.loads(currency.out)["shopify access"]


async def test_told_to_stop_it_finishes_what_it_has_begun_and_ends_with_status_0(
    databases: Databases, tmp_path: Path
) -> None:
    port, drain_s = free_port(), 10
    async with sandboxes() as (_, shopify, urls):
        env = environment(databases.sqlite(tmp_path / "proxy.db"), **urls, PORT=str(port), DRAIN_S=str(drain_s))
        url = f"http://127.0.0.1:{port}"
        async with started(env, "serve") as process, httpx.AsyncClient(base_url=url, trust_env=False) as client:
            await answers(url)
            shopify.faults.add(Fault("graphql CodeCreate", "latency", latency_ms=700))
            token = shopify.id_token("checkout", customer_id=ADA)
            asked = asyncio.create_task(
                client.post(
                    "/v1/redemptions",
                    headers={"Authorization": f"Bearer {token}", "Idempotency-Key": uuid4().hex},
                    json={"amount": {"amount": "5.00", "currencyCode": "AUD"}},
                )
            )
            async with asyncio.timeout(PATIENCE_S):
                while not shopify.calls["graphql CodeCreate"]:
                    await asyncio.sleep(0.01)
            process.send_signal(signal.SIGTERM)
            answer = await asked
            async with asyncio.timeout(drain_s):
                result = await ended(process)
    assert answer.status_code == 201, answer.text
    assert result.status == 0, result.err
    assert "Traceback" not in result.out + result.err
    lines = [json.loads(line) for line in result.out.splitlines()]
    assert lines[0]["event"] == "service.started"
    assert lines[-1]["event"] == "service.stopped"


async def test_a_worker_told_to_stop_ends_with_status_0(databases: Databases, tmp_path: Path) -> None:
    async with started(environment(databases.sqlite(tmp_path / "proxy.db")), "worker") as process:
        assert process.stdout is not None
        async with asyncio.timeout(PATIENCE_S):
            assert json.loads(await process.stdout.readline())["event"] == "service.started"
        process.send_signal(signal.SIGTERM)
        result = await ended(process)
    # It may have been too early for it to have begun anything.
    assert (result.status, result.err) == (0, "")
    assert [json.loads(line)["event"] for line in result.out.splitlines()] in (["service.stopped"], [])


async def test_a_port_that_is_taken_is_said_without_a_trace(databases: Databases, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        env = environment(databases.sqlite(tmp_path / "proxy.db"), PORT=str(taken.getsockname()[1]))
        result = await run(env, "serve")
    assert result.status not in (0, None)
    assert "address already in use" in result.err
    assert "Traceback" not in result.out + result.err


async def test_an_unknown_command_is_a_usage_error(tmp_path: Path) -> None:
    result = await run(environment(f"sqlite:///{tmp_path}/proxy.db"), "serv")
    assert result.status == 2
    assert "No such command" in result.err
