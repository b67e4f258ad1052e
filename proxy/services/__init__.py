"""Use cases, a verb or a noun each."""
