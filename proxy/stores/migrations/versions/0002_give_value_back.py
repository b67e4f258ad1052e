"""Give value back."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    for table in ("redemptions", "captures", "capture_lines"):
        op.add_column(table, sa.Column("returned_minor", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("captures", sa.Column("final_refusals", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("captures", sa.Column("refused_ms", sa.BigInteger(), nullable=True))
    op.create_table(
        "give_backs",
        sa.Column("id", sa.String(length=40), nullable=False),
        sa.Column("capture_id", sa.String(length=40), nullable=False),
        sa.Column("kind", sa.String(length=16), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("parts", sa.Text(), nullable=False),
        sa.Column("sends", sa.Integer(), nullable=False),
        sa.Column("sent_ms", sa.BigInteger(), nullable=True),
        sa.Column("unknowns", sa.Integer(), nullable=False),
        sa.Column("refusals", sa.Integer(), nullable=False),
        sa.Column("omneo_redemption_id", sa.BigInteger(), nullable=True),
        sa.Column("created_ms", sa.BigInteger(), nullable=False),
        sa.Column("updated_ms", sa.BigInteger(), nullable=False),
        sa.CheckConstraint("amount_minor > 0", name=op.f("ck_give_backs_amount_positive")),
        sa.ForeignKeyConstraint(["capture_id"], ["captures.id"], name=op.f("fk_give_backs_capture_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_give_backs")),
    )
    op.create_index("ix_give_backs_capture_id", "give_backs", ["capture_id"])
    op.create_index(
        "one_give_back",
        "give_backs",
        ["capture_id"],
        unique=True,
        sqlite_where=sa.text("state IN ('intended', 'sent')"),
        postgresql_where=sa.text("state IN ('intended', 'sent')"),
    )
