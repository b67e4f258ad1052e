"""A person's decision about a redemption in `review`: why it is there, and where it may go."""

from dataclasses import dataclass
from typing import Final

from proxy.domain.capture import CaptureState
from proxy.domain.redemption import Redemption, State

TARGETS: Final = (State.CAPTURED, State.RECORDED, State.RELEASED, State.RETURNED)

# Why a redemption is in review, in a sentence for whoever decides.
REASONS: Final[dict[str, str]] = {
    "other_customer": "another customer's order used the code; its holder's value was spent",
    "shortfall": "Omneo had less to spend than the order discounted; somebody bears the difference",
    "redeem_refused": "Omneo refused the redeem although the balance covered it; nothing was spent",
    "redeem_unknown": "Omneo never told whether it redeemed; look for the label of the capture there",
    "redeem_found": "Omneo redeemed after all, when it had been decided that nothing was spent; give it back there",
    "profile_gone": "Omneo does not know the profile any more, so nothing could be spent or looked up",
    "redeem_amount_unknown": "Omneo has the redemption, but does not say how much it took; look there",
    "used_by_unknown_order": "Shopify counted a use of the code, but no order of its holder carries it",
    "redeemed_too_much": "Omneo took more than it was asked for",
    "spent_twice": "Omneo has a second redemption for the same capture; reverse or return it there",
    "reversal_undecided": "Omneo never told whether it reversed; look whether the value is back",
    "return_refused": "Omneo refuses to give the value back; do it there by hand",
    "give_back_unknown": "Omneo never told whether it gave the value back; look there before doing it again",
    "returned_another_amount": "Omneo gave another amount back than it was asked for",
    "order_unreadable": "the order was refunded, but Shopify does not show it any more",
    "transaction_taken": "the order's transaction carries another redemption already",
    "transaction_missing": "Omneo's app never wrote the order's transaction",
    "transaction_refused": "Omneo refuses to attach the redemption to the order's transaction",
    "transaction_not_attached": "the transaction does not carry the redemption that was recorded on it",
    "capture_missing": "the ledger says captured, but Omneo has no such redemption",
    "capture_surplus": "Omneo has more than one redemption for this capture; reverse or return the others there",
    "return_missing": "the ledger says given back, but Omneo has no such redemption",
    "amount_differs": "Omneo took another amount than the ledger says",
    "shop_closed": "the shop has uninstalled the app, so nobody can read whether an order used the code; look there",
    "redacted": "its person was taken out, and its order came or changed after that; settle it by hand",
    "not_a_pos_sale": "it was redeemed at a till, and the order that used it was not rung up at one",
    "location_mismatch": "the till said another location than the order does; ask who redeemed it there",
    "staff_mismatch": "another login rang the order up than the one that redeemed; ask both",
    "hold_ended": "the hold still takes value although the redemption had ended",
}


def explain(reason: str | None) -> str:
    """Say why a redemption is in review."""
    return REASONS.get(reason or "", "the facts contradict each other")


@dataclass(frozen=True, slots=True)
class Case:
    """What a decision is judged by; `capture` is the state of the spending that it is part of, if any."""

    redemption: Redemption
    capture: CaptureState | None
    recorded: bool
    now_ms: int

    def refusal(self, to: State) -> str | None:
        """Say why it may not go there, None if it may."""
        if self.redemption.state is not State.REVIEW:
            return f"It is {self.redemption.state}; only what is in review waits for a decision."
        if self.capture in (CaptureState.INTENDED, CaptureState.SENT):
            return "Omneo is still being asked about it; wait until that has ended."
        match to:
            case State.RELEASED:
                return self._not_released()
            case State.CAPTURED if self.redemption.captured and self.recorded:
                return "Its transaction stands in Omneo with it: resolve it as recorded."
            case State.RECORDED if self.redemption.captured and not self.recorded:
                return "No transaction of its order carries it: resolve it as captured."
            case State.CAPTURED | State.RECORDED | State.RETURNED if not self.redemption.captured:
                return "Nothing was captured for it: only released is possible."
            case State.CAPTURED | State.RECORDED | State.RETURNED:
                return None
            case _:
                return f"A decision is one of {', '.join(TARGETS)}."

    def _not_released(self) -> str | None:
        row = self.redemption
        if row.captured:
            return f"{row.captured} was captured for it: it is captured, recorded or returned."
        usable = row.order is None and row.discount is not None and row.deactivated_ms is None
        if usable and row.ends_ms > self.now_ms:
            return "Its code can still be used: end the discount in Shopify and wait for its time first."
        return None
