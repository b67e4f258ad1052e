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
MEMBER_HANDLE = "member_code"


@dataclass(frozen=True, slots=True)
class SeedReward:
    amount: Decimal
    expires_in_days: int


@dataclass(frozen=True, slots=True)
class SeedBenefitDefinition:
    """What an Omneo tenant says of a benefit; the discount behind it is configured elsewhere. Days of `period`."""

    handle: str
    name: str
    type: str
    max_redemptions: int | None = 1
    period: int = 365
    short_description: str | None = None
    terms_conditions: str | None = None
    redeem_code_online: str | None = None
    redeem_code_pos: str | None = None
    tags: tuple[str, ...] = ()
    meta: dict[str, str] | None = None
    is_claimable: bool = False


@dataclass(frozen=True, slots=True)
class SeedBenefit:
    handle: str
    issued_days_ago: int = 0


@dataclass(frozen=True, slots=True)
class SeedTransaction:
    external_id: str
    total: Decimal
    days_ago: int
    system: str
    variant_id: int


@dataclass(frozen=True, slots=True)
class SeedCustomer:
    """A Shopify customer; `profile_id` is None for one whom Omneo does not know yet. Members carry `member_code`."""

    id: int
    first_name: str
    last_name: str
    email: str
    phone: str
    profile_id: str | None
    member_code: str | None = None
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
class SeedCollection:
    """A collection of products that a discount may be for."""

    id: int
    title: str
    product_ids: frozenset[int]


@dataclass(frozen=True, slots=True)
class SeedLocation:
    """A Shopify location; Omneo knows it by `external_id`, which is the Shopify id as text."""

    id: int
    name: str
    timezone: str

    @property
    def external_id(self) -> str:
        return str(self.id)


@dataclass(frozen=True, slots=True)
class SeedStaff:
    """A login that may open the till."""

    id: int
    name: str


@dataclass(frozen=True, slots=True)
class SeedDevice:
    """A till, as orders name it."""

    id: int
    name: str


LOCATION = SeedLocation(8801, "Sandbox Collins St", "Australia/Melbourne")
OTHER_LOCATION = SeedLocation(8803, "Sandbox Pitt St", "Australia/Sydney")
LOCATIONS = (LOCATION, OTHER_LOCATION)
STAFF = (SeedStaff(STAFF_USER_ID, "Mia Chen"), SeedStaff(43, "Tom Ellery"))
DEVICES = (SeedDevice(7, "Till 1"), SeedDevice(8, "Till 2"))

# Which discount each is, a shop says in its settings; nothing is set for the gift, the alterations and the tote.
BENEFIT_DEFINITIONS = (
    SeedBenefitDefinition("birthday-gift", "Birthday gift", "gift"),
    SeedBenefitDefinition("free-alterations", "Free alterations", "other", 2),
    SeedBenefitDefinition("welcome-tote", "Welcome tote", "gift", period=30, is_claimable=True),
    SeedBenefitDefinition(
        *("birthday-10", "Birthday treat", "discount"),
        period=30,
        short_description="10 % off your whole basket",
        terms_conditions="Once, within 30 days of your birthday.",
        tags=("birthday",),
        meta={"percent": "10"},
    ),
    SeedBenefitDefinition(
        *("free-socks", "Socks on us", "gift"),
        short_description="One pair of wool socks",
        tags=("product",),
        meta={"sku": "WOOL-SOCKS"},
    ),
    SeedBenefitDefinition(
        *("free-shipping", "Free shipping", "discount"),
        short_description="Standard shipping is free",
        redeem_code_online="SHIPFREE",
        tags=("online",),
    ),
    SeedBenefitDefinition(
        *("coffee", "Coffee at the bar", "other", None),
        short_description="A coffee while you look around",
        redeem_code_pos="COFFEE",
        tags=("in-store",),
    ),
    SeedBenefitDefinition(
        *("vip-collection", "VIP preview", "discount", 3),
        short_description="$20 off the preview collection",
        terms_conditions="Three times, on the preview collection only.",
        tags=("vip",),
        meta={"amount": "20.00"},
    ),
    SeedBenefitDefinition("spring-gift", "Spring gift", "gift", period=30),
)

ADA = SeedCustomer(
    id=1001,
    first_name="Ada",
    last_name="Marsh",
    email="ada@example.com",
    phone="+61400001001",
    profile_id="1c8f6a52-0d3b-4f0e-9a51-0000000a1001",
    member_code="M-1001",
    points=1500,
    tier="gold",
    rewards=(SeedReward(Decimal("10.00"), 20), SeedReward(Decimal("15.00"), 60)),
    benefits=(SeedBenefit("birthday-gift"), SeedBenefit("free-alterations")),
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
    member_code="M-1002",
    rewards=(SeedReward(Decimal("50.00"), 90),),
    benefits=(
        SeedBenefit("birthday-10"),
        SeedBenefit("free-socks"),
        SeedBenefit("free-shipping"),
        SeedBenefit("coffee"),
        SeedBenefit("vip-collection"),
        SeedBenefit("free-alterations"),
        SeedBenefit("spring-gift", issued_days_ago=60),
    ),
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
    member_code="M-1004",
)
CUSTOMERS = (ADA, BENEDIKT, CHLOE, DEV)

LINEN_SHIRT = SeedVariant(40101, 50101, "Linen shirt", "LINEN-SHIRT", Decimal("79.00"))
WOOL_SOCKS = SeedVariant(40102, 50102, "Wool socks", "WOOL-SOCKS", Decimal("12.50"))
CANVAS_TOTE = SeedVariant(40103, 50103, "Canvas tote", "CANVAS-TOTE", Decimal("35.00"))
GIFT_CARD = SeedVariant(40104, 50104, "Gift card", "GIFT-CARD", Decimal("50.00"), gift_card=True)
VARIANTS = (LINEN_SHIRT, WOOL_SOCKS, CANVAS_TOTE, GIFT_CARD)

ACCESSORIES = SeedCollection(60101, "Accessories", frozenset({WOOL_SOCKS.product_id, CANVAS_TOTE.product_id}))
COLLECTIONS = (ACCESSORIES,)
