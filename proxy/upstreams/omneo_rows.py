"""Rows of Omneo's answers, read by their shape."""

from collections.abc import Sequence
from typing import Any, TypeVar

from pydantic import ValidationError

from proxy.domain.errors import UpstreamUnavailable
from proxy.upstreams.omneo_wire import Wire

W = TypeVar("W", bound=Wire)


def read(model: type[W], row: Any) -> W:
    """Read a row. Raises UpstreamUnavailable, naming the fields that could not be read and not what was in them."""
    try:
        return model.model_validate(row)
    except ValidationError as error:
        fields = [".".join(map(str, problem["loc"])) for problem in error.errors(include_input=False)][:10]
        raise UpstreamUnavailable(upstream="omneo", reason="unreadable", shape=model.__name__, fields=fields) from None


def each(model: type[W], rows: Sequence[Any]) -> list[W]:
    """Read every row; one that cannot be read makes all of them unreadable."""
    return [read(model, row) for row in rows]
