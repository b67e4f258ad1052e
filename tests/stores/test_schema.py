"""The migrations and the tables say the same."""

import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from proxy.stores.database import sqlalchemy_url
from proxy.stores.migrate import migrate
from proxy.stores.schema import HEAD
from proxy.stores.till_schema import metadata


def test_the_migrations_end_in_exactly_the_tables_that_the_code_uses(database_url: str) -> None:
    engine = sa.create_engine(sqlalchemy_url(database_url))
    with engine.connect() as connection:
        context = MigrationContext.configure(connection)
        assert context.get_current_revision() == HEAD
        assert compare_metadata(context, metadata) == []
    engine.dispose()


def test_migrating_twice_changes_nothing(database_url: str) -> None:
    migrate(database_url)
