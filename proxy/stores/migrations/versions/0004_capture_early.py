"""Capture early, give back a surplus, and keep who moved what for ever."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

_ONLY_APPENDED = {
    "sqlite": [
        f"CREATE TRIGGER journal_no_{what} BEFORE {what} ON journal "
        "BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END"
        for what in ("UPDATE", "DELETE")
    ],
    "postgresql": [
        "CREATE FUNCTION journal_only_appended() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'the journal is only appended to'; END $$",
        "CREATE TRIGGER journal_only_appended BEFORE UPDATE OR DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_only_appended()",
    ],
}


def upgrade() -> None:
    op.add_column("redemptions", sa.Column("early", sa.Boolean(), nullable=False, server_default=sa.false()))
    # Which Omneo redemption it undoes, where that is not the capture's own.
    op.add_column("give_backs", sa.Column("target_id", sa.BigInteger(), nullable=True))
    op.add_column("journal", sa.Column("actor", sa.String(length=64), nullable=False, server_default="service"))
    # What the redemption stood at after the move; none for moves from before they were kept.
    op.add_column("journal", sa.Column("customer_id", sa.String(length=32), nullable=True))
    op.add_column("journal", sa.Column("order_id", sa.String(length=32), nullable=True))
    op.add_column("journal", sa.Column("capture_id", sa.String(length=40), nullable=True))
    for amount in ("held_minor", "captured_minor", "returned_minor", "shortfall_minor"):
        op.add_column("journal", sa.Column(amount, sa.BigInteger(), nullable=True))
    with op.batch_alter_table("captures") as captures:
        captures.alter_column("order_id", existing_type=sa.String(length=32), nullable=True)
    for statement in _ONLY_APPENDED[op.get_bind().dialect.name]:
        op.execute(statement)
