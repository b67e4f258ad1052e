"""A token bucket passes no more than it holds and gets back, and says truly when it has one again."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.domain.rate import Rate

RATES = st.builds(Rate, st.integers(1, 50), st.integers(1, 5_000_000))
PAUSES_US = st.lists(st.integers(0, 3_000_000), max_size=200)


def taken_at(rate: Rate, pauses_us: list[int]) -> list[int]:
    """Ask after each pause; give the times at which a token was there."""
    now_us, full_at_us, taken = 10**12, 0, []
    for pause_us in pauses_us:
        now_us += pause_us
        after, lacks_us = rate.draw(full_at_us, now_us)
        if lacks_us <= 0:
            full_at_us = after
            taken.append(now_us)
    return taken


@given(RATES, PAUSES_US)
def test_in_no_stretch_of_time_passes_more_than_the_bucket_holds_and_gets_back(rate: Rate, pauses: list[int]) -> None:
    taken = taken_at(rate, pauses)
    for first in range(len(taken)):
        for last in range(first, len(taken)):
            assert last - first + 1 <= rate.burst + (taken[last] - taken[first]) / rate.every_us


@given(RATES, st.integers(0, 10**13))
def test_what_is_lacking_is_there_after_the_time_that_was_said_and_not_before(rate: Rate, now_us: int) -> None:
    full_at_us = now_us
    for _ in range(rate.burst):
        full_at_us, lacks_us = rate.draw(full_at_us, now_us)
        assert lacks_us <= 0
    _, wait_us = rate.draw(full_at_us, now_us)
    assert wait_us > 0
    assert rate.draw(full_at_us, now_us + wait_us)[1] <= 0
    assert rate.draw(full_at_us, now_us + wait_us - 1)[1] > 0


def test_a_minute_of_requests_may_come_at_once_and_then_one_comes_back_at_a_time() -> None:
    rate = Rate.per_minute(30)
    assert (rate.burst, rate.every_us) == (30, 2_000_000)
    assert Rate.per_minute(1).every_us == 60_000_000
    # Whole microseconds: the shared buckets count in nothing else.
    assert repr(Rate.per_minute(7).every_us) == "8571428"
