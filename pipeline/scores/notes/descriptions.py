"""What a published description tells of its episode: its sentences, without lists, links and what every one has."""

from __future__ import annotations

import re

LEAST_WORDS = 5
"""A paragraph under this is a label or a button."""

_LINK = re.compile(r"\[([^\]]*)\]\([^)]*\)")
_ADDRESS = re.compile(r"https?://\S+|www\.\S+")
_LISTED = re.compile(r"^(?:[-*\u2022]\s|\d+[.)]\s|#|\W?\d{1,2}:\d\d)|:$")
_NOTICE = re.compile(
    r"\b(?:sponsor|brought to you|subscribe|sign up|follow us|get in touch|patreon|newsletter|support (?:us|the|our)|"
    r"hosted (?:on|by)|produced by|music by|learn more|read more)",
    re.IGNORECASE,
)


def told_of_episode(description: str) -> str:
    """The paragraphs that tell what the episode is about: those before the first list, without links and notices.

    >>> told_of_episode("How bread rises, and why it does not always.\\n\\nLinks:\\n\\n- Salt")
    'How bread rises, and why it does not always.'
    """
    told: list[str] = []
    for paragraph in re.split(r"\n\s*\n", description):
        lines = [line.strip() for line in paragraph.splitlines() if line.strip()]
        listed = next((i for i, line in enumerate(lines) if _LISTED.search(line)), len(lines))
        if listed == 0 and lines and told:
            break
        text = _plain(" ".join(lines[:listed]))
        if len(text.split()) < LEAST_WORDS or _NOTICE.search(text) or any(text in other for other in told):
            continue
        told = [other for other in told if other not in text] + [text]
    return "\n".join(told)


def _plain(text: str) -> str:
    """Without markup and addresses."""
    text = _ADDRESS.sub("", _LINK.sub(r"\1", text))
    return " ".join(re.sub(r"[_*`]+", "", text).split())
