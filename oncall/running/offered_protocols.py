"""Another protocol that a sender offers to go on in is left where it is, as HTTP allows (RFC 9110, 7.8).

Java's own client offers HTTP/2 with its requests wherever there is no TLS, and so does `curl --http2`. httptools takes
what follows such a head for the other protocol, and the body would be lost: the head is read once more, without it.
"""

from httptools import HttpParserUpgrade, HttpRequestParser
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol


class Parser(HttpRequestParser):
    def __init__(self, connection: HttpToolsProtocol) -> None:
        super().__init__(connection)
        self._connection = connection
        self.set_dangerous_leniencies(lenient_data_after_close=True)  # as uvicorn has it

    @property
    def is_offered_another(self) -> bool:
        """Known once the head is complete. What follows CONNECT is no HTTP either, and that is no offer."""
        return bool(self.should_upgrade()) and self.get_method() != b"CONNECT"

    def feed_data(self, data: bytes) -> None:  # type: ignore[override]
        parser, rest = self, memoryview(data)
        while True:
            try:
                return super(Parser, parser).feed_data(rest)
            except HttpParserUpgrade as offer:
                if not parser.is_offered_another:
                    raise
                rest = rest[offer.args[0] :]
                head = _without_offer(parser, self._connection.url, self._connection.headers)
                parser = self._connection.parser = Parser(self._connection)
                super(Parser, parser).feed_data(head)


def _without_offer(parser: Parser, url: bytes, headers: list[tuple[bytes, bytes]]) -> bytes:
    first = b"%s %s HTTP/%s\r\n" % (parser.get_method(), url, parser.get_http_version().encode())
    return first + b"".join(b"%s: %s\r\n" % header for header in headers if header[0] != b"upgrade") + b"\r\n"
