"""What all three sides hold, to be compared before and after."""

from typing import Any

import sqlalchemy as sa

from proxy.stores import schema as t
from proxy.stores.database import sqlalchemy_url
from tests.world.world import World

# An answered refusal is kept for its Idempotency-Key, so that a repeat is refused alike: that is not value.
_NOT_VALUE = {"claims"}


def truth(world: World) -> dict[str, Any]:
    """Read the ledger's rows past the product, and both simulators' tables."""
    engine = sa.create_engine(sqlalchemy_url(world.settings.database_url), poolclass=sa.pool.NullPool)
    ledger = {}
    with engine.connect() as connection:
        for name in t.metadata.tables.keys() - _NOT_VALUE:
            ledger[name] = [tuple(row) for row in connection.exec_driver_sql(f"SELECT * FROM {name}")]
    shopify = world.shopify.readable()
    omneo = {name: repr(table) for name, table in vars(world.omneo.state).items()}
    return {"ledger": ledger, "shopify": {k: v for k, v in shopify.items() if k != "now"}, "omneo": omneo}
