"""One request as a handler sees it, and the answer that it gives."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from proxy.sandbox.faults import Fault
from proxy.sandbox.omneo.config import OmneoConfig
from proxy.sandbox.omneo.problems import not_found
from proxy.sandbox.omneo.state import OmneoState

LONGEST_ID = 18


@dataclass(frozen=True, slots=True)
class Answer:
    """A status and a JSON-able body whose numbers may be Decimal; None is no body."""

    status: int
    body: dict[str, Any] | None


@dataclass(slots=True)
class Call:
    """Everything a handler may know; `events` leave as webhooks once it has succeeded."""

    state: OmneoState
    config: OmneoConfig
    now: datetime
    url: str
    path: dict[str, str]
    query: list[tuple[str, str]]
    body: dict[str, Any]
    namespace: str | None = None
    faults: list[Fault] = field(default_factory=list)
    events: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def emit(self, event: str, context: dict[str, Any]) -> None:
        self.events.append((event, context))

    def id(self, name: str, kind: str) -> int:
        """Read a whole-number id from the path; anything else names nothing. Raises Problem 404."""
        text = self.path[name]
        if not (text.isascii() and text.isdigit() and len(text) <= LONGEST_ID):
            raise not_found(kind)
        return int(text)

    def param(self, name: str) -> str | None:
        return next((value for key, value in self.query if key == name), None)

    @property
    def invisible_s(self) -> float:
        """For how many seconds fresh redemptions stay out of lists, by the faults of this call."""
        return max((f.visible_after_s for f in self.faults if f.kind == "delayed_visibility"), default=0)


def data(body: Any, status: int = 200) -> Answer:
    return Answer(status, {"data": body})


def gone() -> Answer:
    return Answer(204, None)
