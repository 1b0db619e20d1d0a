"""Long runs of words that only one side has: an ad left in the published transcript, or a passage lost from it.

Such runs hide in a word error rate, where 150 words of an ad look like 150 small mistakes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.scores.alignment import Kind, Run, find_runs
from pipeline.scores.wer import Compared
from pipeline.timeline import Seconds, Word

SHOWN_WORDS = 24
"""Words of a run that are quoted: its beginning and its end."""


@dataclass(frozen=True, slots=True)
class LongRun:
    """``start`` and ``end`` in source time; ``end`` is None where nothing was heard after a deletion."""

    kind: Kind
    words: int
    start: Seconds
    end: Seconds | None
    text: str

    @property
    def suspicion(self) -> str:
        return "ad left in?" if self.kind == "insertion" else "content lost?"

    def figure(self) -> dict[str, Any]:
        times = {"start": self.start} | ({} if self.end is None else {"end": self.end})
        return {"kind": self.kind, "suspicion": self.suspicion, "words": self.words, **times, "text": self.text}


def long_runs(compared: Compared, words: Sequence[Word]) -> tuple[LongRun, ...]:
    """The runs of at least 15 words in what is published (``compared``), with the times of ``words`` around them."""
    return tuple(_long_run(run, compared, words) for run in find_runs(compared.alignment))


def _long_run(run: Run, compared: Compared, words: Sequence[Word]) -> LongRun:
    alignment = compared.alignment
    pairs = alignment.pairs[run.first : run.last + 1]
    side = 1 if run.kind == "insertion" else 0
    said = [text for pair in pairs if (text := alignment.texts(pair)[side])]
    if run.kind == "insertion":
        inside = [words[i] for pair in pairs if (i := compared.word_found(pair)) is not None]
        return LongRun(run.kind, run.words, inside[0].start, inside[-1].end, _shortened(said))
    before = [i for pair in alignment.pairs[: run.first] if (i := compared.word_found(pair)) is not None]
    after = [i for pair in alignment.pairs[run.last + 1 :] if (i := compared.word_found(pair)) is not None]
    start = words[before[-1]].end if before else 0.0
    end = max(start, words[after[0]].start) if after else None
    return LongRun(run.kind, run.words, start, end, _shortened(said))


def _shortened(words: Sequence[str]) -> str:
    half = SHOWN_WORDS // 2
    return " ".join(words if len(words) <= SHOWN_WORDS else [*words[:half], "…", *words[-half:]])
