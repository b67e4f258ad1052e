"""Hold, capture and give back uses of benefits as well as money."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

_IS_OPEN = "state IN ('held', 'issued') AND parent_id IS NULL"


def upgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        # In the order of the units that are at work meanwhile: taken one by one below, both would wait for each other.
        op.execute("LOCK TABLE redemptions, allowances IN ACCESS EXCLUSIVE MODE")
    # One that an older release makes is of the balance; it makes none of a benefit.
    benefit = sa.Column("benefit_id", sa.BigInteger(), nullable=False, server_default="0")
    with op.batch_alter_table("allowances") as allowances:
        allowances.add_column(benefit)
        allowances.drop_constraint("pk_allowances", type_="primary")
        allowances.create_primary_key("pk_allowances", ["tenant", "profile_id", "benefit_id"])
    op.add_column("redemptions", sa.Column("benefit_id", sa.BigInteger(), nullable=False, server_default="0"))
    op.add_column("redemptions", sa.Column("benefit_handle", sa.String(length=255), nullable=True))
    op.add_column("redemptions", sa.Column("effect", sa.Text(), nullable=True))
    op.drop_index("one_open", "redemptions")
    op.create_index(
        "one_open",
        "redemptions",
        ["tenant", "profile_id", "benefit_id"],
        unique=True,
        sqlite_where=sa.text(_IS_OPEN),
        postgresql_where=sa.text(_IS_OPEN),
    )
