"""Words as they are compared: Whisper's own normalisation, with each token's source word remembered.

The normaliser rewrites whole texts (``twenty five`` becomes ``25``, ``(laughs)`` goes away), so it runs over the whole
text, exactly as anybody recomputing the figure would run it; which word a token came from is found afterwards.
"""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib import metadata, util

from rapidfuzz.distance import Levenshtein

NORMALISER_VERSION = "20250625"
"""The release of openai-whisper whose normaliser the published figures use; a rule changed there moves every rate."""

WITHOUT_SPACES = frozenset(("zh", "yue", "ja", "th", "lo", "my"))
"""Languages written without spaces: each character counts as a word, as in Whisper's own tables."""

_MODULE = "whisper.normalizers"


@dataclass(frozen=True, slots=True)
class Token:
    """One normalised word and the source words it was made of: ``first`` to ``last``, both included."""

    text: str
    first: int
    last: int


def normalise(text: str, language: str = "en") -> str:
    """The text as word errors are counted on it: Whisper's EnglishTextNormalizer, its basic one for other languages.

    >>> normalise("It's the colour, uh, of $20 million!")
    'it is the color of $20000000'
    """
    return " ".join(_normaliser(language)(text).split())


def tokenise(words: Sequence[str], language: str = "en") -> tuple[Token, ...]:
    """The tokens of ``normalise`` over all words, each knowing its source words.

    >>> [(t.text, t.first, t.last) for t in tokenise(["Well,", "twenty", "five.", "Uh,", "can't."])]
    [('well', 0, 0), ('25', 1, 2), ('can', 4, 4), ('not', 4, 4)]
    """
    whole = normalise(" ".join(word for word in words if word), language).split()
    alone = [(token, index) for index, word in enumerate(words) for token in _alone(word, language)]
    if [token for token, _ in alone] == whole:
        return tuple(Token(token, index, index) for token, index in alone)
    tokens: list[Token] = []
    source = whole_start = 0
    for block in Levenshtein.opcodes([token for token, _ in alone], whole):
        if block.tag != "equal":
            continue
        tokens += _share(whole[whole_start : block.dest_start], alone, source, block.src_start)
        tokens += [Token(token, index, index) for token, index in alone[block.src_start : block.src_end]]
        source, whole_start = block.src_end, block.dest_end
    tokens += _share(whole[whole_start:], alone, source, len(alone))
    return tuple(tokens)


def divides_words(language: str) -> bool:
    """Whether a language puts spaces between its words; where it does not, each character counts as a word."""
    return (language or "en").split("-")[0] not in WITHOUT_SPACES


def normaliser_version() -> str:
    """The installed release that ``normalise`` comes from; a report says so when it is not the pinned one."""
    return metadata.version("openai-whisper")


def _share(texts: list[str], alone: list[tuple[str, int]], start: int, end: int) -> list[Token]:
    """Tokens of a stretch that only the whole text reads this way, shared out in order over the words there."""
    if not alone:
        return [Token(text, 0, 0) for text in texts]
    if start == end:  # made of nothing by itself: the word before is the nearest
        start, end = max(start - 1, 0), max(start, 1)
    count, size = len(texts), end - start
    edges = [
        (start + i * size // count, start + max((i + 1) * size // count, i * size // count + 1)) for i in range(count)
    ]
    return [Token(text, alone[a][1], alone[b - 1][1]) for text, (a, b) in zip(texts, edges, strict=True)]


@cache
def _alone(word: str, language: str) -> tuple[str, ...]:
    return tuple(_normaliser(language)(word).split()) if word else ()


@cache
def _normaliser(language: str) -> Callable[[str], str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)  # it leaves its list of spellings open
        module = _load()
        if (language or "en").split("-")[0] == "en":
            return module.EnglishTextNormalizer()
        return module.BasicTextNormalizer(split_letters=not divides_words(language))


@cache
def _load():  # type: ignore[no-untyped-def]
    """Whisper's normalisers without the rest of it: ``import whisper`` would bring torch, two seconds."""
    if _MODULE in sys.modules:
        return sys.modules[_MODULE]
    package = util.find_spec("whisper")
    if package is None or not package.submodule_search_locations:
        raise ModuleNotFoundError("openai-whisper is not installed, and scores need its text normaliser")
    folder = f"{package.submodule_search_locations[0]}/normalizers"
    name = "cleancast_whisper_normalizers"
    spec = util.spec_from_file_location(name, f"{folder}/__init__.py", submodule_search_locations=[folder])
    assert spec is not None and spec.loader is not None
    module = util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module
