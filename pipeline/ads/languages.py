"""Which languages the ad detector has learnt, and what is said where an episode is in another one."""

from __future__ import annotations

from pipeline.language import language_name

LEARNT = frozenset({"en"})
"""Whisper's codes of the languages of the episodes that the detector was trained on."""


def unknown_language(language: str) -> str:
    """What to tell a user about ads in a language that the detector has not learnt; empty for one that it has.

    >>> unknown_language("en")
    ''
    """
    if language.lower() in LEARNT:
        return ""
    return (
        f"the ad detector has only learnt English and this episode is in {language_name(language)}: most of its ads "
        "are not found, and those that are found are held for your review instead of being cut"
    )
