"""Durable work: what is leased, and how a piece of it can end."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Task:
    """Leased work. `wishes` is how often it was asked for when the lease began."""

    id: int
    kind: str
    shop: str
    subject: str
    lease: str
    wishes: int
    attempts: int


@dataclass(frozen=True, slots=True)
class Finished:
    """Nothing is left to do."""


@dataclass(frozen=True, slots=True)
class Again:
    """Look again after `after_s` seconds, or at `until_ms` where the ledger holds that time.

    `error` is set where something failed.
    """

    after_s: float
    error: str | None = None
    until_ms: int | None = None


@dataclass(frozen=True, slots=True)
class Park:
    """Only a person or a new event can move this on."""

    error: str


Verdict = Finished | Again | Park


def first_due(*verdicts: Verdict) -> Verdict:
    """Choose what happens next: what failed or is due first; parked only when nothing else is left to do."""
    waiting = [verdict for verdict in verdicts if isinstance(verdict, Again)]
    if waiting:
        return min(waiting, key=lambda again: again.after_s)
    return next((verdict for verdict in verdicts if isinstance(verdict, Park)), Finished())
