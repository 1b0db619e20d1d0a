"""The aligned texts in readable rows, and the confusions that come most often."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from pipeline.scores.report.picture import timed_pairs
from pipeline.scores.scoring import CaseScores
from pipeline.scores.words.alignment import RUN_WORDS, Alignment, Pair
from pipeline.timeline import Seconds

ROW_WORDS = 60
"""A row longer than this is broken: its time would say too little about its last words."""
MOST_CONFUSIONS = 15
LONGEST_CONFUSION = 4
"""Longer stretches of difference are other speech, not a word taken for another."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Words in a row: the same on both sides (only ``found``), or what each side has instead; ``at`` is when."""

    reference: str
    found: str
    at: Seconds
    kind: str


@dataclass(frozen=True, slots=True)
class Row:
    """A stretch of the alignment that one speaker says, all of it in an ad or not, published or not.

    ``mistaken_for`` names the voice most of its words were given to, where that is not the speaker's own.
    """

    at: Seconds
    speaker: str
    mistaken_for: str
    in_ad: bool
    cut: bool
    pieces: tuple[Piece, ...]
    errors: int

    @property
    def remark(self) -> str:
        """What became of it, where that needs saying."""
        if self.in_ad:
            return "ad, cut" if self.cut else "ad, kept"
        return "show, cut" if self.cut else ""


@dataclass(frozen=True, slots=True)
class Confusion:
    """``reference`` was written ``found``; either may be empty."""

    reference: str
    found: str
    count: int
    at: tuple[Seconds, ...]


@dataclass(slots=True)
class _Open:
    """A row being filled."""

    key: tuple[str | None, str | None, bool, bool]
    pairs: list[tuple[Seconds, Pair]] = field(default_factory=list)


def align_rows(scores: CaseScores) -> tuple[Row, ...]:
    """The comparison of all that was heard with the whole reference, in rows."""
    if scores.words is None:
        return ()
    return tuple(_row(scores, row) for row in _open_rows(scores) if row.pairs)


def count_confusions(scores: CaseScores, *, most: int = MOST_CONFUSIONS) -> tuple[Confusion, ...]:
    """Stretches of difference that come most often, the commonest first; long runs are listed elsewhere."""
    if scores.words is None:
        return ()
    times: dict[tuple[str, str], list[Seconds]] = {}
    alignment = scores.words.raw.alignment
    for stretch in _stretches(list(timed_pairs(scores))):
        if stretch[0][1].kind == "hit" or len(stretch) >= RUN_WORDS:
            continue
        sides = _sides(alignment, [pair for _, pair in stretch])
        if max(len(side.split()) for side in sides) <= LONGEST_CONFUSION:
            times.setdefault(sides, []).append(stretch[0][0])
    counts = Counter({sides: len(at) for sides, at in times.items()})
    ranked = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:most]
    return tuple(Confusion(*sides, count, tuple(times[sides])) for sides, count in ranked)


def _open_rows(scores: CaseScores) -> Iterator[_Open]:
    assert scores.words is not None
    words, raw = scores.words, scores.words.raw
    row: _Open | None = None
    speaker = heard_as = None
    in_ad = cut = False
    for at, pair in timed_pairs(scores):
        said, found = raw.word_said(pair), raw.word_found(pair)
        if said is not None:
            speaker = scores.case.words[said].speaker
            in_ad = words.mask is not None and words.mask.reference[said]
        elif found is not None and words.mask is not None:
            in_ad = words.mask.found[found]
        if found is not None:
            heard_as = scores.result.transcript.words[found].speaker
            cut = not words.published[found]
        key = (speaker, heard_as if speaker is None else None, in_ad, cut)
        settled = bool(row and row.pairs) and pair.kind == "hit"
        if row is None or row.key != key or (settled and len(row.pairs) >= ROW_WORDS):
            if row is not None:
                yield row
            row = _Open(key)
        row.pairs.append((at, pair))
    if row is not None:
        yield row


def _row(scores: CaseScores, row: _Open) -> Row:
    assert scores.words is not None
    raw = scores.words.raw
    heard = [
        scores.result.transcript.words[i].speaker for _, pair in row.pairs if (i := raw.word_found(pair)) is not None
    ]
    voices = Counter(voice for voice in heard if voice)
    pieces = tuple(_piece(scores, stretch) for stretch in _stretches(row.pairs))
    speaker, other, in_ad, cut = row.key
    return Row(
        at=row.pairs[0][0],
        speaker=speaker or other or "",
        mistaken_for=_mistaken(scores, speaker, voices),
        in_ad=in_ad,
        cut=cut,
        pieces=pieces,
        errors=sum(pair.kind != "hit" for _, pair in row.pairs),
    )


def _mistaken(scores: CaseScores, speaker: str | None, voices: Counter[str]) -> str:
    if speaker is None or not voices or scores.cpwer is None:
        return ""
    heard = voices.most_common(1)[0][0]
    return "" if (speaker, heard) in scores.cpwer.pairs else scores.result.shown(heard)


def _stretches(pairs: Sequence[tuple[Seconds, Pair]]) -> Iterator[list[tuple[Seconds, Pair]]]:
    """Neighbours that are all hits, or all none."""
    stretch: list[tuple[Seconds, Pair]] = []
    for at, pair in pairs:
        if stretch and (pair.kind == "hit") != (stretch[-1][1].kind == "hit"):
            yield stretch
            stretch = []
        stretch.append((at, pair))
    if stretch:
        yield stretch


def _piece(scores: CaseScores, stretch: Sequence[tuple[Seconds, Pair]]) -> Piece:
    assert scores.words is not None
    raw = scores.words.raw
    if stretch[0][1].kind == "hit":  # as it is printed, with capitals and commas; no word twice
        indices = dict.fromkeys(raw.word_found(pair) for _, pair in stretch)
        text = " ".join(scores.result.transcript.words[i].text for i in indices if i is not None)
        return Piece("", text, stretch[0][0], "hit")
    reference, found = _sides(raw.alignment, [pair for _, pair in stretch])
    kind = "substitution" if reference and found else "deletion" if reference else "insertion"
    return Piece(reference, found, stretch[0][0], kind)


def _sides(alignment: Alignment, pairs: Sequence[Pair]) -> tuple[str, str]:
    texts = [alignment.texts(pair) for pair in pairs]
    return " ".join(a for a, _ in texts if a), " ".join(b for _, b in texts if b)
