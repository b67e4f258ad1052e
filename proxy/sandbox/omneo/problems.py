"""The refusals of the simulated API, in the shapes that Laravel gives them."""

from typing import Any


class Problem(Exception):
    """An answer that is not a success; nothing was changed when it is raised."""

    def __init__(self, status: int, message: str, errors: dict[str, list[str]] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.errors = errors

    def body(self) -> dict[str, Any]:
        return {"message": self.message} | ({"errors": self.errors} if self.errors else {})


def not_found(kind: str) -> Problem:
    return Problem(404, f"No query results for model [{kind}].")


def unauthenticated() -> Problem:
    return Problem(401, "Unauthenticated.")


def forbidden() -> Problem:
    return Problem(403, "Invalid scope(s) provided.")


def invalid(field: str, text: str) -> Problem:
    return Problem(422, text, {field: [text]})


def invalid_fields(errors: dict[str, list[str]]) -> Problem:
    """Join several fields' errors; the message is the first text, as Laravel words it."""
    texts = [text for texts in errors.values() for text in texts]
    more = len(texts) - 1
    suffix = f" (and {more} more error{'s' if more > 1 else ''})" if more else ""
    return Problem(422, texts[0] + suffix, errors)
