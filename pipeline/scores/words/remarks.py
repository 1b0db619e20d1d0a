"""What has to be known about a word error rate before it is believed: how words are counted, and what looks amiss."""

from __future__ import annotations

import unicodedata

from pipeline.scores.case import Case
from pipeline.scores.words.normalise import WITHOUT_SPACES
from pipeline.scores.words.wer import Compared

OPENING = 3  # words at the head of a paragraph: a name, a role and a clock are no more
FEWEST_OPENINGS = 6  # paragraphs; in fewer, a few deletions are chance
LOST_SHARE = 0.5
"""Share of opening words that were not heard, from which the layout is suspected; chosen by judgement: a label of one
word a paragraph is a third of them, and no recogniser that is worth scoring loses as many."""
TIMES_REST = 4.0  # how much more often than in the rest of the text
MARKED_SHARE = 0.05
"""Share of combining marks in a text whose script writes vowels with them; elsewhere they are an accent or two.
Chosen by judgement."""


def word_remarks(case: Case, compared: Compared) -> tuple[str, ...]:
    """Sentences about the rates of a case: its reference's own remarks, the rule of counting, and a suspicion."""
    return tuple(filter(None, (*case.remarks, _counting(case), _openings(case, compared))))


def _counting(case: Case) -> str:
    """How words are counted where they are not what stands between spaces."""
    code = case.language.split("-")[0]
    if code in WITHOUT_SPACES:
        return f"'{code}' is written without spaces: each character counts as a word"
    text = unicodedata.normalize("NFC", "".join(word.text for word in case.words))
    marks = sum(unicodedata.category(c)[0] == "M" for c in text)
    if marks < MARKED_SHARE * max(1, len(text)):
        return ""
    return (
        "words are counted by Whisper's normaliser, which divides them at the vowel signs of this script: "
        "compare the character error rate"
    )


def _openings(case: Case, compared: Compared) -> str:
    """Where the words that were not heard stand at the heads of paragraphs, as labels and clocks do."""
    heads = [index for index, word in enumerate(case.words) if word.opens]
    opening = {index + step for index in heads for step in range(OPENING)}
    if len(heads) < FEWEST_OPENINGS:
        return ""
    lost, rest_lost = 0, 0
    for pair in compared.alignment.pairs:
        if pair.kind == "deletion" and (index := compared.word_said(pair)) is not None:
            lost, rest_lost = lost + (index in opening), rest_lost + (index not in opening)
    share = lost / len(opening)
    rest = rest_lost / max(1, len(case.words) - len(opening))
    if share < LOST_SHARE / OPENING or lost < FEWEST_OPENINGS or share < TIMES_REST * rest:
        return ""
    example = " ".join(word.text for word in case.words[heads[0] : heads[0] + OPENING])
    return (
        f"{lost} words at the heads of {len(heads)} paragraphs were not heard, and few others: if they are labels, "
        f"the layout of the reference is not understood (the first paragraph opens with {example[:60]!r})"
    )
