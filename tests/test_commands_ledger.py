"""`proxy ledger export`, run as finance runs it: what it writes is what the ledger and Omneo say."""

import csv
import io
import json
import re
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from proxy.domain.ledger_line import COLUMNS
from proxy.domain.redemption import State
from proxy.sandbox import seed
from proxy.stores import rows
from proxy.stores.database import Unit
from tests.stores.ledger import open_ledger
from tests.test_commands import Ended, environment, run
from tests.world.databases import Databases
from tests.world.world import ADA, BENEDIKT, World, open_world

pytestmark = pytest.mark.anyio

CHANGES = ("held_change", "captured_change", "returned_change", "shortfall_change")


def table(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text, newline="")))


def said(result: Ended) -> str:
    """What a usage error says, out of its box."""
    return " ".join(result.err.replace("│", " ").split())


def summed(lines: list[dict[str, str]], redemption: str, change: str) -> Decimal:
    return sum((Decimal(line[change]) for line in lines if line["redemption"] == redemption), Decimal(0))


async def whole_story(world: World) -> dict[str, str]:
    """Sell and take half of it back, expire, replace, run short and decide; gives the redemptions by name."""
    sold = await world.redeemed("20.80")
    order = world.buy(sold["code"])
    await world.reaches(sold["id"], "recorded")
    world.shopify.refund(order.id, [(order.lines[1].id, 2)])
    await world.noted(sold["id"], "given_back")
    short = await world.redeemed("10.00", BENEDIKT)
    body = {"amount": 45.0, "strategies": ["rewards"]}
    assert (await world.omneo_api("POST", f"/profiles/{world.omneo_profile(BENEDIKT)}/redeem", body)).is_success
    world.buy(short["code"], customer=BENEDIKT)
    await world.reaches(short["id"], "review", BENEDIKT)
    replaced = await world.redeemed("3.00")
    left = await world.redeemed("2.00")
    world.clock.advance(1801)
    await world.noted(left["id"], "deactivated")
    world.clock.advance(1801)
    await world.reaches(left["id"], "released")
    await world.reaches(replaced["id"], "released")
    return {"sold": sold["id"], "short": short["id"], "replaced": replaced["id"], "left": left["id"]}


async def test_the_csv_adds_up_to_the_ledger_and_to_omneo(world: World) -> None:
    ids = await whole_story(world)
    env = environment(world.settings.database_url)
    result = await run(env, "ledger", "export", "--csv", "-")
    decided = await run(env, "redemptions", "resolve", ids["short"], "--as", "recorded", "--reason", "we bear it")
    after = table((await run(env, "ledger", "export", "--csv", "-")).out)
    assert (result.status, result.err, decided.status) == (0, "", 0)
    lines = table(result.out)
    assert {line["redemption"] for line in lines} == set(ids.values())
    async with open_ledger(world.settings.database_url) as ledger:
        for redemption in ids.values():
            row = await ledger.redemptions.get(redemption)  # type: ignore[arg-type]
            assert row is not None
            amounts = (row.held, row.captured, row.returned, row.shortfall)
            assert [summed(after, row.id, change) for change in CHANGES] == [a.decimal for a in amounts]
    net = summed(after, ids["sold"], "captured_change") - summed(after, ids["sold"], "returned_change")
    spent = {r.id: r.total if r.type == "redeem" else -r.total for r in world.omneo_redemptions()}
    assert net == sum(spent.values()) == Decimal("15.80")
    told = {
        int(line["omneo_redemption"])
        for line in after
        if line["redemption"] == ids["sold"] and line["omneo_redemption"]
    }
    assert told == set(spent)
    assert after[-1]["actor"].startswith("operator:")
    shown = json.loads((await run(env, "redemptions", "show", ids["short"], "--json")).out)
    assert shown["journal"][-1]["actor"] == after[-1]["actor"]
    assert (after[-1]["move"], after[-1]["cause"]) == ("recorded", "decided: shortfall")


async def test_the_same_export_says_the_same_after_the_ledger_has_moved_on(world: World) -> None:
    redemption = await world.redeemed("5.00")
    env = environment(world.settings.database_url)
    until = world.clock.now().isoformat()
    wanted = ("ledger", "export", "--until", until, "--csv", "-")
    before = await run(env, *wanted)
    world.clock.advance(60)
    world.buy(redemption["code"])
    await world.reaches(redemption["id"], "recorded")
    again = await run(env, *wanted)
    assert [line["move"] for line in table(before.out)] == ["held", "issued"]
    assert again.out == before.out
    later = await run(env, "ledger", "export", "--since", until, "--json")
    assert [json.loads(line)["move"] for line in later.out.splitlines()] == ["capturing", "captured", "recorded"]


async def test_every_line_says_who_asked_and_where(world: World) -> None:
    await world.redeemed("5.00")
    key = {"Authorization": f"Bearer {world.shopify.id_token('pos')}", "Idempotency-Key": "till-1-a"}
    body = {
        "customer_id": str(BENEDIKT),
        "amount": {"amount": "7.35", "currencyCode": "AUD"},
        "cart": "till-1",
        "location_id": "8801",
        "staff_id": "77",
        "device_id": "ipad-1",
    }
    sold = (await world.http.post("/v1/pos/redemptions", headers=key, json=body)).json()
    assert (await world.http.delete(f"/v1/pos/redemptions/{sold['id']}", headers=key)).status_code == 200
    lines = table((await run(environment(world.settings.database_url), "ledger", "export", "--csv", "-")).out)
    at_home, at_till = [[line for line in lines if line["customer"] == str(c)] for c in (ADA, BENEDIKT)]
    assert [(line["cause"], line["actor"]) for line in at_home] == [("hold", f"customer:{ADA}"), ("issue", "service")]
    login = at_till[0]["actor"]
    assert login.startswith("staff:")
    assert [(line["cause"], line["actor"]) for line in at_till] == [
        ("hold", login),
        ("issue", "service"),
        ("removed", login),
        ("deactivated", "service"),
    ]
    assert {(line["surface"], line["location"], line["staff"], line["device"]) for line in at_till} == {
        ("pos", "8801", "77", "ipad-1")
    }
    # What the customer is shown is about the redemption, not about who works there.
    shown = await world.http.get(f"/v1/pos/redemptions/{sold['id']}", headers=key)
    assert login not in shown.text


async def test_what_a_till_declares_never_begins_a_formula(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        key = {"Authorization": f"Bearer {world.shopify.id_token('pos')}", "Idempotency-Key": "till-1-a"}
        body = {
            "customer_id": str(ADA),
            "amount": {"amount": "7.35", "currencyCode": "AUD"},
            "location_id": '@SUM("1,2")',
            "staff_id": "=HYPERLINK(1)",
            "device_id": "-2+3",
        }
        assert (await world.http.post("/v1/pos/redemptions", headers=key, json=body)).status_code == 201
        env = environment(world.settings.database_url)
        line = table((await run(env, "ledger", "export", "--csv", "-")).out)[0]
        plain = json.loads((await run(env, "ledger", "export", "--json")).out.splitlines()[0])
    assert (line["location"], line["staff"], line["device"]) == ('\'@SUM("1,2")', "'=HYPERLINK(1)", "'-2+3")
    assert (plain["location"], plain["staff"], plain["device"]) == ('@SUM("1,2")', "=HYPERLINK(1)", "-2+3")


async def test_a_file_is_whole_or_it_is_not_there(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        await world.redeemed("5.00")
    env = environment(world.settings.database_url)
    wanted = tmp_path / "out" / "moves.csv"
    nowhere = await run(env, "ledger", "export", "--csv", str(wanted))
    assert (nowhere.status, nowhere.out) == (1, "")
    assert nowhere.err.startswith("The file cannot be written: ")
    wanted.parent.mkdir()
    assert (await run(env, "ledger", "export", "--csv", str(wanted))).status == 0
    written = wanted.read_bytes()
    assert written.split(b"\r\n")[0].decode() == ",".join(COLUMNS)
    assert written.count(b"\r\n") == written.count(b"\n") == 3
    assert b"\xef\xbb\xbf" not in written
    bare = await run(environment(f"sqlite:///{tmp_path}/bare.db"), "ledger", "export", "--csv", str(wanted))
    assert bare.status == 1
    assert "proxy migrate" in bare.err
    assert wanted.read_bytes() == written
    assert [path.name for path in wanted.parent.iterdir()] == ["moves.csv"]


async def test_a_ledger_that_breaks_half_way_leaves_the_old_file_and_nothing_else(
    databases: Databases, tmp_path: Path
) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url) as world:
        redemption = await world.redeemed("5.00")
    await _note_often(url, redemption["id"], 1500, broken="not json")
    wanted = tmp_path / "out" / "moves.csv"
    wanted.parent.mkdir()
    wanted.write_text("last month")
    result = await run(environment(url), "ledger", "export", "--csv", str(wanted))
    assert result.status == 1
    assert wanted.read_text() == "last month"
    assert [path.name for path in wanted.parent.iterdir()] == ["moves.csv"]


async def test_a_journal_of_many_pages_is_written_whole_and_in_order(databases: Databases, tmp_path: Path) -> None:
    url = databases.sqlite(tmp_path / "proxy.db")
    async with open_world(url) as world:
        redemption = await world.redeemed("5.00")
    await _note_often(url, redemption["id"], 2500)
    lines = table((await run(environment(url), "ledger", "export", "--csv", "-")).out)
    entries = [int(line["entry"]) for line in lines]
    assert len(entries) == 2502
    assert entries == sorted(set(entries))


async def _note_often(url: str, redemption: str, times: int, broken: str | None = None) -> None:
    def write(unit: Unit) -> None:
        for number in range(times):
            rows.note(unit, redemption, State.ISSUED, "again", number=number)
        if broken is not None:
            unit.conn.exec_driver_sql(
                "INSERT INTO journal (redemption_id, at_ms, state, note, facts) VALUES (?, 1, 'issued', 'bad', ?)",
                (redemption, broken),
            )

    async with open_ledger(url) as ledger:
        await ledger.database.write(write)


async def test_without_a_format_it_shows_what_the_months_add_up_to(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        sold = await world.redeemed("20.80")
        order = world.buy(sold["code"])
        await world.reaches(sold["id"], "recorded")
        world.shopify.refund(order.id, [(order.lines[1].id, 2)])
        await world.noted(sold["id"], "given_back")
        await world.redeemed("4.00", BENEDIKT)
        month = world.clock.now().strftime("%Y-%m")
    env = environment(world.settings.database_url)
    shown, nothing = await run(env, "ledger", "export"), await run(env, "ledger", "export", "--until", "2020-01-31")
    assert (shown.status, shown.err) == (0, "")
    cells = [row.split() for row in shown.out.splitlines()]
    assert ["Moved", "at", seed.SHOP_DOMAIN] in cells
    assert [month, "AUD", "9", "20.80", "5.00", "15.80", "0.00"] in cells
    assert [seed.SHOP_DOMAIN, "AUD", "4.00", "0", "0.00"] in cells
    assert nothing.out.splitlines()[0] == "Nothing moved."


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("--since", "yesterday"), "is a day such as 2026-11-30"),
        (("--until", "2026-13-01"), "is a day such as 2026-11-30"),
        (("--since", "2026-02-01", "--until", "2026-01-31"), "is later than --since"),
        (("--json", "--csv", "-"), "is one of --csv and --json"),
    ],
)
async def test_what_makes_no_sense_is_a_usage_error_and_writes_nothing(
    databases: Databases, tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    result = await run(environment(databases.sqlite(tmp_path / "proxy.db")), "ledger", "export", *arguments)
    assert (result.status, result.out) == (2, "")
    assert says in said(result)


async def test_a_day_that_is_named_as_the_end_is_included(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        await world.redeemed("5.00")
        today = world.clock.now().date().isoformat()
    env = environment(world.settings.database_url)
    result = await run(env, "ledger", "export", "--since", today, "--until", today, "--json")
    moves: list[dict[str, Any]] = [json.loads(line) for line in result.out.splitlines()]
    assert [move["move"] for move in moves] == ["held", "issued"]
    assert list(moves[0]) == list(COLUMNS)
    assert (moves[0]["amount"], moves[0]["held_change"], moves[0]["captured_change"]) == ("5.00", "5.00", "0.00")


async def test_only_the_shop_that_is_asked_for_is_written(databases: Databases, tmp_path: Path) -> None:
    async with open_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        await world.redeemed("5.00")
    env = environment(world.settings.database_url)
    ours = await run(env, "ledger", "export", "--json", "--shop", seed.SHOP_DOMAIN)
    others = await run(env, "ledger", "export", "--json", "--shop", "another.myshopify.com")
    assert (len(ours.out.splitlines()), others.out) == (2, "")


def test_the_readme_explains_every_column_in_its_order() -> None:
    readme = (Path(__file__).resolve().parents[1] / "README.md").read_text()
    section = readme.split("\n## What finance and auditors get\n", 1)[1].split("\n## ", 1)[0]
    cells = re.findall(r"^\| (`[^|]+`) \|", section, re.MULTILINE)
    assert [name for cell in cells for name in re.findall(r"`([a-z_]+)`", cell)] == list(COLUMNS)
