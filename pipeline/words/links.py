"""Addresses as people say them, turned into links: "paypal dot com slash promo terms"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from pipeline.timeline import Seconds, Word
from pipeline.words.lists import listed

if TYPE_CHECKING:
    from tldextract import TLDExtract

_WRITTEN = re.compile(
    r"^(?:https?://)?((?:[a-z0-9](?:[a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z-]*)((?:/[^\s]*)?)$", re.IGNORECASE
)
_BARE_ENDING = re.compile(r"^\.?([a-z]{2,24})$", re.IGNORECASE)
_STOPS = listed(
    """
    for to and or the a an today now with where if that is are you your we our it in on at by when get but so from
    who which this i he she they will can again once more right here there using use enter code promo
    """
)
LONGEST_PATH_WORDS = 3
"""Words after "slash" that are read as one path; no sentence end, comma or small word inside."""


@dataclass(frozen=True, slots=True)
class Link:
    """An address: how it is shown (without scheme), where it leads, when it is said, and when that ends."""

    text: str
    url: str
    at: Seconds
    end: Seconds


@cache
def _domains() -> TLDExtract:
    """The Public Suffix List that comes with tldextract: nothing is fetched and nothing is kept on disk."""
    from tldextract import TLDExtract

    return TLDExtract(suffix_list_urls=(), cache_dir=None)


def find_links(words: Sequence[Word]) -> tuple[Link, ...]:
    """The web addresses in the words, in order; those said twice come twice.

    >>> said = "Go to paypal dot com slash promo terms.".split()
    >>> [link.url for link in find_links([Word(i, i + 1, text) for i, text in enumerate(said)])]
    ['https://paypal.com/promoterms']
    """
    links = []
    index = 0
    while index < len(words):
        found = _address(words, index)
        if found is None:
            index += 1
            continue
        text, after = found
        links.append(Link(text, f"https://{text}", words[index].start, words[after - 1].end))
        index = after
    return tuple(links)


def _address(words: Sequence[Word], index: int) -> tuple[str, int] | None:
    """The address that starts at ``index`` and the index after it."""
    host, path, after, closed = _written(words, index) or _spoken(words, index) or ("", "", 0, True)
    if not host:
        return None
    while not closed and after < len(words) and _bare(words[after].text) in ("slash", "forward", "/"):
        if _bare(words[after].text) == "forward":
            after += 1
            continue
        part, after, closed = _path(words, after + 1)
        path += f"/{part}" if part else ""
    return host.lower().removeprefix("www.") + path, after


def _written(words: Sequence[Word], index: int) -> tuple[str, str, int, bool] | None:
    """``usb.com``, ``https://usb.com/x``, and ``paypal.com/slash`` with the path in the words that follow."""
    text = words[index].text.strip("\"'()[]\u201c\u201d,;:!?").rstrip(".")
    match = _WRITTEN.match(text)
    if not match or not _is_domain(match.group(1)):
        return None
    ended = bool(re.search(r"[.,;:!?]$", words[index].text))
    path = match.group(2).rstrip("/")
    if path.lower() == "/slash":
        part, after, closed = _path(words, index + 1)
        return match.group(1), f"/{part}" if part else "", after, closed
    return match.group(1), re.sub(r"^/slash", "/", path), index + 1, ended


def _spoken(words: Sequence[Word], index: int) -> tuple[str, str, int, bool] | None:
    """``audacity team dot org`` gives what is certain: the word before "dot"."""
    labels = [_bare(words[index].text)]
    if not re.fullmatch(r"[a-z0-9-]+", labels[0]) or labels[0] in _STOPS or words[index].text[-1:] in ".,;:!?":
        return None
    at = index + 1
    while at < len(words):
        bare = _bare(words[at].text)
        if bare == "dot" and at + 1 < len(words) and re.fullmatch(r"[a-z0-9-]+", _bare(words[at + 1].text)):
            labels.append(_bare(words[at + 1].text))
            at += 2
        else:
            break
        if re.search(r"[.,;:!?]$", words[at - 1].text):
            break
    if len(labels) < 2 or not _BARE_ENDING.match(labels[-1]):
        return None
    if labels[0] == "w" and len(labels) > 2:  # "w w w dot"
        labels = labels[1:]
    if not _is_domain(".".join(labels)):
        return None
    return ".".join(labels), "", at, bool(re.search(r"[.,;:!?]$", words[at - 1].text))


def _is_domain(host: str) -> bool:
    """Whether a name can be registered under a suffix that exists."""
    parts = _domains()(host.lower())
    return bool(parts.domain and parts.suffix)


def _path(words: Sequence[Word], index: int) -> tuple[str, int, bool]:
    """The words of a path joined, the index after them, and whether the address ends there."""
    parts: list[str] = []
    while index < len(words) and (len(parts) < LONGEST_PATH_WORDS or (len(parts[-1]) == 1 and len(parts) < 12)):
        bare = _bare(words[index].text)
        spelled = len(bare) == 1 and all(len(part) == 1 for part in parts)
        if (
            not bare
            or (bare in _STOPS and parts and not spelled)
            or bare == "slash"
            or not re.fullmatch(r"[\w'-]+", bare)
        ):
            break
        parts.append(bare.replace("'", ""))
        index += 1
        if re.search(r"[.,;:!?]$", words[index - 1].text):
            return "".join(parts), index, True
    return "".join(parts), index, False


def _bare(text: str) -> str:
    return text.strip("\"'()[]\u201c\u201d,;:!?").rstrip(".").lower()
