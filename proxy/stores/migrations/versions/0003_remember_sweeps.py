"""Remember sweeps."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.create_table(
        "sweeps",
        sa.Column("shop", sa.String(length=255), nullable=False),
        sa.Column("began_ms", sa.BigInteger(), nullable=False),
        sa.Column("seen_until_ms", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("shop", name=op.f("pk_sweeps")),
    )
