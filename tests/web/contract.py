"""Plays the vectors of the contract against the real app; `python -m tests.web.contract` writes their answers anew.

A vector in tests/vectors/contract says what the client of the extensions is asked, which request it has to make of
that, what the proxy answers, and what the client has to make of the answer. Here each request is really made; vitest
plays the client against the answer. What differs from run to run is a matcher: `$redemption`, `$time`; with a name
after a colon (`$number:wait`) it is the same thing wherever it stands in its vector. Named files (`redemptions`) are
written alone.
"""

import asyncio
import json
import re
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import httpx

from proxy.stores.migrate import migrate
from tests.world.world import World, open_world

VECTORS: Final = Path(__file__).parent.parent / "vectors" / "contract"
HEADERS: Final = ("Content-Type", "Retry-After", "Idempotency-Replayed")
_MATCHER: Final = re.compile(r"\$([a-z]+)(?::[a-z0-9]+)?")
_FORMS: Final = {
    "approval": re.compile(r"apr_[0-9a-f]{32}"),
    "code": re.compile(r"RW[A-Z0-9-]{8,}"),
    "attribute": re.compile(r"_redemption_[0-9a-f]{8}"),
    "number": re.compile(r"[0-9]+"),
    "redemption": re.compile(r"rdm_[0-9a-f]{32}"),
    "time": re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|\+00:00)"),
}
_OLD_S: Final = -3600


def vectors() -> Iterator[tuple[str, dict[str, Any]]]:
    """Give each by its name."""
    for path in sorted(VECTORS.glob("*.json")):
        for vector in json.loads(path.read_text()):
            yield f"{path.stem}: {vector['claim']}", vector


class Bound:
    """What the matchers of one vector stand for, as far as it is known."""

    def __init__(self) -> None:
        self._known: dict[str, Any] = {}

    def keep(self, matcher: str, value: Any) -> None:
        self._known[matcher] = value

    def named(self, value: Any) -> str | None:
        """Give the matcher that stands for a value."""
        return next((matcher for matcher, known in self._known.items() if known == value), None)

    def filled(self, stated: Any) -> Any:
        """Give what is stated with what is known in its place."""
        if isinstance(stated, dict):
            return {name: self.filled(each) for name, each in stated.items()}
        if isinstance(stated, list):
            return [self.filled(each) for each in stated]
        if not isinstance(stated, str):
            return stated
        if stated in self._known:
            return self._known[stated]
        return _MATCHER.sub(lambda found: str(self._known.get(found[0], found[0])), stated)

    def matches(self, stated: Any, found: Any) -> bool:
        """Compare, and keep what a matcher with a name stands for."""
        if isinstance(stated, dict) and isinstance(found, dict):
            return stated.keys() == found.keys() and all(self.matches(stated[name], found[name]) for name in stated)
        if isinstance(stated, list) and isinstance(found, list):
            return len(stated) == len(found) and all(map(self.matches, stated, found))
        matcher = _MATCHER.fullmatch(stated) if isinstance(stated, str) else None
        if matcher is None:
            return bool(stated == found and type(stated) is type(found))
        if stated in self._known:
            return bool(str(self._known[stated]) == str(found))
        if ":" in stated:
            self.keep(stated, found)
        return _FORMS[matcher[1]].fullmatch(str(found)) is not None


async def play(world: World, vector: dict[str, Any]) -> tuple[httpx.Response, Bound]:
    """Arrange what is given, and make the request."""
    bound = Bound()
    for given in vector.get("given", []):
        answer = await ask(world, given["caller"], bound.filled(given["request"]))
        assert answer.status_code == given["status"], answer.text
        for matcher, path in given.get("keeps", {}).items():
            bound.keep(matcher, _at(answer.json(), path))
    return await ask(world, vector["caller"], bound.filled(vector["request"])), bound


async def ask(world: World, caller: dict[str, Any], request: dict[str, Any]) -> httpx.Response:
    """Make one request as it is stated, with a token of that caller."""
    surface, old = caller["surface"], caller.get("old", False)
    who = {"user_id": caller["staff"]} if surface == "pos" else {"customer_id": caller["customer"]}
    token = world.shopify.id_token(surface, offset_s=_OLD_S if old else world.clock.offset_s, **who)
    headers = request["headers"] | {"Authorization": f"Bearer {token}"}
    content = json.dumps(request["body"]) if "body" in request else None
    return await world.http.request(request["method"], request["path"], headers=headers, content=content)


def headers_of(answer: httpx.Response) -> dict[str, str]:
    """Give those that a client may go by."""
    return {name: answer.headers[name] for name in HEADERS if name in answer.headers}


def _at(body: Any, path: str) -> Any:
    for part in path.split("."):
        body = body[int(part)] if isinstance(body, list) else body[part]
    return body


def _rewrite(database: Path, files: list[str]) -> None:
    for path in [VECTORS / f"{name}.json" for name in files] or sorted(VECTORS.glob("*.json")):
        whole = json.loads(path.read_text())
        for vector in whole:
            vector["answer"] = _recorded(database, vector)
        path.write_text(json.dumps(whole, indent=2, ensure_ascii=False) + "\n")


def _recorded(database: Path, vector: dict[str, Any]) -> dict[str, Any]:
    url = f"sqlite:///{database}"
    migrate(url)

    async def played() -> tuple[httpx.Response, Bound]:
        async with open_world(url, **vector.get("settings", {})) as world:
            return await play(world, vector)

    answer, bound = asyncio.run(played())
    for file in database.parent.glob(f"{database.name}*"):
        file.unlink()
    headers = headers_of(answer)
    wait = vector["makes"].get("refusal", {}).get("retryAfterS")
    if isinstance(wait, str):
        headers["Retry-After"] = wait
    return {"status": answer.status_code, "headers": headers, "body": _generalised(answer.json(), bound)}


def _generalised(found: Any, bound: Bound) -> Any:
    if isinstance(found, dict):
        return {name: _generalised(each, bound) for name, each in found.items()}
    if isinstance(found, list):
        return [_generalised(each, bound) for each in found]
    if not isinstance(found, str):
        return found
    forms = (f"${kind}" for kind, form in _FORMS.items() if kind != "number" and form.fullmatch(found))
    return bound.named(found) or next(forms, found)


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        _rewrite(Path(folder) / "proxy.db", sys.argv[1:])
