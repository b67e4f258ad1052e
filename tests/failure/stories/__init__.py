"""What happens in the shop while its proxy dies: each story goes the same way with and without a death."""

from tests.failure.stories import entitled, leaving, ordinary, tills, troubled
from tests.failure.stories.story import STORIES, Story

__all__ = ["STORIES", "Story", "entitled", "leaving", "ordinary", "tills", "troubled"]
