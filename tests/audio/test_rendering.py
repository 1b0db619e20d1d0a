"""The seed's sound: what is spoken for what is written, and the truth that comes with it."""

import json
import tomllib

import numpy as np
import pytest

from audio.decode import decode
from audio.rendering import sound
from audio.rendering.episode import Spoken, Voice, breaths, perform, utterances_of
from audio.rendering.spoken import Chunk, place_words, spoken_chunks, to_phonemes
from pipeline.formats.records.rttm import parse_rttm
from pipeline.formats.records.seed import AdMark, in_ads, parse_ad_marks, parse_seed
from pipeline.timeline import Word
from tests.paths import ROOT

CASE = ROOT / "audio" / "seed"
RECIPE = tomllib.loads((CASE / "recipe.toml").read_text("utf-8"))


def spell(text):
    """Letters stand in for phonemes."""
    return text.lower()


def test_a_respelling_takes_whole_words_and_keeps_the_punctuation():
    chunks = spoken_chunks("AI, AIR and $1.4 trillion.", {"AI": "A I", "$1.4 trillion": "lots"})
    assert [c.spoken for c in chunks] == ["A I,", "AIR", "and", "lots."]
    assert [w for c in chunks for w in c.written] == ["AI,", "AIR", "and", "$1.4", "trillion."]


def test_no_written_word_of_the_seed_is_lost_to_respelling():
    seed = parse_seed((ROOT / RECIPE["episode"]["seed"]).read_text("utf-8"))
    for paragraph in seed.paragraphs:
        chunks = spoken_chunks(paragraph.text, RECIPE["respell"])
        assert [w for c in chunks for w in c.written] == paragraph.text.split()


def test_every_respelling_is_used():
    text = parse_seed((ROOT / RECIPE["episode"]["seed"]).read_text("utf-8")).text
    assert [written for written in RECIPE["respell"] if written not in text] == []


def test_phonemes_in_braces_pass_by_the_letters():
    assert to_phonemes("So {ˈX}, YES.", spell) == "so ˈX, yes."


def test_words_are_placed_by_their_phonemes():
    chunks = (Chunk(("Ab",), "Ab"), Chunk(("1", "2"), "cdef"), Chunk(("gh.",), "gh."))
    phonemes = "ab cdef gh."
    times = tuple(float(i) for i in range(len(phonemes) + 1))
    assert place_words(chunks, phonemes, times, spell) == (
        (0.0, 2.0, "Ab"),
        (3.0, 5.0, "1"),
        (5.0, 7.0, "2"),
        (8.0, 10.0, "gh."),
    )


def test_breaths_end_with_sentences_and_lose_nothing():
    chunks = spoken_chunks("This is one. " * 60 + "and a very long one, " * 40 + "the end.", {})
    groups = breaths(chunks, spell)
    assert tuple(c for group in groups for c in group) == chunks
    assert all(sum(len(c.spoken) + 1 for c in group) <= 510 for group in groups)
    assert groups[0][-1].written == ("one.",)


def test_the_performance_is_true_to_what_it_was_made_of():
    seed = parse_seed("Speaker 1 Hello.\n\nSpeaker 2 Buy.\n\nSpeaker 1 Bye.")
    voices = {"Speaker 1": Voice("a", "en-us", 1.0, -20.0), "Speaker 2": Voice("b", "en-us", 1.0, -17.0)}
    random = np.random.default_rng(1)
    burst = sound.note(60, 1.0, decay_s=5.0)
    spoken = [
        Spoken(u, burst, (Word(0.0, 1.0, u.text, speaker=u.speaker),)) for u in utterances_of(seed, voices, random)
    ]
    recipe = {"episode": {"sting_s": 2.0, "sting_chords": [[60, 64]], "room_tone_db": -66.0}}
    done = perform(spoken, seed, (AdMark(1, 1),), recipe, random)
    energy = sound.frame_energies(done.samples)

    def level(start, end):
        return float(np.sqrt((energy[round(start * 100) : round(end * 100)] ** 2).mean()))

    (ad,) = done.ads
    assert [t.speaker for t in done.turns] == ["Speaker 1", "Speaker 2", "Speaker 1"]
    assert done.turns[0].end < ad.start < done.turns[1].start - 1.9
    assert ad.end == pytest.approx(done.turns[1].end, abs=0.05)
    assert level(ad.start, ad.start + 1.0) > 0.02  # the sting
    assert level(ad.end + 0.1, done.turns[2].start - 0.1) < 0.002  # room tone
    assert level(done.turns[0].start, done.turns[0].end) > 0.05
    assert np.abs(done.samples).max() <= 0.89


def test_the_same_seed_gives_the_same_rates_and_pauses():
    seed = parse_seed("Speaker 1 Hello.\n\nSpeaker 1 Bye.")
    voices = {"Speaker 1": Voice("a", "en-us", 1.0, -20.0)}
    once, again = (utterances_of(seed, voices, np.random.default_rng(7)) for _ in range(2))
    assert once == again


@pytest.fixture(scope="module")
def truth():
    seed = parse_seed((CASE / "reference.txt").read_text("utf-8"))
    marks = parse_ad_marks((CASE / "reference.ads.json").read_text("utf-8"), seed)
    return seed, marks


def test_the_case_is_made_of_the_users_seed():
    assert (CASE / "reference.txt").read_bytes() == (ROOT / RECIPE["episode"]["seed"]).read_bytes()
    assert (CASE / "reference.ads.json").read_bytes() == (ROOT / RECIPE["episode"]["marks"]).read_bytes()
    assert json.loads((CASE / "case.json").read_text("utf-8"))["synthetic"] is True


def test_words_turns_and_ads_of_the_case_agree(truth):
    seed, marks = truth
    words = json.loads((CASE / "words.json").read_text("utf-8"))["words"]
    turns = parse_rttm((CASE / "reference.rttm").read_text("utf-8"))
    ads = json.loads((CASE / "ads.json").read_text("utf-8"))["ads"]
    assert [w[2] for w in words] == seed.text.split()
    speakers = [p.speaker for p in seed.paragraphs for _ in p.text.split()]
    of_ads = [in_ads(marks, index) for index, p in enumerate(seed.paragraphs) for _ in p.text.split()]
    for (start, end, _), speaker, of_ad in zip(words, speakers, of_ads, strict=True):
        middle = (start + end) / 2
        near = min(turns, key=lambda t: max(t.start - middle, middle - t.end))
        assert near.speaker == speaker.replace(" ", "_")
        assert max(near.start - middle, middle - near.end) < 0.3  # inside, or in a short pause
        assert any(a <= middle < b for a, b in ads) == of_ad


def test_the_sound_of_the_case_is_as_long_as_it_says_and_small():
    said = json.loads((CASE / "case.json").read_text("utf-8"))["duration"]
    assert (CASE / "audio.mp3").stat().st_size < 6_000_000
    assert decode(CASE / "audio.mp3").duration == pytest.approx(said, abs=0.05)
