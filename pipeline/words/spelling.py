"""The episode's own metadata knows how its names are written: "open AI" becomes "OpenAI", "Berber Gin" "Berber Jin".

Two rules, and neither can bring in a word that was not spoken:

1. A compound of the metadata with a capital inside (OpenAI, ChatGPT, YouTube) replaces one to four words whose letters,
   joined, are the same letters. Only spaces, hyphens and capitals change.
2. A name of the metadata (two or three capitalised words: Berber Jin) replaces as many words of which each sounds the
   same (equal Metaphone code, as many syllables) and is written almost the same. A family name of five letters or
   more is mended alone, too, where the transcript writes it as a name, in the middle of a sentence.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import replace

from pipeline.timeline import Transcript, Word

MOST_PARTS = 4  # words that one compound may have been split into
LEAST_ALONE = 5  # letters; shorter family names sound like too many other words
MOST_EDITS_SHARE = 0.4  # of the longer spelling's letters: Jin/Gin is 1 of 3, Mendoza/Mendosa 1 of 7

_TOKEN = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_NAME = re.compile(r"(?<![\w’'-])[A-Z][\w-]+(?: [A-Z][\w-]+)+")
_CORE = re.compile(r"^(?P<before>\W*)(?P<core>.*?)(?P<tail>(?:['’]s?)?\W*)$", re.S)
_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’]*$")


def fix_spelling(transcript: Transcript, *, title: str = "", show: str = "", description: str = "") -> Transcript:
    """The transcript with names and compounds spelt as title, show and description spell them.

    >>> heard = Transcript((Word(0.0, 0.4, "Open"), Word(0.4, 0.9, "AI's"), Word(0.9, 1.2, "lead.")), "en", "base")
    >>> fix_spelling(heard, title="OpenAI on top").text
    "OpenAI's lead."
    """
    about = "\n".join((title, show, description))
    compounds = {_letters(term): term for term in _compounds(about)}
    names = tuple(dict.fromkeys(_names(about)))
    words = _mend_names(_join_compounds(transcript.words, compounds), names)
    return replace(transcript, words=words)


def _compounds(text: str) -> Iterable[str]:
    """Words with a capital after a small letter: they are written together on purpose."""
    for token in _TOKEN.findall(text):
        plain = _possessor(token)
        if re.search(r"[a-z][A-Z]", plain) and len(_letters(plain)) > 2:
            yield plain


def _names(text: str) -> Iterable[tuple[str, ...]]:
    """Every two or three neighbours of a run of capitalised words: of "WSJ Reporter Berber Jin" one is the name."""
    for run in _NAME.findall(text):
        parts = run.split(" ")
        for count in (2, 3):
            yield from (tuple(parts[i : i + count]) for i in range(len(parts) - count + 1))


def _possessor(word: str) -> str:
    return re.sub(r"['’]s?$", "", word)


def _join_compounds(words: Sequence[Word], compounds: dict[str, str]) -> tuple[Word, ...]:
    joined: list[Word] = []
    index = 0
    while index < len(words):
        for count in range(min(MOST_PARTS, len(words) - index), 0, -1):
            if found := _as_compound(words[index : index + count], compounds):
                joined.append(found)
                index += count
                break
        else:
            joined.append(words[index])
            index += 1
    return tuple(joined)


def _as_compound(run: Sequence[Word], compounds: dict[str, str]) -> Word | None:
    """The run as one word of the metadata, or None; punctuation inside the run keeps its words apart."""
    if any(re.search(r"[^\w-]$", word.text) for word in run[:-1]) or len({word.speaker for word in run}) > 1:
        return None
    match = _CORE.match(run[-1].text)
    assert match is not None
    core = "".join(word.text for word in run[:-1]) + match["before"] * (len(run) > 1) + match["core"]
    before = re.match(r"\W*", run[0].text)
    term = compounds.get(_letters(core))
    if term is None:
        return None
    text = (before[0] if before else "") + term + match["tail"]
    probability = sum(word.probability for word in run) / len(run)
    return replace(run[0], end=run[-1].end, text=text, probability=probability)


def _mend_names(words: tuple[Word, ...], names: Sequence[tuple[str, ...]]) -> tuple[Word, ...]:
    mended = list(words)
    for name in names:
        for index in range(len(mended) - len(name) + 1):
            run = mended[index : index + len(name)]
            if all(_core(w.text)[:1].isupper() and _same(_core(w.text), n) for w, n in zip(run, name, strict=True)):
                mended[index : index + len(name)] = [_respelt(w, n) for w, n in zip(run, name, strict=True)]
    family = {name[-1] for name in names if len(name[-1]) >= LEAST_ALONE}
    for index in range(1, len(mended)):
        core = _core(mended[index].text)
        if core[:1].isupper() and core not in family and not _SENTENCE_END.search(mended[index - 1].text):
            alike = [name for name in family if _same(core, name)]
            if len(alike) == 1:
                mended[index] = _respelt(mended[index], alike[0])
    return tuple(mended)


def _same(heard: str, name: str) -> bool:
    """Whether two spellings sound the same and look almost the same."""
    import jellyfish

    one, two = heard.lower(), name.lower()
    if one == two:
        return True
    if not (one.isascii() and two.isascii() and one.isalpha() and two.isalpha()):
        return False
    edits = jellyfish.damerau_levenshtein_distance(one, two)
    if edits > MOST_EDITS_SHARE * max(len(one), len(two)) or jellyfish.metaphone(one) != jellyfish.metaphone(two):
        return False
    # Metaphone is deaf to vowels: Mendez and Mendoza share a code, but not their number of syllables.
    return len(re.findall("[aeiouy]+", one)) == len(re.findall("[aeiouy]+", two))


def _respelt(word: Word, name: str) -> Word:
    match = _CORE.match(word.text)
    assert match is not None
    return word if match["core"] == name else replace(word, text=match["before"] + name + match["tail"])


def _core(text: str) -> str:
    match = _CORE.match(text)
    return match["core"] if match else text


def _letters(text: str) -> str:
    return re.sub(r"[\W_]", "", text).lower()
