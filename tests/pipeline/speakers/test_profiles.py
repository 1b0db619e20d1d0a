"""A show's book of voices names who was named before, and nobody else."""

from __future__ import annotations

import random

from hypothesis import given
from hypothesis import strategies as st

from pipeline.result import Speaker
from pipeline.speakers.profiles import MARGIN, SAME_VOICE, SURE, NamedVoice, recognise_voices

ADA, BEN = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)


def known(
    name: str, voice: tuple[float, ...], episode: str = "The first", confidence: float = SURE, recording: str = "a"
) -> NamedVoice:
    return NamedVoice(name, "host", confidence, voice, episode, recording)


def names(*speakers: Speaker) -> list[str]:
    return [speaker.name for speaker in speakers]


def test_a_voice_of_an_earlier_episode_gets_its_name_role_and_the_reason() -> None:
    (speaker,) = recognise_voices([Speaker("Speaker 1")], {"Speaker 1": (0.9, 0.1, 0.1)}, [known("Ada", ADA)])
    assert (speaker.name, speaker.role) == ("Ada", "host")
    assert "Ada in 'The first'" in speaker.evidence[0].text and 0.8 < speaker.confidence < SURE


def test_what_the_episode_says_itself_stays() -> None:
    said = Speaker("Speaker 1", "Eve", "guest", 0.9)
    assert recognise_voices([said], {"Speaker 1": ADA}, [known("Ada", ADA)]) == (said,)


def test_a_voice_of_the_ads_stays_nameless() -> None:
    assert names(*recognise_voices([Speaker("Speaker 1", role="ad")], {"Speaker 1": ADA}, [known("Ada", ADA)])) == [""]


def test_a_voice_between_two_names_gets_neither() -> None:
    between = {"Speaker 1": (0.71, 0.70, 0.0)}
    book = [known("Ada", (0.9, 0.43, 0.0)), known("Ben", (0.43, 0.9, 0.0))]
    assert names(*recognise_voices([Speaker("Speaker 1")], between, book)) == [""]


def test_a_name_that_two_voices_want_goes_to_neither() -> None:
    speakers = [Speaker("Speaker 1"), Speaker("Speaker 2")]
    assert names(*recognise_voices(speakers, {"Speaker 1": ADA, "Speaker 2": ADA}, [known("Ada", ADA)])) == ["", ""]
    speakers = [Speaker("Speaker 1", "Ada"), Speaker("Speaker 2")]
    assert names(*recognise_voices(speakers, {"Speaker 1": BEN, "Speaker 2": ADA}, [known("Ada", ADA)])) == ["Ada", ""]


def test_a_name_that_is_not_sure_has_to_be_found_in_two_recordings() -> None:
    first, again, second = (known("Ada", ADA, confidence=0.93, recording=hash_) for hash_ in "aab")

    def found(*book: NamedVoice) -> list[str]:
        return names(*recognise_voices([Speaker("Speaker 1")], {"Speaker 1": ADA}, book))

    assert found(first) == found(first, again) == [""]
    assert found(first, second) == ["Ada"]
    assert found(first, known("Ada", ADA)) == ["Ada"]
    assert found(known("Eve", ADA, confidence=0.85), known("Ada", ADA)) == ["Ada"]


def test_voices_of_another_network_are_strangers() -> None:
    assert names(*recognise_voices([Speaker("Speaker 1")], {"Speaker 1": (1.0, 0.0)}, [known("Ada", ADA)])) == [""]


VOICE = st.tuples(*[st.floats(-1, 1) for _ in range(3)])


@given(st.lists(VOICE, max_size=4), st.lists(st.tuples(st.sampled_from("AB"), VOICE), max_size=5), st.randoms())
def test_the_order_of_the_book_does_not_matter(
    voices: list[tuple[float, ...]], rows: list[tuple[str, tuple[float, ...]]], chance: random.Random
) -> None:
    speakers = [Speaker(f"Speaker {n}") for n in range(len(voices))]
    heard = {f"Speaker {n}": voice for n, voice in enumerate(voices)}
    book = [known(name, voice, f"Episode {n}") for n, (name, voice) in enumerate(rows)]
    shuffled = chance.sample(book, len(book))
    found = recognise_voices(speakers, heard, book)
    assert names(*found) == names(*recognise_voices(speakers, heard, shuffled))
    given_names = [name for name in names(*found) if name]
    assert len(given_names) == len(set(given_names))
    assert 0 < MARGIN < SAME_VOICE < 1
