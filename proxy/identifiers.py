"""Where ids, codes and the time come from in production."""

import secrets
import time
from datetime import UTC, datetime

from proxy.domain.ids import CODE_ALPHABET, CaptureId, Code, RedemptionId
from proxy.domain.staff import ApprovalId

_CODE_SYMBOLS = 16  # of 32 each: 80 bits


class RandomIds:
    """Unguessable ids; a code is the only thing that stands between a stranger and a discount."""

    def redemption(self) -> RedemptionId:
        """Give a new redemption id."""
        return RedemptionId(f"rdm_{secrets.token_hex(16)}")

    def capture(self) -> CaptureId:
        """Give a new capture id; it is also the label under which Omneo keeps the redemption."""
        return CaptureId(f"cap_{secrets.token_hex(16)}")

    def give_back(self) -> str:
        """Give a new id of a give-back; Omneo keeps it with the return, where a look finds it."""
        return f"gbk_{secrets.token_hex(16)}"

    def approval(self) -> ApprovalId:
        """Give a new id of an approval; who knows it may grant it, so it cannot be guessed."""
        return ApprovalId(f"apr_{secrets.token_hex(16)}")

    def code(self, prefix: str) -> Code:
        """Give a new code."""
        return Code(prefix + "".join(secrets.choice(CODE_ALPHABET) for _ in range(_CODE_SYMBOLS)))

    def token(self) -> str:
        """Give a random name, for leases and token ids."""
        return secrets.token_hex(16)


class SystemClock:
    """The machine's clocks."""

    def now(self) -> datetime:
        """Give the wall clock."""
        return datetime.now(UTC)

    def monotonic(self) -> float:
        """Give seconds that only ever go up."""
        return time.monotonic()
