"""From a vector to the bytes of its request; `tests/vectors/hostile/README.md` explains the words.

The parts of a request are made in a fixed order, each from those before it, and a vector changes some of them on the
way: what it changes in `pairs` is signed, what it changes in `sent` is not. None of the product's code is used.
"""

import copy
import hmac
import json
import re
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote_from_bytes

VECTORS = Path(__file__).resolve().parents[1] / "vectors" / "hostile"
BASES: dict[str, dict[str, Any]] = json.loads((VECTORS / "genuine.json").read_text())

Facts = dict[str, Any]
Parts = dict[str, Any]

_NAMED = re.compile(r"\{([a-z_]+)([+-][0-9]+)?\}")
_HASHES = {"HS384": "sha384", "HS512": "sha512"}
_CHUNK = 65_536
_MAC_HEADERS = {"base64": "X-Shopify-Hmac-Sha256", "hex": "X-Omneo-Hmac-SHA256"}


@dataclass(frozen=True, slots=True)
class Vector:
    """One hostile request and what has to be answered; without a `code` the server refuses before the application."""

    id: str
    kind: str
    why: str
    start: str
    change: list[list[Any]]
    status: int
    code: str | None
    reason: str | None


def vectors() -> list[Vector]:
    """Read every vector; a file's defaults hold for all of its vectors."""
    found = []
    for path in sorted(VECTORS.glob("*.json")):
        if path.stem != "genuine":
            file = json.loads(path.read_text())
            found += [
                Vector(**{"kind": path.stem, "reason": None, **file["defaults"], **one}) for one in file["vectors"]
            ]
    return found


def make(start: str, change: list[list[Any]], facts: Facts) -> Parts:
    """Make every part of the request; `wire` is the whole of it."""
    base = BASES[start]
    parts: Parts = {"facts": facts}
    left = list(change)
    for part, derived in _ORDER.items():
        value = _filled(copy.deepcopy(base[part]), facts) if part in base else derived(parts)
        for verb, _, *arguments in [one for one in left if one[1] == part]:
            value = _VERBS[verb](value, *(_filled(argument, facts | parts) for argument in arguments))
        left = [one for one in left if one[1] != part]
        parts[part] = value
    assert not left, f"no part is called so: {left}"
    return parts


def _filled(value: Any, facts: Facts) -> Any:
    """Put facts in: `{shop}`, `{now-91}` into texts, `{"now": 300}` as a number, `{"repeat": ["x", 9]}` as a text."""
    if isinstance(value, str):
        return _NAMED.sub(lambda found: _fact(found, facts), value)
    if isinstance(value, list):
        return [_filled(one, facts) for one in value]
    if isinstance(value, dict):
        match value:
            case {"now": int(offset)} if len(value) == 1:
                return facts["now"] + offset
            case {"repeat": [str(text), int(times)]}:
                return text * times
        return {name: _filled(one, facts) for name, one in value.items()}
    return value


def _fact(found: re.Match[str], facts: Facts) -> str:
    name, offset = found.groups()
    if name not in facts:
        return found[0]
    return str(facts[name] + int(offset)) if offset else str(facts[name])


def _set(value: Any, name: str, to: Any) -> Any:
    if isinstance(value, dict):
        return {**value, name: to}
    assert any(known == name for known, _ in value), name
    return [[known, to if known == name else was] for known, was in value]


def _drop(value: Any, name: str) -> Any:
    if isinstance(value, dict):
        assert name in value, name
        return {known: was for known, was in value.items() if known != name}
    assert any(known == name for known, _ in value), name
    return [[known, was] for known, was in value if known != name]


def _replace(text: str, old: str, new: str) -> str:
    assert old in text, f"{old!r} is not in {text!r}"
    return text.replace(old, new, 1)


_VERBS: dict[str, Callable[..., Any]] = {
    "set": _set,
    "add": lambda value, name, to: [*value, [name, to]],
    "drop": _drop,
    "write": lambda _, to: to,
    "replace": _replace,
    "append": lambda text, more: text + more,
    "cut": lambda text, end: text[:end],
    "upper": lambda text: text.upper(),
}


def _mac(parts: Parts, message: str, algorithm: str = "sha256") -> bytes:
    key: str = parts["facts"]["keys"][parts["key"]]
    return hmac.digest(key.encode(), message.encode("latin-1"), algorithm)


def _canonical(parts: Parts) -> str:
    values: dict[str, list[str]] = {}
    for name, value in parts["pairs"]:
        values.setdefault(name, []).append(value)
    joined = sorted(f"{name}={','.join(many)}" for name, many in values.items())
    return ("&" if parts["scheme"] == "oauth" else "").join(joined)


def _encoded(pairs: list[list[str]]) -> str:
    quoted = [[quote_from_bytes(text.encode("latin-1"), safe="") for text in pair] for pair in pairs]
    return "&".join(f"{name}={value}" for name, value in quoted)


def _base64url(text: bytes) -> str:
    return urlsafe_b64encode(text).rstrip(b"=").decode()


def _text(value: Any) -> str | None:
    """Write JSON as the characters of its bytes."""
    if value is None:
        return None
    return (
        json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "surrogatepass").decode("latin-1")
    )


def _token(parts: Parts) -> str | None:
    if parts["claims_text"] is None:
        return None
    signed = ".".join(_base64url(parts[part].encode("latin-1")) for part in ("head_text", "claims_text"))
    alg = parts["head"].get("alg")
    mac = _mac(parts, signed, _HASHES.get(str(alg), "sha256"))
    return f"{signed}.{'' if alg == 'none' else _base64url(mac)}"


def _hmac(parts: Parts) -> str | None:
    if parts["spelling"] is None:
        return None
    mac = _mac(parts, parts["signed"])
    return mac.hex() if parts["spelling"] == "hex" else b64encode(mac).decode()


def _headers(parts: Parts) -> list[list[str]]:
    """List the headers that the parts before need."""
    return [
        *([["Authorization", parts["authorization"]]] if parts["authorization"] is not None else []),
        *([[_MAC_HEADERS[parts["spelling"]], parts["hmac"]]] if parts["hmac"] is not None else []),
        *parts["more"],
    ]


def _framed(parts: Parts) -> list[list[str]]:
    if parts["body"] is None:
        return []
    if parts["framing"] == "chunked":
        return [["Transfer-Encoding", "chunked"]]
    return [["Content-Length", str(len(parts["body"]))]]


def _wire(parts: Parts) -> bytes:
    lines = [f"{parts['method']} {parts['target']} HTTP/1.1"]
    fields = [["Host", parts["facts"]["host"]], ["Connection", "close"], *parts["headers"], *parts["frame"]]
    lines += [f"{name}: {value}" for name, value in fields]
    head = ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")
    body = (parts["body"] or "").encode("latin-1")
    if parts["framing"] != "chunked":
        return head + body
    chunks = [body[at : at + _CHUNK] for at in range(0, len(body), _CHUNK)]
    return head + b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"


_ORDER: dict[str, Callable[[Parts], Any]] = {
    "method": lambda _: "GET",
    "path": lambda _: "/",
    "key": lambda _: "current",
    "scheme": lambda _: "proxy",
    "pairs": lambda _: None,
    "signature": lambda parts: _mac(parts, _canonical(parts)).hex() if parts["pairs"] is not None else None,
    "sent": lambda parts: [*parts["pairs"], ["signature", parts["signature"]]] if parts["pairs"] is not None else None,
    "query": lambda parts: _encoded(parts["sent"]) if parts["sent"] is not None else None,
    "target": lambda parts: parts["path"] + (f"?{parts['query']}" if parts["query"] is not None else ""),
    "head": lambda _: {"typ": "JWT", "alg": "HS256"},
    "claims": lambda _: None,
    "head_text": lambda parts: _text(parts["head"]),
    "claims_text": lambda parts: _text(parts["claims"]),
    "token": _token,
    "authorization": lambda parts: f"Bearer {parts['token']}" if parts["token"] is not None else None,
    "json": lambda _: None,
    "signed": lambda parts: _text(parts["json"]),
    "spelling": lambda _: None,
    "hmac": _hmac,
    "body": lambda parts: parts["signed"],
    "more": lambda _: [],
    "headers": _headers,
    "framing": lambda _: "length",
    "frame": _framed,
    "wire": _wire,
}
