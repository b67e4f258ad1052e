"""What must hold after every single step, whatever is under way."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

from proxy.domain.money import USES
from tests.model.ledger_view import LedgerView
from tests.model.truth import OmneoTruth

_ENDED = {"released", "captured", "recorded", "returned"}
_OPEN = {"held", "issued"}
_DAY_MS = 24 * 3_600_000


class BrokenPromiseError(AssertionError):
    """The proxy broke a promise; every other failure is a fault of the test."""


def keep(promise: bool, says: str, *about: object) -> None:
    """Fail with what is said unless the promise is kept."""
    if not promise:
        raise BrokenPromiseError(": ".join([says, *map(str, about)]))


@dataclass(frozen=True, slots=True)
class Caps:
    """What one device, and one login, may redeem in 24 hours; None is without end."""

    device_minor: int | None = None
    login_minor: int | None = None


class Promises:
    """Checks one reading of the ledger against Omneo's truth; remembers only that the journal grows."""

    def __init__(self) -> None:
        self._moves = 0
        self._heirs: dict[str, str] = {}
        self._untold_minor: dict[str, int] = defaultdict(int)
        self._untold_uses: dict[int, int] = defaultdict(int)

    def merged(self, gone: str, kept: str, truth: OmneoTruth) -> None:
        """Remember who took over whom, and what stood there by Omneo's truth from just before.

        Until the ledger has heard of it both may grant holds from that: what one promised the other does not see.
        """
        self._heirs = {profile: kept if heir == gone else heir for profile, heir in self._heirs.items()}
        self._heirs[gone] = kept
        self._untold_minor[kept] += self._untold_minor.pop(gone, 0) + truth.there_minor[gone]
        for benefit, entitlement in truth.entitlements.items():
            self._untold_uses[benefit] += entitlement.there if entitlement.profile == gone else 0

    def check(self, view: LedgerView, truth: OmneoTruth, caps: Mapping[str, Caps], now_ms: int) -> None:
        """Fail with the promise that is broken; `caps` are those of each shop's tills."""
        keep(view.moves >= self._moves, "the journal lost moves")
        self._moves = view.moves
        _allowances(view)
        _rows(view)
        _captures(view)
        _units(view, truth)
        _spendings(view, truth)
        _backed(view, truth, self._heirs, self._untold_minor)
        _backed_uses(view, truth, self._untold_uses)
        _days(view, caps, now_ms)


def _allowances(view: LedgerView) -> None:
    held: dict[tuple[str, str, int], int] = defaultdict(int)
    opened: dict[tuple[str, str, int], int] = defaultdict(int)
    for row in view.redemptions.values():
        of = (row.tenant, row.profile_id, row.benefit_id)
        held[of] += row.held_minor
        opened[of] += row.state in _OPEN and row.parent_id is None
    for row in view.allowances:
        due = held.pop((row.tenant, row.profile_id, row.benefit_id), 0)
        keep(row.held_minor == due, "the allowance is not the sum of its holds", row)
    keep(not any(held.values()), "something is held that no allowance bounds", held)
    keep(all(number <= 1 for number in opened.values()), "two redemptions of one balance or benefit are open")


def _rows(view: LedgerView) -> None:
    for row in view.redemptions.values():
        keep(0 <= row.returned_minor <= row.captured_minor <= row.amount_minor, "more came out than went in", row)
        keep(0 <= row.held_minor <= row.amount_minor, "more is held than was asked for", row)
        keep(row.captured_minor + row.shortfall_minor <= row.amount_minor, "more than the wish was used", row)
        keep(row.state not in _ENDED or row.held_minor == 0, "what has ended still holds", row)


def _captures(view: LedgerView) -> None:
    for capture in view.captures.values():
        lines, backs = view.lines[capture.id], view.give_backs[capture.id]
        keep(capture.captured_minor <= _bound(view, capture.id), "more was captured than asked for", capture)
        keep(capture.returned_minor <= capture.captured_minor, "more goes back than was captured", capture)
        keep(sum(line.captured_minor for line in lines) == capture.captured_minor, "lines do not add up", capture)
        shares = [back.amount_minor for back in backs if back.target_id is None]
        keep(sum(shares) == capture.returned_minor, "give-backs do not add up", backs)


def _bound(view: LedgerView, capture: str) -> int:
    """Sum what may be taken: what the order's discounts took, and early all that was wished for."""
    rows = [(line, view.redemptions[line.redemption_id]) for line in view.lines[capture]]
    return sum(row.amount_minor if row.early else line.asked_minor for line, row in rows)


def _units(view: LedgerView, truth: OmneoTruth) -> None:
    """Money and uses never mix: not in a redemption of ours, nor in a capture, nor in one of Omneo's."""
    for row in view.redemptions.values():
        keep((row.currency == USES) == (row.benefit_id != 0), "a benefit is counted in money, or money in uses", row)
    for capture in view.captures.values():
        units = {view.redemptions[line.redemption_id].currency for line in view.lines[capture.id]}
        keep(units <= {capture.currency}, "a capture mixes money and uses", capture, units)
        spending = truth.spendings.get(capture.id)
        if spending is not None:
            other = spending.of_money if capture.currency == USES else bool(spending.uses)
            keep(not other, "Omneo was told to take what the capture is not of", capture, spending)


def _spendings(view: LedgerView, truth: OmneoTruth) -> None:
    for label, spending in truth.spendings.items():
        capture = view.captures.get(label)
        keep(capture is not None, "Omneo knows a label of ours that the ledger does not", label)
        standing = spending.taken_minor - spending.reversed_minor
        keep(standing <= _bound(view, label), "it was spent twice", label, spending)
        keep(spending.net_minor >= 0, "more came back than was taken", label, spending)
        decided = sum(back.amount_minor for back in view.give_backs[label])
        keep(spending.back_minor <= decided, "more came back than was decided", label, spending)
        asked: dict[int, int] = defaultdict(int)
        for line in view.lines[label]:
            asked[view.redemptions[line.redemption_id].benefit_id] += line.asked_minor
        over = {benefit: count for benefit, count in spending.uses.items() if count < 0}
        keep(not over, "more uses of a benefit came back than were taken", label, spending)
        unasked = {benefit for benefit in spending.uses if benefit not in asked}
        keep(not unasked, "a benefit was used that no redemption is of", label, spending)


def _backed(view: LedgerView, truth: OmneoTruth, heirs: dict[str, str], untold_minor: dict[str, int]) -> None:
    """Whatever is promised is there, except what others took away, and what no hold was ever granted for."""
    liable: dict[str, int] = defaultdict(int)
    excused: dict[str, int] = defaultdict(int)
    for row in view.redemptions.values():
        if row.benefit_id:
            continue
        profile = heirs.get(row.profile_id, row.profile_id)
        liable[profile] += row.held_minor
        # A second or a late use is held without asking: the order exists.
        excused[profile] += row.amount_minor if row.parent_id is not None else 0
    for capture in view.captures.values():
        spending = truth.spendings.get(capture.id)
        if capture.state != "done" and capture.currency != USES and spending is not None:
            liable[heirs.get(capture.profile_id, capture.profile_id)] -= (
                spending.net_minor
            )  # taken already, its hold is not dropped yet
    passed_on: dict[str, int] = defaultdict(int)
    for redemption, minor in view.passed_on.items():
        row = view.redemptions[redemption]
        passed_on[heirs.get(row.profile_id, row.profile_id)] += 0 if row.benefit_id else minor
    for profile, minor in liable.items():
        lost = truth.elsewhere_minor[profile] + truth.expired_minor[profile] + passed_on[profile]
        there = truth.there_minor[profile] + lost + excused[profile] + untold_minor[profile]
        keep(minor <= there, "more is promised than any reading showed", profile, minor, there)


def _backed_uses(view: LedgerView, truth: OmneoTruth, untold_uses: dict[int, int]) -> None:
    """The same for the uses of each benefit, whoever has it by now: its id stays through a merge."""
    liable: dict[int, int] = defaultdict(int)
    excused: dict[int, int] = defaultdict(int)
    for row in view.redemptions.values():
        liable[row.benefit_id] += row.held_minor
        excused[row.benefit_id] += row.amount_minor if row.parent_id is not None else 0
    for capture in view.captures.values():
        if capture.state != "done" and capture.id in truth.spendings:
            for benefit, count in truth.spendings[capture.id].uses.items():
                liable[benefit] -= count
    passed_on: dict[int, int] = defaultdict(int)
    for redemption, count in view.passed_on.items():
        passed_on[view.redemptions[redemption].benefit_id] += count
    for benefit, entitlement in truth.entitlements.items():
        if entitlement.given is None:
            continue
        lost = entitlement.elsewhere + entitlement.expired + passed_on[benefit]
        there = entitlement.there + lost + excused[benefit] + untold_uses[benefit]
        keep(
            liable[benefit] <= there, "more uses are promised than any reading showed", benefit, liable[benefit], there
        )


def _days(view: LedgerView, caps: Mapping[str, Caps], now_ms: int) -> None:
    """No till and no login goes beyond its day, but for codes that an order used just before they were replaced."""
    for shop, cap in caps.items():
        mine = [row for row in view.redemptions.values() if row.shop == shop and row.benefit_id == 0]
        today = [row for row in mine if row.surface == "pos" and row.created_ms > now_ms - _DAY_MS]
        for limit, name in ((cap.device_minor, "device"), (cap.login_minor, "login")):
            if limit is None:
                continue
            days: dict[str, int] = defaultdict(int)
            for row in today:
                stands = row.held_minor + row.captured_minor - row.returned_minor
                days[getattr(row, name)] += stands - view.passed_on.get(row.id, 0) if row.parent_id is None else 0
            keep(all(day <= limit for day in days.values()), "a till went beyond its day", shop, name, days)
