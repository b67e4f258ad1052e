"""The caches of a process: its own, or shared with the others where there is a server for that."""

import hashlib
import json
import socket
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter

from proxy.domain.loyalty import Profile
from proxy.ports import Cache, Clock
from proxy.services.display import Shown
from proxy.settings import Settings
from proxy.stores.cache import FlightCache
from proxy.stores.shared_cache import Aged, SharedCache, ToldCache
from proxy.stores.valkey import Valkey

V = TypeVar("V")

_PENDING_TTL_S = 5.0  # a customer who is not in Omneo yet may be there any moment
_PROFILE_TTL_S = 300.0
_MEANING = 1  # raised when what is kept means something else in the same shape
_SQLITE = "sqlite:///"


class Caches:
    """Builds each cache with the lifetime of what is in it."""

    def __init__(self, settings: Settings, clock: Clock, valkey: Valkey | None) -> None:
        self._settings = settings
        self._clock = clock
        self._valkey = valkey

    def display(self) -> Cache[Shown]:
        """Bytes stay where they are: a warm read asks nobody. That they are old is told to all."""
        ttl_s = self._settings.cache_ttl_s
        # Old bytes would not say that they are stale, so none outlive their lifetime.
        local: FlightCache[Shown] = self._local(lambda shown: ttl_s if shown.lasting else 0.0, stale_s=ttl_s)
        return local if self._valkey is None else ToldCache(self._valkey, "display", local)

    def profiles(self) -> Cache[Profile | None]:
        """Who a customer is in Omneo, found through the shop's identity handle."""
        return self._shared(
            f"profiles.{self._settings.identity_handle}",
            Profile | None,
            ttl_s=lambda profile: _PENDING_TTL_S if profile is None else _PROFILE_TTL_S,
            stale_s=max(self._settings.cache_stale_s, _PROFILE_TTL_S),
        )

    def of(self, name: str, kind: Any) -> Cache[Any]:
        """What Omneo tells of a profile."""
        settings = self._settings
        return self._shared(name, kind, ttl_s=lambda _: settings.cache_ttl_s, stale_s=settings.cache_stale_s)

    def _shared(self, name: str, kind: Any, *, ttl_s: Callable[[Any], float], stale_s: float) -> Cache[Any]:
        if self._valkey is None:
            return self._local(ttl_s, stale_s=stale_s)
        local: FlightCache[Aged[Any]] = self._local(lambda aged: ttl_s(aged.value) - aged.age_s, stale_s=stale_s)
        return SharedCache(self._valkey, name, local, TypeAdapter(kind), ttl_s)

    def _local(self, ttl_s: Callable[[V], float], *, stale_s: float) -> FlightCache[V]:
        return FlightCache(
            size=self._settings.cache_size, ttl_s=ttl_s, stale_s=stale_s, monotonic=self._clock.monotonic
        )


def space(settings: Settings) -> str:
    """Name what processes may share: one ledger and one tenant, for a reading's epoch is the ledger's."""
    parts = [_MEANING, settings.omneo_tenant, settings.omneo_base_url, *_ledger(settings.database_url)]
    return f"proxy:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]}"


def _ledger(database_url: str) -> list[object]:
    """Tell one ledger from another, without its password."""
    if database_url.startswith(_SQLITE):
        # The same path on another machine is another file.
        return [socket.gethostname(), str(Path(database_url.removeprefix(_SQLITE)).resolve())]
    url = sa.make_url(database_url)
    return [url.host, url.port, url.database, url.query.get("host")]
