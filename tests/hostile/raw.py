"""Bytes to the service and back, with nothing that would tidy them up."""

import json
import socket
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

ANSWER_S = 30
_PIECE = 65_536


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back."""

    status: int
    headers: dict[str, list[str]]
    body: bytes

    def json(self) -> dict[str, Any]:
        return dict(json.loads(self.body))


def exchange(address: tuple[str, int], request: bytes) -> Answer:
    """Send one request over a connection of its own and read until the other side closes."""
    with socket.create_connection(address, timeout=ANSWER_S) as connection:
        # Who refuses early does not read on, and what it answered is there all the same.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        received = bytearray()
        with suppress(ConnectionResetError):
            while piece := connection.recv(_PIECE):
                received += piece
    return _parsed(bytes(received))


def _parsed(received: bytes) -> Answer:
    head, _, body = received.partition(b"\r\n\r\n")
    first, *lines = head.decode("latin-1").split("\r\n")
    headers: dict[str, list[str]] = {}
    for line in lines:
        name, _, value = line.partition(":")
        headers.setdefault(name.strip().lower(), []).append(value.strip())
    assert first.startswith("HTTP/1.1 "), first
    assert "transfer-encoding" not in headers
    return Answer(int(first.split(" ")[1]), headers, body)
