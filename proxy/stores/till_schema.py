"""The tables of tills: approvals, turns of those whose day is bounded, and who rang a sale up."""

from sqlalchemy import BigInteger, CheckConstraint, Column, Index, String, Table

from proxy.stores.schema import metadata, redemptions

for _who in (redemptions.c.login, redemptions.c.device):
    Index(
        f"ix_redemptions_{_who.name}",
        redemptions.c.shop,
        _who,
        redemptions.c.created_ms,
        sqlite_where=_who.is_not(None),
        postgresql_where=_who.is_not(None),
    )

approvals = Table(
    "approvals",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("shop", String(255), nullable=False),
    Column("customer_id", String(32), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("login", String(32), nullable=False),
    Column("granted_by", String(32)),
    Column("used_by", String(40)),
    Column("created_ms", BigInteger, nullable=False),
    Column("expires_ms", BigInteger, nullable=False, index=True),
    CheckConstraint("granted_by <> login", name="somebody_else"),
)
Index("ix_approvals_asked", approvals.c.shop, approvals.c.customer_id, approvals.c.login)

# One row for each login and device, locked by whoever adds to its day: a sum alone would let two at once pass.
till_turns = Table(
    "till_turns",
    metadata,
    Column("shop", String(255), primary_key=True),
    Column("kind", String(16), primary_key=True),
    Column("name", String(128), primary_key=True),
    Column("taken_ms", BigInteger, nullable=False, index=True),
)

# Who was logged in where an order was rung up; the Admin API does not show it to us, the signed webhook does.
till_sales = Table(
    "till_sales",
    metadata,
    Column("shop", String(255), primary_key=True),
    Column("order_id", String(32), primary_key=True),
    Column("login", String(32), nullable=False),
    Column("told_ms", BigInteger, nullable=False, index=True),
)
