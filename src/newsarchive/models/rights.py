"""What a publisher says may be done with a page, in the words that machines read.

Robots directives are those of `X-Robots-Tag` and `<meta name="robots">`, as search engines document them, with `noai`
and `noimageai`; reservations of text and data mining follow TDMRep (W3C Community Group report,
https://w3c.github.io/tdm-reservation-protocol/spec/).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from pydantic import Field

from newsarchive.models.base import Value

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

SIGNAL_HEADERS: Final = ("x-robots-tag", "tdm-reservation", "tdm-policy")
"""HTTP fields that speak of rights, lower case."""
DIRECTIVES: Final = ("noarchive", "noindex", "nosnippet", "noai", "noimageai")
"""The robots directives that are kept, in the order in which they are told."""
TDM: Final = "tdm-reservation"
TRAINING: Final = "disallows-training"


class Rights(Value):
    """What was said of one page. Without a word of the publisher every field has its default."""

    noarchive: bool = False
    """No copy of the text is to be kept."""
    noindex: bool = False
    """The page is not to be found by a search."""
    nosnippet: bool = False
    """No part of the text is to be shown in a list of hits."""
    noai: bool = False
    """The text is not to train machines."""
    noimageai: bool = False
    """The pictures are not to train machines."""
    tdm_reservation: bool | None = None
    """Whether text and data mining is reserved (TDMRep); None where nothing is said."""
    tdm_policy: str | None = None
    """URL of the policy that says how a licence is had."""
    refused_agents: tuple[str, ...] = ()
    """Collectors of training data that the site's robots.txt keeps from the page, by their product tokens."""
    said_by: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    """Word to the places that said it: `http`, `meta`, `tdmrep.json`, `robots.txt`."""

    @property
    def words(self) -> tuple[str, ...]:
        """What is reserved, in short words, such as `noai` and `tdm-reservation`; empty where nothing is."""
        found = [name for name in DIRECTIVES if getattr(self, name)]
        if self.tdm_reservation:
            found.append(TDM)
        if self.refused_agents:
            found.append(TRAINING)
        return tuple(found)

    def reserved(self, honoured: Collection[str]) -> tuple[str, ...]:
        """The words among those that are honoured which keep a text out of a bulk export."""
        against = {"noarchive", "noai", TDM, TRAINING}
        return tuple(word for word in self.words if word in against and word in honoured)

    def of(self, place: str) -> Rights:
        """Only what one place said, without the reservations of whole sites."""
        kept = {word for word, places in self.said_by.items() if place in places}
        values: dict[str, object] = {name: name in kept for name in DIRECTIVES if name in kept}
        # Of several places the nearest one decides about mining, and it stands first.
        if self.said_by.get(TDM, ("",))[0] == place:
            values |= {"tdm_reservation": self.tdm_reservation, "tdm_policy": self.tdm_policy}
            kept.add(TDM)
        return Rights.model_validate({**values, "said_by": {word: (place,) for word in self.said_by if word in kept}})


def join(parts: Sequence[Rights]) -> Rights:
    """What several places say together, the nearest to the page first.

    A directive holds if any place says it. Of mining the nearest place decides that says anything: the page, then its
    HTTP fields, then the site's file.
    """
    spoken = [part for part in parts if part != Rights()]
    if len(spoken) <= 1:
        return spoken[0] if spoken else Rights()
    mining = next((part for part in spoken if part.tdm_reservation is not None), Rights())
    said: dict[str, tuple[str, ...]] = {}
    for part in spoken:
        for word, places in part.said_by.items():
            said[word] = tuple(dict.fromkeys((*said.get(word, ()), *places)))
    return Rights(
        **{name: any(getattr(part, name) for part in spoken) for name in DIRECTIVES},
        tdm_reservation=mining.tdm_reservation,
        tdm_policy=mining.tdm_policy,
        refused_agents=tuple(dict.fromkeys(agent for part in spoken for agent in part.refused_agents)),
        said_by=said,
    )
