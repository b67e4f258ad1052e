"""Plain create, read, update and delete of definitions, webhooks and locations."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import invalid
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import Entry
from proxy.sandbox.omneo.rules import check
from proxy.sandbox.omneo.shapes.incentives import entry
from proxy.sandbox.omneo.state import OmneoState


def _as_is(body: dict[str, Any]) -> dict[str, Any]:
    return body


@dataclass(frozen=True, slots=True)
class Kind:
    """A catalogue: its fields with defaults, the rules of a body and what must be unique together."""

    name: str
    path: str
    defaults: Mapping[str, Any]
    rules: Mapping[str, str]
    unique: tuple[str, ...] = ("handle",)
    shape: Callable[[Entry], dict[str, Any]] = entry
    tidy: Callable[[dict[str, Any]], dict[str, Any]] = _as_is
    scope: str | None = None
    write_scope: str | None = None
    event: str | None = None
    in_use: Callable[[OmneoState, Entry], bool] = field(default=lambda _state, _row: False)


def add(state: OmneoState, kind: Kind, fields: Mapping[str, Any], now: datetime) -> Entry:
    """Store a row with the kind's defaults."""
    row = Entry(state.next_id(kind.name), {**kind.defaults, **fields}, now, now)
    state.catalogues[kind.name][row.id] = row
    return row


def endpoints(kind: Kind) -> list[Endpoint]:
    """Return the five endpoints of a catalogue."""
    one = f"{kind.path}/{{entry}}"
    return [
        Endpoint("GET", kind.path, lambda call: _listed(call, kind), kind.scope),
        Endpoint("POST", kind.path, lambda call: _created(call, kind), kind.write_scope),
        Endpoint("GET", one, lambda call: _read(call, kind), kind.scope),
        Endpoint("PUT", one, lambda call: _updated(call, kind), kind.write_scope),
        Endpoint("DELETE", one, lambda call: _deleted(call, kind), kind.write_scope),
    ]


def _listed(call: Call, kind: Kind) -> Answer:
    return listing(call, call.state.catalogues[kind.name].values(), kind.shape)


def _read(call: Call, kind: Kind) -> Answer:
    return data(kind.shape(_found(call, kind)))


def _created(call: Call, kind: Kind) -> Answer:
    check(call.body, kind.rules)
    fields = _known(call, kind)
    _refuse_twin(call.state, kind, {**kind.defaults, **fields}, None)
    row = add(call.state, kind, fields, call.now)
    return _told(call, kind, row, "created", 201)


def _updated(call: Call, kind: Kind) -> Answer:
    row = _found(call, kind)
    fields = _known(call, kind)
    merged = {**row.fields, **fields}
    check(merged, kind.rules)
    _refuse_twin(call.state, kind, merged, row)
    row.fields.update(fields)
    row.updated_at = call.now
    return _told(call, kind, row, "updated", 200)


def _deleted(call: Call, kind: Kind) -> Answer:
    row = _found(call, kind)
    if kind.in_use(call.state, row):
        raise invalid("id", "It is in use.")
    del call.state.catalogues[kind.name][row.id]
    _told(call, kind, row, "deleted", 200)
    return gone()


def _told(call: Call, kind: Kind, row: Entry, what: str, status: int) -> Answer:
    shaped = kind.shape(row)
    if kind.event:
        call.emit(f"{kind.event}.{what}", shaped)
    return data(shaped, status)


def _found(call: Call, kind: Kind) -> Entry:
    return call.state.entry(kind.name, call.id("entry", kind.name))


def _known(call: Call, kind: Kind) -> dict[str, Any]:
    given = {key: value for key, value in call.body.items() if key in kind.defaults}
    return kind.tidy(given)


def _refuse_twin(state: OmneoState, kind: Kind, fields: Mapping[str, Any], but: Entry | None) -> None:
    values = tuple(fields.get(name) for name in kind.unique)
    if all(value is None for value in values):
        return
    for row in state.catalogues[kind.name].values():
        if row is not but and tuple(row.fields.get(name) for name in kind.unique) == values:
            label = kind.unique[0].replace("_", " ")
            raise invalid(kind.unique[0], f"The {label} has already been taken.")
