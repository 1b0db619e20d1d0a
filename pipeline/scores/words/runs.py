"""Long runs of words that only one side has: an ad left in the published transcript, or a passage lost from it.

Such runs hide in a word error rate, where 150 words of an ad look like 150 small mistakes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.scores.words.alignment import RUN_WORDS, Kind, Pair, find_runs
from pipeline.scores.words.wer import Compared, WordScores
from pipeline.timeline import Seconds, Word

SHOWN_WORDS = 24
"""Words of a run that are quoted: its beginning and its end."""


@dataclass(frozen=True, slots=True)
class LongRun:
    """``heard`` of the ``words`` were recognised (a deleted word may have been heard and then cut with an ad).

    ``start`` and ``end`` are source time; ``end`` is None where nothing was heard after a deletion.
    """

    kind: Kind
    words: int
    heard: int
    start: Seconds
    end: Seconds | None
    text: str

    @property
    def suspicion(self) -> str:
        return "ad left in?" if self.kind == "insertion" else "content lost?"

    def figure(self) -> dict[str, Any]:
        times = {"start": self.start} | ({} if self.end is None else {"end": self.end})
        counts = {"words": self.words, "heard": self.heard}
        return {"kind": self.kind, "suspicion": self.suspicion, **counts, **times, "text": self.text}


def long_runs(scores: WordScores, words: Sequence[Word]) -> tuple[LongRun, ...]:
    """The runs of at least 15 words by which what is published differs from the reference; ``words`` are all heard."""
    heard_as = {
        said: found
        for pair in scores.raw.alignment.pairs
        if (said := scores.raw.word_said(pair)) is not None and (found := scores.raw.word_found(pair)) is not None
    }
    compared = scores.pipeline
    runs = []
    for run in find_runs(compared.alignment):
        pairs = compared.alignment.pairs[run.first : run.last + 1]
        for first, part in _without_seams(compared, pairs, run.first):
            own = [pair for pair in part if pair.kind == run.kind]
            if len(own) >= RUN_WORDS:
                runs.append(_long_run(run.kind, compared, own, first, words, heard_as))
    return tuple(runs)


def _without_seams(compared: Compared, pairs: Sequence[Pair], first: int) -> Iterator[tuple[int, list[Pair]]]:
    """The pairs cut where words of a side were left out (an ad between them), each part with its first index."""
    part: list[Pair] = []
    at = first
    before = (0, 0)
    for index, pair in enumerate(pairs, start=first):
        left_out = _left_out(compared, pair, before)
        if part and left_out != before:
            yield at, part
            part, at = [], index
        before = left_out
        part.append(pair)
    yield at, part


def _left_out(compared: Compared, pair: Pair, before: tuple[int, int]) -> tuple[int, int]:
    """How many words of the whole reference and the whole transcript, up to this pair, take no part."""
    reference, found = before
    if pair.reference is not None:
        place = compared.alignment.reference[pair.reference].first
        reference = compared.reference[place] - place
    if pair.found is not None:
        place = compared.alignment.found[pair.found].first
        found = compared.found[place] - place
    return reference, found


def _long_run(
    kind: Kind, compared: Compared, pairs: Sequence[Pair], first: int, words: Sequence[Word], heard_as: dict[int, int]
) -> LongRun:
    alignment = compared.alignment
    text = _shortened([alignment.texts(pair)[kind == "insertion"] for pair in pairs])
    if kind == "insertion":
        inside = [words[i] for pair in pairs if (i := compared.word_found(pair)) is not None]
        return LongRun(kind, len(pairs), len(pairs), inside[0].start, inside[-1].end, text)
    heard = [words[heard_as[i]] for pair in pairs if (i := compared.word_said(pair)) is not None and i in heard_as]
    if heard:
        return LongRun(kind, len(pairs), len(heard), heard[0].start, heard[-1].end, text)
    before = [i for pair in alignment.pairs[:first] if (i := compared.word_found(pair)) is not None]
    after = [i for pair in alignment.pairs[first:] if (i := compared.word_found(pair)) is not None]
    start = words[before[-1]].end if before else 0.0
    return LongRun(kind, len(pairs), 0, start, max(start, words[after[0]].start) if after else None, text)


def _shortened(words: Sequence[str]) -> str:
    half = SHOWN_WORDS // 2
    return " ".join(words if len(words) <= SHOWN_WORDS else [*words[:half], "…", *words[-half:]])
