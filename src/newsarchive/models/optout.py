"""Places that are left out of an archive: whole hosts, or what begins with a path. Plain values: a search reads them.

An entry is a host (its subdomains are meant as well) and what paths begin with, as in robots.txt: `harbor.example`,
`harbor.example/people/`, `https://harbor.example/news?print=`. Scheme and `www.` make no difference, nor does the
letter case of the host.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cached_property
from typing import Final
from urllib.parse import urlsplit

from newsarchive.errors import UsageError
from newsarchive.urls import canonicalise

_MOST_HOSTS: Final = 100_000
"""Hosts that are remembered."""
_WWW: Final = re.compile(r"^www\d*\.")


@dataclass(frozen=True, slots=True)
class OptOut:
    """One entry."""

    prefix: str
    """Host and beginning of the path, in normal form, such as `harbor.example/people/`; the path may be empty."""
    reason: str = ""
    where: str = ""
    """Where it stands: `optout.txt`, or a key of the settings."""

    @property
    def host(self) -> str:
        """The host, with its port where only that one is meant."""
        return self.prefix.partition("/")[0]

    @property
    def path(self) -> str:
        """What paths begin with; empty where the whole host is meant."""
        _, slash, path = self.prefix.partition("/")
        return slash + path

    @classmethod
    def of(cls, text: str, *, reason: str = "", where: str = "") -> OptOut:
        """The entry that a person wrote.

        >>> OptOut.of("https://www.Harbor.example/People/").prefix
        'harbor.example/People/'

        Raises:
            UsageError: it names no host.
        """
        text = text.strip()
        address = text if "://" in text else f"https://{text}"
        try:
            # An address of its own, so that a trailing slash, which the canonical form drops, can be told.
            canonical = canonicalise(address)
        except (UsageError, ValueError) as error:
            raise _no_host(text, where) from error
        if not canonical.startswith(("http://", "https://")) or " " in text or "@" in text.partition("/")[0]:
            raise _no_host(text, where)
        prefix = _bare(canonical)
        path = urlsplit(address).path
        if path.endswith("/") and len(path) > 1 and not prefix.endswith("/") and "?" not in prefix:
            prefix += "/"
        host, _, rest = prefix.partition("/")
        return cls(host + (f"/{rest}" if rest else ""), reason=" ".join(reason.split()), where=where)


@dataclass(frozen=True)
class OptOuts:
    """All entries of an archive."""

    entries: tuple[OptOut, ...]

    @cached_property
    def _by_host(self) -> dict[str, tuple[OptOut, ...]]:
        found: dict[str, list[OptOut]] = {}
        for entry in self.entries:
            found.setdefault(entry.host, []).append(entry)
        return {host: tuple(entries) for host, entries in found.items()}

    def covering(self, url: str) -> OptOut | None:
        """The entry that covers a URL, in any form of it; None where none does.

        >>> entries = OptOuts((OptOut.of("harbor.example/people"),))
        >>> [bool(entries.covering(f"https://{it}")) for it in ("www.harbor.example/people/lan", "harbor.example/")]
        [True, False]
        """
        if not self.entries:
            return None
        start = url.find("://") + 3
        end = url.find("/", start)
        written = url[start:end] if end > 0 else url[start:]
        found = self._found.get(written)
        if found is None:
            found = self._for_host(_bare(url).partition("/")[0])
            if len(self._found) < _MOST_HOSTS:
                self._found[written] = found
        if not found:  # most addresses end here: all of an archive are asked for with each search
            return None
        _, slash, path = _bare(url).partition("/")
        for entry in found:
            if (slash + path).startswith(entry.path) or f"{slash}{path}/" == entry.path:
                return entry
        return None

    @cached_property
    def _found(self) -> dict[str, tuple[OptOut, ...]]:
        """The entries that may cover addresses of a host, by the host as it was written."""
        return {}

    def _for_host(self, host: str) -> tuple[OptOut, ...]:
        return tuple(entry for known in self._hosts(host) for entry in self._by_host[known])

    def _hosts(self, host: str) -> list[str]:
        """The entries' hosts that a host is or lies under, with its port and without."""
        names = []
        for name in dict.fromkeys((host, host.rpartition(":")[0] if re.search(r":\d+$", host) else host)):
            labels = name.split(".")
            names += [".".join(labels[start:]) for start in range(len(labels))]
        return [name for name in names if name in self._by_host]


def _bare(url: str) -> str:
    """A URL without scheme, `www.` and fragment; host in lower case."""
    rest = url.partition("://")[2].partition("#")[0]
    host, slash, path = rest.partition("/")
    host, question, query = host.partition("?")
    host = _WWW.sub("", host.rpartition("@")[2].lower())
    return f"{host}{slash or ('/' if question else '')}{path}{question}{query}"


def _no_host(text: str, where: str) -> UsageError:
    place = f"{where}: " if where else ""
    return UsageError(
        f"{place}{text!r} names no host to leave out", tip="such as harbor.example or harbor.example/people/"
    )
