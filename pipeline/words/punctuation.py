"""Sentences broken in print: a full stop before a small letter, a capital in mid-sentence.

A recogniser hears a recording in windows, and punctuates each as if nothing stood around it: "an emergency. telling
employees", "better in the short term, User engagement". How a word is written elsewhere in the transcript tells whether
it opens sentences, follows a comma, or is a name. Only full stops, commas and the case of first letters change, so no
count of words or of errors does.

Measured on published transcripts of six shows that were not looked at, with faults put in: of full stops inside a
sentence 80 % are mended to what was printed, of capitals there 51 %, of small letters after a full stop 57 %, of full
stops that are missing at a pause 37 % (by lists of words, as it was before: 24, 54, 58 and 48 %).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from pipeline.timeline import Seconds, Word
from pipeline.words.sentences import PAUSE_S, ends_sentence

LEAST_PAUSE_S = 0.2
"""Windows are cut in pauses: a capital without one before it is the recogniser's own choice, and often a name."""
NEW_SENTENCE_S = 0.4
"""A pause before "He says" after a word that can end a sentence, from which on a full stop is what was missed."""
OFTEN_SMALL = 5
"""A word is no name if it is written small in mid-sentence this often, and hardly ever with a capital."""
RAISED_SHARE = 0.1
"""Of a word's places in mid-sentence, up to which its capitals there are slips of the recogniser."""
OPENS_SHARE, OPENS_LATE_SHARE = 0.15, 0.05
"""Of a word's places, from which on it may open a sentence: after a full stop, and after a long pause without one."""
COMMA_SHARE = 0.5
"""Of a word's places in mid-sentence, from which on a comma is put before it."""

_FIRST = re.compile(r"^[\"'\u201c(\[]*([^\W\d_][\w'\u2019-]*)\W*$")
_STOP = re.compile(r"[.?!:\u2026][\"\u201d]?$")


@dataclass(frozen=True, slots=True)
class _Habits:
    """How often each word opens a sentence, stands in one small, small after a comma, or with a capital."""

    opens: Counter[str] = field(default_factory=Counter)
    small: Counter[str] = field(default_factory=Counter)
    after_comma: Counter[str] = field(default_factory=Counter)
    raised: Counter[str] = field(default_factory=Counter)

    def may_open(self, word: str, share: float) -> bool:
        opens = self.opens[word]
        return opens > 0 and opens >= share * (opens + self.small[word])

    def is_name(self, word: str) -> bool:
        return self.small[word] < OFTEN_SMALL or self.raised[word] > max(1.0, RAISED_SHARE * self.small[word])


def mend_punctuation(words: Sequence[Word], *, language: str = "en") -> tuple[Word, ...]:
    """The same words, their stray full stops and capitals mended; English only, other languages come back as they are.

    >>> said = [Word(0, 1, "an", 1.0), Word(1, 2, "emergency."), Word(2.3, 3, "telling"), Word(3, 4, "all.")]
    >>> " ".join(word.text for word in mend_punctuation(said))
    'an emergency, telling all.'
    """
    if language != "en":
        return tuple(words)
    texts = [word.text for word in words]
    habits = _read_habits(texts)
    for index in range(1, len(words)):
        before, word = words[index - 1], words[index]
        pause = word.start - before.end
        same = before.speaker == word.speaker and pause <= PAUSE_S
        pair = texts[index - 1], texts[index]
        if _core(pair[1]).islower() and _stops(*pair):
            texts[index - 1 : index + 1] = _mend_stop(*pair, habits, same=same)
        elif same and pause >= LEAST_PAUSE_S and _is_stray_capital(texts, index, habits):
            texts[index - 1 : index + 1] = _mend_capital(*pair, habits, pause)
    paired = zip(words, texts, strict=True)
    return tuple(word if word.text == text else replace(word, text=text) for word, text in paired)


def _read_habits(texts: Sequence[str]) -> _Habits:
    habits = _Habits()
    for before, text in zip([".", *texts], texts, strict=False):
        core, begins = _core(text), bool(_STOP.search(before))
        if core[:1].islower() and not begins:
            habits.small[core.lower()] += 1
            habits.after_comma[core.lower()] += before.endswith(",")
        elif core[:1].isupper():
            (habits.opens if begins else habits.raised)[core.lower()] += 1
    return habits


def _core(text: str) -> str:
    """The one word that a text is, without punctuation around it; empty where it is none."""
    match = _FIRST.match(text)
    return match[1] if match else ""


def _stops(before: str, text: str) -> bool:
    """Whether a plain full stop stands before the word, one that ends a sentence and no abbreviation."""
    return bool(re.search(r"[^\W_]{2,}\.$|%\.$", before)) and "." not in before[:-1] and ends_sentence(before, text)


def _mend_stop(before: str, text: str, habits: _Habits, *, same: bool) -> tuple[str, str]:
    """Two halves of one sentence are joined; what begins one of its own gets its capital."""
    core = _core(text).lower()
    if not same or habits.may_open(core, OPENS_SHARE):
        return before, text[0].upper() + text[1:]
    return before[:-1] + ("," if habits.after_comma[core] >= COMMA_SHARE * habits.small[core] else ""), text


def _is_stray_capital(texts: Sequence[str], index: int, habits: _Habits) -> bool:
    core = _core(texts[index])
    if not re.search(r"[\w,;]$", texts[index - 1]) or not texts[index].startswith(core) or not core.istitle():
        return False
    near = [_core(text) for text in (texts[index - 1], *texts[index + 1 : index + 2])]  # "a Core Zestora recipe"
    return not habits.is_name(core.lower()) and not any(other[:1].isupper() and len(other) > 1 for other in near)


def _mend_capital(before: str, text: str, habits: _Habits, pause: Seconds) -> tuple[str, str]:
    """A full stop where a sentence can end and another begins, else a small letter."""
    if before[-1].isalnum() and pause >= NEW_SENTENCE_S and habits.may_open(_core(text).lower(), OPENS_LATE_SHARE):
        return before + ".", text
    return before, text[0].lower() + text[1:]
