"""XML and JSON as the platform writes them, read by the same rules, hostile ones refused. No database, no clock."""

import json
from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring

LARGEST = 64 * 1024
"""Bytes of a body."""
DEEPEST = 6
_LISTS = ("SubscribeMsgPopupEvent", "SubscribeMsgChangeEvent", "SubscribeMsgSentEvent")
Body = dict[str, Any]
"""Texts, dicts of them and lists of them; numbers have become texts: a msgid is larger than JavaScript's."""


class Wrong(Exception):
    """Not from the platform, or not as the platform writes: `why` in a word of ours."""

    def __init__(self, why: str, *, forged: bool = False) -> None:
        super().__init__(why)
        self.why = why
        #: 403 rather than 400: the sender is not who he says he is
        self.forged = forged


def parse(raw: bytes) -> Body:
    """XML or JSON in UTF-8, whichever it begins like. Raises Wrong; entities and DTDs are none of the platform's."""
    if len(raw) > LARGEST:
        raise Wrong("size")
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise Wrong("text") from None
    read = _xml(text) if text.lstrip().startswith("<") else _json(text)
    if not isinstance(read, dict):
        raise Wrong("shape")
    return read


def items(body: Mapping[str, Any]) -> list[Body]:
    """The `List` of a subscribe_msg event: an object when there is one, an array when several, deeper in XML."""
    for holder in (body, *(body[name] for name in _LISTS if isinstance(body.get(name), dict))):
        found = holder.get("List")
        if found is not None:
            return [one for one in (found if isinstance(found, list) else [found]) if isinstance(one, dict)]
    return []


def _xml(text: str) -> Any:
    try:
        root = fromstring(text, forbid_dtd=True, forbid_entities=True, forbid_external=True)
    except (ParseError, DefusedXmlException, ValueError):
        raise Wrong("xml") from None
    return _element(root, DEEPEST)


def _element(element: Element, depth: int) -> Any:
    """A leaf is its text; children by their names, those of one name as a list."""
    if not len(element):
        return element.text or ""
    if depth == 0:
        raise Wrong("depth")
    found: Body = {}
    for child in element:
        value = _element(child, depth - 1)
        if child.tag in found:
            before = found[child.tag]
            found[child.tag] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            found[child.tag] = value
    return found


def _json(text: str) -> Any:
    try:
        return _plain(json.loads(text, object_pairs_hook=_once, parse_constant=_no_number, parse_float=str), DEEPEST)
    except (ValueError, RecursionError):
        raise Wrong("json") from None


def _once(pairs: list[tuple[str, Any]]) -> Body:
    """Of two of one name each reader would choose another."""
    found = dict(pairs)
    if len(found) != len(pairs):
        raise Wrong("twice")
    return found


def _no_number(name: str) -> None:
    raise Wrong("number")


def _plain(value: Any, depth: int) -> Any:
    if depth < 0:
        raise Wrong("depth")
    if isinstance(value, dict):
        return {_text(name): _plain(one, depth - 1) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, depth - 1) for one in value]
    return "" if value is None else _text(str(value))


def _text(value: str) -> str:
    """Half a pair of UTF-16 is no text: UnicodeEncodeError, a ValueError."""
    value.encode()
    return value
