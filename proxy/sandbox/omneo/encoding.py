"""JSON as the API writes it, and the faults that bend it: numbers as text, fields left out."""

import json
from decimal import Decimal
from typing import Any

from proxy.sandbox.faults import Fault

OPTIONAL_FIELDS = ("credit_balance", "benefit_balance", "localised", "currency", "total_localised", "location")


def encoded(body: Any) -> bytes:
    """Write JSON; a Decimal becomes a number, whole ones without a fraction."""
    return json.dumps(body, default=_number, separators=(",", ":")).encode()


def _number(value: object) -> int | float:
    if not isinstance(value, Decimal):
        raise TypeError(f"not JSON: {type(value).__name__}")
    # The shortest text of the nearest double is the two-place decimal itself, so nothing is lost here.
    return int(value) if value == value.to_integral_value() else float(value)


def bent(body: dict[str, Any], faults: list[Fault]) -> dict[str, Any]:
    """Apply `stringly` and `omit` to `data`; without `fields` they mean every number and the optional fields."""
    for fault in faults:
        if fault.kind == "stringly":
            body = body | {"data": _stringly(body.get("data"), fault.fields)}
        elif fault.kind == "omit":
            body = body | {"data": _without(body.get("data"), fault.fields or OPTIONAL_FIELDS)}
    return body


def _stringly(value: Any, fields: tuple[str, ...], wanted: bool = True) -> Any:
    if isinstance(value, dict):
        return {
            key: part if key == "meta" else _stringly(part, fields, not fields or key in fields)
            for key, part in value.items()
        }
    if isinstance(value, list):
        return [_stringly(part, fields, wanted) for part in value]
    if not wanted or isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        return f"{value:.2f}"
    return str(value) if isinstance(value, int) else value


def _without(value: Any, fields: tuple[str, ...]) -> Any:
    if isinstance(value, dict):
        return {key: _without(part, fields) for key, part in value.items() if key not in fields}
    return [_without(part, fields) for part in value] if isinstance(value, list) else value
