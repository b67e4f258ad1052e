"""The tables of the simulated tenant and the questions that several endpoints ask of them."""

from collections import defaultdict
from datetime import datetime
from decimal import Decimal

from proxy.sandbox.omneo.config import ApiToken
from proxy.sandbox.omneo.problems import not_found
from proxy.sandbox.omneo.records import (
    ZERO,
    Benefit,
    Entry,
    Identity,
    Points,
    Profile,
    Redemption,
    Reward,
    Transaction,
)


class OmneoState:
    """Everything the tenant knows, in memory, each table by id."""

    def __init__(self) -> None:
        self.profiles: dict[str, Profile] = {}
        self.identities: dict[int, Identity] = {}
        self.rewards: dict[int, Reward] = {}
        self.points: dict[int, Points] = {}
        self.benefits: dict[int, Benefit] = {}
        self.redemptions: dict[int, Redemption] = {}
        self.transactions: dict[int, Transaction] = {}
        self.catalogues: defaultdict[str, dict[int, Entry]] = defaultdict(dict)
        self.tokens: dict[str, ApiToken] = {}
        self._last_ids: defaultdict[str, int] = defaultdict(int)

    def next_id(self, kind: str) -> int:
        self._last_ids[kind] += 1
        return self._last_ids[kind]

    def profile(self, profile_id: str) -> Profile:
        """Find a profile. Raises Problem 404."""
        if profile_id not in self.profiles:
            raise not_found("Profile")
        return self.profiles[profile_id]

    def redemption(self, redemption_id: int) -> Redemption:
        """Find a redemption. Raises Problem 404."""
        if redemption_id not in self.redemptions:
            raise not_found("Redemption")
        return self.redemptions[redemption_id]

    def entry(self, catalogue: str, entry_id: int) -> Entry:
        """Find a row of a catalogue. Raises Problem 404."""
        if entry_id not in self.catalogues[catalogue]:
            raise not_found(catalogue)
        return self.catalogues[catalogue][entry_id]

    def entry_by(self, catalogue: str, field: str, value: object) -> Entry | None:
        rows = self.catalogues[catalogue].values()
        return next((row for row in rows if row.fields.get(field) == value), None)

    def identity(self, handle: str, identifier: str) -> Identity | None:
        return next((i for i in self.identities.values() if i.handle == handle and i.identifier == identifier), None)

    def profile_by_email(self, email: str) -> Profile | None:
        wanted = email.strip().casefold()
        rows = self.profiles.values()
        return next((p for p in rows if str(p.fields.get("email") or "").casefold() == wanted), None)

    def find_profile(self, handle: str | None, value: str) -> Profile | None:
        """Find by uuid (no handle or `profile_id`), e-mail address or any other identity handle."""
        if handle in (None, "", "profile_id"):
            return self.profiles.get(value)
        if handle == "email":
            return self.profile_by_email(value)
        found = self.identity(str(handle), value)
        return self.profiles.get(found.profile_id) if found else None

    def location_by(self, reference: object) -> Entry | None:
        """Find a location by its id, else by its external id.

        Source: https://docs.omneo.io/api-reference/transaction
        """
        text = str(reference)
        by_id = next((row for row in self.catalogues["locations"].values() if str(row.id) == text), None)
        return by_id or self.entry_by("locations", "external_id", text)

    def rewards_of(self, profile_id: str) -> list[Reward]:
        return [r for r in self.rewards.values() if r.profile_id == profile_id]

    def spendable_rewards(self, profile_id: str, now: datetime) -> list[Reward]:
        """List active rewards in the order in which they are consumed: nearest expiry, none last, then id."""
        active = [r for r in self.rewards_of(profile_id) if r.is_active(now)]
        return sorted(active, key=lambda r: (r.expires_at is None, r.expires_at or now, r.id))

    def points_of(self, profile_id: str) -> list[Points]:
        return [p for p in self.points.values() if p.profile_id == profile_id]

    def benefits_of(self, profile_id: str) -> list[Benefit]:
        return [b for b in self.benefits.values() if b.profile_id == profile_id]

    def global_remaining(self, benefit: Benefit) -> int | None:
        """Count the uses left over all customers; None is without limit."""
        definition = self.entry("benefit_definitions", benefit.definition_id).fields
        limit = definition.get("max_global_redemptions")
        return None if limit is None else max(0, int(limit) - int(definition["total_global_redemptions"] or 0))

    def is_redeemable(self, benefit: Benefit, now: datetime) -> bool:
        return (
            benefit.issued_at <= now
            and not benefit.is_expired(now)
            and benefit.redemptions_remaining != 0
            and self.global_remaining(benefit) != 0
        )

    def reward_balance(self, profile_id: str, now: datetime) -> Decimal:
        return sum((r.value_remaining for r in self.spendable_rewards(profile_id, now)), ZERO)

    def point_balance(self, profile_id: str) -> int:
        return sum(p.remaining for p in self.points_of(profile_id))

    def undone_by(self, redemption: Redemption) -> list[Redemption]:
        """List the returns and reversals of a redemption, oldest first."""
        return [r for r in self.redemptions.values() if r.source_id == redemption.id]
