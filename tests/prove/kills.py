"""Kills by the dozen: first every instant that is listed, then random ones, up to three in one story."""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

from tests.failure.dying import Instant
from tests.failure.forks import Forks
from tests.failure.stage import open_stage
from tests.failure.steps import STEPS, WHEN
from tests.failure.stories import STORIES
from tests.failure.truth import DisagreementError, agrees
from tests.prove.tally import Tally

_DEEP = 3  # as often as a step is passed in a story, the later times differ little
_RUNS = 4  # for each kill that is wanted: some instants are not reached again after the kill before


class Killer:
    """Tells stories and kills the proxy in them; knows from telling each once which steps it passes."""

    def __init__(self, forks: Forks, url_for: Callable[[], str], folder: Path) -> None:
        self._forks = forks
        self._url_for = url_for
        self._folder = folder
        self._passed: dict[str, list[Instant]] = {}

    def run_chunk(self, seed: int, kills: int) -> Tally:
        """Kill at least so many times. Raises AssertionError with the story and its instants."""
        counted = Tally()
        for number, (name, instants) in enumerate(self._plans(seed, kills)):
            if counted.kills >= kills:
                break
            assert number < kills * _RUNS, "the instants are not reached"
            try:
                counted.add(asyncio.run(self._tell(name, instants, duplicate=number % 2 == 1)))
            except DisagreementError as error:
                counted.add(error.tally)
                raise FailedError(counted, f"{name}, killed {[*map(str, instants)]}: {error}") from error
            except AssertionError as error:
                counted.stuck += 1  # the story did not even come to its end
                raise FailedError(counted, f"{name}, killed {[*map(str, instants)]}: {error}") from error
        return counted

    def _plans(self, seed: int, kills: int) -> Iterator[tuple[str, list[Instant]]]:
        listed = [(name, [Instant(step, when)]) for step, names in STEPS.items() for name in names for when in WHEN]
        yield from listed[seed * kills : (seed + 1) * kills]
        chance = Random(seed)
        while True:
            name = chance.choice(list(STORIES))
            passed = self._passed.get(name) or self._passes(name)
            yield name, [chance.choice(passed) for _ in range(chance.choice((1, 1, 1, 2, 3)))]

    def _passes(self, name: str) -> list[Instant]:
        """Tell the story once without a death, to learn where it can die."""
        trace: list[str] = []
        asyncio.run(self._tell(name, [], trace=trace))
        passed = {(when, step, nth) for when, step, nth in (line.split() for line in trace) if int(nth) <= _DEEP}
        self._passed[name] = [Instant(step, when, int(nth)) for when, step, nth in sorted(passed)]  # type: ignore[arg-type]
        return self._passed[name]

    async def _tell(
        self, name: str, instants: list[Instant], *, duplicate: bool = False, trace: list[str] | None = None
    ) -> Tally:
        told = STORIES[name]
        folder = Path(tempfile.mkdtemp(dir=self._folder))
        try:
            async with open_stage(self._forks, self._url_for(), folder, instants, **told.settings) as shop:
                shop.shopify.deliveries.duplicate = duplicate
                await told.tell(shop)
                tally = await agrees(shop, told.reviews)
                if trace is not None:
                    trace.extend(shop.proxy.trace())
                return tally
        finally:
            shutil.rmtree(folder)


class FailedError(AssertionError):
    """A story that did not end well, with what was counted until then."""

    def __init__(self, tally: Tally, text: str) -> None:
        super().__init__(text)
        self.tally = tally
