"""Ports for servers that are killed and come back."""

import random
import socket


def steady_port() -> int:
    """Find a free port below those that the system gives to clients.

    While a server is down, one that tries to reach it could be given its port, and the server could not come back.
    """
    while True:
        port = random.randrange(20_000, 32_000)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
        return port
