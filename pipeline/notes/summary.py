"""Show notes out of the transcript alone: chosen sentences, never written ones, each with its time.

Sentences compete: what matters in an episode is what it keeps naming, and what lies near its middle in meaning; a
sentence has to stand alone in print. The summary is the few sentences that together name most of what matters.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

from pipeline.notes.entities import Name, find_names
from pipeline.notes.ranking import PLAIN, Candidate, weigh_sentences, word_pairs
from pipeline.notes.titles import singular
from pipeline.ports import SentenceEncoder
from pipeline.result import Chapter, Mention, Notes, Quote, Speaker
from pipeline.timeline import Seconds, Segment, Span
from pipeline.words.links import Link, find_links
from pipeline.words.sentences import group_segments

SUMMARY_SENTENCES = (2, 4)
SUMMARY_WORDS = 120
"""About what a podcast app shows before "more"."""
LEAST_ALONE = 0.55
"""Below this a sentence points at something that the reader has not been told."""
CENTRAL = 9.0
"""What a cosine of one with the episode's middle is worth, in terms named three times (log 1.5 each)."""
OPENING = 8.0
SIGNPOSTED = 1.2
"""What the half minute before "Welcome to ..." or "That's next" is worth, where a show sums itself up."""
FITTING_WORDS, FITTING_SPREAD = 25.0, 1.2
"""A summary's sentence of so many words is best; half or twice as many cost a quarter."""
TOP_NAMES = 5
NAMED = 5.0
TITLED = 2.0
TITLE_PHRASE = 6.0
"""What naming one of the names said most, a word of the title, or two words of it together is worth."""
ANNOUNCEMENTS = 2
"""Sentences of the summary that may come from where the episode says what it is about."""
POINTS = (4, 8)
QUOTES = (3, 5)
UNNAMED = 0.6
"""What a quote of a voice without a name is worth where others have one: "Speaker 6" tells a reader nothing."""
QUOTE_WORDS = (9, 45)
ALIKE = 0.72
"""Cosine above which two sentences say the same."""
MENTIONS = 12
"""Names of a kind that are listed: those said most."""


def write_notes(
    segments: Sequence[Segment],
    speakers: Sequence[Speaker],
    *,
    encoder: SentenceEncoder,
    title: str = "",
    show: str = "",
    chapters: Sequence[Chapter] = (),
    ads: Sequence[Span] = (),
) -> Notes:
    """The notes of an episode; ``segments`` without ads, or with them and ``ads`` naming the stretches to pass over.

    The show's description is not read: notes that repeat it would tell nothing about the episode.
    """
    sentences = [s for s in _sentences(segments) if not any(ad.overlap(s) > 0 for ad in ads)]
    links = find_links([word for s in sentences for word in s.words])
    people, sites = [speaker.name for speaker in speakers], [link.text for link in links]
    names = find_names(sentences, encoder=encoder, people=people, sites=sites)
    candidates = weigh_sentences(sentences, encoder=encoder, title=title)
    summary = choose_summary(candidates, title=title, names=[name.text for name in names[:TOP_NAMES]])
    taken = list(summary)
    points = _choose_points(candidates, chapters, taken)
    taken += points
    quotes = _choose_quotes(candidates, speakers, taken)
    return Notes(
        summary=tuple(_quote(c) for c in summary),
        points=tuple(_quote(c) for c in points),
        quotes=tuple(_quote(c) for c in quotes),
        mentions=_mentions(names, links, speakers, show),
    )


def _sentences(segments: Sequence[Segment]) -> tuple[Segment, ...]:
    """The sentences, whatever the segments were grouped by."""
    return tuple(part for segment in segments for part in group_segments(segment.words))


def choose_summary(candidates: Sequence[Candidate], *, title: str = "", names: Sequence[str] = ()) -> list[Candidate]:
    """Two to four sentences, in order of time, that cover what the episode keeps naming; greedy, then told in order."""
    pool = [c for c in candidates if c.judged.alone >= LEAST_ALONE and c.judged.declarative and not c.judged.personal]
    if len(pool) < SUMMARY_SENTENCES[0]:
        pool = [c for c in candidates if c.judged.declarative and c.judged.alone > 0.2] or list(candidates)
    weights = _coverage_weights(candidates, title, names)
    announced = sorted((c for c in pool if c.announced), key=lambda c: (-c.central, c.judged.start))[:ANNOUNCEMENTS]
    chosen = announced[:1] + [c for c in announced[1:] if not _alike(c, announced[:1])]
    covered = {term for c in chosen for term in c.terms}
    while len(chosen) < SUMMARY_SENTENCES[1]:
        used = sum(c.length for c in chosen)
        options = [c for c in pool if c not in chosen and used + c.length <= SUMMARY_WORDS and not _alike(c, chosen)]
        if not options:
            break
        opens = not chosen
        best = max(options, key=lambda c: (_summary_worth(c, covered, weights, opens=opens), -c.judged.start))
        chosen.append(best)
        covered |= best.terms
    return sorted(chosen, key=lambda c: c.judged.start)


def _coverage_weights(candidates: Sequence[Candidate], title: str, names: Sequence[str]) -> dict[str, float]:
    """What naming a term is worth: more the oftener it comes, most for the names said most and the title."""
    counts = Counter(term for c in candidates for term in c.terms)
    titled = {singular(word) for word in re.findall(r"[\w&+-]+", title.lower())}
    named = {singular(name.lower().split()[-1]) for name in names}
    weights = {}
    for term, count in counts.items():
        weight = max(0.0, math.log(count / 2.0)) * (0.25 if term in PLAIN else 1.0)
        if term in named:
            weight = max(weight * 1.3, NAMED)
        if term in titled and term not in PLAIN:
            weight = max(weight, TITLED)
        weights[term] = TITLE_PHRASE if term in word_pairs(title) else weight
    return weights


def _summary_worth(c: Candidate, covered: set[str], weights: dict[str, float], *, opens: bool) -> float:
    """The opening sentence is the one nearest to the title; the others add what has not been named yet."""
    fresh = sum(weights.get(t, 0.0) for t in c.terms - covered)
    fitting = math.exp(-((math.log(c.length / FITTING_WORDS)) ** 2) / FITTING_SPREAD)
    near = OPENING * max(0.0, c.titled) if opens else CENTRAL * max(0.0, c.central)
    said = SIGNPOSTED if c.signposted else 1.0
    return (fresh + near) * c.judged.alone * c.judged.fluent * fitting * said


def _alike(c: Candidate, others: Sequence[Candidate], *, limit: float = ALIKE) -> bool:
    return any(float(c.vector @ o.vector) > limit or c.judged.segment == o.judged.segment for o in others)


def _choose_points(
    candidates: Sequence[Candidate], chapters: Sequence[Chapter], taken: Sequence[Candidate]
) -> list[Candidate]:
    """The best sentence or two of each chapter (of each eighth of the episode where there are none)."""
    if not candidates:
        return []
    spans = list(chapters) or _eighths(candidates)
    each = 1 if len(spans) >= POINTS[1] else 2
    chosen: list[Candidate] = []
    seconds: list[Candidate] = []
    for span in sorted(spans, key=lambda span: -span.duration):
        inside = [c for c in candidates if span.contains(c.judged.start) and c.judged.declarative]
        inside = [c for c in inside if c.judged.alone >= LEAST_ALONE and not c.judged.personal and c.length >= 8]
        firsts: list[Candidate] = []
        for _ in range(each):
            options = [c for c in inside if not _alike(c, [*taken, *chosen, *firsts])]
            if options:
                firsts.append(max(options, key=lambda c: (_point_worth(c), -c.judged.start)))
        chosen += firsts
        seconds += firsts[1:]
    spare = max(0, len(chosen) - POINTS[1])
    weak = sorted(seconds, key=_point_worth)[:spare] or sorted(chosen, key=_point_worth)[:spare]
    kept = [c for c in chosen if not any(c is w for w in weak)]
    best = sorted(kept, key=_point_worth, reverse=True)[: POINTS[1]]
    return sorted(best, key=lambda c: c.judged.start)


def _point_worth(c: Candidate) -> float:
    fitting = math.exp(-((math.log(c.length / 20.0)) ** 2) / 0.8)
    return (c.weight / math.sqrt(c.length) + 2.0 * max(0.0, c.central)) * c.judged.alone * c.judged.fluent * fitting


def _eighths(candidates: Sequence[Candidate]) -> list[Span]:
    start, end = candidates[0].judged.start, candidates[-1].judged.end + 0.01
    edges = np.linspace(start, end, 9)
    return [Span(float(a), float(b)) for a, b in pairwise(edges)]


_VIVID = re.compile(
    r"\b(?:never|always|everyone|nobody|nothing|everything|only|most|best|worst|biggest|first|because|if|"
    r"unless|love|hate|"
    r"afraid|hope|believe|wrong|truth|matters?|must|can't|won't|isn't|doesn't|don't|not|than|instead|like a|"
    r"as if)\b|\d",
    re.IGNORECASE,
)


def _choose_quotes(
    candidates: Sequence[Candidate], speakers: Sequence[Speaker], taken: Sequence[Candidate]
) -> list[Candidate]:
    """Three to five sentences exactly as they were said, from different moments, guests before hosts."""
    roles = {s.label: s.role for s in speakers}
    named = {s.label: bool(s.name) for s in speakers}
    pool = [
        c
        for c in candidates
        if c.judged.exact and c.judged.declarative and QUOTE_WORDS[0] <= c.length <= QUOTE_WORDS[1]
        and c.judged.alone >= 0.35 and roles.get(c.judged.segment.speaker or "") != "ad"
    ]  # fmt: skip

    def worth(c: Candidate) -> float:
        speaker = c.judged.segment.speaker or ""
        voice = (0.8 if "host" in roles.get(speaker, "") else 1.1) * (
            1.0 if named.get(speaker) or not any(named.values()) else UNNAMED
        )
        vivid = 1.0 + 0.12 * min(4, len(_VIVID.findall(c.judged.text))) + (0.15 if c.judged.personal else 0.0)
        fitting = math.exp(-((math.log(c.length / 20.0)) ** 2) / 0.8)
        alone = 0.5 + 0.5 * c.judged.alone
        return voice * vivid * fitting * alone * c.judged.fluent**2 * (0.6 + max(0.0, c.central))

    chosen: list[Candidate] = []
    span_s = candidates[-1].judged.end - candidates[0].judged.start if candidates else 0.0
    while len(chosen) < QUOTES[1]:
        options = [c for c in pool if not _alike(c, [*chosen, *taken]) and _apart(c, chosen, span_s / 12)]
        if not options:
            break
        chosen.append(max(options, key=lambda c: (worth(c), -c.judged.start)))
    return sorted(chosen, key=lambda c: c.judged.start)


def _apart(c: Candidate, others: Sequence[Candidate], gap_s: Seconds) -> bool:
    return all(abs(c.judged.start - o.judged.start) >= gap_s for o in others)


def _quote(c: Candidate) -> Quote:
    return Quote(c.judged.start, c.judged.end, c.judged.text, c.judged.segment.speaker or "")


def _is_one_of(name: str, known: Sequence[str]) -> bool:
    """The same name, give or take a letter that the recogniser heard otherwise."""
    return any(SequenceMatcher(None, name.lower(), other.lower()).ratio() > 0.9 for other in known if other)


def _mentions(
    names: Sequence[Name], spoken: Sequence[Link], speakers: Sequence[Speaker], show: str
) -> tuple[Mention, ...]:
    voices = [s.name.lower() for s in speakers if s.name]
    mentions: list[Mention] = []
    for kind in ("person", "organisation", "work"):
        of_kind = [n for n in names if n.kind == kind and not _is_one_of(n.text, [*voices, show])]
        mentions += [Mention(kind, n.text, tuple(n.at)) for n in of_kind[:MENTIONS]]
    links: dict[str, list[Seconds]] = {}
    for link in spoken:
        links.setdefault(link.text, []).append(link.at)
    return (*mentions, *(Mention("link", text, tuple(at), f"https://{text}") for text, at in links.items()))
