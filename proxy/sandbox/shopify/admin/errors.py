"""Top-level errors in Shopify's words; a client decides by `extensions.code`."""

from collections.abc import Mapping
from typing import Any

from graphql import GraphQLError, GraphQLInputType, GraphQLSchema, VariableDefinitionNode, type_from_ast
from graphql.utilities import coerce_input_value

MANUAL = "https://shopify.dev/api/usage/rate-limits"


def throttled() -> dict[str, Any]:
    return {"message": "Throttled", "extensions": {"code": "THROTTLED", "documentation": MANUAL}}


def too_dear(cost: int, limit: int) -> dict[str, Any]:
    message = f"Query cost is {cost}, which exceeds the single query max cost limit ({limit})."
    extensions = {"code": "MAX_COST_EXCEEDED", "cost": cost, "maxCost": limit, "documentation": MANUAL}
    return {"message": message, "extensions": extensions}


def invalid(error: GraphQLError) -> dict[str, Any]:
    """Write a syntax or validation error; the codes are the validator's own of Shopify where known."""
    formatted: dict[str, Any] = dict(error.formatted)
    message = error.message
    if message.startswith("Cannot query field"):
        _, field, _, kind, *_ = message.split("'")
        formatted["message"] = f"Field '{field}' doesn't exist on type '{kind}'"
        formatted["extensions"] = {"code": "undefinedField", "typeName": kind, "fieldName": field}
    elif "is required, but it was not provided" in message:
        formatted["extensions"] = {"code": "missingRequiredArguments"}
    elif message.startswith("Expected value of type"):
        formatted["extensions"] = {"code": "argumentLiteralsIncompatible"}
    else:
        formatted.setdefault("extensions", {"code": "GRAPHQL_VALIDATION_FAILED"})
    return formatted


def invalid_variables(
    schema: GraphQLSchema, definitions: tuple[VariableDefinitionNode, ...], given: Mapping[str, Any]
) -> list[dict[str, Any]]:
    """Check the variables; one INVALID_VARIABLE error each. Source: recorded behaviour (draft-proxy captures)."""
    found = []
    for definition in definitions:
        name = definition.variable.name.value
        kind: Any = type_from_ast(schema, definition.type)
        value = given.get(name)
        if name not in given and definition.default_value is not None:
            continue
        problems = _problems(kind, value, name in given)
        if problems:
            where = definition.loc and definition.loc.source.get_location(definition.loc.start)
            because = f" for {_joined(problems[0])}" if problems[0]["path"] else ""
            found.append(
                {
                    "message": f"Variable ${name} of type {kind} was provided invalid value{because}",
                    "locations": [{"line": where.line, "column": where.column}] if where else [],
                    "extensions": {"code": "INVALID_VARIABLE", "value": value, "problems": problems},
                }
            )
    return found


def _joined(problem: dict[str, Any]) -> str:
    return f"{'.'.join(str(p) for p in problem['path'])} ({problem['explanation']})"


def _problems(kind: GraphQLInputType, value: Any, present: bool) -> list[dict[str, Any]]:
    if value is None:
        required = str(kind).endswith("!")
        return [{"path": [], "explanation": "Expected value to not be null"}] if required else []
    if not present:
        return []
    problems: list[dict[str, Any]] = []

    def note(path: list[str | int], _: Any, error: GraphQLError) -> None:
        explanation = error.message
        if "is not defined by type" in explanation:
            field, owner = explanation.split("'")[1::2][:2]
            explanation, path = f"Field is not defined on {owner}", [*path, field]
        elif "was not provided" in explanation:
            explanation = "Expected value to not be null"
        problems.append({"path": path, "explanation": explanation})

    coerce_input_value(value, kind, note)
    return problems
