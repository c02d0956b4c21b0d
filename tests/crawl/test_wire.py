"""The contract of the wire handler with Scrapy's and Twisted's private classes: bytes in, the same bytes out."""

from __future__ import annotations

import gzip
import ssl
import threading
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from tests.crawl.conftest import Answer, answer

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.crawl.conftest import Crawl, OddServer

PAGE = b"<html><body><p>The summit ended without a deal.</p></body></html>"
PACKED = gzip.compress(PAGE * 40, mtime=0)


def _chunked(*pieces: bytes, trailer: bytes = b"") -> bytes:
    framed = b"".join(b"%x;note=odd\r\n%s\r\n" % (len(piece), piece) for piece in pieces)
    return framed + b"0\r\n" + trailer + b"\r\n"


def _head(*lines: str) -> bytes:
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _with_wire(head: bytes, body: bytes, *pieces: bytes, close: bool = False) -> Answer:
    return Answer(head, body, wire=(head, *pieces), close=close)


CHUNKED = _head("HTTP/1.1 200 OK", "Transfer-Encoding: chunked", "Content-Type: text/html")
CHUNKED_GZIP = _head("HTTP/1.1 200 OK", "transfer-ENCODING: Chunked", "Content-Encoding: gzip")
UNTIL_CLOSE = _head("HTTP/1.1 200 OK", "Content-Type: text/html", "Connection: close")
PLAIN = _head("HTTP/1.1 200 OK", f"Content-Length: {len(PAGE)}")
INTERIM = _head("HTTP/1.1 100 Continue") + _head("HTTP/1.1 103 Early Hints", "Link: </a.css>; rel=preload")

ODD: dict[str, Answer] = {
    "/cookies": answer(
        "200 OK", "Set-Cookie: a=1; Path=/", "X-Odd: x", "Set-Cookie: b=2", "set-cookie: c=3", body=PAGE
    ),
    "/case": answer("200 OK", 'eTaG: "x"', "CONTENT-TYPE: text/html", "x-lower: 1", "X-UPPER:2", body=PAGE),
    "/spaces": answer("200 OK", "X-Wide:    much    space   ", "X-Empty:", "X-Folded: one", "  two", body=PAGE),
    "/latin": answer("200 OK", "X-Ville: Orl\xe9ans caf\xe9 \xff", body=PAGE),
    "/reason": answer("200 Totally Fine \xe9", body=PAGE),
    "/no-reason": answer("200", body=PAGE),
    "/no-colon": answer("200 OK", "this line is no header", "X-After: 1", body=PAGE),
    "/chunked": _with_wire(CHUNKED, PAGE, _chunked(PAGE[:7], PAGE[7:])),
    "/trailer": _with_wire(CHUNKED, PAGE, _chunked(PAGE, trailer=b"X-Sum: 1\r\n")),
    "/chunked-gzip": _with_wire(CHUNKED_GZIP, PACKED, _chunked(PACKED[:11], PACKED[11:])),
    "/gzip": answer("200 OK", "Content-Encoding: gzip", body=PACKED),
    "/empty": answer("200 OK", "X-None: 1"),
    "/not-modified": Answer(_head("HTTP/1.1 304 Not Modified", 'ETag: "x"', "Content-Length: 4711")),
    "/no-content": Answer(_head("HTTP/1.1 204 No Content", "X-One: 1")),
    "/gone": answer("410 Gone For Good", body=b"gone"),
    "/moved": answer("302 Found", "LOCATION: /cookies2", body=b"moved"),
    "/cookies2": answer("200 OK", body=PAGE),
    "/interim": Answer(PLAIN, PAGE, wire=(INTERIM, PLAIN + PAGE)),
    "/until-close": _with_wire(UNTIL_CLOSE, PAGE, PAGE, close=True),
    "/old": Answer(_head("HTTP/1.0 200 OK", "Server: old"), PAGE, close=True),
    "/bare-lf": Answer(b"HTTP/1.1 200 OK\nContent-Length: 4\nX-Bare: 1\n\n", b"page"),
    "/slow": Answer(PLAIN, PAGE, wire=[bytes([byte]) for byte in PLAIN + PAGE]),
    "/q?a=b&c=%C3%A9": answer("200 OK", body=PAGE),
}


@pytest.fixture(scope="module")
def server(odd_server: Callable[..., OddServer]) -> OddServer:
    return odd_server(ODD)


@pytest.fixture(scope="module")
def odd_crawl(server: OddServer, run_crawl: Callable[..., Crawl]) -> Crawl:
    asked = [server.url(path) for path in ODD if path != "/cookies2"]
    head = {"url": server.url("/cookies?head"), "method": "HEAD"}
    server.answers["/cookies?head"] = Answer(ODD["/cookies"].head)
    return run_crawl(*asked, head, crawl={"concurrency_per_host": 1})


@pytest.mark.parametrize("path", ODD)
def test_an_exchange_holds_the_bytes_that_the_server_sent(path: str, odd_crawl: Crawl, server: OddServer) -> None:
    exchange = odd_crawl.exchange(server.url(path))
    assert exchange["response_head"].encode("latin-1") == ODD[path].head
    assert exchange["body"].encode("latin-1") == ODD[path].body
    assert exchange["truncated"] is None


def test_an_exchange_holds_the_bytes_that_the_server_was_sent(odd_crawl: Crawl, server: OddServer) -> None:
    received = {seen.path: seen.head for seen in server.seen}
    sent = {url.removeprefix(server.url("")): head for url, head in _sent_heads(odd_crawl)}
    assert sent == received
    assert b"\r\nAccept-Encoding: gzip\r\n" in received["/gzip"]
    assert b"\r\nHost: 127.0.0.1:" in received["/gzip"]
    assert b"Cookie" not in received["/gzip"]


def _sent_heads(crawl: Crawl) -> Iterator[tuple[str, bytes]]:
    for exchange in crawl.exchanges:
        yield exchange["url"], exchange["request_head"].encode("latin-1")


def test_requests_share_a_connection_and_mix_nothing(odd_crawl: Crawl, server: OddServer) -> None:
    # Every answer was compared byte for byte above; here it is made sure that connections were indeed shared.
    assert len(odd_crawl.exchanges) == len(server.seen)
    assert server.connections < len(server.seen) / 2


def test_a_head_request_is_kept_without_a_body(odd_crawl: Crawl, server: OddServer) -> None:
    exchange = odd_crawl.exchange(server.url("/cookies?head"))
    assert exchange["request_head"].startswith("HEAD /cookies?head HTTP/1.1\r\n")
    assert (exchange["response_head"].encode("latin-1"), exchange["body"]) == (ODD["/cookies"].head, "")


def test_address_protocol_and_time_are_told(odd_crawl: Crawl, server: OddServer) -> None:
    exchange = odd_crawl.exchange(server.url("/cookies"))
    assert (exchange["ip"], exchange["protocol"]) == ("127.0.0.1", "http/1.1")
    assert odd_crawl.exchange(server.url("/old"))["protocol"] == "http/1.0"
    at = datetime.fromisoformat(exchange["captured_at"])
    assert at.tzinfo is not None
    assert timedelta(0) < datetime.now(UTC) - at < timedelta(minutes=5)


def test_the_spider_gets_the_page_unpacked(odd_crawl: Crawl, server: OddServer) -> None:
    assert odd_crawl.outcome(server.url("/chunked-gzip")) == ("response", 200, len(PAGE) * 40)


def _hostile() -> dict[str, Answer]:
    return {
        "/cut-length": Answer(_head("HTTP/1.1 200 OK", "Content-Length: 9999"), PAGE, close=True),
        "/cut-chunk": Answer(CHUNKED, wire=(CHUNKED, b"ff\r\nabc"), close=True),
        "/reset": Answer(UNTIL_CLOSE, PAGE, reset=True),
        "/endless": Answer(UNTIL_CLOSE, wire=(UNTIL_CLOSE, *[b"x" * 65536] * 4000), close=True),
        "/announced": Answer(_head("HTTP/1.1 200 OK", "Content-Length: 99999999"), b"x" * 65536),
        "/many-headers": Answer(b"", wire=(b"HTTP/1.1 200 OK\r\n", *[b"X-Flood: 1234567890\r\n" * 1000] * 200)),
        "/long-header": Answer(b"", wire=(b"HTTP/1.1 200 OK\r\nX-Long: ", *[b"x" * 65536] * 200)),
        "/endless-100": Answer(b"", wire=(_head("HTTP/1.1 100 Continue") * 20_000, PLAIN + PAGE)),
        "/drip": Answer(b"", wire=_Drip()),
        "/silent": Answer(b""),
        "/noise": Answer(bytes(range(128, 256)) * 50, close=True),
        "/two-lengths": Answer(
            _head("HTTP/1.1 200 OK", "Content-Length: 4", "Content-Length: 5"), b"pages", close=True
        ),
        "/fine": answer("200 OK", body=PAGE),
    }


class _Drip:
    """The head at once, then one byte at a time, for longer than the crawl waits."""

    def __iter__(self) -> Iterator[bytes]:
        yield _head("HTTP/1.1 200 OK", "Content-Length: 500")
        pause = threading.Event()
        for _ in range(100):
            pause.wait(0.1)
            yield b"x"


@pytest.fixture(scope="module")
def hostile_server(odd_server: Callable[..., OddServer]) -> OddServer:
    return odd_server(_hostile())


@pytest.fixture(scope="module")
def hostile_crawl(hostile_server: OddServer, run_crawl: Callable[..., Crawl]) -> Crawl:
    asked = [hostile_server.url(path) for path in _hostile()]
    return run_crawl(*asked, crawl={"timeout": 2, "concurrency_per_host": 16}, scrapy={"RETRY_TIMES": 0})


@pytest.mark.parametrize(
    ("path", "error"),
    [
        ("/cut-length", "ResponseDataLossError"),
        ("/cut-chunk", "ResponseDataLossError"),
        ("/endless", "DownloadCancelledError"),
        ("/announced", "DownloadCancelledError"),
        ("/many-headers", "DownloadCancelledError"),
        ("/long-header", "DownloadCancelledError"),
        ("/endless-100", "DownloadCancelledError"),
        ("/drip", "DownloadTimeoutError"),
        ("/silent", "DownloadTimeoutError"),
        ("/noise", "DownloadFailedError"),
        ("/two-lengths", "DownloadFailedError"),
    ],
)
def test_a_failed_download_leaves_nothing(
    path: str, error: str, hostile_crawl: Crawl, hostile_server: OddServer
) -> None:
    url = hostile_server.url(path)
    assert hostile_crawl.outcome(url)[:2] == ("failure", error)
    assert url not in [exchange["url"] for exchange in hostile_crawl.exchanges]


def test_a_body_that_ends_with_a_reset_is_marked(hostile_crawl: Crawl, hostile_server: OddServer) -> None:
    url = hostile_server.url("/reset")
    kept = [exchange["truncated"] for exchange in hostile_crawl.exchanges if exchange["url"] == url]
    # The kernel may drop the data together with the connection; what is kept must be marked.
    assert kept == ["disconnect"] or hostile_crawl.outcome(url)[0] == "failure"


def test_hostile_servers_cost_little_memory_and_no_other_page(hostile_crawl: Crawl, hostile_server: OddServer) -> None:
    assert hostile_crawl.rss < 250_000_000
    assert hostile_crawl.outcome(hostile_server.url("/fine")) == ("response", 200, len(PAGE))


@pytest.fixture(scope="module")
def tls_server(odd_server: Callable[..., OddServer], tmp_path_factory: pytest.TempPathFactory) -> OddServer:
    pages = {"/page": ODD["/gzip"], "/next": ODD["/latin"], "/until-close": Answer(UNTIL_CLOSE, PAGE, close=True)}
    return odd_server(pages, tls=_certificate(tmp_path_factory.mktemp("tls") / "localhost.pem"))


def _certificate(path: Path) -> ssl.SSLContext:
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "a.localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("a.localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    path.write_bytes(secret + certificate.public_bytes(pem))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    return context


def test_exchanges_over_tls_are_kept_byte_for_byte(tls_server: OddServer, run_crawl: Callable[..., Crawl]) -> None:
    urls = [tls_server.url(path, "a.localhost") for path in ("/page", "/next", "/until-close")]
    crawl = run_crawl(*urls, scrapy={"DOWNLOAD_VERIFY_CERTIFICATES": False})
    for url, odd in zip(urls[:2], (ODD["/gzip"], ODD["/latin"]), strict=True):
        exchange = crawl.exchange(url)
        assert (exchange["response_head"].encode("latin-1"), exchange["body"].encode("latin-1")) == (odd.head, odd.body)
        assert exchange["ip"] == "127.0.0.1"
    # The server leaves without TLS's closing alert, so nobody knows whether this was all (RFC 9112, section 9.8).
    assert crawl.exchange(urls[2])["truncated"] == "disconnect"


def test_a_certificate_that_nobody_vouches_for_is_refused(
    tls_server: OddServer, run_crawl: Callable[..., Crawl]
) -> None:
    before = len(tls_server.seen)
    crawl = run_crawl(tls_server.url("/page", "a.localhost"), scrapy={"RETRY_TIMES": 0, "ROBOTSTXT_OBEY": False})
    assert crawl.outcome(tls_server.url("/page", "a.localhost"))[0] == "failure"
    assert (crawl.exchanges, len(tls_server.seen)) == ([], before)
