"""Caches of several processes as one: a drop reaches all, and what one has loaded the others need not load."""

import hashlib
import json
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from typing import Generic, TypeVar
from uuid import uuid4

from pydantic import TypeAdapter

from proxy.ports import Cached
from proxy.stores.cache import FlightCache
from proxy.stores.valkey import Valkey

V = TypeVar("V")

_LEASE_MS = 60_000  # longer than any load; one that outlives it is not kept
_MAX_BYTES = 262_144
_SHAPE_BYTES = 8

# Gives the value and the ms that it has left, or the lease under which a load may be kept.
_LOOK = """
local value = redis.call('GET', KEYS[1])
if value and ARGV[3] == '0' then return {value, redis.call('PTTL', KEYS[1])} end
redis.call('SET', KEYS[2], ARGV[1], 'NX', 'PX', ARGV[2])
return {redis.call('GET', KEYS[2])}
"""
# A drop deletes the lease: what was being loaded when it came, by whomever, is not kept.
_KEEP = """
if redis.call('GET', KEYS[2]) == ARGV[1] then redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3]) end
return 1
"""


@dataclass(frozen=True, slots=True)
class Aged(Generic[V]):
    """A value and how old it was when this process got it."""

    value: V
    age_s: float


class ToldCache(Generic[V]):
    """A local cache whose drops reach every process."""

    def __init__(self, valkey: Valkey, name: str, local: FlightCache[V]) -> None:
        self._valkey = valkey
        self._name = name
        self._local = local
        valkey.join(name, local)

    async def get(self, key: Hashable, load: Callable[[], Awaitable[V]], *, fresh: bool = False) -> Cached[V]:
        """Give the cached value, or load it once for all who wait; `fresh` accepts no cached and no stale value."""
        return await self._local.get(key, load, fresh=fresh)

    def peek(self, key: Hashable) -> V | None:
        """Give the value only if it is there and fresh, without waiting."""
        return self._local.peek(key)

    def remembered(self, key: Hashable) -> Cached[V] | None:
        """Give what this process last saw, however old, without asking anybody."""
        return self._local.remembered(key)

    def drop(self, key: Hashable) -> None:
        """Have the next caller load anew, in this process now and in the others in a moment."""
        self._local.drop(key)
        self._valkey.dropped(self._name, key)


class SharedCache(Generic[V]):
    """A local cache before one that all processes share; without the server it is the local one alone."""

    def __init__(
        self,
        valkey: Valkey,
        name: str,
        local: FlightCache[Aged[V]],
        codec: TypeAdapter[V],
        ttl_s: Callable[[V], float],
    ) -> None:
        self._valkey = valkey
        self._name = name
        self._told = ToldCache(valkey, name, local)
        self._codec = codec
        self._ttl_s = ttl_s
        # Another release may keep another shape under the same key: its values are none for this one.
        shape = json.dumps(codec.json_schema(), sort_keys=True).encode()
        self._shape = hashlib.sha256(shape).digest()[:_SHAPE_BYTES]

    async def get(self, key: Hashable, load: Callable[[], Awaitable[V]], *, fresh: bool = False) -> Cached[V]:
        """Give the cached value, or load it once for all who wait; `fresh` accepts no cached and no stale value."""
        found = await self._told.get(key, lambda: self._load(key, load, fresh=fresh), fresh=fresh)
        return Cached(found.value.value, found.age_s + found.value.age_s, found.stale)

    def peek(self, key: Hashable) -> V | None:
        """Give the value only if it is there and fresh, without waiting."""
        found = self._told.peek(key)
        return found.value if found is not None else None

    def remembered(self, key: Hashable) -> Cached[V] | None:
        """Give what this process last saw, however old, without asking anybody."""
        found = self._told.remembered(key)
        return Cached(found.value.value, found.age_s + found.value.age_s, found.stale) if found is not None else None

    def drop(self, key: Hashable) -> None:
        """Have the next caller load anew; what is being loaded now, in whatever process, is not kept."""
        self._told.drop(key)

    async def _load(self, key: Hashable, load: Callable[[], Awaitable[V]], *, fresh: bool) -> Aged[V]:
        # Our own drop comes first: what the server holds until then is what was dropped.
        look = await self._look(key, fresh=fresh) if await self._valkey.told(self._name, key) else None
        if isinstance(look, Aged):
            return look
        value = await load()
        if look is not None:
            await self._keep(key, look, value)
        return Aged(value, 0)

    async def _look(self, key: Hashable, *, fresh: bool) -> Aged[V] | bytes | None:
        arguments = uuid4().hex, str(_LEASE_MS), str(int(fresh))
        match await self._valkey.run(_LOOK, self._keys(key), *arguments):
            case [bytes(payload), int(left_ms)]:
                return self._read(payload, left_ms / 1000)
            case [bytes(lease)]:
                return lease
        return None

    def _read(self, payload: bytes, left_s: float) -> Aged[V] | None:
        if not payload.startswith(self._shape):
            return None
        try:
            value = self._codec.validate_json(payload[_SHAPE_BYTES:])
        except ValueError:
            return None
        # Never 0: that would say that it was loaded for this very caller.
        return Aged(value, max(0.001, self._ttl_s(value) - left_s))

    async def _keep(self, key: Hashable, lease: bytes, value: V) -> None:
        payload, ttl_ms = self._shape + self._codec.dump_json(value), int(self._ttl_s(value) * 1000)
        if ttl_ms > 0 and len(payload) <= _MAX_BYTES:
            await self._valkey.run(_KEEP, self._keys(key), lease, payload, str(ttl_ms))

    def _keys(self, key: Hashable) -> tuple[str, str]:
        return self._valkey.key("value", self._name, key), self._valkey.key("lease", self._name, key)
