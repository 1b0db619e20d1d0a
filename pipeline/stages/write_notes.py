"""Show notes out of the transcript alone: chosen sentences, never written ones, each with its time.

Sentences compete: what matters in an episode is what it keeps naming, and what lies near its middle in meaning; a
sentence has to stand alone in print. The summary is the few sentences that together name most of what matters.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from difflib import SequenceMatcher
from itertools import pairwise

import numpy as np

from pipeline.ports import SentenceEncoder
from pipeline.stages.find_links import Link, find_links
from pipeline.stages.find_names import Name, find_names
from pipeline.stages.group_segments import group_segments
from pipeline.stages.judge_sentences import Judged, is_announcement, is_housekeeping, is_signpost, judge_sentence
from pipeline.stages.tag_words import NOUNS, tag_words
from pipeline.stages.title_chapters import singular
from pipeline.stages.word_lists import listed
from pipeline.timeline import Chapter, Mention, Notes, Quote, Seconds, Segment, Span, Speaker

SUMMARY_SENTENCES = (2, 4)
SUMMARY_WORDS = 120
"""About what a podcast app shows before "more"."""
LEAST_ALONE = 0.55
"""Below this a sentence points at something that the reader has not been told."""
CENTRAL = 9.0
"""What a cosine of one with the episode's middle is worth, in terms named three times (log 1.5 each)."""
OPENING = 8.0
SIGNPOST_S = 30.0
SIGNPOSTED = 1.2
"""The half minute before "Welcome to ..." or "That's next" is where a show sums itself up."""
FITTING_WORDS, FITTING_SPREAD = 25.0, 1.2
"""A summary's sentence of so many words is best; half or twice as many cost a quarter."""
TOP_NAMES = 5
NAMED = 5.0
TITLED = 2.0
TITLE_PHRASE = 6.0
"""What naming one of the names said most, a word of the title, or two words of it together is worth."""
ANNOUNCEMENTS = 2
"""Sentences of the summary that may come from where the episode says what it is about."""
ANNOUNCED_ALONE = 0.9
"""How well "It's about a young man who ..." stands alone where an episode says what it is about."""
FRONT_S, FRONT_SHARE = 300.0, 0.1
"""An episode says what it is about in its first minutes; later, "it's about ..." is about something else."""
LEAST_HEARD, LEAST_HEARD_FRONT = 0.8, 0.65
"""Mean probability of a sentence's words under which it is likely to be misheard; of an announcement.

Sentences of clear recordings lie at 0.9 to 1, garbled ones ("The second effect is a Provost for the Miss") under 0.8.
"""
POINTS = (4, 8)
QUOTES = (3, 5)
UNNAMED = 0.6
"""What a quote of a voice without a name is worth where others have one: "Speaker 6" tells a reader nothing."""
QUOTE_WORDS = (9, 45)
ALIKE = 0.72
"""Cosine above which two sentences say the same."""
MENTIONS = 12
"""Names of a kind that are listed: those said most."""


@dataclass(frozen=True, slots=True)
class _Candidate:
    judged: Judged
    vector: np.ndarray
    terms: frozenset[str]
    central: float
    titled: float
    weight: float
    signposted: bool
    announced: bool

    @property
    def length(self) -> int:
        return len(self.judged.words)


def write_notes(
    segments: Sequence[Segment],
    speakers: Sequence[Speaker],
    *,
    encoder: SentenceEncoder,
    title: str = "",
    description: str = "",
    show: str = "",
    chapters: Sequence[Chapter] = (),
    ads: Sequence[Span] = (),
) -> Notes:
    """The notes of an episode; ``segments`` without ads, or with them and ``ads`` naming the stretches to pass over.

    ``description`` is not read: notes that repeat what the show says of itself would tell nothing about the episode.
    """
    sentences = [s for s in _sentences(segments) if not any(ad.overlap(s) > 0 for ad in ads)]
    links = find_links([word for s in sentences for word in s.words])
    people, sites = [speaker.name for speaker in speakers], [link.text for link in links]
    names = find_names(sentences, encoder=encoder, people=people, sites=sites)
    candidates = _candidates(sentences, encoder=encoder, title=title)
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


def _candidates(sentences: Sequence[Segment], *, encoder: SentenceEncoder, title: str) -> list[_Candidate]:
    judged = [judge_sentence(s) for s in sentences]
    if not judged:
        return []
    vectors = encoder.encode([j.text for j in judged])
    terms = [_terms(j, title) for j in judged]
    weights = _term_weights(terms, title)
    centre = _centre(vectors, judged)
    about = encoder.encode([title])[0] if title else centre
    signposts = [j.start for j in judged if is_signpost(j.text)]
    front = judged[0].start + max(FRONT_S, FRONT_SHARE * (judged[-1].end - judged[0].start))
    kept = []
    for j, vector, names in zip(judged, vectors, terms, strict=True):
        announced = j.start < front and is_announcement(j.text)
        alone = max(j.alone, ANNOUNCED_ALONE) if announced and j.whole else j.alone
        misheard = _heard(j) < (LEAST_HEARD_FRONT if announced else LEAST_HEARD)
        if alone <= 0 or misheard or is_housekeeping(j.text) or is_housekeeping(j.segment.text):
            continue
        kept.append(
            _Candidate(
                replace(j, alone=alone, personal=j.personal and not announced),
                vector,
                frozenset(names),
                central=float(vector @ centre),
                titled=float(vector @ about),
                weight=sum(weights[t] for t in names),
                signposted=_before(signposts, j.end),
                announced=announced,
            )
        )
    return kept


def _heard(judged: Judged) -> float:
    return sum(word.probability for word in judged.words) / len(judged.words)


def _before(signposts: Sequence[Seconds], end: Seconds) -> bool:
    return any(0.0 <= time - end <= SIGNPOST_S for time in signposts)


def _centre(vectors: np.ndarray, judged: Sequence[Judged]) -> np.ndarray:
    lengths = np.array([min(len(j.words), 30) for j in judged], float)[:, None]
    centre: np.ndarray = (vectors * lengths).sum(0) / lengths.sum()
    return centre / max(float(np.linalg.norm(centre)), 1e-6)


def _terms(judged: Judged, title: str) -> set[str]:
    """The nouns of a sentence, singular, of names every word, and the pairs of words that the title has too."""
    tokens = tag_words([word.text for word in judged.words])
    nouns = {singular(t.lower) for t in tokens if t.tag in NOUNS and len(t.text) > 1 and t.text[0].isalpha()}
    return nouns | (_pairs(judged.text) & _pairs(title))


def _pairs(text: str) -> set[str]:
    words = [singular(word) for word in re.findall(r"[\w&+-]+", text.lower())]
    return {f"{a} {b}" for a, b in pairwise(words) if len(a) > 2 and len(b) > 2 and not {a, b} & _LITTLE}


_LITTLE = listed(
    """
    the and for with that this from are was were has have had his her its our your not but you
    """
)


def _term_weights(terms: Sequence[set[str]], title: str) -> dict[str, float]:
    """What a term is worth: how often it comes, dampened, more if the title has it, little if it is plain."""
    counts = Counter(term for names in terms for term in names)
    titled = {singular(word) for word in re.findall(r"[\w&+-]+", title.lower())}
    weights: dict[str, float] = {}
    for term, count in counts.items():
        common = 0.25 if term in _PLAIN else 1.0
        weights[term] = common * math.log1p(count) * (1.6 if term in titled else 1.0) * (1.0 if count > 1 else 0.4)
    return weights


_PLAIN = listed(
    """
    thing people time way lot year day kind sort bit week month something anything everything someone everyone
    nothing person guy one stuff question point case part fact idea reason number today moment place thanks show
    episode podcast man woman world life work right sense example problem
    """
)


def choose_summary(candidates: Sequence[_Candidate], *, title: str = "", names: Sequence[str] = ()) -> list[_Candidate]:
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


def _coverage_weights(candidates: Sequence[_Candidate], title: str, names: Sequence[str]) -> dict[str, float]:
    """What naming a term is worth: more the oftener it comes, most for the names said most and the title."""
    counts = Counter(term for c in candidates for term in c.terms)
    titled = {singular(word) for word in re.findall(r"[\w&+-]+", title.lower())}
    named = {singular(name.lower().split()[-1]) for name in names}
    weights = {}
    for term, count in counts.items():
        weight = max(0.0, math.log(count / 2.0)) * (0.25 if term in _PLAIN else 1.0)
        if term in named:
            weight = max(weight * 1.3, NAMED)
        if term in titled and term not in _PLAIN:
            weight = max(weight, TITLED)
        weights[term] = TITLE_PHRASE if term in _pairs(title) else weight
    return weights


def _summary_worth(c: _Candidate, covered: set[str], weights: dict[str, float], *, opens: bool) -> float:
    """The opening sentence is the one nearest to the title; the others add what has not been named yet."""
    fresh = sum(weights.get(t, 0.0) for t in c.terms - covered)
    fitting = math.exp(-((math.log(c.length / FITTING_WORDS)) ** 2) / FITTING_SPREAD)
    near = OPENING * max(0.0, c.titled) if opens else CENTRAL * max(0.0, c.central)
    said = SIGNPOSTED if c.signposted else 1.0
    return (fresh + near) * c.judged.alone * c.judged.fluent * fitting * said


def _alike(c: _Candidate, others: Sequence[_Candidate], *, limit: float = ALIKE) -> bool:
    return any(float(c.vector @ o.vector) > limit or c.judged.segment == o.judged.segment for o in others)


def _choose_points(
    candidates: Sequence[_Candidate], chapters: Sequence[Chapter], taken: Sequence[_Candidate]
) -> list[_Candidate]:
    """The best sentence or two of each chapter (of each eighth of the episode where there are none)."""
    if not candidates:
        return []
    spans = list(chapters) or _eighths(candidates)
    each = 1 if len(spans) >= POINTS[1] else 2
    chosen: list[_Candidate] = []
    seconds: list[_Candidate] = []
    for span in sorted(spans, key=lambda span: -span.duration):
        inside = [c for c in candidates if span.contains(c.judged.start) and c.judged.declarative]
        inside = [c for c in inside if c.judged.alone >= LEAST_ALONE and not c.judged.personal and c.length >= 8]
        firsts: list[_Candidate] = []
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


def _point_worth(c: _Candidate) -> float:
    fitting = math.exp(-((math.log(c.length / 20.0)) ** 2) / 0.8)
    return (c.weight / math.sqrt(c.length) + 2.0 * max(0.0, c.central)) * c.judged.alone * c.judged.fluent * fitting


def _eighths(candidates: Sequence[_Candidate]) -> list[Span]:
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
    candidates: Sequence[_Candidate], speakers: Sequence[Speaker], taken: Sequence[_Candidate]
) -> list[_Candidate]:
    """Three to five sentences exactly as they were said, from different moments, guests before hosts."""
    roles = {s.label: s.role for s in speakers}
    named = {s.label: bool(s.name) for s in speakers}
    pool = [
        c
        for c in candidates
        if c.judged.exact and c.judged.declarative and QUOTE_WORDS[0] <= c.length <= QUOTE_WORDS[1]
        and c.judged.alone >= 0.35 and roles.get(c.judged.segment.speaker or "") != "ad"
    ]  # fmt: skip

    def worth(c: _Candidate) -> float:
        speaker = c.judged.segment.speaker or ""
        voice = (0.8 if "host" in roles.get(speaker, "") else 1.1) * (
            1.0 if named.get(speaker) or not any(named.values()) else UNNAMED
        )
        vivid = 1.0 + 0.12 * min(4, len(_VIVID.findall(c.judged.text))) + (0.15 if c.judged.personal else 0.0)
        fitting = math.exp(-((math.log(c.length / 20.0)) ** 2) / 0.8)
        alone = 0.5 + 0.5 * c.judged.alone
        return voice * vivid * fitting * alone * c.judged.fluent**2 * (0.6 + max(0.0, c.central))

    chosen: list[_Candidate] = []
    span_s = candidates[-1].judged.end - candidates[0].judged.start if candidates else 0.0
    while len(chosen) < QUOTES[1]:
        options = [c for c in pool if not _alike(c, [*chosen, *taken]) and _apart(c, chosen, span_s / 12)]
        if not options:
            break
        chosen.append(max(options, key=lambda c: (worth(c), -c.judged.start)))
    return sorted(chosen, key=lambda c: c.judged.start)


def _apart(c: _Candidate, others: Sequence[_Candidate], gap_s: Seconds) -> bool:
    return all(abs(c.judged.start - o.judged.start) >= gap_s for o in others)


def _quote(c: _Candidate) -> Quote:
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
