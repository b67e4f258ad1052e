"""Omneo's lists: rows out of whichever envelope came, and all pages up to a bound."""

from dataclasses import dataclass
from typing import Any

from proxy.domain.errors import UpstreamUnavailable
from proxy.upstreams.omneo_call import Ask, OmneoCalls

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Listed:
    """One page of rows; `total` is None where none is named."""

    rows: list[Any]
    total: int | None
    more: bool


class Pages:
    """Read lists by page; `size` rows at a time and at most `bound` pages."""

    def __init__(self, calls: OmneoCalls, size: int, bound: int) -> None:
        self._calls = calls
        self._size = size
        self._bound = bound

    async def one(self, operation: str, path: str, page: int, size: int, query: Query = ()) -> Listed:
        """Read one page."""
        paging = (("page[size]", str(size)), ("page[number]", str(page)))
        answer = await self._calls.read(Ask(operation, "GET", path, (*query, *paging)))
        return _listed(answer, page, size)

    async def all(self, operation: str, path: str, query: Query = ()) -> list[Any]:
        """Read all pages. Beyond the bound it raises: half a list would be taken for the whole."""
        rows: list[Any] = []
        for number in range(1, self._bound + 1):
            listed = await self.one(operation, path, number, self._size, query)
            if number > 1 and listed.rows and listed.rows == rows[-len(listed.rows) :]:
                return rows  # the page parameter is ignored here: the same rows again
            rows += listed.rows
            if not listed.more or not listed.rows:
                return rows
        raise UpstreamUnavailable(upstream="omneo", reason="too_many_pages", operation=operation)


def row_of(answer: Any) -> Any:
    """Unwrap `data`; nothing, null and an empty list are None, a list gives its first."""
    data = answer["data"] if isinstance(answer, dict) and "data" in answer else answer
    if isinstance(data, list):
        return data[0] if data else None
    return data or None


def _listed(answer: Any, page: int, size: int) -> Listed:
    envelope = answer if isinstance(answer, dict) else {}
    data = envelope.get("data", answer)
    if data is None:
        return Listed([], 0, more=False)
    if not isinstance(data, list):
        raise UpstreamUnavailable(upstream="omneo", reason="unreadable")
    meta = envelope.get("meta")
    # Most lists carry `meta`, a few are a bare paginator with the same names on top, a few are not paged at all.
    facts = meta if isinstance(meta, dict) else envelope
    last, total = _number(facts.get("last_page")), _number(facts.get("total"))
    if last is not None:
        return Listed(data, total, more=page < last)
    return Listed(data, total, more=len(data) >= size)


def _number(value: object) -> int | None:
    text = str(value)
    return int(text) if not isinstance(value, bool) and text.isascii() and text.isdigit() else None
