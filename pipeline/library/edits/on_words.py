"""Edits of words: a moment corrected, or a spelling everywhere; times stay those of what was heard."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import replace

from rapidfuzz import fuzz

from pipeline.library.edits.kinds import WordsCorrected
from pipeline.library.edits.on_notes import map_quotes
from pipeline.library.edits.respelling import replace_phrase, replace_text, respeak
from pipeline.result import Chapter, Mention, Quote, Result, Speaker
from pipeline.timeline import Seconds, Span, Transcript, Word, join_words

SAME_MOMENT_S = 0.25
"""An edit looks that far beyond its own moment, because two recognisers set the edges of one word apart. Chosen at the
length of a short word, not measured."""
EDGE_S = 1.0
"""How far inside its moment the corrected words may begin and end: about three words. Chosen, not measured."""
SAME_WORDS = 0.5
"""Share of letters in common (RapidFuzz's ratio) from which the words of a moment are those that were corrected. Not
measured: the moment is known already, and words beside it share few letters."""
LEAST_WORD_S = 0.05
"""Of a word that a person puts in, and of the overlap from which another stands in its way."""


def correct_words(result: Result, edit: WordsCorrected) -> Result | None:
    """The result with the words of a moment corrected, in the notes too; None when other words are there."""
    words = result.transcript.words
    if not edit.was:
        return _insert(result, edit)
    found = _find(words, edit)
    if found is None:
        return None
    first, last = found
    old = words[first:last]
    changed = (*words[:first], *respeak(old, edit.text), *words[last:])
    was = join_words(old)
    notes = map_quotes(result.notes, lambda q: _said_again(q, edit, was))
    return replace(result, transcript=replace(result.transcript, words=changed), notes=notes)


def correct_phrase(result: Result, was: str, text: str) -> Result | None:
    """The result with a phrase spelt anew wherever it stands: words, names, notes, titles; None if nowhere."""
    words = replace_phrase(result.transcript.words, was, text)
    notes = map_quotes(result.notes, lambda q: replace(q, text=replace_text(q.text, was, text)))
    mentions = tuple(_renamed(mention, was, text) for mention in notes.mentions)
    chapters = tuple(_retitled(chapter, was, text) for chapter in result.chapters)
    changed = replace(
        result,
        transcript=replace(result.transcript, words=words),
        speakers=tuple(_called(speaker, was, text) for speaker in result.speakers),
        notes=replace(notes, mentions=mentions),
        chapters=chapters,
    )
    return changed if changed != result or _is_said(result.transcript, text) else None


def _find(words: Sequence[Word], edit: WordsCorrected) -> tuple[int, int] | None:
    """The run of words at the edit's moment that reads most like what was, or what is, written there."""
    low = _first_from(words, edit.start - SAME_MOMENT_S)
    high = _first_from(words, edit.end + SAME_MOMENT_S)
    best, found = (SAME_WORDS, 0.0), None
    for first in range(low, _first_from(words, edit.start + EDGE_S)):
        for last in range(max(first + 1, _first_from(words, edit.end - EDGE_S)), high + 1):
            said = join_words(words[first:last])
            alike = max(_likeness(said, edit.was), _likeness(said, edit.text))
            shared = Span(words[first].start, max(words[first].start, words[last - 1].end)).overlap(edit)
            if (alike, shared) > best:
                best, found = (alike, shared), (first, last)
    return found


def _first_from(words: Sequence[Word], time: Seconds) -> int:
    """The place of the first word that starts at a time or later."""
    return bisect_left(words, time, key=lambda word: word.start)


def _likeness(one: str, other: str) -> float:
    return fuzz.ratio(one.casefold(), other.casefold()) / 100


def _insert(result: Result, edit: WordsCorrected) -> Result | None:
    """Words put where none were heard; None where others have been since."""
    words = result.transcript.words
    place = _first_from(words, edit.start)
    near = words[max(0, place - 1) : place + 1]
    if not edit.text or any(word.overlap(edit) > LEAST_WORD_S for word in near):
        return None
    speaker = near[0].speaker if near else None
    end = max(edit.end, edit.start + LEAST_WORD_S)
    if place < len(words):
        end = min(end, words[place].start)  # what is put in is over before the next word begins
    heard = Word(edit.start, end, "", 1.0, speaker)
    new = (*words[:place], *respeak((heard,), edit.text), *words[place:])
    return replace(result, transcript=replace(result.transcript, words=new))


def _said_again(quote: Quote, edit: WordsCorrected, was: str) -> Quote:
    return replace(quote, text=quote.text.replace(was, edit.text, 1)) if was and quote.overlap(edit) > 0 else quote


def _called(speaker: Speaker, was: str, text: str) -> Speaker:
    return replace(speaker, name=replace_text(speaker.name, was, text))


def _renamed(mention: Mention, was: str, text: str) -> Mention:
    return replace(mention, text=replace_text(mention.text, was, text))


def _retitled(chapter: Chapter, was: str, text: str) -> Chapter:
    return replace(chapter, title=replace_text(chapter.title, was, text))


def _is_said(transcript: Transcript, text: str) -> bool:
    return bool(text) and f" {text} " in f" {transcript.text} "
