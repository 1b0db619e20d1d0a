"""Sentences broken in print: a full stop before a small letter, a capital in mid-sentence.

A recogniser hears a recording in windows, and punctuates each as if nothing stood around it: "an emergency. telling
employees", "better in the short term, User engagement". Only full stops, commas and the case of first letters change,
so no count of words or of errors does; what could be a name is left alone.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

from pipeline.timeline import Seconds, Word
from pipeline.words.lists import listed
from pipeline.words.sentences import PAUSE_S, ends_sentence

LEAST_PAUSE_S = 0.2
"""Windows are cut in pauses: a capital without one before it is the recogniser's own choice, and often a name."""
NEW_SENTENCE_S = 0.4
"""A pause before "He says" after a word that can end a sentence, from which on a full stop is what was missed."""
OFTEN_SMALL = 5
"""A word is no name if it is written small this often, and with a capital in mid-sentence only here."""

_JOINED = listed(
    """
    of to in on at by for with from about into onto than as through during without within between among against under
    over is are was were be been being has have had can could will would shall should may might must
    that
    """
)
_JOINED_BY_COMMA = listed("and or but nor which who whose where because so although though while unless")
_NO_PARTICIPLES = listed("thing king ring spring string evening morning anything something nothing everything during")
_SUBJECTS = listed(
    """
    i he she it they we you this that these those there here the a an my our your his her their its what how why when
    if so and but now then well yes no in at
    """
)
_OTHERS = listed("do does did not also after before until like just whether whatever some all one yeah oh")
_FUNCTION = _JOINED | _JOINED_BY_COMMA | _SUBJECTS | _OTHERS
_CANNOT_END = _JOINED | _JOINED_BY_COMMA | listed("the a an my our your his their its if that and very like just this")
_QUOTING = listed("say says said saying go goes went ask asks asked think thinks thought tell told wrote like was")
_NAMES_TOO = listed(
    """
    will mark bill rob pat sue may june april august art frank grant dean gene ray drew chase hope faith grace joy rich
    jack dick harry cliff miles max rose lily ivy ruby pearl dawn summer autumn christian guy gay ward reed wade page
    apple amazon meta target gap visa slack zoom square stripe block oracle shell ford chase discover time fortune
    people life god earth sun moon west east north south congress senate house state
    """
)
_FIRST = re.compile(r"^([\"'\u201c(\[]*)([^\W\d_][\w'\u2019-]*)(\W*)$")


def mend_punctuation(words: Sequence[Word], *, language: str = "en") -> tuple[Word, ...]:
    """The same words, their stray full stops and capitals mended; English only, other languages come back as they are.

    >>> said = [Word(0, 1, "an", 1.0), Word(1, 2, "emergency."), Word(2.3, 3, "telling"), Word(3, 4, "all.")]
    >>> " ".join(word.text for word in mend_punctuation(said))
    'an emergency, telling all.'
    """
    if language != "en":
        return tuple(words)
    texts = [word.text for word in words]
    small, raised = _cases(texts)
    for index in range(1, len(words)):
        before, word = words[index - 1], words[index]
        pause = word.start - before.end
        same = before.speaker == word.speaker and pause <= PAUSE_S
        if _is_small(texts[index]) and _stops(texts[index - 1], texts[index]):
            texts[index - 1], texts[index] = _mend_stop(texts[index - 1], texts[index], same=same)
        elif same and _is_stray_capital(texts, index, pause, small, raised):
            texts[index - 1], texts[index] = _mend_capital(texts[index - 1], texts[index], pause)
    paired = zip(words, texts, strict=True)
    return tuple(word if word.text == text else replace(word, text=text) for word, text in paired)


def _cases(texts: Sequence[str]) -> tuple[Counter[str], Counter[str]]:
    """How often each word is written small, and how often with a capital in mid-sentence."""
    small: Counter[str] = Counter()
    raised: Counter[str] = Counter()
    for index, text in enumerate(texts):
        if match := _FIRST.match(text):
            word = match[2]
            if word[0].islower():
                small[word] += 1
            elif index and not re.search(r"[.?!:\u2026\"]$", texts[index - 1]):
                raised[word.lower()] += 1
    return small, raised


def _is_small(text: str) -> bool:
    return bool(re.match(r"[a-z][a-z'\u2019-]*\W*$", text))


def _stops(before: str, text: str) -> bool:
    """Whether a plain full stop stands before the word, one that ends a sentence and no abbreviation."""
    return bool(re.search(r"[^\W_]{2,}\.$|%\.$", before)) and "." not in before[:-1] and ends_sentence(before, text)


def _mend_stop(before: str, text: str, *, same: bool) -> tuple[str, str]:
    """Two halves of one sentence are joined; what begins one of its own gets its capital."""
    core = re.sub(r"\W+$", "", text)
    if same and (core in _JOINED_BY_COMMA or (core.endswith("ing") and core not in _NO_PARTICIPLES)):
        return before[:-1] + ",", text
    if same and core in _JOINED:
        return before[:-1], text
    return before, text[0].upper() + text[1:]


def _is_stray_capital(
    texts: Sequence[str], index: int, pause: Seconds, small: Counter[str], raised: Counter[str]
) -> bool:
    match, before = _FIRST.match(texts[index]), texts[index - 1]
    if match is None or match[1] or not re.search(r"[\w,;]$", before) or match[2] == "I" or "I'" in match[2][:2]:
        return False
    word = match[2]
    if not word[0].isupper() or any(c.isupper() for c in word[1:]) or _near_capital(texts, index):
        return False
    if before.rstrip(",").lower() in _QUOTING and before.endswith(","):
        return False  # She said, Leave me alone.
    if word.lower() in _NAMES_TOO:
        return False
    known = small[word.lower()] >= OFTEN_SMALL and raised[word.lower()] <= 1
    return word.lower() in _FUNCTION or (known and pause >= LEAST_PAUSE_S)


def _near_capital(texts: Sequence[str], index: int) -> bool:
    """Part of a name: "Lord of The Rings", "a Core ChatGPT experience", "In the Gray"."""
    before, behind = texts[index - 1], texts[index + 1 : index + 3]
    after = next((text for text in behind if text not in ("the", "a", "an", "of")), "")
    named = bool(re.match(r"\W*[A-Z]", before)) and before.rstrip(",") != "I" and not before.startswith("I'")
    return named or (bool(re.match(r"\W*[A-Z0-9]", after)) and after != "I" and not after.startswith("I'"))


def _mend_capital(before: str, text: str, pause: Seconds) -> tuple[str, str]:
    """A full stop where a sentence can end and another begins, else a small letter."""
    core = re.sub(r"\W+$", "", text).lower()
    can_end = before[-1].isalnum() and before.lower() not in _CANNOT_END | _FUNCTION
    if can_end and pause >= NEW_SENTENCE_S and core in _SUBJECTS:
        return before + ".", text
    return before, text[0].lower() + text[1:]
