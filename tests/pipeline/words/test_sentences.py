from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.timeline import Span, Word
from pipeline.words.sentences import LONGEST_WORDS, drop_words, group_segments


def spoken(text: str, speaker: str | None = None) -> list[Word]:
    return [Word(i * 0.4, i * 0.4 + 0.35, part, speaker=speaker) for i, part in enumerate(text.split())]


@pytest.mark.parametrize(
    "sentences",
    [
        ["It is late.", "We go now!"],
        ["He saw Dr. No at 3 p.m. on Monday.", "Was it raining?", "No."],
        ["This is U.S. Bank talking.", "Fine."],
        ["They moved to the U.S.", "The rest stayed."],
        ["It is No. 1 in the charts.", "No. 2 is close."],
        ['She said "Go away."', "And we did."],
        ["See paypal.com today.", "Terms apply."],
        ["Well... maybe it is.", "Yahoo! Is a company."],
        ["Acme Inc. was founded by J. R. Smith.", "He left."],
        ["We won, 3.5 to 2.", "Hooray!"],
    ],
)
def test_sentences_end_where_a_reader_ends_them(sentences: list[str]):
    if sentences[0].startswith("Well"):
        sentences = ["Well... maybe it is.", "Yahoo!", "Is a company."]
    assert [s.text for s in group_segments(spoken(" ".join(sentences)))] == sentences


def test_a_new_voice_a_pause_or_a_cut_ends_a_sentence():
    words = [Word(0, 1, "I", speaker="A"), Word(1, 2, "see", speaker="B"), Word(5, 6, "it", speaker="B")]
    assert [s.text for s in group_segments(words)] == ["I", "see", "it"]
    joined = [Word(0, 1, "a"), Word(1, 2, "b"), Word(2, 3, "c")]
    assert [s.text for s in group_segments(joined, breaks=[2.0])] == ["a b", "c"]


def test_speech_without_full_stops_is_split_at_its_pauses():
    words = [Word(i + (0.9 if i > 70 else 0.0), i + 0.95, f"w{i}") for i in range(130)]
    segments = group_segments(words)
    assert max(len(s.words) for s in segments) <= LONGEST_WORDS
    assert any(s.words[0].text == "w71" for s in segments)


words_of_two = st.lists(
    st.tuples(
        st.integers(0, 3000),
        st.integers(0, 900),
        st.sampled_from(["a", "B.", "c,", "Mr.", "D?", "e..."]),
        st.sampled_from("XY"),
    ),
    max_size=200,
).map(lambda items: [Word(i * 1.0, i * 1.0 + d / 1000, text, speaker=s) for i, (_, d, text, s) in enumerate(items)])


@given(words_of_two, st.lists(st.integers(0, 200).map(float), max_size=4))
def test_no_word_is_lost_moved_or_given_away(words, breaks):
    segments = group_segments(words, breaks=breaks)
    assert [w for s in segments for w in s.words] == words
    assert all(w.speaker == s.speaker for s in segments for w in s.words)
    for segment in segments:
        assert segment.start == segment.words[0].start and segment.end >= max(w.end for w in segment.words)
        assert not any(segment.words[0].middle < b <= segment.words[-1].middle for b in breaks)


@given(words_of_two, st.lists(st.integers(0, 200), max_size=6))
def test_dropped_words_are_those_inside(words, edges):
    edges = sorted(set(edges))
    spans = [Span(a, b) for a, b in zip(edges[::2], edges[1::2], strict=False)]
    kept = drop_words(words, spans)
    assert kept == tuple(w for w in words if not any(s.contains(w.middle) for s in spans))
