"""The caches of a process: its own, or shared with the others where there is a server for that."""

import hashlib
import json
import socket
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from pydantic import TypeAdapter

from proxy.domain.loyalty import IdToken, Profile
from proxy.domain.money import Money
from proxy.ports import Cache, Clock
from proxy.services.display import Shown
from proxy.services.id_tokens import MARGIN_S
from proxy.settings import Settings
from proxy.stores.cache import FlightCache
from proxy.stores.shared_cache import Aged, SharedCache, ToldCache
from proxy.stores.valkey import Valkey

V = TypeVar("V")

_PENDING_TTL_S = 5.0  # a customer who is not in Omneo yet may be there any moment
_PROFILE_TTL_S = 300.0
_PRICE_TTL_S = 60.0
_ID_TOKEN_KEPT_S = 3600.0
_LOAD_S = 10.0  # less than a request may take: what several of these make up is shown without the one that is late
_MEANING = 3  # raised when what is kept means something else in the same shape
_SQLITE = "sqlite:///"


class Caches:
    """The caches of all shops, each with the lifetime of what is in it; every key names the shop or the tenant."""

    def __init__(self, settings: Settings, clock: Clock, valkey: Valkey | None) -> None:
        self._settings = settings
        self._clock = clock
        self._valkey = valkey
        self._named: dict[str, Cache[Any]] = {}

    @cached_property
    def display(self) -> Cache[Shown]:
        """Bytes stay where they are: a warm read asks nobody. That they are old is told to all."""
        ttl_s = self._settings.cache_ttl_s
        # Old bytes would not say that they are stale, so none outlive their lifetime.
        local: FlightCache[Shown] = self._local(
            lambda shown: ttl_s if shown.lasting else 0.0, stale_s=ttl_s, load_s=self._settings.request_deadline_s
        )
        return local if self._valkey is None else ToldCache(self._valkey, "display", local)

    @cached_property
    def profiles(self) -> Cache[Profile | None]:
        """Who a customer is in Omneo."""
        return self._shared(
            "profiles",
            Profile | None,
            ttl_s=lambda profile: _PENDING_TTL_S if profile is None else _PROFILE_TTL_S,
            stale_s=max(self._settings.cache_stale_s, _PROFILE_TTL_S),
        )

    @cached_property
    def id_tokens(self) -> Cache[IdToken]:
        """Omneo's own tokens: in this process and nowhere else, for others can read a server that is shared."""
        return self._local(
            lambda token: token.expires_s - self._clock.now().timestamp() - MARGIN_S, stale_s=_ID_TOKEN_KEPT_S
        )

    @cached_property
    def prices(self) -> Cache[Money | None]:
        """What products cost, by shop: an old price is no price."""
        return self._local(lambda _: _PRICE_TTL_S, stale_s=_PRICE_TTL_S)

    def of(self, name: str, kind: Any) -> Cache[Any]:
        """What Omneo tells of a profile: shops of one tenant share it, as they share the balance."""
        settings = self._settings
        if name not in self._named:
            self._named[name] = self._shared(
                name, kind, ttl_s=lambda _: settings.cache_ttl_s, stale_s=settings.cache_stale_s
            )
        return self._named[name]

    def _shared(self, name: str, kind: Any, *, ttl_s: Callable[[Any], float], stale_s: float) -> Cache[Any]:
        patience_s = self._settings.cache_patience_s
        if self._valkey is None:
            return self._local(ttl_s, stale_s=stale_s, patience_s=patience_s)
        local: FlightCache[Aged[Any]] = self._local(
            lambda aged: ttl_s(aged.value) - aged.age_s, stale_s=stale_s, patience_s=patience_s
        )
        return SharedCache(self._valkey, name, local, TypeAdapter(kind), ttl_s)

    def _local(
        self,
        ttl_s: Callable[[V], float],
        *,
        stale_s: float,
        load_s: float = _LOAD_S,
        patience_s: float | None = None,
    ) -> FlightCache[V]:
        return FlightCache(
            size=self._settings.cache_size,
            ttl_s=ttl_s,
            stale_s=stale_s,
            monotonic=self._clock.monotonic,
            load_s=load_s,
            patience_s=patience_s,
        )


def space(settings: Settings) -> str:
    """Name what processes may share: one ledger, for a reading's epoch is the ledger's."""
    parts = [_MEANING, *_ledger(settings.database_url)]
    return f"proxy:{hashlib.sha256(json.dumps(parts).encode()).hexdigest()[:16]}"


def _ledger(database_url: str) -> list[object]:
    """Tell one ledger from another, without its password."""
    if database_url.startswith(_SQLITE):
        # The same path on another machine is another file.
        return [socket.gethostname(), str(Path(database_url.removeprefix(_SQLITE)).resolve())]
    url = sa.make_url(database_url)
    return [url.host, url.port, url.database, url.query.get("host")]
