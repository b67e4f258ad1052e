"""Transactions: upsert by external id, plain writes, reads and a profile's history."""

from typing import Any

from proxy.sandbox.omneo import events
from proxy.sandbox.omneo.call import Answer, Call, data, gone
from proxy.sandbox.omneo.endpoint import Endpoint
from proxy.sandbox.omneo.problems import invalid, not_found
from proxy.sandbox.omneo.query import listing
from proxy.sandbox.omneo.records import Transaction
from proxy.sandbox.omneo.rules import integer
from proxy.sandbox.omneo.sale import apply, blank, read_sale
from proxy.sandbox.omneo.shapes import transactions


def endpoints() -> list[Endpoint]:
    return [
        Endpoint("GET", "/profiles/{profile}/transactions", listed, "read-transactions"),
        Endpoint("GET", "/profiles/{profile}/find-transactions", listed, "read-transactions"),
        Endpoint("GET", "/profiles/{profile}/transactions/{transaction}", read, "read-transactions"),
        Endpoint("GET", "/profiles/{profile}/ledgers", ledgers, "read-ledgers"),
        Endpoint("GET", "/profiles/{profile}/ledgers/{transaction}", ledger, "read-ledgers"),
        Endpoint("POST", "/transactions/update-create", update_create, "create-transactions"),
        Endpoint("GET", "/transactions/external/{external:path}", read_external, "read-transactions"),
        Endpoint("GET", "/transactions", listed, "read-transactions"),
        Endpoint("POST", "/transactions", create, "create-transactions"),
        Endpoint("GET", "/transactions/{transaction}", read, "read-transactions"),
        Endpoint("PUT", "/transactions/{transaction}", update, "update-transactions"),
        Endpoint("DELETE", "/transactions/{transaction}", delete, "update-transactions"),
    ]


def listed(call: Call) -> Answer:
    rows = _rows(call)
    return listing(call, rows, lambda t: _shaped(call, t), transactions.transaction_filters)


def ledgers(call: Call) -> Answer:
    """List the log of a profile; here it is its transactions."""
    return listing(call, _rows(call), lambda t: _entry(call, t))


def ledger(call: Call) -> Answer:
    return data(_entry(call, _found(call)))


def read(call: Call) -> Answer:
    return data(_shaped(call, _found(call)))


def read_external(call: Call) -> Answer:
    row = _by_external_id(call, call.path["external"])
    if row is None:
        raise not_found("Transaction")
    return data(_shaped(call, row))


def create(call: Call) -> Answer:
    external_id = call.body.get("external_id")
    if external_id and _by_external_id(call, str(external_id)):
        raise invalid("external_id", "The external id has already been taken.")
    return _created(call)


def update(call: Call) -> Answer:
    return _updated(call, _found(call))


def update_create(call: Call) -> Answer:
    """Update the transaction with this external id, else with this id, else create it.

    Null for `is_void` or `receipt_is_email` is refused, by a note in omneo/omneo-sdk.
    Source: https://docs.omneo.io/reference/createupdatetransaction
    """
    for name in ("is_void", "receipt_is_email"):
        if name in call.body and call.body[name] is None:
            raise invalid(name, f"The {name.replace('_', ' ')} field must be true or false.")
    external_id, own_id = call.body.get("external_id"), call.body.get("id")
    row = _by_external_id(call, str(external_id)) if external_id else None
    if row is None and own_id not in (None, ""):
        row = call.state.transactions.get(integer(own_id, "id"))
    return _updated(call, row) if row else _created(call)


def delete(call: Call) -> Answer:
    row = _found(call)
    events.transaction_changed(call, "transaction.deleted", row)
    if row.redemption_id in call.state.redemptions:
        call.state.redemptions[row.redemption_id].transaction_id = None
    del call.state.transactions[row.id]
    return gone()


def _created(call: Call) -> Answer:
    sale = read_sale(call, None)
    row = blank(call)
    apply(call, row, sale)
    call.state.transactions[row.id] = row
    events.transaction_changed(call, "transaction.created", row)
    return data(_shaped(call, row), 201)


def _updated(call: Call, row: Transaction) -> Answer:
    apply(call, row, read_sale(call, row))
    events.transaction_changed(call, "transaction.updated", row)
    return data(_shaped(call, row))


def _rows(call: Call) -> list[Transaction]:
    rows = list(call.state.transactions.values())
    if "profile" in call.path:
        profile = call.state.profile(call.path["profile"])
        rows = [t for t in rows if t.profile_id == profile.id]
    return rows


def _entry(call: Call, row: Transaction) -> dict[str, Any]:
    profile = call.state.profile(call.path["profile"])
    who = {"id": profile.id, "email": profile.fields.get("email")}
    return {"id": row.id, "profile": who, "type": "transaction", "type_attributes": _shaped(call, row)}


def _found(call: Call) -> Transaction:
    row = call.state.transactions.get(call.id("transaction", "Transaction"))
    if row is None or call.path.get("profile", row.profile_id) != row.profile_id:
        raise not_found("Transaction")
    return row


def _by_external_id(call: Call, external_id: str) -> Transaction | None:
    rows = call.state.transactions.values()
    return next((t for t in rows if t.external_id == external_id), None)


def _shaped(call: Call, row: Transaction) -> dict[str, Any]:
    return transactions.transaction(call.state, row, call.now)
