"""The executable schema: the extract with its scalars, and a guard on every field that needs a scope."""

import json
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any

from graphql import (
    GraphQLError,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    build_schema,
    default_field_resolver,
    get_named_type,
)

from proxy.sandbox.shopify.admin.scalars import install

SDL = "admin_2026-10.graphql"
SCOPES = "admin_2026-10_scopes.json"
DOCUMENTATION = "https://shopify.dev/api/usage/access-scopes"


# Building takes some 50 ms and the result never changes: tests that open many shops share it.
@cache
def load_schema() -> GraphQLSchema:
    """Build the schema, once."""
    folder = files("proxy.sandbox.shopify.schema")
    schema = build_schema((folder / SDL).read_text(encoding="utf-8"))
    required = json.loads((folder / SCOPES).read_text(encoding="utf-8"))
    install(schema)
    for kind in schema.type_map.values():
        if isinstance(kind, GraphQLObjectType) and not _is_plumbing(kind.name):
            _guard_fields(schema, kind, required)
    return schema


def granted(scopes: frozenset[str]) -> frozenset[str]:
    """Add what a write scope implies: reading the same."""
    return scopes | {"read_" + s.removeprefix("write_") for s in scopes if s.startswith("write_")}


def _is_plumbing(name: str) -> bool:
    return name.endswith(("Connection", "Edge")) or name.startswith("__")


def _guard_fields(schema: GraphQLSchema, kind: GraphQLObjectType, required: dict[str, Any]) -> None:
    for name, field in kind.fields.items():
        target = get_named_type(field.type).name
        if target.endswith("Connection"):
            connection = schema.type_map[target]
            assert isinstance(connection, GraphQLObjectType)
            target = get_named_type(connection.fields["nodes"].type).name
        needs = [required[key] for key in (f"{kind.name}.{name}", target) if key in required]
        if needs:
            field.resolve = _guarded(name, needs)


def _guarded(name: str, needs: list[dict[str, Any]]) -> Callable[..., Any]:
    def resolve(source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        for need in needs:
            if not info.context.scopes & set(need["any_of"]):
                raise GraphQLError(
                    f"Access denied for {name} field. Required access: {need['required']}",
                    extensions={
                        "code": "ACCESS_DENIED",
                        "documentation": DOCUMENTATION,
                        "requiredAccess": need["required"],
                    },
                )
        return default_field_resolver(source, info, **arguments)

    return resolve
