"""What must hold after every single step, whatever is under way."""

from collections import defaultdict

from tests.model.ledger_view import LedgerView
from tests.model.truth import OmneoTruth

_ENDED = {"released", "captured", "recorded", "returned"}
_OPEN = {"held", "issued"}


class BrokenPromiseError(AssertionError):
    """The proxy broke a promise; every other failure is a fault of the test."""


def keep(promise: bool, says: str, *about: object) -> None:
    """Fail with what is said unless the promise is kept."""
    if not promise:
        raise BrokenPromiseError(": ".join([says, *map(str, about)]))


class Promises:
    """Checks one reading of the ledger against Omneo's truth; remembers only that the journal grows."""

    def __init__(self) -> None:
        self._moves = 0
        self._heirs: dict[str, str] = {}
        self._untold_minor: dict[str, int] = defaultdict(int)

    def merged(self, gone: str, kept: str, there_minor: int) -> None:
        """Remember who took over whom, and what stood there.

        Until the ledger has heard of it both may grant holds from that: what one promised the other does not see.
        """
        self._heirs = {profile: kept if heir == gone else heir for profile, heir in self._heirs.items()}
        self._heirs[gone] = kept
        self._untold_minor[kept] += self._untold_minor.pop(gone, 0) + there_minor

    def check(self, view: LedgerView, truth: OmneoTruth) -> None:
        """Fail with the promise that is broken."""
        keep(view.moves >= self._moves, "the journal lost moves")
        self._moves = view.moves
        _allowances(view)
        _rows(view)
        _captures(view)
        _spendings(view, truth)
        _backed(view, truth, self._heirs, self._untold_minor)


def _allowances(view: LedgerView) -> None:
    held: dict[tuple[str, str], int] = defaultdict(int)
    opened: dict[tuple[str, str], int] = defaultdict(int)
    for row in view.redemptions.values():
        held[row.tenant, row.profile_id] += row.held_minor
        opened[row.tenant, row.profile_id] += row.state in _OPEN and row.parent_id is None
    for row in view.allowances:
        keep(row.held_minor == held[row.tenant, row.profile_id], "the allowance is not the sum of its holds", row)
    keep(all(number <= 1 for number in opened.values()), "two redemptions of one profile are open")


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


def _spendings(view: LedgerView, truth: OmneoTruth) -> None:
    for label, spending in truth.spendings.items():
        capture = view.captures.get(label)
        keep(capture is not None, "Omneo knows a label of ours that the ledger does not", label)
        standing = spending.taken_minor - spending.reversed_minor
        keep(standing <= _bound(view, label), "it was spent twice", label, spending)
        keep(spending.net_minor >= 0, "more came back than was taken", label, spending)
        decided = sum(back.amount_minor for back in view.give_backs[label])
        keep(spending.back_minor <= decided, "more came back than was decided", label, spending)


def _backed(view: LedgerView, truth: OmneoTruth, heirs: dict[str, str], untold_minor: dict[str, int]) -> None:
    """Whatever is promised is there, except what others took away, and what no hold was ever granted for."""
    liable: dict[str, int] = defaultdict(int)
    excused: dict[str, int] = defaultdict(int)
    for row in view.redemptions.values():
        profile = heirs.get(row.profile_id, row.profile_id)
        liable[profile] += row.held_minor
        # A second or a late use is held without asking: the order exists.
        excused[profile] += row.amount_minor if row.parent_id is not None else 0
    for capture in view.captures.values():
        spending = truth.spendings.get(capture.id)
        if capture.state != "done" and spending is not None:
            liable[heirs.get(capture.profile_id, capture.profile_id)] -= (
                spending.net_minor
            )  # taken already, its hold is not dropped yet
    for profile, minor in liable.items():
        passed_on = sum(each for name, each in view.passed_on_minor.items() if heirs.get(name, name) == profile)
        lost = truth.elsewhere_minor[profile] + truth.expired_minor[profile] + passed_on
        there = truth.there_minor[profile] + lost + excused[profile] + untold_minor[profile]
        keep(minor <= there, "more is promised than any reading showed", profile, minor, there)
