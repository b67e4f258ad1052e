"""Bound what tills redeem: approvals, turns of logins and devices, and who rang a sale up."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"


def upgrade() -> None:
    op.create_table(
        "approvals",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("shop", sa.String(length=255), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("granted_by", sa.String(length=32), nullable=True),
        sa.Column("used_by", sa.String(length=40), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("expires_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("granted_by <> login", name=op.f("ck_approvals_somebody_else")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_approvals")),
    )
    op.create_index("ix_approvals_asked", "approvals", ["shop", "customer_id", "login"])
    op.create_index("ix_approvals_expires_ms", "approvals", ["expires_ms"])
    op.create_table(
        "till_turns",
        sa.Column("shop", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("name", sa.String(length=128), nullable=False),
        sa.Column("taken_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "kind", "name", name=op.f("pk_till_turns")),
    )
    op.create_index("ix_till_turns_taken_ms", "till_turns", ["taken_ms"])
    op.add_column("redemptions", sa.Column("login", sa.String(length=32), nullable=True))
    for name in ("login", "device"):
        op.create_index(
            f"ix_redemptions_{name}",
            "redemptions",
            ["shop", name, "created_ms"],
            sqlite_where=sa.text(f"{name} IS NOT NULL"),
            postgresql_where=sa.text(f"{name} IS NOT NULL"),
        )
    op.create_table(
        "till_sales",
        sa.Column("shop", sa.String(length=255), nullable=False),
        sa.Column("order_id", sa.String(length=32), nullable=False),
        sa.Column("login", sa.String(length=32), nullable=False),
        sa.Column("told_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", "order_id", name=op.f("pk_till_sales")),
    )
    op.create_index("ix_till_sales_told_ms", "till_sales", ["told_ms"])
