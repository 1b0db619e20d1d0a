"""What each sentence of an episode weighs: what it names, how near it is to the middle, whether it may be printed."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np

from pipeline.notes.standalone import Judged, is_announcement, is_housekeeping, is_signpost, judge_sentence
from pipeline.notes.tagger import NOUNS, tag_words
from pipeline.notes.titles import singular
from pipeline.ports import SentenceEncoder
from pipeline.timeline import Seconds, Segment
from pipeline.words.lists import COARSE, listed

SIGNPOST_S = 30.0
"""Before "Welcome to ..." or "That's next" a show sums itself up for about this long."""
ANNOUNCED_ALONE = 0.9
"""How well "It's about a young man who ..." stands alone where an episode says what it is about."""
FRONT_S, FRONT_SHARE = 300.0, 0.1
"""An episode says what it is about in its first minutes; later, "it's about ..." is about something else."""
LEAST_HEARD, LEAST_HEARD_FRONT = 0.8, 0.65
"""Mean probability of a sentence's words under which it is likely to be misheard; of an announcement.

Sentences of clear recordings lie at 0.9 to 1, garbled ones ("The second effect is a Provost for the Miss") under 0.8.
"""


@dataclass(frozen=True, slots=True)
class Candidate:
    """A sentence that may be printed.

    ``vector``: its embedding; ``terms``: what it names; ``central``, ``titled``: cosine with the episode's middle and
    with its title; ``weight``: what its terms are worth together; ``signposted``: just before the show turns a corner;
    ``announced``: says what the episode is about.
    """

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


def weigh_sentences(sentences: Sequence[Segment], *, encoder: SentenceEncoder, title: str) -> list[Candidate]:
    """The sentences that may be printed, in order, with what they weigh."""
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
        if alone <= 0 or misheard or _is_coarse(j) or is_housekeeping(j.text) or is_housekeeping(j.segment.text):
            continue
        kept.append(
            Candidate(
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


def _is_coarse(judged: Judged) -> bool:
    return any(re.sub(r"\W", "", word.text.lower()) in COARSE for word in judged.words)


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
    return nouns | (word_pairs(judged.text) & word_pairs(title))


def word_pairs(text: str) -> set[str]:
    """Neighbouring words of weight, singular: "code red", so that a title's phrase is known when it is said."""
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
        common = 0.25 if term in PLAIN else 1.0
        weights[term] = common * math.log1p(count) * (1.6 if term in titled else 1.0) * (1.0 if count > 1 else 0.4)
    return weights


PLAIN = listed(
    """
    thing people time way lot year day kind sort bit week month something anything everything someone everyone
    nothing person guy one stuff question point case part fact idea reason number today moment place thanks show
    episode podcast man woman world life work right sense example problem
    """
)
