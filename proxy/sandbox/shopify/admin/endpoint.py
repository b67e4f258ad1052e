"""`POST /admin/api/{version}/graphql.json`: authentication, cost, throttling and execution."""

import json
import re
import uuid
from dataclasses import dataclass
from typing import Any

from graphql import (
    DocumentNode,
    FragmentDefinitionNode,
    GraphQLError,
    GraphQLSchema,
    OperationDefinitionNode,
    execute,
    parse,
    validate,
)
from graphql.execution import ExecutionResult, get_variable_values
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.types import Scope

from proxy.sandbox.faults import Faults
from proxy.sandbox.shopify.admin import errors
from proxy.sandbox.shopify.admin.cost import MAX_COST, Bucket, Cost, actual
from proxy.sandbox.shopify.admin.roots import Caller, Roots
from proxy.sandbox.shopify.admin.schema import granted
from proxy.sandbox.shopify.grants import Grants
from proxy.sandbox.shopify.store import Store

# The newest first, a release candidate aside; an expired version falls forward to the last of these.
VERSIONS = ("2026-10", "2026-07", "2026-04", "2026-01")
CANDIDATES = ("unstable", "2027-01")
UNKNOWN_TOKEN = "[API] Invalid API key or access token (unrecognized login or wrong password)"  # noqa: S105
_NAME = re.compile(r"\b(?:query|mutation)\s+(\w+)")
_PATH = re.compile(r"/admin/api/[^/]+/graphql\.json")


@dataclass(frozen=True, slots=True)
class Call:
    """A request's document, variables and chosen operation name."""

    query: str
    variables: dict[str, Any]
    operation_name: str | None

    @property
    def route(self) -> str:
        named = self.operation_name or next(iter(_NAME.findall(self.query)), "anonymous")
        return f"graphql {named}"


def route_of(scope: Scope, body: bytes) -> str | None:
    """Name a GraphQL call for faults and counts: "graphql OperationName"."""
    if not _PATH.fullmatch(scope["path"]):
        return None
    call = _read(body)
    return call.route if call else None


def served_version(asked: str) -> str | None:
    """Return the version that answers, None for one that never was."""
    if asked in VERSIONS or asked in CANDIDATES:
        return asked
    if re.fullmatch(r"20\d\d-(01|04|07|10)", asked) and asked < VERSIONS[-1]:
        return VERSIONS[-1]
    return None


class AdminEndpoint:
    """Answer GraphQL requests over the store."""

    def __init__(
        self, store: Store, grants: Grants, roots: Roots, schema: GraphQLSchema, faults: Faults, bucket: Bucket
    ) -> None:
        self._store = store
        self._grants = grants
        self._fields = roots.fields()
        self._schema = schema
        self._faults = faults
        self._bucket = bucket

    async def __call__(self, request: Request) -> Response:
        version = served_version(request.path_params["version"])
        headers = {"X-Request-Id": str(uuid.uuid4())}
        if version is None:
            return JSONResponse({"errors": "Not Found"}, 404, headers=headers)
        headers["X-Shopify-API-Version"] = version
        scopes = self._grants.scopes_of(request.headers.get("X-Shopify-Access-Token", ""))
        if scopes is None:
            return JSONResponse({"errors": UNKNOWN_TOKEN}, 401, headers=headers)
        call = _read(await request.body())
        if call is None:
            message = {"query": "Required parameter missing or invalid"}
            return JSONResponse({"errors": message}, 400, headers=headers)
        return JSONResponse(self.answer(call, scopes), headers=headers)

    def answer(self, call: Call, scopes: frozenset[str]) -> dict[str, Any]:
        """Run one call for a token with these scopes; every outcome is an HTTP 200."""
        struck = self._faults.take(call.route)
        try:
            document = parse(call.query)
        except GraphQLError as error:
            return {"errors": [errors.invalid(error)]}
        broken = validate(self._schema, document)
        if broken:
            return {"errors": [errors.invalid(error) for error in broken]}
        operation = _operation(document, call.operation_name)
        if operation is None:
            return {"errors": [{"message": "An operation name is required"}]}
        wrong = errors.invalid_variables(self._schema, tuple(operation.variable_definitions), call.variables)
        if wrong:
            return {"errors": wrong}
        cost = self._cost(document, operation, call.variables)
        if cost > MAX_COST:
            return {"errors": [errors.too_dear(cost, MAX_COST)]}
        if any(f.kind == "throttled" for f in struck):
            self._bucket.empty()
        if not self._bucket.take(cost):
            return {"errors": [errors.throttled()], "extensions": self._paid(cost, None)}
        lags = [f.visible_after_s for f in struck if f.kind == "delayed_visibility"]
        caller = Caller(granted(scopes), max([self._store.search_lag_s, *lags]))
        return self._run(document, operation, call, caller, cost)

    def _run(
        self, document: DocumentNode, operation: OperationDefinitionNode, call: Call, caller: Caller, cost: int
    ) -> dict[str, Any]:
        result = execute(
            self._schema,
            document,
            root_value=self._fields,
            context_value=caller,
            variable_values=call.variables,
            operation_name=call.operation_name,
        )
        assert isinstance(result, ExecutionResult)
        spent = min(cost, actual(operation, result.data))
        self._bucket.give_back(cost - spent)
        answer: dict[str, Any] = {"data": result.data}
        if result.errors:
            answer["errors"] = [_formatted(error) for error in result.errors]
        return answer | {"extensions": self._paid(cost, spent)}

    def _cost(self, document: DocumentNode, operation: OperationDefinitionNode, variables: dict[str, Any]) -> int:
        fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
        read = get_variable_values(self._schema, operation.variable_definitions, variables)
        assert isinstance(read, dict)
        return Cost(self._schema, fragments, read).requested(operation)

    def _paid(self, requested: int, spent: int | None) -> dict[str, Any]:
        status = self._bucket.status()
        return {"cost": {"requestedQueryCost": requested, "actualQueryCost": spent, "throttleStatus": status}}


def _formatted(error: GraphQLError) -> dict[str, Any]:
    formatted: dict[str, Any] = dict(error.formatted)
    if "extensions" not in formatted:
        formatted["extensions"] = {"code": "INTERNAL_SERVER_ERROR", "requestId": str(uuid.uuid4())}
    return formatted


def _operation(document: DocumentNode, name: str | None) -> OperationDefinitionNode | None:
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    if name is None:
        return operations[0] if len(operations) == 1 else None
    return next((o for o in operations if o.name and o.name.value == name), None)


def _read(body: bytes) -> Call | None:
    try:
        given = json.loads(body)
    except (ValueError, UnicodeDecodeError):
        return None
    if not isinstance(given, dict) or not isinstance(given.get("query"), str):
        return None
    variables = given.get("variables")
    name = given.get("operationName")
    return Call(given["query"], variables if isinstance(variables, dict) else {}, name or None)
