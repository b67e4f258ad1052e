"""Answer privacy requests, take people out of what has ended, and know which shops are closed."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"

_KEPT = (
    "id",
    "redemption_id",
    "at_ms",
    "state",
    "note",
    "order_id",
    "capture_id",
    "held_minor",
    "captured_minor",
    "returned_minor",
    "shortfall_minor",
)


def _cuts(same: str) -> str:
    """Say which change is no change of the book: a person's id gives way to a random one, and nothing else moves."""
    kept = " AND ".join(f"NEW.{name} {same} OLD.{name}" for name in _KEPT)
    customer = "(OLD.customer_id IS NOT NULL AND substr(NEW.customer_id, 1, 5) = 'gone_')"
    actor = "(substr(OLD.actor, 1, 9) = 'customer:' AND substr(NEW.actor, 1, 14) = 'customer:gone_')"
    facts = "(OLD.note IN ('customer_merged', 'profile_merged') AND NEW.facts = '{}')"
    # Where a null makes it undecided it is none of these.
    return (
        f"coalesce({kept} AND (NEW.customer_id {same} OLD.customer_id OR {customer}) "
        f"AND (NEW.actor = OLD.actor OR {actor}) AND (NEW.facts = OLD.facts OR {facts}), FALSE)"
    )


_ONLY_CUT = {
    "sqlite": [
        "DROP TRIGGER journal_no_UPDATE",
        f"CREATE TRIGGER journal_no_UPDATE BEFORE UPDATE ON journal WHEN NOT ({_cuts('IS')}) "
        "BEGIN SELECT RAISE(ABORT, 'the journal is only appended to'); END",
    ],
    "postgresql": [
        "DROP TRIGGER journal_only_appended ON journal",
        "CREATE TRIGGER journal_only_appended BEFORE DELETE OR TRUNCATE ON journal "
        "FOR EACH STATEMENT EXECUTE FUNCTION journal_only_appended()",
        "CREATE TRIGGER journal_only_cut BEFORE UPDATE ON journal FOR EACH ROW "
        f"WHEN (NOT ({_cuts('IS NOT DISTINCT FROM')})) EXECUTE FUNCTION journal_only_appended()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "privacy_requests",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("shop", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("customer_id", sa.String(length=32), nullable=True),
        sa.Column("reference", sa.String(length=64), nullable=True),
        sa.Column("received_ms", sa.BigInteger(), nullable=False),
        sa.Column("done_ms", sa.BigInteger(), nullable=True),
        sa.Column("done_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_privacy_requests")),
    )
    op.create_index("ix_privacy_requests_customer", "privacy_requests", ["shop", "customer_id"])
    op.create_table(
        "closed_shops",
        sa.Column("shop", sa.String(length=255), nullable=False),
        sa.Column("closed_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", name=op.f("pk_closed_shops")),
    )
    op.add_column("redemptions", sa.Column("redacted_ms", sa.BigInteger(), nullable=True))
    op.create_index("ix_redemptions_profile", "redemptions", ["tenant", "profile_id"])
    op.create_index("ix_captures_profile", "captures", ["tenant", "profile_id"])
    op.create_index(
        "ix_redemptions_to_redact",
        "redemptions",
        ["shop", "updated_ms"],
        sqlite_where=sa.text("redacted_ms IS NULL"),
        postgresql_where=sa.text("redacted_ms IS NULL"),
    )
    op.create_index("ix_journal_customer_id", "journal", ["customer_id"])
    for statement in _ONLY_CUT[op.get_bind().dialect.name]:
        op.execute(statement)
