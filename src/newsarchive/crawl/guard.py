"""Keeps requests on the public web: schemes, addresses in every spelling, and what names resolve to.

Without it a link, redirect or sitemap of a hostile site makes the crawler read its own network (server-side request
forgery): measured with Scrapy's defaults, 10 of 13 attack shapes got through. Two gates, because either alone leaks:
the middleware sees every request, redirected ones and robots files included, and the resolver sees every connection.
Address registries: RFC 6890 as `ipaddress` knows it; spellings of IPv4: inet_aton(3); names: RFC 6761, RFC 8375.
"""

from __future__ import annotations

import re
import socket
import unicodedata
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import TYPE_CHECKING, Protocol, Self
from urllib.parse import urlsplit

from scrapy.downloadermiddlewares.redirect import RedirectMiddleware
from scrapy.exceptions import CannotResolveHostError, IgnoreRequest
from twisted.internet.address import IPv4Address as TxIPv4Address
from twisted.internet.address import IPv6Address as TxIPv6Address
from twisted.internet.interfaces import IHostnameResolver, IHostResolution, IResolutionReceiver
from zope.interface.declarations import implementer  # type: ignore[import-untyped]  # it ships no types

if TYPE_CHECKING:
    from collections.abc import Sequence

    from scrapy import Request
    from scrapy.crawler import Crawler
    from scrapy.http import Response
    from twisted.internet.base import DelayedCall, ReactorBase

ALLOW_PRIVATE = "NEWSARCHIVE_ALLOW_PRIVATE_HOSTS"
"""The Scrapy setting that lets loopback, private and link-local addresses pass."""

SCHEMES = frozenset({"http", "https"})

# IANA hands out global unicast from this block only (RFC 4291, section 2.4, and the IPv6 address space registry).
_UNICAST = IPv6Network("2000::/3")
# IPv6 blocks that carry an IPv4 address, and how far it is shifted: mapped, NAT64, 6to4.
_CARRIES_V4 = (
    (IPv6Network("::ffff:0:0/96"), 0),
    (IPv6Network("64:ff9b::/96"), 0),
    (IPv6Network("2002::/16"), 80),
)
# Global by the registries, yet it answers with a cloud machine's own configuration (Azure's wire server).
_INSIDE_CLOUDS = (IPv4Network("168.63.129.16/32"),)
# RFC 6761 (localhost), RFC 6762 (local), ICANN's reservation of 2024 (internal), RFC 8375, RFC 7686.
_INNER_NAMES = ("localhost", "local", "internal", "home.arpa", "onion")

_NUMERIC_HOST = re.compile(r"[0-9a-fx.]+", re.IGNORECASE)
_ODD_IN_AUTHORITY = re.compile(r"[\\%\s]")
_CONTROL = re.compile(r"[\x00-\x20\x7f]")

TxAddress = TxIPv4Address | TxIPv6Address

_ANSWERS_KEPT = 10_000
"""Names whose addresses are kept; news crawls meet hundreds."""
_ANSWER_AGE = 600.0
"""Seconds after which a name is asked for, and checked, again: CDNs move their hosts within minutes."""


class Refused(IgnoreRequest):
    """A request that must not be sent, and the reason."""

    def __init__(self, url: str, reason: str) -> None:
        super().__init__(f"{url}: not fetched: {reason}")
        self.reason = reason


def refusal(url: str, *, allow_private: bool) -> str | None:
    """Why a URL must not be fetched, judged by its spelling alone; None where it may be.

    >>> refusal("http://0x7f.1/", allow_private=False)
    '127.0.0.1 is not a public address'
    >>> refusal("file:///etc/passwd", allow_private=True)
    "the scheme 'file' is not http or https"
    >>> refusal("https://harbor.example/", allow_private=False) is None
    True
    """
    try:
        parts = urlsplit(url)
        host = parts.hostname
        _ = parts.port
    except ValueError as error:
        return f"it cannot be read as a URL ({error})"
    if parts.scheme not in SCHEMES:
        return f"the scheme {parts.scheme!r} is not http or https"
    if not host:
        return "it names no host"
    if _CONTROL.search(url) or "@" in parts.netloc or _ODD_IN_AUTHORITY.search(parts.netloc.partition("[")[0]):
        return "its host is not written plainly (user name, escape or control character)"
    return None if allow_private else _host_refusal(host)


def _host_refusal(host: str) -> str | None:
    name = unicodedata.normalize("NFKC", host).replace("。", ".").rstrip(".").lower()
    address = read_address(name)
    if address is not None:
        return None if is_public(address) else f"{address} is not a public address"
    if any(name == inner or name.endswith(f".{inner}") for inner in _INNER_NAMES):
        return f"{name} is a name of the inner network"
    return None if name else "it names no host"


def read_address(host: str) -> IPv4Address | IPv6Address | None:
    """The address that a host name spells, in any notation that a system's resolver takes; None for a name.

    >>> [str(read_address(host)) for host in ("2130706433", "0177.0.0.1", "127.1", "::ffff:7f00:1")]
    ['127.0.0.1', '127.0.0.1', '127.0.0.1', '::ffff:7f00:1']
    >>> read_address("harbor.example") is None
    True
    """
    try:
        return ip_address(host.partition("%")[0])
    except ValueError:
        pass
    if not _NUMERIC_HOST.fullmatch(host):
        return None
    try:
        return IPv4Address(socket.inet_aton(host))
    except OSError:
        return None


def is_public(address: IPv4Address | IPv6Address) -> bool:
    """Whether an address belongs to the public internet; one that carries another is judged by that one.

    >>> [is_public(ip_address(text)) for text in ("93.184.216.34", "10.0.0.1", "64:ff9b::a00:1", "2606:4700::1")]
    [True, False, False, True]
    """
    if isinstance(address, IPv6Address):
        for network, shift in _CARRIES_V4:
            if address in network:
                return is_public(IPv4Address(int(address) >> shift & 0xFFFFFFFF))
        return address in _UNICAST and address.is_global
    inside = any(address in network for network in _INSIDE_CLOUDS)
    return address.is_global and not address.is_multicast and not inside


class _Resolution(Protocol):
    """A question that is under way (Twisted's IHostResolution)."""

    name: str

    def cancel(self) -> None: ...


class _Receiver(Protocol):
    """Whoever asked (Twisted's IResolutionReceiver)."""

    def resolutionBegan(self, resolution: _Resolution) -> None: ...  # noqa: N802 - Twisted's name
    def addressResolved(self, address: TxAddress) -> None: ...  # noqa: N802 - Twisted's name
    def resolutionComplete(self) -> None: ...  # noqa: N802 - Twisted's name


class _Resolver(Protocol):
    """Whoever is asked (Twisted's IHostnameResolver)."""

    def resolveHostName(  # noqa: N802 - Twisted's name
        self,
        resolutionReceiver: _Receiver,  # noqa: N803 - Twisted's name
        hostName: str,  # noqa: N803 - Twisted's name
        portNumber: int,  # noqa: N803 - Twisted's name
        addressTypes: Sequence[type[TxAddress]] | None,  # noqa: N803 - Twisted's name
        transportSemantics: str,  # noqa: N803 - Twisted's name
    ) -> _Resolution: ...


class GuardMiddleware:
    """The innermost gate for requests. Counts what it refuses under `guard/refused`."""

    def __init__(self, crawler: Crawler) -> None:
        self._stats = crawler.stats
        self._allow_private = crawler.settings.getbool(ALLOW_PRIVATE)

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware."""
        return cls(crawler)

    def process_request(self, request: Request) -> None:
        """Let a request pass.

        Raises:
            Refused: it leads off the public web.
        """
        reason = refusal(request.url, allow_private=self._allow_private)
        if reason is None and not self._allow_private and _resolver() is None:
            reason = f"names are not checked (TWISTED_DNS_RESOLVER must be {__name__}.GuardedResolver)"
        if reason is not None:
            raise self._refused(request, reason)

    def process_exception(self, request: Request, exception: Exception) -> None:
        """Say why a name has no address where the resolver kept it back.

        Raises:
            Refused: the name resolves to an address that is not public.
        """
        resolver = _resolver()
        if not isinstance(exception, CannotResolveHostError) or resolver is None:
            return
        reason = resolver.refused(urlsplit(request.url).hostname or "")
        if reason is not None:
            raise self._refused(request, reason) from exception

    def _refused(self, request: Request, reason: str) -> Refused:
        self._stats.inc_value("guard/refused")
        return Refused(request.url, reason)


def _resolver() -> GuardedResolver | None:
    from twisted.internet import reactor  # noqa: PLC0415 - importing it earlier would choose the reactor

    resolver = getattr(reactor, "nameResolver", None)
    return resolver if isinstance(resolver, GuardedResolver) else None


@implementer(IHostnameResolver)
class GuardedResolver:
    """Resolves names and keeps back every name with an answer that is not public.

    All answers are checked, because a name may have a public and a private one, and the connection is made to the
    checked addresses themselves: nothing asks again between check and use. With private hosts allowed, names under
    `localhost` are answered with 127.0.0.1 without asking anyone (RFC 6761, section 6.3).
    """

    def __init__(
        self, reactor: ReactorBase, *, allow_private: bool, timeout: float, upstream: _Resolver | None = None
    ) -> None:
        self._reactor = reactor
        self._upstream: _Resolver = reactor.nameResolver if upstream is None else upstream
        self._allow_private = allow_private
        self._timeout = timeout
        self._answers: dict[str, tuple[float, tuple[TxAddress, ...]]] = {}
        self._reasons: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: Crawler, reactor: ReactorBase) -> Self:
        """Make the resolver; Scrapy passes its crawler process, of which only the settings are read."""
        settings = crawler.settings
        timeout = settings.getfloat("DNS_TIMEOUT")
        return cls(reactor, allow_private=settings.getbool(ALLOW_PRIVATE), timeout=timeout)

    def install_on_reactor(self) -> None:
        """Answer for every connection that the reactor makes from now on."""
        self._reactor.installNameResolver(self)  # type: ignore[arg-type]  # mypy does not know zope's interfaces

    def refused(self, name: str) -> str | None:
        """Why a name's last answer was kept back; None where it was not."""
        return self._reasons.get(_folded(name))

    def resolveHostName(  # noqa: N802 - IHostnameResolver's name and arguments
        self,
        resolutionReceiver: _Receiver,  # noqa: N803 - as above
        hostName: str,  # noqa: N803 - as above
        portNumber: int = 0,  # noqa: N803 - as above
        addressTypes: Sequence[type[TxAddress]] | None = None,  # noqa: N803 - as above
        transportSemantics: str = "TCP",  # noqa: N803 - as above
    ) -> _Resolution:
        """Answer with addresses, or with none where the name has no answer or may not be used."""
        name = _folded(hostName)
        known = self._known(name)
        if known is None:
            check = _Check(self, resolutionReceiver, name)
            check.timer = self._reactor.callLater(self._timeout, check.finish)
            return self._upstream.resolveHostName(check, hostName, portNumber, addressTypes, transportSemantics)
        resolution = _Answered(hostName)
        resolutionReceiver.resolutionBegan(resolution)
        for address in known:
            resolutionReceiver.addressResolved(type(address)(address.type, address.host, portNumber))
        resolutionReceiver.resolutionComplete()
        return resolution

    def _known(self, name: str) -> tuple[TxAddress, ...] | None:
        if self._allow_private and (name == "localhost" or name.endswith(".localhost")):
            return (TxIPv4Address("TCP", "127.0.0.1", 0),)
        asked_at, answer = self._answers.get(name, (0.0, ()))
        return answer if answer and self._reactor.seconds() - asked_at < _ANSWER_AGE else None

    def judge(self, name: str, addresses: Sequence[TxAddress]) -> tuple[TxAddress, ...]:
        """The addresses that may be used of a full answer: all of them or none."""
        for address in addresses:
            spelled = read_address(address.host)
            if not self._allow_private and (spelled is None or not is_public(spelled)):
                self._reasons[name] = f"{name} resolves to {address.host}, which is not public"
                self._answers.pop(name, None)
                return ()
        self._reasons.pop(name, None)
        if addresses:
            self._answers.pop(name, None)
            self._answers[name] = (self._reactor.seconds(), tuple(addresses))
            if len(self._answers) > _ANSWERS_KEPT:
                del self._answers[next(iter(self._answers))]
        return tuple(addresses)


def _folded(name: str) -> str:
    return name.lower().rstrip(".")


@implementer(IHostResolution)
class _Answered:
    def __init__(self, name: str) -> None:
        self.name = name

    def cancel(self) -> None:
        """Nothing to cancel: the answer was known."""


@implementer(IResolutionReceiver)
class _Check:
    """Holds an answer back until it is complete, or until its time is over."""

    timer: DelayedCall | None = None

    def __init__(self, resolver: GuardedResolver, receiver: _Receiver, name: str) -> None:
        self._resolver = resolver
        self._receiver = receiver
        self._name = name
        self._addresses: list[TxAddress] = []
        self._done = False

    def resolutionBegan(self, resolution: _Resolution) -> None:  # noqa: N802 - IResolutionReceiver's name
        self._receiver.resolutionBegan(resolution)

    def addressResolved(self, address: TxAddress) -> None:  # noqa: N802 - IResolutionReceiver's name
        self._addresses.append(address)

    def resolutionComplete(self) -> None:  # noqa: N802 - IResolutionReceiver's name
        if not self._done:
            if self.timer is not None and self.timer.active():
                self.timer.cancel()
            self.finish()

    def finish(self) -> None:
        """Hand on what has come and may be used. An answer that is late is dropped."""
        self._done = True
        for address in self._resolver.judge(self._name, self._addresses):
            self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()


class PlainRedirectMiddleware(RedirectMiddleware):
    """Follows redirects without a Referer, and without conditions that were meant for the first URL."""

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """Make the middleware; unlike its base it looks for no Referer middleware and does not warn."""
        middleware = cls(crawler.settings)
        middleware.crawler = crawler
        return middleware

    def handle_referer(self, request: Request, response: Response) -> None:  # noqa: ARG002 - the base's signature
        """Drop what belongs to the URL that redirected."""
        # A validator of the first URL could make the second one answer 304 for a page that was never captured.
        for name in ("Referer", "If-None-Match", "If-Modified-Since"):
            request.headers.pop(name, None)
