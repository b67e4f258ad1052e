"""Every hostile request is refused as stated, over HTTP; no value moves, and no secret is logged."""

import json
from collections import Counter
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.hostile.making import BASES, Parts, Vector, make, vectors
from tests.hostile.raw import Answer
from tests.hostile.stage import FORMER, SECRETS, among_others, facts, hostile_world, send
from tests.hostile.truth import truth
from tests.world.databases import Databases
from tests.world.world import BENEDIKT, World

pytestmark = pytest.mark.anyio

ACCEPTED = {"redeem": 201, "redeem_at_till": 201}
SIGNED = ("token", "signature", "query", "authorization", "hmac", "body", "signed")
LONG_ENOUGH = 12  # shorter texts, such as "[]", are in any log


@pytest.fixture(scope="module")
async def stage(databases: Databases, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[tuple[World, str]]:
    """A world for all vectors, in which another customer has a redemption."""
    path = tmp_path_factory.mktemp("hostile") / "proxy.db"
    async with hostile_world(databases.sqlite(path)) as world:
        # The first wish of a customer, even a refused one, leaves a row that holds nothing.
        assert (await world.redeem("9999.00")).status_code == 409
        yield world, (await world.redeemed("5.00", BENEDIKT))["id"]


@pytest.mark.parametrize("vector", vectors(), ids=lambda vector: vector.id)
async def test_a_hostile_request_is_refused_and_leaves_nothing_behind(stage: tuple[World, str], vector: Vector) -> None:
    world, others = stage
    before = truth(world)
    world.log.seek(0)
    world.log.truncate()
    parts, answer = await send(world, vector.start, vector.change, others)
    assert answer.status == vector.status, answer.body
    if vector.code is not None:
        assert_refusal(vector, answer)
    log = world.log.getvalue()
    assert [line.get("reason") for line in lines(log) if line["event"] == "caller.refused"] == (
        [vector.reason] if vector.reason else []
    )
    for text in [*SECRETS, *private(vector, parts)]:
        assert text not in log
        assert text not in answer.body.decode("latin-1")
    assert "request.failed" not in log
    assert "Traceback" not in log + answer.body.decode("latin-1")
    assert truth(world) == before


def assert_refusal(vector: Vector, answer: Answer) -> None:
    """A problem that machines can read, from any origin, and that says no more than it has to."""
    body = answer.json()
    assert (body["status"], body["code"]) == (vector.status, vector.code)
    assert len(answer.body) < 1000
    assert answer.headers["content-type"] == ["application/problem+json"]
    assert answer.headers["access-control-allow-origin"] == ["*"]
    assert "access-control-allow-credentials" not in answer.headers
    assert len(answer.headers["x-request-id"]) == 1
    assert "location" not in answer.headers
    if vector.code == "unauthenticated":
        assert set(body) == {"type", "title", "status", "code", "retryable"}


def lines(log: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.splitlines()]


def private(vector: Vector, parts: Parts) -> set[str]:
    """What was sent and is nobody's business: proofs, bodies, and every text that the vector put into them."""
    found = {parts[name] for name in SIGNED if parts[name]}
    found |= set(texts(parts["json"])) - set(texts(BASES[vector.start].get("json")))
    return {text for text in found if len(text) >= LONG_ENOUGH}


def texts(value: Any) -> Iterator[str]:
    match value:
        case str():
            yield value
        case list():
            for one in value:
                yield from texts(one)
        case dict():
            for name, one in value.items():
                yield name
                yield from texts(one)


@pytest.mark.parametrize("kind", sorted({vector.kind for vector in vectors()}))
async def test_beside_other_shops_the_same_requests_are_refused(
    databases: Databases, tmp_path: Path, kind: str
) -> None:
    """With several shops an unproven claim chooses the verifier; the log may then name another reason."""
    async with among_others(databases.sqlite(tmp_path / "proxy.db")) as world:
        assert (await world.redeem("9999.00")).status_code == 409
        others = (await world.redeemed("5.00", BENEDIKT))["id"]
        before = truth(world)
        for vector in [one for one in vectors() if one.kind == kind]:
            _, answer = await send(world, vector.start, vector.change, others)
            assert answer.status == vector.status, (vector.id, answer.body)
            if vector.code is not None:
                assert_refusal(vector, answer)
        assert "request.failed" not in world.log.getvalue()
        assert truth(world) == before
        for base in BASES:
            _, answer = await send(world, base, [])
            # What the checkout holds by then, the till may not have.
            assert answer.status == {**ACCEPTED, "redeem_at_till": 409}.get(base, 200), (base, answer.body)


@pytest.mark.parametrize("key", ["its own", "former"])
@pytest.mark.parametrize("base", BASES)
async def test_every_request_that_the_vectors_start_from_is_genuine(
    databases: Databases, tmp_path: Path, base: str, key: str
) -> None:
    """Control: what is refused above is refused for what the vector changed."""
    of_shopify = "key" not in BASES[base]
    change = [["write", "key", "former"]] if key == "former" and of_shopify else []
    async with hostile_world(databases.sqlite(tmp_path / "proxy.db")) as world:
        _, answer = await send(world, base, change)
        assert answer.status == ACCEPTED.get(base, 200), answer.body
        assert "caller.refused" not in world.log.getvalue()
        assert FORMER not in world.log.getvalue()


def test_there_are_hundreds_of_them_each_with_a_name_and_a_reason() -> None:
    found = vectors()
    assert len(found) >= 300
    assert max(Counter(vector.id for vector in found).values()) == 1
    assert all(vector.why and 400 <= vector.status < 500 for vector in found)
    assert all((vector.reason is not None) is (vector.code == "unauthenticated") for vector in found)
    assert {vector.start for vector in found} == set(BASES)


def test_no_two_of_them_are_one_request_and_none_is_genuine() -> None:
    known = facts(1_790_000_000, others="rdm_" + "1" * 32)
    made = [make(base, [], known)["wire"] for base in BASES]
    made += [make(vector.start, vector.change, known)["wire"] for vector in vectors()]
    assert len(made) == len(set(made))
