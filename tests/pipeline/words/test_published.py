"""The publisher's transcript is believed only as far as it agrees with what was heard."""

from __future__ import annotations

import time

import pytest

from pipeline.result import Speaker
from pipeline.timeline import Transcript, Word
from pipeline.words.published import Compared, VoiceName, compare_published, name_voices, told_of
from pipeline.words.spelling import fix_spelling


def split(text: str) -> list[str]:
    return text.split()


SAID = split(
    "today we talk about the harbour and its tides because every boat has to follow the water out to the sea and back "
    "again before the evening comes and the lamps along the quay are lit one after the other by the old keeper"
)
SCRIPT = [(word, "S1" if n % 40 < 25 else "S2") for n, word in enumerate(SAID * 4)]
NAMES = {"S1": "Ada Holm", "S2": "Bo Lindqvist"}


def heard(script=SCRIPT) -> list[Word]:
    return [Word(n / 3, n / 3 + 0.3, text, speaker=label) for n, (text, label) in enumerate(script)]


def written(script=SCRIPT, names=NAMES, shift_s: float = 0.0) -> list[Word]:
    words = [(text, names.get(label)) for text, label in script]
    return [Word(n / 3 + shift_s, n / 3 + 0.3 + shift_s, text, speaker=name) for n, (text, name) in enumerate(words)]


def test_the_same_words_agree_and_name_the_voices_whatever_the_clock() -> None:
    found = compare_published(heard(), written(shift_s=600.0), language="en")
    assert found.agrees and found.rate == 0.0
    assert {voice.label: voice.name for voice in found.names} == NAMES
    assert set(NAMES.values()) <= set(found.spellings)


def test_counts_are_of_the_publishers_words() -> None:
    script = [("BOAT" if text == "boat" else text, label) for text, label in SCRIPT if text != "quay"]
    found = compare_published(heard(), written(script), language="en")
    assert (found.substitutions, found.deletions, found.insertions) == (0, 0, 4)
    assert found.rate == pytest.approx(4 / len(script))
    told = told_of(found)
    assert told.startswith("  0.0% of the publisher's words were heard otherwise") and f"{4 / len(SCRIPT):.1%}" in told


@pytest.mark.parametrize("share", [0.7, 0.85])
def test_what_a_transcript_that_ends_early_lacks_is_not_called_heard_otherwise(share) -> None:
    part = SCRIPT[: round(share * len(SCRIPT))]
    told = told_of(compare_published(heard(), written(part), language="en"))
    assert told.startswith("  0.0% of") and f"{1 - len(part) / len(SCRIPT):.1%} of the words heard are not" in told


@pytest.mark.parametrize(
    "other",
    [
        [(split("and now for something completely different")[n % 6], "S1") for n in range(400)],
        SCRIPT[:60],
        SCRIPT * 4,
        [("spam", "S1")] * 50_000,
        [],
    ],
    ids=["another recording", "a piece", "four times", "a flood", "nothing"],
)
def test_another_text_is_used_for_nothing(other) -> None:
    began = time.monotonic()
    found = compare_published(heard(), written(other), language="en")
    assert not found.agrees and found.names == () and found.spellings == ()
    assert "not used" in told_of(found) and time.monotonic() - began < 3


def test_a_name_needs_most_of_a_voices_words() -> None:
    muddled = [(text, "S1" if n % 2 else "S2") for n, (text, _) in enumerate(SCRIPT)]
    found = compare_published(heard(), written(muddled), language="en")
    assert found.agrees and found.names == ()


@pytest.mark.parametrize(
    "name", ["Speaker 1", "SPEAKER_00", "Host", "Unknown", "Male voice", "  ", "42", "The Narrator"]
)
def test_a_label_is_no_name(name) -> None:
    found = compare_published(heard(), written(names={"S1": name, "S2": "Bo Lindqvist"}), language="en")
    assert [voice.name for voice in found.names] == ["Bo Lindqvist"]


def test_a_name_that_was_heard_or_chosen_stays_and_none_is_given_twice() -> None:
    names = (
        VoiceName("S1", "Ada Holm", 0.9, 99),
        VoiceName("S2", "Bo Lindqvist", 0.9, 99),
        VoiceName("S3", "X Y", 1, 50),
    )
    speakers = (Speaker("S1", "Eve Heard", "host", 0.9), Speaker("S2"), Speaker("S3", role="ad"), Speaker("S4"))
    named = name_voices(speakers, names)
    assert [s.name for s in named] == ["Eve Heard", "Bo Lindqvist", "", ""] and "90%" in named[1].evidence[0].text
    taken = (Speaker("S1", "Bo Lindqvist"), Speaker("S2"))
    assert [s.name for s in name_voices(taken, names)] == ["Bo Lindqvist", ""]


def test_spellings_change_like_sounding_words_only() -> None:
    script = [
        *SCRIPT,
        *[(word, "S1") for word in split("we asked Berber Jin of OpenAI and then Berber Jin of OpenAI again")],
    ]
    spoken = [
        *SCRIPT,
        *[(w, "S1") for w in split("we asked Berber Gin of open AI and then Berber Gin of open AI again")],
    ]
    found = compare_published(heard(spoken), written(script), language="en")
    assert {"Berber Jin", "OpenAI"} <= set(found.spellings)
    mended = fix_spelling(Transcript(tuple(heard(spoken)), "en", "x"), description="\n".join(found.spellings))
    assert "Berber Jin of OpenAI" in mended.text and len(mended.words) == len(spoken) - 2


def test_no_publisher_no_agreement() -> None:
    assert not Compared(0, 0, 0, 0).agrees
