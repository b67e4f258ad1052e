"""Relay connections by key: a page goes on where the last item stood, whatever changed meanwhile."""

import base64
import json
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, TypeVar

from graphql import GraphQLError

MAX_PAGE = 250
Key = tuple[Any, int]
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Page:
    """The paging arguments of a connection field."""

    first: int | None = None
    last: int | None = None
    after: str | None = None
    before: str | None = None
    reverse: bool = False


def connection(
    items: Iterable[T], key: Callable[[T], Key], view: Callable[[T], dict[str, Any]], page: Page
) -> dict[str, Any]:
    """Sort, cut and write a connection. Source: https://shopify.dev/docs/api/usage/pagination-graphql"""
    if page.first is None and page.last is None:
        raise GraphQLError("you must provide one of first or last", extensions={"code": "BAD_REQUEST"})
    size = page.first if page.first is not None else page.last or 0
    if not 0 <= size <= MAX_PAGE:
        raise GraphQLError(f"a page has 0 to {MAX_PAGE} items", extensions={"code": "BAD_REQUEST"})
    ordered = sorted(items, key=key, reverse=page.reverse)
    start, end = 0, len(ordered)
    if page.after is not None:
        start = sum(1 for item in ordered if not _beyond(key(item), _read(page.after), page.reverse))
    if page.before is not None:
        end = sum(1 for item in ordered if _beyond(_read(page.before), key(item), page.reverse))
    low, high = start, end
    if page.first is not None:
        high = min(high, low + page.first)
    if page.last is not None:
        low = max(low, high - page.last)
    shown = ordered[low:high]
    cursors = [_write(key(item)) for item in shown]
    nodes = [view(item) for item in shown]
    return {
        "nodes": nodes,
        "edges": [{"cursor": c, "node": n} for c, n in zip(cursors, nodes, strict=True)],
        "pageInfo": {
            "hasNextPage": high < len(ordered),
            "hasPreviousPage": low > 0,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": cursors[-1] if cursors else None,
        },
    }


def listed(views: list[dict[str, Any]]) -> Callable[..., dict[str, Any]]:
    """Return a resolver that pages through a list that has its own order."""

    def resolve(_: Any, **arguments: Any) -> dict[str, Any]:
        indexed = list(enumerate(views))
        wanted = {k: v for k, v in arguments.items() if k in Page.__dataclass_fields__}
        return connection(indexed, lambda pair: (0, pair[0]), lambda pair: pair[1], Page(**wanted))

    return resolve


def _beyond(one: Key, other: Key, reverse: bool) -> bool:
    return one < other if reverse else one > other


def _write(key: Key) -> str:
    text = json.dumps({"last_id": key[1], "last_value": key[0]}, separators=(",", ":"))
    return base64.b64encode(text.encode()).decode()


def _read(cursor: str) -> Key:
    try:
        read = json.loads(base64.b64decode(cursor, validate=True))
        return read["last_value"], read["last_id"]
    except (ValueError, KeyError, TypeError) as error:
        raise GraphQLError(f"Invalid cursor: {cursor}", extensions={"code": "BAD_REQUEST"}) from error
