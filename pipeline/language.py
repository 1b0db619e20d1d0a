"""Analysed text: its tokens with their grammar, its sentences, its noun phrases and its named entities.

The labels are those of the model behind the port (docs of spaCy's ``en_core_web_sm``): ``pos`` is a Universal part of
speech, ``tag`` a Penn Treebank tag, ``dep`` a ClearNLP dependency, an entity's ``label`` one of OntoNotes.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from dataclasses import dataclass
from functools import cache

PARSED_LANGUAGE = "en"
"""The language whose grammar is analysed: the one of the model behind the port."""
SCRIPTS = {"THAI": "th", "LAO": "lo", "MYANMAR": "my"}
KANA_SHARE = 0.05
"""Of letters, from which a text is Japanese; a Chinese one has kana in names only."""
SEPARATE = ("yue",)
"""Languages that Whisper tells from the one they are counted to."""


def language_code(said: str) -> str:
    """The code of a language that is named by any code or by its name; what is no language stays as it is.

    Codes have two letters where there are any, as Whisper's have, and no region.

    >>> [language_code(said) for said in ("English", "eng", "EN", "pt_BR", "Deutsch", "cmn", "", "tlh?")]
    ['en', 'en', 'en', 'pt', 'de', 'zh', '', 'tlh?']
    """
    import langcodes

    plain = said.strip().replace("_", "-")
    if not plain:
        return ""
    try:
        found = langcodes.get(plain) if langcodes.tag_is_valid(plain) else langcodes.find(plain)
    except LookupError:
        return plain
    whole = found if found.language in SEPARATE else found.prefer_macrolanguage()
    return whole.language or plain


def language_name(code: str) -> str:
    """The English name of a language for people to read; what has none stays as it is.

    >>> [language_name(code) for code in ("de", "yue", "jw", "")]
    ['German', 'Cantonese', 'Javanese', '']
    """
    import langcodes

    return langcodes.get(code).display_name() if code and langcodes.tag_is_valid(code) else code


def language_of_script(text: str) -> str:
    """The language of a text whose script is of one language, or of one without spaces; empty for any other.

    Han characters among kana are Japanese, and Chinese otherwise.

    >>> [language_of_script(text) for text in ("\u4f60\u597d", "\u65e5\u672c\u306e", "\u0e2a\u0e27", "Hello")]
    ['zh', 'ja', 'th', '']
    """
    letters = [letter for letter in text if letter.isalpha()]
    counts = Counter(_script(letter) for letter in letters)
    kana = counts["HIRAGANA"] + counts["KATAKANA"]
    if 2 * (kana + counts["CJK"]) > len(letters):
        return "ja" if kana > KANA_SHARE * len(letters) else "zh"
    script, count = counts.most_common(1)[0] if counts else ("", 0)
    return SCRIPTS.get(script, "") if 2 * count > len(letters) else ""


@cache
def _script(letter: str) -> str:
    return unicodedata.name(letter, "").split(" ")[0]


@dataclass(frozen=True, slots=True)
class Token:
    """One token of a text.

    ``start``: its first character in the text; ``space``: whether white space follows it; ``head``: the index of the
    token it depends on (its own where it is the root of its sentence). Where only tokens and sentences are known,
    ``lemma``, ``pos``, ``tag`` and ``dep`` are empty and ``head`` is the token itself.
    """

    text: str
    start: int
    space: bool
    head: int
    lemma: str = ""
    pos: str = ""
    tag: str = ""
    dep: str = ""

    @property
    def end(self) -> int:
        """The character after its last one."""
        return self.start + len(self.text)


@dataclass(frozen=True, slots=True)
class TokenSpan:
    """Tokens ``first`` to ``last`` (exclusive)."""

    first: int
    last: int

    def __len__(self) -> int:
        return self.last - self.first


@dataclass(frozen=True, slots=True)
class Entity(TokenSpan):
    """A named entity; ``label`` is its kind: PERSON, ORG, GPE, WORK_OF_ART, ..."""

    label: str


@dataclass(frozen=True, slots=True)
class AnalysedText:
    """A text and what is known of its language; spans are in order of the text.

    ``parsed``: whether there is a grammar (parts of speech, dependencies, noun phrases, entities) or sentences only.
    """

    text: str
    tokens: tuple[Token, ...]
    sentences: tuple[TokenSpan, ...]
    noun_phrases: tuple[TokenSpan, ...] = ()
    entities: tuple[Entity, ...] = ()
    parsed: bool = False

    def text_of(self, span: TokenSpan) -> str:
        """The text of a span as it is written, without the space around it.

        >>> ada = AnalysedText("I'm Ada.", (Token("I", 0, False, 1), Token("'m", 1, True, 1), Token("Ada", 4, False, 1),
        ...     Token(".", 7, False, 1)), (TokenSpan(0, 4),))
        >>> ada.text_of(TokenSpan(2, 3))
        'Ada'
        """
        if not len(span):
            return ""
        return self.text[self.tokens[span.first].start : self.tokens[span.last - 1].end].strip()
