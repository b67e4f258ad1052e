"""What an endpoint is: a method, a path, the scope it needs and its handler."""

from collections.abc import Callable
from dataclasses import dataclass

from proxy.sandbox.omneo.call import Answer, Call


@dataclass(frozen=True, slots=True)
class Endpoint:
    """A route below `/api/v3`; with `me`, one below `/profiles/{profile}` is mirrored under the ID proxy."""

    method: str
    path: str
    handler: Callable[[Call], Answer]
    scope: str | None = None
    me: bool = True
