"""Shopify's own scalars, in and out."""

from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from graphql import GraphQLError, GraphQLScalarType, GraphQLSchema

from proxy.sandbox.shopify.money import graphql_text, rest_text


def install(schema: GraphQLSchema) -> None:
    """Give the schema's scalars their meaning; scalars that are left alone pass values on."""
    functions: dict[str, tuple[Any, Any]] = {
        "DateTime": (_write_time, _read_time),
        "Decimal": (_write_decimal, _read_decimal),
        "Money": (rest_text, _read_decimal),
        "UnsignedInt64": (str, _read_unsigned),
    }
    for name, (write, read) in functions.items():
        scalar = schema.type_map.get(name)
        if isinstance(scalar, GraphQLScalarType):
            scalar.serialize = write  # type: ignore[method-assign]
            scalar.parse_value = read  # type: ignore[method-assign]


def _write_time(value: Any) -> str:
    at: datetime = value
    return at.astimezone(UTC).replace(microsecond=0, tzinfo=None).isoformat() + "Z"


def _read_time(value: Any) -> datetime:
    try:
        at = datetime.fromisoformat(value)
    except (TypeError, ValueError) as error:
        raise GraphQLError(f"invalid DateTime '{value}'") from error
    # assumption: a time without a zone is the shop's; the sandbox takes it as UTC.
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _write_decimal(value: Any) -> str:
    return graphql_text(Decimal(value))


def _read_decimal(value: Any) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise GraphQLError(f"invalid decimal '{value}'")
    try:
        read = Decimal(str(value))
    except InvalidOperation as error:
        raise GraphQLError(f"invalid decimal '{value}'") from error
    if not read.is_finite():
        raise GraphQLError(f"invalid decimal '{value}'")
    return read


def _read_unsigned(value: Any) -> int:
    text = str(value)
    if isinstance(value, bool) or not text.isdecimal():
        raise GraphQLError(f"invalid unsigned integer '{value}'")
    return int(text)
