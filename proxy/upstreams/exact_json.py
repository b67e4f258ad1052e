"""JSON whose numbers are Decimal on both ways, so that 12.10 never becomes a binary float."""

import json
from collections.abc import Mapping
from decimal import Decimal
from typing import Any


def read(body: bytes) -> Any:
    """Parse UTF-8 JSON. Raises ValueError for whatever is not JSON, NaN, Infinity and absurd nesting included."""
    try:
        return json.loads(body, parse_float=Decimal, parse_constant=_no_constant)
    except RecursionError:
        raise ValueError("nested too deeply") from None


def write(value: object) -> bytes:
    """Serialise; a Decimal is written as a JSON number with exactly its digits."""
    return _text(value).encode()


def _text(value: object) -> str:
    if isinstance(value, Decimal):
        if not value.is_finite():
            raise ValueError("JSON has no such number")
        return format(value, "f")
    if isinstance(value, Mapping):
        return "{" + ",".join(f"{json.dumps(str(k))}:{_text(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_text, value)) + "]"
    if isinstance(value, float):
        raise TypeError("floats are not exact")
    # ASCII, because half a surrogate pair in a product name has no UTF-8.
    return json.dumps(value)


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not JSON")
