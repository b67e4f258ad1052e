"""Everything that is kept of one customer, and nothing of anybody else."""

import json
from typing import Any, Final

import sqlalchemy as sa

from proxy.domain.ids import CustomerId, ShopDomain
from proxy.domain.redemption import iso
from proxy.stores import schema as t
from proxy.stores.database import Database, Unit
from proxy.stores.till_schema import approvals

# Who else had to do with it is not the customer's: staff of the till and what they said, what an order said about them,
# and what an operator wrote about a decision.
_OF_OTHERS: Final = {
    *("staff", "login", "granted_by", "approved_by", "staff_reason", "declared", "order_says", "by_hand")
}


class Dossiers:
    """Reads for a customer who asks what is kept."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def of(self, shop: ShopDomain, customer: CustomerId) -> dict[str, object]:
        """Give it as plain JSON: times as RFC 3339, amounts in minor units of the currency beside them."""
        return await self._database.read(lambda unit: _dossier(unit, shop, customer))


def _dossier(unit: Unit, shop: str, customer: str) -> dict[str, object]:
    r, c, asked = t.redemptions.c, t.claims.c, t.privacy_requests.c
    mine = t.redemptions.select().where(r.shop == shop, r.customer_id == customer).order_by(r.created_ms, r.id)
    redemptions = unit.run(mine).all()
    keys = t.claims.select().where(
        c.shop == shop, sa.or_(c.subject == customer, c.redemption_id.in_(mine.with_only_columns(r.id).order_by(None)))
    )
    requests = t.privacy_requests.select().where(asked.shop == shop, asked.customer_id == customer).order_by(asked.id)
    a = approvals.c
    asked_for = approvals.select().where(a.shop == shop, a.customer_id == customer).order_by(a.created_ms)
    return {
        "shop": shop,
        "customer": customer,
        "as_of": iso(unit.now_ms),
        "profiles": sorted({row.profile_id for row in redemptions}),
        "redemptions": [_redemption(unit, row) for row in redemptions],
        "approvals": [_plain(row) for row in unit.run(asked_for)],
        "idempotency_keys": [_plain(row, only=("surface", "route", "key", "created_ms")) for row in unit.run(keys)],
        "privacy_requests": [_plain(row) for row in unit.run(requests)],
    }


def _redemption(unit: Unit, row: Any) -> dict[str, object]:
    j, line, c, g, record = t.journal.c, t.capture_lines.c, t.captures.c, t.give_backs.c, t.records.c
    moves = t.journal.select().where(j.redemption_id == row.id).order_by(j.id)
    spent = (
        sa.select(c.id, c.state, c.order_id, c.order_name, c.location, c.currency, c.omneo_redemption_id, c.created_ms)
        # Its own part: the capture may serve a redemption of somebody else too.
        .add_columns(line.asked_minor, line.captured_minor, line.returned_minor)
        .join(t.capture_lines, line.capture_id == c.id)
        .where(line.redemption_id == row.id)
    )
    returned = t.give_backs.select().join(t.capture_lines, line.capture_id == g.capture_id)
    recorded = t.records.select().where(record.shop == row.shop, record.order_id == row.order_id)
    return {
        **_plain(row),
        "journal": [_move(move) for move in unit.run(moves)],
        "captures": [_plain(capture) for capture in unit.run(spent)],
        "give_backs": [
            {**_plain(back, without=("amount_minor", "parts")), "minor": json.loads(back.parts).get(row.id)}
            for back in unit.run(returned.where(line.redemption_id == row.id).order_by(g.created_ms))
        ],
        "transactions": [_plain(sale) for sale in unit.run(recorded)],
    }


def _move(row: Any) -> dict[str, object]:
    facts = {name: value for name, value in json.loads(row.facts).items() if name not in _OF_OTHERS}
    return {**_plain(row), "actor": row.actor.partition(":")[0], "facts": facts}


def _plain(row: Any, *, only: tuple[str, ...] = (), without: tuple[str, ...] = ()) -> dict[str, object]:
    kept = {name: value for name, value in row._mapping.items() if value is not None and name not in _OF_OTHERS}
    wanted = {name: value for name, value in kept.items() if (not only or name in only) and name not in without}
    return {
        name.removesuffix("_ms") if name.endswith("_ms") else name: iso(value) if name.endswith("_ms") else value
        for name, value in wanted.items()
    }
