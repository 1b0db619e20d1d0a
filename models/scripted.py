"""Networks that say what they are told: for tests, and for trying the tool without weights."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING

from pipeline.language import AnalysedText, Token, TokenSpan
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


class ScriptedLanguage:
    """Every text one sentence of a made-up grammar: its first word the subject of its second, the others nouns."""

    def analyse(self, texts: Sequence[str], *, language: str = "en") -> tuple[AnalysedText, ...]:
        return tuple(self._analyse(text) for text in texts)

    def _analyse(self, text: str) -> AnalysedText:
        found = list(re.finditer(r"[\w'-]+|[^\w\s]", text))
        root = min(1, len(found) - 1)
        tokens = tuple(self._token(text, match, index, root) for index, match in enumerate(found))
        phrases = tuple(TokenSpan(i, i + 1) for i, token in enumerate(tokens) if token.pos == "NOUN")
        return AnalysedText(text, tokens, (TokenSpan(0, len(tokens)),) if tokens else (), phrases, (), parsed=True)

    def _token(self, text: str, match: re.Match[str], index: int, root: int) -> Token:
        word = match.group()
        space = text[match.end() : match.end() + 1].isspace()
        pos, tag, dep = ("NOUN", "NN", "nsubj" if index == 0 and root else "dobj")
        if not word[0].isalnum():
            pos, tag, dep = "PUNCT", ".", "punct"
        elif index == root:
            pos, tag, dep = "VERB", "VBZ", "ROOT"
        return Token(word, match.start(), space, root, word.lower(), pos, tag, dep)
