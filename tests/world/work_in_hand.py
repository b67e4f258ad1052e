"""Whether anybody is at work: what time must wait for in a test that moves it."""

import sqlalchemy as sa

from proxy.stores import schema as t
from proxy.stores.database import sqlalchemy_url


def work_in_hand(url: str, now_ms: int) -> bool:
    """Tell whether a worker is at something at this moment, or is about to be."""
    c = t.tasks.c
    waits = c.parked.is_(False) & ((c.lease.is_not(None) & (c.lease_until_ms > now_ms)) | (c.due_ms <= now_ms))
    with sa.create_engine(sqlalchemy_url(url), poolclass=sa.pool.NullPool).connect() as conn:
        return conn.execute(sa.select(c.id).where(waits).limit(1)).first() is not None
