"""Whether a sentence that a language model wrote says nothing but what the transcript holds.

Names, numbers and quotations are what invented sentences betray themselves by, and they can be looked up; what can not
be checked in this way is rejected when it looks like a name. Rejecting costs little: the transcript's own words stay.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.scores.words.normalise import normalise
from pipeline.timeline import Word
from pipeline.words.lists import listed
from pipeline.words.sentences import ends_sentence

_TOKEN = re.compile(r"[$\u20ac\u00a3]?[^\W_]+(?:[.,:'\u2019&-][^\W_]+)*%?")
_QUOTED = re.compile(r"[\"\u201c\u201d\u00ab]([^\"\u201c\u201d\u00ab\u00bb]+)[\"\u201c\u201d\u00bb]")
_REFUSAL = re.compile(
    r"^(?:i(?:'|\u2019)?m sorry|i am sorry|sorry,|i can(?:not|'t|\u2019t)|i(?:'|\u2019)?m unable|as an ai|"
    r"unfortunately, i|here(?:'s| is) (?:the|a|my) |sure[,!])",
    re.IGNORECASE,
)
_MARKUP = re.compile(r"[<>{}\[\]|`*#_\\\x00-\x1f]|https?:|www\.|\w\.(?:com|org|net|io|co)\b", re.IGNORECASE)
_SMALL = listed("a an and as at but by for from in into of on or the to vs with how why what when who where is are")


@dataclass(frozen=True, slots=True)
class Said:
    """What a transcript holds: its words, its numbers in digits, and all of it in order."""

    words: frozenset[str]
    numbers: frozenset[str]
    text: str


def said_in(words: Iterable[Word], *, names: Sequence[str] = ()) -> Said:
    """What was said, and the names that are known without being said."""
    spoken = [word.text for word in words]
    tokens = [token for text in spoken for token in _tokens(text)]
    known = [token for name in names for token in [*_tokens(name), "\n"]]
    bare = [_bare(token) for token in tokens]
    plain = frozenset(
        form for token in (*bare, *map(_bare, known)) for form in (token, singular(token), *token.split("-"))
    )
    text = " ".join([*bare, *("\n" if token == "\n" else _bare(token) for token in ["\n", *known])])
    return Said(plain, frozenset(_numbers(" ".join(spoken))), f" {text} ")


def unsupported(text: str, said: Said) -> str:
    """Why a written sentence is not to be printed, in a few words; empty when everything in it was said.

    >>> said = said_in(Word(i, i + 1, text) for i, text in enumerate("Ada Park baked two loaves.".split()))
    >>> unsupported("Ada Park baked 2 loaves.", said), unsupported("Ada Park baked 3 loaves in Oslo.", said)
    ('', 'the number 3 was not said')
    """
    return _unsound(text, said) or _unsaid_name(text, said)


def _unsound(text: str, said: Said) -> str:
    if _REFUSAL.search(text):
        return "it is no sentence about the episode"
    if _MARKUP.search(text):
        return "it holds markup or an address"
    for quoted in _QUOTED.findall(text):
        if f" {' '.join(_bare(t) for t in _tokens(quoted))} " not in said.text:
            return f"the quotation “{_short(quoted)}” was not said"
    return _unsaid_number(text, said)


def unsupported_title(text: str, said: Said) -> str:
    """The same for a title: capitals tell no names there, so every word of weight has to have been said."""
    for token in _tokens(text):
        bare = _bare(token)
        if bare not in _SMALL and not any(c.isdigit() for c in bare) and not _was_said(bare, said):
            return f"“{_short(token)}” was not said"
    return _unsound(text, said)


def sentences_of(text: str) -> list[str]:
    """The sentences of written text."""
    words = text.split()
    ends = [i + 1 for i, (word, after) in enumerate(pairwise([*words, ""])) if ends_sentence(word, after)]
    edges = [0, *ends] if ends and ends[-1] == len(words) else [0, *ends, len(words)]
    return [" ".join(words[a:b]) for a, b in pairwise(edges) if b > a]


def _unsaid_number(text: str, said: Said) -> str:
    wrong = next((number for number in _numbers(text) if number not in said.numbers and number not in said.words), "")
    return f"the number {_short(wrong)} was not said" if wrong else ""


def _numbers(text: str) -> list[str]:
    """The numbers of a text in digits, whether said as "two million" or as "2 million"; "one" is rarely a number."""
    tokens = (re.sub(r"[^\w.%]", "", token).strip(".") for token in normalise(text).split())
    return [token for token in tokens if any(c.isdigit() for c in token) and token != "1"]


def _unsaid_name(text: str, said: Said) -> str:
    run: list[str] = []
    for sentence in sentences_of(text):
        tokens = _tokens(sentence)
        for index, token in enumerate([*tokens, ""]):
            named = _looks_like_name(token, tokens[index + 1 : index + 2] if index == 0 else None, said)
            if named and not _was_said(_bare(token), said):
                return f"the name “{_short(token)}” was not said"
            run = [*run, _bare(token)] if named else run
            if not named or index == len(tokens):
                if len(run) > 1 and f" {' '.join(run)} " not in said.text:
                    return f"the name “{_short(' '.join(run))}” was not said"
                run = []
    return ""


def _looks_like_name(token: str, behind: Sequence[str] | None, said: Said) -> bool:
    """Whether a token is written as a name.

    ``behind``: for the first of a sentence, the one after it: there a capital tells nothing, so that what was not said
    is taken for a name, and so is what stands before one.
    """
    if not token or token in ("I", "I'm", "I've", "I'd", "I'll"):
        return False
    if any(c.isupper() for c in token[1:]) or not token[0].isupper() or behind is None:
        return token[0].isupper() or any(c.isupper() for c in token[1:])
    return any(word[0].isupper() and word[:2] not in ("I", "I'") for word in behind) or not _was_said(
        _bare(token), said
    )


def singular(word: str) -> str:
    """A plain guess, enough to find "signals" where "signal" was said.

    >>> singular("companies"), singular("crises"), singular("glass")
    ('company', 'crisis', 'glass')
    """
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith("ises") and len(word) > 5:
        return word[:-2] + "is"
    if word.endswith(("ses", "xes", "ches", "shes")) and len(word) > 4:
        return word[:-1] if word.endswith("ses") and not word.endswith("sses") else word[:-2]
    if word.endswith("s") and not word.endswith(("ss", "us", "is", "'s")) and len(word) > 3:
        return word[:-1]
    return word


def _was_said(bare: str, said: Said) -> bool:
    parts = (bare, singular(bare), *bare.split("-"))
    return parts[0] in said.words or parts[1] in said.words or all(part in said.words for part in parts[2:])


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text)


def _bare(token: str) -> str:
    """A word as it is compared: small, its apostrophe straight, no possessive, no dots inside (U.S.)."""
    plain = token.lower().replace("\u2019", "'")
    return re.sub(r"'s?$", "", plain).replace(".", "").strip("$\u20ac\u00a3%") if plain != "\n" else plain


def _short(text: str) -> str:
    return text if len(text) <= 40 else f"{text[:37]}..."
