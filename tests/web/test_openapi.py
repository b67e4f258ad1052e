"""The document says what the app does, and the app does what the document says."""

import asyncio
import itertools
import json
import re
import warnings
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import GenerationMode, checks

from proxy.domain import errors
from proxy.domain.errors import ProxyError
from tests.web.questions import at, routes, token_of
from tests.world.world import World

pytestmark = pytest.mark.anyio

EXAMPLES = {GenerationMode.POSITIVE: 4, GenerationMode.NEGATIVE: 8}
CHECKS = [
    checks.not_a_server_error,
    checks.status_code_conformance,
    checks.content_type_conformance,
    checks.response_schema_conformance,
    checks.response_headers_conformance,
]


async def _document(world: World) -> dict[str, Any]:
    answer = await world.http.get("/openapi.json")
    assert answer.headers["content-type"] == "application/json"
    return dict(answer.json())


async def test_the_document_is_valid_openapi(shared_world: World) -> None:
    validate(await _document(shared_world))


async def test_the_document_lists_every_route_of_the_interface_and_no_other(shared_world: World) -> None:
    document = await _document(shared_world)
    listed = {(method.upper(), path) for path, item in document["paths"].items() for method in item}
    assert listed == {(method, path) for method, path in routes(shared_world) if path.startswith("/v1/")}


async def test_every_operation_has_its_own_name_its_caller_and_the_shape_of_a_refusal(shared_world: World) -> None:
    document = await _document(shared_world)
    operations = [(path, op) for path, item in document["paths"].items() for op in item.values()]
    names = [op["operationId"] for _, op in operations]
    assert len(names) == len(set(names))
    for path, operation in operations:
        assert operation["security"] == [{"staff" if path.startswith("/v1/pos/") else "customer": []}]
        refused = {status: r for status, r in operation["responses"].items() if not status.startswith("2")}
        assert {"400", "401", "429", "500", "503"} <= set(refused)
        for answer in refused.values():
            schema = answer["content"]["application/problem+json"]["schema"]
            assert schema == {"$ref": "#/components/schemas/ProblemOut"}
        assert operation["summary"]


async def test_every_refusal_that_there_is_can_be_looked_up(shared_world: World) -> None:
    document = json.dumps(await _document(shared_world))
    # What was refused before is refused in the words of then, and the gateway's contract is Omneo's.
    kinds = set(_all(ProxyError)) - {errors.RefusedBefore, errors.ReadOnly}
    assert len(kinds) > 20
    assert [kind.code for kind in kinds if f"`{kind.code}`" not in document] == []


def _all(kind: type[ProxyError]) -> Iterator[type[ProxyError]]:
    yield kind
    for narrower in kind.__subclasses__():
        yield from _all(narrower)


# What changes nothing, or the same however often it is asked.
KEYLESS = {"quote", "quoteAtTill", "approve", "lookUp"}


async def test_every_write_wants_a_key_in_the_document_as_in_the_app(shared_world: World) -> None:
    document = await _document(shared_world)
    for item in document["paths"].values():
        for method, operation in item.items():
            wanted = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
            keyed = method == "post" and operation["operationId"] not in KEYLESS
            assert wanted == (["Idempotency-Key"] if keyed else [])


def _attempts(
    document: dict[str, Any], url: str, headers: Iterable[dict[str, str]], mode: Any
) -> list[Callable[[], None]]:
    schema = schemathesis.openapi.from_dict(document)
    turns = itertools.cycle(headers)

    def attempt(operation: Any) -> Callable[[], None]:
        @given(case=operation.as_strategy(generation_mode=mode))
        @settings(
            max_examples=EXAMPLES[mode],
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def run(case: Any) -> None:
            with requests.Session() as session:
                session.trust_env = False
                case.call_and_validate(base_url=url, headers=next(turns), session=session, checks=CHECKS, timeout=10)

        return run

    operations = [result.ok() for result in schema.get_all_operations()]
    # What takes nothing cannot be asked wrongly.
    return [attempt(o) for o in operations if mode is GenerationMode.POSITIVE or _takes_something(o.definition.raw)]


def _takes_something(operation: dict[str, Any]) -> bool:
    return bool(operation["parameters"] or "requestBody" in operation)


async def _try(world: World, headers: Iterable[dict[str, str]], mode: GenerationMode) -> set[str]:
    """Ask whatever the document makes one ask; gives the statuses that came."""
    document = await _document(world)
    # The generator meets the caller's header only where the document does not ask for one.
    for item in document["paths"].values():
        for operation in item.values():
            del operation["security"]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for attempt in _attempts(document, world.urls["proxy"], headers, mode):
            await asyncio.to_thread(attempt)
    assert not [e for e in world.events() if e["event"] == "request.failed"]
    text = (await world.http.get("/metrics")).text
    return set(re.findall(r'proxy_request_seconds_count\{.*route="/v1/.*status="(\d+)"\}', text))


@pytest.mark.parametrize("caller", ["customer", "staff"])
async def test_whatever_fits_the_document_is_answered_as_the_document_says(sqlite_world: World, caller: str) -> None:
    headers = at(sqlite_world) if caller == "customer" else at(sqlite_world, None, "pos")
    statuses = await _try(sqlite_world, [headers], GenerationMode.POSITIVE)
    assert "200" in statuses
    assert statuses <= {"200", "201", "400", "401", "404", "409", "422"}


@pytest.mark.parametrize("caller", ["customer", "staff"])
async def test_whatever_does_not_fit_it_is_refused_as_the_document_says(sqlite_world: World, caller: str) -> None:
    headers = at(sqlite_world) if caller == "customer" else at(sqlite_world, None, "pos")
    statuses = await _try(sqlite_world, [headers], GenerationMode.NEGATIVE)
    assert "400" in statuses
    assert statuses <= {"200", "400", "401", "404", "405", "409", "422"}


async def test_nobody_and_every_kind_of_impostor_are_refused_as_the_document_says(sqlite_world: World) -> None:
    strangers = ["expired checkout", "expired pos", "foreign audience", "foreign shop", "foreign pos", "foreign secret"]
    tokens = [await token_of(sqlite_world, kind) for kind in [*strangers, "foreign transient", "garbage"]]
    headers = [{}, *({"Authorization": f"Bearer {token}"} for token in tokens)]
    headers += [
        {"Authorization": value} for value in ("Bearer", "Basic YTpi", "Bearer a b", "é".encode().decode("latin-1"))
    ]
    for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
        statuses = await _try(sqlite_world, headers, mode)
        assert statuses <= {"401", "404", "405"}
        assert "401" in statuses
