"""Chapters: the stretches in which an episode stays with one subject, each with a title from its own words.

The sentences of the ad-free transcript are embedded, and the episode is divided so that sentences of one chapter lie
close together (least squares around each chapter's mean, solved exactly), with a say for what a listener hears as a new
part: a cut, a pause, a question of the host, "now" or "coming up"; never between a question and its answer.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pipeline.notes.titles import title_chapters
from pipeline.ports import SentenceEncoder
from pipeline.result import Chapter
from pipeline.timeline import CutList, Seconds, Segment

SHORTEST_S = 50.0
"""A chapter under this is a remark, not a part."""
SPREAD_SENTENCES = 2
"""Each sentence is heard with this many neighbours on either side: single sentences are too short to tell a subject."""
BOUNDARY_WEIGHT = 2.5
"""What a full point of ``_openings`` is worth, in units of one sentence's squared distance from its chapter's mean."""
SEAM_S = 4.0
"""A hole in the words this long is a cut, a jingle or a break."""

_OPENING = re.compile(
    r"^(?:so,? (?:let's|now|today|what)|now,|all right|alright|okay,? (?:so|let's|next)|let's|next(?: up)?\b|"
    r"moving on|"
    r"welcome|coming up|meanwhile|finally|first(?:ly)?,|second(?:ly)?,|before we|turning to|speaking of|"
    r"in other news|"
    r"it (?:began|started)|but first|back to|a (?:turning point|breakthrough|few \w+ later)|"
    r"there's (?:something|one|another))\b",
    re.IGNORECASE,
)
_CONTINUING = re.compile(
    r"^(?:and|but|or|because|which|who|yes|yeah|yep|no|right|exactly|sure|absolutely|totally|mm-?hmm|uh-?huh|wow|oh|"
    r"well|i mean|you know|like|then|also|that's|he|she|it|they|this|these|those|his|her|their)\b",
    re.IGNORECASE,
)


def find_chapters(
    segments: Sequence[Segment],
    *,
    encoder: SentenceEncoder,
    given: Sequence[Chapter] = (),
    cuts: CutList | None = None,
    duration_s: Seconds | None = None,
    title: str = "",
    avoid: Sequence[str] = (),
) -> tuple[Chapter, ...]:
    """Titled chapters that tile the episode, in source time; the creator's own (``given``) win where there are any.

    ``segments``: the sentences without ads; ``cuts``: what was removed, so that a chapter starts after a cut, and a
    given chapter that lies inside one is dropped; ``title``: the episode's; ``avoid``: names that title nothing,
    such as the show's own.
    """
    end = duration_s if duration_s is not None else (cuts.duration if cuts else segments[-1].end if segments else 0.0)
    if given:
        return keep_given(given, cuts=cuts, duration_s=end)
    if not segments:
        return ()
    sentences = _whole_thoughts(segments)
    vectors = encoder.encode([s.text for s in sentences])
    starts = divide(sentences, vectors)
    groups = [sentences[a:b] for a, b in pairwise([*starts, len(sentences)])]
    titles = title_chapters(
        [[s.segments for s in group] for group in groups], encoder=encoder, title=title, avoid=avoid
    )
    times = [0.0, *(group[0].start for group in groups[1:]), max(end, sentences[-1].end)]
    return tuple(Chapter(a, b, text) for (a, b), text in zip(pairwise(times), titles, strict=True))


def keep_given(given: Sequence[Chapter], *, cuts: CutList | None, duration_s: Seconds) -> tuple[Chapter, ...]:
    """The creator's chapters in order, closed up, without those that a cut swallowed and without empty titles."""
    named = sorted((c for c in given if c.title.strip() and c.start < max(duration_s, 0.001)), key=lambda c: c.start)
    ends = [*(c.start for c in named[1:]), max([duration_s, *(c.start for c in named[-1:])])]
    chapters = [Chapter(c.start, end, c.title.strip(), c.url) for c, end in zip(named, ends, strict=True)]
    if cuts is None:
        return tuple(chapters)
    return tuple(c for c in chapters if cuts.to_clean(c.end) - cuts.to_clean(c.start) > 1.0 or not cuts.removed)


@dataclass(frozen=True, slots=True)
class _Thought:
    """A sentence, or several short ones of one speaker, with enough words to have a subject."""

    segments: tuple[Segment, ...]

    @property
    def start(self) -> Seconds:
        return self.segments[0].start

    @property
    def end(self) -> Seconds:
        return self.segments[-1].end

    @property
    def text(self) -> str:
        return " ".join(segment.text for segment in self.segments)


def _whole_thoughts(segments: Sequence[Segment], *, least_words: int = 6) -> list[_Thought]:
    groups: list[list[Segment]] = []
    for segment in segments:
        last = groups[-1] if groups else None
        short = last is not None and sum(len(s.words) for s in last) < least_words
        if last is not None and short and last[-1].speaker == segment.speaker and segment.start - last[-1].end < SEAM_S:
            last.append(segment)
        else:
            groups.append([segment])
    return [_Thought(tuple(group)) for group in groups]


def chapter_count(spoken_s: Seconds) -> int:
    """How many chapters an episode of this length gets: six in ten minutes, eight in twenty, twelve in an hour.

    Shows that publish chapters have one every two to three minutes in short episodes and every five in long ones.
    """
    minutes = spoken_s / 60
    wanted: int = round(2.2 * minutes**0.42)
    return max(1, min(wanted, int(spoken_s // SHORTEST_S)))


def divide(sentences: Sequence[_Thought], vectors: np.ndarray) -> list[int]:
    """The index of each chapter's first sentence; ``vectors``: unit length, shape (n, width)."""
    count = len(sentences)
    lengths = np.array([sum(s.duration for s in t.segments) for t in sentences])
    chapters = chapter_count(float(lengths.sum()))
    smooth = _spread(vectors, lengths)
    bonus = BOUNDARY_WEIGHT * _openings(sentences)
    sums = np.concatenate([np.zeros((1, smooth.shape[1])), np.cumsum(smooth, axis=0)])
    spoken = np.concatenate([[0.0], np.cumsum(lengths)])
    typical = spoken[-1] / chapters
    best = np.full((chapters + 1, count + 1), -np.inf)
    back = np.zeros((chapters + 1, count + 1), int)
    best[0, 0] = 0.0
    gain = np.full((count, count + 1), -np.inf)
    for begin in range(count):
        sizes = spoken[begin + 1 :] - spoken[begin]
        inside = sums[begin + 1 :] - sums[begin]
        close = (inside**2).sum(1) / np.arange(1, count - begin + 1)
        ratio = np.log(np.maximum(sizes, 1.0) / typical)
        gain[begin, begin + 1 :] = close - 0.5 * ratio**2 + (bonus[begin] if begin else 0.0)
        gain[begin, begin + 1 :][sizes < min(SHORTEST_S, typical)] -= 50.0
    for k in range(1, chapters + 1):
        options = best[k - 1, :count, None] + gain
        back[k] = options.argmax(0)
        best[k] = options.max(0)
    starts, end = [], count
    for k in range(chapters, 0, -1):
        end = int(back[k, end])
        starts.append(end)
    return sorted(set(starts))


def _spread(vectors: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    weights = np.minimum(lengths, 15.0)[:, None]
    total, mass = vectors * weights, weights.copy()
    for step in range(1, SPREAD_SENTENCES + 1):
        share = 1.0 - step / (SPREAD_SENTENCES + 1)
        for a, b in ((slice(step, None), slice(None, -step)), (slice(None, -step), slice(step, None))):
            total[a] += share * (vectors * weights)[b]
            mass[a] += share * weights[b]
    mean = total / np.maximum(mass, 1e-6)
    centred = mean - mean.mean(0)
    norms = np.linalg.norm(centred, axis=1, keepdims=True)
    result: np.ndarray = centred / np.maximum(norms, 1e-6)
    return result


def _openings(sentences: Sequence[_Thought]) -> np.ndarray:
    """For each sentence, how much it sounds like the start of a part (about -2 to 3)."""
    words: dict[str | None, int] = {}
    for thought in sentences:
        for segment in thought.segments:
            words[segment.speaker] = words.get(segment.speaker, 0) + len(segment.words)
    asking = _host(sentences)
    scores = np.zeros(len(sentences))
    for index, (before, thought) in enumerate(pairwise(sentences), 1):
        text, speaker = thought.text, thought.segments[0].speaker
        gap = thought.start - before.end
        score = 2.0 if gap > SEAM_S else 0.5 if gap > 1.2 else 0.0
        if speaker != before.segments[-1].speaker:
            score += 0.5 if speaker == asking else -0.2
        elif asking is not None and speaker != asking:
            score -= 0.6
        if text[:1].islower():
            score -= 1.5
        if _OPENING.match(text):
            score += 1.0
        elif _CONTINUING.match(text):
            score -= 1.0
        if before.text.rstrip("\"' ").endswith("?"):
            score -= 1.5
        scores[index] = score
    return scores


def _host(sentences: Sequence[_Thought]) -> str | None:
    """Who asks: the speaker of most questions."""
    asked: dict[str | None, int] = {}
    for thought in sentences:
        speaker = thought.segments[0].speaker
        asked[speaker] = asked.get(speaker, 0) + thought.text.count("?")
    return max(asked, key=lambda speaker: asked[speaker]) if len(asked) > 1 else None
