from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.notes.artifact import load_notes_model
from models.scripted import ScriptedEncoder, ScriptedJudge, ScriptedLanguage
from pipeline.notes import summary as notes_summary
from pipeline.notes.material import read_material
from pipeline.notes.summary import FIT, POINTS, PRINTED, QUOTES, list_topics, surest, write_notes
from pipeline.result import Notes, Quote
from pipeline.timeline import Segment, Word
from pipeline.words.sentences import group_segments
from tests.weights import need

MODEL = replace(load_notes_model(), judge=ScriptedJudge())
SPONSORS = ("U.S. Bank", "PayPal", "United", "Edward Jones", "uhg.com", "USB.com")


def noted(segments, speakers=(), *, title: str = "", **known) -> Notes:
    material = read_material(segments, encoder=ScriptedEncoder(), analysis=ScriptedLanguage(), title=title)
    topics = list_topics(material, model=MODEL, encoder=ScriptedEncoder())
    return write_notes(material, speakers, model=MODEL, topics=topics, **known)


def segments_of(text: str, *, probability: float = 1.0) -> tuple[Segment, ...]:
    return group_segments([Word(i * 0.5, i * 0.5 + 0.4, part, probability, "A") for i, part in enumerate(text.split())])


def told(words, quote) -> str:
    return " ".join(w.text for w in words if quote.start <= w.start and w.end <= quote.end)


def check(notes: Notes, words) -> None:
    """Every sentence is found in the transcript at its time; what joins it to the one before may be left out.

    The topics were all said.
    """
    everything_said = " ".join(word.text for word in words)
    for quote in (*notes.summary, *notes.points):
        if quote.text.startswith("Topics: "):
            topics = quote.text.removeprefix("Topics: ").removesuffix(".").split(", ")
            assert all(topic in everything_said for topic in topics)
        else:
            assert told(words, quote).lower().endswith(quote.text.lower())
    for quote in notes.quotes:
        assert quote.text == told(words, quote)


def everything(notes: Notes) -> str:
    parts = [q.text for q in (*notes.summary, *notes.points, *notes.quotes)] + [m.text for m in notes.mentions]
    return " | ".join(parts)


def test_notes_of_the_seed_are_of_the_transcript_and_hold_no_sponsor(spoken_seed):
    notes = noted(spoken_seed.segments, spoken_seed.speakers, title=spoken_seed.title)
    check(notes, [w for s in spoken_seed.segments for w in s.words])
    assert 0 < len(notes.summary) <= 2 and len(notes.points) <= POINTS and len(notes.quotes) <= QUOTES
    assert len(notes.summary) + len(notes.points) + len(notes.quotes) <= PRINTED + 1
    assert not any(sponsor in everything(notes) for sponsor in SPONSORS)


def test_what_may_be_an_ad_is_not_printed():
    talk = "Bread rises because the yeast breathes out gas. Bread costs less with our friends at the mill."
    segments = segments_of(talk)
    assert segments[1].text in everything(noted(segments))
    assert segments[1].text not in everything(noted(segments, ad_chances=(0.0, 0.5)))


def test_the_same_transcript_gives_the_same_notes(spoken_seed):
    one, two = (noted(spoken_seed.segments, spoken_seed.speakers, title=spoken_seed.title) for _ in range(2))
    assert one == two


class StrictJudge:
    """Lets no sentence pass that has one of these words."""

    def __init__(self, *refused: str) -> None:
        self.refused = refused

    def odds(self, sentences):
        return np.array([-9.0 if any(word in sentence for word in self.refused) else 9.0 for sentence in sentences])


def test_what_a_reader_would_strike_is_not_printed(spoken_seed):
    material = read_material(spoken_seed.segments, encoder=ScriptedEncoder(), analysis=ScriptedLanguage())
    model = replace(MODEL, judge=StrictJudge("the"))
    notes = write_notes(material, spoken_seed.speakers, model=model)
    spoken = [quote.text for quote in (*notes.summary, *notes.points, *notes.quotes) if quote.speaker]
    assert spoken and not any("the" in text for text in spoken)


def test_nothing_said_gives_empty_notes():
    assert noted(()) == Notes()


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
    segments = segments_of(" ".join(parts))
    check(noted(segments), [w for s in segments for w in s.words])


def test_what_was_hardly_heard_is_not_printed():
    assert noted(segments_of("Bread rises because the yeast breathes out gas.")).summary
    assert not noted(segments_of("Bread praises the gauze the yeast breeze out.", probability=0.6)).summary


def test_nothing_is_said_twice():
    notes = noted(segments_of("Bread rises because the yeast breathes out gas. " * 5))
    assert len([q for q in notes.summary if q.speaker]) == 1 and not notes.points and not notes.quotes


@pytest.mark.weights
def test_the_seeds_summary_names_what_the_episode_is_about(spoken_seed):
    encoder_module, language = pytest.importorskip("models.encoder"), pytest.importorskip("models.language")
    need("minilm", "mpnet", "spacy-en")
    encoder = encoder_module.MiniLmEncoder()
    material = read_material(
        spoken_seed.segments, encoder=encoder, analysis=language.SpacyLanguage(), title=spoken_seed.title
    )
    model = load_notes_model()
    topics = list_topics(material, model=model, encoder=encoder)
    notes = write_notes(material, spoken_seed.speakers, model=model, topics=topics)
    check(notes, [w for s in spoken_seed.segments for w in s.words])
    summary = " ".join(q.text for q in notes.summary)
    assert all(name in summary.lower() for name in ("code red", "chatgpt", "gemini"))
    assert not any(sponsor in everything(notes) for sponsor in SPONSORS)
    about = spoken_seed.description.split("Further Listening")[0]
    near, far = encoder.encode([summary, about])
    assert float(near @ far) >= 0.60


@pytest.mark.parametrize(
    ("over", "kept"),
    [((0.1, 0.3), (3, 5)), ((0.1, 0.4, 0.3, 0.0, 0.2), (5, 6, 8)), ((-0.1, 0.0), (5,)), ((-0.1,), ()), ((), ())],
    ids=["all", "the surest", "the one that is sure", "none", "nothing whole"],
)
def test_the_surest_are_printed(over, kept):
    assert surest((3, 5, 6, 7, 8)[: len(over)], [FIT + odds for odds in over]) == kept


class JudgeOfWord:
    """Lets sentences with a word pass."""

    def __init__(self, word: str) -> None:
        self.word = word

    def odds(self, sentences):
        return np.array([FIT if self.word in sentence else 0.0 for sentence in sentences])


@pytest.mark.parametrize(
    ("least_near", "topics", "sums_up"), [(0.0, True, True), (1.1, True, False), (1.1, False, True)]
)
def test_a_sentence_far_from_the_subject_sums_up_an_episode_only_where_no_topics_do(
    least_near, topics, sums_up, monkeypatch
):
    monkeypatch.setattr(notes_summary, "LEAST_NEAR", least_near)
    segments = segments_of("Bread rises because the yeast breathes out gas. Ovens give the bread its crust.")
    material = read_material(segments, encoder=ScriptedEncoder(), analysis=ScriptedLanguage())
    line = (Quote(0.0, 1.0, "Topics: bread, ovens.", ""),) if topics else ()
    notes = write_notes(material, (), model=replace(MODEL, judge=JudgeOfWord("yeast")), topics=line)
    told = [q.text for q in notes.summary[: len(notes.summary) - len(line)]]
    assert (told, [q.text for q in notes.points]) == (([segments[0].text], []) if sums_up else ([], [segments[0].text]))
