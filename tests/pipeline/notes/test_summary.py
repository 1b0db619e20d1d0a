from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.scripted import ScriptedEncoder
from pipeline.errors import WeightsError
from pipeline.notes.chapters import find_chapters
from pipeline.notes.summary import QUOTES, SUMMARY_SENTENCES, write_notes
from pipeline.result import Notes
from pipeline.timeline import Word
from pipeline.words.sentences import group_segments

SPONSORS = ("U.S. Bank", "PayPal", "United", "Edward Jones", "uhg.com", "USB.com")


def told(words, quote) -> str:
    return " ".join(w.text for w in words if quote.start <= w.start and w.end <= quote.end)


def check(notes: Notes, words, *, exact_quotes: bool = True) -> None:
    """Every sentence is found in the transcript at its time; only its first letter may have been raised."""
    for quote in (*notes.summary, *notes.points):
        said = told(words, quote)
        assert quote.text[1:] == said[1:] and quote.text[0].lower() == said[0].lower()
    for quote in notes.quotes:
        assert quote.text == told(words, quote)


def everything(notes: Notes) -> str:
    parts = [q.text for q in (*notes.summary, *notes.points, *notes.quotes)] + [m.text for m in notes.mentions]
    return " | ".join(parts)


def test_notes_of_the_seed_are_of_the_transcript_and_hold_no_sponsor(spoken_seed):
    notes = write_notes(spoken_seed.segments, spoken_seed.speakers, encoder=ScriptedEncoder(), title=spoken_seed.title)
    check(notes, [w for s in spoken_seed.segments for w in s.words])
    assert SUMMARY_SENTENCES[0] <= len(notes.summary) <= SUMMARY_SENTENCES[1]
    assert QUOTES[0] <= len(notes.quotes) <= QUOTES[1]
    assert not any(sponsor in everything(notes) for sponsor in SPONSORS)


def test_ads_that_stayed_are_passed_over(spoken_seed):
    edges = [t for ad in spoken_seed.ads for t in (ad.start, ad.end)]
    whole = group_segments(spoken_seed.words, breaks=edges)
    notes = write_notes(whole, spoken_seed.speakers, encoder=ScriptedEncoder(), ads=spoken_seed.ads)
    assert not any(sponsor in everything(notes) for sponsor in SPONSORS)


def test_the_same_transcript_gives_the_same_notes(spoken_seed):
    one, two = (
        write_notes(spoken_seed.segments, spoken_seed.speakers, encoder=ScriptedEncoder(), title=spoken_seed.title)
        for _ in range(2)
    )
    assert one == two


def test_nothing_said_gives_empty_notes():
    assert write_notes((), (), encoder=ScriptedEncoder()) == Notes()


sentences = st.lists(
    st.sampled_from(
        ["Hello.", "But the bread rises in the oven.", "He said so.", "Ada Park went to Oslo University.", "no end",
         "Why?",
         "So, um, you know, the oven is hot today.", "See ovens dot com slash bread.", "The the the.", "\u2014 Well."]
    ), max_size=25,
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(sentences)
def test_any_talk_gives_notes_that_are_in_it(parts):
    words = [Word(i * 0.5, i * 0.5 + 0.4, text, speaker="A") for i, text in enumerate(" ".join(parts).split())]
    check(write_notes(group_segments(words), (), encoder=ScriptedEncoder()), words)


@pytest.mark.weights
def test_the_seeds_summary_names_what_the_episode_is_about(spoken_seed):
    minilm = pytest.importorskip("models.encoder")
    weights = pytest.importorskip("models.weights.installed")
    try:
        weights.locate("minilm")
    except WeightsError as missing:
        pytest.skip(str(missing))
    encoder = minilm.MiniLmEncoder()
    chapters = find_chapters(
        spoken_seed.segments, encoder=encoder, duration_s=spoken_seed.duration, title=spoken_seed.title
    )
    notes = write_notes(
        spoken_seed.segments, spoken_seed.speakers, encoder=encoder, title=spoken_seed.title, chapters=chapters
    )
    check(notes, [w for s in spoken_seed.segments for w in s.words])
    summary = " ".join(q.text for q in notes.summary)
    assert all(name in summary.lower() for name in ("code red", "chatgpt", "google", "gemini"))
    assert not any(sponsor in everything(notes) for sponsor in SPONSORS)
    assert QUOTES[0] <= len(notes.quotes) <= QUOTES[1]
    about = spoken_seed.description.split("Further Listening")[0]
    near, far = encoder.encode([summary, about])
    assert float(near @ far) >= 0.60


def test_what_was_hardly_heard_is_not_printed():
    clear, garbled = "Bread rises because the yeast breathes out gas.", "Bread praises the gauze the yeast breeze."
    words = [
        Word(i * 0.5, i * 0.5 + 0.4, text, 0.95 if i < 8 else 0.6, "A")
        for i, text in enumerate(f"{clear} {garbled}".split())
    ]
    notes = write_notes(group_segments(words), (), encoder=ScriptedEncoder())
    assert clear in everything(notes) and garbled not in everything(notes)


def test_what_the_episode_says_it_is_about_comes_first():
    talk = "It's about a baker who vanished from her own bakery. " + " ".join(
        f"The bakery number {n} in Oslo sold {n} loaves of rye bread to the police." for n in range(40)
    )
    words = [Word(i * 0.5, i * 0.5 + 0.4, text, 1.0, "A") for i, text in enumerate(talk.split())]
    notes = write_notes(group_segments(words), (), encoder=ScriptedEncoder())
    assert notes.summary[0].text == "It's about a baker who vanished from her own bakery."
