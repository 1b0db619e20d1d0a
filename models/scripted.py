"""Networks that say what they are told: for tests, and for trying the tool without weights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby
from typing import TYPE_CHECKING

from pipeline.language import AnalysedText, Entity, Token, TokenSpan
from pipeline.ports import Progress, silent
from pipeline.timeline import Diarization, Span, Transcript, Turn, Waveform, Word, merge_spans

if TYPE_CHECKING:
    import numpy as np


class ScriptedTranscriber:
    """Hears the words it was given, as far as they lie in speech."""

    def __init__(self, words: Sequence[Word], *, language: str = "en") -> None:
        self.words = tuple(words)
        self.language = language

    def transcribe(
        self, wave: Waveform, speech: Sequence[Span], *, language: str | None = None, progress: Progress = silent
    ) -> Transcript:
        heard = tuple(
            word
            for word in self.words
            if word.end <= wave.duration and any(span.contains(word.middle) for span in speech)
        )
        progress(1.0)
        return Transcript(heard, language or self.language, "scripted")


class ScriptedDiarizer:
    """Knows the turns it was given. Where they overlap, the one that began first keeps the floor."""

    def __init__(self, turns: Sequence[Turn]) -> None:
        self.turns = tuple(sorted(turns, key=lambda turn: (turn.start, turn.end, turn.speaker)))

    def diarize(
        self,
        wave: Waveform,
        *,
        speakers: tuple[int | None, int | None] = (None, None),
        progress: Progress = silent,
    ) -> Diarization:
        turns = tuple(
            Turn(turn.start, min(turn.end, wave.duration), turn.speaker)
            for turn in self.turns
            if turn.start < wave.duration
        )
        exclusive: list[Turn] = []
        for turn in turns:
            start = max(turn.start, exclusive[-1].end) if exclusive else turn.start
            if start < turn.end:
                exclusive.append(Turn(start, turn.end, turn.speaker))
        progress(1.0)
        names = sorted({turn.speaker for turn in turns})
        voices = {name: tuple(1.0 if name == other else 0.0 for other in names) for name in names}
        return Diarization(turns, tuple(exclusive), merge_spans(turns), voices)


class ScriptedEncoder:
    """Sentences that share words are near each other: each word is hashed to a signed place in the vector."""

    def __init__(self, width: int = 64) -> None:
        self.width = width

    def encode(self, sentences: Sequence[str]) -> np.ndarray:
        import numpy as np

        vectors = np.zeros((len(sentences), self.width), dtype=np.float32)
        for row, sentence in zip(vectors, sentences, strict=True):
            for word in re.findall(r"\w+", sentence.lower()) or [""]:
                digest = hashlib.sha256(word.encode()).digest()
                row[int.from_bytes(digest[:4], "big") % self.width] += 1.0 if digest[4] & 1 else -1.0
            if not row.any():  # words that cancelled out
                row[0] = 1.0
        unit: np.ndarray = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
        return unit


class ScriptedJudge:
    """Lets every sentence pass."""

    def odds(self, sentences: Sequence[str]) -> np.ndarray:
        import numpy as np

        return np.full(len(sentences), 10.0)


_SHORT = r"['’](?:m|s|re|ve|ll|d)\b"
_TOKEN = re.compile(rf"\w+(?={_SHORT})|{_SHORT}|[\w'’-]+|[^\w\s]")
"""Tokens as spaCy cuts them: "I'm" is two."""


class ScriptedLanguage:
    """Grammar enough for a script: sentences end on full stops, their first word is the subject of the second, the
    verb, and everything else an object; a capital inside a sentence begins a person's name. Phrases are the names; in
    texts without any, all that is neither a name nor a verb."""

    def analyse(self, texts: Sequence[str], *, language: str = "en") -> tuple[AnalysedText, ...]:
        """Tokens, sentences, phrases and people of every text; nothing depends on ``language``."""
        analysed = tuple(self._analyse(text) for text in texts)
        if not any(text.entities for text in analysed):
            return analysed
        names = (tuple(TokenSpan(person.first, person.last) for person in text.entities) for text in analysed)
        return tuple(replace(text, noun_phrases=phrases) for text, phrases in zip(analysed, names, strict=True))

    def _analyse(self, text: str) -> AnalysedText:
        parts = list(_TOKEN.finditer(text))
        names = [
            bool(part.group()[0].isupper() and n and parts[n - 1].group() not in ".?!" and part.group() != "I")
            for n, part in enumerate(parts)
        ]
        bare = tuple(Token(p.group(), p.start(), text[p.end() : p.end() + 1].isspace(), n) for n, p in enumerate(parts))
        sentences = tuple(_sentences(bare))
        places = ((n, sentence) for sentence in sentences for n in range(sentence.first, sentence.last))
        tokens = tuple(_with_grammar(bare[n], names[n], sentence) for n, sentence in places)
        phrases = tuple(TokenSpan(n, n + 1) for n, token in enumerate(tokens) if token.pos == "NOUN")
        return AnalysedText(text, tokens, sentences, phrases, tuple(_people(names)), parsed=True)


def _with_grammar(token: Token, named: bool, sentence: TokenSpan) -> Token:
    """A token's place in the made-up grammar of its sentence."""
    root = min(sentence.first + 1, sentence.last - 1)
    here = token.head
    if not token.text[0].isalnum():
        pos, tag, dep = "PUNCT", ".", "punct"
    elif here == root and not named:
        pos, tag, dep = "VERB", "VBZ", "ROOT"
    else:
        pos, tag = ("PROPN", "NNP") if named else ("NOUN", "NN")
        dep = "nsubj" if here == sentence.first else "dobj"
    return replace(token, head=root, lemma=token.text.lower(), pos=pos, tag=tag, dep=dep)


def _sentences(tokens: Sequence[Token]) -> Iterator[TokenSpan]:
    first = 0
    for n, token in enumerate(tokens):
        if token.text in ".?!" or n == len(tokens) - 1:
            yield TokenSpan(first, n + 1)
            first = n + 1


def _people(names: Sequence[bool]) -> Iterator[Entity]:
    for named, run in groupby(range(len(names)), key=lambda n: names[n]):
        if named:
            numbers = list(run)
            yield Entity(numbers[0], numbers[-1] + 1, "PERSON")
