"""The data that both simulators start with and return to on reset."""

from dataclasses import dataclass
from decimal import Decimal

SHOP_DOMAIN = "sandbox-shop.myshopify.com"
CURRENCY = "AUD"
CLIENT_ID = "sandbox-client-id"
CLIENT_SECRET = "sandbox-client-secret-for-local-use"  # noqa: S105 - opens nothing but the simulator
STAFF_USER_ID = 42

OMNEO_TENANT = "sandbox"
OMNEO_TOKEN = "sandbox-omneo-token"  # noqa: S105
OMNEO_NAMESPACE = "proxy"
OMNEO_OTHER_TOKEN = "sandbox-omneo-other-token"  # noqa: S105
OMNEO_OTHER_NAMESPACE = "other"
OMNEO_WEBHOOK_SECRET = "sandbox-omneo-webhook-secret"  # noqa: S105
OMNEO_ID_SECRET = "sandbox-omneo-id-secret"  # noqa: S105
IDENTITY_HANDLE = "shopify"


@dataclass(frozen=True, slots=True)
class SeedReward:
    amount: Decimal
    expires_in_days: int


@dataclass(frozen=True, slots=True)
class SeedBenefit:
    handle: str
    uses: int | None = 1


@dataclass(frozen=True, slots=True)
class SeedTransaction:
    external_id: str
    total: Decimal
    days_ago: int
    system: str
    variant_id: int


@dataclass(frozen=True, slots=True)
class SeedCustomer:
    """A Shopify customer; `profile_id` is None for one whom Omneo does not know yet."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    profile_id: str | None
    points: int = 0
    tier: str | None = None
    rewards: tuple[SeedReward, ...] = ()
    benefits: tuple[SeedBenefit, ...] = ()
    transactions: tuple[SeedTransaction, ...] = ()


@dataclass(frozen=True, slots=True)
class SeedVariant:
    """One product with its only variant."""

    product_id: int
    variant_id: int
    title: str
    sku: str
    price: Decimal
    gift_card: bool = False


@dataclass(frozen=True, slots=True)
class SeedLocation:
    """A Shopify location; Omneo knows it by `external_id`, which is the Shopify id as text."""

    id: int
    name: str
    timezone: str

    @property
    def external_id(self) -> str:
        return str(self.id)


LOCATION = SeedLocation(8801, "Sandbox Collins St", "Australia/Melbourne")

ADA = SeedCustomer(
    id=1001,
    first_name="Ada",
    last_name="Marsh",
    email="ada@example.com",
    phone="+61400001001",
    profile_id="1c8f6a52-0d3b-4f0e-9a51-0000000a1001",
    points=1500,
    tier="gold",
    rewards=(SeedReward(Decimal("10.00"), 20), SeedReward(Decimal("15.00"), 60)),
    benefits=(SeedBenefit("birthday-gift"), SeedBenefit("free-alterations", 2)),
    transactions=(
        SeedTransaction("earlier-1", Decimal("79.00"), 190, "web", 50101),
        SeedTransaction("earlier-2", Decimal("12.50"), 75, "pos", 50102),
        SeedTransaction("earlier-3", Decimal("35.00"), 12, "web", 50103),
    ),
)
BENEDIKT = SeedCustomer(
    id=1002,
    first_name="Benedikt",
    last_name="Åström",
    email="benedikt@example.com",
    phone="+61400001002",
    profile_id="1c8f6a52-0d3b-4f0e-9a51-0000000a1002",
    rewards=(SeedReward(Decimal("50.00"), 90),),
)
CHLOE = SeedCustomer(
    id=1003,
    first_name="Chloe",
    last_name="Daly",
    email="chloe@example.com",
    phone="+61400001003",
    profile_id=None,
)
DEV = SeedCustomer(
    id=1004,
    first_name="Dev",
    last_name="Iyer",
    email="dev@example.com",
    phone="+61400001004",
    profile_id="1c8f6a52-0d3b-4f0e-9a51-0000000a1004",
)
CUSTOMERS = (ADA, BENEDIKT, CHLOE, DEV)

LINEN_SHIRT = SeedVariant(40101, 50101, "Linen shirt", "LINEN-SHIRT", Decimal("79.00"))
WOOL_SOCKS = SeedVariant(40102, 50102, "Wool socks", "WOOL-SOCKS", Decimal("12.50"))
CANVAS_TOTE = SeedVariant(40103, 50103, "Canvas tote", "CANVAS-TOTE", Decimal("35.00"))
GIFT_CARD = SeedVariant(40104, 50104, "Gift card", "GIFT-CARD", Decimal("50.00"), gift_card=True)
VARIANTS = (LINEN_SHIRT, WOOL_SOCKS, CANVAS_TOTE, GIFT_CARD)
