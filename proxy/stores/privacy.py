"""What a shop's customers asked about their data, from the webhook to the answer."""

from typing import Any

import sqlalchemy as sa

from proxy.domain.ids import CustomerId, ShopDomain
from proxy.domain.privacy import Asked, PrivacyRequest, RequestKind
from proxy.stores import schema as t
from proxy.stores import tasks
from proxy.stores.database import Database, Unit

KIND = "privacy"


class PrivacyRequests:
    """Requests, open until somebody says that they are answered or the worker has redacted."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def get(self, request: int) -> PrivacyRequest | None:
        """Read one."""
        found = await self._read(t.privacy_requests.c.id == request)
        return next(iter(found), None)

    async def latest(self, *, open_only: bool) -> tuple[PrivacyRequest, ...]:
        """List those of all shops, what is due first at the top."""
        return await self._read(t.privacy_requests.c.done_ms.is_(None) if open_only else sa.true())

    async def open_in(self, shop: ShopDomain) -> tuple[PrivacyRequest, ...]:
        """List what a shop's customers wait for."""
        c = t.privacy_requests.c
        return await self._read(sa.and_(c.shop == shop, c.done_ms.is_(None)))

    async def answered(self, request: int, by: str) -> bool:
        """Note that a person has done what was asked; false if there is no such request that is open."""
        return await self._database.write(lambda unit: _end(unit, request, by))

    async def redacted(self, request: PrivacyRequest, by: str) -> bool:
        """Note that nobody of it is left in the ledger, and cut the ids that the requests themselves kept."""
        return await self._database.write(lambda unit: _redacted(unit, request, by))

    async def _read(self, where: sa.ColumnElement[bool]) -> tuple[PrivacyRequest, ...]:
        c = t.privacy_requests.c
        query = t.privacy_requests.select().where(where).order_by(c.received_ms, c.id)
        return await self._database.read(lambda unit: tuple(_request(row) for row in unit.run(query)))


def ask(unit: Unit, shop: ShopDomain, asked: Asked) -> None:
    """Keep a request in the unit of its event; what may be done without a person is wished for.

    The headers of a webhook are not signed, so an old body may come again under a new id: what is open already, or
    was answered under the same reference, is not asked anew.
    """
    c = t.privacy_requests.c
    same = sa.and_(c.shop == shop, c.kind == asked.kind, c.customer_id.is_not_distinct_from(asked.customer))
    known = sa.and_(c.shop == shop, c.kind == asked.kind, c.reference.is_not(None), c.reference == asked.reference)
    waits = sa.and_(same, c.done_ms.is_(None), c.reference.is_not_distinct_from(asked.reference))
    if unit.conn.scalar(sa.select(c.id).where(sa.or_(known, waits)).limit(1)) is not None:
        return
    request = unit.conn.scalar(
        t.privacy_requests.insert()
        .values(
            shop=shop,
            kind=asked.kind,
            customer_id=asked.customer,
            reference=asked.reference,
            received_ms=unit.now_ms,
        )
        .returning(c.id)
    )
    if asked.kind is not RequestKind.DATA:
        tasks.wish(unit, KIND, shop, str(request))


def _request(row: Any) -> PrivacyRequest:
    return PrivacyRequest(
        id=row.id,
        shop=ShopDomain(row.shop),
        kind=RequestKind(row.kind),
        customer=CustomerId(row.customer_id) if row.customer_id else None,
        reference=row.reference,
        received_ms=row.received_ms,
        done_ms=row.done_ms,
        done_by=row.done_by,
    )


def _end(unit: Unit, request: int, by: str) -> bool:
    c = t.privacy_requests.c
    ended = unit.run(
        t.privacy_requests.update().where(c.id == request, c.done_ms.is_(None)).values(done_ms=unit.now_ms, done_by=by)
    )
    return ended.rowcount == 1


def _redacted(unit: Unit, request: PrivacyRequest, by: str) -> bool:
    c = t.privacy_requests.c
    if not _end(unit, request.id, by):
        return False
    theirs = c.shop == request.shop
    if request.kind is RequestKind.CUSTOMER:
        theirs = sa.and_(theirs, c.customer_id == request.customer)
    unit.run(t.privacy_requests.update().where(theirs).values(customer_id=None))
    return True
