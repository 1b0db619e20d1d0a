"""Names of voices: from their own mouth, from others' and from the metadata; and none where it is not sure."""

from __future__ import annotations

from dataclasses import replace

import pytest

from models.encoder import WIDTH, MiniLmEncoder
from models.language import SpacyLanguage
from models.scripted import ScriptedEncoder, ScriptedLanguage
from models.speakers.artifact import load_model, load_name_judge
from models.weights.installed import locate
from pipeline.errors import WeightsError
from pipeline.ports import LanguageAnalysis
from pipeline.result import AdSpan, Speaker
from pipeline.speakers.names.clues import Talk, find_clues
from pipeline.speakers.names.likeliest import introductions
from pipeline.speakers.names.mentions import find_mentions
from pipeline.speakers.names.naming import name_speakers
from pipeline.speakers.names.people import list_people
from pipeline.timeline import Turn, Word

ADS = [AdSpan(100.0, 130.0, 1.0)]


def episode(*lines: tuple[str, str], start: float = 0.0) -> tuple[list[Word], list[Turn]]:
    words, turns, now = [], [], start
    for speaker, text in lines:
        first = now
        for token in text.split():
            words.append(Word(now, now + 0.3, token, speaker=speaker))
            now += 0.3
        turns.append(Turn(first, now, speaker))
    return words, turns


def speakers_of(
    words: list[Word],
    turns: list[Turn],
    ads: list[AdSpan],
    language: LanguageAnalysis,
    spoken: str = "en",
    **about: str,
) -> tuple[Speaker, ...]:
    real = isinstance(language, SpacyLanguage)
    return name_speakers(
        words,
        turns,
        ads,
        model=replace(load_model(), judge=load_name_judge()) if real else load_model(),
        language=language,
        encoder=MiniLmEncoder() if real else ScriptedEncoder(WIDTH),
        about=about,
        spoken=spoken,
    )


@pytest.fixture(scope="module")
def english() -> SpacyLanguage:
    try:
        locate("spacy-en")
        locate("minilm")
    except WeightsError as error:
        pytest.skip(str(error))
    return SpacyLanguage()


TALK = (
    ("A", "Hello and welcome to Slow Rivers, the show about water. I'm your host, Ruth Adler."),
    ("A", "My guest today is Tom Hale, who has been a river guide for twenty years. Tom, welcome to the show."),
    ("B", "Thanks, Ruth. Thanks for having me, it's great to be here."),
    ("A", "So, Tom, how did you get into this?"),
    ("B", "Well, I grew up beside a river, and my father had a boat. Lena Vogt wrote a book about that boat."),
    ("A", "And what did Lena Vogt say about you?"),
    ("B", "Lena Vogt said that I was slow. I still am, I guess, but the river does not mind."),
    ("A", "Tom Hale, thank you so much for coming on. That's our episode, thanks for listening."),
)


@pytest.mark.weights
def test_host_and_guest_have_their_names_and_roles(english: SpacyLanguage) -> None:
    words, turns = episode(*TALK)
    found = speakers_of(words, turns, [], english, show="Slow Rivers", description="Ruth Adler talks to Tom Hale.")
    assert [speaker.name for speaker in found] == ["Ruth Adler", "Tom Hale"]
    assert found[0].role in ("host", "") and found[1].role in ("guest", "")  # in eight turns a role may stay open
    assert all(0.5 < speaker.confidence <= 1 for speaker in found)
    assert any("Tom" in evidence.text and evidence.at is not None for evidence in found[1].evidence)


@pytest.mark.weights
def test_the_metadata_spells_what_was_misheard(english: SpacyLanguage) -> None:
    words, turns = episode(*((speaker, text.replace("Adler", "Addler")) for speaker, text in TALK))
    found = speakers_of(words, turns, [], english, description="Ruth Adler talks to Tom Hale.")
    assert found[0].name == "Ruth Adler"


@pytest.mark.weights
def test_who_is_only_talked_about_names_no_voice(english: SpacyLanguage) -> None:
    words, turns = episode(
        ("A", "Welcome back. Lena Vogt was on the show talking about drainage. Lena Vogt said it was hard."),
        ("B", "Yeah, exactly. Lena Vogt is right, and I asked Peter Maas too."),
        ("A", "And Peter Maas has a different view of what Lena Vogt wrote, if you look at it from her side."),
        ("B", "I don't think he does. Lena Vogt never wrote about the north, and that's where the water goes."),
    )
    assert [speaker.name for speaker in speakers_of(words, turns, [], english)] == ["", ""]


@pytest.mark.weights
def test_one_name_is_given_to_one_voice_at_most(english: SpacyLanguage) -> None:
    words, turns = episode(("A", "Hello, I'm Eva Lind."), ("B", "Hello, I'm Eva Lind."), ("A", "Right."))
    assert sum(bool(speaker.name) for speaker in speakers_of(words, turns, [], english)) <= 1


@pytest.mark.weights
def test_english_rules_are_not_asked_about_other_languages(english: SpacyLanguage) -> None:
    words, turns = episode(*TALK)
    found = speakers_of(words, turns, [], english, "es", description="Ruth Adler talks to Tom Hale.")
    assert [speaker.name for speaker in found] == ["", ""]


def test_a_voice_of_the_ads_has_a_role_and_no_name() -> None:
    words, turns = episode(("A", "We'll be right back."))
    more, others = episode(("C", "I'm Max Power. Try our soap today."), start=101.0)
    found = speakers_of([*words, *more], [*turns, *others], ADS, ScriptedLanguage())
    assert found[1] == Speaker("C", role="ad")


def test_nothing_gives_nothing() -> None:
    assert speakers_of([], [], [], ScriptedLanguage()) == ()
    assert speakers_of([], [Turn(0, 1, "A")], [], ScriptedLanguage()) == (Speaker("A"),)


def test_a_voice_that_introduces_itself_is_named_where_nothing_else_is_known(english: SpacyLanguage) -> None:
    words, turns = episode(("A", "Welcome to Harbour. I'm Wanda Frost and today we look at tides and at the moon."))
    (speaker,) = speakers_of(words, turns, [], english)
    assert speaker.name == "Wanda Frost" and speaker.confidence >= load_model().least_name


def test_somebody_elses_name_is_no_introduction(english: SpacyLanguage) -> None:
    words, turns = episode(("A", "We read a book on tides. Her name is Wanda Frost and she wrote it by the sea."))
    (speaker,) = speakers_of(words, turns, [], english)
    assert not speaker.name


@pytest.mark.weights
def test_a_voice_introduces_itself_in_its_first_turns_and_quotes_others_later(english: SpacyLanguage) -> None:
    texts = ["Right.", "My name is Wanda Frost.", "Yes.", "Yes.", "Yes.", "He said I'm Ben Marsh."]
    turns = [line for text in texts for line in (("A", text), ("B", "Go on."))]
    language = english.analyse(["", "", "", *(text for _, text in turns)], language="en")
    talk = Talk.of(language[:3], language[3:], [voice for voice, _ in turns])
    mentions = find_mentions((*talk.metadata, *talk.turns))
    people = list_people(mentions, talk.metadata)
    clues, _ = find_clues(talk, mentions, people)
    found = introductions(talk, people, clues)
    assert {voice: clue.person for voice, clue in found.items()} == {"A": ("wanda", "frost")}
