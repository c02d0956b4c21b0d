"""CSS and XPath as people write them, checked and ready to run on a page.

XPath is 1.0 (https://www.w3.org/TR/1999/REC-xpath-19991116/), as libxml2 runs it; of CSS, what cssselect reads
(https://cssselect.readthedocs.io/), and Scrapy's `::text` and `::attr(NAME)`, since that is what crawlers write.
"""

from __future__ import annotations

import difflib
import re
from enum import StrEnum
from functools import lru_cache
from typing import Final, NamedTuple

from cssselect import FunctionalPseudoElement, HTMLTranslator, SelectorError
from cssselect import parse as parse_css
from lxml import etree

FUNCTIONS: Final = frozenset({
    "last", "position", "count", "id", "local-name", "namespace-uri", "name", "string", "concat", "starts-with",
    "contains", "substring-before", "substring-after", "substring", "string-length", "normalize-space", "translate",
    "boolean", "not", "true", "false", "lang", "number", "sum", "floor", "ceiling", "round",
})  # fmt: skip
"""The functions of XPath 1.0 (section 4). Within a predicate, libxml2 finds an unknown one on a page alone."""

_NODE_TESTS = frozenset({"text", "node", "comment", "processing-instruction", "and", "or", "div", "mod"})
_XPATH = re.compile(r"/|\(|\.\.?/|[a-z-]+\(")
_LITERAL = re.compile(r"\"[^\"]*\"|'[^']*'")
_CALL = re.compile(r"(?<![\w:$-])([\w-]+(?::[\w-]+)?)\s*\(")
_PREFIX = re.compile(r"(?<![\w:-])([A-Za-z_][\w-]*):(?!:)")
_VARIABLE = re.compile(r"\$[\w-]+")
_LONGEST = 2000


class Gives(StrEnum):
    """What a selector gives, which its wording alone decides (XPath 1.0, section 1)."""

    NODES = "elements, attributes or texts"
    TEXT = "one text"
    TRUTH = "true or false"


class Selector(NamedTuple):
    """A selector that can be run on a page."""

    path: etree.XPath
    gives: Gives


@lru_cache(maxsize=2048)
def compiled(text: str) -> Selector:
    """A selector by its text: `css:...`, `xpath:...`, or one of the two by its look.

    XPath is what starts with `/`, `(`, `./`, `../` or a function's call; everything else is CSS.

    >>> compiled("time::attr(datetime)").path.path, compiled("//time/@datetime").gives.name
    ('descendant-or-self::time/@datetime', 'NODES')
    >>> compiled("not(//div[@id='wall'])").gives.name, compiled("xpath: string(//h1)").gives.name
    ('TRUTH', 'TEXT')

    Raises:
        ValueError: it cannot be read, or gives a number.
    """
    if len(text) > _LONGEST:
        raise ValueError(f"a selector of {len(text):,} characters is no selector")
    language, mark, rest = text.partition(":")
    if mark and language.strip() in {"css", "xpath"} and not rest.startswith(":"):
        text, is_xpath = rest.strip(), language.strip() == "xpath"
    else:
        text, is_xpath = text.strip(), bool(_XPATH.match(text.strip()))
    if not text:
        raise ValueError("the selector is empty")
    return _checked(text if is_xpath else _css_as_xpath(text))


def _css_as_xpath(text: str) -> str:
    translator = HTMLTranslator()
    paths = []
    try:
        for selector in parse_css(text):
            inner = translator.selector_to_xpath(selector)
            paths.append(inner + _pseudo(selector.pseudo_element))
    except SelectorError as error:
        raise ValueError(f"no CSS selector: {error}") from error
    return " | ".join(paths)


def _pseudo(element: str | FunctionalPseudoElement | None) -> str:
    """Scrapy's two ways to name a text or an attribute."""
    if element is None:
        return ""
    if element == "text":
        return "/text()"
    if isinstance(element, FunctionalPseudoElement) and element.name == "attr" and len(element.arguments) == 1:
        return f"/@{element.arguments[0].value}"
    name = element if isinstance(element, str) else element.name
    raise ValueError(f"no CSS selector: ::{name} is not known; there are ::text and ::attr(NAME)")


def _checked(text: str) -> Selector:
    """An XPath whose every part is known, and that gives no number."""
    bare = _LITERAL.sub("''", text)
    for name in _CALL.findall(bare):
        if name not in FUNCTIONS | _NODE_TESTS:
            near = difflib.get_close_matches(name, FUNCTIONS, n=1)
            hint = f"; did you mean {near[0]}()?" if near else ""
            raise ValueError(f"no XPath 1.0: the function {name}() is not known{hint}")
    if found := _VARIABLE.search(bare) or _PREFIX.search(bare):
        raise ValueError(f"no XPath for a page: {found[0]} has no meaning here (no variables, no namespaces)")
    try:
        path = etree.XPath(text, smart_strings=False)
        result = path(etree.Element("html"))
    except etree.XPathError as error:
        raise ValueError(f"no XPath: {error}") from error
    if isinstance(result, bool):
        return Selector(path, Gives.TRUTH)
    if isinstance(result, str):
        return Selector(path, Gives.TEXT)
    if isinstance(result, list):
        return Selector(path, Gives.NODES)
    raise ValueError("the XPath gives a number; name the element, attribute or text that holds the value")
