"""Choose the four loopback ports of the demo."""

import socket
from contextlib import ExitStack
from dataclasses import dataclass

HOST = "127.0.0.1"
_HIGHEST = 65_535


@dataclass(frozen=True, slots=True)
class Ports:
    """Where the four servers listen."""

    proxy: int
    omneo: int
    shopify: int
    page: int


def choose(page: int) -> Ports:
    """Take `page` and the three before it, or four free ones when any of those is taken."""
    wanted = range(page - 3, page + 1)
    if wanted[0] > 0 and page <= _HIGHEST and (found := _bound(*wanted)) is not None:
        return Ports(*found)
    free = _bound(0, 0, 0, 0)
    assert free is not None, "the system gives free ports"
    return Ports(*free)


def _bound(*ports: int) -> tuple[int, ...] | None:
    """Bind all at once, so that they differ, and let them go again; None when one is taken."""
    with ExitStack() as stack:
        taken = []
        for port in ports:
            listening = stack.enter_context(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            # As the servers do: a port whose last connections are still closing is free.
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                listening.bind((HOST, port))
            except OSError:
                return None
            taken.append(listening.getsockname()[1])
        return tuple(taken)
