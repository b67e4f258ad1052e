"""Bring a database to the newest schema; a command of its own, never imported by the server."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.util import CommandError

from proxy.stores.database import sqlalchemy_url


class NewerSchemaError(Exception):
    """The database was migrated by a newer release."""


def migrate(url: str) -> None:
    """Apply every migration that is missing; a database that is up to date is left alone.

    Raises `NewerSchemaError` for one that a newer release has migrated: there is no way back.
    """
    engine = sa.create_engine(sqlalchemy_url(url))
    try:
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    except CommandError:
        raise NewerSchemaError("the database was migrated by a newer release; this one cannot go back") from None
    finally:
        engine.dispose()
