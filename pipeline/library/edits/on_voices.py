"""Edits of voices: named, merged, or given words that were taken for another's."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.library.edits.kinds import VoiceEdit, VoiceNamed, VoicesMerged
from pipeline.library.edits.on_notes import map_quotes
from pipeline.result import Evidence, Result, Speaker
from pipeline.timeline import Seconds, Span, Turn, Word

NAMED = Evidence("choice", "named by you")
ANCHORS = 3
"""Stretches by which an edit knows a voice again: one may go to another voice in a later run, hardly all of them."""
LONGEST_ANCHOR_S = 30.0


def edit_voices(result: Result, edit: VoiceEdit) -> Result | None:
    """The result after one edit; None when nobody speaks where it says."""
    if isinstance(edit, VoiceNamed):
        label = voice_at(result, edit.voice)
        return None if label is None else _name(result, label, edit)
    if isinstance(edit, VoicesMerged):
        label, into = voice_at(result, edit.voice), voice_at(result, edit.into)
        return None if label is None or into is None else _merge(result, label, into)
    moved = [word for word in result.transcript.words if edit.contains(word.middle)]
    label = voice_at(result, edit.voice) if edit.voice else _new_label(result)
    return None if not moved or label is None else _give(result, moved, label)


def voice_at(result: Result, stretches: Sequence[Span]) -> str | None:
    """The label of the voice that says most in these stretches."""
    said: dict[str, Seconds] = {}
    for word in result.transcript.words:
        if word.speaker and any(stretch.contains(word.middle) for stretch in stretches):
            said[word.speaker] = said.get(word.speaker, 0.0) + word.duration
    return max(sorted(said), key=lambda label: said[label], default=None)


def anchors_of(result: Result) -> dict[str, tuple[Span, ...]]:
    """For each voice the longest stretches of words that nobody interrupts, at most ``ANCHORS``."""
    runs: dict[str, list[Span]] = {}
    last: str | None = None
    for word in result.transcript.words:
        label = word.speaker
        if label is None:
            last = None
            continue
        own = runs.setdefault(label, [])
        if label == last and word.end >= own[-1].start and word.end - own[-1].start <= LONGEST_ANCHOR_S:
            own[-1] = Span(own[-1].start, max(own[-1].end, word.end))
        else:
            own.append(Span(word.start, word.end))
        last = label
    return {
        label: tuple(sorted(sorted(own, key=lambda s: (-s.duration, s.start))[:ANCHORS], key=lambda s: s.start))
        for label, own in runs.items()
    }


def _name(result: Result, label: str, edit: VoiceNamed) -> Result:
    named = Speaker(label, edit.name, edit.role, 1.0 if edit.name else 0.0, (NAMED,))
    others = tuple(named if speaker.label == label else speaker for speaker in result.speakers)
    return replace(result, speakers=others if named in others else (*others, named))


def _merge(result: Result, label: str, into: str) -> Result:
    if label == into:
        return result  # a later run has found it out by itself

    def one(speaker: str) -> str:
        return into if speaker == label else speaker

    words = tuple(replace(w, speaker=into) if w.speaker == label else w for w in result.transcript.words)
    return replace(
        result,
        transcript=replace(result.transcript, words=words),
        turns=_joined(tuple(replace(t, speaker=one(t.speaker)) for t in result.turns)),
        speakers=tuple(speaker for speaker in result.speakers if speaker.label != label),
        notes=map_quotes(result.notes, lambda quote: replace(quote, speaker=one(quote.speaker))),
    )


def _give(result: Result, moved: Sequence[Word], label: str) -> Result:
    span = Span(min(w.start for w in moved), max(w.end for w in moved))
    losing = {word.speaker for word in moved} - {label}
    words = tuple(replace(w, speaker=label) if span.contains(w.middle) else w for w in result.transcript.words)
    kept = [piece for turn in result.turns for piece in (_without(turn, span) if turn.speaker in losing else [turn])]
    turns = _joined(tuple(sorted((*kept, Turn(span.start, span.end, label)), key=lambda t: (t.start, t.end))))
    known = any(speaker.label == label for speaker in result.speakers)
    speakers = result.speakers if known else (*result.speakers, Speaker(label))
    heard = {word.speaker for word in words} | {turn.speaker for turn in turns}
    speakers = tuple(speaker for speaker in speakers if speaker.label in heard)
    return replace(result, transcript=replace(result.transcript, words=words), turns=turns, speakers=speakers)


def _without(turn: Turn, span: Span) -> list[Turn]:
    sides = [(turn.start, min(turn.end, span.start)), (max(turn.start, span.end), turn.end)]
    return [replace(turn, start=start, end=end) for start, end in sides if end > start]


def _joined(turns: Sequence[Turn]) -> tuple[Turn, ...]:
    """The turns in order of time, those of one voice joined where they touch."""
    joined: dict[str, list[Turn]] = {}
    for turn in sorted(turns, key=lambda t: (t.start, t.end)):
        own = joined.setdefault(turn.speaker, [])
        if own and turn.start <= own[-1].end:
            own[-1] = replace(own[-1], end=max(own[-1].end, turn.end))
        else:
            own.append(turn)
    return tuple(sorted((t for own in joined.values() for t in own), key=lambda t: (t.start, t.end, t.speaker)))


def _new_label(result: Result) -> str:
    """The first label that no voice has."""
    labels = {speaker.label for speaker in result.speakers} | {turn.speaker for turn in result.turns}
    taken = [int(found[1]) for label in labels if (found := re.fullmatch(r"Speaker ([0-9]{1,6})", label))]
    return f"Speaker {max(taken, default=0) + 1}"
