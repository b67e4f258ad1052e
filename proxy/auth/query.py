"""A query string as Shopify's app proxy signs it."""

import re
from collections.abc import Iterable
from urllib.parse import unquote_to_bytes

from proxy.domain.errors import Unauthenticated

Pair = tuple[bytes, bytes]

# A proxied URL is a browser's; nothing that a theme needs comes near this, and every byte is hashed.
MAX_QUERY_BYTES = 8192

_BROKEN_ESCAPE = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def parse(query: bytes) -> list[Pair]:
    """Split into decoded names and values, in the order sent; a broken percent escape refuses the whole.

    Bytes in, bytes out: decoding to text would replace what is not UTF-8, and then hash something that nobody signed.
    """
    if len(query) > MAX_QUERY_BYTES:
        raise Unauthenticated("query_too_long")
    if _BROKEN_ESCAPE.search(query):
        raise Unauthenticated("query_malformed")
    pairs = []
    # Only "&" separates: to whoever also split on ";" the same signed bytes would be other parameters.
    for piece in query.split(b"&"):
        if piece:
            name, _, value = piece.partition(b"=")
            pairs.append((_decode(name), _decode(value)))
    return pairs


def canonical(pairs: Iterable[Pair]) -> bytes:
    """Form the signed bytes: values of one name joined with commas, then the *joined strings* sorted, no separator.

    Source: https://shopify.dev/docs/apps/build/online-store/app-proxies/authenticate-app-proxies
    """
    values: dict[bytes, list[bytes]] = {}
    for name, value in pairs:
        values.setdefault(name, []).append(value)
    return b"".join(sorted(name + b"=" + b",".join(many) for name, many in values.items()))


def _decode(text: bytes) -> bytes:
    return unquote_to_bytes(text.replace(b"+", b" "))
