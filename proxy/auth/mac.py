"""HMAC-SHA256 under the secrets that are valid now."""

import hmac
from collections.abc import Sequence
from hashlib import sha256


class Mac:
    """The current secret and, while it is being rotated, the old one.

    The key schedule is made once and copied for each message: it is a third of the cost of a short one.
    """

    __slots__ = ("_keyed",)

    def __init__(self, secrets: Sequence[str]) -> None:
        if not secrets or not all(secrets):
            # An empty key verifies whatever its sender signs with the empty key.
            raise ValueError("at least one secret is needed and none may be empty")
        self._keyed = tuple(hmac.new(secret.encode(), digestmod=sha256) for secret in secrets)

    def digests(self, message: bytes) -> list[bytes]:
        """Give the message's digest under each secret, newest first."""
        found = []
        for keyed in self._keyed:
            fresh = keyed.copy()
            fresh.update(message)
            found.append(fresh.digest())
        return found

    def proves(self, message: bytes, digest: bytes) -> bool:
        """Tell whether the digest is the message's under any secret; each comparison takes constant time."""
        return any(hmac.compare_digest(own, digest) for own in self.digests(message))
