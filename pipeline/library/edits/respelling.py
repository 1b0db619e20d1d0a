"""Words written anew, as a person said that they are: once, or wherever a phrase is said."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from pipeline.timeline import Transcript, Word

_CORE = re.compile(r"(\W*)(.*?)((?:['’]s)?\W*)", re.DOTALL)


def respeak(words: Sequence[Word], text: str) -> tuple[Word, ...]:
    """The stretch of these words with another text: each word its time, or the time shared out by letters.

    >>> [w.text for w in respeak((Word(0, 1, "ultra"), Word(1, 2, "man")), "Altman")]
    ['Altman']
    """
    said = text.split()
    if len(said) == len(words):
        return tuple(replace(word, text=new, probability=1.0) for word, new in zip(words, said, strict=True))
    start, end = words[0].start, words[-1].end
    total = sum(map(len, said))
    spoken, before = [], 0
    for new in said:
        first = start + (end - start) * before / total
        before += len(new)
        last = start + (end - start) * before / total
        speaker = next((word.speaker for word in words if word.end > first), words[-1].speaker)
        spoken.append(Word(round(first, 3), round(max(first, last), 3), new, 1.0, speaker))
    return tuple(spoken)


def replace_phrase(words: tuple[Word, ...], was: str, text: str) -> tuple[Word, ...]:
    """The words with a phrase spelt anew wherever it is said; punctuation around it and a possessive stay.

    >>> [w.text for w in replace_phrase((Word(0, 1, "Ultraman's,"), Word(1, 2, "plan")), "Ultraman", "Altman")]
    ["Altman's,", 'plan']
    """
    wanted = was.split()
    if not wanted or was == text:
        return words
    cores = [_core(word.text) for word in words]
    wanted = [_core(part)[1] or part for part in wanted]
    changed: list[Word] = []
    place = 0
    while place < len(words):
        run = cores[place : place + len(wanted)]
        if [core for _, core, _ in run] == wanted and not any(tail for _, _, tail in run[:-1]):
            changed += respeak(words[place : place + len(wanted)], f"{run[0][0]}{text}{run[-1][2]}" if text else "")
            place += len(wanted)
        else:
            changed.append(words[place])
            place += 1
    return tuple(changed)


def replace_text(whole: str, was: str, text: str) -> str:
    """A text with a phrase spelt anew where it stands as whole words.

    >>> replace_text("Annie met Ann.", "Ann", "Anne")
    'Annie met Anne.'
    """
    return re.sub(rf"(?<!\w){re.escape(was)}(?!\w)", lambda _: text, whole) if was else whole


def spell_by_glossary(attributed: Transcript, glossary: Sequence[tuple[str, str]]) -> Transcript:
    """The transcript as its show's glossary spells it: pairs of what is heard and what it should be."""
    words = attributed.words
    for was, text in glossary:
        words = replace_phrase(words, was, text)
    return replace(attributed, words=words)


def _core(text: str) -> tuple[str, str, str]:
    """A word without the punctuation around it and without a possessive, between what was taken off."""
    found = _CORE.fullmatch(text)
    return (found[1], found[2], found[3]) if found else ("", text, "")
