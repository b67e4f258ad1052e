"""An upgrade rolls: the schema is widened while units of the release before are at work."""

import threading
import time
from pathlib import Path

import psycopg
from alembic import command
from alembic.config import Config
from sqlalchemy import create_engine

import proxy.stores
from proxy.stores.database import sqlalchemy_url
from proxy.stores.migrate import migrate
from tests.world.databases import PostgresServer

_BEFORE = "0005"
_PATIENCE_S = 30


def test_a_unit_that_is_at_work_ends_before_the_migration_and_neither_is_broken_off(postgres: PostgresServer) -> None:
    """As every hold does, it looks at redemptions first and changes an allowance then."""
    postgres.execute("CREATE DATABASE beside")
    url = postgres.url("beside")
    _migrate_to(url, _BEFORE)
    failed: list[Exception] = []

    def upgrade() -> None:
        try:
            migrate(url)
        except Exception as error:
            failed.append(error)

    with psycopg.connect(url) as unit:
        unit.execute("SELECT id FROM redemptions")
        migrating = threading.Thread(target=upgrade)
        migrating.start()
        _until_somebody_waits(url)
        unit.execute("UPDATE allowances SET held_minor = held_minor + 1")
    migrating.join(_PATIENCE_S)
    assert (migrating.is_alive(), failed) == (False, [])


def _migrate_to(url: str, revision: str) -> None:
    engine = create_engine(sqlalchemy_url(url))
    with engine.begin() as connection:
        config = Config()
        config.set_main_option("script_location", str(Path(proxy.stores.__file__).parent / "migrations"))
        config.attributes["connection"] = connection
        command.upgrade(config, revision)
    engine.dispose()


def _until_somebody_waits(url: str) -> None:
    ends = time.monotonic() + _PATIENCE_S
    with psycopg.connect(url, autocommit=True) as looking:
        while looking.execute("SELECT 1 FROM pg_locks WHERE NOT granted").fetchone() is None:
            assert time.monotonic() < ends, "the migration did not wait"
