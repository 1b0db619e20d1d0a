"""Words to speakers: the laws, and the cases a reader would notice."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from pipeline.speakers.attribution import assign_speakers, by_overlap, sentences
from pipeline.timeline import Turn, Word

TIMES = st.floats(0, 100, allow_nan=False)
WORDS = st.lists(
    st.builds(lambda a, d, t: Word(a, a + d, t), TIMES, st.floats(0, 2), st.sampled_from(["yes", "no.", "so?", "and"])),
    max_size=12,
).map(lambda words: tuple(sorted(words, key=lambda word: word.start)))
TURNS = st.lists(
    st.builds(lambda a, d, s: Turn(a, a + d, s), TIMES, st.floats(0, 20), st.sampled_from("ABC")), max_size=8
)


@given(WORDS, TURNS)
def test_only_the_speaker_changes(words: tuple[Word, ...], turns: list[Turn]) -> None:
    assigned = assign_speakers(words, turns)
    assert tuple(replace(word, speaker=None) for word in assigned) == words
    if turns:
        assert {word.speaker for word in assigned} <= {turn.speaker for turn in turns}


@given(WORDS, st.lists(TURNS, min_size=1, max_size=1).map(lambda x: x[0]).filter(bool))
def test_overlap_is_the_largest_and_gaps_go_to_the_nearest(words: tuple[Word, ...], turns: list[Turn]) -> None:
    for word, speaker in zip(words, by_overlap(words, turns), strict=True):
        shares = {s: sum(t.overlap(word) for t in turns if t.speaker == s) for s in "ABC"}
        if max(shares.values()) > 0:
            assert shares[speaker] == max(shares.values())
        else:
            gaps = [(max(t.start - word.end, word.start - t.end, 0.0), t.speaker) for t in turns]
            assert min(gap for gap, s in gaps if s == speaker) == min(gaps)[0]


def test_without_turns_words_come_back_as_they_are() -> None:
    words = (Word(0.0, 1.0, "Hello."),)
    assert assign_speakers(words, ()) == words
    assert assign_speakers((), [Turn(0, 1, "A")]) == ()


def spoken(text: str, *, start: float = 0.0, each: float = 0.3) -> list[Word]:
    return [Word(start + i * each, start + (i + 1) * each, t) for i, t in enumerate(text.split())]


def test_a_late_turn_edge_does_not_cut_a_sentence() -> None:
    words = spoken("Thanks for being here. Good to be back with you again.")
    late = [Turn(0.0, 1.65, "A"), Turn(1.65, 5.0, "B")]  # the edge is one word and a half late
    assert [w.speaker for w in assign_speakers(words, late)] == ["A"] * 4 + ["B"] * 7
    early = [Turn(0.0, 0.75, "A"), Turn(0.75, 5.0, "B")]
    assert [w.speaker for w in assign_speakers(words, early)][4:] == ["B"] * 7


def test_a_real_change_inside_a_sentence_stays() -> None:
    words = spoken("so I told him that we were leaving and he said what do you mean we are leaving now")
    turns = [Turn(0.0, 2.4, "A"), Turn(2.4, 9.0, "B")]
    assert [w.speaker for w in assign_speakers(words, turns)].count("A") == 8


def test_sentences_end_at_punctuation_behind_quotes_too() -> None:
    words = spoken('He said "yes." Then he left')
    assert list(sentences(words)) == [(0, 3), (3, 6)]
