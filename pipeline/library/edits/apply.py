"""A result and a person's edits to the result that is published: a pure function, whatever made the result."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from pipeline.library.edits.kinds import (
    AdAbout,
    AdEdges,
    AdVerdict,
    Edit,
    PhraseCorrected,
    VoiceNamed,
    VoicesMerged,
    WordsCorrected,
    WordsGiven,
)
from pipeline.library.edits.on_ads import edit_ads
from pipeline.library.edits.on_notes import edit_notes, without_cut_quotes
from pipeline.library.edits.on_voices import edit_voices
from pipeline.library.edits.on_words import correct_phrase, correct_words
from pipeline.result import AdSpan, Result
from pipeline.timeline import CutList

Plan = Callable[[tuple[AdSpan, ...]], CutList]
"""From ads to the cuts that are made for them."""


@dataclass(frozen=True, slots=True)
class Edited:
    """A result with its edits; ``unmet``: the places (from 0) of edits that fit nothing any more."""

    result: Result
    unmet: tuple[int, ...] = ()


def apply_edits(found: Result, edits: Sequence[Edit], *, plan: Plan) -> Edited:
    """The result as its person has it: every edit in the order in which it was made. Without edits, the same result.

    ``plan`` places the cuts anew, from the ads, when an edit has changed these.
    """
    result, unmet = found, []
    for place, edit in enumerate(edits):
        changed = _apply(result, edit)
        if changed is None:
            unmet.append(place)
        else:
            result = changed
    if result.ads != found.ads:
        cuts = plan(result.ads)
        notes = without_cut_quotes(result.notes, cuts) if cuts != found.cuts else result.notes
        result = replace(result, cuts=cuts, notes=notes)
    return Edited(result, tuple(unmet))


def _apply(result: Result, edit: Edit) -> Result | None:
    if isinstance(edit, AdVerdict | AdEdges | AdAbout):
        ads = edit_ads(result.ads, edit)
        return None if ads is None else replace(result, ads=ads)
    if isinstance(edit, WordsCorrected):
        return correct_words(result, edit)
    if isinstance(edit, PhraseCorrected):
        return correct_phrase(result, edit.was, edit.text)
    if isinstance(edit, VoiceNamed | VoicesMerged | WordsGiven):
        return edit_voices(result, edit)
    return edit_notes(result, edit)
