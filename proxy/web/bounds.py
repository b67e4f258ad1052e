"""How large a request may be, and how long it may take."""

from dataclasses import dataclass

from starlette.types import Scope

from proxy.domain.errors import HeadersTooLarge, TooLarge, UrlTooLong


@dataclass(frozen=True, slots=True)
class Bounds:
    """Bytes of URL, headers and body, the number of headers, and seconds: until all has arrived, and to answer."""

    url_bytes: int
    header_bytes: int
    header_count: int
    body_bytes: int
    arrival_s: float
    request_s: float

    def check(self, scope: Scope) -> None:
        """Refuse what says by its head that it is too large; a body that was not declared is counted as it comes."""
        if len(scope["raw_path"]) + len(scope["query_string"]) > self.url_bytes:
            raise UrlTooLong()
        headers = scope["headers"]
        size = 0
        for name, value in headers:
            size += len(name) + len(value)
            if name == b"content-length" and int(value) > self.body_bytes:
                raise TooLarge()
        if size > self.header_bytes or len(headers) > self.header_count:
            raise HeadersTooLarge()
