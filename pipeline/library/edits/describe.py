"""An edit in a few words, for the list of what was changed and for a warning about one that fits nothing."""

from __future__ import annotations

from pipeline.formats.clock import clock
from pipeline.library.edits.kinds import (
    AdAbout,
    AdEdges,
    AdVerdict,
    ChaptersSet,
    Edit,
    MentionsSet,
    NotesSet,
    PhraseCorrected,
    VoiceNamed,
    VoicesMerged,
    WordsCorrected,
    WordsGiven,
)
from pipeline.timeline import Span

PARTS = {"summary": "the summary", "points": "the key points", "quotes": "the quotes"}


def moment_of(edit: Edit) -> Span:
    """The stretch that an edit is about; the very start where it is about the whole episode."""
    if isinstance(edit, Span):
        return Span(edit.start, edit.end)
    if isinstance(edit, VoiceNamed | VoicesMerged) and edit.voice:
        return edit.voice[0]
    return Span(0.0, 0.0)


def describe_edit(edit: Edit) -> str:
    """What an edit does.

    >>> describe_edit(AdVerdict(60.0, 90.0, "keep"))
    'keep 1:00 to 1:30'
    """
    return _of_ad(edit) or _of_voice(edit) or _of_text(edit)


def _of_ad(edit: Edit) -> str:
    if isinstance(edit, AdVerdict):
        return f"{edit.verdict} {clock(edit.start)} to {clock(edit.end)}"
    if isinstance(edit, AdEdges):
        return f"the ad at {clock(edit.start)} is from {clock(edit.first)} to {clock(edit.last)}"
    if isinstance(edit, AdAbout):
        return f"the ad at {clock(edit.start)} is {edit.ad_kind}{f', {edit.sponsor}' if edit.sponsor else ''}"
    return ""


def _of_voice(edit: Edit) -> str:
    if isinstance(edit, VoiceNamed):
        return f"the voice at {clock(moment_of(edit).start)} is {edit.name or 'without a name'}"
    if isinstance(edit, VoicesMerged):
        into = clock(edit.into[0].start) if edit.into else "another moment"
        return f"the voice at {clock(moment_of(edit).start)} is the one at {into}"
    if isinstance(edit, WordsGiven):
        return f"{clock(edit.start)} to {clock(edit.end)} is said by {'another' if edit.voice else 'a new'} voice"
    return ""


def _of_text(edit: Edit) -> str:
    if isinstance(edit, WordsCorrected):
        return f"at {clock(edit.start)}: {_change(edit.was, edit.text)}"
    if isinstance(edit, PhraseCorrected):
        return f"{'in the show' if edit.show else 'everywhere'}: {_change(edit.was, edit.text)}"
    if isinstance(edit, ChaptersSet):
        return f"the chapters ({len(edit.chapters)})"
    if isinstance(edit, NotesSet):
        return PARTS[edit.part]
    assert isinstance(edit, MentionsSet)
    return f"people, works and links ({len(edit.mentions)})"


def _change(was: str, text: str) -> str:
    if was == text:
        return f"“{text}” is right"
    return f"“{was}” → “{text}”" if was and text else f"“{was}” removed" if was else f"“{text}” added"
