"""Which sentences stand alone in print, by their grammar: whole, declarative, with everything they refer to inside."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from pipeline.language import AnalysedText, Token

FINITE = frozenset({"VBZ", "VBP", "VBD", "MD"})
"""Penn tags of verbs that carry a tense."""
SUBJECTS = frozenset({"nsubj", "nsubjpass", "expl", "csubj", "csubjpass"})
SHORTEST_WORDS = 5
CANNOT_END = frozenset({"ADP", "DET", "CCONJ", "SCONJ", "AUX", "PART"})
"""Parts of speech after which more has to come: a sentence that ends in one was broken off."""
OPENERS = frozenset({"so", "now", "well", "right", "okay", "yeah", "yes", "no", "anyway", "also", "like", "then"})
"""Adverbs that only join a spoken sentence to the one before; conjunctions and interjections are told by their tag."""
FILLERS = (("you", "know"), ("i", "mean"), ("kind", "of"), ("sort", "of"), ("i", "guess"), ("or", "something"))
"""Phrases of speech that print leaves out; single ones ("um") are interjections by their tag."""
POINTING = frozenset({"this", "that", "these", "those", "such", "another"})
ELLIPTIC = frozenset(
    {"one", "ones", "other", "others", "same", "latter", "former", "second", "third", "next", "previous"}
)
"""Words that only have a meaning beside something said before: "the other thing", "the second part"."""
BACK = frozenset({"though", "too", "either", "again", "anyway", "etc", "etc."})
"""Last words that only have a meaning after something said before."""
SAYING = frozenset({"think", "know", "mean", "guess", "say", "feel", "believe"})
COMPLEMENTS = frozenset({"ccomp", "dobj", "xcomp", "attr", "acomp", "prep", "oprd"})
"""A verb of saying or thinking without one of these says nothing: "I think because we're late"."""
NO_OPENING = frozenset({"whereas", "not", "wait", "or", "than"})
"""Words that only go on from a sentence before; "not only" and the like are rare enough to lose."""
LOOSE = frozenset({"dep", "parataxis", "intj", "meta"})
"""Dependencies by which the parser says that it does not know how a part belongs to the sentence."""
WORDS_A_COMMA = 7
"""Fewer words for each comma, and a sentence is a list or a stumble (chosen by reading; not measured)."""
BREAKS = frozenset({"...", "\u2026", "\u2014", "--", "-", "\u2013", "[", "]", "(", ")", "@"})
QUOTES = frozenset({'"', "\u201c", "\u201d"})
THIRD_PERSON = frozenset({"he", "she", "it", "they", "him", "her", "them", "his", "hers", "its", "their", "theirs"})
FIRST = frozenset({"i", "me", "my", "myself", "mine"})
WE = frozenset({"we", "us", "our", "ours"})
SECOND = frozenset({"you", "your", "yours", "yourself"})


@dataclass(frozen=True, slots=True)
class Standing:
    """How a sentence stands in print.

    ``printed``: its text without the words that only join it to the one before; ``exact``: whether that is all of it;
    ``faults``: why it does not stand alone, empty if it does; ``counts``: what it is made of, by name.
    """

    printed: str
    exact: bool
    faults: tuple[str, ...]
    counts: Counter[str]


def judge_sentence(text: AnalysedText, *, opening: bool = False) -> Standing:
    """The judgement on one sentence of a parsed language.

    ``opening``: it is said where an episode presents itself, so that "this episode" refers to it and it may be a list.
    """
    tokens = text.tokens
    lead = _lead(tokens)
    kept = tokens[lead:]
    words = [token for token in kept if _is_word(token)]
    if len(words) < SHORTEST_WORDS:
        return Standing(text.text, True, ("short",), Counter())
    faults = [
        *_unfinished(tokens, kept, lead),
        *_spoken(kept, opening=opening),
        *_unresolved(text, lead, opening=opening),
    ]
    printed = text.text[kept[0].start :].strip()
    printed = printed[:1].upper() + printed[1:]
    return Standing(printed, lead == 0, tuple(dict.fromkeys(faults)), _counts(tokens, kept, lead))


def _lead(tokens: Sequence[Token]) -> int:
    """How many tokens at the front only join the sentence to the one before: "And so, you know, ..."."""
    at = 0
    while at < len(tokens) - 3:
        low = tokens[at].text.lower()
        joins = low in OPENERS and tokens[tokens[at].head].pos in ("VERB", "AUX")  # "so far" is no opener
        if tokens[at].pos in ("CCONJ", "INTJ") or joins or (tokens[at].pos == "PUNCT" and at):
            at += 1
        elif (low, tokens[at + 1].text.lower()) in FILLERS and tokens[at + 2].text == ",":
            at += 3
        else:
            break
    return at


def _unfinished(tokens: Sequence[Token], kept: Sequence[Token], lead: int) -> Iterable[str]:
    """Faults of a sentence that is no whole statement."""
    roots = [i for i, token in enumerate(tokens) if token.head == i]
    if len(roots) != 1:
        yield "several"
    root = roots[0] if roots else 0
    below = [(i, token) for i, token in enumerate(tokens) if token.head == root and i != root]
    subjects = [i for i, token in below if token.dep in SUBJECTS]
    if not subjects or min(subjects) < lead:
        yield "no subject"
    elif min(subjects) > root and all(tokens[i].dep != "expl" for i in subjects):
        yield "inverted"
    auxiliaries = [token for _, token in below if token.dep in ("aux", "auxpass")]
    if tokens[root].tag not in FINITE and not any(token.tag in FINITE for token in auxiliaries):
        yield "no finite verb"
    if any(token.dep == "mark" and i < root for i, token in below) or _is_relative(tokens, lead, root):
        yield "subordinate"
    if any(token.dep in LOOSE for _, token in below if token.pos != "PUNCT") or _is_spliced(tokens, below, root):
        yield "loose"
    if tokens[root].lemma in SAYING and not any(token.dep in COMPLEMENTS for _, token in below):
        yield "empty"
    if kept[0].text.lower() in NO_OPENING:
        yield "subordinate"
    last = next(token for token in reversed(kept) if token.pos not in ("PUNCT", "SPACE"))
    if last.pos in CANNOT_END or last.tag in ("PRP$", "WDT"):
        yield "broken off"
    if not any(token.text in (".", "!") for token in kept[-2:]):
        yield "no full stop"
    if not kept[0].text[:1].isalnum() or (lead == 0 and kept[0].text[:1].islower()):
        yield "starts small"


def _is_relative(tokens: Sequence[Token], lead: int, root: int) -> bool:
    """Whether it goes on from the sentence before: "After which ...", "Where maybe ...", "Who is ..."."""
    for token in tokens[lead : lead + 3]:
        if token.tag in ("WDT", "WP", "WP$", "WRB"):
            above = token.head
            while above != root and tokens[above].pos not in ("VERB", "AUX") and tokens[above].head != above:
                above = tokens[above].head
            return above == root
    return False


def _is_spliced(tokens: Sequence[Token], below: Sequence[tuple[int, Token]], root: int) -> bool:
    """Whether a whole clause stands before the main one with nothing but a comma between: two sentences in one."""
    for index, token in below:
        if token.dep == "ccomp" and index < root:
            return not any(t.head == index and t.dep in ("mark", "advmod") and t.tag in ("IN", "WRB") for t in tokens)
    return False


def _spoken(kept: Sequence[Token], *, opening: bool) -> Iterable[str]:
    """Faults of speech that print does not have: interjections, fillers, repeated words, breaks."""
    pairs = list(pairwise(token.text.lower() for token in kept))
    if any(token.pos == "INTJ" for token in kept) or any(pair in FILLERS for pair in pairs):
        yield "filler"
    if (
        ("like", ",") in pairs
        or (",", "like") in pairs
        or any(t.text.lower() == "like" and t.dep in ("intj", "advmod") for t in kept)
    ):
        yield "filler"
    low = [token.text.lower() for token in kept]
    again = [(low[i], low[i + step]) for step in (2, 3) for i in range(len(low) - step) if low[i + 1] == ","]
    if any(a == b and a.isalpha() and a not in ("that", "had", "and", "or") for a, b in (*pairs, *again)):
        yield "stumbles"
    if any(b.text == "," and _expects_more(a) for a, b in pairwise(kept)):
        yield "stumbles"
    if any(a.tag in ("PRP", "PRP$") and a.dep in SUBJECTS and b.text == "," for a, b in pairwise(kept)):
        yield "stumbles"
    if not opening and sum(token.text == "," for token in kept) * WORDS_A_COMMA > len(kept):
        yield "stumbles"
    if (
        any(token.text in BREAKS or token.text.endswith("-") or token.text[0] == "@" for token in kept)
        or sum(token.text in QUOTES for token in kept) % 2
    ):
        yield "broken"


def _expects_more(token: Token) -> bool:
    """Whether no comma can follow: an article, an auxiliary, a preposition, a relative "that"."""
    return (
        token.pos in ("DET", "AUX", "SCONJ", "CCONJ", "ADP") and token.tag not in ("PDT", "RP")
    ) or token.tag == "WDT"


def _unresolved(text: AnalysedText, lead: int, *, opening: bool) -> Iterable[str]:
    """Faults of reference: a pronoun, a pointing word or an ellipsis whose meaning was said before."""
    tokens, kept = text.tokens, text.tokens[lead:]
    named: list[int] = []
    for index, token in enumerate(kept, lead):
        low = token.text.lower()
        points = (
            low in POINTING and token.tag in ("DT", "PDT") and not (opening and low == "this" and token.pos == "DET")
        )
        meant = _is_of_time(text, index) or any(_may_mean(tokens, index, noun) for noun in named)
        if low in THIRD_PERSON and not meant:
            yield "pronoun"
        if points or (low in ("there", "here") and token.dep == "advmod"):
            yield "pointing"
        if low in ELLIPTIC and _is_elliptic(tokens, index):
            yield "ellipsis"
        if token.text.lower() == "you" and tokens[token.head].tag == "VBD" and token.dep in SUBJECTS:
            yield "address"
        if token.pos in ("NOUN", "PROPN"):
            named.append(index)
    if any(token.text.lower() in BACK for token in kept[-2:]):
        yield "ellipsis"
    if kept[0].pos == "PROPN" and len(kept) > 1 and kept[1].text == "," and kept[0].dep not in (*SUBJECTS, "compound"):
        yield "address"


def _is_of_time(text: AnalysedText, at: int) -> bool:
    """Whether a pronoun stands for the time alone: "It was a Monday"."""
    token, verb = text.tokens[at], text.tokens[at].head
    if token.text.lower() != "it" or token.dep not in SUBJECTS or text.tokens[verb].lemma != "be":
        return False
    attributes = {i for i, t in enumerate(text.tokens) if t.head == verb and t.dep == "attr"}
    times = [entity for entity in text.entities if entity.label in ("DATE", "TIME")]
    return any(entity.first <= i < entity.last for i in attributes for entity in times)


def _may_mean(tokens: Sequence[Token], pronoun: int, noun: int) -> bool:
    """Whether a pronoun can refer to a noun before it: in another clause, unless it is possessive."""
    return tokens[pronoun].tag == "PRP$" or _clause(tokens, pronoun) != _clause(tokens, noun)


def _clause(tokens: Sequence[Token], at: int) -> int:
    """The verb that a token hangs on."""
    while tokens[at].head != at:
        at = tokens[at].head
        if tokens[at].pos in ("VERB", "AUX"):
            break
    return at


def _is_elliptic(tokens: Sequence[Token], at: int) -> bool:
    """Whether the word needs another: "one" does, "one of them" does not; "the other" does, "other" does not."""
    token = tokens[at]
    if token.dep == "amod":
        return any(t.head == token.head and t.dep == "det" and t.text.lower() == "the" for t in tokens)
    whole = any(t.head == at and t.dep == "prep" for t in tokens)
    return token.dep in (*SUBJECTS, "dobj", "pobj", "attr") and not whole


def _counts(tokens: Sequence[Token], kept: Sequence[Token], lead: int) -> Counter[str]:
    counts: Counter[str] = Counter()
    for token in kept:
        low = token.text.lower()
        counts["words"] += _is_word(token)
        counts["i"] += low in FIRST
        counts["we"] += low in WE
        counts["you"] += low in SECOND
        counts["nouns"] += token.pos in ("NOUN", "PROPN")
        counts["names"] += token.pos == "PROPN"
        counts["verbs"] += token.pos in ("VERB", "AUX")
        counts["pronouns"] += token.pos == "PRON"
        counts["adverbs"] += token.pos == "ADV"
        counts["adjectives"] += token.pos == "ADJ"
        counts["conjunctions"] += token.pos in ("CCONJ", "SCONJ")
        counts["wh"] += token.tag in ("WP", "WRB", "WDT")
    root = next((token for i, token in enumerate(tokens) if token.head == i), None)
    counts["past"] = int(root is not None and root.tag == "VBD")
    counts["lead"] = int(lead > 0)
    return counts


def _is_word(token: Token) -> bool:
    return token.pos not in ("PUNCT", "SPACE") and not token.text.startswith("'") and token.text != "n't"
