"""Bring a database to the newest schema; a command of its own, never imported by the server."""

from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config

from proxy.stores.database import sqlalchemy_url


def migrate(url: str) -> None:
    """Apply every migration that is missing; a database that is up to date is left alone."""
    engine = sa.create_engine(sqlalchemy_url(url))
    try:
        with engine.begin() as connection:
            config = Config()
            config.set_main_option("script_location", str(Path(__file__).parent / "migrations"))
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
    finally:
        engine.dispose()
