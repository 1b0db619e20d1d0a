"""Names of voices: from their own mouth, from others' and from the description; and none where it is not sure."""

from __future__ import annotations

from dataclasses import replace

from pipeline.result import AdSpan, Speaker
from pipeline.speakers.naming import name_speakers
from pipeline.speakers.people import read_people
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


def named(*lines: tuple[str, str], description: str = "", show: str = "") -> dict[str, Speaker]:
    words, turns = episode(*lines)
    return {s.label: s for s in name_speakers(words, turns, (), show=show, description=description)}


def test_host_and_reporter_with_the_descriptions_spelling() -> None:
    found = named(
        ("A", "Something unusual happened."),
        ("B", "The company's employees get this message."),
        ("A", "That's our colleague, Anna Brandt. She covers trains."),
        ("B", "In many senses it was a memo that nobody expected."),
        ("A", "Welcome to The Ledger. I'm Maria Olmos. Coming up, trains."),
        description="The Post\u2019s Anna Brand explains why trains are late. Maria Olmos hosts.",
    )
    assert (found["A"].name, found["A"].role) == ("Maria Olmos", "host")
    assert (found["B"].name, found["B"].role) == ("Anna Brand", "reporter")
    assert found["A"].confidence > 0.9
    evidence = found["B"].evidence[0]
    assert "That's our colleague, Anna Brandt." in evidence.text and evidence.at is not None


def test_guests_are_named_by_the_host_and_the_host_by_guests() -> None:
    found = named(
        ("A", "Welcome back to Slow Rivers. I'm joined by Tom Hale, river guide. Tom Hale, thanks for being here."),
        ("B", "Thanks, Ruth. Great to be back."),
        ("A", "Where does that break down?"),
    )
    assert (found["A"].name, found["A"].role) == ("Ruth", "host")
    assert (found["B"].name, found["B"].role) == ("Tom Hale", "guest")


def test_who_is_only_talked_about_names_no_voice() -> None:
    found = named(
        ("A", "Welcome back. Lena Vogt was on the show talking about drainage. Lena Vogt said it was hard."),
        ("B", "Yeah, exactly. Lena Vogt is right, and I asked Peter Maas too."),
    )
    assert [s.name for s in found.values()] == ["", ""]


def test_quoted_and_common_words_are_no_names() -> None:
    found = named(
        ("A", "So he said, \"I'm Karl Stein.\" I'm Sorry, he never paid. I'm American, you know."),
        ("B", "This is Great. Thanks, Everyone. I am not sorry."),
    )
    assert [s.name for s in found.values()] == ["", ""]


def test_two_voices_that_claim_one_name_stay_numbers() -> None:
    found = named(("A", "I'm Eva Lind."), ("B", "I'm Eva Lind."))
    assert [s.shown for s in found.values()] == ["A", "B"]


def test_a_voice_of_the_ads_has_a_role_and_no_name() -> None:
    words, turns = episode(("A", "I'm Eva Lind. We'll be right back."))
    more, others = episode(("C", "I'm Max Power. Try our soap today."), start=101.0)
    speakers = name_speakers([*words, *more], [*turns, *others], ADS)
    assert speakers[1] == Speaker("C", role="ad")
    assert speakers[0].name == "Eva Lind"


def test_a_family_name_the_recogniser_doubts_is_left_out() -> None:
    words, turns = episode(("A", "Thanks for listening. I'm Eva Lindqvest."))
    doubtful = [replace(w, probability=0.2 if w.text == "Lindqvest." else 0.9) for w in words]
    assert name_speakers(doubtful, turns, ())[0].name == "Eva"
    assert name_speakers(doubtful, turns, (), description="With host Eva Lindqvist.")[0].name == "Eva Lindqvist"


def test_the_one_host_of_the_description_is_the_one_who_welcomes() -> None:
    lines = [("A", "Hello and welcome to Slow Rivers."), ("B", "The river rose."), ("A", "How far?")]
    found = named(*lines, description="Ruth Adler hosts.", show="Slow Rivers")
    assert (found["A"].name, found["A"].evidence[0].kind) == ("Ruth Adler", "metadata")
    assert found["B"].name == ""


def test_calling_somebody_by_a_known_name_adds_up() -> None:
    found = named(
        ("A", "Welcome. Today I'm joined by Ann Lee, who sails, and Bo Dahl, who rows."),
        ("B", "Happy to be here."),
        ("C", "And me."),
        ("A", "Bo, you first."),
        ("C", "I row."),
        ("A", "What do you think, Ann?"),
        ("B", "I sail."),
    )
    assert (found["B"].name, found["C"].name) == ("Ann Lee", "Bo Dahl")


def test_nothing_gives_nothing() -> None:
    assert name_speakers((), (), ()) == ()
    assert [s.label for s in name_speakers((), [Turn(0, 1, "A")], ())] == ["A"]


def test_people_of_a_description() -> None:
    people = read_people(
        "Guest: Ida Berg. \u201cDeep Water\u201d author Jon Frey joins host Kim Falk. Subscribe on Apple."
    )
    assert {p.name: p.role for p in people if p.role} == {"Ida Berg": "guest", "Jon Frey": "guest", "Kim Falk": "host"}
