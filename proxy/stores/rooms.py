"""Looking at what a hold would meet, without holding: the same questions as the hold's, in a unit that only reads."""

from proxy.domain.allowance import Standing
from proxy.domain.hold import Room, RoomAsked
from proxy.domain.ids import RedemptionId
from proxy.stores.database import Database, Unit
from proxy.stores.holds import standing
from proxy.stores.inheritance import benefit_of, hold_passes_over, inheritable, occupant_of, passes_over


class Rooms:
    """Answers what a hold at a place would find."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def room(self, asked: RoomAsked) -> Room:
        """Give what others hold, less what would pass over, and the open redemption there is."""
        return await self._database.read(lambda unit: _room(unit, asked))


def _room(unit: Unit, asked: RoomAsked) -> Room:
    occupant = occupant_of(unit, asked)
    replaced = occupant if occupant is not None and passes_over(asked, occupant) else None
    passing = [(RedemptionId(row.id), row.held_minor) for row in inheritable(unit, asked, lock=False)]
    if replaced is not None and hold_passes_over(asked, replaced):
        passing.append((replaced.id, replaced.held.minor))
    covered = sum(minor for _, minor in passing)
    now = standing(unit, asked.tenant, asked.profile, benefit_of(asked))
    return Room(
        standing=Standing(now.held_minor - covered, now.ceiling_minor),
        in_the_way=occupant if replaced is None else None,
        replaced=replaced,
        passing=tuple(redemption for redemption, _ in passing),
    )
