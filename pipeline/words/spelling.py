"""The metadata knows how an episode's names are written: "open AI" becomes "OpenAI", "Nora Gelpern" "Nora Gelperin".

A *term* is a name of the metadata: a word with a capital inside (RockShox), capitalised words in a row (Nora Gelperin),
two names joined by "&" (Spoke & Wrench), the show's own name. Words of the transcript become a term

1. where their letters, joined, are the term's: only spaces, hyphens and capitals change; or
2. where they sound like it (Metaphone, Philips 1990, of all their letters; as many syllables) and are spelt almost the
   same. Plain names are told from plain words by their capitals: each part must have been written with one.

Nothing that was not spoken can come in, and what is a word of another meaning stays: "an open mind and AI".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from pipeline.timeline import Transcript, Word

MOST_PARTS = 5  # words that one term may have been heard as
LEAST_ALONE = 5  # letters; shorter family names sound like too many other words
LEAST_SOUND = 6  # letters of a compound or joined name that is looked for by sound; shorter ones sound like words
LEAST_SHARED = 2  # letters that a compound and what was heard must begin with in common
MOST_EDITS_SHARE = 0.4  # of the longer spelling's letters: Lin/Lyn is 1 of 3, Gelperin/Gelpern 1 of 8

_TOKEN = re.compile(r"[^\W_]+(?:[-'’.&][^\W_]+)*")
_NAME = re.compile(r"(?<![\w’'-])[A-Z][\w-]+(?: [A-Z][\w-]+)+")
_JOINED = re.compile(r"(?<![\w’'-])[A-Z][\w’'-]+(?: [A-Z][\w’'-]+)? & [A-Z][\w’'-]+(?: [A-Z][\w’'-]+)?")
_CORE = re.compile(r"^(?P<before>\W*)(?P<core>.*?)(?P<tail>(?:['’]s?)?\W*)$", re.S)
_SENTENCE_END = re.compile(r"[.!?…][\"')\]”’]*$")


@dataclass(frozen=True, slots=True)
class _Term:
    """A name as it is written; ``letters``: as spoken, small and joined; ``plain``: told only by its capitals."""

    text: str
    letters: str
    plain: bool

    @property
    def parts(self) -> int:
        return len(self.text.split())


def fix_spelling(transcript: Transcript, *, title: str = "", show: str = "", description: str = "") -> Transcript:
    """The transcript with names spelt as title, show and description (or a glossary appended to it) spell them.

    >>> heard = Transcript((Word(0.0, 0.4, "Open"), Word(0.4, 0.9, "AI's"), Word(0.9, 1.2, "lead.")), "en", "base")
    >>> fix_spelling(heard, title="OpenAI on top").text
    "OpenAI's lead."
    """
    about = "\n".join((title, show, description))
    terms = tuple(dict.fromkeys([*_compounds(about), *_joined(about), *_names(about)]))
    if not terms:
        return transcript
    words = _respell_family(_respell(transcript.words, _Terms(terms)), [term for term in terms if term.plain])
    return replace(transcript, words=words)


def _compounds(text: str) -> Iterator[_Term]:
    """Words with a capital after a small letter: they are written together on purpose."""
    for token in _TOKEN.findall(text):
        plain = re.sub(r"['’]s?$", "", token)
        if re.search(r"[a-z][A-Z]", plain) and len(_letters(plain)) > 2:
            yield _Term(plain, _letters(plain), plain=False)


def _joined(text: str) -> Iterator[_Term]:
    """Names joined by "&", which is heard as "and" or as less."""
    for match in _JOINED.findall(text):
        for spoken in ("and", "n"):
            yield _Term(match, _letters(match.replace("&", spoken)), plain=False)


def _names(text: str) -> Iterator[_Term]:
    """Every two or three neighbours of a run of capitalised words: of "Reporter Nora Gelperin" one is the name."""
    for run in _NAME.findall(text):
        parts = run.split(" ")
        for count in (2, 3):
            for first in range(len(parts) - count + 1):
                name = " ".join(parts[first : first + count])
                yield _Term(name, _letters(name), plain=True)


class _Terms:
    """Terms by their letters and by their sound."""

    def __init__(self, terms: Iterable[_Term]) -> None:
        self.written: dict[str, _Term] = {}
        self.letters: set[str] = set()
        self.joined: dict[str, list[_Term]] = {}
        self.plain: dict[tuple[str, ...], list[_Term]] = {}
        for term in terms:
            self.letters.add(term.letters)
            if term.plain:
                sounds = tuple(_sound(part.lower()) for part in term.text.split())
                self.plain.setdefault(sounds, []).append(term)
            else:
                self.written.setdefault(term.letters, term)
                if len(term.letters) >= LEAST_SOUND:
                    self.joined.setdefault(_sound(term.letters), []).append(term)

    def heard_as(self, cores: Sequence[str]) -> _Term | None:
        """The one term that words are, by their letters or else by their sound; None where they are none or one."""
        letters = _letters("".join(cores))
        if letters in self.letters:
            return self.written.get(letters)
        alike = [
            term
            for term in (self.joined.get(_sound(letters), []) if self.joined and letters else [])
            if abs(len(cores) - max(2, term.parts)) <= 1
            and letters[:LEAST_SHARED] == term.letters[:LEAST_SHARED]
            and _same(letters, term.letters)
        ]
        if self.plain and len(cores) > 1 and all(core[:1].isupper() for core in cores):
            parts = [core.lower() for core in cores]
            alike += [
                term
                for term in self.plain.get(tuple(_sound(part) for part in parts), [])
                if all(_same(part, other.lower()) for part, other in zip(parts, term.text.split(), strict=True))
            ]
        return alike[0] if len({term.text for term in alike}) == 1 else None


def _respell(words: Sequence[Word], terms: _Terms) -> tuple[Word, ...]:
    """The words with every run that is a term written as one, the longest run first."""
    written: list[Word] = []
    index = 0
    cores = [_core(word.text) for word in words]
    while index < len(words):
        longest = next((n for n in range(1, MOST_PARTS) if not _goes_on(words, index + n)), MOST_PARTS)
        for count in range(longest, 0, -1):
            if term := terms.heard_as(cores[index : index + count]):
                written += _as_term(words[index : index + count], term)
                index += count
                break
        else:
            written.append(words[index])
            index += 1
    return tuple(written)


def _goes_on(words: Sequence[Word], index: int) -> bool:
    """Whether a word can be of one name with the one before: of the same voice, and no punctuation between them."""
    if index >= len(words) or words[index].speaker != words[index - 1].speaker:
        return False
    return not re.search(r"[^\w-]$", words[index - 1].text)


def _as_term(run: Sequence[Word], term: _Term) -> Iterable[Word]:
    """The run's words with the term's spelling: word for word where it has as many parts, else as one word."""
    parts = term.text.split()
    if len(parts) == len(run):
        return [_respelt(word, part) for word, part in zip(run, parts, strict=True)]
    before, after = _CORE.match(run[0].text), _CORE.match(run[-1].text)
    assert before is not None and after is not None
    text = before["before"] + term.text + after["tail"]
    probability = sum(word.probability for word in run) / len(run)
    return [replace(run[0], end=run[-1].end, text=text, probability=probability)]


def _respell_family(words: Sequence[Word], names: Sequence[_Term]) -> tuple[Word, ...]:
    """Family names alone, where the transcript writes them as names in the middle of a sentence."""
    family = {name.text.split()[-1] for name in names if len(name.text.split()[-1]) >= LEAST_ALONE}
    written = list(words)
    for index in range(1, len(written)):
        core = _core(written[index].text)
        if core[:1].isupper() and core not in family and not _SENTENCE_END.search(written[index - 1].text):
            alike = [name for name in family if _same(core.lower(), name.lower())]
            if len(alike) == 1:
                written[index] = _respelt(written[index], alike[0])
    return tuple(written)


@cache
def _same(heard: str, name: str) -> bool:
    """Whether two spellings in small letters sound the same and look almost the same."""
    import jellyfish

    if heard == name:
        return True
    if not (heard.isascii() and name.isascii() and heard.isalpha() and name.isalpha()):
        return False
    edits = jellyfish.damerau_levenshtein_distance(heard, name)
    if edits > MOST_EDITS_SHARE * max(len(heard), len(name)):
        return False
    # Metaphone is deaf to vowels: Gomez and Gomeza share a code, but not their number of syllables.
    return _sound(heard) == _sound(name) and _syllables(heard) == _syllables(name)


@cache
def _sound(word: str) -> str:
    import jellyfish

    return jellyfish.metaphone(word) if word.isascii() else word


def _syllables(word: str) -> int:
    return len(re.findall("[aeiouy]+", word))


def _respelt(word: Word, name: str) -> Word:
    match = _CORE.match(word.text)
    assert match is not None
    return word if match["core"] == name else replace(word, text=match["before"] + name + match["tail"])


def _core(text: str) -> str:
    match = _CORE.match(text)
    return match["core"] if match else text


def _letters(text: str) -> str:
    """Small letters and digits in a row; "&" is spoken "and"."""
    return re.sub(r"[\W_]", "", text.replace("&", "and")).lower()
