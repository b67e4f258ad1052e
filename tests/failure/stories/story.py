"""What a story is, and what several of them need."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import Any, Final

from proxy.sandbox import seed
from tests.failure.stage import Stage

Tell = Callable[[Stage], Awaitable[None]]
STORIES: Final[dict[str, "Story"]] = {}


@dataclass(frozen=True, slots=True)
class Story:
    """A story with the settings that it needs, and the reasons for which a person may be asked in its end."""

    tell: Tell
    reviews: frozenset[str] = frozenset()
    settings: dict[str, Any] = field(default_factory=dict)


def story(*reviews: str, **settings: Any) -> Callable[[Tell], Tell]:
    """Keep a story under its name."""

    def keep(tell: Tell) -> Tell:
        STORIES[tell.__name__] = Story(tell, frozenset(reviews), settings)
        return tell

    return keep


async def spend_elsewhere(shop: Stage, amount: int) -> None:
    """Have another till, which knows nothing of us, take value."""
    path = f"/profiles/{seed.ADA.profile_id}/redeem"
    await shop.omneo_api("POST", path, {"amount": amount, "strategies": ["rewards"]})


async def sold(shop: Stage, order: Any) -> None:
    """Wait until the order stands in Omneo."""

    async def there() -> bool:
        return any(sale.external_id == str(order.id) for sale in shop.omneo.state.transactions.values())

    await shop.eventually(there)
