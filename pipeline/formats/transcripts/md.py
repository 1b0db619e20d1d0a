"""Markdown transcript: the title, then ``**[m:ss] Name**`` and a paragraph for each passage."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.errors import FormatError
from pipeline.formats.transcripts.clean_transcript import clock, parse_clock
from pipeline.formats.transcripts.passages import Passage, passages
from pipeline.result import Result

_HEAD = re.compile(r"^\*\*\[((?:\d+:)?\d{1,2}:\d{2})\](?: (.+?))?\*\*(?: \*\((.+)\)\*)?$")
_SPECIAL = re.compile(r"([\\`*_\[\]<>~|])")
_OPENING = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|=+$|-+$)")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def print_md(result: Result) -> str:
    """The clean transcript as Markdown, every character of the text safe from being read as markup."""
    title = " ".join(result.episode.title.split())
    head = f"# {escape(title)}\n\n" if title else ""
    return head + print_passages(passages(result))


def print_passages(items: Iterable[Passage]) -> str:
    """Paragraphs as Markdown: the inverse of ``parse_md``."""
    return "\n".join(
        f"**[{clock(p.start)}]{' ' + escape(p.speaker) if p.speaker else ''}**"
        f"{f' *({escape(p.label)})*' if p.label else ''}\n\n{escape(p.text)}\n"
        for p in items
    )


def parse_md(text: str, *, path: str = "transcript.md") -> tuple[Passage, ...]:
    """The paragraphs back, times in whole seconds; the title is passed over."""
    found: list[tuple[re.Match[str], list[str]]] = []
    for number, line in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        head = _HEAD.match(line)
        if head:
            found.append((head, []))
        elif line.strip() and not (line.startswith("# ") and not found):
            if not found:
                raise FormatError(path, f"expected '**[m:ss] Name**', found {line.strip()[:60]!r}", line=number)
            found[-1][1].append(line.strip())
    return tuple(
        Passage(
            parse_clock(h.group(1)), unescape(h.group(2) or ""), unescape(" ".join(body)), unescape(h.group(3) or "")
        )
        for h, body in found
    )


def escape(text: str) -> str:
    """Text that Markdown shows as it is.

    >>> escape("# 1 *star*")
    '\\\\# 1 \\\\*star\\\\*'
    """
    safe = _SPECIAL.sub(r"\\\1", text).replace("&", "&amp;")
    safe = _OPENING.sub(r"\\\1", safe)
    return _NUMBERED.sub(r"\1\\\2", safe)


def unescape(text: str) -> str:
    """The inverse of ``escape``."""
    return re.sub(r"\\([\\`*_\[\]<>~|#+=.)-])", r"\1", text.replace("&amp;", "&"))
