"""The effect of a benefit, written down with the hold: a mapping that changes meanwhile changes nothing of it."""

from functools import cache

from pydantic import TypeAdapter

from proxy.domain.effect import Effect


@cache
def _adapter() -> TypeAdapter[Effect]:
    return TypeAdapter(Effect)


def dumps(effect: Effect) -> str:
    """Write it as JSON; amounts are whole minor units, percentages text."""
    return _adapter().dump_json(effect).decode()


def loads(text: str) -> Effect:
    """Read what was written."""
    return _adapter().validate_json(text)
