"""The document says what the app does, and the app does what the document says."""

import asyncio
import re
import warnings
from collections.abc import Callable
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from openapi_spec_validator import validate
from schemathesis import checks

from tests.web.questions import at, routes
from tests.world.world import World

pytestmark = pytest.mark.anyio

EXAMPLES = 4
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
        refused = operation["responses"]["default"]["content"]["application/problem+json"]["schema"]
        assert refused == {"$ref": "#/components/schemas/ProblemOut"}
        assert operation["summary"]


async def test_every_write_wants_a_key_in_the_document_as_in_the_app(shared_world: World) -> None:
    document = await _document(shared_world)
    for item in document["paths"].values():
        for method, operation in item.items():
            wanted = [p["name"] for p in operation["parameters"] if p["in"] == "header"]
            assert wanted == (["Idempotency-Key"] if method == "post" else [])


def _attempts(document: dict[str, Any], url: str, headers: dict[str, str]) -> list[Callable[[], None]]:
    schema = schemathesis.openapi.from_dict(document)

    def attempt(operation: Any) -> Callable[[], None]:
        @given(case=operation.as_strategy())
        @settings(
            max_examples=EXAMPLES,
            derandomize=True,
            database=None,
            deadline=None,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        def run(case: Any) -> None:
            with requests.Session() as session:
                session.trust_env = False
                case.call_and_validate(base_url=url, headers=headers, session=session, checks=CHECKS, timeout=10)

        return run

    return [attempt(result.ok()) for result in schema.get_all_operations()]


@pytest.mark.parametrize("caller", ["customer", "staff", "nobody"])
async def test_whatever_fits_the_document_is_answered_as_the_document_says(sqlite_world: World, caller: str) -> None:
    headers = {
        "customer": at(sqlite_world),
        "staff": at(sqlite_world, None, "pos"),
        "nobody": {},
    }[caller]
    document = await _document(sqlite_world)
    # The generator meets the caller's header only where the document does not ask for one.
    for item in document["paths"].values():
        for operation in item.values():
            del operation["security"]
    attempts = _attempts(document, sqlite_world.urls["proxy"], headers)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        for attempt in attempts:
            await asyncio.to_thread(attempt)
    assert not [e for e in sqlite_world.events() if e["event"] == "request.failed"]
    text = (await sqlite_world.http.get("/metrics")).text
    statuses = set(re.findall(r'proxy_request_seconds_count\{.*route="/v1/.*status="(\d+)"\}', text))
    assert statuses <= ({"401"} if caller == "nobody" else {"200", "201", "400", "401", "404", "409", "422"})
    assert statuses & ({"401"} if caller == "nobody" else {"200"})
