"""Lists as the API gives them: filters, sorting, pages and the envelope around them."""

import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from decimal import Decimal, InvalidOperation
from typing import Any, TypeVar

from proxy.sandbox.omneo.call import Answer, Call

T = TypeVar("T")
OPERATORS = frozenset({"eq", "ne", "gt", "gte", "lt", "lte", "in", "nullable"})
LARGEST_PAGE = 1000

_FILTER = re.compile(r"filter((?:\[[^\[\]]+\])+)(?:\[\])?")
_KEY = re.compile(r"\[([^\[\]]+)\]")
_MISSING = object()


def listing(
    call: Call,
    rows: Iterable[T],
    shape: Callable[[T], dict[str, Any]],
    more: Callable[[T], dict[str, Any]] | None = None,
) -> Answer:
    """Filter, sort and cut `rows`; `more` gives fields that can be filtered by but are not shown.

    Without a `sort` the newest come first (assumption: undocumented).
    """
    shown = [(shape(row), more(row) if more else {}) for row in rows][::-1]
    conditions = _conditions(call)
    kept = [pair for pair in shown if all(_passes(pair[1] | pair[0], *c) for c in conditions)]
    sort = call.param("sort") if call.config.sort_supported else None
    if sort:
        name = sort.lstrip("-")
        kept.sort(key=lambda p: _sortable((p[1] | p[0]).get(name)), reverse=sort.startswith("-"))
    return paged(call, [pair[0] for pair in kept])


def paged(call: Call, rows: list[dict[str, Any]]) -> Answer:
    """Cut one page out of `rows` and wrap it with `links` and `meta`."""
    size = min(_positive(call.param("page[size]"), call.config.page_size), LARGEST_PAGE)
    number = _positive(call.param("page[number]"), 1)
    last = max(1, -(-len(rows) // size))
    start = (number - 1) * size
    page = rows[start : start + size]

    def url(n: int) -> str:
        return f"{call.url}?page%5Bsize%5D={size}&page%5Bnumber%5D={n}"

    previous = url(number - 1) if number > 1 else None
    following = url(number + 1) if number < last else None
    numbered = [{"url": url(n), "label": str(n), "active": n == number} for n in range(1, last + 1)]
    return Answer(
        200,
        {
            "data": page,
            "links": {"first": url(1), "last": url(last), "prev": previous, "next": following},
            "meta": {
                "current_page": number,
                "from": start + 1 if page else None,
                "last_page": last,
                "links": [
                    {"url": previous, "label": "&laquo; Previous", "active": False},
                    *numbered,
                    {"url": following, "label": "Next &raquo;", "active": False},
                ],
                "path": call.url,
                "per_page": size,
                "to": start + len(page) if page else None,
                "total": len(rows),
            },
        },
    )


def _positive(text: str | None, default: int) -> int:
    return int(text) if text and re.fullmatch("0*[1-9][0-9]{0,8}", text, re.ASCII) else default


def _conditions(call: Call) -> list[tuple[tuple[str, ...], str, str]]:
    found = []
    for key, value in call.query:
        match = _FILTER.fullmatch(key)
        if match:
            names = tuple(_KEY.findall(match[1]))
            operator = names[-1] if len(names) > 1 and names[-1] in OPERATORS else "eq"
            found.append((names[:-1] if operator == names[-1] and len(names) > 1 else names, operator, value))
    return found


def _passes(row: dict[str, Any], names: tuple[str, ...], operator: str, wanted: str) -> bool:
    if names == ("search",):
        return wanted.casefold() in " ".join(str(v) for v in row.values()).casefold()
    value = _look(row, names)
    if value is _MISSING:
        # Unknown filters change nothing (assumption: undocumented).
        return True
    if isinstance(value, list):
        return any(_compare(v, operator, wanted) for v in value) if operator != "ne" else wanted not in value
    return _compare(value, operator, wanted)


def _look(row: Any, names: tuple[str, ...]) -> Any:
    for i, name in enumerate(names):
        if isinstance(row, list):
            found = [_look(item, names[i:]) for item in row]
            return [value for value in found if value is not _MISSING]
        if row is None:
            return None
        if not isinstance(row, dict) or name not in row:
            return _MISSING
        row = row[name]
    return row


def _compare(value: object, operator: str, wanted: str) -> bool:
    if operator == "nullable":
        return (value is None) == (wanted in ("1", "true"))
    if operator == "in":
        return any(_equal(value, part) for part in wanted.split(","))
    if operator in ("eq", "ne"):
        return _equal(value, wanted) == (operator == "eq")
    if value is None:
        return False
    left, right = _ordered(value, wanted)
    answers = {"gt": left > right, "gte": left >= right, "lt": left < right, "lte": left <= right}
    return bool(answers[operator])


def _equal(value: object, wanted: str) -> bool:
    if isinstance(value, bool):
        return wanted.casefold() in (("1", "true") if value else ("0", "false"))
    if isinstance(value, (int, Decimal)):
        left, right = _ordered(value, wanted)
        return bool(left == right)
    return value is not None and str(value) == wanted


def _ordered(value: object, wanted: str) -> tuple[Any, Any]:
    with suppress(InvalidOperation):
        pair = Decimal(str(value)), Decimal(wanted)
        if all(n.is_finite() for n in pair):
            return pair
    return str(value), wanted


def _sortable(value: object) -> tuple[bool, bool, Any]:
    numeric = isinstance(value, (int, Decimal))
    return value is None, not numeric, value if numeric else str(value)
