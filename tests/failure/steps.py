"""Every durable step that a request or the worker may take, and the stories that pass it.

A step is a write of the ledger, named by the store's method, or a call that changes something on the other side. A
process may die before it or after it; `test_kills` compares this list with the code, and dies at each.
"""

from typing import Final, Literal

When = Literal["before", "after"]
WHEN: Final[tuple[When, ...]] = ("before", "after")

STEPS: Final[dict[str, tuple[str, ...]]] = {
    # setting value aside
    "Holds.epoch": ("returned",),
    "Holds.hold": ("returned", "walked_away", "with_benefits"),
    "Holds.finish": ("returned", "walked_away"),
    "Holds.refuse": ("refused",),
    "Holds.free": ("throttled",),
    "Holds.yield_claim": ("outcome_pending",),
    "Holds.resume": ("outcome_pending",),
    "Holds.forget_claims": ("returned",),
    # claiming a benefit
    "Holds.begin": ("claimed",),
    "OmneoBenefits.claim": ("claimed",),
    # asking a colleague
    "Approvals.ask": ("approved",),
    "Approvals.grant": ("approved",),
    "Approvals.forget": ("returned",),
    "Tills.forget": ("returned",),
    # making the discount, and taking it back
    "Shopify.create_discount": ("returned", "walked_away"),
    "Redemptions.issued": ("returned", "walked_away"),
    "Redemptions.drop": ("discount_refused",),
    "Redemptions.begin_release": ("removed", "replaced", "expired"),
    "Shopify.deactivate": ("removed",),
    "Redemptions.deactivated": ("removed", "replaced"),
    "Shopify.delete": ("removed",),
    "Redemptions.let_go": ("removed",),
    "Redemptions.review": ("other_customer",),
    # hearing of orders
    "Events.receive": ("told_once",),
    "Events.wish_order": ("found_by_release",),
    "Events.sale_seen": ("attached",),
    "Events.forget": ("returned",),
    "Sweeps.arm": ("found_by_sweep",),
    "Sweeps.progress": ("found_by_sweep",),
    "Sweeps.seen": ("found_by_sweep",),
    "Sweeps.wish": ("found_by_sweep",),
    # spending
    "Captures.begin": ("returned", "late", "twice", "with_benefits"),
    "Captures.begin_early": ("early", "walked_away_early"),
    "Captures.extend": ("late",),
    "Captures.sending": ("returned",),
    "Omneo.redeem": ("returned", "early", "lost_then_refused", "uses_alone"),
    "Captures.refused": ("short",),
    "Captures.absent": ("lost_then_refused",),
    "Captures.void": ("early_refused",),
    "Captures.done": ("returned", "partly_short", "early", "with_benefits", "uses_alone"),
    "Captures.give_up": ("short",),
    # following a profile that was merged
    "Successions.suspect": ("merged",),
    "Successions.hand_over": ("merged", "merged_untold"),
    # recording
    "Omneo.write_transaction": ("returned",),
    "Omneo.attach_redemption": ("attached",),
    "Records.add": ("returned",),
    "Records.waiting": ("attached",),
    # giving back
    "GiveBacks.begin": ("returned",),
    "GiveBacks.begin_surplus": ("sent_twice",),
    "GiveBacks.sending": ("returned",),
    "Omneo.give_back": ("returned", "uses_alone"),
    "Omneo.reverse": ("reversed_whole",),
    "GiveBacks.unknown": ("return_lost",),
    "GiveBacks.refused": ("return_refused",),
    "GiveBacks.done": ("returned", "reversed_whole", "early_removed", "with_benefits", "uses_alone"),
    "GiveBacks.give_up": ("return_given_up",),
    # letting people and shops go
    "PrivacyRequests.redacted": ("forgotten",),
    "Redaction.redact": ("forgotten",),
    "Redaction.expire": ("returned",),
    "Redaction.tidy": ("returned",),
    "Closures.close": ("closed_and_back",),
    "Closures.give_up": ("closed_and_back",),
    "Closures.reopen": ("closed_and_back",),
    # the work itself
    "Tasks.lease": ("returned",),
    "Tasks.renew": ("slow",),
    "Tasks.finish": ("returned",),
    "Tasks.put_off": ("lost",),
    "Tasks.park": ("parked",),
}

# Writes of the operator's commands: each is one unit of work, after which its command ends.
COMMANDS: Final = frozenset({"Audit.wish", "Audit.review", "Resolutions.resolve", "PrivacyRequests.answered"})
