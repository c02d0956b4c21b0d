"""What users of other systems write, and what to write here: the second half of `newsarchive help query`."""

from __future__ import annotations

from typing import Final, NamedTuple


class Phrase(NamedTuple):
    """What one writes elsewhere, what here, and what differs."""

    elsewhere: str
    here: str
    difference: str = ""


PHRASES: Final[dict[str, tuple[Phrase, ...]]] = {
    "Lexis": (
        Phrase("kim w/5 trump", "kim NEAR/5 trump", "in capitals, W/5 too; every word is counted, small ones too"),
        Phrase("kim pre/2 jong", "kim PRE/2 jong"),
        Phrase("rico not w/5 puerto", "rico NOT NEAR/5 puerto"),
        Phrase("kim w/s summit", "kim NEAR/25 summit", "ends of sentences and paragraphs (w/p: NEAR/75) are not kept"),
        Phrase("summit talks", '"summit talks"', "words side by side are a phrase there, two required words here"),
        Phrase("kim or trump and summit", "(kim OR trump) AND summit", "OR binds first there, last here"),
        Phrase("econom!", "econom*"),
        Phrase("wom*n", "wom?n", "a * is one letter there, any letters here"),
        Phrase("atleast5(summit)", "ATLEAST5(summit)"),
        Phrase("HEADLINE(summit)", "headline:summit"),
        Phrase("HLEAD(summit)", "(headline:summit OR lead:summit)", "the lead is the first 50 words of the text"),
        Phrase("BYLINE(tran)", "author:tran"),
    ),
    "Factiva": (
        Phrase("kim near5 trump", "kim NEAR/5 trump", "counted alike: at most four words between"),
        Phrase("kim w/5 trump", "kim PRE/5 trump", "w/n keeps the order there; W/5 here does not"),
        Phrase("kim adj5 trump", "kim PRE/5 trump"),
        Phrase("summit talks", '"summit talks"', "words side by side are a phrase there"),
        Phrase("kim same summit", "kim NEAR/75 summit", "ends of paragraphs are not kept"),
        Phrase("atleast5 summit", "ATLEAST5(summit)"),
        Phrase("hd=summit", "headline:summit", "also by= author:, la= lang:, rst= source:"),
        Phrase("hlp=summit", "(headline:summit OR lead:summit)"),
        Phrase("toyota/F50/", "lead:toyota"),
        Phrase("wc>800", "words:>800"),
    ),
    "ProQuest": (
        Phrase("kim NEAR/5 trump", "kim NEAR/5 trump", "N/5 too; NEAR alone, NEAR/4 there, is an error here"),
        Phrase("kim P/2 jong", "kim P/2 jong", "the same as PRE/2"),
        Phrase("TI(summit)", "headline:summit", "also AU( author:, PUB( source:, LA( lang:, SU( tag:"),
        Phrase("kim OR trump NOT golf", "(kim OR trump) NOT golf", "NOT binds last there, before AND and OR here"),
    ),
    "Media Cloud": (
        Phrase("kim trump", "kim OR trump", "side by side means any of them there, all of them here"),
        Phrase(
            '"kim summit"~5', '"kim summit"~6', "~5 lets five words between there, four here; each order counts alike"
        ),
        Phrase("title:(kim OR trump)", "headline:(kim OR trump)"),
        Phrase("language:en", "language:en"),
        Phrase("publication_date:[2019-02-01 TO 2019-03-01]", "published:2019-02-01..2019-03-01"),
        Phrase("+kim -golf", "kim -golf"),
        Phrase("sumit~", "sumit~2", "up to two letters there, one here"),
        Phrase("summit^2", "summit", "there are no weights"),
        Phrase("/sum+it/", "sum*it", "there are no regular expressions"),
    ),
}
"""For each system. Commands of theirs that are left out are errors here that say what to write."""

QUERY: Final = """\
hanoi summit                  both words, in any form (summits), anywhere in headline or text
hanoi AND summit              the same, and neither is ever dropped where few articles have all
kim OR trump    kim NOT golf    kim -golf         operators in capitals; to search one, quote it: "NOT"
trump AND (kim OR "north korea") NOT golf
"hanoi summit"                the words next to each other, as typed; “these” «quotes» „work“ too
=summit   ="Hà Nội"           exactly this form, with its accents
hanoi NEAR/5 summit           at most 5 words away, either order; W/5, N/5 and "hanoi summit"~5 are the same
kim PRE/2 jong                in this order; P/2 too          (kim OR trump) NEAR/5 summit NEAR/5 hanoi
kim NOT NEAR/5 trump          kim somewhere without trump near; also NOT PRE/5
denuclear*   wom?n   *clear   any letters, one letter         sumit~1   at most one letter wrong, or ~2
ATLEAST3(summit)              three times or more
headline:summit   lead:"no deal"   body:talks   author:"lan tran"   headline:(kim OR trump)
category:politics   tag:nato   source:harbor-post   lang:vi   url:https://www.harborpost.example/2019*
published:2019-02-27..2019-03-05     also 2019, 2019-02, >7d, <=2019-03-01; seen: and changed: too
words:>800   words:300..800   versions:>1        length of the text; states that were seen of it
has:author    also category, headline, language, published, tag
is:edited     also headline-edited, gone (from its URL), copy (of an article published earlier)
*             every article; -golf alone is every article but those

NEAR and PRE bind tightest, then NOT, then AND (written or not), then OR: a b OR c NEAR/5 d is (a b) OR (c NEAR/5 d).
A field belongs to the one word, phrase or parenthesis that follows it without a space.
Letters meet in any case and without their accents: ha noi finds Hà Nội.
What cannot be read is an error that shows the place and says what to write; nothing is dropped or taken for a word in
silence. Every answer starts with how the query was read."""

_MOST: Final = 24


def query_topic() -> str:
    """The language on one screen, and the phrase book."""
    lines = [QUERY, "", "Phrase book: what you write elsewhere, what you write here, and what differs"]
    for system, phrases in PHRASES.items():
        lines += ["", system]
        lines += [_line(phrase) for phrase in phrases]
    return "\n".join(lines)


def _line(phrase: Phrase) -> str:
    line = f"  {phrase.elsewhere:<{_MOST}}  {phrase.here:<34}  {phrase.difference}"
    return line.rstrip()
