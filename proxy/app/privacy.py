"""Open what answers a customer who asks about their data: the ledger alone, without upstreams."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from proxy.app.surroundings import World, check_schema, now_ms
from proxy.settings import Settings
from proxy.stores.database import open_database
from proxy.stores.dossier import Dossiers
from proxy.stores.privacy import PrivacyRequests


@dataclass(frozen=True, slots=True)
class Answers:
    """What was asked, and what is kept."""

    requests: PrivacyRequests
    dossiers: Dossiers


@asynccontextmanager
async def answering(settings: Settings, world: World) -> AsyncIterator[Answers]:
    """Open the ledger, and close it in the end."""
    database = open_database(settings.database_url, now_ms(world.clock), size=1, shift_ms=world.shift_ms)
    try:
        await check_schema(database)
        yield Answers(PrivacyRequests(database), Dossiers(database))
    finally:
        database.close()
