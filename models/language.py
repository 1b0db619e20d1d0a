"""spaCy behind the LanguageAnalysis port: English by ``en_core_web_sm``, sentences of other languages by rule."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

from models.lean_imports import without_spacy_commands
from pipeline.language import PARSED_LANGUAGE, AnalysedText, Entity, Token, TokenSpan

if TYPE_CHECKING:
    from spacy.language import Language
    from spacy.tokens import Doc

WEIGHTS = "spacy-en"
BATCH_TEXTS = 64  # 16 to 256 are equally fast on one core; memory grows with it
WRITTEN_TOGETHER = {"ja": "zh", "yue": "zh"}
"""Written without spaces and tokenized by a package of their own: taken apart by character, as Chinese is."""
MOST_CHARACTERS = 20_000
"""A longer text is analysed in pieces of at most this many, cut at white space: the parser holds a whole text at once
(spaCy itself refuses a million). Nobody speaks for twenty minutes in one sentence."""


class SpacyLanguage:
    """The LanguageAnalysis port over spaCy; ``folder`` defaults to where the weights are kept.

    The weights are loaded when the first English text comes (0.4 s). 4,500 words a second on one core.
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder
        self._sentencizers: dict[str, Language] = {}
        self._lock = Lock()

    @cached_property
    def english(self) -> Language:
        from models.weights.installed import locate

        with without_spacy_commands():
            import spacy

        # The senter is not fetched: the parser finds the sentences.
        return spacy.load(self.folder or locate(WEIGHTS), exclude=["senter"])

    def analyse(self, texts: Sequence[str], *, language: str = PARSED_LANGUAGE) -> tuple[AnalysedText, ...]:
        """Every text with its tokens and sentences; those of English also with grammar, noun phrases and entities.

        Threads wait for each other: spaCy's vocabulary grows with what it reads. Raises WeightsError where English is
        asked for and its weights are not on this machine.
        """
        with self._lock:
            return self._analyse(texts, language)

    def _analyse(self, texts: Sequence[str], language: str) -> tuple[AnalysedText, ...]:
        parsed = language == PARSED_LANGUAGE
        network = self.english if parsed else self._sentencizer(language)
        pieces = [list(_pieces(text)) for text in texts]
        documents = iter(network.pipe([piece for parts in pieces for piece in parts], batch_size=BATCH_TEXTS))
        return tuple(
            _joined(text, [next(documents) for _ in parts], parsed=parsed)
            for text, parts in zip(texts, pieces, strict=True)
        )

    def _sentencizer(self, language: str) -> Language:
        """Tokens and sentences by rule; languages whose tokenizer needs a package of its own use the general one."""
        with without_spacy_commands():
            import spacy
        if language not in self._sentencizers:
            try:
                network = spacy.blank(WRITTEN_TOGETHER.get(language, language))
            except ImportError:
                network = spacy.blank("xx")
            network.add_pipe("sentencizer")
            self._sentencizers[language] = network
        return self._sentencizers[language]


def _pieces(text: str) -> Iterable[str]:
    """The text in pieces of at most MOST_CHARACTERS, cut after white space where there is any."""
    start = 0
    while len(text) - start > MOST_CHARACTERS:
        cut = max(text.rfind(mark, start, start + MOST_CHARACTERS) for mark in (". ", "\n")) + 1
        cut = cut if cut > start else text.rfind(" ", start, start + MOST_CHARACTERS) + 1
        cut = cut if cut > start else start + MOST_CHARACTERS
        yield text[start:cut]
        start = cut
    yield text[start:]


def _joined(text: str, documents: Sequence[Doc], *, parsed: bool) -> AnalysedText:
    """The analyses of a text's pieces as one."""
    tokens: list[Token] = []
    sentences: list[TokenSpan] = []
    phrases: list[TokenSpan] = []
    entities: list[Entity] = []
    characters = 0
    for document in documents:
        before = len(tokens)
        tokens += [
            Token(t.text, characters + t.idx, bool(t.whitespace_), before + t.head.i, t.lemma_, t.pos_, t.tag_, t.dep_)
            for t in document
        ]
        sentences += [TokenSpan(before + s.start, before + s.end) for s in document.sents]
        if parsed:
            phrases += [TokenSpan(before + p.start, before + p.end) for p in document.noun_chunks]
            entities += [Entity(before + e.start, before + e.end, e.label_) for e in document.ents]
        characters += len(document.text)
    return AnalysedText(text, tuple(tokens), tuple(sentences), tuple(phrases), tuple(entities), parsed)
