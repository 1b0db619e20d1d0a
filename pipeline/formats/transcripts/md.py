"""Markdown transcript: the title, then ``**[m:ss] Name**`` and a paragraph for each passage."""

from __future__ import annotations

import re
from collections.abc import Iterable

from pipeline.formats.clock import clock
from pipeline.formats.transcripts.passages import Passage, passages
from pipeline.result import Result

_SPECIAL = re.compile(r"([\\`*_\[\]<>~|])")
_OPENING = re.compile(r"^(#{1,6}(?=\s|$)|[-+](?=\s|$)|=+$|-+$)")
_NUMBERED = re.compile(r"^(\d{1,9})([.)])(?=\s|$)")


def print_md(result: Result) -> str:
    """The clean transcript as Markdown, every character of the text safe from being read as markup."""
    title = " ".join(result.episode.title.split())
    head = f"# {escape(title)}\n\n" if title else ""
    return head + print_passages(passages(result))


def print_passages(items: Iterable[Passage]) -> str:
    """Paragraphs as Markdown."""
    return "\n".join(
        f"**[{clock(p.start)}]{' ' + escape(p.speaker) if p.speaker else ''}**"
        f"{f' *({escape(p.label)})*' if p.label else ''}\n\n{escape(p.text)}\n"
        for p in items
    )


def escape(text: str) -> str:
    """Text that Markdown shows as it is.

    >>> escape("# 1 *star*")
    '\\\\# 1 \\\\*star\\\\*'
    """
    safe = _SPECIAL.sub(r"\\\1", text).replace("&", "&amp;")
    safe = _OPENING.sub(r"\\\1", safe)
    return _NUMBERED.sub(r"\1\\\2", safe)
