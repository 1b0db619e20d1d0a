"""Episodes for the stages that read text: the seed as if it had been spoken, and its ads."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from pipeline.formats.records.seed import in_ads, parse_ad_marks, parse_seed
from pipeline.result import Speaker
from pipeline.timeline import Segment, Span, Word, merge_spans
from pipeline.words.sentences import drop_words, group_segments
from tests.paths import SEEDS


@dataclass(frozen=True)
class Spoken:
    """The seed with made-up times: everything a stage after the diarizer is given."""

    title: str
    description: str
    words: tuple[Word, ...]
    segments: tuple[Segment, ...]
    ads: tuple[Span, ...]
    speakers: tuple[Speaker, ...]
    duration: float


@pytest.fixture(scope="session")
def spoken_seed() -> Spoken:
    seed = parse_seed((SEEDS / "openai-code-red.txt").read_text(encoding="utf-8"))
    marks = parse_ad_marks((SEEDS / "openai-code-red.ads.json").read_text(encoding="utf-8"), seed)
    words: list[Word] = []
    ads: list[Span] = []
    now = 0.5
    for index, paragraph in enumerate(seed.paragraphs):
        begin = now
        for text in paragraph.text.split():
            end = now + 0.06 * (len(text) + 1)
            words.append(Word(round(now, 3), round(end - 0.02, 3), text, 1.0, paragraph.speaker))
            now = end + (0.3 if text[-1] in ".?!" else 0.0)
        if in_ads(marks, index):
            ads.append(Span(begin - 0.2, now + 0.2))
        now += 0.4
    spans = merge_spans(ads, gap_s=1.0)
    segments = group_segments(drop_words(words, spans), breaks=[t for s in spans for t in (s.start, s.end)])
    speakers = (
        Speaker("Speaker 1", "Jessica Mendoza", "host", 0.9),
        Speaker("Speaker 2", "Berber Jin", "reporter", 0.9),
    )
    return Spoken(seed.title, seed.description, tuple(words), segments, spans, speakers, now)
