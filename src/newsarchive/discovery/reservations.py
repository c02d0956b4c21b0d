"""What a site as a whole says of mining and training: `/.well-known/tdmrep.json`, and robots.txt groups for collectors.

TDMRep: W3C Community Group report, https://w3c.github.io/tdm-reservation-protocol/spec/. Of the rules in the file the
first one that meets the path holds; patterns are those of robots.txt, with `*` and a closing `$`.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Any, Final, Self
from urllib.parse import unquote, urljoin, urlsplit

from protego import Protego

from newsarchive.discovery.robots import MAX_BYTES
from newsarchive.models.rights import TDM, TRAINING, Rights

TRAINING_AGENTS: Final = (
    "AI2Bot", "Amazonbot", "anthropic-ai", "Applebot-Extended", "Bytespider", "CCBot", "ClaudeBot", "cohere-ai",
    "cohere-training-data-crawler", "Diffbot", "FacebookBot", "Google-Extended", "GPTBot", "img2dataset",
    "Meta-ExternalAgent", "omgili", "Timpibot",
)  # fmt: skip
"""Product tokens of robots that collect pages to train models with, as their operators document them."""
_MOST_RULES: Final = 1_000
_LONGEST_PATTERN: Final = 2_000
_MOST_STARS: Final = 20
"""A pattern with more is passed over: matching one takes time that grows with every star."""


def tdmrep_url(url: str) -> str:
    """Where the file of a URL's host is.

    >>> tdmrep_url("https://harbor.example:8443/news?page=2")
    'https://harbor.example:8443/.well-known/tdmrep.json'
    """
    return urljoin(url, "/.well-known/tdmrep.json")


@dataclass(frozen=True, slots=True)
class TdmRules:
    """The rules of one `tdmrep.json`, in its order."""

    rules: tuple[tuple[re.Pattern[str], bool, str | None], ...]

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read the file; what is no rule in it says nothing, as the report asks."""
        try:
            found = json.loads(body[:MAX_BYTES])
        except (ValueError, RecursionError):
            return cls(())
        entries = found if isinstance(found, list) else [found]
        rules = (_rule(entry) for entry in entries[:_MOST_RULES])
        return cls(tuple(rule for rule in rules if rule is not None))

    def of(self, url: str) -> Rights:
        """What the file says of a URL of its host."""
        path = _path(url)
        for pattern, reserved, policy in self.rules:
            if pattern.match(path):
                return Rights(
                    tdm_reservation=reserved,
                    tdm_policy=policy if reserved else None,
                    said_by={TDM: ("tdmrep.json",)},
                )
        return Rights()


def _rule(entry: Any) -> tuple[re.Pattern[str], bool, str | None] | None:  # noqa: ANN401 - whatever JSON holds
    if not isinstance(entry, dict):
        return None
    location, value, policy = entry.get("location"), entry.get(TDM), entry.get("tdm-policy")
    if not isinstance(location, str) or str(value) not in {"0", "1"} or isinstance(value, bool):
        return None
    if len(location) > _LONGEST_PATTERN or location.count("*") > _MOST_STARS:
        return None
    named = policy[:_LONGEST_PATTERN] if isinstance(policy, str) and policy.strip() else None
    return _pattern(location.strip()), str(value) == "1", named


def _pattern(location: str) -> re.Pattern[str]:
    """A pattern as a regular expression; runs of stars are one, so that no pattern takes long."""
    ends = location.endswith("$")
    parts = re.sub(r"\*+", "*", location.removesuffix("$")).split("*")
    text = ".*?".join(re.escape(unquote(part)) for part in parts)
    return re.compile(text + (r"\Z" if ends else ""), re.DOTALL)


def _path(url: str) -> str:
    parts = urlsplit(url)
    return unquote((parts.path or "/") + (f"?{parts.query}" if parts.query else ""))


@dataclass(frozen=True, slots=True)
class TrainingRules:
    """What one robots.txt says to collectors of training data."""

    named: tuple[str, ...]
    """Those of `TRAINING_AGENTS` that the file names."""
    rules: Protego

    @classmethod
    def parse(cls, body: bytes) -> Self:
        """Read a robots file; nothing in it is an error."""
        if len(body) > MAX_BYTES:
            body = body[:MAX_BYTES].rpartition(b"\n")[0]
        text = body.decode("utf-8-sig", errors="replace").replace("\0", "")
        spoken_to = {
            match[1].strip().lower() for match in re.finditer(r"(?im)^[ \t]*user-agent[ \t]*:[ \t]*([^#\r\n]+)", text)
        }
        named = tuple(agent for agent in TRAINING_AGENTS if agent.lower() in spoken_to)
        return cls(named, Protego.parse(text if named else ""))

    def of(self, url: str) -> Rights:
        """What the file says of a URL: the collectors that have a group of their own and are kept from it."""
        refused = tuple(agent for agent in self.named if not self.rules.can_fetch(url, agent))
        return Rights(refused_agents=refused, said_by={TRAINING: ("robots.txt",)}) if refused else Rights()
