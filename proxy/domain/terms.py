"""How much may be redeemed: the one place that knows the policy's bounds, for a quote and for a hold alike."""

from proxy.domain.errors import BelowMinimum, CurrencyMismatch
from proxy.domain.money import Money
from proxy.domain.refusals import AboveMaximum, AboveShare, BelowMinimumSpend, NotAStep
from proxy.domain.shop import Policy

_WHOLE_PERCENT = 100


def check(policy: Policy, currency: str, amount: Money, eligible: Money | None = None) -> None:
    """Refuse an amount that the policy does not allow.

    `eligible` is what of a declared cart may be discounted, None where no cart was declared: then the discount itself
    carries what Shopify can enforce of it. Raises what says why, with the numbers behind it.
    """
    if amount.currency != currency:
        raise CurrencyMismatch(ours=currency, theirs=amount.currency)
    if eligible is not None and policy.minimum_spend is not None and eligible < policy.minimum_spend:
        raise BelowMinimumSpend(minimum_spend=policy.minimum_spend.wire(), eligible_subtotal=eligible.wire())
    if amount < policy.minimum:
        raise BelowMinimum(minimum=policy.minimum.wire())
    if policy.step is not None and amount.minor % policy.step.minor:
        raise NotAStep(step=policy.step.wire())
    if policy.maximum is not None and policy.maximum < amount:
        raise AboveMaximum(maximum=policy.maximum.wire())
    if eligible is not None and share(policy, eligible) < amount:
        raise AboveShare(
            share_percent=policy.max_share_percent,
            eligible_subtotal=eligible.wire(),
            maximum=share(policy, eligible).wire(),
        )


def most(policy: Policy, within: Money, eligible: Money | None = None) -> Money:
    """Give the largest amount up to `within` that the policy allows; zero where it allows none."""
    bounds = [within, policy.maximum, share(policy, eligible) if eligible is not None else None]
    least = min(bound.minor for bound in bounds if bound is not None)
    if policy.step is not None:
        least -= least % policy.step.minor
    short = eligible is not None and policy.minimum_spend is not None and eligible < policy.minimum_spend
    return Money.zero(within.currency) if short or least < policy.minimum.minor else Money(least, within.currency)


def smallest(policy: Policy) -> Money:
    """Give the smallest amount that the policy allows: what refuses this one refuses all."""
    step = policy.step.minor if policy.step is not None else 1
    return Money(-(-policy.minimum.minor // step) * step, policy.minimum.currency)


def share(policy: Policy, eligible: Money) -> Money:
    """Give the part of a cart that rewards may pay; what is below a minor unit is not theirs."""
    return Money(eligible.minor * policy.max_share_percent // _WHOLE_PERCENT, eligible.currency)
