"""Assertions about refusals."""

import pytest

from proxy.domain.errors import Unauthenticated


def refused(call, *arguments) -> str:
    """Give the reason of a refusal that carries nothing of what was sent."""
    with pytest.raises(Unauthenticated) as caught:
        call(*arguments)
    error = caught.value
    assert type(error) is Unauthenticated
    assert error.__cause__ is None
    assert error.__context__ is None
    said = f"{error} {error.details} {error.facts()} {error.args}"
    for argument in arguments:
        text = argument.decode("latin-1") if isinstance(argument, bytes) else argument
        assert not text or len(text) < 8 or text not in said
    assert error.reason.replace("_", "").isalpha()
    return error.reason


def verdict(call, *arguments):
    """Give the caller, or None when refused."""
    try:
        return call(*arguments)
    except Unauthenticated:
        return None
