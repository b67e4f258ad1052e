"""The tables; every time is Unix milliseconds in UTC, every amount is minor units."""

from sqlalchemy import (
    BigInteger,
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    false,
)

# The server starts only on this revision; the newest migration names the same.
HEAD = "0007"

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    }
)

# SQLite counts up only for a column declared INTEGER.
_Serial = BigInteger().with_variant(Integer, "sqlite")

allowances = Table(
    "allowances",
    metadata,
    Column("tenant", String(100), primary_key=True),
    Column("profile_id", String(64), primary_key=True),
    # Which benefit's uses it counts; 0 for the balance.
    Column("benefit_id", BigInteger, primary_key=True, autoincrement=False, server_default="0"),
    Column("held_minor", BigInteger, nullable=False),
    Column("epoch", BigInteger, nullable=False),
    # The balance that came back with the last capture; until `ceiling_until_ms` a GET may lower it, never raise it.
    Column("ceiling_minor", BigInteger),
    Column("ceiling_until_ms", BigInteger),
    CheckConstraint("held_minor >= 0", name="held_not_negative"),
)

redemptions = Table(
    "redemptions",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("shop", String(255), nullable=False),
    Column("tenant", String(100), nullable=False),
    Column("profile_id", String(64), nullable=False),
    Column("customer_id", String(32), nullable=False),
    Column("surface", String(32), nullable=False),
    Column("cart", String(255)),
    Column("location", String(64)),
    Column("staff", String(64)),
    Column("device", String(128)),
    Column("login", String(32)),  # at a till, as proven; location, staff and device are declared
    Column("state", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("held_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("returned_minor", BigInteger, nullable=False, server_default="0"),
    Column("shortfall_minor", BigInteger, nullable=False),
    Column("code", String(64), nullable=False),
    Column("code_folded", String(64), nullable=False),
    Column("starts_ms", BigInteger, nullable=False),
    Column("ends_ms", BigInteger, nullable=False),
    Column("discount_id", String(128)),
    # A code used beyond its own hold (a second order, or one after the release) gets a child row of its own.
    Column("parent_id", String(40), ForeignKey("redemptions.id")),
    Column("order_id", String(32)),
    Column("reason", String(64)),
    Column("deactivated_ms", BigInteger),
    # Shopify's count said that the code was used; it lags, so only a yes means anything.
    Column("use_seen", Boolean, nullable=False),
    Column("grace_until_ms", BigInteger),
    # Spent in Omneo when the code was made, not when an order used it; decided with the hold.
    Column("early", Boolean, nullable=False, server_default=false()),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    # A use of a benefit: every amount counts uses then. 0 for the balance.
    Column("benefit_id", BigInteger, nullable=False, server_default="0"),
    Column("benefit_handle", String(255)),
    Column("effect", Text),  # what it does at Shopify, as it was when it was held
    # When its person was taken out of it; the ids say so too, this is what an index can find.
    Column("redacted_ms", BigInteger),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
    CheckConstraint("held_minor >= 0", name="held_not_negative"),
    CheckConstraint("captured_minor >= 0 AND captured_minor <= amount_minor", name="captured_within_amount"),
    UniqueConstraint("parent_id", "order_id"),
)
_is_open = redemptions.c.state.in_(["held", "issued"]) & redemptions.c.parent_id.is_(None)
_r = redemptions.c
Index(
    "one_open",
    *(_r.tenant, _r.profile_id, _r.benefit_id),
    unique=True,
    sqlite_where=_is_open,
    postgresql_where=_is_open,
)
_is_first = _r.parent_id.is_(None)
Index("one_code", _r.shop, _r.code_folded, unique=True, sqlite_where=_is_first, postgresql_where=_is_first)
Index("ix_redemptions_customer", _r.shop, _r.customer_id, _r.created_ms)
Index("ix_redemptions_profile", _r.tenant, _r.profile_id)
_person = _r.redacted_ms.is_(None)
Index("ix_redemptions_to_redact", _r.shop, _r.updated_ms, sqlite_where=_person, postgresql_where=_person)

captures = Table(
    "captures",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("shop", String(255), nullable=False),
    Column("tenant", String(100), nullable=False),
    Column("profile_id", String(64), nullable=False),
    Column("order_id", String(32)),  # none while an early one waits for its order
    Column("seq", Integer, nullable=False),
    Column("order_name", String(64), nullable=False),
    Column("location", String(64)),
    Column("state", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("asked_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    # Counts what is being given back as well: it is taken first and sent then.
    Column("returned_minor", BigInteger, nullable=False, server_default="0"),
    Column("sends", Integer, nullable=False),
    Column("sent_ms", BigInteger),
    Column("refusals", Integer, nullable=False),
    # Refusals that trying again does not mend; throttling and lost connections are not among them.
    Column("final_refusals", Integer, nullable=False, server_default="0"),
    Column("refused_ms", BigInteger),
    Column("omneo_redemption_id", BigInteger),
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    UniqueConstraint("shop", "order_id", "profile_id", "seq"),
)

Index("ix_captures_profile", captures.c.tenant, captures.c.profile_id)

capture_lines = Table(
    "capture_lines",
    metadata,
    # The key is the redemption alone: it is captured once, by one order.
    Column("redemption_id", String(40), ForeignKey("redemptions.id"), primary_key=True),
    Column("capture_id", String(40), ForeignKey("captures.id"), nullable=False, index=True),
    Column("asked_minor", BigInteger, nullable=False),
    Column("captured_minor", BigInteger, nullable=False),
    Column("returned_minor", BigInteger, nullable=False, server_default="0"),
)

give_backs = Table(
    "give_backs",
    metadata,
    Column("id", String(40), primary_key=True),
    Column("capture_id", String(40), ForeignKey("captures.id"), nullable=False, index=True),
    Column("kind", String(16), nullable=False),
    Column("state", String(16), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("amount_minor", BigInteger, nullable=False),
    Column("parts", Text, nullable=False),
    Column("sends", Integer, nullable=False),
    Column("sent_ms", BigInteger),
    Column("unknowns", Integer, nullable=False),
    Column("refusals", Integer, nullable=False),  # those that trying again does not mend
    Column("omneo_redemption_id", BigInteger),
    Column("target_id", BigInteger),  # the Omneo redemption that it undoes, where that is not the capture's own
    Column("created_ms", BigInteger, nullable=False),
    Column("updated_ms", BigInteger, nullable=False),
    CheckConstraint("amount_minor > 0", name="amount_positive"),
)
_is_under_way = give_backs.c.state.in_(["intended", "sent"])
Index(
    "one_give_back",
    give_backs.c.capture_id,
    unique=True,
    sqlite_where=_is_under_way,
    postgresql_where=_is_under_way,
)

records = Table(
    "records",
    metadata,
    Column("shop", String(255), primary_key=True),
    Column("order_id", String(32), primary_key=True),
    Column("external_id", String(128), nullable=False),
    Column("transaction_id", BigInteger, nullable=False),
    Column("omneo_redemption_id", BigInteger),
    Column("recorded_ms", BigInteger, nullable=False),
)

claims = Table(
    "claims",
    metadata,
    Column("shop", String(255), primary_key=True),
    Column("surface", String(32), primary_key=True),
    Column("subject", String(255), primary_key=True),
    Column("route", String(64), primary_key=True),
    Column("key", String(255), primary_key=True),
    Column("body_hash", String(64), nullable=False),
    Column("redemption_id", String(40)),
    Column("refusal", Text),
    Column("finished", Boolean, nullable=False),
    Column("lease_until_ms", BigInteger, nullable=False),
    Column("created_ms", BigInteger, nullable=False, index=True),
)

events = Table(
    "events",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("shop", String(255), nullable=False),
    Column("topic", String(64), nullable=False),
    Column("webhook_id", String(128), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("received_ms", BigInteger, nullable=False, index=True),
    UniqueConstraint("shop", "topic", "webhook_id"),
)

tasks = Table(
    "tasks",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("kind", String(32), nullable=False),
    Column("shop", String(255), nullable=False),
    Column("subject", String(64), nullable=False),
    Column("due_ms", BigInteger, nullable=False, index=True),
    # Counts the wishes: one that arrives while the work runs makes it run again instead of being swallowed.
    Column("wishes", BigInteger, nullable=False),
    Column("lease", String(40)),
    Column("lease_until_ms", BigInteger, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("last_error", Text),
    Column("parked", Boolean, nullable=False),
    UniqueConstraint("kind", "shop", "subject"),
)

sweeps = Table(
    "sweeps",
    metadata,
    Column("shop", String(255), primary_key=True),
    # Sales from before the first sweep are not ours to write.
    Column("began_ms", BigInteger, nullable=False),
    Column("seen_until_ms", BigInteger, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("redemption_id", String(40), nullable=False, index=True),
    Column("at_ms", BigInteger, nullable=False),
    Column("state", String(16), nullable=False),
    Column("note", String(64), nullable=False),
    Column("actor", String(64), nullable=False, server_default="service"),
    Column("facts", Text, nullable=False),
    # What the redemption stood at after the move; none for moves from before they were kept.
    Column("customer_id", String(32), index=True),
    Column("order_id", String(32)),
    Column("capture_id", String(40)),
    Column("held_minor", BigInteger),
    Column("captured_minor", BigInteger),
    Column("returned_minor", BigInteger),
    Column("shortfall_minor", BigInteger),
)

privacy_requests = Table(
    "privacy_requests",
    metadata,
    Column("id", _Serial, primary_key=True, autoincrement=True),
    Column("shop", String(255), nullable=False),
    Column("kind", String(32), nullable=False),
    # Cut when the customer has been redacted.
    Column("customer_id", String(32)),
    Column("reference", String(64)),
    Column("received_ms", BigInteger, nullable=False),
    Column("done_ms", BigInteger),
    Column("done_by", String(64)),
)
Index("ix_privacy_requests_customer", privacy_requests.c.shop, privacy_requests.c.customer_id)

# Shops that have uninstalled the app: nothing is issued there, and nothing can be asked of them.
closed_shops = Table(
    "closed_shops",
    metadata,
    Column("shop", String(255), primary_key=True),
    Column("closed_ms", BigInteger, nullable=False),
)
